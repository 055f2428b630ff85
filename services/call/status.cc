#include "services/call/status.h"

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"

namespace greffe {
namespace {

std::string& HiddenDirectory() {
  static std::string directory;
  return directory;
}

bool IsOfName(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-'; }

// `info` is a serialised google.rpc.ErrorInfo.
std::string WithoutDirectoryInMetadata(std::string info) {
  google::rpc::ErrorInfo parsed;
  if (HiddenDirectory().empty() || info.find(HiddenDirectory()) == std::string::npos || !parsed.ParseFromString(info)) {
    return info;
  }
  for (auto& [key, value] : *parsed.mutable_metadata()) value = TextForCallers(value);
  return parsed.SerializeAsString();
}

}  // namespace

void HideDataDirectory(std::string directory) {
  while (directory.ends_with('/')) directory.pop_back();
  // A relative path tells nothing about where it starts, and may be a word of other texts.
  HiddenDirectory() = directory.starts_with('/') ? std::move(directory) : std::string();
}

std::string TextForCallers(std::string_view text) {
  const std::string& directory = HiddenDirectory();
  std::string result;
  while (!directory.empty()) {
    const std::size_t at = text.find(directory);
    if (at == std::string_view::npos) break;
    const std::size_t end = at + directory.size();
    // Neither the end of a longer path nor the beginning of another name.
    const bool begins = at == 0 || !(IsOfName(text[at - 1]) || text[at - 1] == '/');
    const bool ends = end == text.size() || !IsOfName(text[end]);
    if (!begins || !ends) {
      result += text.substr(0, end);
      text.remove_prefix(end);
      continue;
    }
    result += text.substr(0, at);
    const bool inside = end < text.size() && text[end] == '/';
    if (!inside) result += "data directory";
    text.remove_prefix(end + (inside ? 1 : 0));
  }
  return result += text;
}

grpc::Status ToGrpcStatus(const absl::Status& status) {
  if (status.ok()) return grpc::Status::OK;
  google::rpc::Status details;
  details.set_code(static_cast<int>(status.code()));
  details.set_message(TextForCallers({status.message().data(), status.message().size()}));
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
