#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "google/protobuf/util/json_util.h"
#include "storage/base/record_kinds.h"
#include "storage/base/register_entry.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class RegistersTest : public ServiceFixture {
 protected:
  using Stub = v1::Registers::Stub;

  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    CheckIn(NewAt("a.md", "one"));
  }

  // An entry as JSON says it: `{"risk": {"title": "..."}}`.
  v1::Entry Make(const std::string& json, const std::string& id = "") {
    v1::CreateEntryRequest request;
    request.set_parent(kProject);
    request.set_entry_id(id);
    const auto parsed = google::protobuf::util::JsonStringToMessage(json, request.mutable_entry());
    EXPECT_TRUE(parsed.ok()) << parsed.message() << " in " << json;
    return Call(*registers_, &Stub::CreateEntry, request);
  }
  v1::Entry Update(const std::string& json, const std::vector<std::string>& paths) {
    v1::UpdateEntryRequest request;
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, request.mutable_entry()).ok()) << json;
    for (const std::string& path : paths) request.mutable_update_mask()->add_paths(path);
    return Call(*registers_, &Stub::UpdateEntry, request);
  }
  v1::Entry Move(const std::string& id, const std::string& state, const std::string& comment = "because") {
    v1::TransitionEntryRequest request;
    request.set_name(Name(id));
    request.set_state(state);
    request.set_comment(comment);
    return Call(*registers_, &Stub::TransitionEntry, request);
  }
  v1::Entry Get(const std::string& id, std::int64_t sequence = 0) {
    v1::GetEntryRequest request;
    request.set_name(Name(id));
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    return Call(*registers_, &Stub::GetEntry, request);
  }
  v1::ListEntriesRequest ListRequest(const std::string& collection, const std::string& filter = "") {
    v1::ListEntriesRequest request;
    request.set_parent(std::string(kProject) + "/" + collection);
    request.set_filter(filter);
    return request;
  }
  int Count(const v1::ListEntriesRequest& request) {
    return Call(*registers_, &Stub::ListEntries, request).entries_size();
  }
  int Count(const std::string& collection, const std::string& filter) { return Count(ListRequest(collection, filter)); }
  static std::string Name(const std::string& id) { return std::string(kProject) + "/" + id; }

  void DefineAttribute(const std::string& id, v1::AttributeType type, const std::string& collection, bool required) {
    v1::UpdateProjectRequest request;
    request.mutable_project()->set_name(kProject);
    v1::AttributeDefinition& definition = *request.mutable_project()->add_attribute_definitions();
    definition.set_id(id);
    definition.set_type(type);
    definition.set_required(required);
    if (!collection.empty()) definition.add_collections(collection);
    request.mutable_update_mask()->add_paths("attribute_definitions");
    Call(*projects_, &v1::Projects::Stub::UpdateProject, request);
  }
};

