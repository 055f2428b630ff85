#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

#include "tests/services/tables_fixture.h"

namespace greffe {
namespace {

TEST_F(TablesTest, LabelsAndAttributesHaveColumns) {
  Define("risks", "cost", v1::ATTRIBUTE_TYPE_NUMBER);
  Import("risks", "id;title;labels.site;attributes.cost\nR1;one;Brest;1 250,50\n");
  EXPECT_EQ(Risk("R1").attributes().at("cost").number(), 1250.5);
  Import("risks", "id,labels.phase,attributes.cost\nR1,2,\n");
  EXPECT_EQ(Risk("R1").labels().size(), 2u);
  EXPECT_TRUE(Risk("R1").attributes().empty());
  EXPECT_EQ(Export("risks", {"id", "labels", "labels.site"}),
            "id,labels,labels.site\r\nR1,\"phase=2; site=Brest\",Brest\r\n");
  const auto wrong = Import("risks", "id,labels.Site\nR1,x\n");
  EXPECT_EQ(Told(wrong), (Strings{"2 labels.Site FIELD_INVALID"}));
  Import("risks", "id,attributes.none\nR1,x\n");
  EXPECT_EQ(Reason(), "COLUMN_UNKNOWN");
}

TEST_F(TablesTest, ExportsAreOfAMomentAndOfAFilter) {
  Import("risks", "id,title,probability\nR1,one,1\nR2,=two,2\n");
  Import("risks", "id,title\nR1,uno\n");
  v1::ExportTableRequest request = ExportRequest("risks", {"id", "title", "score", "update_time"});
  request.mutable_columns()->RemoveLast();
  EXPECT_EQ(Export(request), "id,title,score\r\nR1,uno,\r\nR2,'=two,\r\n");
  request.mutable_as_of()->set_sequence(2);
  request.set_filter("title = \"one\"");
  EXPECT_EQ(Export(request), "id,title,score\r\nR1,one,\r\n");
  request.set_filter("nonsense == 3");
  Export(request);
  EXPECT_EQ(Reason(), "FILTER_INVALID");
}

TEST_F(TablesTest, AColumnIsExportedOnce) {
  Import("risks", "id,title\nR1,one\n");
  Export("risks", {"id", "title", "id"});
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(), "COLUMN_REPEATED");
  EXPECT_EQ(Field(), "columns[2]");
  EXPECT_EQ(Metadata("column"), "id");
}

// Rows are made text as they are sent, not a page of records at a time.
TEST_F(TablesTest, LargeRowsComeWholeAndAFewAtATime) {
  constexpr int kRows = 150;
  for (int i = 0; i < kRows; ++i) {
    v1::CreateEntryRequest request;
    request.set_parent("projects/apollo");
    request.mutable_entry()->mutable_risk()->set_title("Risk " + std::to_string(i));
    std::string& description = *request.mutable_entry()->mutable_risk()->mutable_description();
    while (description.size() < 30'000) description += "\u20ac";
    Call(*registers_, &v1::Registers::Stub::CreateEntry, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  grpc::ClientContext context;
  const auto stream = tables_->ExportTable(&context, ExportRequest("risks", {"title", "description"}));
  std::string bytes;
  int rows = 0;
  v1::ExportTableResponse piece;
  while (stream->Read(&piece)) {
    EXPECT_LE(piece.row_count(), (1 << 20) / 30'000 + 1);
    rows += piece.row_count();
    const std::size_t begin = bytes.size();
    bytes += piece.data();
    int begun = 0;
    for (std::size_t at = std::max<std::size_t>(begin, 1); at < bytes.size(); ++at) begun += bytes[at - 1] == '\n';
    EXPECT_EQ(piece.row_count(), begun) << "rows that begin in the piece";
  }
  ASSERT_TRUE(stream->Finish().ok());
  EXPECT_EQ(rows, kRows);
  for (int i = 0; i < kRows; ++i) {
    EXPECT_NE(bytes.find("\nRisk " + std::to_string(i) + ","), std::string::npos) << i;
  }
  EXPECT_EQ(static_cast<int>(std::count(bytes.begin(), bytes.end(), '\n')), kRows + 1);
}

TEST_F(TablesTest, WhatWindows1252HasNotIsNamedWithRowAndColumn) {
  Import("risks", "id,title\nR1,déjà vu €\nR2,Ω\n");
  v1::ExportTableRequest request = ExportRequest("risks", {"id", "title"});
  request.mutable_dialect()->set_encoding(v1::TABLE_ENCODING_WINDOWS_1252);
  Export(request);
  EXPECT_EQ(Reason(), "CHARACTER_NOT_IN_ENCODING");
  EXPECT_EQ(Metadata("row"), "3");
  EXPECT_EQ(Metadata("column"), "title");
  request.set_filter("id = R1");
  request.mutable_dialect()->set_delimiter(v1::TABLE_DELIMITER_SEMICOLON);
  const std::string bytes = Export(request);
  EXPECT_EQ(bytes, "id;title\r\nR1;d\xe9j\xe0 vu \x80\r\n");
  EXPECT_EQ(Import("risks", bytes).unchanged_count(), 1);
}

}  // namespace
}  // namespace greffe
