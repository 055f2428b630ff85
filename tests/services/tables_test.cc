#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/register_entry.h"
#include "tests/services/tables_fixture.h"

namespace greffe {
namespace {

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

TEST_F(TablesTest, AnIdWhoseZerosASpreadsheetCutMakesNothingNew) {
  Import("risks", "id,title\n001,one\n002,two\n");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const std::string exported = Export("risks");
  const std::string cut = Replaced(Replaced(exported, "001,", "1,"), "two", "zwei");
  const auto response = Import("risks", cut);
  EXPECT_FALSE(response.applied());
  EXPECT_EQ(Told(response), (Strings{"2 id ID_CHANGED"})) << response.DebugString();
  EXPECT_EQ(Import("risks", "id,title\n1,another\n").created_count(), 1) << "without an etag it is one";
  MakeProject("hermes");
  v1::ImportTableRequest other = Request("risks", cut);
  other.set_parent("projects/hermes/risks");
  EXPECT_EQ(Send({other}).created_count(), 2);
}

TEST_F(TablesTest, DigitsThatASpreadsheetCutAreNotLost) {
  Define("documents", "order", v1::ATTRIBUTE_TYPE_TEXT);
  Import("documents",
         "id,title,type,alternate_numbers,labels.po,attributes.order\nREC-0007,x,record,0004711,450001234567,0815\n");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const std::string exported =
      Export("documents", {"id", "etag", "alternate_numbers", "labels.po", "attributes.order"});
  const auto told = [&](const std::string& from, const std::string& to) {
    return Told(Import("documents", Replaced(exported, from, to)));
  };
  EXPECT_EQ(told("0004711", "4711"), (Strings{"2 alternate_numbers DIGITS_LOST"}));
  EXPECT_EQ(told("450001234567", "4.50001E+11"), (Strings{"2 labels.po DIGITS_LOST"}));
  EXPECT_EQ(told("0815", "815"), (Strings{"2 attributes.order DIGITS_LOST"}));
  EXPECT_EQ(told("0004711", "4712"), Strings());
  EXPECT_TRUE(Import("documents", "id,alternate_numbers,labels.po\nREC-0007,4712,4\n").applied());
}

// A table has no carriage returns inside its cells.
TEST_F(TablesTest, TextsWithCarriageReturnsComeBackUnchanged) {
  Define("actions", "site", v1::ATTRIBUTE_TYPE_TEXT);
  v1::CreateEntryRequest create;
  create.set_parent(kProject);
  create.set_entry_id("A1");
  v1::Action& action = *create.mutable_entry()->mutable_action();
  action.set_title("one");
  action.set_description("a\r\nb");
  (*action.mutable_attributes())["site"].set_text("x\r\ny");
  Call(*registers_, &v1::Registers::Stub::CreateEntry, create);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Import("actions", Export("actions")).unchanged_count(), 1);
  v1::TransitionEntryRequest done;
  done.set_name("projects/apollo/actions/A1");
  done.set_state("DONE");
  done.set_comment("done\r\nindeed");
  Call(*registers_, &v1::Registers::Stub::TransitionEntry, done);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const std::string exported = Export("actions");
  const auto untouched = Import("actions", exported + "A2,,two\n");
  EXPECT_TRUE(untouched.applied()) << untouched.DebugString();
  EXPECT_EQ(untouched.unchanged_count(), 1);
  EXPECT_EQ(Told(Import("actions", Replaced(exported, "indeed", "in deed"))),
            (Strings{"2 outcome COMMENT_WITHOUT_STATE"}));

  v1::CreateDeliverableRequest deliverable;
  deliverable.set_parent(kProject);
  deliverable.set_deliverable_id("D1");
  deliverable.mutable_deliverable()->set_title("one");
  deliverable.mutable_deliverable()->add_acceptance_criteria("complete\r\nin all parts");
  deliverable.mutable_deliverable()->add_acceptance_criteria("signed");
  Call(*deliverables_, &v1::Deliverables::Stub::CreateDeliverable, deliverable);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Import("deliverables", Export("deliverables")).unchanged_count(), 1);
}

