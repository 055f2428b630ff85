#include "storage/base/deliverable_rules.h"

#include <set>

#include "absl/strings/str_cat.h"
#include "greffe/v1/milestones.pb.h"
#include "storage/base/civil_date.h"
#include "storage/base/due_dates.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_kinds.h"
#include "storage/base/state_change.h"

namespace greffe {
namespace {

constexpr int kMaxCriteria = 50;

absl::Status TooMany(const std::string& field, int count, int most) {
  return InvalidField(field, "FIELD_INVALID", absl::StrCat(count, " of them; at most ", most, " are allowed"));
}

absl::Status OtherProject(const std::string& field, const std::string& name) {
  return InvalidField(field, "NAME_INVALID", "'" + name + "': is of another project");
}

absl::Status ValidateDocuments(const v1::Deliverable& deliverable, const std::string& project,
                               const std::string& field) {
  if (deliverable.documents_size() > kMaxDeliverableDocuments) {
    return TooMany(field, deliverable.documents_size(), kMaxDeliverableDocuments);
  }
  std::set<std::string> seen;
  for (int i = 0; i < deliverable.documents_size(); ++i) {
    const std::string place = absl::StrCat(field, "[", i, "]");
    const std::string& document = deliverable.documents(i);
    GREFFE_ASSIGN_OR_RETURN(const DocumentName name, ParseDocumentName(document, place));
    if (name.project != project) return OtherProject(place, document);
    if (!seen.insert(document).second) {
      return InvalidField(place, "FIELD_INVALID", "'" + document + "': is there twice");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateDeliverable(const v1::Deliverable& deliverable, const std::string& project,
                                 const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(deliverable.title(), field + ".title", 1, 200));
  GREFFE_RETURN_IF_ERROR(ValidateText(deliverable.description(), field + ".description", 0, 10'000, true));
  if (deliverable.acceptance_criteria_size() > kMaxCriteria) {
    return TooMany(field + ".acceptance_criteria", deliverable.acceptance_criteria_size(), kMaxCriteria);
  }
  for (int i = 0; i < deliverable.acceptance_criteria_size(); ++i) {
    GREFFE_RETURN_IF_ERROR(ValidateText(deliverable.acceptance_criteria(i),
                                        absl::StrCat(field, ".acceptance_criteria[", i, "]"), 1, 1000, true));
  }
  GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(deliverable.responsible(), field + ".responsible"));
  if (!deliverable.acceptor().empty()) {
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(deliverable.acceptor(), field + ".acceptor"));
  }
  if (!deliverable.milestone().empty()) {
    GREFFE_ASSIGN_OR_RETURN(const RecordName milestone,
                            ParseRecordName(KindOf<v1::Milestone>(), deliverable.milestone(), field + ".milestone"));
    if (milestone.project != project) return OtherProject(field + ".milestone", deliverable.milestone());
  }
  GREFFE_RETURN_IF_ERROR(ValidateDocuments(deliverable, project, field + ".documents"));
  GREFFE_RETURN_IF_ERROR(ValidateDate(deliverable.planned_date(), field + ".planned_date"));
  return ValidateDate(deliverable.forecast_date(), field + ".forecast_date");
}

bool IsOpen(const v1::Deliverable& deliverable) {
  switch (deliverable.state()) {
    case v1::DELIVERABLE_STATE_PLANNED:
    case v1::DELIVERABLE_STATE_IN_PROGRESS:
    case v1::DELIVERABLE_STATE_SUBMITTED:
    case v1::DELIVERABLE_STATE_REJECTED:
      return true;
    default:
      return false;
  }
}

bool IsAccepted(const v1::Deliverable& deliverable) {
  if (deliverable.submissions().empty()) return false;
  const v1::AcceptanceOutcome outcome = deliverable.submissions().rbegin()->acceptance().outcome();
  return outcome == v1::ACCEPTANCE_OUTCOME_ACCEPTED || outcome == v1::ACCEPTANCE_OUTCOME_ACCEPTED_WITH_RESERVATIONS;
}

absl::Status CheckOpen(const v1::Deliverable& deliverable) {
  if (IsOpen(deliverable)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "DELIVERABLE_CLOSED",
               "'" + deliverable.name() + "' is accepted or archived", {{"resource", deliverable.name()}});
}

absl::Status CheckTransition(const v1::Deliverable& deliverable, v1::DeliverableState to) {
  std::vector<int> allowed;
  switch (deliverable.state()) {
    case v1::DELIVERABLE_STATE_PLANNED:
    case v1::DELIVERABLE_STATE_REJECTED:
      allowed = {v1::DELIVERABLE_STATE_IN_PROGRESS, v1::DELIVERABLE_STATE_SUBMITTED, v1::DELIVERABLE_STATE_ARCHIVED};
      break;
    case v1::DELIVERABLE_STATE_IN_PROGRESS:
      allowed = {v1::DELIVERABLE_STATE_SUBMITTED, v1::DELIVERABLE_STATE_ARCHIVED};
      break;
    case v1::DELIVERABLE_STATE_SUBMITTED:
      allowed = {v1::DELIVERABLE_STATE_SUBMITTED, v1::DELIVERABLE_STATE_ACCEPTED,
                 v1::DELIVERABLE_STATE_ACCEPTED_WITH_RESERVATIONS, v1::DELIVERABLE_STATE_REJECTED};
      break;
    case v1::DELIVERABLE_STATE_ACCEPTED:
    case v1::DELIVERABLE_STATE_ACCEPTED_WITH_RESERVATIONS:
      allowed = {v1::DELIVERABLE_STATE_ARCHIVED};
      break;
    default:
      break;
  }
  return CheckStateChange(deliverable.name(), *v1::DeliverableState_descriptor(), deliverable.state(), to, allowed);
}

absl::Status CheckAcceptor(const v1::Deliverable& deliverable, const std::string& principal) {
  if (deliverable.acceptor().empty() || deliverable.acceptor() == principal) return absl::OkStatus();
  return Error(absl::StatusCode::kPermissionDenied, "NOT_THE_ACCEPTOR",
               "'" + principal + "' is not '" + deliverable.acceptor() + "', who accepts '" + deliverable.name() + "'",
               {{"principal", principal}, {"acceptor", deliverable.acceptor()}});
}

std::vector<std::string> MissingDocuments(const v1::Deliverable& deliverable, const v1::Submission& submission) {
  std::set<std::string> there;
  for (const v1::SubmittedVersion& version : submission.versions()) {
    there.insert(version.version().substr(0, version.version().rfind("/versions/")));
  }
  std::vector<std::string> missing;
  for (const std::string& document : deliverable.documents()) {
    if (!there.contains(document)) missing.push_back(document);
  }
  return missing;
}

void ComputeDeliverable(google::protobuf::Message& record) {
  auto& deliverable = static_cast<v1::Deliverable&>(record);
  ComputeDueDates(deliverable, IsOpen(deliverable));
  deliverable.clear_slip_marks();
  for (int i = 0; i < deliverable.slips_size(); ++i) {
    const v1::DateChange& slip = deliverable.slips(i);
    if (slip.days() != 0) deliverable.add_slip_marks(absl::StrCat(slip.date(), " ", i + 1, " ", slip.days()));
  }
}

}  // namespace greffe