TEST_F(RegistersTest, AHundredThousandItemsOrAnswersAreRefused) {
  v1::CreateEntryRequest request;
  request.set_parent(kProject);
  v1::Checklist& checklist = *request.mutable_entry()->mutable_checklist();
  checklist.set_title("Ready?");
  for (int i = 1; i <= 50'000; ++i) checklist.add_items()->set_id(std::to_string(i));
  for (int i = 1; i <= 50'000; ++i) checklist.add_items();
  Call(*registers_, &Stub::CreateEntry, request);
  EXPECT_EQ(Field(), "entry.checklist.items");
  checklist.clear_items();
  for (int i = 0; i < 500; ++i) checklist.add_items()->set_text("Signed");
  Call(*registers_, &Stub::CreateEntry, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::ChecklistRun& run = *request.mutable_entry()->mutable_checklist_run();
  run.set_checklist("projects/apollo/checklists/CKL-0001");
  for (int i = 0; i < 100'000; ++i) run.add_answers()->set_id("500");
  Call(*registers_, &Stub::CreateEntry, request);
  EXPECT_EQ(Field(), "entry.checklist_run.answers");
}

TEST_F(RegistersTest, EveryRegisterIsKeptAndListed) {
  const std::pair<const char*, const char*> entries[] = {
      {"risks", R"({"risk": {"title": "The supplier is late", "probability": 4, "impact": 3}})"},
      {"issues", R"({"issue": {"title": "The supplier is late", "severity": "SEVERITY_HIGH"}})"},
      {"actions", R"({"action": {"title": "Call the supplier"}})"},
      {"decisions", R"({"decision": {"title": "Change the supplier"}})"},
      {"changeRequests", R"({"changeRequest": {"title": "Two pumps", "costImpact": "-12.5", "currency": "EUR"}})"},
      {"lessons", R"({"lesson": {"title": "Ask two suppliers", "kind": "LESSON_KIND_PROBLEM"}})"},
      {"meetings", R"({"meeting": {"title": "Steering", "startTime": "09:00", "endTime": "10:30"}})"},
      {"checklists", R"({"checklist": {"title": "Ready?", "items": [{"text": "Signed", "required": true}]}})"},
      {"checklistRuns", R"({"checklistRun": {"checklist": "projects/apollo/checklists/CKL-0001"}})"},
      {"budgetLines",
       R"({"budgetLine": {"title": "Pumps", "currency": "EUR", "planned": "1000", "forecast": "1100.5"}})"},
  };
  std::set<std::string> registers;
  for (const auto& [collection, json] : entries) {
    Make(json);
    ASSERT_TRUE(status_.ok()) << collection << ": " << status_.error_message();
    const v1::ListEntriesResponse listed = Call(*registers_, &Stub::ListEntries, ListRequest(collection));
    ASSERT_EQ(listed.entries_size(), 1) << collection;
    const google::protobuf::Message& entry = **EntryIn(listed.entries(0), "");
    EXPECT_EQ(KindOf(*entry.GetDescriptor()).collection, collection);
    const std::string id = NameOf(entry).substr(NameOf(entry).rfind('/') + 1);
    EXPECT_TRUE(id.ends_with("-0001")) << id;
    registers.insert(collection);
  }
  for (const RecordKind& kind : RecordKinds()) {
    EXPECT_EQ(registers.contains(kind.collection), IsRegister(kind)) << kind.collection;
  }
  EXPECT_EQ(Get("risks/RISK-0001").risk().score(), 12);
  EXPECT_EQ(Get("budgetLines/BGL-0001").budget_line().variance(), "100.50");
  EXPECT_EQ(Get("checklistRuns/RUN-0001").checklist_run().unanswered(), 1);
}

TEST_F(RegistersTest, AnIdThatNobodyChoseIsFree) {
  Make(R"({"risk": {"title": "chosen"}})", "RISK-999999999999");
  for (const char* id : {"RISK-1000000000000", "RISK-1000000000001", "RISK-1000000000002"}) {
    EXPECT_EQ(Make(R"({"risk": {"title": "one more"}})").risk().name(), Name("risks/" + std::string(id)));
  }
  EXPECT_EQ(Count("risks", ""), 4);
}

TEST_F(RegistersTest, AChosenIdIsNoDeviceOfWindows) {
  for (const char* id : {"CON", "nul.x", "COM1"}) {
    Make(R"({"risk": {"title": "x"}})", id);
    EXPECT_EQ(Field(), "entry_id") << id;
    EXPECT_EQ(Reason(), "NAME_INVALID") << id;
  }
  Make(R"({"risk": {"title": "x"}})", "CON-1");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(RegistersTest, EveryTextFieldHasARule) {
  for (const RecordKind& kind : RecordKinds()) {
    if (!IsRegister(kind)) continue;
    const auto& type = *kind.prototype->GetDescriptor();
    for (int i = 0; i < type.field_count(); ++i) {
      const auto& field = *type.field(i);
      const auto& options = field.options();
      if (options.GetExtension(v1::behavior) == v1::FIELD_BEHAVIOR_OUTPUT_ONLY || field.is_map() ||
          field.name() == "name" || field.name() == "carried_actions") {
        continue;
      }
      if (field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_STRING ||
          field.cpp_type() == google::protobuf::FieldDescriptor::CPPTYPE_INT32) {
        EXPECT_NE(options.GetExtension(v1::rule).kind(), v1::VALUE_KIND_UNSPECIFIED) << field.full_name();
      }
    }
    const auto& states = *type.FindFieldByName("state")->enum_type();
    for (int i = 1; i < states.value_count(); ++i) {
      ASSERT_TRUE(states.value(i)->options().HasExtension(v1::lifecycle)) << states.value(i)->full_name();
    }
  }
}

TEST_F(RegistersTest, StatesFollowTheirRule) {
  Make(R"({"risk": {"title": "Late", "probability": 5, "impact": 5, "reviewDate": "2026-03-31"}})");
  v1::ListEntriesRequest late = ListRequest("risks");
  late.set_late(true);
  EXPECT_EQ(Count(late), 1);
  EXPECT_EQ(Count("risks", "open_score >= 20"), 1);
  Move("risks/RISK-0001", "MITIGATED");
  EXPECT_EQ(Field(), "state");
  Move("risks/RISK-0001", "CLOSED", "");
  EXPECT_EQ(Field(), "comment");
  const v1::Risk closed = Move("risks/RISK-0001", "CLOSED", "it came").risk();
  EXPECT_EQ(closed.outcome(), "it came");
  EXPECT_FALSE(closed.closed_date().empty());
  EXPECT_EQ(closed.open_score(), 0);
  EXPECT_EQ(Count(late), 0);
  EXPECT_EQ(Count("risks", "open_score >= 20"), 0);
  Move("risks/RISK-0001", "TREATED");
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
  EXPECT_EQ(Metadata("allowed"), "IDENTIFIED");
  Update(R"({"risk": {"name": "projects/apollo/risks/RISK-0001", "title": "Later"}})", {"title"});
  EXPECT_EQ(Reason(), "ENTRY_CLOSED");
  EXPECT_EQ(Move("risks/RISK-0001", "IDENTIFIED", "again").risk().closed_date(), "");
  EXPECT_EQ(
      Update(R"({"risk": {"name": "projects/apollo/risks/RISK-0001", "title": "Later"}})", {"title"}).risk().title(),
      "Later");
}

TEST_F(RegistersTest, BadValuesAreNamed) {
  const std::tuple<const char*, const char*, const char*> bad[] = {
      {R"({})", "entry", "FIELD_REQUIRED"},
      {R"({"risk": {}})", "entry.risk.title", "TEXT_INVALID"},
      {R"({"risk": {"title": "x", "probability": 6}})", "entry.risk.probability", "FIELD_INVALID"},
      {R"({"risk": {"title": "x", "impact": -1}})", "entry.risk.impact", "FIELD_INVALID"},
      {R"({"risk": {"title": "x", "response": 99}})", "entry.risk.response", "FIELD_INVALID"},
      {R"({"risk": {"title": "x", "reviewDate": "31.3.2026"}})", "entry.risk.review_date", "DATE_INVALID"},
      {R"({"risk": {"title": "x", "source": "projects/apollo/documents/SPC-0009"}})", "", "DOCUMENT_NOT_FOUND"},
      {R"({"risk": {"title": "x", "source": "projects/gemini/documents/SPC-0001"}})", "entry.risk.source",
       "NAME_INVALID"},
      {R"({"risk": {"title": "x", "source": "somewhere"}})", "entry.risk.source", "NAME_INVALID"},
      {R"({"risk": {"title": "x", "labels": {"A B": "c"}}})", "entry.risk.labels[A B]", "FIELD_INVALID"},
      {R"({"risk": {"title": "x", "attributes": {"a": {"text": "c"}}}})", "entry.risk.attributes[a]",
       "ATTRIBUTE_UNKNOWN"},
      {R"({"meeting": {"title": "x", "startTime": "9h"}})", "entry.meeting.start_time", "FIELD_INVALID"},
      {R"({"meeting": {"title": "x", "startTime": "+9:30"}})", "entry.meeting.start_time", "FIELD_INVALID"},
      {R"({"meeting": {"title": "x", "startTime": "09:-0"}})", "entry.meeting.start_time", "FIELD_INVALID"},
      {R"({"meeting": {"title": "x", "startTime": " 9:30"}})", "entry.meeting.start_time", "FIELD_INVALID"},
      {R"({"meeting": {"title": "x", "startTime": "24:00"}})", "entry.meeting.start_time", "FIELD_INVALID"},
      {R"({"meeting": {"title": "x", "startTime": "10:00", "endTime": "09:00"}})", "entry.meeting.end_time",
       "DATES_OUT_OF_ORDER"},
      {R"({"meeting": {"title": "x", "minutes": [{"text": "y"}]}})", "entry.meeting.minutes[0].kind", "FIELD_INVALID"},
      {R"({"meeting": {"title": "x", "minutes": [{"kind": "MINUTES_KIND_INFORMATION", "text": "y", "owner": "ada"}]}})",
       "entry.meeting.minutes[0].owner", "FIELD_INVALID"},
      {R"({"meeting": {"title": "x", "previousMeeting": "projects/apollo/meetings/MTG-0009"}})", "",
       "RECORD_NOT_FOUND"},
      {R"({"checklist": {"title": "x"}})", "entry.checklist.items", "FIELD_INVALID"},
      {R"({"checklist": {"title": "x", "items": [{"id": "a", "text": "b"}, {"id": "a", "text": "c"}]}})",
       "entry.checklist.items[1].id", "FIELD_INVALID"},
      {R"({"checklistRun": {}})", "entry.checklist_run.checklist", "NAME_INVALID"},
      {R"({"budgetLine": {"title": "x"}})", "entry.budget_line.currency", "FIELD_REQUIRED"},
      {R"({"budgetLine": {"title": "x", "currency": "EUX"}})", "entry.budget_line.currency", "CURRENCY_UNKNOWN"},
      {R"({"budgetLine": {"title": "x", "currency": "JPY", "planned": "1.5"}})", "entry.budget_line.planned",
       "AMOUNT_INVALID"},
      {R"({"budgetLine": {"title": "x", "currency": "EUR", "actual": "1e3"}})", "entry.budget_line.actual",
       "AMOUNT_INVALID"},
      {R"({"budgetLine": {"title": "x", "currency": "EUR", "startDate": "2026-02-01", "endDate": "2026-01-01"}})",
       "entry.budget_line.end_date", "DATES_OUT_OF_ORDER"},
  };
  const std::int64_t before = Sequence();
  for (const auto& [json, field, reason] : bad) {
    Make(json);
    EXPECT_FALSE(status_.ok()) << json;
    EXPECT_EQ(Reason(), reason) << json << ": " << status_.error_message();
    if (*field != '\0') {
      EXPECT_EQ(Field(), field) << json;
    }
  }
  Make(R"({"risk": {"title": "x"}})", "not an id");
  EXPECT_EQ(Field(), "entry_id");
  EXPECT_EQ(Sequence(), before);
  Make(R"({"risk": {"title": "x"}})", "R1");
  Make(R"({"risk": {"title": "x"}})", "R1");
  EXPECT_EQ(Reason(), "ID_TAKEN");
  Update(R"({"risk": {"name": "projects/apollo/risks/R1"}})", {"state"});
  EXPECT_EQ(Reason(), "FIELD_MASK_INVALID");
  Update(R"({"risk": {"name": "projects/apollo/risks/R1", "title": "y"}})", {"title", "title"});
  EXPECT_EQ(Reason(), "FIELD_MASK_INVALID");
  Update(R"({"risk": {"name": "projects/apollo/risks/R1", "etag": "0", "title": "y"}})", {"title"});
  EXPECT_EQ(Reason(), "ETAG_MISMATCH");
  Count(ListRequest("documents"));
  EXPECT_EQ(Reason(), "COLLECTION_UNKNOWN");
  v1::ListEntriesRequest late = ListRequest("lessons");
  late.set_late(true);
  Count(late);
  EXPECT_EQ(Field(), "late");
}

TEST_F(RegistersTest, ProjectsDefineAttributesForRegisters) {
  DefineAttribute("exposure", v1::ATTRIBUTE_TYPE_INTEGER, "risks", true);
  Make(R"({"risk": {"title": "x"}})");
  EXPECT_EQ(Reason(), "ATTRIBUTE_REQUIRED");
  Make(R"({"risk": {"title": "x", "attributes": {"exposure": {"text": "much"}}}})");
  EXPECT_EQ(Reason(), "ATTRIBUTE_INVALID");
  Make(R"({"risk": {"title": "x", "attributes": {"exposure": {"integer": 12}}}})");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Make(R"({"risk": {"title": "y", "attributes": {"exposure": {"integer": 7}}}})");
  EXPECT_EQ(Count("risks", "attributes.exposure = 12"), 1);
  EXPECT_EQ(Count("risks", "attributes.exposure > 5"), 2);
  Make(R"({"issue": {"title": "x", "attributes": {"exposure": {"integer": 12}}}})");
  EXPECT_EQ(Reason(), "ATTRIBUTE_UNKNOWN");
  CheckIn(NewAt("b.md", "two"));
  EXPECT_TRUE(status_.ok()) << "documents do not carry what is defined for risks: " << status_.error_message();
  DefineAttribute("exposure", v1::ATTRIBUTE_TYPE_INTEGER, "papyri", false);
  EXPECT_EQ(Field(), "project.attribute_definitions[0].collections[0]");
}

TEST_F(RegistersTest, AnAttributeWhoseDefinitionBecameNarrowerStopsNoOtherChange) {
  DefineAttribute("exposure", v1::ATTRIBUTE_TYPE_INTEGER, "risks", false);
  Make(R"({"risk": {"title": "x", "attributes": {"exposure": {"integer": 12}}}})");
  DefineAttribute("exposure", v1::ATTRIBUTE_TYPE_BOOLEAN, "risks", false);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Update(R"({"risk": {"name": "projects/apollo/risks/RISK-0001", "title": "y"}})", {"title"}).risk().title(),
            "y")
      << status_.error_message();
  Update(R"({"risk": {"name": "projects/apollo/risks/RISK-0001", "attributes": {"exposure": {"integer": 13}}}})",
         {"attributes"});
  EXPECT_EQ(Reason(), "ATTRIBUTE_INVALID") << "what changes is held to it";
  Make(R"({"risk": {"title": "z", "attributes": {"exposure": {"integer": 12}}}})");
  EXPECT_EQ(Reason(), "ATTRIBUTE_INVALID") << "and so is what is new";
  DefineAttribute("exposure", v1::ATTRIBUTE_TYPE_INTEGER, "issues", false);
  Update(R"({"risk": {"name": "projects/apollo/risks/RISK-0001", "title": "z"}})", {"title"});
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(RegistersTest, WhatMinutesBecomeIsAskedForRequiredAttributesAtItsNextUpdate) {
  Make(R"({"meeting": {"title": "Steering 1", "owner": "ada", "meetingDate": "2026-03-02"}})");
  const auto record = [&](const std::string& item) {
    Update(R"({"meeting": {"name": "projects/apollo/meetings/MTG-0001", "minutes": [)" + item + "]}}", {"minutes"});
    EXPECT_TRUE(status_.ok()) << item << status_.error_message();
  };
  DefineAttribute("cost_code", v1::ATTRIBUTE_TYPE_TEXT, "decisions", true);
  record(R"({"kind": "MINUTES_KIND_DECISION", "text": "Two pumps"})");
  EXPECT_EQ(Get("decisions/DEC-0001").decision().title(), "Two pumps");
  Make(R"({"decision": {"title": "Three pumps", "deciders": ["ada"]}})");
  EXPECT_EQ(Reason(), "ATTRIBUTE_REQUIRED") << "a caller can say it";

  DefineAttribute("cost_code", v1::ATTRIBUTE_TYPE_TEXT, "actions", true);
  record(R"({"kind": "MINUTES_KIND_ACTION", "text": "Order it"})");
  const std::string action = R"({"action": {"name": "projects/apollo/actions/ACT-0001", "title": "Order them")";
  Update(action + "}}", {"title"});
  EXPECT_EQ(Reason(), "ATTRIBUTE_REQUIRED");
  Update(action + R"(, "attributes": {"cost_code": {"text": "4711"}}}})", {"title", "attributes"});
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  Make(R"({"action": {"title": "Order it"}})");
  EXPECT_EQ(Reason(), "ATTRIBUTE_REQUIRED");
}

TEST_F(RegistersTest, MinutesBecomeDecisionsAndActionsThatCarryOver) {
  Make(R"({"meeting": {"title": "Steering 1", "owner": "ada", "meetingDate": "2026-03-02"}})");
  const v1::Meeting held = Update(R"({"meeting": {"name": "projects/apollo/meetings/MTG-0001", "minutes": [
                  {"kind": "MINUTES_KIND_INFORMATION", "text": "The pump has arrived"},
                  {"kind": "MINUTES_KIND_DECISION", "text": " \r\n Two\tpumps \r\nbecause one is not enough"},
                  {"kind": "MINUTES_KIND_ACTION", "text": "Order it", "owner": "paul", "dueDate": "2026-03-09"},
                  {"kind": "MINUTES_KIND_ACTION", "text": "Tell the client"}]}})",
                                  {"minutes"})
                               .meeting();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(held.minutes(1).record(), Name("decisions/DEC-0001"));
  const v1::Decision decision = Get("decisions/DEC-0001").decision();
  EXPECT_EQ(decision.state(), v1::DECISION_STATE_TAKEN);
  EXPECT_EQ(decision.title(), "Two pumps");
  EXPECT_EQ(decision.decision_date(), "2026-03-02");
  const v1::Action order = Get("actions/ACT-0001").action();
  EXPECT_EQ(order.owner(), "paul");
  EXPECT_EQ(order.source(), Name("meetings/MTG-0001"));
  EXPECT_EQ(order.sequence(), held.sequence()) << "one commit";
  EXPECT_EQ(Get("actions/ACT-0002").action().owner(), "ada");

  Move("actions/ACT-0002", "DONE", "told");
  const v1::Meeting second =
      Make(R"({"meeting": {"title": "Steering 2", "previousMeeting": "projects/apollo/meetings/MTG-0001"}})").meeting();
  ASSERT_EQ(second.carried_actions_size(), 1) << status_.error_message();
  EXPECT_EQ(second.carried_actions(0), Name("actions/ACT-0001"));
  const v1::Meeting third =
      Make(R"({"meeting": {"title": "Steering 3", "previousMeeting": "projects/apollo/meetings/MTG-0002"}})").meeting();
  EXPECT_EQ(third.carried_actions_size(), 1) << "what was carried is carried on";

  // The minutes again, with one item more: nothing is made twice.
  std::string minutes;
  google::protobuf::util::MessageToJsonString(held, &minutes);
  Update(R"({"meeting": )" + minutes + "}", {"minutes"});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Count("actions", ""), 2);
  Update(R"({"meeting": {"name": "projects/apollo/meetings/MTG-0002", "minutes": [
            {"kind": "MINUTES_KIND_ACTION", "text": "x", "record": "projects/apollo/actions/ACT-0001"}]}})",
         {"minutes"});
  EXPECT_EQ(Field(), "entry.meeting.minutes[0].record");
  Update(R"({"meeting": {"name": "projects/apollo/meetings/MTG-0001", "minutes": [
            {"kind": "MINUTES_KIND_ACTION", "text": "x", "record": "projects/apollo/actions/ACT-0001"},
            {"kind": "MINUTES_KIND_ACTION", "text": "y", "record": "projects/apollo/actions/ACT-0001"}]}})",
         {"minutes"});
  EXPECT_EQ(Field(), "entry.meeting.minutes[1].record");
}

