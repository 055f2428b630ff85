#include "storage/index/document_lister.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_set.h"
#include "storage/base/errors.h"
#include "storage/base/number_order.h"
#include "storage/base/page_bytes.h"
#include "storage/base/paths.h"
#include "storage/base/record_kinds.h"
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

absl::StatusOr<DocumentPage> DocumentLister::List() { return IsListedInOrder() ? ListInOrder() : ListSorted(); }

bool DocumentLister::IsListedInOrder() const {
  const bool by_number = ordering_.order == DocumentOrder::kNumber;
  if (!by_number && !(ordering_.order == DocumentOrder::kPath && OnlyActive())) return false;
  if (!ordering_.descending) return true;
  // Other rows lead sooner to what the filter leaves few of.
  Micros since = 0;
  if (ChooseUpdatedSince(since)) return false;
  std::string field;
  std::string value;
  std::string prefix;
  TemplateRange templates;
  if (by_number || (ChoosePathPrefix(prefix) && !prefix.empty())) return true;
  return !ChoosePosting(field, value) && !ChooseTemplates(templates);
}

// The walk meets documents in the order asked for, so the page ends it.
absl::StatusOr<DocumentPage> DocumentLister::ListInOrder() {
  backwards_ = ordering_.descending;
  DocumentPage page;
  std::size_t bytes = 0;
  const Visit visit = [&](v1::Document document) -> absl::StatusOr<bool> {
    std::string key = SortKey(ordering_.order, document);
    if (!after_.empty() && (backwards_ ? key >= after_ : key <= after_)) return true;
    if (!Matches(filter_, document)) return true;
    bytes += document.ByteSizeLong();
    if (static_cast<int>(page.documents.size()) == limit_ || (bytes > kPageBytes && !page.documents.empty())) {
      page.next = SortKey(ordering_.order, page.documents.back());
      return false;
    }
    page.documents.push_back(std::move(document));
    return true;
  };
  if (ordering_.order == DocumentOrder::kPath) {
    GREFFE_RETURN_IF_ERROR(WalkPathsInOrder(page, visit));
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
    GREFFE_RETURN_IF_ERROR(WalkPosting(field, value, std::string(after_), visit));
  } else {
    GREFFE_RETURN_IF_ERROR(WalkNumbers(std::string(after_), visit));
  }
  return page;
}

// Until there is more than `page` holds.
absl::Status DocumentLister::WalkPathsInOrder(const DocumentPage& page, const Visit& visit) const {
  const std::string after(after_);
  const bool had_paths = !after.empty() && after.front() != '\0';
  const bool had_pathless = !after.empty() && !had_paths;
  std::string prefix;
  ChoosePathPrefix(prefix);
  // Documents without a path come first, and backwards last.
  for (const bool pathless : {!backwards_, backwards_}) {
    if (pathless && prefix.empty() && (backwards_ || !had_paths)) {
      GREFFE_RETURN_IF_ERROR(WalkPosting("path", "", had_pathless ? after.substr(1) : "", visit));
    }
    if (!pathless && !(backwards_ && had_pathless)) {
      GREFFE_RETURN_IF_ERROR(WalkPaths(prefix, after.substr(0, after.find('\0')), visit));
    }
    if (!page.next.empty()) break;
  }
  return absl::OkStatus();
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

absl::Status DocumentLister::WalkNumbers(const std::string& after, const Visit& visit) const {
  if (!view_.baseline().empty()) return WalkFrozen(after, visit);
  return Walk(keys::ProjectPrefix(keys::kDocument, view_.project()), after,
              [&](std::string_view, std::string_view value) -> absl::StatusOr<bool> {
                GREFFE_ASSIGN_OR_RETURN(v1::Document document, ParseRow<v1::Document>(value));
                return visit(std::move(document));
              });
}

// The documents of the view's baseline.
absl::Status DocumentLister::WalkFrozen(const std::string& after, const Visit& visit) const {
  const std::string prefix = keys::FrozenPrefix(view_.project(), view_.baseline());
  const std::string end = keys::PrefixEnd(prefix);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = state_.NewIterator(&upper);
  if (backwards_) {
    row->SeekForPrev(after.empty() ? end : prefix + after);
  } else {
    row->Seek(prefix + after);
  }
  while (row->Valid() && ToView(row->key()).starts_with(prefix)) {
    GREFFE_ASSIGN_OR_RETURN(const bool more, VisitNumber(NumberOfOrder(ToView(row->key())), visit));
    if (!more) return absl::OkStatus();
    backwards_ ? row->Prev() : row->Next();
  }
  return state_.Check(row->status());
}

absl::Status DocumentLister::WalkPosting(std::string_view field, std::string_view value, const std::string& after,
                                         const Visit& visit) const {
  return Walk(keys::PostingPrefix(view_.project(), field, value), after,
              [&](std::string_view key, std::string_view there) -> absl::StatusOr<bool> {
                if (there.empty()) return true;
                key.remove_suffix(1);
                return VisitNumber(NumberOfOrder(key), visit);
              });
}

absl::Status DocumentLister::WalkPaths(const std::string& prefix, const std::string& after, const Visit& visit) const {
  const std::string rest = after.size() > prefix.size() && after.starts_with(prefix) ? after.substr(prefix.size()) : "";
  return Walk(keys::Point(keys::kPath, view_.project(), prefix), rest,
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
  if (backwards_) {
    std::sort(orders.rbegin(), orders.rend());
  } else {
    std::sort(orders.begin(), orders.end());
  }
  const auto has_been = [this](const std::string& order) {
    return !after_.empty() && (backwards_ ? order >= after_ : order <= after_);
  };
  for (auto order = std::partition_point(orders.begin(), orders.end(), has_been); order != orders.end(); ++order) {
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

}  // namespace greffe
