#include "tests/scenario/story.h"

#include <string>
#include <vector>

#include "greffe/v1/baselines.grpc.pb.h"
#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/deliverables.grpc.pb.h"
#include "greffe/v1/locks.grpc.pb.h"
#include "greffe/v1/milestones.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/registers.grpc.pb.h"
#include "greffe/v1/reviews.grpc.pb.h"
#include "greffe/v1/trace.grpc.pb.h"
#include "greffe/v1/transmittals.grpc.pb.h"
#include "greffe/v1/versions.grpc.pb.h"
#include "tests/scenario/caller.h"
#include "tests/scenario/office.h"
#include "tests/scenario/views.h"

namespace greffe {
namespace {

// marie manages the project, paul writes, tom and lea review, the client accepts.
class Story {
 public:
  Story(const std::shared_ptr<grpc::Channel>& channel, FakeClock& clock, const Moment& morning, const Moment& evening)
      : clock_(clock),
        morning_(morning),
        evening_(evening),
        projects_(channel),
        contents_(channel),
        versions_(channel),
        locks_(channel),
        reviews_(channel),
        deliverables_(channel),
        milestones_(channel),
        registers_(channel),
        baselines_(channel),
        trace_(channel),
        transmittals_(channel),
        office_(channel) {}

  void Play() {
    On(2026, 1, 5, [this] {
      KickOff();
      office_.KickOff();
    });
    On(2026, 1, 12, [this] {
      PlanTests();
      office_.CarryOver();
    });
    On(2026, 1, 20, [this] { ReviewSpecification("SPC-0001", 1, "2026-01-27"); });
    On(2026, 1, 28, [this] { SendBack(); });
    On(2026, 1, 30, [this] { SecondVersion(); });
    On(2026, 2, 4, [this] {
      ReleaseSpecification();
      office_.SecondMeeting();
    });
    On(2026, 2, 10, [this] { AcceptSpecification(); });
    On(2026, 2, 13, [this] {
      office_.CheckBeforeGate();
      FirstGate();
    });
    On(2026, 2, 20, [this] {
      Slip();
      office_.AskForChange();
    });
    On(2026, 3, 2, [this] {
      ChangeAfterRelease();
      office_.ReportCosts();
    });
    On(2026, 3, 10, [this] {
      CloseReservation();
      office_.EditInSpreadsheet();
    });
    On(2026, 3, 26, [this] { RejectReport(); });
    On(2026, 3, 31, [this] { AcceptReport(); });
    On(2026, 4, 2, [this] {
      HandOver();
      office_.CloseDown();
    });
  }

 private:
  void On(int year, int month, int day, const std::function<void()>& happens) {
    clock_.Set(FakeClock::MorningOf(year, month, day));
    morning_(clock_.Now());
    happens();
    clock_.Set(clock_.Now() + Micros{10} * 3600 * 1'000'000);
    evening_(clock_.Now());
  }

  static std::string Document(const std::string& number) { return std::string(kStation) + "/documents/" + number; }
  static std::string Version(const std::string& number, int n) {
    return Document(number) + "/versions/" + std::to_string(n);
  }
  static std::string Deliverable(int n) { return std::string(kStation) + "/deliverables/DLV-000" + std::to_string(n); }

  void Register(const std::string& who, const std::string& path, const std::string& type, const std::string& text) {
    v1::CheckInRequest request;
    request.set_parent(kStation);
    request.mutable_item()->mutable_new_document()->set_path(path);
    request.mutable_item()->mutable_new_document()->set_type(type);
    request.mutable_item()->mutable_main_file()->set_data(text);
    contents_.Do(who, &v1::Contents::Stub::CheckIn, request);
  }
  void CheckIn(const std::string& who, const std::string& number, const std::string& text, const std::string& comment) {
    v1::CheckInRequest request;
    request.set_parent(kStation);
    request.mutable_item()->set_document(Document(number));
    request.mutable_item()->mutable_main_file()->set_data(text);
    request.mutable_item()->set_release_lock(true);
    request.set_comment(comment);
    contents_.Do(who, &v1::Contents::Stub::CheckIn, request);
  }
  void Release(const std::string& number, int version) {
    v1::ReleaseVersionRequest request;
    request.set_name(Version(number, version));
    versions_.Do("marie", &v1::Versions::Stub::ReleaseVersion, request);
  }