TEST_F(RegistersTest, RunsOfChecklistsWantTheirAnswers) {
  Make(R"({"checklist": {"title": "Ready?", "items": [
            {"id": "signed", "text": "Is it signed?", "required": true}, {"text": "Is it nice?"}]}})");
  Make(R"({"checklistRun": {"checklist": "projects/apollo/checklists/CKL-0001",
            "source": "projects/apollo/documents/SPC-0001"}})");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Move("checklistRuns/RUN-0001", "COMPLETED");
  EXPECT_EQ(Reason(), "ANSWERS_MISSING");
  EXPECT_EQ(Metadata("item"), "signed");
  const v1::ChecklistRun answered =
      Update(R"({"checklistRun": {"name": "projects/apollo/checklistRuns/RUN-0001", "answers": [
                  {"id": "signed", "result": "CHECKLIST_RESULT_FAIL", "comment": "by nobody"}]}})",
             {"answers"})
          .checklist_run();
  ASSERT_EQ(answered.answers_size(), 2);
  EXPECT_EQ(answered.answers(0).text(), "Is it signed?");
  EXPECT_FALSE(answered.answers(0).principal().empty());
  EXPECT_EQ(answered.failed(), 1);
  EXPECT_EQ(Move("checklistRuns/RUN-0001", "COMPLETED").checklist_run().state(), v1::CHECKLIST_RUN_STATE_COMPLETED);
  EXPECT_EQ(Count("checklistRuns", "failed > 0"), 1);
  Move("checklists/CKL-0001", "RETIRED");
  Make(R"({"checklistRun": {"checklist": "projects/apollo/checklists/CKL-0001"}})");
  EXPECT_EQ(Reason(), "CHECKLIST_RETIRED");
}

