#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/csv.h"
#include "storage/base/register_entry.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class TablesTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
  }

  static v1::ImportTableRequest Request(const std::string& collection, const std::string& bytes) {
    v1::ImportTableRequest request;
    request.set_parent("projects/apollo/" + collection);
    request.set_data(bytes);
    return request;
  }
  v1::ImportTableResponse Import(const std::string& collection, const std::string& bytes) {
    return Send({Request(collection, bytes)});
  }
  v1::ImportTableResponse Send(const std::vector<v1::ImportTableRequest>& messages) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    v1::ImportTableResponse response;
    const auto stream = tables_->ImportTable(&context, &response);
    for (const v1::ImportTableRequest& message : messages) {
      if (!stream->Write(message)) break;
    }
    stream->WritesDone();
    status_ = stream->Finish();
    return response;
  }

  static v1::ExportTableRequest ExportRequest(const std::string& collection,
                                              const std::vector<std::string>& columns = {}) {
    v1::ExportTableRequest request;
    request.set_parent("projects/apollo/" + collection);
    for (const std::string& column : columns) request.add_columns(column);
    return request;
  }
  std::string Export(const v1::ExportTableRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    const auto stream = tables_->ExportTable(&context, request);
    std::string bytes;
    rows_ = 0;
    v1::ExportTableResponse piece;
    while (stream->Read(&piece)) {
      bytes += piece.data();
      rows_ += piece.row_count();
    }
    status_ = stream->Finish();
    return bytes;
  }
  std::string Export(const std::string& collection, const std::vector<std::string>& columns = {}) {
    return Export(ExportRequest(collection, columns));
  }

  std::int64_t Sequence() {
    v1::GetProjectRequest get;
    get.set_name("projects/apollo");
    return Call(*projects_, &v1::Projects::Stub::GetProject, get).sequence();
  }
  v1::Risk Risk(const std::string& id) {
    v1::GetEntryRequest request;
    request.set_name("projects/apollo/risks/" + id);
    return Call(*registers_, &v1::Registers::Stub::GetEntry, request).risk();
  }
  void Define(const std::string& collection, const std::string& id, v1::AttributeType type) {
    v1::UpdateProjectRequest request;
    request.mutable_project()->set_name("projects/apollo");
    v1::AttributeDefinition& definition = *request.mutable_project()->add_attribute_definitions();
    definition.set_id(id);
    definition.set_type(type);
    definition.add_collections(collection);
    request.mutable_update_mask()->add_paths("attribute_definitions");
    Call(*projects_, &v1::Projects::Stub::UpdateProject, request);
  }

  // "3 title TEXT_INVALID" of each finding.
  static std::vector<std::string> Told(const v1::ImportTableResponse& response) {
    std::vector<std::string> told;
    for (const v1::TableRow& row : response.rows()) {
      for (const v1::RowFinding& finding : row.findings()) {
        told.push_back(std::to_string(row.row()) + " " + finding.column() + " " + finding.reason());
      }
    }
    return told;
  }
  using Strings = std::vector<std::string>;

  int rows_ = 0;
};

std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

TEST_F(TablesTest, ATableMakesEntriesInOneCommit) {
  const auto response = Import("risks",
                               "title;probability;impact;review date;state;outcome;owner\n"
                               "Pump is late;3;4;31/03/2026;;;ada\n"
                               "Rain;1;1;;CLOSED;It is summer;\n");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_TRUE(response.applied()) << response.DebugString();
  EXPECT_EQ(response.created_count(), 2);
  EXPECT_EQ(response.rows(0).id(), "RISK-0001");
  EXPECT_EQ(response.rows(1).row(), 3);
  EXPECT_EQ(response.dialect().delimiter(), v1::TABLE_DELIMITER_SEMICOLON);
  EXPECT_EQ(response.dialect().dates(), v1::TABLE_DATES_FRENCH);
  EXPECT_EQ(Sequence(), 2);
  EXPECT_EQ(response.sequence(), 2);
  EXPECT_EQ(Risk("RISK-0001").score(), 12);
  EXPECT_EQ(Risk("RISK-0001").owner(), "ada");
  EXPECT_EQ(Risk("RISK-0001").review_date(), "2026-03-31");
  EXPECT_EQ(Risk("RISK-0002").state(), v1::RISK_STATE_CLOSED);
  EXPECT_EQ(Risk("RISK-0002").outcome(), "It is summer");
  EXPECT_FALSE(Risk("RISK-0002").closed_date().empty());
}

