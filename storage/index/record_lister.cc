#include "storage/index/record_lister.h"

#include <algorithm>
#include <climits>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/time/time.h"
#include "google/protobuf/descriptor.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/errors.h"
#include "storage/base/number_order.h"
#include "storage/base/record_fields.h"
#include "storage/index/keys.h"
#include "storage/index/record_row.h"
#include "storage/index/record_writer.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// How many candidates for each one wanted a walk in the order asked for may look at, before a walk that leads to the
// matches alone, and sorts them, is the better bet.
constexpr int kCandidatesForOne = 4;

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

}  // namespace

absl::StatusOr<RecordPage> RecordLister::List() {
  const std::optional<Rows> ordered = OrderedRows();
  const std::optional<Rows> chosen = ChosenRows();
  if (ordered) {
    RecordPage page;
    const bool alone = !chosen || chosen->prefix == ordered->prefix;
    const int budget = limit_ * kCandidatesForOne;
    bool few = false;
    if (!alone) {
      GREFFE_ASSIGN_OR_RETURN(few, AreFew(*chosen, budget));
    }
    if (!few) {
      GREFFE_ASSIGN_OR_RETURN(const bool enough, ListInOrder(*ordered, alone ? INT_MAX : budget, page));
      if (enough) return page;
    }
  }
  return ListSorted(chosen.value_or(AllRows()));
}

absl::StatusOr<bool> RecordLister::AreFew(const Rows& rows, int count) const {
  bool few = true;
  GREFFE_RETURN_IF_ERROR(walk_.Forwards(rows.prefix, rows.from, rows.until,
                                        [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
                                          if (!value.empty()) few = count-- > 0;
                                          return few;
                                        }));
  return few;
}

absl::StatusOr<bool> RecordLister::ListInOrder(Rows rows, int budget, RecordPage& page) const {
  if (!after_.empty()) {
    // The page before ended there. A posting's key goes on with a zero byte after the value, as a sort key does.
    if (ordering_.descending) {
      rows.until = std::string(after_);
    } else {
      rows.from = std::max(rows.from, std::string(after_));
    }
  }
  bool within = true;
  const absl::Status walked = Walk(rows, ordering_.descending, [&](RecordPtr record) -> absl::StatusOr<bool> {
    if (budget-- == 0) {
      within = false;
      return false;
    }
    const std::string key = SortKey(*record);
    if (!after_.empty() && (ordering_.descending ? key >= after_ : key <= after_)) return true;
    if (!Matches(filter_, *record)) return true;
    if (static_cast<int>(page.records.size()) == limit_) {
      page.next = SortKey(*page.records.back());
      return false;
    }
    page.records.push_back(std::move(record));
    return true;
  });
  GREFFE_RETURN_IF_ERROR(walked);
  return within;
}

// Keeps the best page's worth of all that match.
absl::StatusOr<RecordPage> RecordLister::ListSorted(const Rows& rows) const {
  using Candidate = std::pair<std::string, RecordPtr>;
  const bool descending = ordering_.descending;
  const auto before = [descending](const std::string& a, const std::string& b) { return descending ? a > b : a < b; };
  const auto worse = [&](const Candidate& a, const Candidate& b) { return before(a.first, b.first); };
  std::vector<Candidate> best;  // a heap, the last in order on top
  const std::size_t wanted = static_cast<std::size_t>(limit_) + 1;
  const absl::Status walked = Walk(rows, false, [&](RecordPtr record) -> absl::StatusOr<bool> {
    if (!Matches(filter_, *record)) return true;
    std::string key = SortKey(*record);
    if (!after_.empty() && !before(std::string(after_), key)) return true;
    if (best.size() == wanted && !before(key, best.front().first)) return true;
    best.emplace_back(std::move(key), std::move(record));
    std::push_heap(best.begin(), best.end(), worse);
    if (best.size() > wanted) {
      std::pop_heap(best.begin(), best.end(), worse);
      best.pop_back();
    }
    return true;
  });
  GREFFE_RETURN_IF_ERROR(walked);
  std::sort_heap(best.begin(), best.end(), worse);
  RecordPage page;
  if (best.size() == wanted) {
    best.pop_back();
    page.next = best.back().first;
  }
  for (Candidate& candidate : best) page.records.push_back(std::move(candidate.second));
  return page;
}

