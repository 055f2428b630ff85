// Where a git history is read from.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/temporary_path.h"

namespace greffe::cli {

// A folder of its own below that for temporary files; gone afterwards, or after a signal, with all that is in it.
class TemporaryFolder {
 public:
  TemporaryFolder();
  ~TemporaryFolder();
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  // Empty when it could not be made; errno says why.
  std::string path() const { return path_ == nullptr ? "" : path_->path(); }

 private:
  std::unique_ptr<client::TemporaryPath> path_;
};

// A repository; or a bundle or a URL, as `git clone` takes them, by way of a temporary clone.
class GitSource {
 public:
  // FAILED_PRECONDITION (LOCAL_GIT_FAILED) with what git says when there is no such repository, bundle or ref;
  // INVALID_ARGUMENT when no ref is given and there is more than one branch and no HEAD (REF_MISSING), and for a folder
  // inside a repository, of which git would take all (SOURCE_INSIDE_REPOSITORY).
  static absl::StatusOr<std::unique_ptr<GitSource>> Open(const std::string& source, const std::string& ref);

  const std::string& folder() const { return folder_; }
  // The commit that the ref names.
  const std::string& tip() const { return tip_; }
  bool shallow() const { return shallow_; }

  // Commits of the first-parent line after `last`, empty: all. SourceRewritten when `last` is not an ancestor.
  absl::StatusOr<std::int64_t> CountAfter(const std::string& last) const;

 private:
  GitSource() = default;
  std::unique_ptr<TemporaryFolder> clone_;  // for a bundle or a URL
  std::string folder_;
  std::string tip_;
  bool shallow_ = false;
};

// FAILED_PRECONDITION (IMPORT_SOURCE_REWRITTEN).
absl::Status SourceRewritten(const std::string& last);

// The id of an import source that a file name or a URL gives: "/x/My Specs.bundle" -> "my-specs".
std::string SourceIdOf(const std::string& source);

}  // namespace greffe::cli
