#include "clients/cpp/error.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/cord.h"
#include "clients/cpp/utf8.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/support/status.h"

namespace greffe::client {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";

template <typename Message>
bool ReadDetail(const absl::Status& status, const char* url, Message& message) {
  const auto payload = status.GetPayload(url);
  return payload.has_value() && message.ParseFromString(std::string(*payload));
}

}  // namespace

ErrorDetails DetailsOf(const absl::Status& status) {
  ErrorDetails details;
  google::rpc::ErrorInfo info;
  if (ReadDetail(status, kErrorInfoUrl, info)) {
    details.reason = info.reason();
    details.domain = info.domain();
    details.metadata.insert(info.metadata().begin(), info.metadata().end());
  }
  google::rpc::BadRequest request;
  if (ReadDetail(status, kBadRequestUrl, request)) {
    for (const auto& violation : request.field_violations()) {
      details.field_violations.push_back({violation.field(), violation.description()});
    }
  }
  return details;
}

std::string ReasonOf(const absl::Status& status) { return DetailsOf(status).reason; }

absl::Status MakeError(absl::StatusCode code, const std::string& reason, const std::string& message,
                       const std::map<std::string, std::string>& metadata) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_domain("greffe");
  info.set_reason(reason);
  // Names of local files may be any bytes, with which the whole detail would not parse.
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = ValidUtf8(value);
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status FromErrno(int error, const std::string& action, const std::string& path) {
  const std::string message = action + " \"" + path + "\": " + std::strerror(error);
  if (error == ENOENT) {
    return MakeError(absl::StatusCode::kNotFound, "LOCAL_FILE_NOT_FOUND", message, {{"path", path}});
  }
  return MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_FILE_ERROR", message,
                   {{"path", path}, {"errno", std::to_string(error)}});
}

absl::Status FromGrpc(const grpc::Status& status) {
  if (status.ok()) return absl::OkStatus();
  absl::Status result(static_cast<absl::StatusCode>(status.error_code()), status.error_message());
  google::rpc::Status rich;
  if (!status.error_details().empty() && rich.ParseFromString(status.error_details())) {
    for (const auto& detail : rich.details()) result.SetPayload(detail.type_url(), absl::Cord(detail.value()));
  }
  return result;
}

}  // namespace greffe::client
