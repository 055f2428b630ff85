#include "storage/base/transmittal_rules.h"

#include <unordered_set>

#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_bytes.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr int kMaxTitle = 200;
constexpr int kMaxRecipientName = 200;
constexpr int kMaxRecipients = 200;

absl::Status ValidateRecipients(const v1::Transmittal& transmittal, const std::string& field) {
  if (transmittal.recipients_size() < 1 || transmittal.recipients_size() > kMaxRecipients) {
    return InvalidField(field, "FIELD_INVALID",
                        std::to_string(transmittal.recipients_size()) + " of them; allowed are 1 to 200");
  }
  std::unordered_set<std::string> seen;
  for (const v1::TransmittalRecipient& recipient : transmittal.recipients()) {
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(recipient.id(), field + ".id"));
    GREFFE_RETURN_IF_ERROR(ValidateText(recipient.display_name(), field + ".display_name", 0, kMaxRecipientName));
    GREFFE_RETURN_IF_ERROR(ValidateText(recipient.organisation(), field + ".organisation", 0, kMaxRecipientName));
    if (seen.insert(recipient.id()).second) continue;
    return InvalidField(field + ".id", "FIELD_INVALID", "'" + recipient.id() + "': is named twice");
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ValidateTransmittal(const v1::Transmittal& transmittal, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(transmittal.title(), field + ".title", 1, kMaxTitle));
  GREFFE_RETURN_IF_ERROR(ValidateText(transmittal.message(), field + ".message", 0, kMaxTransmittalText, true));
  GREFFE_RETURN_IF_ERROR(ValidateDate(transmittal.response_due(), field + ".response_due"));
  if (!v1::TransmittalReason_IsValid(transmittal.reason())) {
    return InvalidField(field + ".reason", "FIELD_INVALID",
                        "'" + std::to_string(transmittal.reason()) + "': is no reason");
  }
  return ValidateRecipients(transmittal, field + ".recipients");
}

absl::Status AddAcknowledgement(v1::Transmittal& transmittal, const v1::TransmittalAcknowledgement& acknowledgement) {
  const std::string& id = acknowledgement.recipient();
  bool known = false;
  for (const v1::TransmittalRecipient& recipient : transmittal.recipients()) known = known || recipient.id() == id;
  if (!known) {
    return Error(absl::StatusCode::kNotFound, "RECIPIENT_NOT_FOUND",
                 "'" + transmittal.name() + "' was not sent to '" + PrintableUtf8(id.substr(0, 128)) + "'",
                 {{"transmittal", transmittal.name()}});
  }
  bool received = false;
  bool responded = false;
  for (const v1::TransmittalAcknowledgement& former : transmittal.acknowledgements()) {
    if (former.recipient() != id) continue;
    received = true;
    responded = responded || former.responded();
  }
  const bool nothing_new = acknowledgement.responded() ? responded : received;
  if (nothing_new && acknowledgement.comment().empty()) {
    return Error(
        absl::StatusCode::kFailedPrecondition, "ALREADY_ACKNOWLEDGED",
        "'" + id + "' has " + (responded ? "answered" : "acknowledged") + " '" + transmittal.name() + "' already",
        {{"transmittal", transmittal.name()}});
  }
  // What says no more than that it came, or that there is an answer, finds room: twice a recipient.
  const int room = nothing_new ? kMaxAcknowledgements - 2 * transmittal.recipients_size() : kMaxAcknowledgements;
  if (transmittal.acknowledgements_size() >= room) {
    return Error(absl::StatusCode::kFailedPrecondition, "TOO_MANY_ACKNOWLEDGEMENTS",
                 "'" + transmittal.name() + "' has " + std::to_string(kMaxAcknowledgements) + " acknowledgements",
                 {{"transmittal", transmittal.name()}});
  }
  if (!acknowledgement.comment().empty()) GREFFE_RETURN_IF_ERROR(CheckRoomToRepeat(transmittal));
  *transmittal.add_acknowledgements() = acknowledgement;
  return absl::OkStatus();
}

v1::TransmittalChangeKind ChangeOf(const v1::Document& document, const v1::Version& sent) {
  if (document.state() != v1::DOCUMENT_STATE_ACTIVE) return v1::TRANSMITTAL_CHANGE_KIND_WITHDRAWN;
  if (sent.state() == v1::VERSION_STATE_OBSOLETE) return v1::TRANSMITTAL_CHANGE_KIND_OBSOLETE;
  if (document.released_version() > sent.number() || sent.state() == v1::VERSION_STATE_SUPERSEDED) {
    return v1::TRANSMITTAL_CHANGE_KIND_SUPERSEDED;
  }
  if (document.latest_version().number() > sent.number()) return v1::TRANSMITTAL_CHANGE_KIND_NEWER;
  return v1::TRANSMITTAL_CHANGE_KIND_CURRENT;
}

void CompleteTransmittal(google::protobuf::Message& message) {
  auto& transmittal = static_cast<v1::Transmittal&>(message);
  std::unordered_set<std::string> received;
  std::unordered_set<std::string> responded;
  for (const v1::TransmittalAcknowledgement& acknowledgement : transmittal.acknowledgements()) {
    received.insert(acknowledgement.recipient());
    if (acknowledgement.responded()) responded.insert(acknowledgement.recipient());
  }
  transmittal.clear_unacknowledged();
  transmittal.clear_unanswered();
  const bool asks = !transmittal.response_due().empty();
  for (const v1::TransmittalRecipient& recipient : transmittal.recipients()) {
    if (!received.contains(recipient.id())) transmittal.add_unacknowledged(recipient.id());
    if (asks && !responded.contains(recipient.id())) transmittal.add_unanswered(recipient.id());
  }
  transmittal.set_open_due_date(transmittal.unanswered().empty() ? "" : transmittal.response_due());
  transmittal.set_state(!transmittal.unacknowledged().empty() ? v1::TRANSMITTAL_STATE_SENT
                        : !transmittal.unanswered().empty()   ? v1::TRANSMITTAL_STATE_RECEIVED
                                                              : v1::TRANSMITTAL_STATE_CLOSED);
}

}  // namespace greffe
