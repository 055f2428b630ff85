#include "storage/base/table_reader.h"

#include <gtest/gtest.h>

#include "greffe/v1/budget_lines.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/meetings.pb.h"
#include "greffe/v1/risks.pb.h"
#include "storage/base/csv.h"
#include "storage/base/errors.h"
#include "storage/base/table_cells.h"
#include "storage/base/table_dialect.h"

namespace greffe {
namespace {

v1::Project Apollo() {
  v1::Project project;
  project.set_name("projects/apollo");
  const auto define = [&project](const char* id, const char* title, v1::AttributeType type) {
    v1::AttributeDefinition& definition = *project.add_attribute_definitions();
    definition.set_id(id);
    definition.set_title(title);
    definition.set_type(type);
    definition.add_collections("risks");
  };
  define("site", "Site of the works", v1::ATTRIBUTE_TYPE_TEXT);
  define("cost", "", v1::ATTRIBUTE_TYPE_NUMBER);
  define("seen", "", v1::ATTRIBUTE_TYPE_DATE);
  define("legal", "", v1::ATTRIBUTE_TYPE_BOOLEAN);
  return project;
}

TableSchema Schema(const std::string& collection) {
  auto schema = TableSchema::Make(Apollo(), collection, "parent");
  EXPECT_TRUE(schema.ok()) << schema.status();
  return *std::move(schema);
}

absl::StatusOr<ReadTable> Read(const std::string& collection, std::string_view bytes,
                               const v1::TableDialect& dialect = {}, const std::vector<v1::TableColumn>& mapping = {}) {
  return ReadTableBytes(Schema(collection), bytes, dialect, mapping);
}

template <typename Record>
Record Applied(const ReadRow& row) {
  Record record;
  for (const v1::RowFinding& error : row.errors) ADD_FAILURE() << error.ShortDebugString();
  ApplyValues(row.values, record);
  return record;
}

TEST(TableReaderTest, AFrenchTableIsReadAsAnEnglishOne) {
  const auto english = Read("risks",
                            "id,Title,probability,Review date,state,response,attributes.cost,legal\n"
                            "RISK-0001,Pump is late,3,2026-03-31,assessed,Mitigate,\"1,250.50\",yes\n"
                            ",Second,,,,,-3.5,\n",
                            {}, [] {
                              v1::TableColumn legal;
                              legal.set_heading("legal");
                              legal.set_field("attributes.legal");
                              return std::vector<v1::TableColumn>{legal};
                            }());
  ASSERT_TRUE(english.ok()) << english.status();
  const auto french = Read("risks",
                           "\xef\xbb\xbfid;TITLE;Probability;due;State;response;attributes.cost;attributes.legal\r\n"
                           "RISK-0001;Pump is late;3;31/03/2026;ASSESSED;mitigate;1 250,50;oui\r\n"
                           ";Second;;;;;-3,5;\r\n;;;;;;;\r\n");
  ASSERT_TRUE(french.ok()) << french.status();
  EXPECT_EQ(french->dialect.decimals(), v1::TABLE_DECIMALS_COMMA);
  EXPECT_EQ(french->dialect.dates(), v1::TABLE_DATES_FRENCH);
  EXPECT_EQ(english->dialect.dates(), v1::TABLE_DATES_ISO);
  ASSERT_EQ(french->rows.size(), 2u) << "a row without values is none";
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(Applied<v1::Risk>(english->rows[i]).DebugString(), Applied<v1::Risk>(french->rows[i]).DebugString());
  }
  const v1::Risk risk = Applied<v1::Risk>(french->rows[0]);
  EXPECT_EQ(risk.review_date(), "2026-03-31");
  EXPECT_EQ(risk.response(), v1::RISK_RESPONSE_MITIGATE);
  EXPECT_EQ(risk.attributes().at("cost").number(), 1250.5);
  EXPECT_TRUE(risk.attributes().at("legal").boolean());
  EXPECT_EQ(french->rows[0].values.id, "RISK-0001");
  EXPECT_EQ(french->rows[0].values.state, "ASSESSED");
}

TEST(TableReaderTest, WhatIsWrittenReadsBackInEveryDialect) {
  v1::Risk risk;
  risk.set_name("projects/apollo/risks/RISK-0007");
  risk.set_title("=cmd|' /C calc'!A0");
  risk.set_description("two\nlines; \"quoted\", été");
  risk.set_owner("ada");
  risk.set_probability(4);
  risk.set_review_date("2026-03-31");
  risk.set_source("projects/apollo/meetings/MTG-0001");
  (*risk.mutable_labels())["a"] = "x; y";
  (*risk.mutable_labels())["b"] = "";
  (*risk.mutable_attributes())["cost"].set_number(-1250.5);
  (*risk.mutable_attributes())["seen"].set_date("2026-04-01");
  (*risk.mutable_attributes())["site"].set_text("'=Brest");
  const TableSchema schema = Schema("risks");
  for (int encoding = 1; encoding <= 3; ++encoding) {
    for (int delimiter = 1; delimiter <= 3; ++delimiter) {
      for (int style = 1; style <= 2; ++style) {
        v1::TableDialect dialect;
        dialect.set_encoding(static_cast<v1::TableEncoding>(encoding));
        dialect.set_delimiter(static_cast<v1::TableDelimiter>(delimiter));
        dialect.set_dates(static_cast<v1::TableDates>(style));
        dialect.set_decimals(static_cast<v1::TableDecimals>(style));
        std::vector<std::string> headings;
        std::vector<std::string> cells;
        for (const TableField& column : schema.Importable()) {
          headings.push_back(column.name);
          cells.push_back(GuardFormula(WriteCell(schema, column, risk, dialect)));
        }
        std::string bytes;
        AppendCsvRow(headings, DelimiterOf(dialect), bytes);
        AppendCsvRow(cells, DelimiterOf(dialect), bytes);
        const auto encoded = EncodeText(bytes, dialect);
        ASSERT_TRUE(encoded);
        // Nothing is said: it is all found out.
        const auto table = Read("risks", *encoded);
        ASSERT_TRUE(table.ok()) << table.status();
        ASSERT_EQ(table->rows.size(), 1u);
        v1::Risk back = Applied<v1::Risk>(table->rows[0]);
        back.set_name(risk.name());
        EXPECT_EQ(back.SerializeAsString().size(), risk.SerializeAsString().size()) << *encoded;
        EXPECT_EQ(back.description(), risk.description());
        EXPECT_EQ(back.title(), risk.title());
        EXPECT_EQ(back.source(), risk.source());
        EXPECT_EQ(back.labels().at("a"), "x; y");
        EXPECT_EQ(back.attributes().at("site").text(), "'=Brest");
        EXPECT_EQ(back.attributes().at("cost").number(), -1250.5);
      }
    }
  }
}

TEST(TableReaderTest, ANumberThatNoDoubleHoldsIsNone) {
  const auto table = Read("risks", "title;attributes.cost\nx;" + std::string(400, '9') + "\n");
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->rows.size(), 1u);
  ASSERT_EQ(table->rows[0].errors.size(), 1u);
  EXPECT_EQ(table->rows[0].errors[0].reason(), "NUMBER_INVALID");
}