TEST_F(RegistersTest, AnEntryIsKnownAsItWasAtAnyTime) {
  const v1::Risk first = Make(R"({"risk": {"title": "Late", "probability": 1, "impact": 5}})").risk();
  Update(R"({"risk": {"name": "projects/apollo/risks/RISK-0001", "probability": 3}})", {"probability"});
  Move("risks/RISK-0001", "CLOSED");
  EXPECT_EQ(Get("risks/RISK-0001", first.sequence()).risk().score(), 5);
  v1::ListEntryRevisionsRequest request;
  request.set_name(Name("risks/RISK-0001"));
  request.set_page_size(2);
  const v1::ListEntryRevisionsResponse page = Call(*registers_, &Stub::ListEntryRevisions, request);
  ASSERT_EQ(page.revisions_size(), 2);
  EXPECT_EQ(page.revisions(0).risk().state(), v1::RISK_STATE_CLOSED);
  EXPECT_EQ(page.revisions(1).risk().score(), 15);
  request.set_page_token(page.next_page_token());
  const v1::ListEntryRevisionsResponse rest = Call(*registers_, &Stub::ListEntryRevisions, request);
  ASSERT_EQ(rest.revisions_size(), 1);
  EXPECT_EQ(rest.revisions(0).DebugString(), v1::Entry(rest.revisions(0)).DebugString());
  EXPECT_EQ(rest.revisions(0).risk().commit(), first.commit());
  EXPECT_EQ(rest.next_page_token(), "");
  request.set_name(Name("risks/RISK-0009"));
  request.clear_page_token();
  Call(*registers_, &Stub::ListEntryRevisions, request);
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
}

