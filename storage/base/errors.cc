#include "storage/base/errors.h"

#include <cerrno>
#include <cstring>

#include "absl/strings/cord.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"

namespace greffe {
namespace {

constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
constexpr char kBadRequestUrl[] = "type.googleapis.com/google.rpc.BadRequest";

template <typename Message>
bool ReadDetail(const absl::Status& status, const char* url, Message& message) {
  const auto payload = status.GetPayload(url);
  return payload.has_value() && message.ParseFromString(std::string(*payload));
}

}  // namespace

absl::Status Error(absl::StatusCode code, const std::string& reason, const std::string& message,
                   const ErrorMetadata& metadata) {
  absl::Status status(code, message);
  google::rpc::ErrorInfo info;
  info.set_domain("greffe");
  info.set_reason(reason);
  for (const auto& [key, value] : metadata) (*info.mutable_metadata())[key] = value;
  status.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  return status;
}

absl::Status InvalidField(const std::string& field, const std::string& reason, const std::string& description,
                          const ErrorMetadata& metadata) {
  ErrorMetadata all = metadata;
  all.emplace_back("field", field);
  absl::Status status = Error(absl::StatusCode::kInvalidArgument, reason, field + ": " + description, all);
  google::rpc::BadRequest request;
  auto* violation = request.add_field_violations();
  violation->set_field(field);
  violation->set_description(description);
  status.SetPayload(kBadRequestUrl, absl::Cord(request.SerializeAsString()));
  return status;
}

std::string ReasonOf(const absl::Status& status) {
  google::rpc::ErrorInfo info;
  return ReadDetail(status, kErrorInfoUrl, info) ? info.reason() : "";
}

std::string ErrorMetadataOf(const absl::Status& status, const std::string& key) {
  google::rpc::ErrorInfo info;
  if (!ReadDetail(status, kErrorInfoUrl, info)) return "";
  const auto it = info.metadata().find(key);
  return it == info.metadata().end() ? "" : it->second;
}

absl::Status WithFieldPrefix(const absl::Status& status, const std::string& prefix) {
  google::rpc::BadRequest request;
  if (!ReadDetail(status, kBadRequestUrl, request)) return status;
  absl::Status result(status.code(), prefix + std::string(status.message()));
  google::rpc::ErrorInfo info;
  if (ReadDetail(status, kErrorInfoUrl, info)) {
    auto& field = (*info.mutable_metadata())["field"];
    field = prefix + field;
    result.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  }
  for (auto& violation : *request.mutable_field_violations()) violation.set_field(prefix + violation.field());
  result.SetPayload(kBadRequestUrl, absl::Cord(request.SerializeAsString()));
  return result;
}

absl::Status Damaged(const std::string& what, const std::string& finding) {
  return Error(absl::StatusCode::kDataLoss, "DATA_DAMAGED", what + " is damaged: " + finding, {{"subject", what}});
}

absl::Status FromErrno(int error, const std::string& action, const std::string& path) {
  const std::string message = action + " \"" + path + "\": " + std::strerror(error);
  const ErrorMetadata metadata = {{"path", path}};
  switch (error) {
    case ENOENT:
      return Error(absl::StatusCode::kNotFound, "FILE_NOT_FOUND", message, metadata);
    case ENOSPC:
    case EDQUOT:
      return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", message, metadata);
    case EMFILE:
    case ENFILE:
    case ENOMEM:
      return Error(absl::StatusCode::kUnavailable, "SYSTEM_LIMIT", message, metadata);
    default:
      return Error(absl::StatusCode::kUnavailable, "IO_ERROR", message, metadata);
  }
}

}  // namespace greffe
