#include "storage/store/register_hooks.h"

#include "absl/strings/str_cat.h"
#include "greffe/v1/checklists.pb.h"
#include "greffe/v1/decisions.pb.h"
#include "greffe/v1/meetings.pb.h"
#include "storage/base/checklist_rules.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/record_fields.h"
#include "storage/store/meeting_acts.h"
#include "storage/store/record_edits.h"

namespace greffe {
namespace {

using google::protobuf::Message;

// nullptr when the entry is of another type.
template <typename Record>
Record* As(Message& entry) {
  return entry.GetDescriptor() == Record::descriptor() ? static_cast<Record*>(&entry) : nullptr;
}

absl::Status BeginRun(Transaction& transaction, v1::ChecklistRun& run, const std::string& field) {
  const absl::StatusOr<RecordName> name =
      ParseRecordName(KindOf<v1::Checklist>(), run.checklist(), field + ".checklist");
  if (!name.ok()) return name.status();
  GREFFE_ASSIGN_OR_RETURN(const v1::Checklist checklist, transaction.GetRecord<v1::Checklist>(name->id));
  if (checklist.state() != v1::CHECKLIST_STATE_ACTIVE) {
    return Error(absl::StatusCode::kFailedPrecondition, "CHECKLIST_RETIRED",
                 "'" + checklist.name() + "' is " + StateText(checklist) + ": no new runs",
                 {{"resource", checklist.name()}});
  }
  if (run.title().empty()) run.set_title(checklist.title());
  const v1::ChecklistRun given = run;
  CopyItems(checklist, run);
  GREFFE_ASSIGN_OR_RETURN(const std::string today, Today(transaction));
  return GiveAnswers(given, transaction.caller().id(), today, field, run);
}

absl::Status Answer(Transaction& transaction, const v1::ChecklistRun& before, v1::ChecklistRun& run,
                    const std::string& field) {
  const v1::ChecklistRun given = run;
  *run.mutable_answers() = before.answers();
  GREFFE_ASSIGN_OR_RETURN(const std::string today, Today(transaction));
  return GiveAnswers(given, transaction.caller().id(), today, field, run);
}

absl::Status CompleteRun(v1::ChecklistRun& run) {
  if (run.state() != v1::CHECKLIST_RUN_STATE_COMPLETED) return absl::OkStatus();
  for (const v1::ChecklistAnswer& answer : run.answers()) {
    if (!answer.required() || answer.result() != v1::CHECKLIST_RESULT_UNSPECIFIED) continue;
    return Error(absl::StatusCode::kFailedPrecondition, "ANSWERS_MISSING",
                 "'" + run.name() + "': item " + QuotedValue(answer.id()) + " wants an answer",
                 {{"resource", run.name()}, {"item", answer.id()}});
  }
  return absl::OkStatus();
}

absl::Status TakeDecision(Transaction& transaction, v1::Decision& decision) {
  if (decision.state() != v1::DECISION_STATE_TAKEN) return absl::OkStatus();
  if (decision.deciders().empty()) decision.add_deciders(transaction.caller().id());
  if (!decision.decision_date().empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(*decision.mutable_decision_date(), Today(transaction));
  return absl::OkStatus();
}

}  // namespace

absl::Status BeforeCreate(Transaction& transaction, Message& entry, const std::string& field) {
  if (auto* checklist = As<v1::Checklist>(entry)) NumberItems(*checklist);
  if (auto* run = As<v1::ChecklistRun>(entry)) return BeginRun(transaction, *run, field);
  auto* meeting = As<v1::Meeting>(entry);
  if (meeting == nullptr) return absl::OkStatus();
  GREFFE_RETURN_IF_ERROR(CarryActionsOver(transaction, *meeting, field));
  return RecordMinutes(transaction, v1::Meeting(), *meeting, field);
}

absl::Status BeforeUpdate(Transaction& transaction, const Message& before, Message& entry, const std::string& field) {
  if (auto* checklist = As<v1::Checklist>(entry)) NumberItems(*checklist);
  if (auto* run = As<v1::ChecklistRun>(entry)) {
    return Answer(transaction, static_cast<const v1::ChecklistRun&>(before), *run, field);
  }
  auto* meeting = As<v1::Meeting>(entry);
  if (meeting == nullptr) return absl::OkStatus();
  return RecordMinutes(transaction, static_cast<const v1::Meeting&>(before), *meeting, field);
}

absl::Status BeforeTransition(Transaction& transaction, Message& entry) {
  if (auto* run = As<v1::ChecklistRun>(entry)) return CompleteRun(*run);
  if (auto* decision = As<v1::Decision>(entry)) return TakeDecision(transaction, *decision);
  return absl::OkStatus();
}

}  // namespace greffe
