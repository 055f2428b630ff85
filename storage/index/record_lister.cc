#include "storage/index/record_lister.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/errors.h"
#include "storage/base/number_order.h"
#include "storage/base/page_bytes.h"
#include "storage/base/record_fields.h"
#include "storage/index/keys.h"
#include "storage/index/lister_page.h"
#include "storage/index/record_row.h"
#include "storage/index/record_writer.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;

// A look at a record costs about as much as this many steps from row to row.
constexpr std::size_t kStepsForOne = 10;
// How many records for each one wanted may be looked at, to be sorted, before a walk in the order asked for is tried.
constexpr std::size_t kRecordsForOne = 4;
// The most ids that are held in memory to be found among the rows of another order.
constexpr std::size_t kMaxIds = 10'000;

bool IsIndexed(const FieldDescriptor& field) { return field.options().GetExtension(v1::indexed); }

// A term's value as FieldTexts would write it.
std::string IndexText(const FilterTerm& term, const FieldDescriptor& field) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_MESSAGE:
      return absl::FormatTime("%E4Y-%m-%dT%H:%M:%E6SZ", absl::FromUnixMicros(term.time), absl::UTCTimeZone());
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64: {
      std::int64_t number = 0;
      if (!absl::SimpleAtoi(term.value, &number) || number < 0) return term.value;
      const std::string digits = std::to_string(number);
      return std::string(19 - std::min<std::size_t>(19, digits.size()), '0') + digits;
    }
    default:
      return term.value;
  }
}

// The id at the end of a posting's key, or of a record's.
std::string_view IdOf(std::string_view key) {
  key.remove_suffix(1);
  return NumberOfOrder(key);
}

// A filter has 32 comparisons at most.
std::uint64_t Bit(std::size_t term) { return std::uint64_t{1} << term; }

// Whether the values of a field lie below, at and above `text`, a term's value, as its index's keys do, so that a range
// of them has what the comparison asks for and nothing else.
bool IsExact(const FieldDescriptor& field, const std::string& text) {
  switch (field.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING:
      return true;
    case FieldDescriptor::CPPTYPE_INT32:
    case FieldDescriptor::CPPTYPE_INT64:
      return !text.starts_with('-');
    default:
      return false;  // a time that is not set is before none
  }
}

bool Contains(const absl::flat_hash_set<std::string>& ids, std::string_view id) {
  return ids.contains(absl::string_view(id.data(), id.size()));
}

}  // namespace

absl::StatusOr<RowPage> RecordLister::List() {
  RowPage page;
  if (const std::optional<Rows> within = OrderedWithinRows()) {
    GREFFE_RETURN_IF_ERROR(ListInOrder(*within, nullptr, SIZE_MAX, page).status());
    return page;
  }
  std::optional<Rows> ordered = OrderedRows();
  const std::optional<Rows> chosen = ChosenRows();
  if (!ordered) return ListSorted(chosen.value_or(AllRows()));
  const auto limit = static_cast<std::size_t>(limit_);
  if (!chosen || chosen->prefix == ordered->prefix) {
    GREFFE_RETURN_IF_ERROR(ListInOrder(*ordered, nullptr, SIZE_MAX, page).status());
    return page;
  }
  GREFFE_ASSIGN_OR_RETURN(const std::optional<Ids> ids, IdsOf(*chosen, kMaxIds));
  if (ids && ids->size() <= limit * kRecordsForOne) return ListSorted(*chosen);
  // Of very many, enough are among the first in order.
  const std::size_t budget = ids ? ids->size() * kStepsForOne : limit * kRecordsForOne;
  if (ids) ordered->meets |= chosen->meets;
  GREFFE_ASSIGN_OR_RETURN(const bool enough, ListInOrder(*ordered, ids ? &*ids : nullptr, budget, page));
  if (enough) return page;
  return ListSorted(*chosen);
}

absl::StatusOr<std::optional<RecordLister::Ids>> RecordLister::IdsOf(const Rows& rows, std::size_t most) const {
  Ids ids;
  GREFFE_RETURN_IF_ERROR(Walk(rows, false, [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
    if (!value.empty()) ids.emplace(IdOf(key));
    return ids.size() <= most;
  }));
  if (ids.size() > most) return std::nullopt;
  return ids;
}

