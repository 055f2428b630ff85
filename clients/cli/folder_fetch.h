// Documents of a project as files of a folder.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/fetch_targets.h"
#include "clients/cli/progress.h"
#include "clients/cli/session.h"

namespace greffe::cli {

struct FolderFetchOptions {
  std::string source;     // only what lies below this folder of the project; empty: all
  std::string target;     // local folder; made where it is missing
  bool strip = false;     // leaves `source` out of the local paths
  bool released = false;  // the released versions; documents that have none are left out, and told of
  v1::AsOf as_of;
};

// Fetches the latest versions of a moment, or the released ones, with their companions beside them (CompanionPath); all
// see the same moment. First Plan, then Write.
class FolderFetch {
 public:
  FolderFetch(Session& session, FolderFetchOptions options) : session_(session), options_(std::move(options)) {}

  // Finds what there is and tells `targets`; writes nothing. Paths that would lead out of the target are refused:
  // INVALID_ARGUMENT (PATH_UNSAFE). NOT_FOUND (FOLDER_EMPTY) when `source` is given and nothing is there, and
  // FAILED_PRECONDITION (NOTHING_RELEASED) when released versions are asked for and no document has one.
  absl::Status Plan(FetchTargets& targets);

  // Writes it, verified by its hashes, and tells people how many files there were, or JSON: one FetchContentResponse a
  // line, without the bytes. What is wrong with one file goes to the error stream and keeps none of the others back;
  // the outcome is that of the first one then.
  absl::Status Write();

 private:
  struct Wanted {
    std::string path;  // below the target
    v1::FetchContentRequest request;
    client::ExpectedFile expected;
  };

  absl::Status List(FetchTargets& targets);
  absl::Status WantReleased(const std::vector<v1::Document>& documents, const std::string& folder,
                            FetchTargets& targets);
  absl::Status Want(const v1::Document& document, const v1::Version& version, const std::string& folder,
                    FetchTargets& targets);
  absl::StatusOr<v1::Version> ReleasedVersion(const v1::Document& document) const;
  absl::Status WantFile(const v1::Document& document, const std::string& path, const v1::Version& version,
                        const v1::File& file, FetchTargets& targets);
  absl::Status MakeFolderOf(const std::string& path);
  absl::Status FetchAll(Progress& progress);
  absl::Status Save(const Wanted& one, v1::FetchContentResponse response, Progress& progress);

  Session& session_;
  const FolderFetchOptions options_;
  std::string parent_;
  std::vector<Wanted> wanted_;
  std::size_t unreleased_ = 0;  // documents that are left out
  std::string first_unreleased_;
  std::int64_t total_ = 0;  // bytes
  std::int64_t done_ = 0;
  std::int64_t sequence_ = 0;
  std::size_t saved_ = 0;
  std::size_t failed_ = 0;
  absl::Status first_failure_;
  std::string root_;
  std::set<std::string> made_;
};

// Whether `status` is about one file, so that others may still be had: neither the server nor the local disk failed.
bool IsOfOneFile(const absl::Status& status);

}  // namespace greffe::cli