TEST(TableReaderTest, DatesOfWhichNothingTellsDayFromMonthAreRefused) {
  const std::string table = "id,title,review date\nR1,a,4/3/2026\nR2,b,5/5/2026\nR3,c,4/13/2026\nR4,d,2026-04-03\n";
  const auto unsaid = Read("risks", table);
  ASSERT_TRUE(unsaid.ok()) << unsaid.status();
  const auto reason = [&](const auto& read, std::size_t row) {
    const auto& errors = read->rows[row].errors;
    return errors.empty() ? std::string() : errors[0].column() + " " + errors[0].reason();
  };
  ASSERT_EQ(reason(unsaid, 0), "review date DATES_AMBIGUOUS");
  EXPECT_NE(unsaid->rows[0].errors[0].message().find("'4/3/2026'"), std::string::npos);
  EXPECT_EQ(reason(unsaid, 1), "") << "the same both ways";
  EXPECT_EQ(reason(unsaid, 2), "review date DATE_INVALID");
  EXPECT_EQ(reason(unsaid, 3), "");
  EXPECT_EQ(reason(Read("risks", table + "R5,e,31/3/2026\n"), 0), "") << "one that has the day first tells of all";
  v1::TableDialect french;
  french.set_dates(v1::TABLE_DATES_FRENCH);
  EXPECT_EQ(reason(Read("risks", table, french), 0), "");
}

