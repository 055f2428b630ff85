#include <gtest/gtest.h>

#include "storage/base/civil_date.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

std::string MilestoneName(const std::string& id) { return std::string(kProject) + "/milestones/" + id; }
std::string DeliverableName(const std::string& id) { return std::string(kProject) + "/deliverables/" + id; }

class MilestonesTest : public ServiceFixture {
 protected:
  using Stub = v1::Milestones::Stub;

  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    CheckIn(NewAt("a.md", "one"));
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  v1::Milestone Create(const std::string& id, const std::string& planned = "",
                       const std::vector<std::string>& gates = {}) {
    v1::CreateMilestoneRequest request;
    request.set_parent(kProject);
    request.set_milestone_id(id);
    request.mutable_milestone()->set_title("Milestone " + id);
    request.mutable_milestone()->set_planned_date(planned);
    for (const std::string& gate : gates) request.mutable_milestone()->add_gates(gate);
    return Call(*milestones_, &Stub::CreateMilestone, request);
  }
  v1::Milestone Get(const std::string& id) {
    v1::GetMilestoneRequest request;
    request.set_name(MilestoneName(id));
    return Call(*milestones_, &Stub::GetMilestone, request);
  }
  v1::Milestone SetGates(const std::string& id, const std::vector<std::string>& gates) {
    v1::UpdateMilestoneRequest request;
    request.mutable_milestone()->set_name(MilestoneName(id));
    for (const std::string& gate : gates) request.mutable_milestone()->add_gates(gate);
    request.mutable_update_mask()->add_paths("gates");
    return Call(*milestones_, &Stub::UpdateMilestone, request);
  }
  v1::Milestone Plan(const std::string& id, const std::string& date) {
    v1::PlanMilestoneRequest request;
    request.set_name(MilestoneName(id));
    request.set_planned_date(date);
    return Call(*milestones_, &Stub::PlanMilestone, request);
  }
  v1::Milestone Achieve(const std::string& id, const std::string& date = "") {
    v1::AchieveMilestoneRequest request;
    request.set_name(MilestoneName(id));
    request.set_actual_date(date);
    return Call(*milestones_, &Stub::AchieveMilestone, request);
  }
  v1::Milestone Miss(const std::string& id) {
    v1::MissMilestoneRequest request;
    request.set_name(MilestoneName(id));
    request.set_comment("the supplier failed");
    return Call(*milestones_, &Stub::MissMilestone, request);
  }
  v1::Milestone Cancel(const std::string& id) {
    v1::CancelMilestoneRequest request;
    request.set_name(MilestoneName(id));
    request.set_comment("not needed");
    return Call(*milestones_, &Stub::CancelMilestone, request);
  }
  v1::Deliverable CreateDeliverable(const std::string& milestone, const std::string& planned = "") {
    v1::CreateDeliverableRequest request;
    request.set_parent(kProject);
    request.mutable_deliverable()->set_title("Pumps");
    request.mutable_deliverable()->set_planned_date(planned);
    if (!milestone.empty()) request.mutable_deliverable()->set_milestone(MilestoneName(milestone));
    return Call(*deliverables_, &v1::Deliverables::Stub::CreateDeliverable, request);
  }
  v1::Deliverable SetMilestone(const std::string& deliverable, const std::string& milestone) {
    v1::UpdateDeliverableRequest request;
    request.mutable_deliverable()->set_name(DeliverableName(deliverable));
    if (!milestone.empty()) request.mutable_deliverable()->set_milestone(MilestoneName(milestone));
    request.mutable_update_mask()->add_paths("milestone");
    return Call(*deliverables_, &v1::Deliverables::Stub::UpdateDeliverable, request);
  }
  void Accept(const std::string& deliverable) {
    v1::SubmitDeliverableRequest submit;
    submit.set_name(DeliverableName(deliverable));
    submit.add_versions(std::string(kSpecification) + "/versions/latest");
    Call(*deliverables_, &v1::Deliverables::Stub::SubmitDeliverable, submit);
    v1::AcceptDeliverableRequest accept;
    accept.set_name(DeliverableName(deliverable));
    Call(*deliverables_, &v1::Deliverables::Stub::AcceptDeliverable, accept);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  std::vector<std::string> Gates(const std::string& id) {
    const v1::Milestone milestone = Get(id);
    return {milestone.gates().begin(), milestone.gates().end()};
  }
  std::int64_t ListSize(const v1::ListMilestonesRequest& request) {
    return Call(*milestones_, &Stub::ListMilestones, request).milestones_size();
  }
};

using Names = std::vector<std::string>;

TEST_F(MilestonesTest, WaitsForTheDeliverablesThatNameIt) {
  EXPECT_EQ(Create("").name(), MilestoneName("MST-0001"));
  Create("M2");
  CreateDeliverable("MST-0001");
  CreateDeliverable("MST-0001");
  EXPECT_EQ(Gates("MST-0001"), (Names{DeliverableName("DLV-0001"), DeliverableName("DLV-0002")}));
  SetMilestone("DLV-0002", "M2");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Gates("MST-0001"), (Names{DeliverableName("DLV-0001")}));
  EXPECT_EQ(Gates("M2"), (Names{DeliverableName("DLV-0002")}));

