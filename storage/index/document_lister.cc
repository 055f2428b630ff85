#include "storage/index/document_lister.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/errors.h"
#include "storage/base/number_order.h"
#include "storage/base/page_bytes.h"
#include "storage/base/paths.h"
#include "storage/base/record_kinds.h"
#include "storage/base/template_order.h"
#include "storage/index/keys.h"

namespace greffe {
namespace {

// A row of a path, or a posting, takes a thousandth of a millisecond. With more documents than these below a folder, a
// page is soon full on a walk over all of them.
constexpr std::size_t kManyOrders = 10'000;

// Documents are looked for among so many changes and entries of them, and a few more for each document there is, before
// another walk is taken: history has no end, and the documents of a project are all met in a walk over them.
constexpr std::int64_t kManyEntries = 10'000;
constexpr std::int64_t kFewEntries = 1'000;
constexpr std::int64_t kEntriesOfADocument = 4;

// The number of the document that an entry is about; "" for one about something else, such as a version.
std::string_view DocumentOf(const v1::ChangeEntry& entry) {
  const std::string_view resource = entry.resource();
  if (CollectionOf(resource) != "documents") return {};
  // projects/{p}/documents/{number}
  return std::count(resource.begin(), resource.end(), '/') == 3 ? LastPart(resource) : std::string_view();
}

}  // namespace

absl::StatusOr<DocumentPage> DocumentLister::List() {
  const bool in_order = !ordering_.descending && (ordering_.order == DocumentOrder::kNumber ||
                                                  (ordering_.order == DocumentOrder::kPath && OnlyActive()));
  return in_order ? ListInOrder() : ListSorted();
}

// The walk meets documents in the order asked for, so the page ends it.
absl::StatusOr<DocumentPage> DocumentLister::ListInOrder() {
  DocumentPage page;
  std::size_t bytes = 0;
  const Visit visit = [&](v1::Document document) -> absl::StatusOr<bool> {
    std::string key = SortKey(ordering_.order, document);
    if (!after_.empty() && key <= after_) return true;
    if (!Matches(filter_, document)) return true;
    bytes += document.ByteSizeLong();
    if (static_cast<int>(page.documents.size()) == limit_ || (bytes > kPageBytes && !page.documents.empty())) {
      page.next = SortKey(ordering_.order, page.documents.back());
      return false;
    }
    page.documents.push_back(std::move(document));
    return true;
  };
  const std::string after(after_);
  if (ordering_.order == DocumentOrder::kPath) {
    std::string prefix;
    ChoosePathPrefix(prefix);
    // Documents without a path come first.
    if (prefix.empty() && (after.empty() || after.front() == '\0')) {
      GREFFE_RETURN_IF_ERROR(WalkPosting("path", "", after.empty() ? "" : after.substr(1), visit));
      if (!page.next.empty()) return page;
    }
    GREFFE_RETURN_IF_ERROR(WalkPaths(prefix, after.substr(0, after.find('\0')), visit));
    return page;
  }
  std::string field;
  std::string value;
  if (const FilterTerm* number = filter_.FindEquality("number")) {
    const absl::Status visited = VisitNumber(number->value, visit).status();
    if (!visited.ok() && !absl::IsNotFound(visited)) return visited;
    return page;
  }
  GREFFE_ASSIGN_OR_RETURN(bool walked, WalkNumbersOfPaths(visit));
  if (walked) return page;
  GREFFE_ASSIGN_OR_RETURN(walked, WalkNumbersOfTemplate(visit));
  if (walked) return page;
  if (ChoosePosting(field, value)) {
    GREFFE_RETURN_IF_ERROR(WalkPosting(field, value, after, visit));
  } else {
    GREFFE_RETURN_IF_ERROR(WalkNumbers(after, visit));
  }
  return page;
}

// Keeps the best page's worth of all that match.
absl::StatusOr<DocumentPage> DocumentLister::ListSorted() {
  for (const bool by_changes : {true, false}) {
    SortedPage<v1::Document> best(ordering_.descending, limit_);
    GREFFE_ASSIGN_OR_RETURN(const bool walked, FillSorted(best, by_changes));
    if (!walked) continue;
    DocumentPage page;
    page.documents = best.Finish(page.next);
    return page;
  }
  return absl::InternalError("a walk over documents was given up");
}

absl::StatusOr<bool> DocumentLister::FillSorted(SortedPage<v1::Document>& best, bool by_changes) {
  const bool newest_first = by_changes && ordering_.descending && ordering_.order == DocumentOrder::kUpdateTime;
  const Visit visit = [&](v1::Document document) -> absl::StatusOr<bool> {
    std::string key = SortKey(ordering_.order, document);
    // Candidates come newest first: once an older one than what has no room is met, the page stands.
    if (newest_first && best.cut() != nullptr && key.compare(0, 8, *best.cut(), 0, 8) < 0) return false;
    if (!after_.empty() && !best.Before(after_, key)) return true;
    if (!best.Takes(key)) return true;
    if (!Matches(filter_, document)) return true;
    const std::size_t bytes = document.ByteSizeLong();
    best.Add(std::move(key), std::move(document), bytes);
    return true;
  };
  std::string field;
  std::string value;
  std::string prefix;
  TemplateRange templates;
  Micros since = 0;
  if (const FilterTerm* number = filter_.FindEquality("number")) {
    const absl::Status visited = VisitNumber(number->value, visit).status();
    if (!visited.ok() && !absl::IsNotFound(visited)) return visited;
  } else if (newest_first) {
    return WalkNewestUpdates(visit);
  } else if (ChoosePathPrefix(prefix) && !prefix.empty()) {
    GREFFE_RETURN_IF_ERROR(WalkPaths(prefix, "", visit));
  } else if (ChooseTemplates(templates)) {
    GREFFE_RETURN_IF_ERROR(
        WalkTemplates(templates, [&](std::string_view order) { return VisitNumber(NumberOfOrder(order), visit); }));
  } else if (by_changes && ChooseUpdatedSince(since)) {
    return WalkUpdatedSince(since, visit);
  } else if (ChoosePosting(field, value)) {
    GREFFE_RETURN_IF_ERROR(WalkPosting(field, value, "", visit));
  } else {
    GREFFE_RETURN_IF_ERROR(WalkNumbers("", visit));
  }
  return true;
}

absl::StatusOr<bool> DocumentLister::VisitNumber(std::string_view number, const Visit& visit) const {
  absl::StatusOr<v1::Document> document = view_.GetDocument(number);
  if (document.ok()) return visit(*std::move(document));
  if (ReasonOf(document.status()) == kNotInBaseline) return true;
  return document.status();
}

absl::Status DocumentLister::WalkNumbers(const std::string& from, const Visit& visit) const {
  if (!view_.baseline().empty()) return WalkFrozen(from, visit);
  return walk_.Forwards(keys::ProjectPrefix(keys::kDocument, view_.project()), from, "",
                        [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
                          GREFFE_ASSIGN_OR_RETURN(v1::Document document, ParseRow<v1::Document>(value));
                          return visit(std::move(document));
                        });
}

// The documents of the view's baseline.
absl::Status DocumentLister::WalkFrozen(const std::string& from, const Visit& visit) const {
  const std::string prefix = keys::FrozenPrefix(view_.project(), view_.baseline());
  const std::string end = keys::PrefixEnd(prefix);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = state_.NewIterator(&upper);
  for (row->Seek(prefix + from); row->Valid(); row->Next()) {
    GREFFE_ASSIGN_OR_RETURN(const bool more, VisitNumber(NumberOfOrder(ToView(row->key())), visit));
    if (!more) return absl::OkStatus();
  }
  return state_.Check(row->status());
}

absl::Status DocumentLister::WalkPosting(std::string_view field, std::string_view value, const std::string& from,
                                         const Visit& visit) const {
  return walk_.Forwards(keys::PostingPrefix(view_.project(), field, value), from, "",
                        [&](std::string_view key, std::string_view there) -> absl::StatusOr<bool> {
                          if (there.empty()) return true;
                          key.remove_suffix(1);
                          return VisitNumber(NumberOfOrder(key), visit);
                        });
}

absl::Status DocumentLister::WalkPaths(const std::string& prefix, const std::string& from, const Visit& visit) const {
  const std::string rest = from.size() > prefix.size() && from.starts_with(prefix) ? from.substr(prefix.size()) : "";
  return walk_.Forwards(keys::Point(keys::kPath, view_.project(), prefix), rest, "",
                        [&](std::string_view, std::string_view number) -> absl::StatusOr<bool> {
                          if (number.empty()) return true;
                          return VisitNumber(number, visit);
                        });
}

absl::StatusOr<bool> DocumentLister::WalkNumbersOfPaths(const Visit& visit) const {
  std::string prefix;
  if (!ChoosePathPrefix(prefix) || prefix.empty()) return false;
  std::vector<std::string> orders;
  GREFFE_RETURN_IF_ERROR(walk_.Forwards(keys::Point(keys::kPath, view_.project(), prefix), "", "",
                                        [&](std::string_view, std::string_view number) -> absl::StatusOr<bool> {
                                          if (!number.empty()) orders.push_back(NumberOrder(number));
                                          return orders.size() <= kManyOrders;
                                        }));
  return WalkOrders(std::move(orders), visit);
}

absl::StatusOr<bool> DocumentLister::WalkNumbersOfTemplate(const Visit& visit) const {
  TemplateRange range;
  if (!ChooseTemplates(range)) return false;
  std::vector<std::string> orders;
  GREFFE_RETURN_IF_ERROR(WalkTemplates(range, [&](std::string_view order) -> absl::StatusOr<bool> {
    orders.emplace_back(order);
    return orders.size() <= kManyOrders;
  }));
  return WalkOrders(std::move(orders), visit);
}

absl::StatusOr<bool> DocumentLister::WalkOrders(std::vector<std::string> orders, const Visit& visit) const {
  if (orders.size() > kManyOrders) return false;
  std::sort(orders.begin(), orders.end());
  for (auto order = std::upper_bound(orders.begin(), orders.end(), after_); order != orders.end(); ++order) {
    GREFFE_ASSIGN_OR_RETURN(const bool more, VisitNumber(NumberOfOrder(*order), visit));
    if (!more) break;
  }
  return true;
}

absl::Status DocumentLister::WalkTemplates(
    const TemplateRange& range, const std::function<absl::StatusOr<bool>(std::string_view order)>& visit) const {
  return walk_.Forwards(keys::PostingFieldPrefix(view_.project(), "template") + range.prefix, range.from, range.until,
                        [&](std::string_view key, std::string_view there) -> absl::StatusOr<bool> {
                          if (there.empty()) return true;
                          // ... value 0 order 0 number 0
                          key.remove_suffix(1);
                          const std::size_t number = key.rfind('\0');
                          const std::size_t value = key.rfind('\0', number - 1);
                          return visit(key.substr(value + 1));
                        });
}

std::int64_t DocumentLister::EntriesWorthALook(const std::optional<ProjectMark>& mark) {
  const std::int64_t documents = mark ? mark->document_count : 0;
  return std::min(kManyEntries, kFewEntries + kEntriesOfADocument * documents);
}

absl::StatusOr<bool> DocumentLister::WalkUpdatedSince(Micros time, const Visit& visit) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> mark, index_.FindMark(view_.project()));
  std::int64_t left = EntriesWorthALook(mark);
  const std::string prefix = keys::ProjectPrefix(keys::kTime, view_.project());
  const std::string end = keys::PrefixEnd(prefix);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = state_.NewIterator(&upper);
  absl::flat_hash_set<std::string> seen;
  for (row->Seek(keys::TimeKey(view_.project(), time, 0)); row->Valid(); row->Next()) {
    const std::string_view key = ToView(row->key());
    const std::int64_t sequence = keys::ReadBigEndian(key.substr(key.size() - 8));
    if (--left < 0) return false;
    if (sequence > view_.sequence()) continue;
    GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::Change> changes, view_.ListChanges(sequence - 1, 1));
    for (const v1::Change& change : changes) {
      for (const v1::ChangeEntry& entry : change.entries()) {
        if (--left < 0) return false;
        const std::string_view number = DocumentOf(entry);
        if (number.empty()) continue;
        if (!seen.insert(entry.resource()).second) continue;
        GREFFE_ASSIGN_OR_RETURN(const bool more, VisitNumber(number, visit));
        if (!more) return true;
      }
    }
  }
  GREFFE_RETURN_IF_ERROR(state_.Check(row->status()));
  return true;
}