absl::StatusOr<bool> RecordLister::ListInOrder(Rows rows, const Ids* among, std::size_t budget, RowPage& page) {
  if (!after_.empty()) {
    // The page before ended there. A posting's key goes on with a zero byte after the value, as a sort key does.
    if (ordering_.descending) {
      rows.until = std::string(after_);
    } else {
      rows.from = std::max(rows.from, std::string(after_));
    }
  }
  bool within = true;
  bool past = after_.empty();  // the rows of the page before
  const bool all_match = AllMatch(rows);
  std::string held;
  std::size_t bytes = 0;
  const auto look = [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
    if (budget-- == 0) {
      within = false;
      return false;
    }
    if (value.empty() || (among != nullptr && !Contains(*among, IdOf(key)))) return true;
    GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string_view> row, RecordOf(rows, key, value, held));
    if (!row) return true;
    if (!past || !all_match) GREFFE_RETURN_IF_ERROR(Parse(*row));
    if (!all_match && !Matches(filter_, *record_)) return true;
    if (!past) {
      const std::string place = SortKey();
      if (ordering_.descending ? place >= after_ : place <= after_) return true;
      past = true;
    }
    bytes += row->size();
    if (static_cast<int>(page.rows.size()) == limit_ || (bytes > kPageBytes && !page.rows.empty())) {
      GREFFE_RETURN_IF_ERROR(Parse(page.rows.back()));
      page.next = SortKey();
      return false;
    }
    page.rows.push_back(held.empty() ? std::string(*row) : std::exchange(held, {}));
    return true;
  };
  GREFFE_RETURN_IF_ERROR(Walk(rows, ordering_.descending, look));
  if (!within) page = {};
  return within;
}

// Keeps the best page's worth of all that match.
absl::StatusOr<RowPage> RecordLister::ListSorted(const Rows& rows) {
  SortedPage<std::string> best(ordering_.descending, limit_);
  const bool all_match = AllMatch(rows);
  std::string held;
  const auto look = [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
    if (value.empty()) return true;
    GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string_view> row, RecordOf(rows, key, value, held));
    if (!row) return true;
    GREFFE_RETURN_IF_ERROR(Parse(*row));
    if (!all_match && !Matches(filter_, *record_)) return true;
    std::string place = SortKey();
    if (!after_.empty() && !best.Before(after_, place)) return true;
    if (!best.Takes(place)) return true;
    const std::size_t bytes = row->size();
    best.Add(std::move(place), held.empty() ? std::string(*row) : std::exchange(held, {}), bytes);
    return true;
  };
  GREFFE_RETURN_IF_ERROR(Walk(rows, false, look));
  RowPage page;
  page.rows = best.Finish(page.next);
  return page;
}

RecordLister::Rows RecordLister::AllRows() const {
  return {keys::CollectionPrefix(view_.project(), kind_.collection), "", "", true};
}

bool RecordLister::AllMatch(const Rows& rows) const {
  return rows.meets == (std::uint64_t{1} << filter_.terms.size()) - 1;
}

std::optional<RecordLister::Rows> RecordLister::ChosenRows() const {
  std::optional<Rows> range;
  for (std::size_t i = 0; i < filter_.terms.size(); ++i) {
    const FilterTerm& term = filter_.terms[i];
    const FieldDescriptor* field = kind_.prototype->GetDescriptor()->FindFieldByName(term.field);
    if (term.field == "attributes" && !term.negated && term.op == FilterOperator::kEqual &&
        IsAttributeText(term.value)) {
      return Rows{keys::PostingPrefix(view_.project(), RecordPostingField(kind_.collection, "attributes." + term.key),
                                      term.value),
                  "", "", true, Bit(i)};
    }
    if (term.negated || field == nullptr || !IsIndexed(*field)) continue;
    if (term.op == FilterOperator::kEqual ||
        (term.op == FilterOperator::kHas && field->cpp_type() != FieldDescriptor::CPPTYPE_STRING)) {
      return Rows{keys::PostingPrefix(view_.project(), RecordPostingField(kind_.collection, field->name()),
                                      IndexText(term, *field)),
                  "", "", true, Bit(i)};
    }
    // A record with many values would come once for each that lies in the range.
    if (!range && term.op != FilterOperator::kNotEqual && !field->is_repeated()) range = RangeRows(*field);
  }
  return range;
}