TEST_F(TablesTest, AmountsThatASpreadsheetWritesShorterStayAsTheyAre) {
  Import("changeRequests",
         "id,title,cost_impact,currency,state\nC1,x,1250.50,EUR,APPROVED\nC2,y,100.00,EUR,\nC3,z,-0.50,EUR,\n");
  Import("changeRequests", "id,state\nC1,IMPLEMENTED\n");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const std::string exported = Export("changeRequests");
  const std::string shorter =
      Replaced(Replaced(Replaced(exported, "1250.50", "1250.5"), "100.00", "100"), "-0.50", "-0.5");
  const auto untouched = Import("changeRequests", shorter);
  EXPECT_TRUE(untouched.applied()) << untouched.DebugString();
  EXPECT_EQ(untouched.unchanged_count(), 3);
  EXPECT_EQ(Export("changeRequests"), exported);
  EXPECT_EQ(Told(Import("changeRequests", Replaced(exported, "1250.50", "1250.55"))), (Strings{"2  ENTRY_CLOSED"}));
  EXPECT_EQ(Import("changeRequests", Replaced(shorter, "100,", "1000,")).updated_count(), 1);
}

TEST_F(TablesTest, ValuesFromBeforeADefinitionChangedComeBackUnchanged) {
  const auto define = [this](v1::AttributeType site, v1::AttributeType count) {
    v1::UpdateProjectRequest request;
    request.mutable_project()->set_name("projects/apollo");
    for (const auto& [id, type] : {std::pair("site", site), std::pair("n", count)}) {
      v1::AttributeDefinition& definition = *request.mutable_project()->add_attribute_definitions();
      definition.set_id(id);
      definition.set_type(type);
      definition.add_collections("issues");
    }
    request.mutable_update_mask()->add_paths("attribute_definitions");
    Call(*projects_, &v1::Projects::Stub::UpdateProject, request);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
  };
  define(v1::ATTRIBUTE_TYPE_TEXT, v1::ATTRIBUTE_TYPE_INTEGER);
  Import("issues",
         "id,title,state,attributes.site,attributes.n\nI1,one,CLOSED,=1+1,7\nI2,two,,1.50,8\nI3,three,,-5,\n");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  define(v1::ATTRIBUTE_TYPE_NUMBER, v1::ATTRIBUTE_TYPE_NUMBER);
  EXPECT_EQ(Export("issues", {"id", "attributes.site", "attributes.n"}),
            "id,attributes.site,attributes.n\r\nI1,'=1+1,7\r\nI2,1.50,8\r\nI3,-5,\r\n");
  const std::string exported = Export("issues");
  const auto untouched = Import("issues", exported);
  EXPECT_TRUE(untouched.applied()) << untouched.DebugString();
  EXPECT_EQ(untouched.unchanged_count(), 3);
  EXPECT_EQ(Import("issues", Replaced(exported, "two", "zwei")).updated_count(), 1);
  v1::GetEntryRequest get;
  get.set_name("projects/apollo/issues/I2");
  const v1::Issue issue = Call(*registers_, &v1::Registers::Stub::GetEntry, get).issue();
  EXPECT_EQ(issue.attributes().at("site").text(), "1.50");
  EXPECT_EQ(issue.attributes().at("n").integer(), 8);
  EXPECT_EQ(Told(Import("issues", Replaced(exported, "'=1+1", "west"))), (Strings{"2 attributes.site NUMBER_INVALID"}));
  EXPECT_EQ(Told(Import("issues", "id,title,attributes.site\n,new,west\nI9,new,west\n")),
            (Strings{"2 attributes.site NUMBER_INVALID", "3 attributes.site NUMBER_INVALID"}));
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
      v1::ImportTableRequest import = Request(collection, exported);
      import.mutable_dialect()->set_dates(request.dialect().dates());  // until the 12th of a month it does not show
      const auto back = Send({import});
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

}  // namespace
}  // namespace greffe
