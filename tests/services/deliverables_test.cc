#include <gtest/gtest.h>

#include "storage/base/civil_date.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

constexpr char kDeliverable[] = "projects/apollo/deliverables/DLV-0001";

class DeliverablesTest : public ServiceFixture {
 protected:
  using Stub = v1::Deliverables::Stub;

  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    CheckIn(NewAt("a.md", "one"));
    CheckIn(NewAt("b.md", "other"));
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  v1::Deliverable Create(const std::string& title, const std::string& planned = "",
                         const std::string& responsible = "") {
    v1::CreateDeliverableRequest request;
    request.set_parent(kProject);
    request.mutable_deliverable()->set_title(title);
    request.mutable_deliverable()->set_planned_date(planned);
    request.mutable_deliverable()->set_responsible(responsible);
    return Call(*deliverables_, &Stub::CreateDeliverable, request);
  }
  v1::Deliverable Get(const std::string& name = kDeliverable, std::int64_t sequence = 0) {
    v1::GetDeliverableRequest request;
    request.set_name(name);
    if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
    return Call(*deliverables_, &Stub::GetDeliverable, request);
  }
  v1::Deliverable Plan(const std::string& name, const std::string& date) {
    v1::PlanDeliverableRequest request;
    request.set_name(name);
    request.set_planned_date(date);
    request.set_reason("new plan");
    return Call(*deliverables_, &Stub::PlanDeliverable, request);
  }
  v1::Deliverable Forecast(const std::string& name, const std::string& date) {
    v1::ForecastDeliverableRequest request;
    request.set_name(name);
    request.set_forecast_date(date);
    request.set_reason("supplier is late");
    return Call(*deliverables_, &Stub::ForecastDeliverable, request);
  }
  v1::Deliverable Begin(const std::string& name = kDeliverable) {
    v1::StartDeliverableRequest request;
    request.set_name(name);
    return Call(*deliverables_, &Stub::StartDeliverable, request);
  }
  v1::Deliverable Submit(const std::vector<std::string>& versions, const std::string& name = kDeliverable) {
    v1::SubmitDeliverableRequest request;
    request.set_name(name);
    for (const std::string& version : versions) request.add_versions(version);
    return Call(*deliverables_, &Stub::SubmitDeliverable, request);
  }
  v1::AcceptDeliverableRequest Acceptance(const std::string& name = kDeliverable) {
    v1::AcceptDeliverableRequest request;
    request.set_name(name);
    return request;
  }
  v1::Deliverable Accept(const v1::AcceptDeliverableRequest& request) {
    return Call(*deliverables_, &Stub::AcceptDeliverable, request);
  }
  v1::Deliverable Reject(const std::string& comment, const std::string& name = kDeliverable) {
    v1::RejectDeliverableRequest request;
    request.set_name(name);
    request.set_comment(comment);
    return Call(*deliverables_, &Stub::RejectDeliverable, request);
  }
  v1::Deliverable Archive(const std::string& comment, const std::string& name = kDeliverable) {
    v1::ArchiveDeliverableRequest request;
    request.set_name(name);
    request.set_comment(comment);
    return Call(*deliverables_, &Stub::ArchiveDeliverable, request);
  }
  v1::Deliverable Update(const v1::Deliverable& values, const std::string& path) {
    v1::UpdateDeliverableRequest request;
    *request.mutable_deliverable() = values;
    request.mutable_update_mask()->add_paths(path);
    return Call(*deliverables_, &Stub::UpdateDeliverable, request);
  }
  static v1::ListDeliverablesRequest ListRequest(const std::string& filter = "", const std::string& order_by = "") {
    v1::ListDeliverablesRequest request;
    request.set_parent(kProject);
    request.set_filter(filter);
    request.set_order_by(order_by);
    return request;
  }
  // The ids, one after the other.
  std::string List(const v1::ListDeliverablesRequest& request) {
    std::string ids;
    const auto page = Call(*deliverables_, &Stub::ListDeliverables, request);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    for (const v1::Deliverable& deliverable : page.deliverables()) {
      ids += (ids.empty() ? "" : " ") + deliverable.name().substr(deliverable.name().rfind('/') + 1);
    }
    return ids;
  }
  std::int64_t Sequence() {
    v1::GetProjectRequest request;
    request.set_name(kProject);
    return Call(*projects_, &v1::Projects::Stub::GetProject, request).sequence();
  }
  static std::string DaysFromToday(int days) { return AddDays(DateAt(SystemClock().Now(), "UTC"), days); }
  static std::string Latest(const std::string& document) { return document + "/versions/latest"; }
};

