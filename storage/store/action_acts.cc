#include "storage/store/action_acts.h"

#include <utility>

#include "google/protobuf/util/message_differencer.h"
#include "storage/base/action_rules.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/store/document_acts.h"
#include "storage/store/record_edits.h"

namespace greffe {
namespace {

// OK when there is such a resource in this project.
absl::Status CheckSource(Transaction& transaction, const std::string& source, const std::string& field) {
  if (source.empty()) return absl::OkStatus();
  const auto check_project = [&](const std::string& project) {
    if (project == transaction.project_id()) return absl::OkStatus();
    return InvalidField(field, "NAME_INVALID", "'" + source + "': is of another project");
  };
  if (const absl::StatusOr<DocumentName> document = ParseDocumentName(source, field); document.ok()) {
    GREFFE_RETURN_IF_ERROR(check_project(document->project));
    return transaction.GetDocument(document->number).status();
  }
  if (const absl::StatusOr<VersionName> version = ParseVersionName(source, field); version.ok()) {
    GREFFE_RETURN_IF_ERROR(check_project(version->project));
    return transaction.GetVersion(version->number, version->version).status();
  }
  GREFFE_ASSIGN_OR_RETURN(const RecordName name, ParseRecordName(source, field));
  GREFFE_RETURN_IF_ERROR(check_project(name.project));
  return transaction.GetRecord(*FindRecordKind(name.collection), name.id).status();
}

absl::Status Close(Transaction& transaction, const std::string& id, v1::ActionState state, const std::string& comment,
                   const std::string& what) {
  GREFFE_ASSIGN_OR_RETURN(v1::Action action, transaction.GetRecord<v1::Action>(id));
  GREFFE_RETURN_IF_ERROR(CheckTransition(action, state));
  action.set_state(state);
  action.set_outcome(comment);
  GREFFE_ASSIGN_OR_RETURN(*action.mutable_closed_date(), Today(transaction));
  transaction.SetSubject(what + " action " + id + ": " + action.title());
  transaction.SetBody(comment);
  transaction.PutRecord(action);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<v1::Action> AddAction(Transaction& transaction, v1::Action action, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(transaction.GetProject().status());
  if (action.owner().empty()) action.set_owner(transaction.caller().id());
  action.set_state(v1::ACTION_STATE_OPEN);
  action.clear_outcome();
  action.clear_closed_date();
  GREFFE_RETURN_IF_ERROR(ValidateAction(action, field));
  GREFFE_RETURN_IF_ERROR(CheckSource(transaction, action.source(), field + ".source"));
  const RecordKind& kind = KindOf<v1::Action>();
  GREFFE_ASSIGN_OR_RETURN(const std::string id, transaction.NextRecordId(kind, "ACT"));
  action.set_name(FormatRecordName(transaction.project_id(), kind.collection, id));
  transaction.SetSubject("Create action " + id + ": " + action.title());
  transaction.PutRecord(action);
  return action;
}

absl::Status CreateAction(Transaction& transaction, v1::Action action) {
  return AddAction(transaction, std::move(action), "action").status();
}

absl::Status UpdateAction(Transaction& transaction, const v1::Action& values, const std::string& id,
                          const std::vector<std::string>& paths) {
  GREFFE_ASSIGN_OR_RETURN(v1::Action action, transaction.GetRecord<v1::Action>(id));
  GREFFE_RETURN_IF_ERROR(CheckEtag(values.etag(), action.etag(), action.name()));
  const v1::Action before = action;
  GREFFE_RETURN_IF_ERROR(ReplaceFields(action, values, paths, {"title", "description", "owner", "due_date"}));
  GREFFE_RETURN_IF_ERROR(ValidateAction(action, "action"));
  if (google::protobuf::util::MessageDifferencer::Equals(action, before)) return absl::OkStatus();
  if (!IsOpen(before)) {
    return Error(absl::StatusCode::kFailedPrecondition, "ACTION_CLOSED", "'" + action.name() + "' is done or cancelled",
                 {{"resource", action.name()}});
  }
  transaction.SetSubject("Update action " + id + ": " + action.title());
  transaction.PutRecord(action);
  return absl::OkStatus();
}

absl::Status StartAction(Transaction& transaction, const std::string& id) {
  GREFFE_ASSIGN_OR_RETURN(v1::Action action, transaction.GetRecord<v1::Action>(id));
  GREFFE_RETURN_IF_ERROR(CheckTransition(action, v1::ACTION_STATE_IN_PROGRESS));
  action.set_state(v1::ACTION_STATE_IN_PROGRESS);
  transaction.SetSubject("Start action " + id + ": " + action.title());
  transaction.PutRecord(action);
  return absl::OkStatus();
}

absl::Status CompleteAction(Transaction& transaction, const std::string& id, const std::string& comment) {
  return Close(transaction, id, v1::ACTION_STATE_DONE, comment, "Complete");
}

absl::Status CancelAction(Transaction& transaction, const std::string& id, const std::string& comment) {
  return Close(transaction, id, v1::ACTION_STATE_CANCELLED, comment, "Cancel");
}

}  // namespace greffe