TEST_F(RegistersTest, WhatOneOwnerOwesComesByDueDateAPageAfterAnother) {
  for (int i = 0; i < 24; ++i) {
    const std::string day = std::to_string(10 + i * 7 % 18);
    Make(R"({"action": {"title": "Ask", "owner": ")" + std::string(i % 3 == 0 ? "ada" : "ad") +
         R"(", "dueDate": "2026-01-)" + day + "\"}}");
  }
  Move("actions/ACT-0004", "DONE");
  for (const char* order : {"open_due_date", "open_due_date desc"}) {
    v1::ListEntriesRequest request = ListRequest("actions", "owner = ada AND open_due_date >= \"2026-01-11\"");
    request.set_order_by(order);
    const v1::ListEntriesResponse whole = Call(*registers_, &Stub::ListEntries, request);
    request.set_page_size(2);
    std::vector<std::string> paged;
    do {
      const v1::ListEntriesResponse page = Call(*registers_, &Stub::ListEntries, request);
      for (const v1::Entry& entry : page.entries()) paged.push_back(entry.action().open_due_date());
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    ASSERT_EQ(paged.size(), 5u) << order;  // of eight one is done, two are due before
    std::vector<std::string> dates;
    for (const v1::Entry& entry : whole.entries()) dates.push_back(entry.action().open_due_date());
    EXPECT_EQ(paged, dates) << order;
    const bool descending = std::string(order).ends_with("desc");
    EXPECT_TRUE(descending ? std::is_sorted(dates.rbegin(), dates.rend()) : std::is_sorted(dates.begin(), dates.end()));
  }
}

