#include "storage/store/record_edits.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxNamesTold = 20;  // error details have to fit into the trailers of a call

}  // namespace

absl::StatusOr<std::string> Today(Transaction& transaction) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  return DateAt(transaction.record_time(), project->time_zone());
}

absl::StatusOr<std::string> PastDay(Transaction& transaction, const std::string& date, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateDate(date, field));
  GREFFE_ASSIGN_OR_RETURN(std::string today, Today(transaction));
  if (date.empty()) return today;
  if (date <= today) return date;
  return InvalidField(field, "DATE_IN_FUTURE", "'" + date + "': today is " + today);
}

absl::StatusOr<v1::DateChange> DateChangeByCaller(Transaction& transaction, const std::string& reason) {
  v1::DateChange change;
  GREFFE_ASSIGN_OR_RETURN(*change.mutable_date(), Today(transaction));
  *change.mutable_time() = ToTimestamp(transaction.record_time());
  change.set_principal(transaction.caller().id());
  change.set_reason(reason);
  return change;
}

absl::Status CheckResource(Transaction& transaction, const std::string& name, const std::string& field) {
  if (name.empty()) return absl::OkStatus();
  const auto check_project = [&](const std::string& project) {
    if (project == transaction.project_id()) return absl::OkStatus();
    return InvalidField(field, "NAME_INVALID", "'" + name + "': is of another project");
  };
  if (const absl::StatusOr<DocumentName> document = ParseDocumentName(name, field); document.ok()) {
    GREFFE_RETURN_IF_ERROR(check_project(document->project));
    return transaction.GetDocument(document->number).status();
  }
  if (const absl::StatusOr<VersionName> version = ParseVersionName(name, field); version.ok()) {
    GREFFE_RETURN_IF_ERROR(check_project(version->project));
    return transaction.GetVersion(version->number, version->version).status();
  }
  GREFFE_ASSIGN_OR_RETURN(const RecordName record, ParseRecordName(name, field));
  GREFFE_RETURN_IF_ERROR(check_project(record.project));
  return transaction.GetRecord(*FindRecordKind(record.collection), record.id).status();
}

absl::StatusOr<std::string> NewRecordId(Transaction& transaction, const RecordKind& kind, const std::string& prefix,
                                        const std::string& chosen, const std::string& field) {
  if (chosen.empty()) return transaction.NextRecordId(kind, prefix);
  GREFFE_RETURN_IF_ERROR(ValidateNewRecordId(chosen, field));
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr taken, transaction.FindRecord(kind, chosen));
  if (taken == nullptr) return chosen;
  const std::string name = FormatRecordName(transaction.project_id(), kind.collection, chosen);
  return Error(absl::StatusCode::kAlreadyExists, "ID_TAKEN", field + " '" + chosen + "': there is a '" + name + "'",
               {{"resource", name}});
}

absl::Status ReplaceFields(google::protobuf::Message& record, const google::protobuf::Message& values,
                           const std::vector<std::string>& paths, const std::vector<std::string>& allowed) {
  const bool all = paths.empty() || (paths.size() == 1 && paths[0] == "*");
  std::vector<const google::protobuf::FieldDescriptor*> fields;
  // Ends after as many paths as there are fields: a message holds many more.
  for (const std::string& path : all ? allowed : paths) {
    if (std::find(allowed.begin(), allowed.end(), path) == allowed.end()) {
      return InvalidField("update_mask", "FIELD_MASK_INVALID",
                          QuotedValue(path) + ": no such field, or one that cannot be updated");
    }
    const google::protobuf::FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(path);
    if (std::find(fields.begin(), fields.end(), field) != fields.end()) {
      return InvalidField("update_mask", "FIELD_MASK_INVALID", QuotedValue(path) + ": is there twice");
    }
    fields.push_back(field);
  }
  const RecordPtr copy(values.New());
  copy->CopyFrom(values);
  // The values of the fields, whatever their types, change places.
  record.GetReflection()->SwapFields(&record, copy.get(), fields);
  return absl::OkStatus();
}

std::string JoinNames(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), kMaxNamesTold); ++i) {
    absl::StrAppend(&text, i == 0 ? "" : ", ", names[i]);
  }
  if (names.size() > kMaxNamesTold) absl::StrAppend(&text, " and ", names.size() - kMaxNamesTold, " others");
  return text;
}

}  // namespace greffe
