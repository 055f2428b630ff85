#include "tests/model/plan_operations.h"

#include <algorithm>

#include "tests/model/any_records.h"
#include "tests/model/date_changes.h"
#include "tests/model/entry_filters.h"
#include "tests/model/field_filters.h"

namespace greffe::model {
namespace {

constexpr std::size_t kManyDeliverables = 25;  // from so many on, new ones are rare
constexpr std::size_t kManyMilestones = 12;

template <typename Wanted>
std::string AnyMilestone(Dice& dice, const Knowledge& known, Wanted wanted) {
  return AnyRecordName<v1::Milestone>(dice, known, "milestones/MST-9001", wanted);
}

std::string AnyOpenMilestone(Dice& dice, const Knowledge& known) {
  return AnyMilestone(dice, known, [](const v1::Milestone& milestone) { return IsOpen(milestone); });
}

template <typename Wanted>
std::string AnyDeliverable(Dice& dice, const Knowledge& known, Wanted wanted) {
  return AnyRecordName<v1::Deliverable>(dice, known, "deliverables/DLV-9001", wanted);
}

std::string AnyOpenDeliverable(Dice& dice, const Knowledge& known) {
  return AnyDeliverable(dice, known, [](const v1::Deliverable& deliverable) { return IsOpen(deliverable); });
}

std::string AnyShortTitle(Dice& dice) { return dice.OneIn(30) ? "" : "Title " + std::to_string(dice.Below(6)); }

std::string AnyNoteOnIt(Dice& dice) { return dice.OneIn(6) ? "" : "Reason " + std::to_string(dice.Below(4)); }

std::string AnyId(Dice& dice, const std::string& prefix) {
  if (!dice.OneIn(5)) return "";
  if (dice.OneIn(8)) return "not an id";
  return dice.OneIn(2) ? prefix + "-00" + std::to_string(10 + dice.Below(30)) : "X-" + std::to_string(dice.Below(9));
}

std::string AnyPersonOrNone(Dice& dice) { return dice.OneIn(40) ? "<ada>" : dice.OneIn(3) ? AnyPerson(dice) : ""; }

// Late ones, some that are near each other, and one that is far away.
std::string AnyPlannedDate(Dice& dice) {
  if (dice.OneIn(40)) return "2026-02-30";
  if (dice.OneIn(6)) return Days()[0];
  return dice.OneIn(6) ? Days()[2] : DayAfter(Days()[1], 30 * dice.Below(3));
}

// Of something that was done.
std::string AnyPastDate(Dice& dice) {
  if (!dice.OneIn(4)) return "";
  return dice.OneIn(10) ? "2026-02-30" : dice.OneIn(8) ? Days()[1] : Days()[0];
}

void AnyMask(Dice& dice, const std::vector<std::string>& fields, google::protobuf::FieldMask& mask) {
  if (dice.OneIn(12)) return;
  for (std::int64_t count = 1 + dice.Below(2); count > 0; --count) mask.add_paths(dice.Of(fields));
  if (dice.OneIn(40)) mask.add_paths("planned_date");
}

v1::Milestone AnyMilestoneValues(Dice& dice, const Knowledge& known) {
  v1::Milestone milestone;
  milestone.set_title(AnyShortTitle(dice));
  if (dice.OneIn(3)) milestone.set_description("More\nof it");
  milestone.set_responsible(AnyPersonOrNone(dice));
  if (dice.OneIn(2)) milestone.set_stage("stage " + std::to_string(dice.Below(3)));
  if (dice.OneIn(3)) milestone.set_next_stage("stage " + std::to_string(dice.Below(3)));
  for (std::int64_t count = dice.Below(3); count > 0; --count) {
    milestone.add_gates(dice.OneIn(2) ? AnyDeliverable(dice, known, IsAccepted) : AnyOpenMilestone(dice, known));
  }
  if (dice.OneIn(60)) milestone.add_gates(AnyName(dice, known));
  return milestone;
}

v1::Deliverable AnyDeliverableValues(Dice& dice, const Knowledge& known) {
  v1::Deliverable deliverable;
  deliverable.set_title(AnyShortTitle(dice));
  if (dice.OneIn(3)) deliverable.set_description("More\nof it");
  for (std::int64_t count = dice.Below(3); count > 0; --count) {
    deliverable.add_acceptance_criteria(dice.OneIn(40) ? "" : "Fulfils *" + std::to_string(count) + "*");
  }
  deliverable.set_responsible(AnyPersonOrNone(dice));
  if (dice.OneIn(3)) deliverable.set_acceptor(AnyPersonOrNone(dice));
  if (!dice.OneIn(3)) deliverable.set_milestone(AnyOpenMilestone(dice, known));
  if (dice.OneIn(60)) deliverable.set_milestone(AnyName(dice, known));
  const std::vector<std::string> latest = known.LatestIn(v1::VERSION_STATE_DRAFT);
  for (std::int64_t count = dice.Below(3); count > 0 && !latest.empty(); --count) {
    const std::string& version = dice.Of(latest);
    deliverable.add_documents(version.substr(0, version.rfind("/versions/")));
  }
  if (dice.OneIn(20)) deliverable.add_documents(AnyName(dice, known));
  return deliverable;
}

// What a request may say, though the server alone sets it.
template <typename Record>
void PretendSet(Record& record) {
  record.set_actual_date(Days()[0]);
  record.set_slip_days(5);
  record.add_slips()->set_days(7);
  record.set_etag("");
}

v1::Reservation AnyReservation(Dice& dice) {
  v1::Reservation reservation;
  reservation.set_title(AnyShortTitle(dice));
  if (dice.OneIn(2)) reservation.set_description("Look | here");
  reservation.set_owner(dice.OneIn(40) ? "" : AnyPerson(dice));
  reservation.set_due_date(dice.OneIn(20) ? "" : AnyPlannedDate(dice));
  if (reservation.due_date() == Days()[0] && !dice.OneIn(4)) reservation.set_due_date(Days()[1]);
  return reservation;
}

Request AcceptDeliverable(Dice& dice, const Knowledge& known, const std::string& name) {
  auto request = std::make_shared<v1::AcceptDeliverableRequest>();
  request->set_name(name);
  for (std::int64_t count = dice.OneIn(2) ? 0 : dice.Below(3); count > 0; --count) {
    *request->add_reservations() = AnyReservation(dice);
  }
  request->set_date(AnyPastDate(dice));
  request->set_comment(AnyNoteOnIt(dice));
  request->set_language(dice.OneIn(30) ? "de" : dice.OneIn(3) ? "fr" : "");
  if (dice.OneIn(4)) *request->mutable_acceptance_record() = AnyFields(dice);
  // One that another acceptance would take, perhaps.
  if (dice.OneIn(6)) {
    request->mutable_acceptance_record()->set_path(
        dice.OneIn(2) ? dice.Of(Paths()) : "acceptance/DLV-000" + std::to_string(1 + dice.Below(9)) + "-acceptance.md");
  }
  request->set_etag(AnyRecordEtag<v1::Deliverable>(dice, known, name));
  return request;
}

}  // namespace

Request CreateMilestone(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Milestone>().size() >= kManyMilestones && !dice.OneIn(6)) return UpdateMilestone(dice, known);
  auto request = std::make_shared<v1::CreateMilestoneRequest>();
  request->set_parent(Parent(known));
  *request->mutable_milestone() = AnyMilestoneValues(dice, known);
  if (!dice.OneIn(4)) request->mutable_milestone()->set_planned_date(AnyPlannedDate(dice));
  if (dice.OneIn(4)) request->mutable_milestone()->set_forecast_date(AnyPlannedDate(dice));
  request->set_milestone_id(AnyId(dice, "MST"));
  if (dice.OneIn(10)) PretendSet(*request->mutable_milestone());
  return request;
}

