// The records of a ProjectView: one, its revisions, lists of them.
#include <charconv>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/number_order.h"
#include "storage/base/page_bytes.h"
#include "storage/index/keys.h"
#include "storage/index/project_view.h"
#include "storage/index/record_lister.h"
#include "storage/index/record_row.h"
#include "storage/index/record_writer.h"
#include "storage/index/state.h"
#include "storage/index/versioned_walk.h"

namespace greffe {

absl::StatusOr<std::optional<std::string>> ProjectView::FindRow(const RecordKind& kind, std::string_view id) const {
  // As for documents: the newest state is one look-up, and most often the answer.
  GREFFE_ASSIGN_OR_RETURN(std::optional<std::string> row,
                          index_->state_->GetCurrent(keys::CurrentRecordKey(project_, kind.collection, id)));
  if (row) {
    GREFFE_ASSIGN_OR_RETURN(const std::int64_t sequence, index_->state_->CheckRow(RecordRow::CutSequence(kind, *row)));
    if (sequence <= sequence_) return row;
  }
  GREFFE_ASSIGN_OR_RETURN(row, index_->state_->GetAt(keys::RecordPrefix(project_, kind.collection, id), sequence_));
  if (!row || row->empty()) return std::nullopt;
  GREFFE_RETURN_IF_ERROR(index_->state_->CheckRow(RecordRow::CutSequence(kind, *row).status()));
  return row;
}

absl::StatusOr<RecordPtr> ProjectView::FindRecord(const RecordKind& kind, std::string_view id) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, FindRow(kind, id));
  if (!row) return RecordPtr();
  RecordPtr record = kind.New();
  if (!record->ParseFromString(*row)) return index_->state_->CheckRow(DamagedRow(kind.collection));
  return record;
}

absl::StatusOr<RecordPtr> ProjectView::GetRecord(const RecordKind& kind, std::string_view id) const {
  GREFFE_ASSIGN_OR_RETURN(RecordPtr record, FindRecord(kind, id));
  if (record == nullptr) return NoRecord(kind, id);
  return record;
}

absl::Status ProjectView::NoRecord(const RecordKind& kind, std::string_view id) const {
  const std::string name = FormatRecordName(project_, kind.collection, id);
  return Error(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND", "there is no '" + name + "' at this moment",
               {{"resource", name}});
}

absl::StatusOr<RecordPage> ProjectView::ListRevisions(const RecordKind& kind, std::string_view id, int limit,
                                                      std::string_view after) const {
  std::int64_t newest = sequence_;
  if (!after.empty()) {
    const auto parsed = std::from_chars(after.data(), after.data() + after.size(), newest);
    if (parsed.ec != std::errc() || newest > sequence_) {
      return InvalidField("page_token", "PAGE_TOKEN_INVALID", "is not of this listing");
    }
  }
  const std::string prefix = keys::RecordPrefix(project_, kind.collection, id);
  const std::string end = keys::PrefixEnd(prefix);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = index_->state_->NewIterator(&upper);
  RecordPage page;
  PageFill fill(limit);
  for (row->Seek(keys::AtSequence(prefix, newest)); row->Valid(); row->Next()) {
    if (row->value().empty()) continue;  // deleted then
    if (!fill.Takes(row->value().size())) {
      page.next = std::to_string(keys::SequenceOf(ToView(row->key())));
      break;
    }
    GREFFE_ASSIGN_OR_RETURN(RecordRow revision,
                            index_->state_->CheckRow(RecordRow::Decode(kind, ToView(row->value()))));
    page.records.push_back(std::move(revision.record));
  }
  GREFFE_RETURN_IF_ERROR(index_->state_->Check(row->status()));
  if (page.records.empty() && after.empty()) return NoRecord(kind, id);
  return page;
}

absl::StatusOr<RecordPtr> ProjectView::FindAnchors(std::string_view number) const {
  constexpr int kRevisionsAtOnce = 10;
  const RecordKind& kind = KindOf<v1::Anchors>();
  const auto version_of = [](const RecordPtr& record) { return static_cast<const v1::Anchors&>(*record).version(); };
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr newest, FindRecord(kind, number));
  if (newest == nullptr || baseline_.empty()) return newest;
  GREFFE_ASSIGN_OR_RETURN(const v1::Document document, GetDocument(number));
  const std::int64_t frozen = document.latest_version().number();
  if (version_of(newest) == frozen) return newest;
  std::string after;
  do {
    GREFFE_ASSIGN_OR_RETURN(const RecordPage page, ListRevisions(kind, number, kRevisionsAtOnce, after));
    for (const RecordPtr& revision : page.records) {
      if (version_of(revision) == frozen) return revision;
      if (version_of(revision) < frozen) return RecordPtr();
    }
    after = page.next;
  } while (!after.empty());
  return RecordPtr();
}

absl::StatusOr<RecordPage> ProjectView::ListRecords(const RecordKind& kind, const RecordFilter& filter,
                                                    const RecordOrdering& ordering, int limit,
                                                    std::string_view after) const {
  GREFFE_ASSIGN_OR_RETURN(RowPage rows, ListRows(kind, filter, ordering, limit, after));
  RecordPage page;
  for (const std::string& row : rows.rows) {
    page.records.push_back(kind.New());
    if (!page.records.back()->ParseFromString(row)) return index_->state_->CheckRow(DamagedRow(kind.collection));
  }
  page.next = std::move(rows.next);
  return page;
}

absl::StatusOr<RowPage> ProjectView::ListRows(const RecordKind& kind, const RecordFilter& filter,
                                              const RecordOrdering& ordering, int limit, std::string_view after) const {
  return RecordLister(*index_, *this, kind, filter, ordering, limit, after).List();
}

absl::Status ProjectView::VisitValues(const RecordKind& kind, std::string_view field, const std::string& from,
                                      const std::string& until,
                                      const std::function<bool(std::string_view, std::string_view)>& visit) const {
  const std::string prefix = keys::PostingFieldPrefix(project_, RecordPostingField(kind.collection, field));
  return VersionedWalk(*index_, sequence_)
      .Forwards(prefix, from, until, [&](std::string_view key, std::string_view there) -> absl::StatusOr<bool> {
        if (there.empty()) return true;  // left
        key.remove_suffix(1);
        const std::string_view id = NumberOfOrder(key);
        key.remove_prefix(prefix.size());
        return visit(key.substr(0, key.find('\0')), id);
      });
}

}  // namespace greffe