absl::StatusOr<bool> DocumentLister::WalkNewestUpdates(const Visit& visit) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> mark, index_.FindMark(view_.project()));
  std::int64_t left = EntriesWorthALook(mark);
  const std::int64_t first_dated = mark ? mark->first_dated_sequence : 1;
  const std::string prefix = keys::ProjectPrefix(keys::kChange, view_.project());
  const auto row = state_.NewIterator(nullptr);
  row->SeekForPrev(keys::ChangeKey(view_.project(), view_.sequence()));
  for (; row->Valid() && ToView(row->key()).starts_with(prefix); row->Prev()) {
    if (--left < 0) return false;
    GREFFE_ASSIGN_OR_RETURN(const ChangeRow change, state_.CheckRow(ChangeRow::Decode(ToView(row->value()))));
    for (const v1::ChangeEntry& entry : change.change.entries()) {
      if (--left < 0) return false;
      const std::string_view number = DocumentOf(entry);
      if (number.empty() || entry.kind() == v1::CHANGE_KIND_LOCK_FORCED) continue;
      const auto current = [&](v1::Document document) -> absl::StatusOr<bool> {
        if (document.sequence() != change.change.sequence()) return true;  // a later change has it
        return visit(std::move(document));
      };
      GREFFE_ASSIGN_OR_RETURN(const bool more, VisitNumber(number, current));
      if (more || change.change.sequence() < first_dated) continue;
      if (first_dated <= 1) return true;
      // What came before an imported history is newer than it.
      row->Seek(keys::ChangeKey(view_.project(), first_dated));
      break;
    }
  }
  GREFFE_RETURN_IF_ERROR(state_.Check(row->status()));
  return true;
}

