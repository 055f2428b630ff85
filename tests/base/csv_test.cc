#include "storage/base/csv.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"

namespace greffe {
namespace {

using Cells = std::vector<std::string>;

std::vector<Cells> Parsed(std::string_view bytes, char delimiter = ',') {
  const auto rows = ParseCsv(bytes, delimiter);
  EXPECT_TRUE(rows.ok()) << rows.status();
  std::vector<Cells> cells;
  if (!rows.ok()) return cells;
  for (const CsvRow& row : *rows) {
    EXPECT_FALSE(row.fault) << row.fault->finding;
    cells.push_back(row.cells);
  }
  return cells;
}

TEST(CsvTest, RowsEndWithAnyLineEnd) {
  const std::vector<Cells> expected = {{"a", "b"}, {"1", "2"}, {"3", ""}};
  EXPECT_EQ(Parsed("a,b\r\n1,2\r\n3,\r\n"), expected);
  EXPECT_EQ(Parsed("a,b\n1,2\n3,"), expected);
  EXPECT_EQ(Parsed("a,b\r1,2\r3,\r"), expected);
  EXPECT_TRUE(Parsed("").empty());
}

TEST(CsvTest, QuotedCellsHoldDelimitersQuotesAndLines) {
  EXPECT_EQ(Parsed("\"a;\"\"b\"\"\";\"two\r\nlines\";\n", ';'), (std::vector<Cells>{{"a;\"b\"", "two\nlines", ""}}));
  const auto rows = ParseCsv("h\n\"1\n2\"\nx\n", ',');
  ASSERT_TRUE(rows.ok());
  EXPECT_EQ((*rows)[2].row, 3) << "as a spreadsheet counts";
  EXPECT_EQ((*rows)[2].line, 4) << "as an editor does";
}

TEST(CsvTest, WhatIsWrittenReadsBackTheSame) {
  const Cells cells = {"", "a", "a,b", "a;b", "\"", "two\nlines", " spaces ", "é"};
  for (const char delimiter : {',', ';', '\t'}) {
    std::string out;
    AppendCsvRow(cells, delimiter, out);
    EXPECT_EQ(Parsed(out, delimiter), std::vector<Cells>{cells});
  }
}

TEST(CsvTest, MisplacedQuotesAreNamedAndTheRowsAfterThemAreRead) {
  const auto rows = ParseCsv("a,b\n1,x\"y\n\"2\"3,4\n5,6\n", ',');
  ASSERT_TRUE(rows.ok());
  ASSERT_EQ(rows->size(), 4u);
  ASSERT_TRUE((*rows)[1].fault);
  EXPECT_EQ((*rows)[1].fault->column, 1);
  EXPECT_EQ((*rows)[1].fault->reason, "QUOTE_MISPLACED");
  ASSERT_TRUE((*rows)[2].fault);
  EXPECT_EQ((*rows)[2].fault->column, 0);
  EXPECT_EQ((*rows)[3].cells, (Cells{"5", "6"}));
}

TEST(CsvTest, AQuoteThatIsNeverClosedIsNamedWithItsRow) {
  const auto rows = ParseCsv("a,b\n1,\"2\n3,4\n", ',');
  EXPECT_EQ(ReasonOf(rows.status()), "QUOTE_UNCLOSED");
  EXPECT_EQ(ErrorMetadataOf(rows.status(), "row"), "2");
}

TEST(CsvTest, LimitsBoundRowsColumnsAndCells) {
  EXPECT_EQ(ReasonOf(ParseCsv("a\n1\n2\n", ',', {2, 10, 100}).status()), "TABLE_TOO_LARGE");
  EXPECT_EQ(ReasonOf(ParseCsv("a,b,c\n", ',', {10, 2, 100}).status()), "TABLE_TOO_LARGE");
  EXPECT_EQ(ReasonOf(ParseCsv("a,b\n1,2\n", ',', {10, 10, 3}).status()), "TABLE_TOO_LARGE");
}

TEST(CsvTest, TheFirstRowTellsTheDelimiter) {
  const auto detect = [](std::string_view bytes) { return DetectDelimiter(bytes); };
  EXPECT_EQ(detect("a,b\n1;2;3"), ',');
  EXPECT_EQ(detect("a;b;\"c,d,e,f\"\n"), ';');
  EXPECT_EQ(detect("a\tb\n"), '\t');
  EXPECT_EQ(detect("alone\n"), ',');
  std::string_view said = "sep=;\r\na,b;c\n";
  EXPECT_EQ(DetectDelimiter(said), ';');
  EXPECT_EQ(said, "a,b;c\n");
}

TEST(CsvTest, WhatASpreadsheetWouldTakeForAFormulaIsGuardedAndComesBack) {
  for (const char* text : {"=1+1", "+33 2 98", "-x", "@SUM(A1)", "\t=1", "'=1", "''", "plain", "'tis", ""}) {
    const std::string guarded = GuardFormula(text);
    EXPECT_TRUE(guarded.empty() || std::string("=+-@\t\r").find(guarded[0]) == std::string::npos) << text;
    EXPECT_EQ(WithoutGuard(guarded), text);
  }
  EXPECT_EQ(GuardFormula("'tis"), "'tis");
  EXPECT_EQ(GuardFormula("=1"), "'=1");
}

}  // namespace
}  // namespace greffe
