// Tables that are imported: read in every collection's terms; what is taken is written again, and must read the same.
#include "storage/base/csv.h"
#include "storage/base/table_cell_reader.h"
#include "storage/base/table_cells.h"
#include "storage/base/table_dialect.h"
#include "storage/base/table_reader.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

namespace {

void Check(const TableSchema& schema, std::string_view bytes) {
  const auto table = ReadTableBytes(schema, bytes, {}, {});
  if (!table.ok()) return;
  for (const ReadRow& row : table->rows) {
    FUZZ_REQUIRE(row.row > 1 && row.line > 0);
    if (!row.errors.empty()) continue;
    const RecordPtr record(schema.prototype().New());
    ApplyValues(row.values, *record);
    for (const TableField& column : row.values.columns->fields) {
      const std::string cell = WriteCell(schema, column, *record, table->dialect);
      TableValues again;
      again.values = RecordPtr(schema.prototype().New());
      FUZZ_REQUIRE(ReadCell(schema, column, cell, table->dialect, again).ok());
      FUZZ_REQUIRE(WriteCell(schema, column, *again.values, table->dialect) == cell);
    }
  }
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const v1::Project project = [] {
    v1::Project made;
    made.set_name("projects/apollo");
    for (int type = 1; type <= 6; ++type) {
      v1::AttributeDefinition& definition = *made.add_attribute_definitions();
      definition.set_id(type == 3 ? "cost" : "a" + std::to_string(type));
      definition.set_type(static_cast<v1::AttributeType>(type));
      definition.add_collections("risks");
    }
    return made;
  }();
  const std::string_view bytes = AsText(data, size);
  for (const char* collection : {"risks", "meetings", "budgetLines", "deliverables", "documents"}) {
    static std::map<std::string, TableSchema> schemas;
    auto found = schemas.find(collection);
    if (found == schemas.end()) {
      found = schemas.emplace(collection, *TableSchema::Make(project, collection, "parent")).first;
    }
    Check(found->second, bytes);
  }
  if (const auto rows = ParseCsv(bytes, ','); rows.ok()) {
    std::string again;
    for (const CsvRow& row : *rows) AppendCsvRow(row.cells, ',', again);
    const auto back = ParseCsv(again, ',');
    FUZZ_REQUIRE(back.ok() && back->size() == rows->size());
    for (std::size_t i = 0; i < rows->size(); ++i) FUZZ_REQUIRE((*back)[i].cells == (*rows)[i].cells);
  }
  return 0;
}
