#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/services/tables_fixture.h"

namespace greffe {
namespace {

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

TEST_F(TablesTest, ARowWithoutAnIdTakesNoneThatAnotherRowGave) {
  const auto risks = Import("risks", "id,title\nRISK-0001,first\nRISK-0002,second\n,third\n");
  EXPECT_TRUE(risks.applied()) << risks.DebugString();
  EXPECT_EQ(risks.created_count(), 3);
  EXPECT_EQ(risks.rows(2).id(), "RISK-0003");
  EXPECT_EQ(Export("risks", {"id", "title"}), "id,title\r\nRISK-0001,first\r\nRISK-0002,second\r\nRISK-0003,third\r\n");
  const auto deliverables = Import("deliverables", "id,title\nDLV-0001,first\n,second\n");
  EXPECT_TRUE(deliverables.applied()) << deliverables.DebugString();
  EXPECT_EQ(Export("deliverables", {"id", "title"}), "id,title\r\nDLV-0001,first\r\nDLV-0002,second\r\n");
}

TEST_F(TablesTest, ARowDoesNotChangeWhatAnotherRowMade) {
  const auto risks = Import("risks", "id,title\n,blank row\nRISK-0001,explicit row\n");
  EXPECT_FALSE(risks.applied());
  EXPECT_EQ(Told(risks), (Strings{"3 id ID_TAKEN"})) << risks.DebugString();
  EXPECT_EQ(risks.rows(0).outcome(), v1::ROW_OUTCOME_ERROR);
  const auto documents = Import("documents", "id,title,type\n,blank row,record\nREC-0001,explicit row,record\n");
  EXPECT_FALSE(documents.applied());
  EXPECT_EQ(Told(documents), (Strings{"3 id ID_TAKEN"})) << documents.DebugString();
  EXPECT_EQ(Sequence(), 1);
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
  v1::ImportTableRequest unchanged = Request("risks", "id,title\nR1,one\n");
  unchanged.set_request_id("table-2");
  EXPECT_EQ(Send({unchanged}).unchanged_count(), 1);
  Import("risks", "id,title\nR1,other\n");
  const auto unchanged_again = Send({unchanged});
  EXPECT_TRUE(unchanged_again.replayed()) << status_.error_message();
  EXPECT_EQ(unchanged_again.unchanged_count(), 1);
  EXPECT_EQ(Risk("R1").title(), "other");
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

TEST_F(TablesTest, ACommentIsHeldToTheLimitsOfACall) {
  Import("actions", "id,title\nA1,one\n");
  Import("deliverables", "id,title\nD1,one\n");
  const std::string actions = "id,title,state,outcome\nA1,one,DONE,";
  for (const std::string& comment : {std::string(2'001, 'x'), std::string("red\x1b[31m")}) {
    const auto wrong = Import("actions", actions + comment + "\nA2,two,DONE," + comment + "\n");
    EXPECT_EQ(Told(wrong), (Strings{"2 outcome TEXT_INVALID", "3 outcome TEXT_INVALID"})) << wrong.DebugString();
    const auto archived = Import("deliverables", "id,title,state,closing_comment\nD1,one,ARCHIVED," + comment + "\n");
    EXPECT_EQ(Told(archived), (Strings{"2 closing_comment TEXT_INVALID"})) << archived.DebugString();
  }
  const std::string most(2'000, 'x');
  EXPECT_TRUE(Import("actions", actions + most + "\nA2,two,DONE," + most + "\n").applied()) << status_.error_message();
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

TEST_F(TablesTest, ADocumentThatChangedMeanwhileIsNoConflictUnlessItsRowWasEdited) {
  Import("documents", "id,type,title\nREC-0001,record,one\nREC-0003,record,three\n");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const std::string exported = Export("documents");
  Import("documents", "id,title\nREC-0003,bob's\n");
  Import("documents", "id,title\nREC-0003,bob's again\n");
  const auto untouched = Import("documents", Replaced(exported, "one", "eins"));
  EXPECT_TRUE(untouched.applied()) << untouched.DebugString();
  EXPECT_EQ(untouched.updated_count(), 1);
  const auto edited = Import("documents", Replaced(exported, "three", "drei"));
  EXPECT_FALSE(edited.applied());
  EXPECT_EQ(edited.conflict_count(), 1) << edited.DebugString();
}

TEST_F(TablesTest, ACommentOnARowThatIsOldIsNotLost) {
  Import("risks", "id,title\nR1,one\n");
  v1::Risk risk = Risk("R1");
  Import("risks", "id,title\nR1,of somebody else\n");
  const auto response = Import("risks", "id,etag,title,outcome\nR1," + risk.etag() + ",one,I said so\n");
  EXPECT_FALSE(response.applied());
  EXPECT_EQ(response.conflict_count(), 1) << response.DebugString();
}

TEST_F(TablesTest, ARepeatedRequestIsAnsweredAlsoWhenAColumnIsGone) {
  Define("risks", "site", v1::ATTRIBUTE_TYPE_TEXT);
  v1::ImportTableRequest request = Request("risks", "id,title,attributes.site\nR1,one,here\n");
  request.set_request_id("table-1");
  EXPECT_EQ(Send({request}).created_count(), 1) << status_.error_message();
  v1::UpdateProjectRequest update;
  update.mutable_project()->set_name("projects/apollo");
  update.mutable_update_mask()->add_paths("attribute_definitions");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const auto again = Send({request});
  EXPECT_TRUE(again.replayed()) << status_.error_message();
  EXPECT_EQ(again.created_count(), 1);
  request.set_request_id("table-2");
  Send({request});
  EXPECT_EQ(Reason(), "COLUMN_UNKNOWN");
}

// Spreadsheets leave out what is empty at the end of rows.
TEST_F(TablesTest, ARowWithoutItsLastCellsLeavesThemAsTheyAre) {
  Import("risks", "id,title,owner,labels.site,labels\nR1,one,ada,,a=1\n");
  Import("risks", "id,title,owner,labels.site\nR1,one,ada,Brest\n");
  const auto response = Import("risks", "id,title,owner,labels.site\nR1,uno\nR2,due\n");
  EXPECT_TRUE(response.applied()) << status_.error_message() << response.DebugString();
  EXPECT_EQ(response.updated_count(), 1);
  EXPECT_EQ(Risk("R1").title(), "uno");
  EXPECT_EQ(Risk("R1").owner(), "ada");
  EXPECT_EQ(Risk("R1").labels().at("site"), "Brest");
  EXPECT_TRUE(Import("risks", "id,title,labels\nR1,eins\n").applied());
  EXPECT_EQ(Risk("R1").labels().size(), 2u);
  EXPECT_EQ(Told(Import("risks", "id,owner,title\nR3,ada\n")), (Strings{"2 title TEXT_INVALID"}));
  EXPECT_EQ(Told(Import("risks", "id,title,etag\nR1,one\n")), (Strings{"2  CELL_COUNT"}));
  EXPECT_EQ(Told(Import("risks", "title,id\none\n")), (Strings{"2  CELL_COUNT"}));
}

TEST_F(TablesTest, WhatIsWrongIsNamedAsInTheTable) {
  const auto response = Import("meetings", "id,title,start_time\nM1,x,half past two\n");
  ASSERT_EQ(Told(response), (Strings{"2 start_time FIELD_INVALID"}));
  EXPECT_EQ(response.rows(0).findings(0).message().find("start_time: "), 0u) << response.DebugString();
}

TEST_F(TablesTest, ADeliverableGoesToAnotherMilestoneTogetherWithItsPlan) {
  for (const auto& [id, date] : {std::pair("MST-0001", "2026-06-30"), std::pair("MST-0002", "2026-03-31")}) {
    v1::CreateMilestoneRequest request;
    request.set_parent(kProject);
    request.set_milestone_id(id);
    request.mutable_milestone()->set_title(id);
    request.mutable_milestone()->set_planned_date(date);
    Call(*milestones_, &v1::Milestones::Stub::CreateMilestone, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  const auto import = [this](const std::string& row) {
    const auto response = Import("deliverables", "id,title,milestone,planned_date\n" + row + "\n");
    EXPECT_TRUE(response.applied()) << response.DebugString();
    return Export("deliverables", {"id", "milestone", "planned_date"});
  };
  const std::string head = "id,milestone,planned_date\r\n";
  EXPECT_EQ(import("DLV-0001,Report,MST-0001,2026-05-15"), head + "DLV-0001,MST-0001,2026-05-15\r\n");
  EXPECT_EQ(import("DLV-0001,Report,MST-0002,2026-03-15"), head + "DLV-0001,MST-0002,2026-03-15\r\n");
  EXPECT_EQ(import("DLV-0001,Report,MST-0001,2026-05-15"), head + "DLV-0001,MST-0001,2026-05-15\r\n");
  const auto refused = Import("deliverables", "id,milestone,planned_date\nDLV-0001,MST-0002,2026-04-15\n");
  EXPECT_EQ(Told(refused).size(), 1U) << "it is behind that milestone: " << refused.DebugString();
}

}  // namespace
}  // namespace greffe