  void PlanDeliverable(const std::string& title, const std::string& document, const std::string& milestone,
                       const std::string& date) {
    v1::CreateDeliverableRequest request;
    request.set_parent(kStation);
    v1::Deliverable& deliverable = *request.mutable_deliverable();
    deliverable.set_title(title);
    deliverable.add_acceptance_criteria("complete and released");
    deliverable.set_responsible("paul");
    deliverable.set_acceptor("client");
    if (!document.empty()) deliverable.add_documents(document);
    deliverable.set_milestone(std::string(kStation) + "/milestones/" + milestone);
    deliverable.set_planned_date(date);
    deliverables_.Do("marie", &v1::Deliverables::Stub::CreateDeliverable, request);
  }
  void Milestone(const std::string& id, const std::string& title, const std::string& date) {
    v1::CreateMilestoneRequest request;
    request.set_parent(kStation);
    request.set_milestone_id(id);
    request.mutable_milestone()->set_title(title);
    request.mutable_milestone()->set_planned_date(date);
    milestones_.Do("marie", &v1::Milestones::Stub::CreateMilestone, request);
  }
  void Gate(const std::string& id, const std::vector<std::string>& gates) {
    v1::UpdateMilestoneRequest request;
    request.mutable_milestone()->set_name(std::string(kStation) + "/milestones/" + id);
    for (const std::string& gate : gates) request.mutable_milestone()->add_gates(gate);
    request.mutable_update_mask()->add_paths("gates");
    milestones_.Do("marie", &v1::Milestones::Stub::UpdateMilestone, request);
  }

  void KickOff() {
    v1::CreateProjectRequest project;
    project.set_project_id("station");
    project.mutable_project()->set_title("Pumping station 4");
    project.mutable_project()->set_manager("marie");
    project.mutable_project()->set_time_zone("Europe/Paris");
    project.mutable_project()->mutable_trace_rule()->set_requirement_pattern("REQ-[0-9]{3}");
    projects_.Do("marie", &v1::Projects::Stub::CreateProject, project);
    v1::UpdateProjectRequest rule;
    rule.mutable_project()->set_name(kStation);
    rule.mutable_project()->mutable_lifecycle_rule()->add_releasers("marie");
    rule.mutable_update_mask()->add_paths("lifecycle_rule");
    projects_.Do("marie", &v1::Projects::Stub::UpdateProject, rule);
    Register("paul", "spec/pump.md", "specification", "# Pump\n\nREQ-001 1,200 l/s\n\nREQ-002 a head of 9 m\n");
    Milestone("G1", "Specification frozen", "2026-02-13");
    Milestone("G2", "Hand-over", "2026-03-31");
    PlanDeliverable("Specification", Document("SPC-0001"), "G1", "2026-02-06");
    PlanDeliverable("Test report", "", "G2", "2026-03-20");
    PlanDeliverable("Operating manual", "", "G2", "2026-03-27");
    Gate("G1", {Deliverable(1)});
    Gate("G2", {Deliverable(2), Deliverable(3)});
  }

  void PlanTests() {
    Register("paul", "tests/plan.md", "plan", "# Test plan\n\nTP-1 measures the flow\n");
    v1::CreateLinkRequest link;
    link.set_parent(kStation);
    link.mutable_link()->set_type(v1::LINK_TYPE_VERIFIES);
    link.mutable_link()->set_from(Document("PLN-0001"));
    link.mutable_link()->set_to(Document("SPC-0001"));
    link.mutable_link()->set_rationale("TP-1 measures what the specification asks");
    trace_.Do("paul", &v1::Trace::Stub::CreateLink, link);
    link.mutable_link()->set_to_anchor("REQ-001");
    trace_.Do("paul", &v1::Trace::Stub::CreateLink, link);
  }

  void ReviewSpecification(const std::string& number, int version, const std::string& due) {
    v1::CreateReviewRequest request;
    request.set_parent(kStation);
    v1::Review& review = *request.mutable_review();
    review.set_version(Version(number, version));
    v1::ReviewStep& step = *review.add_steps();
    step.add_reviewers()->set_principal("tom");
    step.add_reviewers()->set_principal("lea");
    step.set_due_date(due);
    reviews_.Do("marie", &v1::Reviews::Stub::CreateReview, request);
  }
  void Decide(const std::string& who, int review, v1::ReviewOutcome outcome, const std::string& comment) {
    v1::SubmitDecisionRequest request;
    request.set_name(std::string(kStation) + "/reviews/RVW-000" + std::to_string(review));
    request.set_outcome(outcome);
    request.set_comment(comment);
    reviews_.Do(who, &v1::Reviews::Stub::SubmitDecision, request);
  }

