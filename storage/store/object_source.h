// Git objects wherever they are: still in the journal, or in a repository on disk. Opens repositories on demand and
// closes those that were not used for longest.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/git/repository.h"
#include "storage/journal/journal.h"

namespace greffe {

// Thread-safe.
class ObjectSource {
 public:
  // `directory`: "<data>/repositories". At most `open_repositories` stay open between uses. `reserve_bytes`: see
  // GitRepository.
  ObjectSource(std::string directory, const Journal& journal, int open_repositories, std::int64_t reserve_bytes = 0)
      : directory_(std::move(directory)),
        journal_(journal),
        open_repositories_(open_repositories),
        reserve_bytes_(reserve_bytes) {}

  std::string RepositoryPath(std::string_view project) const;

  // The repository on disk; made when there is none.
  absl::StatusOr<std::shared_ptr<GitRepository>> Repository(std::string_view project);
  // The same; nullptr when there is none.
  absl::StatusOr<std::shared_ptr<GitRepository>> FindRepository(std::string_view project);

  // Those whose repositories have `least` packs, by the names of their files alone: none is opened.
  std::vector<std::string> ProjectsWithPacks(std::size_t least) const;

  // DATA_LOSS (DATA_DAMAGED) when it is nowhere, since only what must exist is asked for.
  absl::StatusOr<GitObject> Read(std::string_view project, const Oid& oid);

 private:
  using Entry = std::pair<std::string, std::shared_ptr<GitRepository>>;

  const std::string directory_;
  const Journal& journal_;
  const int open_repositories_;
  const std::int64_t reserve_bytes_;
  // The open one, or nullptr.
  std::shared_ptr<GitRepository> Find(const std::string& project);
  // Makes it the newest-used one; under the lock.
  void Keep(const std::string& project, const std::shared_ptr<GitRepository>& repository);

  // Of one project's repository.
  struct Opening {
    std::mutex mutex;  // held over it, so that there is one at a time
    IdxFindings idxs;  // of the one before: repositories come and go, and their idx files are large
  };
  Opening& OpeningOf(const std::string& project);

  std::mutex mutex_;         // never held over I/O
  std::list<Entry> recent_;  // newest use first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_project_;
  // Those that were closed while somebody still uses them: there is one instance of a repository at any time, since
  // opening one sweeps what looks unfinished.
  std::unordered_map<std::string, std::weak_ptr<GitRepository>> lingering_;
  std::unordered_map<std::string, std::unique_ptr<Opening>> openings_;  // of all that were opened
};

}  // namespace greffe
