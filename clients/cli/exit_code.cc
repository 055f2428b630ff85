#include "clients/cli/exit_code.h"

#include "clients/cli/text.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/utf8.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace greffe::cli {

int ExitCodeOf(const absl::Status& status) {
  // The caller's own disk is neither the server's resource nor its state.
  if (client::ReasonOf(status).rfind("LOCAL_", 0) == 0) return kExitOther;
  if (client::IsRetryable(status)) return kExitUnavailable;
  switch (status.code()) {
    case absl::StatusCode::kOk:
      return kExitOk;
    case absl::StatusCode::kInvalidArgument:
    case absl::StatusCode::kOutOfRange:
      return kExitUsage;
    case absl::StatusCode::kNotFound:
      return kExitNotFound;
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kAlreadyExists:
    case absl::StatusCode::kFailedPrecondition:
      return kExitConflict;
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return kExitDenied;
    case absl::StatusCode::kDeadlineExceeded:
      return kExitUnavailable;
    default:
      return kExitOther;
  }
}

void PrintError(Session& session, const absl::Status& status) {
  const client::ErrorDetails details = client::DetailsOf(status);
  std::ostream& err = session.streams().err;
  if (!session.json()) {
    err << "greffe: " << Printable(std::string(status.message()));
    if (!details.reason.empty()) err << " (" << Printable(details.reason) << ")";
    err << "\n";
    return;
  }
  google::protobuf::Struct document;
  auto& error = *(*document.mutable_fields())["error"].mutable_struct_value()->mutable_fields();
  error["code"].set_string_value(absl::StatusCodeToString(status.code()));
  error["message"].set_string_value(client::ValidUtf8(std::string(status.message())));
  error["reason"].set_string_value(details.reason);
  auto& metadata = *error["metadata"].mutable_struct_value()->mutable_fields();
  for (const auto& [key, value] : details.metadata) metadata[key].set_string_value(value);
  auto& violations = *error["fieldViolations"].mutable_list_value();
  for (const auto& violation : details.field_violations) {
    auto& fields = *violations.add_values()->mutable_struct_value()->mutable_fields();
    fields["field"].set_string_value(violation.field);
    fields["description"].set_string_value(violation.description);
  }
  std::string text;
  if (google::protobuf::util::MessageToJsonString(document, &text).ok()) err << text << "\n";
}

}  // namespace greffe::cli