  // A day late.
  void SendBack() {
    Decide("tom", 1, v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS, "say at which level");
    Decide("lea", 1, v1::REVIEW_OUTCOME_REVISE_AND_RESUBMIT, "the flow is too low");
    v1::LockDocumentRequest lock;
    lock.set_name(Document("SPC-0001"));
    lock.set_reason("reworking the flow");
    lock.mutable_time_to_live()->set_seconds(4 * 24 * 3600);
    locks_.Do("paul", &v1::Locks::Stub::LockDocument, lock);
  }

  void SecondVersion() {
    CheckIn("paul", "SPC-0001", "# Pump\n\nREQ-001 1,350 l/s\n\nREQ-002 a head of 9 m\n", "flow raised");
    ReviewSpecification("SPC-0001", 2, "2026-02-06");
  }

  void ReleaseSpecification() {
    v1::ReleaseVersionRequest early;
    early.set_name(Version("SPC-0001", 2));
    EXPECT_NE(versions_.Refused("marie", &v1::Versions::Stub::ReleaseVersion, early), "") << "its review is open";
    Decide("tom", 2, v1::REVIEW_OUTCOME_APPROVED, "");
    Decide("lea", 2, v1::REVIEW_OUTCOME_APPROVED, "");
    Release("SPC-0001", 2);
  }

  void Submit(int deliverable, const std::vector<std::string>& versions) {
    v1::SubmitDeliverableRequest request;
    request.set_name(Deliverable(deliverable));
    for (const std::string& version : versions) request.add_versions(version);
    deliverables_.Do("paul", &v1::Deliverables::Stub::SubmitDeliverable, request);
  }
  void Accept(int deliverable) {
    v1::AcceptDeliverableRequest request;
    request.set_name(Deliverable(deliverable));
    deliverables_.Do("client", &v1::Deliverables::Stub::AcceptDeliverable, request);
  }

  void AcceptSpecification() {
    Submit(1, {Version("SPC-0001", 2)});
    v1::AcceptDeliverableRequest request;
    request.set_name(Deliverable(1));
    request.set_language("fr");
    v1::Reservation& reservation = *request.add_reservations();
    reservation.set_title("Say at which level the head is meant");
    reservation.set_owner("paul");
    reservation.set_due_date("2026-02-27");
    EXPECT_NE(deliverables_.Refused("tom", &v1::Deliverables::Stub::AcceptDeliverable, request), "");
    deliverables_.Do("client", &v1::Deliverables::Stub::AcceptDeliverable, request);
  }

  void Freeze(const std::string& id, v1::BaselineSelection selection, const std::string& reason) {
    v1::CreateBaselineRequest request;
    request.set_parent(kStation);
    request.set_baseline_id(id);
    request.mutable_baseline()->set_title(id);
    request.mutable_baseline()->set_kind("contractual");
    request.mutable_baseline()->set_reason(reason);
    request.mutable_baseline()->set_selection(selection);
    baselines_.Do("marie", &v1::Baselines::Stub::CreateBaseline, request);
  }
  v1::AchieveMilestoneRequest Achieving(const std::string& id) {
    v1::AchieveMilestoneRequest request;
    request.set_name(std::string(kStation) + "/milestones/" + id);
    return request;
  }

  void FirstGate() {
    milestones_.Do("marie", &v1::Milestones::Stub::AchieveMilestone, Achieving("G1"));
    Freeze("gate-1", v1::BASELINE_SELECTION_RELEASED, "what was agreed at gate 1");
    v1::CreateTransmittalRequest request;
    request.set_parent(kStation);
    v1::Transmittal& transmittal = *request.mutable_transmittal();
    transmittal.set_title("Specification for tender");
    transmittal.set_reason(v1::TRANSMITTAL_REASON_USE);
    transmittal.add_recipients()->set_id("supplier");
    transmittal.set_response_due("2026-02-20");
    request.add_versions(Version("SPC-0001", 2));
    transmittals_.Do("marie", &v1::Transmittals::Stub::CreateTransmittal, request);
  }

