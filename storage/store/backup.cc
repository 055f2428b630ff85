#include "storage/store/backup.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <set>
#include <utility>
#include <vector>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/git/repository.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/backup_copier.h"
#include "storage/store/data_directory.h"
#include "storage/store/former_copy.h"
#include "storage/store/project_heads.h"
#include "storage/store/unknown_repositories.h"

namespace greffe {
namespace {

// How often the writer may take a file away under the opening of its journal.
constexpr int kMostOpenings = 20;

absl::Status CheckApart(const std::string& source, const std::string& destination) {
  std::error_code error;
  const std::string from = std::filesystem::weakly_canonical(source, error).string() + "/";
  const std::string to = std::filesystem::weakly_canonical(destination, error).string() + "/";
  if (!from.starts_with(to) && !to.starts_with(from)) return absl::OkStatus();
  return Error(absl::StatusCode::kInvalidArgument, "BACKUP_INSIDE_DATA",
               "'" + destination + "' and '" + source + "' lie one in the other",
               {{"source", source}, {"destination", destination}});
}

// A copy whose names are being changed, or were not all changed, is no source.
absl::Status CheckFinished(const std::string& source) {
  if (!FileExists(source + "/" + kUnfinishedCopy)) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "DATA_COPY_UNFINISHED",
               "'" + source + "' is a copy that was not finished");
}

// The source's journal, with its moment. No lock is taken: a server may be at work on it, or start. What such a one
// does to its journal meanwhile the opening sees (rocksdb_journal.h). A backup into `source` puts another journal into
// the place of this one, so what was opened must be one and the same folder before and after.
absl::StatusOr<std::unique_ptr<Journal>> OpenBesideTheWriter(const std::string& source) {
  RocksDbJournalOptions options;
  options.directory = source + "/journal";
  options.read_only = true;
  absl::StatusOr<std::unique_ptr<Journal>> journal = absl::UnavailableError("");  // until the first opening
  for (int opening = 0; !journal.ok() && opening < kMostOpenings; ++opening) {
    GREFFE_RETURN_IF_ERROR(CheckFinished(source));
    struct stat before {};
    if (::stat(options.directory.c_str(), &before) != 0) {
      journal = FromErrno(errno, "stat", options.directory);
      continue;
    }
    journal = OpenRocksDbJournal(options);
    struct stat after {};
    const bool same = ::stat(options.directory.c_str(), &after) == 0 && before.st_dev == after.st_dev &&
                      before.st_ino == after.st_ino;
    if (same && !FileExists(source + "/" + kUnfinishedCopy)) continue;
    journal = Error(absl::StatusCode::kUnavailable, "JOURNAL_CHANGED",
                    "'" + options.directory + "' was replaced while it was opened");
  }
  return journal;
}

enum class Leave { kAllowed, kNothing };

// What a refused copy has made of a folder that held no data goes again: it would be taken for an unfinished copy.
// Within the folder's lock.
class NewDirectory {
 public:
  NewDirectory(const std::string& directory, bool is_new) : directory_(directory), is_new_(is_new) {}
  ~NewDirectory() {
    if (!is_new_) return;
    // Without a format the mark says that nothing is there yet.
    for (const char* file : {"format", kUnfinishedCopy}) RemoveFile(directory_ + "/" + file).IgnoreError();
  }
  NewDirectory(const NewDirectory&) = delete;
  NewDirectory& operator=(const NewDirectory&) = delete;
  // Something is copied now.
  void Keep() { is_new_ = false; }