TEST_F(TablesTest, AnEditedExportComesBackAsChangesAndNotAsCopies) {
  Import("risks", "id,title,probability\nR1,one,1\nR2,two,2\nR3,three,3\n");
  const std::string exported = Export("risks");
  EXPECT_EQ(rows_, 3);
  const auto same = Import("risks", exported);
  EXPECT_TRUE(same.applied()) << same.DebugString();
  EXPECT_EQ(same.unchanged_count(), 3);
  EXPECT_EQ(same.sequence(), 0);
  EXPECT_EQ(Sequence(), 2) << "nothing to write";
  const std::string edited = Replaced(exported, "two", "two and a half");
  const auto response = Import("risks", edited);
  EXPECT_TRUE(response.applied()) << response.DebugString();
  EXPECT_EQ(response.updated_count(), 1);
  EXPECT_EQ(response.unchanged_count(), 2);
  EXPECT_EQ(Risk("R2").title(), "two and a half");
  EXPECT_EQ(Risk("R2").probability(), 2);
  const auto again = Import("risks", edited);
  EXPECT_EQ(again.unchanged_count(), 3) << "what it says is there: an old etag does no harm";
}

TEST_F(TablesTest, AnEntryThatChangedMeanwhileIsAConflictAndNothingIsWritten) {
  Import("risks", "id,title\nR1,one\nR2,two\n");
  const std::string exported = Export("risks");
  Import("risks", "id,title\nR1,one of somebody else\n");
  const std::int64_t before = Sequence();
  const auto untouched = Import("risks", Replaced(exported, "two", "zwei"));
  EXPECT_TRUE(untouched.applied()) << "the row that is old was not edited: " << untouched.DebugString();
  EXPECT_EQ(Risk("R1").title(), "one of somebody else");
  EXPECT_EQ(Risk("R2").title(), "zwei");
  const auto response = Import("risks", Replaced(exported, "one", "eins"));
  EXPECT_FALSE(response.applied());
  EXPECT_EQ(response.conflict_count(), 1);
  EXPECT_EQ(Told(response), (Strings{"2 etag ETAG_MISMATCH"}));
  EXPECT_EQ(response.rows(0).id(), "R1");
  EXPECT_EQ(response.rows(0).outcome(), v1::ROW_OUTCOME_CONFLICT);
  EXPECT_EQ(Risk("R1").title(), "one of somebody else");
  EXPECT_EQ(Sequence(), before + 1);
}

TEST_F(TablesTest, WithoutAnEtagTheRowWinsAndTheAnswerSaysSo) {
  Import("risks", "id,title\nR1,one\n");
  const auto response = Import("risks", "id,title\nR1,uno\nR2,due\n");
  EXPECT_TRUE(response.applied());
  EXPECT_EQ(Told(response), (Strings{"2 etag ETAG_MISSING"}));
  EXPECT_EQ(response.updated_count(), 1);
  EXPECT_EQ(response.created_count(), 1);
}