TEST(TableReaderTest, EveryWrongCellIsNamedWithItsRowAndColumn) {
  const auto table = Read("risks",
                          "id;title;probability;Review date;state;attributes.cost\n"
                          "RISK-1;ok;2;2026-03-31;;\n"
                          "RISK-2;x;many;31/02/2026;ASLEEP;1,2,3\n"
                          "RISK-1;again;;;;\n"
                          "RISK-4;too many;;;;;7\n"
                          "RISK-5;a\"b;;;;\n"
                          "RISK-6;r\xc3\xa9 br\xe9;;;;\n"
                          "RISK-7;without the rest\n");
  ASSERT_TRUE(table.ok()) << table.status();
  ASSERT_EQ(table->rows.size(), 7u);
  EXPECT_TRUE(table->rows[0].errors.empty());
  const auto told = [&](std::size_t i) {
    std::vector<std::string> all;
    const auto tell = [&](const v1::RowFinding& error) { all.push_back(error.column() + " " + error.reason()); };
    for (const v1::RowFinding& error : table->rows[i].errors) tell(error);
    for (const auto& [id, error] : table->rows[i].values.unread) tell(error);
    return all;
  };
  using Told = std::vector<std::string>;
  EXPECT_EQ(told(1), (Told{"probability NUMBER_INVALID", "Review date DATE_INVALID", "state ENUM_INVALID",
                           "attributes.cost NUMBER_INVALID"}));
  EXPECT_EQ(table->rows[1].row, 3);
  EXPECT_EQ(told(2), Told{"id ID_REPEATED"});
  EXPECT_NE(table->rows[2].errors[0].message().find("row 2"), std::string::npos);
  EXPECT_EQ(told(3), Told{" CELL_COUNT"});
  EXPECT_EQ(told(4), Told{"title QUOTE_MISPLACED"});
  EXPECT_EQ(told(5), Told{"title ENCODING_INVALID"});
  EXPECT_EQ(told(6), Told{});
  EXPECT_EQ(table->rows[6].values.columns->fields.size(), 1u) << "the rest is neither given nor taken away";
}

TEST(TableReaderTest, WrongHeadingsAreRefusedBeforeAnyRow) {
  const auto reason = [](const auto& table) { return ReasonOf(table.status()); };
  EXPECT_EQ(reason(Read("risks", "")), "TABLE_EMPTY");
  EXPECT_EQ(reason(Read("risks", "\n1,2\n")), "TABLE_EMPTY");
  EXPECT_EQ(reason(Read("risks", "id,colour\n")), "COLUMN_UNKNOWN");
  EXPECT_EQ(reason(Read("risks", "id,,title\n")), "COLUMN_UNKNOWN");
  EXPECT_EQ(reason(Read("risks", "title,Title\n")), "COLUMN_REPEATED");
  EXPECT_EQ(reason(Read("risks", "review_date,due\n")), "COLUMN_REPEATED");
  EXPECT_EQ(reason(Read("risks", "attributes.none\n")), "COLUMN_UNKNOWN");
  EXPECT_TRUE(Read("risks", "id,Site of the works,score,labels.x,\n").ok());
  v1::TableColumn ignored;
  ignored.set_heading("Colour");
  const auto table = Read("risks", "id,Colour,title\n1,red,x\n", {}, {ignored});
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(table->columns[1].field(), "");
  EXPECT_EQ(Applied<v1::Risk>(table->rows[0]).title(), "x");
  EXPECT_EQ(reason(Read("risks", "id,title\n", {}, {ignored})), "COLUMN_UNKNOWN") << "no such heading";
}

