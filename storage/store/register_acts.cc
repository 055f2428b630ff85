#include "storage/store/register_acts.h"

#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/util/message_differencer.h"
#include "greffe/v1/annotations.pb.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/base/register_rules.h"
#include "storage/store/document_acts.h"
#include "storage/store/record_edits.h"
#include "storage/store/register_hooks.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

void SetText(Message& entry, const char* name, const std::string& text) {
  const FieldDescriptor* field = entry.GetDescriptor()->FindFieldByName(name);
  if (field != nullptr) entry.GetReflection()->SetString(&entry, field, text);
}

void SetWhereEmpty(Message& entry, const char* name, const std::string& text) {
  if (TextField(entry, name).empty()) SetText(entry, name, text);
}

// Of whom an entry is; who creates it without one is it.
constexpr const char* kPeople[] = {"owner", "requester"};

absl::Status FillCurrency(Transaction& transaction, Message& entry) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  const bool needs_currency =
      entry.GetDescriptor()->FindFieldByName("cost_impact") == nullptr || !TextField(entry, "cost_impact").empty();
  if (needs_currency) SetWhereEmpty(entry, "currency", project->currency());
  return absl::OkStatus();
}

// What the caller left open on creation.
absl::Status FillDefaults(Transaction& transaction, Message& entry) {
  for (const char* field : kPeople) SetWhereEmpty(entry, field, transaction.caller().id());
  return FillCurrency(transaction, entry);
}

// An update that takes someone away names who it is then.
absl::Status CheckPeople(const Message& before, const Message& entry, const std::string& field) {
  for (const char* name : kPeople) {
    if (TextField(before, name).empty() || !TextField(entry, name).empty()) continue;
    return InvalidField(absl::StrCat(field, ".", name), "FIELD_REQUIRED", "'': someone is required");
  }
  return absl::OkStatus();
}

absl::Status CheckResources(Transaction& transaction, const Message& entry, const std::string& field) {
  for (const NamedResource& resource : ResourcesOf(entry)) {
    GREFFE_RETURN_IF_ERROR(CheckResource(transaction, resource.name, absl::StrCat(field, ".", resource.field)));
  }
  return absl::OkStatus();
}

absl::Status Validate(Transaction& transaction, const Message& entry, const Attributes& before, SaidBy said_by,
                      const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  return ValidateEntry(*project, entry, before, said_by, field);
}

// "risk RISK-0001: The supplier is late".
std::string Told(const RecordKind& kind, const Message& entry, const std::string& id) {
  const auto& policy = kind.prototype->GetDescriptor()->options().GetExtension(v1::register_policy);
  return absl::StrCat(policy.title(), " ", id, ": ", TextField(entry, "title"));
}

}  // namespace

absl::StatusOr<RecordPtr> AddEntry(Transaction& transaction, const Message& values, const std::string& chosen,
                                   const std::string& field, SaidBy said_by) {
  const RecordKind& kind = KindOf(*values.GetDescriptor());
  RecordPtr entry = kind.New();
  entry->CopyFrom(values);
  ClearServerFields(*entry);
  GREFFE_RETURN_IF_ERROR(FillDefaults(transaction, *entry));
  SetFirstState(*entry);
  const std::string& prefix = values.GetDescriptor()->options().GetExtension(v1::register_policy).prefix();
  GREFFE_ASSIGN_OR_RETURN(const std::string id, NewRecordId(transaction, kind, prefix, chosen, "entry_id"));
  SetName(*entry, FormatRecordName(transaction.project_id(), kind.collection, id));
  GREFFE_RETURN_IF_ERROR(CheckResources(transaction, *entry, field));
  GREFFE_RETURN_IF_ERROR(BeforeCreate(transaction, *entry, field));
  GREFFE_RETURN_IF_ERROR(Validate(transaction, *entry, {}, said_by, field));
  GREFFE_RETURN_IF_ERROR(transaction.AddRecord(*entry));
  transaction.SetSubject("Create " + Told(kind, *entry, id));
  return entry;
}

absl::Status UpdateEntry(Transaction& transaction, const Message& values, const std::string& id,
                         const std::vector<std::string>& paths, const std::string& field) {
  const RecordKind& kind = KindOf(*values.GetDescriptor());
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr before, transaction.GetRecord(kind, id));
  GREFFE_RETURN_IF_ERROR(CheckEtag(TextField(values, "etag"), TextField(*before, "etag"), NameOf(*before)));
  const RecordPtr entry = kind.New();
  entry->CopyFrom(*before);
  GREFFE_RETURN_IF_ERROR(ReplaceFields(*entry, values, paths, UpdatableFields(*values.GetDescriptor())));
  GREFFE_RETURN_IF_ERROR(FillCurrency(transaction, *entry));
  GREFFE_RETURN_IF_ERROR(BeforeUpdate(transaction, *before, *entry, field));
  GREFFE_RETURN_IF_ERROR(Validate(transaction, *entry, AttributesOf(*before), SaidBy::kCaller, field));
  GREFFE_RETURN_IF_ERROR(CheckPeople(*before, *entry, field));
  if (google::protobuf::util::MessageDifferencer::Equals(*entry, *before)) return absl::OkStatus();
  if (IsClosed(*before)) {
    return Error(absl::StatusCode::kFailedPrecondition, "ENTRY_CLOSED",
                 "'" + NameOf(*before) + "' is " + StateText(*before) + " and changes no more",
                 {{"resource", NameOf(*before)}, {"state", StateText(*before)}});
  }
  transaction.SetSubject("Update " + Told(kind, *entry, id));
  transaction.PutRecord(*entry);
  return absl::OkStatus();
}

absl::Status TransitionEntry(Transaction& transaction, const RecordKind& kind, const std::string& id,
                             const std::string& state, const std::string& comment, const std::string& etag) {
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr before, transaction.GetRecord(kind, id));
  GREFFE_RETURN_IF_ERROR(CheckEtag(etag, TextField(*before, "etag"), NameOf(*before)));
  const RecordPtr entry = kind.New();
  entry->CopyFrom(*before);
  GREFFE_RETURN_IF_ERROR(ChangeState(*entry, state, comment));
  SetText(*entry, "outcome", comment);
  std::string closed;
  if (IsClosed(*entry)) {
    GREFFE_ASSIGN_OR_RETURN(closed, Today(transaction));
  }
  SetText(*entry, "closed_date", closed);
  GREFFE_RETURN_IF_ERROR(BeforeTransition(transaction, *entry));
  transaction.SetSubject(absl::StrCat("Set to ", StateText(*entry), " ", Told(kind, *entry, id)));
  transaction.SetBody(comment);
  transaction.PutRecord(*entry);
  return absl::OkStatus();
}

}  // namespace greffe