  Achieve("MST-0001");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "GATES_OPEN");
  EXPECT_EQ(Metadata("gates"), DeliverableName("DLV-0001"));
  Accept("DLV-0001");
  EXPECT_EQ(Achieve("MST-0001").state(), v1::MILESTONE_STATE_ACHIEVED);
  CreateDeliverable("MST-0001");
  EXPECT_EQ(Reason(), "MILESTONE_CLOSED");
  SetMilestone("DLV-0002", "");
  EXPECT_EQ(Gates("M2"), Names{});
}

TEST_F(MilestonesTest, GatesThatAreMilestonesGoFirstAndHaveNoCycle) {
  Create("M1");
  Create("M2", "", {MilestoneName("M1")});
  Create("M3", "", {MilestoneName("M2")});
  SetGates("M1", {MilestoneName("M3")});
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "GATE_CYCLE");
  EXPECT_EQ(Metadata("cycle"), "M1 -> M3 -> M2 -> M1");
  SetGates("M1", {MilestoneName("M1")});
  EXPECT_EQ(Metadata("cycle"), "M1 -> M1");
  SetGates("M1", {MilestoneName("M9")});
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
  EXPECT_EQ(Metadata("resource"), MilestoneName("M9"));
  SetGates("M1", {DeliverableName("DLV-0009")});
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
  SetGates("M1", {kSpecification});
  EXPECT_EQ(Field(), "milestone.gates[0]");
  EXPECT_EQ(Gates("M1"), Names{});
  Achieve("M2");
  EXPECT_EQ(Reason(), "GATES_OPEN");
  EXPECT_EQ(Metadata("gates"), MilestoneName("M1"));
  Achieve("M1");
  EXPECT_EQ(Achieve("M2").state(), v1::MILESTONE_STATE_ACHIEVED);

  v1::ListMilestonesRequest what_m2_gates;
  what_m2_gates.set_parent(kProject);
  what_m2_gates.set_filter("gates = \"" + MilestoneName("M2") + "\"");
  EXPECT_EQ(ListSize(what_m2_gates), 1);
}

TEST_F(MilestonesTest, WhatGatesItIsNotPlannedLater) {
  Create("M1", "2026-03-31");
  CreateDeliverable("M1", "2026-04-01");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "DATES_OUT_OF_ORDER");
  EXPECT_EQ(Metadata("then_date"), "2026-03-31");
  CreateDeliverable("M1", "2026-03-31");
  Plan("M1", "2026-03-30");
  EXPECT_EQ(Reason(), "DATES_OUT_OF_ORDER");
  EXPECT_EQ(Metadata("first"), DeliverableName("DLV-0001"));
  Plan("M1", "2026-04-30");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  Create("M2", "2026-04-29", {MilestoneName("M1")});
  EXPECT_EQ(Reason(), "DATES_OUT_OF_ORDER");
  Create("M2", "2026-04-30", {MilestoneName("M1")});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Plan("M1", "2026-05-01");
  EXPECT_EQ(Reason(), "DATES_OUT_OF_ORDER") << "a gate is not planned later than what waits for it";
  EXPECT_EQ(Metadata("then"), MilestoneName("M2"));
  EXPECT_EQ(Get("M1").planned_date(), "2026-04-30");
  Cancel("M2");
  Plan("M1", "2026-05-01");
  EXPECT_TRUE(status_.ok()) << "it waits no more: " << status_.error_message();
  Plan("M1", "");
  EXPECT_EQ(Field(), "planned_date");
  v1::ForecastDeliverableRequest forecast;
  forecast.set_name(DeliverableName("DLV-0001"));
  forecast.set_forecast_date("2026-06-30");
  Call(*deliverables_, &v1::Deliverables::Stub::ForecastDeliverable, forecast);
  EXPECT_TRUE(status_.ok()) << "a forecast tells what is, however bad";
}

