#include "clients/cli/git_source.h"

#include <sys/stat.h>

#include <cerrno>
#include <cstdlib>
#include <filesystem>

#include "clients/cli/git_process.h"
#include "clients/cpp/error.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/request_id.h"

namespace greffe::cli {
namespace {

namespace fs = std::filesystem;

absl::StatusOr<std::string> DefaultRef(const std::string& folder) {
  if (GitOutput({"-C", folder, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"}).ok()) return "HEAD";
  GREFFE_CLIENT_ASSIGN_OR_RETURN(
      const std::string branches,
      GitOutput({"-C", folder, "for-each-ref", "--format=%(refname)", "refs/heads", "refs/remotes"}));
  if (!branches.empty() && branches.find('\n') == std::string::npos) return branches;
  return client::MakeError(
      absl::StatusCode::kInvalidArgument, "REF_MISSING",
      branches.empty() ? "the source has no commits" : "the source has several branches, and --ref is not given");
}

absl::Status CheckIsRepository(const std::string& source, const std::string& folder) {
  // What is no repository is told by the next command, in git's words.
  const auto prefix = GitOutput({"-C", folder, "rev-parse", "--show-prefix"});
  if (!prefix.ok() || prefix->empty()) return absl::OkStatus();
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string top, GitOutput({"-C", folder, "rev-parse", "--show-toplevel"}));
  return client::MakeError(absl::StatusCode::kInvalidArgument, "SOURCE_INSIDE_REPOSITORY",
                           "\"" + source + "\" is a folder of the repository at \"" + top +
                               "\"; give that, and --paths '" + *prefix + "**'");
}

// `https://host/path`, `ssh://...`, `git@host:path`: not a name of the local disk.
bool IsUrl(const std::string& source) {
  if (source.find("://") != std::string::npos) return true;
  const std::size_t colon = source.find(':');
  std::error_code error;
  return colon != std::string::npos && colon > 0 && source[0] != '-' && source.find('/') > colon &&
         !fs::exists(source, error);
}

}  // namespace

TemporaryFolder::TemporaryFolder() {
  std::error_code error;
  const fs::path parent = fs::temp_directory_path(error);
  const fs::path path = (error ? fs::path("/tmp") : parent) / ("greffe-" + client::NewRequestId());
  path_ = std::make_unique<client::TemporaryPath>(path.string(), client::TemporaryPath::Kind::kFolder);
  if (mkdir(path.c_str(), 0700) == 0) return;
  const int why = errno;
  path_.reset();
  errno = why;
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code error;
  if (path_ != nullptr) fs::remove_all(path_->path(), error);
}

absl::StatusOr<std::unique_ptr<GitSource>> GitSource::Open(const std::string& source, const std::string& ref) {
  std::unique_ptr<GitSource> result(new GitSource());
  std::error_code error;
  const bool remote = IsUrl(source);
  // A relative name that begins with '-' is not an option.
  const std::string path = remote ? source : fs::absolute(source, error).string();
  const fs::file_status status = fs::status(path, error);
  if (!remote && !fs::exists(status)) return client::FromErrno(ENOENT, "open", source);
  result->folder_ = path;
  if (!fs::is_directory(status)) {
    result->clone_ = std::make_unique<TemporaryFolder>();
    if (result->clone_->path().empty()) return client::FromErrno(errno, "make folder in", "temporary files");
    result->folder_ = result->clone_->path() + "/source.git";
    GREFFE_CLIENT_RETURN_IF_ERROR(
        GitOutput({"clone", "--quiet", "--mirror", "--template=", "--", path, result->folder_}).status());
  } else {
    GREFFE_CLIENT_RETURN_IF_ERROR(CheckIsRepository(source, path));
  }
  std::string name = ref;
  if (name.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(name, DefaultRef(result->folder_));
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(result->tip_, GitOutput({"-C", result->folder_, "rev-parse", "--verify",
                                                          "--end-of-options", name + "^{commit}"}));
  const auto shallow = GitOutput({"-C", result->folder_, "rev-parse", "--is-shallow-repository"});
  if (!shallow.ok()) return shallow.status();
  result->shallow_ = *shallow == "true";
  return result;
}

absl::StatusOr<std::int64_t> GitSource::CountAfter(const std::string& last) const {
  if (!last.empty() && !GitOutput({"-C", folder_, "merge-base", "--is-ancestor", last, tip_}).ok()) {
    return SourceRewritten(last);
  }
  const std::string range = last.empty() ? tip_ : last + ".." + tip_;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string count,
                                 GitOutput({"-C", folder_, "rev-list", "--count", "--first-parent", range, "--"}));
  return std::atoll(count.c_str());
}

absl::Status SourceRewritten(const std::string& last) {
  return client::MakeError(absl::StatusCode::kFailedPrecondition, "IMPORT_SOURCE_REWRITTEN",
                           "commit \"" + last + "\", which was imported last, is not on the source's first-parent line",
                           {{"last_commit", last}});
}

std::string SourceIdOf(const std::string& source) {
  std::error_code error;
  fs::path path = fs::absolute(source, error).lexically_normal();
  if (!path.has_filename()) path = path.parent_path();
  if (path.filename() == ".git") path = path.parent_path();
  std::string stem = path.filename().string();
  for (const std::string suffix : {".bundle", ".git"}) {
    if (stem.size() > suffix.size() && stem.compare(stem.size() - suffix.size(), suffix.size(), suffix) == 0) {
      stem.resize(stem.size() - suffix.size());
    }
  }
  std::string id;
  for (const char c : stem.substr(0, 64)) {
    const char lower = c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    const bool fine = (lower >= 'a' && lower <= 'z') || (lower >= '0' && lower <= '9') || lower == '.' || lower == '_';
    id += fine ? lower : '-';
  }
  return id.empty() ? "source" : id;
}

}  // namespace greffe::cli
