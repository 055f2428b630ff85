#include "services/call/status.h"

#include <algorithm>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "absl/strings/match.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

std::string& HiddenDirectory() {
  static std::string directory;
  return directory;
}

bool IsOfName(char c) { return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '.' || c == '_' || c == '-'; }

// Of message and details as they are sent, below the 8 KiB that clients take of all trailers: beyond those a client
// sees RESOURCE_EXHAUSTED, and nothing of what was wrong.
constexpr std::size_t kMostSent = 6 << 10;
// Of a text; of the field, which a client branches on.
constexpr std::size_t kTextBytes[] = {2048, 1024, 512, 256, 128, 64};
constexpr std::size_t kFieldBytes = 512;

// The message goes percent-encoded, the details in base 64.
bool Fits(const google::rpc::Status& details) {
  const std::string& message = details.message();
  const auto plain =
      std::count_if(message.begin(), message.end(), [](char c) { return c >= ' ' && c <= '~' && c != '%'; });
  const std::size_t encoded = 3 * message.size() - 2 * static_cast<std::size_t>(plain);
  return encoded + (details.ByteSizeLong() + 2) / 3 * 4 <= kMostSent;
}

void Cut(std::size_t most, std::string& text) {
  if (text.size() <= most) return;
  std::size_t end = 0;
  for (std::string_view rest = text; !rest.empty();) {
    if (!TakeCodePoint(rest)) rest.remove_prefix(1);
    const std::size_t at = text.size() - rest.size();
    if (at > most) break;
    end = at;
  }
  text.resize(end);
  text += "...";
}

void CutTexts(std::size_t most, google::rpc::Status& details) {
  Cut(most, *details.mutable_message());
  for (google::protobuf::Any& detail : *details.mutable_details()) {
    if (google::rpc::ErrorInfo info; detail.UnpackTo(&info)) {
      for (auto& [key, value] : *info.mutable_metadata()) Cut(key == "field" ? kFieldBytes : most, value);
      detail.set_value(info.SerializeAsString());
    }
    if (google::rpc::BadRequest request; detail.UnpackTo(&request)) {
      for (auto& violation : *request.mutable_field_violations()) {
        Cut(kFieldBytes, *violation.mutable_field());
        Cut(most, *violation.mutable_description());
      }
      detail.set_value(request.SerializeAsString());
    }
  }
}

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
  for (const std::size_t most : kTextBytes) {
    if (Fits(details)) break;
    CutTexts(most, details);
  }
  // The codes of both are the same numbers.
  return grpc::Status(static_cast<grpc::StatusCode>(status.code()), details.message(), details.SerializeAsString());
}

}  // namespace greffe