TEST_F(MilestonesTest, WhatIsDueThereIsNotPlannedLaterAndWhatHasPassedMayBe) {
  Create("M1", "2026-04-30");
  CreateDeliverable("M1", "2026-04-20");
  SetGates("M1", {});
  Plan("M1", "2026-04-10");
  EXPECT_EQ(Reason(), "DATES_OUT_OF_ORDER") << "no gate, but due there";
  EXPECT_EQ(Metadata("first"), DeliverableName("DLV-0001"));
  SetGates("M1", {DeliverableName("DLV-0001")});
  Accept("DLV-0001");
  Plan("M1", "2026-04-10");
  EXPECT_TRUE(status_.ok()) << "it is accepted: " << status_.error_message();
  SetGates("M1", {});
  Plan("M1", "2026-04-09");
  EXPECT_TRUE(status_.ok()) << status_.error_message();

  // Milestones, achieved earlier than planned, or cancelled.
  for (const char* id : {"E1", "E2"}) Create(id, "2026-04-05");
  Create("M2", "2026-04-30", {MilestoneName("E1"), MilestoneName("E2")});
  Achieve("E1");
  Plan("M2", "2026-04-01");
  EXPECT_EQ(Metadata("first"), MilestoneName("E2"));
  Cancel("E2");
  Plan("M2", "2026-04-01");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Get("M2").planned_date(), "2026-04-01");
}

TEST_F(MilestonesTest, SettlesOnceAndOpensTheNextStage) {
  v1::CreateMilestoneRequest request;
  request.set_parent(kProject);
  request.mutable_milestone()->set_title("Design frozen");
  request.mutable_milestone()->set_stage("design");
  request.mutable_milestone()->set_next_stage("delivery");
  request.mutable_milestone()->set_planned_date("2026-03-31");
  const v1::Milestone made = Call(*milestones_, &Stub::CreateMilestone, request);
  EXPECT_EQ(made.state(), v1::MILESTONE_STATE_PLANNED);
  EXPECT_EQ(Miss("MST-0001").open_due_date(), "");
  Miss("MST-0001");
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
  EXPECT_EQ(Metadata("allowed"), "ACHIEVED, CANCELLED");
  Achieve("MST-0001", "2999-01-01");
  EXPECT_EQ(Reason(), "DATE_IN_FUTURE");
  const v1::Milestone achieved = Achieve("MST-0001", "2026-04-10");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(achieved.actual_date(), "2026-04-10");
  EXPECT_EQ(achieved.slip_days(), 10);
  v1::GetProjectRequest get;
  get.set_name(kProject);
  EXPECT_EQ(Call(*projects_, &v1::Projects::Stub::GetProject, get).stage(), "delivery");
  Cancel("MST-0001");
  EXPECT_EQ(Metadata("allowed"), "");
  Plan("MST-0001", "2026-05-01");
  EXPECT_EQ(Reason(), "MILESTONE_CLOSED");

  v1::ListMilestonesRequest list;
  list.set_parent(kProject);
  list.set_filter("stage = design AND state = ACHIEVED");
  EXPECT_EQ(ListSize(list), 1);
  list.set_filter("");
  list.set_late(true);
  EXPECT_EQ(ListSize(list), 0);
  Create("M2", "2026-04-01");
  EXPECT_EQ(ListSize(list), 1);
  EXPECT_EQ(Cancel("M2").state(), v1::MILESTONE_STATE_CANCELLED);
  EXPECT_EQ(ListSize(list), 0);
}

}  // namespace
}  // namespace greffe