TEST_F(TablesTest, EveryBadRowIsNamedAndNothingIsHalfDone) {
  Import("risks", "id,title,source\nR1,one,\nR2,two,\n");
  const std::int64_t before = Sequence();
  const auto response = Import("risks",
                               "id;title;probability;review_date;state;source;owner\n"
                               "R9;good;1;31/03/2026;;;\n"
                               "R1;;1;;;;\n"
                               "R2;two;9;;;;\n"
                               "R3;x;;31/02/2026;;;\n"
                               "R4;x;;;ASLEEP;;\n"
                               "R9;again;;;;;\n"
                               "bad id!;x;;;;;\n"
                               "R5;x;;;;documents/NONE-1;\n"
                               "R1;one;;;;meetings/MTG-0001;\n"
                               "R6;x;;;CLOSED;;\n"
                               "R7;x;;;;;a<b>\n");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_FALSE(response.applied());
  EXPECT_EQ(response.row_count(), 11);
  EXPECT_EQ(Told(response),
            (Strings{"3 title TEXT_INVALID", "4 probability FIELD_INVALID", "5 review_date DATE_INVALID",
                     "6 state ENUM_INVALID", "7 id ID_REPEATED", "8 id NAME_INVALID", "9 source DOCUMENT_NOT_FOUND",
                     "10 id ID_REPEATED", "11 comment FIELD_REQUIRED", "12 owner NAME_INVALID"}))
      << response.DebugString();
  EXPECT_EQ(response.created_count(), 1) << "would have been";
  EXPECT_EQ(Sequence(), before);
  EXPECT_EQ(Export("risks", {"id"}), "id\r\nR1\r\nR2\r\n");
  const auto immutable = Import("risks", "id,source\nR1,risks/R2\n");
  EXPECT_EQ(Told(immutable), (Strings{"2 source FIELD_IMMUTABLE"}));
}

TEST_F(TablesTest, WhatNoRowIsToBlameForIsAnErrorOfTheCall) {
  const auto reason = [this](const std::string& bytes) {
    Import("risks", bytes);
    return status_.ok() ? "OK" : Reason();
  };
  EXPECT_EQ(reason(""), "TABLE_EMPTY");
  EXPECT_EQ(reason("id,colour\n"), "COLUMN_UNKNOWN");
  EXPECT_EQ(reason("id,id\n"), "COLUMN_REPEATED");
  EXPECT_EQ(reason("id,title\n1,\"open\n"), "QUOTE_UNCLOSED");
  EXPECT_EQ(Metadata("row"), "2");
  EXPECT_EQ(reason(std::string("i\0d\0", 4)), "ENCODING_UNKNOWN");
  Import("novels", "id\n");
  EXPECT_EQ(Reason(), "COLLECTION_UNKNOWN");
  Export("novels");
  EXPECT_EQ(Reason(), "COLLECTION_UNKNOWN");
  Export("risks", {"colour"});
  EXPECT_EQ(Reason(), "COLUMN_UNKNOWN");
  EXPECT_EQ(Field(), "columns[0]");
  v1::ImportTableRequest nowhere = Request("risks", "title\nx\n");
  nowhere.set_parent("projects/none/risks");
  Send({nowhere});
  EXPECT_EQ(Reason(), "PROJECT_NOT_FOUND");
  Send({});
  EXPECT_EQ(Reason(), "FIELD_REQUIRED");
  v1::ImportTableRequest dialect = Request("risks", "title\nx\n");
  dialect.mutable_dialect()->set_dates(static_cast<v1::TableDates>(9));
  Send({dialect});
  EXPECT_EQ(Field(), "dialect.dates");
  EXPECT_EQ(Sequence(), 1);
}

TEST_F(TablesTest, AStreamThatBreaksOffIsNoTable) {
  v1::ImportTableRequest first = Request("risks", "title\none\n");
  v1::ImportTableRequest second;
  second.set_data("two\nthree\n");
  first.set_size(20);
  Send({first});
  EXPECT_EQ(Reason(), "STREAM_ENDED_EARLY");
  first.set_size(20);
  const auto response = Send({first, second});
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(response.created_count(), 3);
  // Without a size it might be half of one.
  first.clear_size();
  Send({first, second});
  EXPECT_EQ(Reason(), "STREAM_ENDED_EARLY");
  EXPECT_EQ(Field(), "size");
  EXPECT_EQ(Sequence(), 2);
}