Request UpdateMilestone(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Milestone>().empty() && !dice.OneIn(8)) return CreateMilestone(dice, known);
  static const std::vector<std::string> fields = {"title",      "description", "responsible", "stage",
                                                  "next_stage", "gates",       "gates"};
  auto request = std::make_shared<v1::UpdateMilestoneRequest>();
  v1::Milestone& milestone = *request->mutable_milestone();
  milestone = AnyMilestoneValues(dice, known);
  milestone.set_name(AnyOpenMilestone(dice, known));
  const auto* heard = HeardOf<v1::Milestone>(known, milestone.name());
  if (heard != nullptr && dice.OneIn(3)) *milestone.mutable_gates() = heard->gates();
  milestone.set_etag(AnyRecordEtag<v1::Milestone>(dice, known, milestone.name()));
  AnyMask(dice, fields, *request->mutable_update_mask());
  return request;
}

Request CreateDeliverable(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Deliverable>().size() >= kManyDeliverables && !dice.OneIn(6)) {
    return UpdateDeliverable(dice, known);
  }
  auto request = std::make_shared<v1::CreateDeliverableRequest>();
  request->set_parent(Parent(known));
  *request->mutable_deliverable() = AnyDeliverableValues(dice, known);
  if (dice.OneIn(2)) request->mutable_deliverable()->set_planned_date(AnyPlannedDate(dice));
  if (dice.OneIn(4)) request->mutable_deliverable()->set_forecast_date(AnyPlannedDate(dice));
  request->set_deliverable_id(AnyId(dice, "DLV"));
  if (dice.OneIn(10)) PretendSet(*request->mutable_deliverable());
  return request;
}