RecordLister::Rows RecordLister::AllRows() const {
  return {keys::CollectionPrefix(view_.project(), kind_.collection), "", "", true};
}

std::optional<RecordLister::Rows> RecordLister::ChosenRows() const {
  std::optional<Rows> range;
  for (const FilterTerm& term : filter_.terms) {
    const FieldDescriptor* field = kind_.prototype->GetDescriptor()->FindFieldByName(term.field);
    if (term.field == "attributes" && !term.negated && term.op == FilterOperator::kEqual &&
        IsAttributeText(term.value)) {
      return Rows{keys::PostingPrefix(view_.project(), RecordPostingField(kind_.collection, "attributes." + term.key),
                                      term.value),
                  "", "", true};
    }
    if (term.negated || field == nullptr || !IsIndexed(*field)) continue;
    if (term.op == FilterOperator::kEqual ||
        (term.op == FilterOperator::kHas && field->cpp_type() != FieldDescriptor::CPPTYPE_STRING)) {
      return Rows{keys::PostingPrefix(view_.project(), RecordPostingField(kind_.collection, field->name()),
                                      IndexText(term, *field)),
                  "", "", true};
    }
    // A record with many values would come once for each that lies in the range.
    if (!range && term.op != FilterOperator::kNotEqual && !field->is_repeated()) range = RangeRows(*field);
  }
  return range;
}

std::optional<RecordLister::Rows> RecordLister::RangeRows(const FieldDescriptor& field) const {
  Rows rows;
  rows.prefix = keys::PostingFieldPrefix(view_.project(), RecordPostingField(kind_.collection, field.name()));
  rows.by_id = false;
  for (const FilterTerm& term : filter_.terms) {
    if (term.negated || term.field != field.name()) continue;
    const std::string text = IndexText(term, field);
    const auto raise = [&](const std::string& from) { rows.from = std::max(rows.from, from); };
    const auto lower = [&](const std::string& until) {
      if (rows.until.empty() || until < rows.until) rows.until = until;
    };
    switch (term.op) {
      case FilterOperator::kGreater:
      case FilterOperator::kGreaterOrEqual:
        raise(text);
        break;
      case FilterOperator::kLess:
        if (!text.empty()) lower(text);
        break;
      case FilterOperator::kLessOrEqual:
        lower(text + '\1');  // above the zero byte that ends the value
        break;
      case FilterOperator::kEqual:
        raise(text);
        lower(text + '\1');
        break;
      case FilterOperator::kHas:
        raise(text);
        break;
      case FilterOperator::kNotEqual:
        // Records whose field is not set come first.
        if (text.empty()) raise("\1");
        break;
    }
  }
  return rows;
}

std::optional<RecordLister::Rows> RecordLister::OrderedRows() const {
  if (ordering_.field != nullptr) {
    if (!IsIndexed(*ordering_.field)) return std::nullopt;
    return RangeRows(*ordering_.field);
  }
  const std::optional<Rows> chosen = ChosenRows();
  return chosen && chosen->by_id ? chosen : AllRows();
}

absl::Status RecordLister::Walk(const Rows& rows, bool backwards, const Visit& visit) const {
  const bool postings = rows.prefix.front() == keys::kPosting;
  const VisitRow look = [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
    if (value.empty()) return true;  // left, or deleted
    if (!postings) {
      GREFFE_ASSIGN_OR_RETURN(RecordRow row, RecordRow::Decode(kind_, value));
      return visit(std::move(row.record));
    }
    key.remove_suffix(1);
    GREFFE_ASSIGN_OR_RETURN(RecordPtr record, view_.FindRecord(kind_, NumberOfOrder(key)));
    if (record == nullptr) return true;
    return visit(std::move(record));
  };
  return backwards ? walk_.Backwards(rows.prefix, rows.from, rows.until, look)
                   : walk_.Forwards(rows.prefix, rows.from, rows.until, look);
}

std::string RecordLister::SortKey(const Message& record) const {
  const std::string order = NumberOrder(IdOfRecord(record));
  if (ordering_.field == nullptr) return order;
  std::string key = FieldTexts(record, *ordering_.field).front();
  key += '\0';
  return key + order;
}

}  // namespace greffe