TEST_F(TablesTest, ADryRunTellsAllAndWritesNothing) {
  Import("risks", "id,title\nR1,one\n");
  v1::ImportTableRequest request = Request("risks", "id,title\nR1,uno\n,due\n");
  request.set_dry_run(true);
  const auto response = Send({request});
  EXPECT_FALSE(response.applied());
  EXPECT_EQ(response.updated_count(), 1);
  EXPECT_EQ(response.created_count(), 1);
  EXPECT_EQ(response.rows_size(), 2);
  EXPECT_EQ(response.rows(1).id(), "");
  EXPECT_EQ(Sequence(), 2);
}

TEST_F(TablesTest, ARepeatedRequestIsDoneOnceAndToldAgain) {
  v1::ImportTableRequest request = Request("risks", "id,title\nR1,one\n,two\n");
  request.set_request_id("table-1");
  EXPECT_EQ(Send({request}).created_count(), 2);
  const auto again = Send({request});
  EXPECT_TRUE(again.replayed());
  EXPECT_TRUE(again.applied());
  EXPECT_EQ(again.created_count(), 2);
  EXPECT_EQ(again.sequence(), 2);
  EXPECT_EQ(Sequence(), 2);
  request.set_data("id,title\nR1,other\n");
  Send({request});
  EXPECT_EQ(Reason(), "REQUEST_ID_REUSED");
}

TEST_F(TablesTest, StatesChangeByAllowedTransitions) {
  Import("issues", "id,title\nI1,one\nI2,two\n");
  const auto wrong = Import("issues", "id,state\nI1,CLOSED\n");
  EXPECT_EQ(Told(wrong), (Strings{"2 state TRANSITION_NOT_ALLOWED"})) << wrong.DebugString();
  const auto right = Import("issues", "id,title,state\nI1,uno,resolved\nI2,due,Cancelled\n");
  EXPECT_EQ(Told(right), (Strings{"3 comment FIELD_REQUIRED"}));
  EXPECT_TRUE(Import("issues", "id,title,state,outcome\nI1,uno,resolved,\nI2,due,Cancelled,is none\n").applied());
  const auto reopened = Import("issues", "id,title,state\nI2,deux,open\n");
  EXPECT_TRUE(reopened.applied()) << "opened before it changes: " << reopened.DebugString();
  const auto carried = Import("issues", "id,title,state\nI3,from elsewhere,CLOSED\n");
  EXPECT_TRUE(carried.applied()) << "a new one goes all the way: " << carried.DebugString();
  EXPECT_EQ(Export("issues", {"id", "title", "state"}),
            "id,title,state\r\nI1,uno,RESOLVED\r\nI2,deux,OPEN\r\nI3,from elsewhere,CLOSED\r\n");
  const auto closed = Import("issues", "id,title\nI3,changed\n");
  EXPECT_EQ(Told(closed), (Strings{"2  ENTRY_CLOSED"}));
}

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
    bytes += piece.data();
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

TEST_F(TablesTest, DocumentsAreRegisteredAndDescribed) {
  CheckIn(NewAt("a.md", "one"));
  const auto response = Import("documents",
                               "number,title,type,path,owner,confidentiality,labels.site,alternate_numbers\n"
                               "SPC-0001,Pump,specification,pumps/a.md,ada,internal,Brest,X-1; X-2\n"
                               ",Minutes of May,minutes,,,,,\n");
  EXPECT_TRUE(response.applied()) << response.DebugString() << status_.error_message();
  EXPECT_EQ(response.rows(1).id(), "MIN-0001");
  EXPECT_EQ(Export("documents", {"id", "title", "type", "path", "alternate_numbers", "state"}),
            "id,title,type,path,alternate_numbers,state\r\nMIN-0001,Minutes of May,minutes,,,ACTIVE\r\n"
            "SPC-0001,Pump,specification,pumps/a.md,\"X-1; X-2\",ACTIVE\r\n");
  EXPECT_EQ(Fetch("projects/apollo/documents/SPC-0001").content().size(), 3u) << "contents stay";
  const std::string exported = Export("documents");
  EXPECT_EQ(Import("documents", exported).unchanged_count(), 2);
  EXPECT_TRUE(Import("documents", "id,state\nMIN-0001,withdrawn\n").applied());
  EXPECT_TRUE(Import("documents", "id,state,title\nMIN-0001,active,Minutes of June\n").applied());
  const auto wrong = Import("documents",
                            "id,title,type,path\nSPC-0009,x,novel,\n,y,minutes,pumps/a.md\nRISK-0001,z,minutes,\n"
                            "SPC-0001,x,specification,../b\n");
  EXPECT_EQ(Told(wrong), (Strings{"2 type DOCUMENT_TYPE_UNKNOWN", "3 path PATH_TAKEN", "4 id NUMBER_INVALID",
                                  "5 path PATH_INVALID"}))
      << wrong.DebugString();
}