Request UpdateDeliverable(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Deliverable>().empty() && !dice.OneIn(8)) return CreateDeliverable(dice, known);
  static const std::vector<std::string> fields = {"title",    "description", "acceptance_criteria", "responsible",
                                                  "acceptor", "milestone",   "documents",           "milestone"};
  auto request = std::make_shared<v1::UpdateDeliverableRequest>();
  v1::Deliverable& deliverable = *request->mutable_deliverable();
  deliverable = AnyDeliverableValues(dice, known);
  deliverable.set_name(AnyOpenDeliverable(dice, known));
  deliverable.set_etag(AnyRecordEtag<v1::Deliverable>(dice, known, deliverable.name()));
  AnyMask(dice, fields, *request->mutable_update_mask());
  return request;
}

Request ChangeDate(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Milestone>().empty() && !dice.OneIn(8)) return CreateMilestone(dice, known);
  const auto plan = [&](auto request, const std::string& name) {
    request->set_name(name);
    request->set_planned_date(dice.OneIn(30) ? "" : AnyPlannedDate(dice));
    request->set_reason(AnyNoteOnIt(dice));
    return request;
  };
  const auto forecast = [&](auto request, const std::string& name) {
    request->set_name(name);
    request->set_forecast_date(dice.OneIn(4) ? "" : AnyPlannedDate(dice));
    request->set_reason(AnyNoteOnIt(dice));
    return request;
  };
  switch (dice.Below(5)) {
    case 0:
      return plan(std::make_shared<v1::PlanMilestoneRequest>(), AnyOpenMilestone(dice, known));
    case 1:
      return forecast(std::make_shared<v1::ForecastMilestoneRequest>(), AnyOpenMilestone(dice, known));
    case 2:
      return plan(std::make_shared<v1::PlanDeliverableRequest>(), AnyOpenDeliverable(dice, known));
    default:
      return forecast(std::make_shared<v1::ForecastDeliverableRequest>(), AnyOpenDeliverable(dice, known));
  }
}

Request SettleMilestone(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Milestone>().empty() && !dice.OneIn(8)) return CreateMilestone(dice, known);
  const auto settle = [&](auto request) {
    request->set_name(AnyOpenMilestone(dice, known));
    request->set_comment(AnyNoteOnIt(dice));
    return request;
  };
  if (dice.OneIn(8)) return settle(std::make_shared<v1::CancelMilestoneRequest>());
  if (dice.OneIn(4)) return settle(std::make_shared<v1::MissMilestoneRequest>());
  auto request = settle(std::make_shared<v1::AchieveMilestoneRequest>());
  request->set_actual_date(AnyPastDate(dice));
  return request;
}