TEST(TableReaderTest, AmountsThatCanBeReadTwoWaysAreRefusedUnlessOthersTell) {
  const auto alone = Read("budgetLines", "title;planned\nPump;1,250\n");
  ASSERT_TRUE(alone.ok());
  ASSERT_EQ(alone->rows[0].errors.size(), 1u);
  EXPECT_EQ(alone->rows[0].errors[0].reason(), "DECIMALS_AMBIGUOUS");
  const auto told = Read("budgetLines", "title;planned\nPump;1,250\nPipe;3,5\n");
  ASSERT_TRUE(told.ok());
  EXPECT_EQ(Applied<v1::BudgetLine>(told->rows[0]).planned(), "1.250");
  v1::TableDialect point;
  point.set_decimals(v1::TABLE_DECIMALS_POINT);
  const auto said = Read("budgetLines", "title;planned\nPump;1,250\n", point);
  ASSERT_TRUE(said.ok());
  EXPECT_EQ(Applied<v1::BudgetLine>(said->rows[0]).planned(), "1250");
}

TEST(TableReaderTest, AFractionOfOneIsReadInOneWay) {
  const auto table = Read("risks", "title,attributes.cost\nx,0.125\n");
  ASSERT_TRUE(table.ok()) << table.status();
  EXPECT_EQ(Applied<v1::Risk>(table->rows[0]).attributes().at("cost").number(), 0.125);
}

TEST(TableReaderTest, TimesAreReadAsSpreadsheetsWriteThem) {
  const auto table = Read("meetings", "title,start_time\nx,9:30\nx,09:30:00\nx,9:30:00\nx,+9:30\nx,09:30:15\n");
  ASSERT_TRUE(table.ok()) << table.status();
  for (std::size_t i = 0; i < 3; ++i) EXPECT_EQ(Applied<v1::Meeting>(table->rows[i]).start_time(), "09:30") << i;
  EXPECT_EQ(Applied<v1::Meeting>(table->rows[3]).start_time(), "+9:30");
  EXPECT_EQ(Applied<v1::Meeting>(table->rows[4]).start_time(), "09:30:15");
}

TEST(TableReaderTest, ListsAndNamesOfResourcesAreShort) {
  v1::Meeting meeting;
  meeting.set_name("projects/apollo/meetings/MTG-0002");
  meeting.add_attendees("ada");
  meeting.add_attendees("Bob; of Acme");
  meeting.set_previous_meeting("projects/apollo/meetings/MTG-0001");
  v1::MinutesItem& item = *meeting.add_minutes();
  item.set_kind(v1::MINUTES_KIND_DECISION);
  item.set_text("Buy \"two\" pumps");
  const TableSchema schema = Schema("meetings");
  const auto cell = [&](const char* name) {
    return WriteCell(schema, *schema.Find(name, "columns"), meeting, ExportDialect({}));
  };
  EXPECT_EQ(cell("attendees"), "ada; Bob\\; of Acme");
  EXPECT_EQ(cell("previous_meeting"), "MTG-0001");
  EXPECT_EQ(cell("minutes"), "[{\"kind\":\"MINUTES_KIND_DECISION\",\"text\":\"Buy \\\"two\\\" pumps\"}]");
  std::string bytes = "title,attendees,previous_meeting,minutes\n";
  AppendCsvRow({"x", cell("attendees"), cell("previous_meeting"), cell("minutes")}, ',', bytes);
  AppendCsvRow({"x", "", "", "[],\"title\":\"other\",\"minutes\":[{}]"}, ',', bytes);
  AppendCsvRow({"x", "", "", "minutes"}, ',', bytes);
  const auto table = Read("meetings", bytes);
  ASSERT_TRUE(table.ok()) << table.status();
  const v1::Meeting back = Applied<v1::Meeting>(table->rows[0]);
  EXPECT_EQ(back.attendees(1), "Bob; of Acme");
  EXPECT_EQ(back.previous_meeting(), meeting.previous_meeting());
  EXPECT_EQ(back.minutes(0).DebugString(), item.DebugString());
  for (const TableField& column : table->rows[1].values.columns->fields) {
    if (column.name != "title") continue;
    EXPECT_EQ(static_cast<const v1::Meeting&>(*table->rows[1].values.values).title(), "x");
  }
  EXPECT_EQ(table->rows[2].errors[0].reason(), "JSON_INVALID");

  v1::Deliverable deliverable;
  deliverable.add_documents("projects/apollo/documents/SPC-0001");
  deliverable.set_milestone("projects/apollo/milestones/MST-0001");
  const TableSchema deliverables = Schema("deliverables");
  EXPECT_EQ(WriteCell(deliverables, *deliverables.Find("documents", ""), deliverable, {}), "SPC-0001");
  EXPECT_EQ(WriteCell(deliverables, *deliverables.Find("milestone", ""), deliverable, {}), "MST-0001");
}

