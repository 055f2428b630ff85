#include "tests/scenario/office.h"

#include "google/protobuf/util/json_util.h"
#include "tests/scenario/views.h"

namespace greffe {

v1::Entry Office::Add(const std::string& json) {
  v1::CreateEntryRequest request;
  request.set_parent(kStation);
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, request.mutable_entry()).ok()) << json;
  return registers_.Do("marie", &v1::Registers::Stub::CreateEntry, request);
}

v1::Entry Office::Update(const std::string& json, const std::string& path) {
  v1::UpdateEntryRequest request;
  EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, request.mutable_entry()).ok()) << json;
  request.mutable_update_mask()->add_paths(path);
  return registers_.Do("marie", &v1::Registers::Stub::UpdateEntry, request);
}

void Office::Move(const std::string& entry, const std::string& state, const std::string& comment) {
  v1::TransitionEntryRequest request;
  request.set_name(std::string(kStation) + "/" + entry);
  request.set_state(state);
  request.set_comment(comment);
  registers_.Do("marie", &v1::Registers::Stub::TransitionEntry, request);
}

void Office::KickOff() {
  Add(R"({"risk": {"title": "The test bench is late", "owner": "paul", "category": "schedule", "probability": 3, "impact": 4,
          "response": "RISK_RESPONSE_MITIGATE", "reviewDate": "2026-02-15"}})");
  Add(R"({"risk": {"title": "The supplier has no steel", "probability": 2, "impact": 5, "reviewDate": "2026-03-01"}})");
  Add(R"({"budgetLine": {"title": "Pumps", "category": "equipment", "currency": "EUR", "planned": "120000",
          "startDate": "2026-01-05", "endDate": "2026-03-31"}})");
  Add(R"({"budgetLine": {"title": "Studies", "category": "staff", "currency": "EUR", "planned": "40000.50",
          "startDate": "2026-01-05", "endDate": "2026-02-13"}})");
  Move("budgetLines/BGL-0001", "APPROVED", "");
  Add(R"({"meeting": {"title": "Steering committee 1", "meetingDate": "2026-01-05", "startTime": "09:00", "endTime": "10:30",
          "attendees": ["paul", "tom", "client"], "minutes": [
            {"kind": "MINUTES_KIND_DECISION", "text": "Two pumps of the same type"},
            {"kind": "MINUTES_KIND_ACTION", "text": "Ask three suppliers", "owner": "paul", "dueDate": "2026-01-19"},
            {"kind": "MINUTES_KIND_ACTION", "text": "Book the test bench", "owner": "tom", "dueDate": "2026-02-01"}]}})");
  Move("meetings/MTG-0001", "HELD", "");
}

void Office::CarryOver() {
  const auto risks = spreadsheet_.Import("risks",
                                         "id;title;cause;probability;impact;review date;state\n"
                                         "R-12;Crue d\xe9"
                                         "cennale;Hiver humide;2;4;28/02/2026;identified\n"
                                         "R-13;Fouille inond\xe9"
                                         "e;;3;3;;assessed\n",
                                         "from the spreadsheet");
  EXPECT_TRUE(risks.applied()) << risks.DebugString();
  EXPECT_EQ(risks.dialect().encoding(), v1::TABLE_ENCODING_WINDOWS_1252);
  const auto costs = spreadsheet_.Import("budgetLines",
                                         "title;category;currency;planned;actual\n"
                                         "Travaux;chantier;EUR;1 250 000,50;0\n"
                                         "Imprévus;réserve;EUR;60 000,00;1 000,25\n",
                                         "from the spreadsheet");
  EXPECT_TRUE(costs.applied()) << costs.DebugString();
}

void Office::EditInSpreadsheet() {
  std::string table = spreadsheet_.Export("risks");
  const std::size_t title = table.find(
      "Crue d\xe9"
      "cennale");
  ASSERT_NE(title, std::string::npos);
  table.replace(title, 4, "Crues");
  const auto risks = spreadsheet_.Import("risks", table, "looked at again");
  EXPECT_EQ(risks.updated_count(), 1) << risks.DebugString();
  EXPECT_EQ(risks.unchanged_count(), 3);
}

void Office::SecondMeeting() {
  Move("actions/ACT-0001", "DONE", "three offers are there");
  const v1::Entry meeting = Add(R"({"meeting": {"title": "Steering committee 2", "meetingDate": "2026-02-04",
              "previousMeeting": "projects/station/meetings/MTG-0001"}})");
  EXPECT_EQ(meeting.meeting().carried_actions_size(), 1);
  Move("meetings/MTG-0001", "MINUTES_APPROVED", "read and agreed");
  Move("risks/RISK-0001", "OCCURRED", "the bench is broken");
  Add(R"({"issue": {"title": "The test bench is broken", "owner": "tom", "severity": "SEVERITY_HIGH", "dueDate": "2026-02-25",
          "source": "projects/station/risks/RISK-0001"}})");
}

void Office::AskForChange() {
  Add(R"({"changeRequest": {"title": "A level sensor at the sill", "requester": "client", "priority": "SEVERITY_MEDIUM",
          "costImpact": "3500", "currency": "EUR", "scheduleImpactDays": 5, "dueDate": "2026-02-27"}})");
  Move("changeRequests/CR-0001", "IN_ASSESSMENT", "");
  Move("changeRequests/CR-0001", "APPROVED", "within the reserve");
  Move("issues/ISS-0001", "RESOLVED", "another bench was found");
}

void Office::CheckBeforeGate() {
  Add(R"({"checklist": {"title": "Before a gate", "items": [
          {"id": "released", "text": "Are all documents released?", "required": true},
          {"id": "risks", "text": "Were the risks looked at?", "required": true},
          {"id": "cake", "text": "Is there cake?"}]}})");
  Add(R"({"checklistRun": {"checklist": "projects/station/checklists/CKL-0001", "title": "Gate 1",
          "source": "projects/station/milestones/G1", "dueDate": "2026-02-13"}})");
  Update(R"({"checklistRun": {"name": "projects/station/checklistRuns/RUN-0001", "answers": [
             {"id": "released", "result": "CHECKLIST_RESULT_PASS"},
             {"id": "risks", "result": "CHECKLIST_RESULT_FAIL", "comment": "on the 20th"}]}})",
         "answers");
  Move("checklistRuns/RUN-0001", "COMPLETED", "");
}

void Office::ReportCosts() {
  Update(R"({"budgetLine": {"name": "projects/station/budgetLines/BGL-0001", "actual": "61000"}})", "actual");
  Update(R"({"budgetLine": {"name": "projects/station/budgetLines/BGL-0001", "percentComplete": 45}})",
         "percent_complete");
  Update(R"({"budgetLine": {"name": "projects/station/budgetLines/BGL-0002", "forecast": "42500"}})", "forecast");
}

void Office::CloseDown() {
  Move("issues/ISS-0001", "CLOSED", "");
  Move("risks/RISK-0002", "CLOSED", "the pumps are there");
  Move("changeRequests/CR-0001", "IMPLEMENTED", "");
  Move("budgetLines/BGL-0001", "CLOSED", "");
  Add(R"({"lesson": {"title": "Book the bench when the order is placed", "kind": "LESSON_KIND_PROBLEM",
          "source": "projects/station/issues/ISS-0001"}})");
  Move("lessons/LSN-0001", "VALIDATED", "");
}

}  // namespace greffe