  void Slip() {
    v1::ForecastDeliverableRequest request;
    request.set_name(Deliverable(2));
    request.set_forecast_date("2026-04-03");
    request.set_reason("the test bench is late");
    deliverables_.Do("paul", &v1::Deliverables::Stub::ForecastDeliverable, request);
    request.set_forecast_date("2026-03-30");
    request.set_reason("another bench was found");
    deliverables_.Do("paul", &v1::Deliverables::Stub::ForecastDeliverable, request);
    v1::ConfirmLinkRequest confirm;
    confirm.set_name(std::string(kStation) + "/links/LNK-0001");
    confirm.set_reason("the plan measures 1,350 l/s too");
    trace_.Do("paul", &v1::Trace::Stub::ConfirmLink, confirm);
  }

  void ChangeAfterRelease() {
    v1::AcknowledgeTransmittalRequest acknowledge;
    acknowledge.set_name(std::string(kStation) + "/transmittals/TRM-0001");
    acknowledge.set_recipient("supplier");
    acknowledge.set_responded(true);
    transmittals_.Do("supplier", &v1::Transmittals::Stub::AcknowledgeTransmittal, acknowledge);
    CheckIn("paul", "SPC-0001", "# Pump\n\nREQ-001 1,350 l/s\n\nREQ-002 a head of 9 m above the sill\n",
            "level of the head");
  }

  void CloseReservation() {
    v1::ListEntriesRequest list;
    list.set_parent(std::string(kStation) + "/actions");
    list.set_filter("owner = paul AND open_due_date != \"\"");
    const v1::ListEntriesResponse actions = registers_.Do("paul", &v1::Registers::Stub::ListEntries, list);
    ASSERT_EQ(actions.entries_size(), 1);
    v1::TransitionEntryRequest complete;
    complete.set_name(actions.entries(0).action().name());
    complete.set_state("DONE");
    complete.set_comment("in version 3");
    registers_.Do("paul", &v1::Registers::Stub::TransitionEntry, complete);
    Release("SPC-0001", 3);
  }

  void RejectReport() {
    Register("paul", "tests/report.md", "progress-report", "# Test report\n\n1,310 l/s\n");
    Submit(2, {Version("RPT-0001", 1)});
    v1::RejectDeliverableRequest reject;
    reject.set_name(Deliverable(2));
    reject.set_comment("below what REQ-001 asks");
    deliverables_.Do("client", &v1::Deliverables::Stub::RejectDeliverable, reject);
  }

  void AcceptReport() {
    CheckIn("paul", "RPT-0001", "# Test report\n\n1,362 l/s with the second impeller\n", "second run");
    Submit(2, {Version("RPT-0001", 2)});
    Accept(2);
    EXPECT_EQ(milestones_.Refused("marie", &v1::Milestones::Stub::AchieveMilestone, Achieving("G2")), "GATES_OPEN");
  }

  void HandOver() {
    Register("paul", "manual.md", "procedure", "# Operating manual\n");
    Submit(3, {Version("PRC-0001", 1)});
    Accept(3);
    milestones_.Do("marie", &v1::Milestones::Stub::AchieveMilestone, Achieving("G2"));
    Freeze("hand-over", v1::BASELINE_SELECTION_LATEST, "what was handed over");
  }

  FakeClock& clock_;
  const Moment& morning_;
  const Moment& evening_;
  Caller<v1::Projects> projects_;
  Caller<v1::Contents> contents_;
  Caller<v1::Versions> versions_;
  Caller<v1::Locks> locks_;
  Caller<v1::Reviews> reviews_;
  Caller<v1::Deliverables> deliverables_;
  Caller<v1::Milestones> milestones_;
  Caller<v1::Registers> registers_;
  Caller<v1::Baselines> baselines_;
  Caller<v1::Trace> trace_;
  Caller<v1::Transmittals> transmittals_;
  Office office_;
};

}  // namespace

void PlayStory(const std::shared_ptr<grpc::Channel>& channel, FakeClock& clock, const Moment& morning,
               const Moment& evening) {
  Story(channel, clock, morning, evening).Play();
}

}  // namespace greffe