TEST_F(RegistersTest, AListHasAllThatAGetHas) {
  Make(R"({"risk": {"title": "Late", "owner": "ada", "probability": 4, "impact": 5, "labels": {"site": "north"}}})");
  Make(R"({"meeting": {"title": "Steering", "minutes": [{"kind": "MINUTES_KIND_ACTION", "text": "Order it"}]}})");
  Make(R"({"budgetLine": {"title": "Pumps", "currency": "EUR", "planned": "10"}})");
  Move("risks/RISK-0001", "CLOSED");
  for (const char* id : {"risks/RISK-0001", "meetings/MTG-0001", "budgetLines/BGL-0001"}) {
    const std::string collection = std::string(id).substr(0, std::string(id).find('/'));
    for (const char* filter : {"", "title != \"none\""}) {
      const v1::ListEntriesResponse list = Call(*registers_, &Stub::ListEntries, ListRequest(collection, filter));
      ASSERT_EQ(list.entries_size(), 1) << id;
      EXPECT_EQ(list.entries(0).DebugString(), Get(id).DebugString());
      EXPECT_TRUE(list.GetReflection()->GetUnknownFields(list).empty());
    }
  }
}

TEST_F(RegistersTest, PagesGoOnAtTheMomentTheyBeganAt) {
  for (int i = 1; i <= 6; ++i) {
    Make(R"({"risk": {"title": "Risk", "owner": "ada", "probability": )" + std::to_string(1 + i % 5) +
         R"(, "impact": )" + std::to_string(1 + i / 2) + "}}");
  }
  for (const char* order : {"open_score", "open_score desc", "title", ""}) {
    v1::ListEntriesRequest request = ListRequest("risks", "owner = ada");
    request.set_order_by(order);
    const v1::ListEntriesResponse all = Call(*registers_, &Stub::ListEntries, request);
    std::string whole;
    for (const v1::Entry& entry : all.entries()) whole += entry.DebugString();
    request.set_page_size(2);
    std::string paged;
    int pages = 0;
    do {
      const v1::ListEntriesResponse page = Call(*registers_, &Stub::ListEntries, request);
      for (const v1::Entry& entry : page.entries()) paged += entry.DebugString();
      request.set_page_token(page.next_page_token());
      // What was listed and what comes next change meanwhile.
      const std::string impact = std::to_string(1 + ++pages);
      for (const char* id : {"RISK-0001", "RISK-0004", "RISK-0006"}) {
        Update(R"({"risk": {"name": "projects/apollo/risks/)" + std::string(id) + R"(", "owner": "ben", "impact": )" +
                   impact + "}}",
               {"owner", "impact"});
      }
    } while (!request.page_token().empty());
    EXPECT_EQ(pages, 3) << order;
    EXPECT_EQ(paged, whole) << order;
    for (const char* id : {"RISK-0001", "RISK-0004", "RISK-0006"}) {
      Update(R"({"risk": {"name": "projects/apollo/risks/)" + std::string(id) + R"(", "owner": "ada"}})", {"owner"});
    }
  }
}