 private:
  const std::string& directory_;
  bool is_new_;
};

// BACKUP_LOSES_HISTORY, with the first of them; the others are told before.
absl::Status LosesHistory(const std::vector<LostHistory>& lost, const std::string& source,
                          const std::string& destination, Leave leave, const ReportLine& progress) {
  for (std::size_t i = 1; i < lost.size(); ++i) progress(lost[i].what);
  const std::string more = lost.size() == 1 ? "" : " (and " + std::to_string(lost.size() - 1) + " more)";
  return Error(absl::StatusCode::kFailedPrecondition, "BACKUP_LOSES_HISTORY",
               lost[0].what + more + "; nothing was changed: " +
                   (leave == Leave::kNothing
                        ? "restore into another folder, or move what is there away first"
                        : "look what became of it, back up into another folder, or let the copy be replaced "
                          "(--replace)"),
               {{"project", lost[0].project}, {"source", source}, {"destination", destination}});
}

// The first project that could not be copied as a whole; what else there is of such is told before.
absl::Status IsNotWhole(const BackupResult& result, const std::string& source, const ReportLine& progress) {
  std::vector<std::pair<std::string, absl::Status>> all = result.left;
  all.insert(all.end(), result.damaged.begin(), result.damaged.end());
  all.insert(all.end(), result.lost.begin(), result.lost.end());
  const auto& [project, why] = all.front();
  for (std::size_t i = 1; i < all.size(); ++i) {
    progress("project '" + all[i].first + "': " + std::string(all[i].second.message()));
  }
  const std::string more = all.size() == 1 ? "" : " (and " + std::to_string(all.size() - 1) + " more)";
  return Error(
      why.code(), "BACKUP_DAMAGED",
      "project '" + project + "' of '" + source + "' could not be copied" + more + ": " + std::string(why.message()),
      {{"project", project}, {"source", source}});
}

// See BackUpData. `leave`: whether projects may be left out, or be damaged in part; if not, and one is, no name is
// changed and the mark stays.
absl::StatusOr<BackupResult> CopyData(const std::string& source, const std::string& destination,
                                      const ReportLine& progress, bool replace, Leave leave) {
  GREFFE_RETURN_IF_ERROR(InitializeGit());
  GREFFE_RETURN_IF_ERROR(CheckApart(source, destination));
  GREFFE_RETURN_IF_ERROR(ReadDataFormat(source).status());
  // Before the moment: what is made behind it gets its repository later.
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> repositories, ListRepositories(source));
  GREFFE_ASSIGN_OR_RETURN(const std::unique_ptr<Journal> journal, OpenBesideTheWriter(source));
  GREFFE_ASSIGN_OR_RETURN(const auto unknown, FindUnknownRepositories(source, repositories, *journal));
  bool is_new = false;
  GREFFE_ASSIGN_OR_RETURN(const FileHandle lock, TakeDataDirectory(destination, true, &is_new));
  NewDirectory directory(destination, is_new);
  const BackupSource from{source, *journal, unknown};
  absl::StatusOr<std::unique_ptr<Journal>> former_journal = OpenFormerJournal(destination);
  const auto list_former = [&]() -> absl::StatusOr<FormerProjects> {
    GREFFE_RETURN_IF_ERROR(former_journal.status());
    return ListFormerProjects(destination, former_journal->get());
  };
  const absl::StatusOr<FormerProjects> former = list_former();
  if (!former.ok() && !replace) return former.status();
  HistoryCheck check;
  if (former.ok()) {
    GREFFE_ASSIGN_OR_RETURN(check, FindLostHistory(*former, destination, from));
  }
  if (!check.lost.empty() && !replace) return LosesHistory(check.lost, source, destination, leave, progress);
  std::set<std::string> replaced;
  for (const LostHistory& one : check.lost) {
    progress("replacing: " + one.what);
    replaced.insert(one.project);
  }
  if (replace) {  // whatever the copy has of them
    check.unknown.clear();
    check.undecided.clear();
  }
  const std::string mark = destination + "/" + kUnfinishedCopy;
  const auto set_mark = [&] { return WriteFileDurably(mark, "a copy of " + source + "\n"); };
  const bool nothing_there = !former.ok() || (former->projects.empty() && former->unreadable.empty());
  if (leave == Leave::kNothing || nothing_there) GREFFE_RETURN_IF_ERROR(set_mark());
  GREFFE_RETURN_IF_ERROR(MakeDirectories(destination + "/repositories"));
  directory.Keep();
  using FormerRows = absl::StatusOr<const Journal*>;
  const FormerRows former_rows = former.ok() ? FormerRows(former_journal->get()) : FormerRows(former.status());
  BackupCopier copier(from, destination, former_rows, replace, std::move(check),
                      leave == Leave::kNothing ? Kept::kRead : Kept::kTrusted, progress);
  GREFFE_RETURN_IF_ERROR(copier.Add());
  if (leave == Leave::kNothing) {
    const BackupResult added = copier.result();
    if (!added.left.empty() || !added.damaged.empty() || !added.lost.empty())
      return IsNotWhole(added, source, progress);
  }
  former_journal = nullptr;  // it gives way now
  GREFFE_RETURN_IF_ERROR(set_mark());
  GREFFE_RETURN_IF_ERROR(copier.SwitchNames());
  GREFFE_RETURN_IF_ERROR(RemoveFile(mark));
  GREFFE_RETURN_IF_ERROR(SyncDirectory(destination));
  GREFFE_RETURN_IF_ERROR(copier.Tidy(replaced));
  return copier.result();
}

}  // namespace

absl::StatusOr<BackupResult> BackUpData(const std::string& source, const std::string& destination,
                                        const ReportLine& progress, bool replace) {
  return CopyData(source, destination, progress, replace, Leave::kAllowed);
}

absl::StatusOr<BackupResult> RestoreData(const std::string& backup, const std::string& destination,
                                         const ReportLine& progress) {
  if (FileExists(destination + "/format") && !FileExists(destination + "/" + kUnfinishedCopy)) {
    return Error(absl::StatusCode::kAlreadyExists, "DATA_DIRECTORY_IN_USE",
                 "'" + destination + "' holds data: restore into another folder, or move it away first");
  }
  return CopyData(backup, destination, progress, false, Leave::kNothing);
}

}  // namespace greffe
