// A project as a baseline froze it: ProjectView's part that reads the rows of baselines.
#include <utility>

#include "storage/base/number_order.h"
#include "storage/base/page_bytes.h"
#include "storage/index/keys.h"
#include "storage/index/project_view.h"
#include "storage/index/record_row.h"
#include "storage/index/state.h"

namespace greffe {

absl::StatusOr<ProjectView> ProjectView::OpenBaseline(const Index& index, std::string_view project,
                                                      const std::string& baseline) {
  GREFFE_ASSIGN_OR_RETURN(RecordName name, ParseRecordName(KindOf<v1::Baseline>(), baseline, "as_of.baseline"));
  if (name.project != project) {
    return InvalidField("as_of.baseline", "FIELD_INVALID", "'" + baseline + "': is of another project");
  }
  // A baseline is there from its commit on and for good; the moment that it froze is an earlier one.
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                          index.state_->GetCurrent(keys::CurrentRecordKey(project, name.collection, name.id)));
  if (!row) {
    return Error(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND", "there is no '" + baseline + "'",
                 {{"resource", baseline}});
  }
  GREFFE_ASSIGN_OR_RETURN(const RecordRow record,
                          index.state_->CheckRow(RecordRow::Decode(KindOf<v1::Baseline>(), *row)));
  const std::int64_t sequence = static_cast<const v1::Baseline&>(*record.record).frozen_sequence();
  return ProjectView(index, std::string(project), sequence, std::move(name.id));
}

absl::StatusOr<std::int64_t> ProjectView::FrozenVersion(std::string_view number) const {
  GREFFE_ASSIGN_OR_RETURN(
      const std::optional<std::string> row,
      index_->state_->Get(index_->state_->rows, keys::FrozenPrefix(project_, baseline_) + NumberOrder(number)));
  if (!row) {
    return Error(absl::StatusCode::kNotFound, kNotInBaseline,
                 "baseline '" + baseline_ + "' does not hold document '" + std::string(number) + "'",
                 {{"baseline", FormatRecordName(project_, KindOf<v1::Baseline>().collection, baseline_)},
                  {"document", FormatDocumentName(project_, number)}});
  }
  GREFFE_ASSIGN_OR_RETURN(const v1::BaselineDocument frozen,
                          index_->state_->CheckRow(ParseRow<v1::BaselineDocument>(*row)));
  return frozen.version();
}

absl::Status ProjectView::Freeze(std::string_view number, v1::Document& document) const {
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t version, FrozenVersion(number));
  if (document.latest_version().number() != version) {
    GREFFE_ASSIGN_OR_RETURN(*document.mutable_latest_version(), VersionAt(number, version));
  }
  if (document.released_version() != version) document.clear_released_version();
  return absl::OkStatus();
}

absl::Status ProjectView::CheckFrozen(std::string_view number, std::int64_t version) const {
  if (baseline_.empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t frozen, FrozenVersion(number));
  if (frozen == version) return absl::OkStatus();
  return Error(absl::StatusCode::kNotFound, kNotInBaseline,
               "baseline '" + baseline_ + "' holds version " + std::to_string(frozen) + " of document '" +
                   std::string(number) + "', not " + std::to_string(version),
               {{"baseline", FormatRecordName(project_, KindOf<v1::Baseline>().collection, baseline_)},
                {"document", FormatDocumentName(project_, number)},
                {"version", std::to_string(frozen)}});
}

absl::StatusOr<FrozenPage> ProjectView::ListFrozen(std::string_view baseline, int limit, std::string_view after) const {
  FrozenPage page;
  const std::string prefix = keys::FrozenPrefix(project_, baseline);
  const std::string end = keys::PrefixEnd(prefix);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = index_->state_->NewIterator(&upper);
  PageFill fill(limit);
  // `after` is the last one that the former page has.
  for (row->Seek(after.empty() ? prefix : prefix + NumberOrder(after) + '\0'); row->Valid(); row->Next()) {
    if (!fill.Takes(row->value().size())) {
      page.next = page.documents.back().number();
      break;
    }
    GREFFE_ASSIGN_OR_RETURN(page.documents.emplace_back(),
                            index_->state_->CheckRow(ParseRow<v1::BaselineDocument>(ToView(row->value()))));
  }
  GREFFE_RETURN_IF_ERROR(index_->state_->Check(row->status()));
  return page;
}

}  // namespace greffe
