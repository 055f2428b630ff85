#include "storage/store/transmittal_acts.h"

#include <unordered_set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/record_layout.h"
#include "storage/base/transmittal_rules.h"
#include "storage/git/frozen_tree.h"
#include "storage/store/document_acts.h"
#include "storage/store/version_acts.h"

namespace greffe {
namespace {

constexpr char kTransmittalPrefix[] = "TRM";

absl::Status CheckDue(Transaction& transaction, const std::string& due) {
  if (due.empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  const std::string today = DateAt(transaction.record_time(), project->time_zone());
  if (due >= today) return absl::OkStatus();
  return InvalidField("transmittal.response_due", "DATE_IN_PAST", "'" + due + "': today is " + today);
}

absl::Status AddItem(Transaction& transaction, const VersionName& name, v1::Transmittal& transmittal,
                     std::vector<FrozenFile>& files) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Document document, transaction.GetDocument(name.number));
  GREFFE_RETURN_IF_ERROR(CheckActive(document));
  GREFFE_ASSIGN_OR_RETURN(const v1::Version version, FindVersion(transaction, name));
  v1::TransmittalItem& item = *transmittal.add_items();
  item.set_version(version.name());
  item.set_title(document.title());
  item.set_path(document.path());
  item.set_manifest_sha256(version.manifest_sha256());
  item.set_state(version.state());
  item.set_revision(version.revision());
  files.push_back({document.path(), Oid{}});
  for (const v1::File& file : version.companions()) files.push_back({ContentPath(document.path(), file), Oid{}});
  return absl::OkStatus();
}

std::string RecipientsText(const v1::Transmittal& transmittal) {
  const std::string& first = transmittal.recipients(0).id();
  const int others = transmittal.recipients_size() - 1;
  if (others == 0) return first;
  return absl::StrCat(first, " and ", others, others == 1 ? " other" : " others");
}

}  // namespace

absl::Status CreateTransmittal(Transaction& transaction, const v1::Transmittal& asked,
                               const std::vector<VersionName>& versions) {
  GREFFE_RETURN_IF_ERROR(transaction.GetProject().status());
  GREFFE_RETURN_IF_ERROR(CheckDue(transaction, asked.response_due()));
  v1::Transmittal transmittal;
  transmittal.set_title(asked.title());
  transmittal.set_reason(asked.reason() == v1::TRANSMITTAL_REASON_UNSPECIFIED ? v1::TRANSMITTAL_REASON_INFORMATION
                                                                              : asked.reason());
  transmittal.set_message(asked.message());
  *transmittal.mutable_recipients() = asked.recipients();
  transmittal.set_response_due(asked.response_due());
  transmittal.set_sender(transaction.caller().id());
  std::vector<FrozenFile> files;
  std::unordered_set<std::string> numbers;
  for (const VersionName& name : versions) {
    if (!numbers.insert(name.number).second) {
      return InvalidField("versions", "FIELD_INVALID", "document '" + name.number + "' is named twice");
    }
    GREFFE_RETURN_IF_ERROR(AddItem(transaction, name, transmittal, files));
  }
  // In the package each lies under its path.
  GREFFE_RETURN_IF_ERROR(BuildFrozenTree(std::move(files)).status());
  const RecordKind& kind = KindOf<v1::Transmittal>();
  GREFFE_ASSIGN_OR_RETURN(const std::string id, transaction.NextRecordId(kind, kTransmittalPrefix));
  transmittal.set_name(FormatRecordName(transaction.project_id(), kind.collection, id));
  GREFFE_RETURN_IF_ERROR(transaction.AddRecord(transmittal));
  transaction.SetSubject(absl::StrCat("Send ", id, ", ", transmittal.items_size(),
                                      transmittal.items_size() == 1 ? " document, to " : " documents, to ",
                                      RecipientsText(transmittal)));
  transaction.SetBody(transmittal.title() + (transmittal.message().empty() ? "" : "\n\n" + transmittal.message()));
  return absl::OkStatus();
}

absl::Status AcknowledgeTransmittal(Transaction& transaction, const std::string& id, const std::string& recipient,
                                    const std::string& comment, bool responded) {
  GREFFE_ASSIGN_OR_RETURN(v1::Transmittal transmittal, transaction.GetRecord<v1::Transmittal>(id));
  v1::TransmittalAcknowledgement acknowledgement;
  acknowledgement.set_recipient(recipient.empty() ? transaction.caller().id() : recipient);
  *acknowledgement.mutable_time() = ToTimestamp(transaction.record_time());
  acknowledgement.set_principal(transaction.caller().id());
  acknowledgement.set_comment(comment);
  acknowledgement.set_responded(responded);
  GREFFE_RETURN_IF_ERROR(AddAcknowledgement(transmittal, acknowledgement));
  transaction.PutRecord(transmittal);
  transaction.SetSubject(
      absl::StrCat(responded ? "Answer " : "Acknowledge ", id, " for ", acknowledgement.recipient()));
  transaction.SetBody(comment);
  return absl::OkStatus();
}

}  // namespace greffe