TEST_F(DeliverablesTest, GoesFromPlanToAcceptanceAndArchive) {
  principal_ = "ada";
  v1::CreateDeliverableRequest create;
  create.set_parent(kProject);
  v1::Deliverable& wanted = *create.mutable_deliverable();
  wanted.set_title("Pump specification");
  wanted.add_acceptance_criteria("Flow of 40 m³/h is shown");
  wanted.set_acceptor("grace");
  wanted.set_planned_date("2026-03-31");
  wanted.add_documents(kSpecification);
  const v1::Deliverable made = Call(*deliverables_, &Stub::CreateDeliverable, create);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(made.name(), kDeliverable);
  EXPECT_EQ(made.state(), v1::DELIVERABLE_STATE_PLANNED);
  EXPECT_EQ(made.responsible(), "ada");
  EXPECT_EQ(made.current_due_date(), "2026-03-31");
  EXPECT_EQ(made.open_due_date(), "2026-03-31");
  EXPECT_FALSE(made.etag().empty());

  EXPECT_EQ(Begin().state(), v1::DELIVERABLE_STATE_IN_PROGRESS);
  const v1::Deliverable submitted = Submit({Latest(kSpecification)});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(submitted.state(), v1::DELIVERABLE_STATE_SUBMITTED);
  ASSERT_EQ(submitted.submissions_size(), 1);
  EXPECT_EQ(submitted.submissions(0).versions(0).version(), std::string(kSpecification) + "/versions/1");
  EXPECT_EQ(submitted.submissions(0).versions(0).manifest_sha256().size(), 64u);
  EXPECT_EQ(submitted.submissions(0).principal(), "ada");

  Accept(Acceptance());
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Reason(), "NOT_THE_ACCEPTOR");
  principal_ = "grace";
  const std::int64_t before = Sequence();
  const v1::Deliverable accepted = Accept(Acceptance());
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Sequence(), before + 1) << "one commit";
  EXPECT_EQ(accepted.state(), v1::DELIVERABLE_STATE_ACCEPTED);
  EXPECT_EQ(accepted.actual_date(), DaysFromToday(0));
  EXPECT_EQ(accepted.open_due_date(), "");
  const v1::Acceptance& acceptance = accepted.submissions(0).acceptance();
  EXPECT_EQ(acceptance.outcome(), v1::ACCEPTANCE_OUTCOME_ACCEPTED);
  EXPECT_EQ(acceptance.principal(), "grace");
  EXPECT_EQ(acceptance.record(), "projects/apollo/documents/REC-0001/versions/1");

  const v1::FetchContentResponse record = Fetch(acceptance.record());
  EXPECT_EQ(record.file().file_name(), "DLV-0001-acceptance.md");
  EXPECT_EQ(record.file().media_type(), "text/markdown");
  for (const std::string& part :
       {std::string("# Acceptance record: Pump specification"), std::string("Flow of 40 m³/h is shown"),
        submitted.submissions(0).versions(0).manifest_sha256(), std::string("grace")}) {
    EXPECT_NE(record.content().find(part), std::string::npos) << part << " in:\n" << record.content();
  }

  Forecast(kDeliverable, "2026-04-30");
  EXPECT_EQ(Reason(), "DELIVERABLE_CLOSED");
  EXPECT_EQ(Archive("").state(), v1::DELIVERABLE_STATE_ARCHIVED);
  Begin();
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
  EXPECT_EQ(Metadata("allowed"), "");
  EXPECT_EQ(Get(kDeliverable, before).state(), v1::DELIVERABLE_STATE_SUBMITTED) << "as it was";
}