TEST_F(RegistersTest, LinksReachEntries) {
  Make(R"({"risk": {"title": "Late"}})");
  v1::CreateLinkRequest request;
  request.set_parent(kProject);
  request.mutable_link()->set_type(v1::LINK_TYPE_RELATES_TO);
  request.mutable_link()->set_from(Name("risks/RISK-0001"));
  request.mutable_link()->set_to(kSpecification);
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::CreateLink, request).state(), v1::LINK_STATE_VALID);
  Update(R"({"risk": {"name": "projects/apollo/risks/RISK-0001", "title": "Later"}})", {"title"});
  v1::ListLinksRequest list;
  list.set_parent(kProject);
  list.set_filter("state = SUSPECT");
  EXPECT_EQ(Call(*trace_, &v1::Trace::Stub::ListLinks, list).links_size(), 1);
}

TEST_F(RegistersTest, ComeBackFromAnIndexMadeAnew) {
  DefineAttribute("exposure", v1::ATTRIBUTE_TYPE_INTEGER, "risks", false);
  Make(R"({"risk": {"title": "Late", "attributes": {"exposure": {"integer": 12}}}})");
  Make(R"({"meeting": {"title": "Steering", "minutes": [{"kind": "MINUTES_KIND_ACTION", "text": "Order it"}]}})");
  Make(R"({"budgetLine": {"title": "Pumps", "currency": "EUR", "planned": "10"}})");
  Move("risks/RISK-0001", "CLOSED");
  const auto answers = [&] {
    std::string text;
    for (const char* collection : {"risks", "meetings", "actions", "budgetLines"}) {
      text += Call(*registers_, &Stub::ListEntries, ListRequest(collection)).DebugString();
    }
    v1::ListEntryRevisionsRequest revisions;
    revisions.set_name(Name("risks/RISK-0001"));
    text += Call(*registers_, &Stub::ListEntryRevisions, revisions).DebugString();
    return text + std::to_string(Count("risks", "attributes.exposure = 12"));
  };
  const std::string before = answers();
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_EQ(answers(), before);
}

