#include "clients/cli/left_out.h"

#include <map>
#include <set>
#include <string>
#include <string_view>

#include "clients/cli/text.h"
#include "clients/cpp/error.h"
#include "clients/cpp/utf8.h"
#include "google/protobuf/struct.pb.h"

namespace greffe::cli {
namespace {

constexpr std::string_view kFileChanged = "LOCAL_FILE_CHANGED";
constexpr std::string_view kFileGone = "LOCAL_FILE_NOT_FOUND";
constexpr std::string_view kFileError = "LOCAL_FILE_ERROR";

void PrintJson(Session& session, const Skipped& one) {
  google::protobuf::Struct line;
  auto& fields = *(*line.mutable_fields())["skipped"].mutable_struct_value()->mutable_fields();
  fields["path"].set_string_value(client::ValidUtf8(one.path));
  fields["reason"].set_string_value(one.reason);
  fields["detail"].set_string_value(client::ValidUtf8(one.detail));
  session.PrintJson(line);
}

}  // namespace

void ReportSkipped(Session& session, const std::vector<Skipped>& skipped) {
  if (skipped.empty()) return;
  std::map<std::string, int> reasons;
  for (const Skipped& one : skipped) {
    if (session.json()) PrintJson(session, one);
    session.Note("left out: " + Printable(one.path) + ": " + Printable(one.detail) + " (" + one.reason + ")");
    ++reasons[one.reason];
  }
  std::string counts;
  for (const auto& [reason, count] : reasons) counts += ", " + std::to_string(count) + " " + reason;
  session.Note("left out in all: " + std::to_string(skipped.size()) + counts);
}

bool IsUnread(const absl::Status& status) {
  const std::string reason = client::ReasonOf(status);
  return reason == kFileChanged || reason == kFileGone || reason == kFileError;
}

Skipped UnreadFile(const std::string& path, const absl::Status& status) {
  const std::string reason = client::ReasonOf(status);
  if (reason == kFileError) return {path, reason, "cannot be read: " + std::string(status.message())};
  return {path, reason, reason == kFileGone ? "is not there any more" : "was changed while it was read"};
}

absl::Status StatusOfSkipped(const std::vector<Skipped>& skipped) {
  const Skipped* first = nullptr;
  int count = 0;
  const auto look = [&](const std::set<std::string_view>& reasons) {
    for (const Skipped& one : skipped) {
      if (!reasons.contains(one.reason)) continue;
      if (count++ == 0) first = &one;
    }
  };
  look({kFileChanged, kFileGone, kFileError});
  if (first == nullptr) look({"OLDER_VERSION", "DOCUMENT_WITHDRAWN", "DOCUMENT_LOCKED"});
  if (first == nullptr) return absl::OkStatus();
  const std::string more = count == 1 ? "" : " (and " + std::to_string(count - 1) + " more like it)";
  return client::MakeError(absl::StatusCode::kFailedPrecondition, first->reason,
                           "\"" + first->path + "\"" + more + " was left out: it " + first->detail,
                           {{"path", first->path}});
}

}  // namespace greffe::cli