TEST_F(DeliverablesTest, ReservationsBecomeActions) {
  Create("Pumps", "2026-03-31");
  Submit({Latest(kSpecification)});
  v1::AcceptDeliverableRequest request = Acceptance();
  request.set_language("fr");
  request.set_comment("Bon travail");
  request.set_request_id("accept-1");
  v1::Reservation& first = *request.add_reservations();
  first.set_title("Corriger la page | 3");
  first.set_owner("ada");
  first.set_due_date(DaysFromToday(10));
  v1::Reservation& second = *request.add_reservations();
  second.set_title("Ajouter l'index");
  second.set_owner("linus");
  second.set_due_date(DaysFromToday(20));
  const v1::Deliverable accepted = Accept(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(accepted.state(), v1::DELIVERABLE_STATE_ACCEPTED_WITH_RESERVATIONS);
  const v1::Acceptance& acceptance = accepted.submissions(0).acceptance();
  ASSERT_EQ(acceptance.reservations_size(), 2);
  v1::GetEntryRequest get;
  get.set_name(acceptance.reservations(1));
  const v1::Action action = Call(*registers_, &v1::Registers::Stub::GetEntry, get).action();
  EXPECT_EQ(action.title(), "Ajouter l'index");
  EXPECT_EQ(action.owner(), "linus");
  EXPECT_EQ(action.state(), v1::ACTION_STATE_OPEN);
  EXPECT_EQ(action.source(), kDeliverable);
  EXPECT_EQ(action.open_due_date(), DaysFromToday(20));

  const std::string text = Fetch(acceptance.record()).content();
  for (const char* part : {"# Procès-verbal de recette", "**accepté avec réserves**", "Corriger la page \\| 3",
                           "ACT-0002", "Bon travail", "linus"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << " in:\n" << text;
  }
  EXPECT_EQ(Accept(request).DebugString(), accepted.DebugString()) << "asked twice, done once";
}

TEST_F(DeliverablesTest, AReservationIsAskedForRequiredAttributesAtItsNextUpdate) {
  v1::UpdateProjectRequest define;
  define.mutable_project()->set_name(kProject);
  v1::AttributeDefinition& definition = *define.mutable_project()->add_attribute_definitions();
  definition.set_id("cost_code");
  definition.set_type(v1::ATTRIBUTE_TYPE_TEXT);
  definition.set_required(true);
  definition.add_collections("actions");
  define.mutable_update_mask()->add_paths("attribute_definitions");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, define);
  Create("Pumps", "2026-03-31");
  Submit({Latest(kSpecification)});
  v1::AcceptDeliverableRequest request = Acceptance();
  v1::Reservation& reservation = *request.add_reservations();
  reservation.set_title("Correct page 3");
  reservation.set_owner("ada");
  reservation.set_due_date(DaysFromToday(10));
  const v1::Deliverable accepted = Accept(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::UpdateEntryRequest update;
  v1::Action& action = *update.mutable_entry()->mutable_action();
  action.set_name(accepted.submissions(0).acceptance().reservations(0));
  action.set_title("Correct page 4");
  update.mutable_update_mask()->add_paths("title");
  Call(*registers_, &v1::Registers::Stub::UpdateEntry, update);
  EXPECT_EQ(Reason(), "ATTRIBUTE_REQUIRED");
  (*action.mutable_attributes())["cost_code"].set_text("4711");
  update.mutable_update_mask()->add_paths("attributes");
  Call(*registers_, &v1::Registers::Stub::UpdateEntry, update);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(DeliverablesTest, AnAcceptanceRecordIsAskedForRequiredAttributesAtItsNextUpdate) {
  v1::UpdateProjectRequest define;
  define.mutable_project()->set_name(kProject);
  v1::AttributeDefinition& definition = *define.mutable_project()->add_attribute_definitions();
  definition.set_id("discipline");
  definition.set_type(v1::ATTRIBUTE_TYPE_TEXT);
  definition.set_required(true);
  define.mutable_update_mask()->add_paths("attribute_definitions");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, define);
  Create("Pumps");
  Submit({Latest(kSpecification)});
  v1::AcceptDeliverableRequest request = Acceptance();
  (*request.mutable_acceptance_record()->mutable_attributes())["colour"].set_text("red");
  Accept(request);
  EXPECT_EQ(Reason(), "ATTRIBUTE_UNKNOWN") << "what is given is held to the definitions";
  request.clear_acceptance_record();
  Accept(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::UpdateDocumentRequest update;
  update.mutable_document()->set_name("projects/apollo/documents/REC-0001");
  update.mutable_document()->set_title("Acceptance of the pumps");
  update.mutable_update_mask()->add_paths("title");
  Call(*documents_, &v1::Documents::Stub::UpdateDocument, update);
  EXPECT_EQ(Reason(), "ATTRIBUTE_REQUIRED");
  (*update.mutable_document()->mutable_attributes())["discipline"].set_text("process");
  update.mutable_update_mask()->add_paths("attributes");
  Call(*documents_, &v1::Documents::Stub::UpdateDocument, update);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(DeliverablesTest, AnAcceptanceRecordLiesWhereTheProjectHasRoomForIt) {
  const auto path_of = [this](const std::string& number) {
    v1::GetDocumentRequest request;
    request.set_name("projects/apollo/documents/" + number);
    return Call(*documents_, &v1::Documents::Stub::GetDocument, request).path();
  };
  const auto accept = [this](const std::string& id, const std::string& path = "") {
    const std::string name = std::string(kProject) + "/deliverables/" + id;
    Create("Pumps");
    Submit({Latest(kSpecification)}, name);
    v1::AcceptDeliverableRequest request = Acceptance(name);
    request.mutable_acceptance_record()->set_path(path);
    Accept(request);
  };
  CheckIn(NewAt("Acceptance/plan.md", "how to accept"));  // SPC-0003
  accept("DLV-0001");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(path_of("REC-0001"), "Acceptance/DLV-0001-acceptance.md") << "the folder as the project spells it";
  accept("DLV-0002", "acceptance/pumps.md");
  EXPECT_EQ(Reason(), "PATH_TAKEN") << "a path that was chosen stays as it is";
  CheckIn(NewAt("Acceptance/DLV-0002-Acceptance.md", "in its place"));
  Accept(Acceptance("projects/apollo/deliverables/DLV-0002"));
  EXPECT_EQ(path_of("REC-0002"), "Acceptance/DLV-0002-acceptance-2.md");

  // A document takes the folder's place.
  for (const char* number : {"SPC-0003", "SPC-0004", "REC-0001", "REC-0002"}) {
    v1::MoveDocumentRequest move;
    move.set_name(std::string("projects/apollo/documents/") + number);
    move.set_destination_path(std::string("elsewhere/") + number + ".md");
    Call(*documents_, &v1::Documents::Stub::MoveDocument, move);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  CheckIn(NewAt("ACCEPTANCE", "in the way"));
  accept("DLV-0003");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(path_of("REC-0003"), "DLV-0003-acceptance.md");
}

TEST_F(DeliverablesTest, ARefusedAcceptanceLeavesNothing) {
  Create("Pumps");
  Submit({Latest(kSpecification)});
  const std::int64_t before = Sequence();
  v1::AcceptDeliverableRequest request = Acceptance();
  v1::Reservation& reservation = *request.add_reservations();
  reservation.set_title("Index");
  reservation.set_owner("ada");
  Accept(request);
  EXPECT_EQ(Reason(), "DATE_INVALID");
  EXPECT_EQ(Field(), "reservations[0].due_date");
  reservation.set_due_date(DaysFromToday(-1));
  Accept(request);
  EXPECT_EQ(Reason(), "DATES_OUT_OF_ORDER");
  reservation.set_due_date(DaysFromToday(1));
  reservation.clear_owner();
  Accept(request);
  EXPECT_EQ(Field(), "reservations[0].owner");
  reservation.set_owner("ada");
  request.set_language("la");
  Accept(request);
  EXPECT_EQ(Reason(), "LANGUAGE_UNKNOWN");
  request.clear_language();
  request.set_date(DaysFromToday(2));
  Accept(request);
  EXPECT_EQ(Reason(), "DATE_IN_FUTURE");
  request.set_date("2020-01-01");
  Accept(request);
  EXPECT_EQ(Reason(), "DATES_OUT_OF_ORDER");
  request.clear_date();
  request.set_etag("0000000000000000000000000000000000000000");
  Accept(request);
  EXPECT_EQ(Reason(), "ETAG_MISMATCH");
  request.clear_etag();
  request.mutable_acceptance_record()->set_path("a.md");
  Accept(request);
  EXPECT_EQ(Reason(), "PATH_TAKEN");
  request.mutable_acceptance_record()->clear_path();
  request.mutable_acceptance_record()->set_type("papyrus");
  Accept(request);
  EXPECT_EQ(Reason(), "DOCUMENT_TYPE_UNKNOWN");
  EXPECT_EQ(Sequence(), before);
  v1::ListEntriesRequest list;
  list.set_parent(std::string(kProject) + "/actions");
  EXPECT_EQ(Call(*registers_, &v1::Registers::Stub::ListEntries, list).entries_size(), 0);
  EXPECT_EQ(Get().state(), v1::DELIVERABLE_STATE_SUBMITTED);
}

TEST_F(DeliverablesTest, VersionsThatChangedSinceTheirSubmissionAreNotAccepted) {
  Create("Pumps");
  Submit({Latest(kSpecification), "projects/apollo/documents/SPC-0002/versions/1"});
  EXPECT_EQ(Get().documents_size(), 2) << "what is submitted belongs to it";
  CheckIn(Next("SPC-0002", "changed"));
  Accept(Acceptance());
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "SUBMISSION_OUTDATED");
  EXPECT_EQ(Metadata("documents"), "projects/apollo/documents/SPC-0002");
  Submit({Latest(kSpecification), "projects/apollo/documents/SPC-0002/versions/1"});
  EXPECT_EQ(Reason(), "VERSION_NOT_LATEST");
  Submit({Latest(kSpecification), Latest("projects/apollo/documents/SPC-0002")});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name(kSpecification);
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  Accept(Acceptance());
  EXPECT_EQ(Metadata("documents"), kSpecification);
  EXPECT_EQ(Reject("is withdrawn").state(), v1::DELIVERABLE_STATE_REJECTED);
}

TEST_F(DeliverablesTest, ASubmissionNamesVersionsThatExist) {
  Create("Pumps");
  v1::Deliverable values = Get();
  values.add_documents(kSpecification);
  values.add_documents("projects/apollo/documents/SPC-0002");
  Update(values, "documents");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Submit({});
  EXPECT_EQ(Field(), "versions");
  Submit({std::string(kSpecification) + "/versions/7"});
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Reason(), "VERSION_NOT_FOUND");
  EXPECT_EQ(Metadata("version"), "7");
  Submit({"projects/apollo/documents/SPC-0009/versions/1"});
  EXPECT_EQ(Reason(), "DOCUMENT_NOT_FOUND");
  Submit({"projects/gemini/documents/SPC-0001/versions/1"});
  EXPECT_EQ(Reason(), "NAME_INVALID");
  EXPECT_EQ(Field(), "versions[0]");
  Submit({Latest(kSpecification), std::string(kSpecification) + "/versions/1"});
  EXPECT_EQ(Field(), "versions[1]");
  Submit({Latest(kSpecification)});
  EXPECT_EQ(Reason(), "SUBMISSION_INCOMPLETE");
  EXPECT_EQ(Metadata("documents"), "projects/apollo/documents/SPC-0002");
  EXPECT_EQ(Get().submissions_size(), 0);
  CheckIn(NewAt("c.md", "old"));
  v1::ObsoleteVersionRequest obsolete;
  obsolete.set_name("projects/apollo/documents/SPC-0003/versions/1");
  obsolete.set_comment("replaced");
  Call(*versions_, &v1::Versions::Stub::ObsoleteVersion, obsolete);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Submit({Latest(kSpecification), Latest("projects/apollo/documents/SPC-0002"), obsolete.name()});
  EXPECT_EQ(Reason(), "VERSION_OBSOLETE");
  EXPECT_EQ(Metadata("version"), obsolete.name());

  Submit({Latest(kSpecification), Latest("projects/apollo/documents/SPC-0002")});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  values = Get();
  values.add_acceptance_criteria("one more");
  Update(values, "acceptance_criteria");
  EXPECT_EQ(Reason(), "SUBMISSION_OPEN");
  EXPECT_EQ(Reject("page 3 is missing").submissions(0).acceptance().comment(), "page 3 is missing");
  Begin();
  Submit({Latest(kSpecification), Latest("projects/apollo/documents/SPC-0002")});
  EXPECT_EQ(Accept(Acceptance()).submissions_size(), 2);
}

TEST_F(DeliverablesTest, TransitionsThatAreNotAllowedNameTheAllowedOnes) {
  Create("Pumps");
  Accept(Acceptance());
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
  EXPECT_EQ(Metadata("state"), "PLANNED");
  EXPECT_EQ(Metadata("allowed"), "IN_PROGRESS, SUBMITTED, ARCHIVED");
  Reject("no");
  EXPECT_EQ(Reason(), "TRANSITION_NOT_ALLOWED");
  Archive("");
  EXPECT_EQ(Field(), "comment") << "giving up needs a reason";
  Submit({Latest(kSpecification)});
  Begin();
  EXPECT_EQ(Metadata("allowed"), "SUBMITTED, ACCEPTED, ACCEPTED_WITH_RESERVATIONS, REJECTED");
  Reject("");
  EXPECT_EQ(Field(), "comment");
  Begin("projects/apollo/deliverables/DLV-0099");
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
}

TEST_F(DeliverablesTest, EverySlipIsKept) {
  Create("Pumps", "2026-03-31");
  EXPECT_EQ(Get().slips_size(), 0) << "a first plan is no slip";
  Forecast(kDeliverable, "2026-04-10");
  Forecast(kDeliverable, "2026-04-08");
  const v1::Deliverable planned = Plan(kDeliverable, "2026-04-30");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(planned.slips_size(), 3);
  EXPECT_EQ(planned.slips(0).kind(), v1::DATE_KIND_FORECAST);
  EXPECT_EQ(planned.slips(0).from(), "2026-03-31");
  EXPECT_EQ(planned.slips(0).to(), "2026-04-10");
  EXPECT_EQ(planned.slips(0).days(), 10);
  EXPECT_EQ(planned.slips(0).reason(), "supplier is late");
  EXPECT_EQ(planned.slips(0).date(), DaysFromToday(0));
  EXPECT_EQ(planned.slips(1).days(), -2);
  EXPECT_EQ(planned.slips(2).kind(), v1::DATE_KIND_PLANNED);
  EXPECT_EQ(planned.slips(2).from(), "2026-03-31");
  EXPECT_EQ(planned.slips(2).days(), 22);
  EXPECT_EQ(planned.forecast_date(), "") << "a new plan takes back the forecast";
  EXPECT_EQ(planned.current_due_date(), "2026-04-30");
  EXPECT_EQ(planned.slip_days(), 30);
  const std::int64_t before = Sequence();
  Plan(kDeliverable, "2026-04-30");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(Sequence(), before) << "nothing changed";

  v1::GetSlipTrendRequest request;
  request.set_parent(kProject);
  const v1::SlipTrend trend = Call(*deliverables_, &Stub::GetSlipTrend, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(trend.periods_size(), 13);
  const v1::SlipCount& week = trend.periods(12);
  EXPECT_EQ(week.slip_count(), 3);
  EXPECT_EQ(week.deliverable_count(), 1);
  EXPECT_EQ(week.days_lost(), 32);
  EXPECT_EQ(week.days_gained(), 2);
  EXPECT_EQ(trend.periods(0).slip_count(), 0);
  request.mutable_as_of()->set_sequence(5);
  EXPECT_EQ(Call(*deliverables_, &Stub::GetSlipTrend, request).periods(12).slip_count(), 1);
  request.set_from_date("2026-05-01");
  request.set_to_date("2026-04-01");
  Call(*deliverables_, &Stub::GetSlipTrend, request);
  EXPECT_EQ(Reason(), "DATES_OUT_OF_ORDER");
}

TEST_F(DeliverablesTest, WhatIsNotADateIsNamed) {
  Create("Pumps", "31/03/2026");
  EXPECT_EQ(Reason(), "DATE_INVALID");
  EXPECT_EQ(Field(), "deliverable.planned_date");
  Create("Pumps", "2026-02-30");
  EXPECT_EQ(Reason(), "DATE_INVALID");
  Create("Pumps");
  Plan(kDeliverable, "");
  EXPECT_EQ(Field(), "planned_date");
  Plan(kDeliverable, "soon");
  EXPECT_EQ(Field(), "planned_date");
  Forecast(kDeliverable, "2026-13-01");
  EXPECT_EQ(Field(), "forecast_date");
  v1::ListDeliverablesRequest request = ListRequest();
  request.set_due_within_days(-1);
  Call(*deliverables_, &Stub::ListDeliverables, request);
  EXPECT_EQ(Field(), "due_within_days");
}

TEST_F(DeliverablesTest, WhatDoesNotExistIsNamed) {
  v1::CreateDeliverableRequest request;
  request.set_parent(kProject);
  request.mutable_deliverable()->set_title("Pumps");
  request.mutable_deliverable()->set_milestone("projects/apollo/milestones/MST-0001");
  Call(*deliverables_, &Stub::CreateDeliverable, request);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Metadata("resource"), "projects/apollo/milestones/MST-0001");
  request.mutable_deliverable()->set_milestone("projects/gemini/milestones/MST-0001");
  Call(*deliverables_, &Stub::CreateDeliverable, request);
  EXPECT_EQ(Field(), "deliverable.milestone");
  request.mutable_deliverable()->clear_milestone();
  request.mutable_deliverable()->add_documents("projects/apollo/documents/SPC-0077");
  Call(*deliverables_, &Stub::CreateDeliverable, request);
  EXPECT_EQ(Reason(), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(Metadata("key"), "SPC-0077");
  request.mutable_deliverable()->clear_documents();
  request.set_deliverable_id("D2.1");
  EXPECT_EQ(Call(*deliverables_, &Stub::CreateDeliverable, request).name(), "projects/apollo/deliverables/D2.1");
  Call(*deliverables_, &Stub::CreateDeliverable, request);
  EXPECT_EQ(Reason(), "ID_TAKEN");
}

TEST_F(DeliverablesTest, TheRegisterFiltersSortsAndTellsWhatIsLate) {
  Create("Late", DaysFromToday(-3), "ada");
  Create("Soon", DaysFromToday(5), "grace");
  Create("Far", DaysFromToday(90), "ada");
  Create("Unplanned", "", "ada");
  Create("Later than late", DaysFromToday(-1), "grace");
  Forecast("projects/apollo/deliverables/DLV-0003", DaysFromToday(80));
  v1::Deliverable values = Get();
  values.add_documents(kSpecification);
  values.add_documents("projects/apollo/documents/SPC-0002");
  Update(values, "documents");

  EXPECT_EQ(List(ListRequest()), "DLV-0001 DLV-0002 DLV-0003 DLV-0004 DLV-0005");
  EXPECT_EQ(List(ListRequest("responsible = ada")), "DLV-0001 DLV-0003 DLV-0004");
  EXPECT_EQ(List(ListRequest("responsible = ada AND state = PLANNED", "current_due_date desc")),
            "DLV-0003 DLV-0001 DLV-0004");
  EXPECT_EQ(List(ListRequest("documents : \"projects/apollo/documents/SPC-\"")), "DLV-0001") << "once, not twice";
  EXPECT_EQ(List(ListRequest("documents = \"projects/apollo/documents/SPC-0002\"")), "DLV-0001");
  v1::ListDeliverablesRequest late = ListRequest();
  late.set_late(true);
  EXPECT_EQ(List(late), "DLV-0001 DLV-0005") << "longest overdue first";
  late.set_filter("responsible = grace");
  EXPECT_EQ(List(late), "DLV-0005");
  v1::ListDeliverablesRequest soon = ListRequest();
  soon.set_due_within_days(14);
  EXPECT_EQ(List(soon), "DLV-0002");
  soon.set_late(true);
  soon.set_order_by("open_due_date desc");
  EXPECT_EQ(List(soon), "DLV-0002 DLV-0005 DLV-0001");
  soon.set_page_size(2);
  const auto page = Call(*deliverables_, &Stub::ListDeliverables, soon);
  soon.set_page_token(page.next_page_token());
  EXPECT_EQ(List(soon), "DLV-0001");

  Submit({Latest(kSpecification), Latest("projects/apollo/documents/SPC-0002")});
  const std::int64_t submitted = Sequence();
  Accept(Acceptance());
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  late.clear_filter();
  EXPECT_EQ(List(late), "DLV-0005") << "accepted is not late";
  late.mutable_as_of()->set_sequence(submitted);
  EXPECT_EQ(List(late), "DLV-0001 DLV-0005");
  late.mutable_as_of()->mutable_time()->set_seconds(4'000'000'000);
  EXPECT_EQ(List(late), "DLV-0005 DLV-0002 DLV-0003") << "if nothing happens until then";
  late.set_filter("responsible = ada) OR (x = 1");
  Call(*deliverables_, &Stub::ListDeliverables, late);
  EXPECT_EQ(Reason(), "FILTER_INVALID");
}

TEST_F(DeliverablesTest, AnswersAreTheSameAfterTheIndexIsMadeAnew) {
  Create("Pumps", DaysFromToday(-3), "ada");
  Create("Pipes", DaysFromToday(-2), "grace");
  Forecast(kDeliverable, DaysFromToday(-1));
  Submit({Latest(kSpecification)});
  v1::AcceptDeliverableRequest request = Acceptance();
  v1::Reservation& reservation = *request.add_reservations();
  reservation.set_title("Index");
  reservation.set_owner("ada");
  reservation.set_due_date(DaysFromToday(3));
  Accept(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const auto answers = [&] {
    std::string text = Get().DebugString();
    v1::ListDeliverablesRequest late = ListRequest();
    late.set_late(true);
    text += List(late) + Call(*deliverables_, &Stub::ListDeliverables, ListRequest()).DebugString();
    v1::GetSlipTrendRequest trend;
    trend.set_parent(kProject);
    text += Call(*deliverables_, &Stub::GetSlipTrend, trend).DebugString();
    v1::ListEntriesRequest actions;
    actions.set_parent(std::string(kProject) + "/actions");
    text += Call(*registers_, &v1::Registers::Stub::ListEntries, actions).DebugString();
    v1::ListChangesRequest changes;
    changes.set_parent(kProject);
    return text + Call(*changes_, &v1::Changes::Stub::ListChanges, changes).DebugString() +
           Fetch(Get().submissions(0).acceptance().record()).content();
  };
  const std::string before = answers();
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_EQ(answers(), before);
}

}  // namespace
}  // namespace greffe