RecordLister::Rows RecordLister::RangeRows(const FieldDescriptor& field) const {
  Rows rows;
  rows.prefix = keys::PostingFieldPrefix(view_.project(), RecordPostingField(kind_.collection, field.name()));
  rows.by_id = false;
  for (std::size_t i = 0; i < filter_.terms.size(); ++i) {
    const FilterTerm& term = filter_.terms[i];
    if (term.negated || term.field != field.name()) continue;
    const std::string text = keys::PostingValue(IndexText(term, field));
    const auto raise = [&](const std::string& from) { rows.from = std::max(rows.from, from); };
    const auto lower = [&](const std::string& until) {
      if (rows.until.empty() || until < rows.until) rows.until = until;
    };
    const std::string above = text + '\1';  // above the zero byte that ends the value
    bool exact = IsExact(field, text);
    switch (term.op) {
      case FilterOperator::kGreater:
        raise(exact ? above : text);
        break;
      case FilterOperator::kGreaterOrEqual:
        raise(text);
        break;
      case FilterOperator::kLess:
        if (!text.empty()) lower(text);
        exact = exact && !text.empty();
        break;
      case FilterOperator::kLessOrEqual:
        lower(above);
        break;
      case FilterOperator::kEqual:
        raise(text);
        lower(above);
        break;
      case FilterOperator::kHas:
        raise(text);
        exact = false;
        break;
      case FilterOperator::kNotEqual:
        // Records whose field is not set come first.
        if (text.empty()) raise(above);
        exact = exact && text.empty();
        break;
    }
    if (exact) rows.meets |= Bit(i);
  }
  return rows;
}

std::optional<RecordLister::Rows> RecordLister::OrderedWithinRows() const {
  for (const OrderedWithin& pair : FieldsOrderedWithin(*kind_.prototype->GetDescriptor())) {
    if (pair.field != ordering_.field) continue;
    for (std::size_t i = 0; i < filter_.terms.size(); ++i) {
      const FilterTerm& term = filter_.terms[i];
      if (term.negated || term.op != FilterOperator::kEqual || term.field != pair.within->name()) continue;
      Rows rows = RangeRows(*pair.field);
      rows.prefix = keys::PostingPrefix(view_.project(), RecordPostingField(kind_.collection, pair),
                                        IndexText(term, *pair.within) + '\0');
      rows.prefix.pop_back();  // the value goes on
      rows.meets |= Bit(i);
      return rows;
    }
  }
  return std::nullopt;
}

std::optional<RecordLister::Rows> RecordLister::OrderedRows() const {
  if (ordering_.field != nullptr) {
    if (!IsIndexed(*ordering_.field)) return std::nullopt;
    return RangeRows(*ordering_.field);
  }
  const std::optional<Rows> chosen = ChosenRows();
  return chosen && chosen->by_id ? chosen : AllRows();
}

absl::Status RecordLister::Walk(const Rows& rows, bool backwards, const VisitRow& visit) const {
  return backwards ? walk_.Backwards(rows.prefix, rows.from, rows.until, visit)
                   : walk_.Forwards(rows.prefix, rows.from, rows.until, visit);
}

absl::StatusOr<std::optional<std::string_view>> RecordLister::RecordOf(const Rows& rows, std::string_view key,
                                                                       std::string_view value,
                                                                       std::string& held) const {
  if (rows.prefix.front() == keys::kPosting) {
    GREFFE_ASSIGN_OR_RETURN(std::optional<std::string> row, view_.FindRow(kind_, IdOf(key)));
    if (!row) return std::nullopt;
    held = *std::move(row);
    return held;
  }
  GREFFE_RETURN_IF_ERROR(RecordRow::TakeSequence(kind_, value).status());
  return value;
}

absl::Status RecordLister::Parse(std::string_view row) {
  return record_->ParseFromArray(row.data(), static_cast<int>(row.size())) ? absl::OkStatus()
                                                                           : DamagedRow(kind_.collection);
}

std::string RecordLister::SortKey() const {
  const std::string order = NumberOrder(IdOfRecord(*record_));
  if (ordering_.field == nullptr) return order;
  std::string key = OrderText(*record_, *ordering_.field);
  key += '\0';
  return key + order;
}

}  // namespace greffe