TEST(TableReaderTest, LabelsAreTakenOneByOneOrAllAtOnce) {
  const auto one = Read("risks", "title,labels.site,labels.phase\nx,Brest,\n");
  ASSERT_TRUE(one.ok());
  v1::Risk risk;
  (*risk.mutable_labels())["phase"] = "2";
  (*risk.mutable_labels())["other"] = "kept";
  ApplyValues(one->rows[0].values, risk);
  EXPECT_EQ(risk.labels().size(), 2u);
  EXPECT_EQ(risk.labels().at("site"), "Brest");
  const auto all = Read("risks", "title,labels\nx,a=1; b=2\ny,nonsense\n");
  ASSERT_TRUE(all.ok());
  ApplyValues(all->rows[0].values, risk);
  EXPECT_EQ(risk.labels().size(), 2u);
  EXPECT_EQ(risk.labels().at("b"), "2");
  EXPECT_EQ(all->rows[1].errors[0].reason(), "LABEL_INVALID");
}

TEST(TableReaderTest, EmptyCellsTakeNoMemory) {
  std::string bytes = "title";
  for (int i = 0; i < 60; ++i) bytes += ",labels.l" + std::to_string(i);
  std::string given = bytes + "\n";
  std::string empty = bytes + "\n";
  for (int i = 0; i < 1000; ++i) {
    given += "x";
    for (int n = 0; n < 60; ++n) given += ",1";
    empty += "x" + std::string(60, ',') + "\n";
    given += "\n";
  }
  const auto full = Read("risks", given);
  const auto sparse = Read("risks", empty);
  ASSERT_TRUE(full.ok() && sparse.ok());
  EXPECT_TRUE(sparse->rows[0].values.labels.empty());
  v1::Risk risk;
  (*risk.mutable_labels())["l7"] = "taken away all the same";
  ApplyValues(sparse->rows[0].values, risk);
  EXPECT_TRUE(risk.labels().empty());
  EXPECT_GT(TableMemory(*full), 60'000 * 100);
  EXPECT_LT(TableMemory(*sparse), 1000 * 2'000);
  EXPECT_GE(TableReadingMemory(empty), 61'000 * 32);
}

// What nobody reads is not kept.
TEST(TableReaderTest, FindingsAreBoundedARowAndATable) {
  v1::Project project;
  project.set_name("projects/apollo");
  std::string table = "title";
  std::string row = "\nx";
  for (int i = 0; i < 50; ++i) {
    v1::AttributeDefinition& definition = *project.add_attribute_definitions();
    definition.set_id("date" + std::to_string(i));
    definition.set_type(v1::ATTRIBUTE_TYPE_DATE);
    definition.add_collections("risks");
    table += ",attributes." + definition.id();
    row += ",x";
  }
  constexpr std::size_t kRows = 1500;
  for (std::size_t i = 0; i < kRows; ++i) table += row;
  const auto schema = TableSchema::Make(project, "risks", "parent");
  ASSERT_TRUE(schema.ok()) << schema.status();
  const auto read = ReadTableBytes(*schema, table, {}, {});
  ASSERT_TRUE(read.ok()) << read.status();
  ASSERT_EQ(read->rows.size(), kRows);
  std::size_t findings = 0;
  for (const ReadRow& told : read->rows) findings += told.errors.size();
  EXPECT_EQ(read->rows.front().errors.size(), kMaxRowFindings);
  EXPECT_EQ(read->rows.back().errors.size(), 1u) << "that it is wrong is told of each";
  EXPECT_EQ(findings, kMaxTableFindings + kRows);
}

}  // namespace
}  // namespace greffe