TEST_F(TablesTest, DeliverablesMoveByTheirActs) {
  CheckIn(NewAt("a.md", "one"));
  const auto response = Import("deliverables",
                               "id;title;planned_date;documents;acceptance_criteria;state\n"
                               "D1;Specification;31/03/2026;SPC-0001;it is complete; it is signed;\n");
  EXPECT_EQ(response.rows(0).findings(0).reason(), "ENUM_INVALID") << "a list in a table of semicolons wants quotes";
  const auto made = Import("deliverables",
                           "id;title;planned_date;documents;acceptance_criteria;state\n"
                           "D1;Specification;31/03/2026;SPC-0001;\"it is complete; it is signed\";in progress\n");
  EXPECT_TRUE(made.applied()) << made.DebugString();
  const std::string exported = Export("deliverables");
  EXPECT_EQ(Import("deliverables", exported).unchanged_count(), 1);
  v1::ImportTableRequest slip = Request("deliverables", Replaced(exported, "2026-03-31", "2026-04-10"));
  slip.set_comment("the supplier is late");
  EXPECT_EQ(Send({slip}).updated_count(), 1);
  v1::GetDeliverableRequest get;
  get.set_name("projects/apollo/deliverables/D1");
  const auto deliverable = Call(*deliverables_, &v1::Deliverables::Stub::GetDeliverable, get);
  EXPECT_EQ(deliverable.slip_days(), 10);
  EXPECT_EQ(deliverable.slips(0).reason(), "the supplier is late");
  EXPECT_EQ(deliverable.state(), v1::DELIVERABLE_STATE_IN_PROGRESS);
  EXPECT_EQ(deliverable.acceptance_criteria_size(), 2);
  EXPECT_EQ(Told(Import("deliverables", "id,state\nD1,ACCEPTED\n")), (Strings{"2 state TRANSITION_NOT_ALLOWED"}));
}

