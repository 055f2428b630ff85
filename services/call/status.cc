#include "services/call/status.h"

#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"

namespace greffe {
namespace {

std::string& HiddenDirectory() {
  static std::string directory;
  return directory;
}

std::string WithoutDirectory(const std::string& text) {
  const std::string& directory = HiddenDirectory();
  if (directory.empty()) return text;
  return absl::StrReplaceAll(text, {{directory + "/", ""}, {directory, "data directory"}});
}

// `info` is a serialised google.rpc.ErrorInfo.
std::string WithoutDirectoryInMetadata(std::string info) {
  google::rpc::ErrorInfo parsed;
  if (HiddenDirectory().empty() || info.find(HiddenDirectory()) == std::string::npos || !parsed.ParseFromString(info)) {
    return info;
  }
  for (auto& [key, value] : *parsed.mutable_metadata()) value = WithoutDirectory(value);
  return parsed.SerializeAsString();
}

}  // namespace

void HideDataDirectory(std::string directory) {
  while (directory.ends_with('/')) directory.pop_back();
  // A relative path tells nothing about where it starts, and may be a word of other texts.
  HiddenDirectory() = directory.starts_with('/') ? std::move(directory) : std::string();
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(WithoutDirectory(std::string(status.message())));
  status.ForEachPayload([&details](absl::string_view url, const absl::Cord& payload) {
    google::protobuf::Any& detail = *details.add_details();
    detail.set_type_url(std::string(url));
    const bool info = absl::EndsWith(url, "google.rpc.ErrorInfo");
    detail.set_value(info ? WithoutDirectoryInMetadata(std::string(payload)) : std::string(payload));
  });
  // The codes of both are the same numbers.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), details.message(), details.SerializeAsString());
}

}  // namespace greffe
