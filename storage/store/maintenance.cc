#include "storage/store/maintenance.h"

#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/git/repository.h"
#include "storage/index/index.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/data_directory.h"
#include "storage/store/object_source.h"
#include "storage/store/packer.h"
#include "storage/store/project_heads.h"
#include "storage/store/recovery.h"
#include "storage/store/unknown_repositories.h"

namespace greffe {
namespace {

constexpr int kOpenRepositories = 64;

// The parts of a data directory, without a server's threads.
struct Parts {
  FileHandle lock;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<ObjectSource> objects;

  static absl::StatusOr<Parts> Open(const std::string& directory) {
    std::error_code error;
    // Looking after what is not there must not make it.
    if (!std::filesystem::exists(directory + "/format", error)) {
      return Error(absl::StatusCode::kNotFound, "DATA_NOT_FOUND", "there is no data directory '" + directory + "'");
    }
    GREFFE_RETURN_IF_ERROR(InitializeGit());
    Parts parts;
    GREFFE_ASSIGN_OR_RETURN(parts.lock, TakeDataDirectory(directory));
    RocksDbJournalOptions options;
    options.directory = directory + "/journal";
    GREFFE_ASSIGN_OR_RETURN(parts.journal, OpenRocksDbJournal(options));
    parts.objects = std::make_unique<ObjectSource>(directory + "/repositories", *parts.journal, kOpenRepositories);
    return parts;
  }
};

absl::StatusOr<std::unique_ptr<Index>> OpenIndex(const std::string& directory) {
  IndexOptions options;
  options.directory = directory;
  return Index::Open(options);
}

// The number of projects that were refused; `refusal` is told of each.
absl::StatusOr<std::int64_t> FillIndex(Parts& parts, Index& index, const ReportLine& progress,
                                       const ReportLine& refusal) {
  std::int64_t refused = 0;
  Recovery recovery(*parts.journal, index, *parts.objects, progress,
                    [&](const std::string& project, const absl::Status& why) {
                      ++refused;
                      refusal("project '" + project + "' is not in the index: " + std::string(why.message()));
                    });
  GREFFE_RETURN_IF_ERROR(recovery.CatchUpIndex());
  return refused;
}

}  // namespace

absl::StatusOr<VerifyResult> VerifyData(const std::string& directory, const ReportLine& progress,
                                        const ReportLine& finding) {
  GREFFE_ASSIGN_OR_RETURN(Parts parts, Parts::Open(directory));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<ProjectHeads> projects, ListProjectHeads(*parts.journal));
  VerifyResult result;
  const auto found = [&](const VerifyFinding& hit) {
    ++result.findings;
    finding(hit.resource + ": " + hit.description);
  };
  const VerifyCalls calls{found, progress, FullSpeed};
  for (const auto& [head, tags] : projects) {
    progress("verifying project '" + head.repository + "': " + std::to_string(head.sequence) + " commits");
    GREFFE_RETURN_IF_ERROR(VerifyProject(*parts.journal, *parts.objects, head, result.counts, calls));
  }
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> repositories, ListRepositories(directory));
  GREFFE_ASSIGN_OR_RETURN(const auto unknown, FindUnknownRepositories(directory, repositories, *parts.journal));
  for (const auto& [project, why] : unknown) {
    progress("verifying the repository of '" + project + "', which the journal does not know");
    GREFFE_RETURN_IF_ERROR(VerifyUnknownRepository(*parts.objects, project, why, result.counts, calls));
  }
  return result;
}

absl::StatusOr<std::int64_t> VerifyIndex(const std::string& directory, const ReportLine& progress,
                                         const ReportLine& finding) {
  GREFFE_ASSIGN_OR_RETURN(Parts parts, Parts::Open(directory));
  GREFFE_ASSIGN_OR_RETURN(const auto index, OpenIndex(directory + "/index"));
  // A server that was killed leaves an index that is behind: it is brought forward as at a start.
  // Whom that refuses the fresh one refuses too.
  GREFFE_RETURN_IF_ERROR(FillIndex(parts, *index, progress, [](const std::string&) {}).status());
  GREFFE_RETURN_IF_ERROR(RemoveIndexBeside(directory));
  const auto compare = [&]() -> absl::StatusOr<std::int64_t> {
    GREFFE_ASSIGN_OR_RETURN(const auto fresh, OpenIndex(directory + kIndexBeside));
    GREFFE_RETURN_IF_ERROR(FillIndex(parts, *fresh, progress, finding).status());
    progress("comparing");
    return index->CompareWith(*fresh, finding);
  };
  const absl::StatusOr<std::int64_t> rows = compare();
  const absl::Status removed = RemoveIndexBeside(directory);
  if (rows.ok() && !removed.ok()) return removed;
  return rows;
}

absl::StatusOr<std::int64_t> RebuildIndex(const std::string& directory, const ReportLine& progress) {
  GREFFE_ASSIGN_OR_RETURN(Parts parts, Parts::Open(directory));
  GREFFE_RETURN_IF_ERROR(RemoveIndexBeside(directory));
  IndexOptions options;
  options.directory = directory + "/index";
  // One of a newer format is not this program's to remove.
  GREFFE_RETURN_IF_ERROR(Index::CheckFormat(options.directory));
  // As a whole: deleted row by row it had to be compacted away beside the new rows.
  options.discard = "it is made again";
  // A long history does not go through it, and its filters cost a page fault for each 4 KiB.
  options.write_buffer_bytes = 16 << 20;
  GREFFE_ASSIGN_OR_RETURN(const auto index, Index::Open(options));
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t refused, FillIndex(parts, *index, progress, progress));
  GREFFE_RETURN_IF_ERROR(index->Flush());
  return refused;
}

absl::StatusOr<std::int64_t> FlushData(const std::string& directory, const ReportLine& progress) {
  GREFFE_ASSIGN_OR_RETURN(Parts parts, Parts::Open(directory));
  const auto tell = [&](const std::string&, const absl::Status& why) { progress(std::string(why.message())); };
  Packer packer({std::chrono::milliseconds(1000), 1}, *parts.journal, *parts.objects, tell, tell);
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t count, packer.PackAll());
  GREFFE_RETURN_IF_ERROR(parts.journal->Close());
  return count;
}

}  // namespace greffe
