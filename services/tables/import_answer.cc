#include "services/tables/import_answer.h"

#include <string>

#include "storage/base/errors.h"
#include "storage/base/page_bytes.h"
#include "storage/base/record_filter.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

bool IsRefused(const v1::TableRow& row) {
  return row.outcome() == v1::ROW_OUTCOME_ERROR || row.outcome() == v1::ROW_OUTCOME_CONFLICT;
}

void Count(v1::RowOutcome outcome, v1::ImportTableResponse& response) {
  switch (outcome) {
    case v1::ROW_OUTCOME_CREATED:
      response.set_created_count(response.created_count() + 1);
      break;
    case v1::ROW_OUTCOME_UPDATED:
      response.set_updated_count(response.updated_count() + 1);
      break;
    case v1::ROW_OUTCOME_UNCHANGED:
      response.set_unchanged_count(response.unchanged_count() + 1);
      break;
    case v1::ROW_OUTCOME_CONFLICT:
      response.set_conflict_count(response.conflict_count() + 1);
      break;
    default:
      response.set_error_count(response.error_count() + 1);
      break;
  }
}

// Tells of the first rows, as many as are asked for and a message holds.
class RowTeller {
 public:
  RowTeller(int max_rows, v1::ImportTableResponse& response) : max_rows_(max_rows), response_(response) {}

  void Tell(const v1::TableRow& row) {
    bytes_ += row.ByteSizeLong();
    if (response_.rows_size() < max_rows_ && bytes_ <= kPageBytes) {
      *response_.add_rows() = row;
    } else {
      bytes_ = kPageBytes;  // none after one that was left out
      response_.set_rows_left_out(response_.rows_left_out() + 1);
    }
  }

 private:
  const int max_rows_;
  v1::ImportTableResponse& response_;
  std::size_t bytes_ = 0;
};

}  // namespace

void TellRows(const std::vector<v1::TableRow>& rows, int max_rows, v1::ImportTableResponse& response) {
  response.set_row_count(static_cast<int>(rows.size()));
  for (const v1::TableRow& row : rows) Count(row.outcome(), response);
  RowTeller teller(max_rows, response);
  const bool refused = response.error_count() + response.conflict_count() > 0;
  for (const v1::TableRow& row : rows) {
    const bool wanted =
        refused ? IsRefused(row) : row.outcome() != v1::ROW_OUTCOME_UNCHANGED || row.findings_size() > 0;
    if (wanted) teller.Tell(row);
  }
}

absl::Status TellReplay(const Store& store, const std::string& project, const std::string& collection,
                        const WriteResult& result, int max_rows, v1::ImportTableResponse& response) {
  v1::AsOf before;
  before.set_sequence(result.sequence - 1);
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(project, before));
  RowTeller teller(max_rows, response);
  const auto tell = [&](const std::string& id, bool there) {
    v1::TableRow row;
    row.set_id(id);
    row.set_outcome(there ? v1::ROW_OUTCOME_UPDATED : v1::ROW_OUTCOME_CREATED);
    Count(row.outcome(), response);
    teller.Tell(row);
  };
  if (collection == "documents") {
    for (const v1::Document& document : result.documents) {
      const std::string number = NumberOf(document);
      tell(number, view.GetDocumentHead(number).ok());
    }
    return absl::OkStatus();
  }
  for (const RecordPtr& record : result.records) {
    const RecordKind& kind = KindOf(*record->GetDescriptor());
    if (kind.collection != collection) continue;
    const std::string id = IdOfRecord(*record);
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr there, view.FindRecord(kind, id));
    tell(id, there != nullptr);
  }
  return absl::OkStatus();
}

}  // namespace greffe