Request SubmitDeliverable(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Deliverable>().empty() && !dice.OneIn(8)) return CreateDeliverable(dice, known);
  auto request = std::make_shared<v1::SubmitDeliverableRequest>();
  request->set_name(AnyOpenDeliverable(dice, known));
  const auto* heard = HeardOf<v1::Deliverable>(known, request->name());
  if (heard != nullptr) {
    for (const std::string& document : heard->documents()) {
      if (!dice.OneIn(15)) request->add_versions(document + "/versions/latest");
    }
  }
  if (request->versions().empty() || dice.OneIn(10)) {
    request->add_versions(dice.OneIn(4) ? AnyVersionName(dice, known) : AnyName(dice, known) + "/versions/latest");
  }
  if (dice.OneIn(60)) request->clear_versions();
  if (dice.OneIn(60)) request->add_versions("projects/elsewhere/documents/REC-0001/versions/1");
  request->set_date(AnyPastDate(dice));
  request->set_comment(AnyNoteOnIt(dice));
  return request;
}

Request DecideOnDeliverable(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Deliverable>().empty() && !dice.OneIn(8)) return CreateDeliverable(dice, known);
  const auto mine = [&](const v1::Deliverable& deliverable) {
    return deliverable.state() == v1::DELIVERABLE_STATE_SUBMITTED &&
           (deliverable.acceptor().empty() || deliverable.acceptor() == known.caller);
  };
  const auto all = known.All<v1::Deliverable>();
  const bool any = std::any_of(all.begin(), all.end(), [&](const auto& deliverable) { return mine(*deliverable); });
  if (!any && !dice.OneIn(4)) return SubmitDeliverable(dice, known);
  const std::string name = AnyDeliverable(dice, known, mine);
  if (!dice.OneIn(3)) return AcceptDeliverable(dice, known, name);
  auto request = std::make_shared<v1::RejectDeliverableRequest>();
  request->set_name(name);
  request->set_comment(AnyNoteOnIt(dice));
  request->set_date(AnyPastDate(dice));
  request->set_etag(AnyRecordEtag<v1::Deliverable>(dice, known, name));
  return request;
}

Request StartOrArchiveDeliverable(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Deliverable>().empty() && !dice.OneIn(8)) return CreateDeliverable(dice, known);
  if (!dice.OneIn(3)) {
    auto request = std::make_shared<v1::StartDeliverableRequest>();
    request->set_name(AnyOpenDeliverable(dice, known));
    return request;
  }
  auto request = std::make_shared<v1::ArchiveDeliverableRequest>();
  request->set_name(dice.OneIn(3) ? AnyOpenDeliverable(dice, known) : AnyDeliverable(dice, known, IsAccepted));
  request->set_comment(AnyNoteOnIt(dice));
  return request;
}

Request GetPlanned(Dice& dice, const Knowledge& known) {
  if (known.All<v1::Deliverable>().empty() && !dice.OneIn(8)) return CreateDeliverable(dice, known);
  const auto get = [&](auto request, const std::string& name) {
    request->set_name(name);
    if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
    return request;
  };
  if (dice.OneIn(3)) return get(std::make_shared<v1::GetMilestoneRequest>(), AnyOpenMilestone(dice, known));
  return get(std::make_shared<v1::GetDeliverableRequest>(), AnyOpenDeliverable(dice, known));
}

Request ListPlanned(Dice& dice, const Knowledge& known) {
  const auto list = [&](auto request, const google::protobuf::Descriptor& type) {
    request->set_parent(Parent(known));
    request->set_filter(AnyFilter(dice, known, type));
    request->set_order_by(AnyOrder(dice, type));
    if (dice.OneIn(4)) request->set_late(true);
    if (dice.OneIn(4)) request->set_due_within_days(kSoonDays);
    request->set_page_size(dice.OneIn(3) ? 1 + static_cast<int>(dice.Below(4)) : 1000);
    if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
    return request;
  };
  if (dice.OneIn(3)) return list(std::make_shared<v1::ListMilestonesRequest>(), *v1::Milestone::descriptor());
  return list(std::make_shared<v1::ListDeliverablesRequest>(), *v1::Deliverable::descriptor());
}

Request GetSlipTrend(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetSlipTrendRequest>();
  request->set_parent(Parent(known));
  request->set_from_date(DayIn(static_cast<int>(-2 - dice.Below(90))));
  request->set_to_date(DayIn(static_cast<int>(dice.OneIn(3) ? 2 + dice.Below(90) : -1)));
  request->set_period(static_cast<v1::SlipPeriod>(dice.Below(3)));
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

}  // namespace greffe::model