TEST_F(RegistersTest, AnUpdateDoesNotHandAnEntryToWhoeverMakesIt) {
  const std::string risk = Make(R"({"risk": {"title": "late", "owner": "ada"}})").risk().name();
  const std::string change =
      Make(R"({"changeRequest": {"title": "pumps", "requester": "ada"}})").change_request().name();
  principal_ = "bob";
  Update(R"({"risk": {"name": ")" + risk + R"(", "title": "late"}})", {"owner"});
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Field(), "entry.risk.owner");
  Update(R"({"changeRequest": {"name": ")" + change + R"(", "title": "pumps"}})", {"*"});
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Get("risks/RISK-0001").risk().owner(), "ada");
  EXPECT_EQ(Get(change.substr(std::string(kProject).size() + 1)).change_request().requester(), "ada");
}

TEST_F(RegistersTest, AChecklistItemWithoutAnIdGetsOneThatIsFree) {
  const v1::Entry entry =
      Make(R"({"checklist": {"title": "Ready?", "items": [{"text": "a"}, {"text": "b", "id": "1"}, {"text": "c"}]}})");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(entry.checklist().items(0).id(), "2");
  EXPECT_EQ(entry.checklist().items(1).id(), "1");
  EXPECT_EQ(entry.checklist().items(2).id(), "3");
}

TEST_F(RegistersTest, AmountsHaveFifteenDigitsOfTheSmallestUnit) {
  for (const char* amount : {"1000000000000", "-1000000000000.000"}) {
    Make(R"({"budgetLine": {"title": "x", "currency": "KWD", "planned": ")" + std::string(amount) + R"("}})");
    EXPECT_EQ(Reason(), "AMOUNT_INVALID") << amount;
  }
  Make(R"({"budgetLine": {"title": "x", "currency": "KWD", "planned": "999999999999.999"}})");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(RegistersTest, TheDateOfAMeetingIsBlamedForItselfAlsoWhereDecisionsHaveIt) {
  Make(R"({"meeting": {"title": "Steering", "meetingDate": "2026-02-30",)"
       R"( "minutes": [{"kind": "MINUTES_KIND_DECISION", "text": "Two pumps"}]}})");
  EXPECT_EQ(Field(), "entry.meeting.meeting_date");
}

}  // namespace
}  // namespace greffe
