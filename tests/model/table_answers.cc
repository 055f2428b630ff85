#include "tests/model/table_answers.h"

#include "tests/model/csv_table.h"

namespace greffe::model {

bool IsAboutTable(const google::protobuf::Message& answer) {
  return answer.GetDescriptor() == v1::ExportTableResponse::descriptor() ||
         answer.GetDescriptor() == v1::ImportTableResponse::descriptor();
}

std::shared_ptr<google::protobuf::Message> Foretold(const google::protobuf::Message& answer) {
  std::shared_ptr<google::protobuf::Message> foretold(answer.New());
  foretold->CopyFrom(answer);
  if (auto* table = dynamic_cast<v1::ExportTableResponse*>(foretold.get())) {
    if (const auto rows = ReadTable(table->data())) table->set_data(WriteTable(*rows));
  }
  if (auto* import = dynamic_cast<v1::ImportTableResponse*>(foretold.get())) {
    for (v1::TableRow& row : *import->mutable_rows()) {
      for (v1::RowFinding& finding : *row.mutable_findings()) finding.clear_message();
    }
    if (import->sequence() == 0) import->clear_replayed();
  }
  return foretold;
}

v1::ImportTableResponse AsReplayed(v1::ImportTableResponse answer) {
  if (answer.replayed()) return answer;
  v1::ImportTableResponse replayed = answer;
  replayed.set_replayed(true);
  replayed.clear_row_count();
  replayed.clear_unchanged_count();
  replayed.clear_rows();
  for (const v1::TableRow& row : answer.rows()) {
    if (row.outcome() != v1::ROW_OUTCOME_CREATED && row.outcome() != v1::ROW_OUTCOME_UPDATED) continue;
    v1::TableRow& told = *replayed.add_rows();
    told.set_id(row.id());
    told.set_outcome(row.outcome());
  }
  return replayed;
}

}  // namespace greffe::model
