#include "clients/cli/fetch_targets.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "clients/cli/find_version.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

namespace fs = std::filesystem;

// One spelling for `a.md`, `./a.md` and a way to it through a link. `follow`: also where it is a link itself, which is
// written through, not replaced.
std::string OneSpelling(const std::string& target, bool follow) {
  std::error_code error;
  const fs::path absolute = fs::absolute(target, error);
  if (error) return target;
  const fs::path normal = absolute.lexically_normal();
  const fs::path followed = follow ? fs::weakly_canonical(absolute, error)
                                   : fs::weakly_canonical(normal.parent_path(), error) / normal.filename();
  return error ? normal.string() : followed.string();
}

bool HasContent(const v1::Version& version, const std::string& sha256) {
  return version.main_file().sha256() == sha256 ||
         std::any_of(version.companions().begin(), version.companions().end(),
                     [&](const v1::File& companion) { return companion.sha256() == sha256; });
}

}  // namespace

absl::Status FetchTargets::Add(const std::string& target, const v1::Document& document) {
  return AddAs(OneSpelling(target, true), target, document).status();
}

absl::StatusOr<FetchTargets::Origin*> FetchTargets::AddAs(std::string spelling, const std::string& target,
                                                          const v1::Document& document) {
  const auto [known, added] =
      origins_.try_emplace(std::move(spelling), Origin{document.name(), document.path(), nullptr});
  if (added || known->second.name == document.name()) return &known->second;
  return client::MakeError(
      absl::StatusCode::kInvalidArgument, "PATH_TWICE",
      "\"" + known->second.path + "\" and \"" + document.path() + "\" would both be written to \"" + target + "\"",
      {{"path", target}});
}

absl::StatusOr<client::ExpectedFile> FetchTargets::AddFound(const std::string& target, const v1::Document& document) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(Origin* const origin, AddAs(OneSpelling(target, false), target, document));
  if (replace_edits_ || origin->expected != nullptr) return origin->expected;
  std::error_code error;
  std::optional<client::FileStamp> there;
  // Of a link nothing is lost but the link.
  if (fs::is_regular_file(fs::symlink_status(target, error))) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto content, client::FileContent::Open(target));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool edited, IsEdited(*content, document));
    if (edited) edited_.push_back(target);
    there = content->stamp();
  } else {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(there, client::StampAt(target));
  }
  origin->expected = std::make_shared<std::optional<client::FileStamp>>(there);
  return origin->expected;
}

absl::Status FetchTargets::CheckEdits() const {
  if (edited_.empty()) return absl::OkStatus();
  const std::string others = edited_.size() == 1 ? " has" : " and " + std::to_string(edited_.size() - 1) + " more have";
  return client::MakeError(
      absl::StatusCode::kFailedPrecondition, "LOCAL_FILE_EDITED",
      "\"" + edited_.front() + "\"" + others + " a content that no version has, and --force is not given",
      {{"path", edited_.front()}});
}

// Versions are asked for only where the file differs from the latest one.
absl::StatusOr<bool> FetchTargets::IsEdited(const client::ContentSource& content, const v1::Document& document) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string sha256, client::Sha256Of(content));
  if (HasContent(document.latest_version(), sha256)) return false;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto version, FindVersion(session_, document.name(), [&](const auto& one) {
                                   return HasContent(one, sha256);
                                 }));
  return !version.has_value();
}

}  // namespace greffe::cli
