// The history of a git repository along the first-parent line, oldest first.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/git_process.h"

namespace greffe::cli {

// What a commit did to one path, as `git log --raw` tells it.
struct GitChange {
  char status = 0;  // A, M, T, D, R
  std::string old_mode;
  std::string new_mode;
  std::string old_blob;
  std::string new_blob;
  std::string path;           // afterwards; before, for D
  std::string previous_path;  // for R
};

struct GitCommit {
  std::string id;
  std::string first_parent;  // empty for a root
  std::string author_name;   // in UTF-8, or what the commit claims to be UTF-8
  std::string author_email;
  std::int64_t author_time = 0;  // seconds since the epoch
  int author_offset = 0;         // minutes from UTC
  std::int64_t commit_time = 0;
  std::string message;
  std::vector<GitChange> changes;
};

class GitHistory {
 public:
  // The commits that are in `tip` and not in `after` (empty: all), of the repository at `folder`.
  static absl::StatusOr<std::unique_ptr<GitHistory>> Open(const std::string& folder, const std::string& after,
                                                          const std::string& tip);
  // False after the last one.
  absl::StatusOr<bool> Next(GitCommit& commit);

 private:
  explicit GitHistory(std::unique_ptr<GitProcess> log) : log_(std::move(log)) {}
  absl::Status ReadChange(const std::string& raw, GitChange& change);

  const std::unique_ptr<GitProcess> log_;
  std::string head_;  // the token that begins the next commit
  bool begun_ = false;
};

// Blobs in the order in which they were asked for, from one process; what was asked for travels while others are used.
class GitBlobs {
 public:
  static absl::StatusOr<std::unique_ptr<GitBlobs>> Open(const std::string& folder);
  void Request(const std::string& blob) { waiting_.push_back(blob); }
  // Begins the next blob: its size.
  absl::StatusOr<std::int64_t> Next();
  // The next bytes of it; all of them must be read before the next blob.
  absl::Status Read(std::size_t count, std::string& data);

 private:
  explicit GitBlobs(std::unique_ptr<GitProcess> process) : process_(std::move(process)) {}
  absl::Status Send();

  const std::unique_ptr<GitProcess> process_;
  std::deque<std::string> waiting_;  // not yet sent
  std::size_t sent_ = 0;             // and not yet read
  std::size_t left_ = 0;             // bytes of the current blob
};

// Sizes of blobs, without their bytes.
class GitBlobSizes {
 public:
  static absl::StatusOr<std::unique_ptr<GitBlobSizes>> Open(const std::string& folder);
  // In the order of `blobs`.
  absl::StatusOr<std::vector<std::int64_t>> Of(const std::vector<std::string>& blobs);

 private:
  explicit GitBlobSizes(std::unique_ptr<GitProcess> process) : process_(std::move(process)) {}

  const std::unique_ptr<GitProcess> process_;
};

}  // namespace greffe::cli