bool DocumentLister::ChoosePosting(std::string& field, std::string& value) const {
  for (const FilterTerm& term : filter_.terms) {
    if (term.negated || term.op != FilterOperator::kEqual) continue;
    if (term.field == "labels" || term.field == "attributes") {
      if (term.field == "attributes" && !IsAttributeText(term.value)) continue;
      field = term.field + "." + term.key;
      value = term.value;
      return true;
    }
    if (term.field == "type" || term.field == "owner" || (term.field == "state" && term.value == "WITHDRAWN") ||
        term.field == "template" ||
        // The postings are of latest versions; a baseline may have frozen others.
        (term.field == "version_state" && term.value != "DRAFT" && view_.baseline().empty())) {
      field = term.field;
      value = term.value;
      return true;
    }
  }
  return false;
}

bool DocumentLister::ChoosePathPrefix(std::string& prefix) const {
  if (!OnlyActive()) return false;
  for (const FilterTerm& term : filter_.terms) {
    if (term.negated || term.field != "path") continue;
    if (term.op != FilterOperator::kEqual && term.op != FilterOperator::kHas) continue;
    prefix = term.value;
    return true;
  }
  return false;
}

bool DocumentLister::ChooseTemplates(TemplateRange& range) const {
  for (const FilterTerm& term : filter_.terms) {
    if (term.negated || term.field != "template" || term.op == FilterOperator::kNotEqual) continue;
    if (term.op == FilterOperator::kHas && term.value == "*") continue;
    range.prefix = std::string(PrefixOfTemplateOrder(term.value));
    const std::string version = term.value.substr(range.prefix.size());
    switch (term.op) {
      case FilterOperator::kLess:
        range.until = version;
        break;
      case FilterOperator::kLessOrEqual:
        range.until = version + '\1';
        break;
      case FilterOperator::kGreater:
      case FilterOperator::kGreaterOrEqual:
        range.from = version;
        break;
      case FilterOperator::kEqual:
      case FilterOperator::kHas:
        range.from = version;
        if (!version.empty()) range.until = version + '\1';
        break;
      case FilterOperator::kNotEqual:
        break;
    }
    return true;
  }
  return false;
}

bool DocumentLister::OnlyActive() const {
  const FilterTerm* state = filter_.FindEquality("state");
  return state != nullptr && state->value == "ACTIVE";
}

bool DocumentLister::ChooseUpdatedSince(Micros& time) const {
  for (const FilterTerm& term : filter_.terms) {
    if (term.negated || term.field != "update_time") continue;
    if (term.op != FilterOperator::kGreater && term.op != FilterOperator::kGreaterOrEqual) continue;
    time = term.time;
    return true;
  }
  return false;
}

}  // namespace greffe