TEST_F(TablesTest, EveryRegisterComesBackUnchangedAndIntoAnotherProject) {
  const std::vector<std::pair<std::string, std::string>> tables = {
      {"risks", "id,title,description,probability,response\nA,\"a, \"\"b\"\"\",\"two\nlines\",3,AVOID\n"},
      {"issues", "id,title,severity,due_date\nA,x,HIGH,2026-03-31\n"},
      {"actions", "id,title,due_date,state\nA,x,2026-03-31,DONE\n"},
      {"decisions", "id,title,state\nA,x,TAKEN\n"},
      {"changeRequests", "id,title,cost_impact,currency,schedule_impact_days\nA,x,-1250.5,EUR,-3\n"},
      {"lessons", "id,title,kind\nA,x,PROBLEM\n"},
      {"meetings",
       "id,title,attendees,meeting_date,start_time,minutes\nA,x,ada; bob,2026-03-31,14:30,"
       "\"[{\"\"kind\"\":\"\"MINUTES_KIND_INFORMATION\"\",\"\"text\"\":\"\"all is well\"\"}]\"\n"},
      {"checklists", "id,title,items\nA,x,\"[{\"\"text\"\":\"\"is it there?\"\",\"\"required\"\":true}]\"\n"},
      {"checklistRuns", "id,title,checklist\nA,x,A\n"},
      {"budgetLines", "id,title,currency,planned,actual,percent_complete\nA,x,EUR,1000,-250.50,40\n"}};
  MakeProject("hermes");
  for (const RecordKind& kind : RecordKinds()) {
    const auto of_kind = [&kind](const auto& table) { return table.first == kind.collection; };
    if (IsRegister(kind)) {
      ASSERT_TRUE(std::any_of(tables.begin(), tables.end(), of_kind)) << kind.collection;
    }
  }
  for (const auto& [collection, bytes] : tables) {
    const auto made = Import(collection, bytes);
    ASSERT_TRUE(made.applied()) << collection << status_.error_message() << made.DebugString();
    for (const bool french : {false, true}) {
      v1::ExportTableRequest request = ExportRequest(collection);
      if (french) {
        request.mutable_dialect()->set_encoding(v1::TABLE_ENCODING_WINDOWS_1252);
        request.mutable_dialect()->set_delimiter(v1::TABLE_DELIMITER_SEMICOLON);
        request.mutable_dialect()->set_dates(v1::TABLE_DATES_FRENCH);
        request.mutable_dialect()->set_decimals(v1::TABLE_DECIMALS_COMMA);
      }
      const std::string exported = Export(request);
      const auto back = Import(collection, exported);
      EXPECT_EQ(back.unchanged_count(), 1) << exported << status_.error_message() << back.DebugString();
    }
    v1::ImportTableRequest other = Request(collection, Export(collection));
    other.set_parent("projects/hermes/" + collection);
    const auto carried = Send({other});
    EXPECT_TRUE(carried.applied()) << collection << status_.error_message() << carried.DebugString();
    EXPECT_EQ(carried.created_count(), 1);
    EXPECT_EQ(carried.rows(0).findings(0).reason(), "ETAG_FOREIGN");
    v1::ExportTableRequest there = ExportRequest(collection, {"id", "title", "state"});
    const std::string here = Export(there);
    there.set_parent("projects/hermes/" + collection);
    EXPECT_EQ(Export(there), here);
  }
}

// A table of 50 columns, all wrong, has more to be said of than a message holds.
TEST_F(TablesTest, FindingsThatNoMessageHoldsAreCounted) {
  v1::UpdateProjectRequest update;
  update.mutable_project()->set_name("projects/apollo");
  std::string header = "title";
  std::string row = "x";
  for (int i = 0; i < 50; ++i) {
    v1::AttributeDefinition& definition = *update.mutable_project()->add_attribute_definitions();
    definition.set_id("date" + std::to_string(i));
    definition.set_type(v1::ATTRIBUTE_TYPE_DATE);
    definition.add_collections("risks");
    header += ",attributes." + definition.id();
    row += "," + std::string(150, 'x');
  }
  update.mutable_update_mask()->add_paths("attribute_definitions");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  std::string bytes = header + "\n";
  for (int i = 0; i < 1000; ++i) bytes += row + "\n";
  std::vector<v1::ImportTableRequest> messages;
  for (std::size_t at = 0; at < bytes.size(); at += 1 << 20) {
    messages.push_back(Request("risks", bytes.substr(at, 1 << 20)));
    messages.back().set_size(static_cast<std::int64_t>(bytes.size()));
    messages.back().set_dry_run(true);
    messages.back().set_max_rows(10'000);
  }
  const auto response = Send(messages);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(response.error_count(), 1000);
  EXPECT_GT(response.rows_size(), 100);
  EXPECT_GT(response.rows_left_out(), 0);
  EXPECT_EQ(response.rows_size() + response.rows_left_out(), 1000);
  EXPECT_EQ(response.rows(0).findings_size(), 20);
}

}  // namespace
}  // namespace greffe
