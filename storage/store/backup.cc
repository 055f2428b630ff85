#include "storage/store/backup.h"

#include <sys/stat.h>

#include <cerrno>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/record_layout.h"
#include "storage/git/copy_objects.h"
#include "storage/git/object_format.h"
#include "storage/git/repository.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/data_directory.h"
#include "storage/store/former_copy.h"
#include "storage/store/project_heads.h"

namespace greffe {
namespace {

constexpr std::int64_t kReadBytes = std::int64_t{32} << 20;
// How often the writer may take a file away under the opening of its journal.
constexpr int kMostOpenings = 20;
constexpr char kUploads[] = "uploads/";
constexpr int kStateRows = 1000;  // that are copied at once

std::string RepositoryIn(const std::string& directory, const std::string& project) {
  return directory + "/repositories/" + project + ".git";
}

absl::Status RemoveAll(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  return error ? FromErrno(error.value(), "remove", path) : absl::OkStatus();
}

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

// What the destination has that the source does not go on from goes only when `replace` says so: the projects of which
// that is so. `former`: all that the destination has.
absl::StatusOr<std::set<std::string>> CheckNothingIsLost(const std::vector<ProjectHeads>& former,
                                                         const BackupSource& source, const std::string& destination,
                                                         bool replace, const ReportLine& progress) {
  absl::StatusOr<std::vector<LostHistory>> found = FindLostHistory(former, destination, source);
  if (!found.ok() && !replace) return found.status();
  const std::vector<LostHistory> lost = std::move(found).value_or(std::vector<LostHistory>());
  std::set<std::string> projects;
  for (const LostHistory& one : lost) {
    progress((replace ? "replacing: " : "") + one.what);
    projects.insert(one.project);
  }
  if (lost.empty() || replace) return projects;
  const std::string more = lost.size() == 1 ? "" : " (and " + std::to_string(lost.size() - 1) + " more)";
  return Error(absl::StatusCode::kFailedPrecondition, "BACKUP_LOSES_HISTORY",
               lost[0].what + more +
                   "; nothing was changed: look what became of it, back up into another folder, or let the copy be "
                   "replaced (--replace)",
               {{"project", lost[0].project}, {"source", source.directory}, {"destination", destination}});
}

// One project of the copy.
struct Part {
  Head head;
  std::vector<Head> tags;
  Oid packed;  // where its main is in the repository, as the journal's moment has it; zero: nothing is packed
  Sequence packed_sequence = 0;
  CopiedObjects objects;
};

// Whoever fails or is killed leaves a copy that is of use, but for a short while:
//
// Add makes nothing but files that no ref and no journal of the former copy lead to: objects, and the new journal
// beside the former one. The former copy stays what it was, with some files more; what is there in part has a name that
// is swept. So it bears no mark. Where nothing was copied before, a server would begin anew on what is there: the mark
// (UNFINISHED_COPY) stands from the start.
//
// SwitchNames: journal and refs must fit one another, and cannot change as one. The mark stands, synced, before the
// first of them changes, and goes when all are synced. In between all objects of both moments are there, and one of the
// two journals, whole, at each instant: the next backup finds what the former copy had and makes the same changes
// again.
//
// Tidy removes what nothing leads to any more; the copy is whole before and after.
class Copier {
 public:
  // `replace`: projects of the destination that are not in the source are removed.
  Copier(const BackupSource& source, const std::string& destination, bool replace, const ReportLine& progress)
      : source_(source.directory),
        destination_(destination),
        journal_(source.journal),
        replace_(replace),
        progress_(progress) {}

  absl::Status Add() {
    GREFFE_ASSIGN_OR_RETURN(const std::vector<ProjectHeads> projects, ListProjectHeads(journal_));
    for (const ProjectHeads& heads : projects) {
      GREFFE_RETURN_IF_ERROR(CopyProject(heads));
      if (++result_.projects % 100 == 0) progress_(std::to_string(result_.projects) + " projects");
    }
    // A repository's name may be that of a copy before, which ended behind it.
    GREFFE_RETURN_IF_ERROR(SyncDirectory(destination_ + "/repositories"));
    return WriteJournal();
  }

  absl::Status SwitchNames() {
    const std::string journal = destination_ + "/journal";
    const std::string former = destination_ + "/" + kFormerJournal;
    // Without a journal: a backup ended between these two renames.
    if (FileExists(journal)) {
      GREFFE_RETURN_IF_ERROR(RemoveAll(former));
      GREFFE_RETURN_IF_ERROR(RenameDurably(journal, former));
    }
    GREFFE_RETURN_IF_ERROR(RenameDurably(journal + ".new", journal));
    GREFFE_RETURN_IF_ERROR(RemoveAll(former));
    GREFFE_RETURN_IF_ERROR(RemoveAll(destination_ + "/index"));
    for (const Part& part : parts_) GREFFE_RETURN_IF_ERROR(SetNames(part));
    return replace_ ? RemoveOtherRepositories() : absl::OkStatus();
  }

  // Of the projects in `replaced` the copy had another history.
  absl::Status Tidy(const std::set<std::string>& replaced) const {
    for (const Part& part : parts_) {
      const std::string& project = part.head.repository;
      const std::string path = RepositoryIn(destination_, project);
      if (!FileExists(path)) continue;
      if (replaced.contains(project)) {
        GREFFE_RETURN_IF_ERROR(RemoveAllOtherPacks(path, part.objects.packs));
        continue;
      }
      GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> kept, RemoveOtherPacks(path, part.objects.packs));
      for (const std::string& pack : kept) {
        progress_("keeping '" + pack + "' of project '" + project + "', which has objects that no pack in '" + source_ +
                  "' has: verify the data");
      }
    }
    return absl::OkStatus();
  }

  const BackupResult& result() const { return result_; }

 private:
  // The refs of the journal's moment and no others, and what they need.
  absl::Status SetNames(const Part& part) const {
    const std::string path = RepositoryIn(destination_, part.head.repository);
    if (!FileExists(path)) return absl::OkStatus();  // nothing of it is packed
    std::set<std::string> names;
    if (!part.packed.IsZero()) {
      GREFFE_ASSIGN_OR_RETURN(const auto repository, GitRepository::Open(path));
      for (const Head& tag : part.tags) {
        if (tag.sequence > part.packed_sequence) continue;
        GREFFE_RETURN_IF_ERROR(repository->MoveRef(tag.ref, tag.target));
        names.insert(tag.ref);
      }
      GREFFE_RETURN_IF_ERROR(repository->MoveRef(kMainRef, part.packed));
      names.insert(kMainRef);
    }
    return RemoveOtherRefs(path, names);
  }

  // Those of a former copy: a server would take them up as projects.
  absl::Status RemoveOtherRepositories() const {
    const std::string folder = destination_ + "/repositories";
    std::set<std::string> kept;
    for (const Part& part : parts_) kept.insert(part.head.repository + ".git");
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(folder));
    for (const std::string& name : names) {
      if (kept.contains(name) || !name.ends_with(".git")) continue;
      progress_("removing '" + name + "', of a project that is not in '" + source_ + "'");
      GREFFE_RETURN_IF_ERROR(RemoveAll(folder + "/" + name));
    }
    return SyncDirectory(folder);
  }

  absl::Status CopyProject(const ProjectHeads& heads) {
    const Head& head = heads.main;
    Part part{head, heads.tags, head.target, head.sequence, {}};
    GREFFE_ASSIGN_OR_RETURN(const std::vector<JournalCommit> first, journal_.ReadCommits(head.repository, 0, 1));
    if (!first.empty()) {
      GREFFE_ASSIGN_OR_RETURN(part.packed, ParentOf(head.repository, first[0]));
      part.packed_sequence = first[0].sequence - 1;
    }
    result_.commits += head.sequence;
    const std::string from = RepositoryIn(source_, head.repository);
    const std::string to = RepositoryIn(destination_, head.repository);
    // Without a repository nothing is packed, and no large content has its place.
    if (FileExists(from)) {
      // One that is there is opened behind the copying, which may mend what keeps it from that.
      if (!FileExists(to)) GREFFE_RETURN_IF_ERROR(GitRepository::Open(to).status());
      GREFFE_ASSIGN_OR_RETURN(part.objects, CopyObjects(from, to));
      GREFFE_RETURN_IF_ERROR(GitRepository::Open(to).status());
      for (const std::string& note : part.objects.notes) progress_(note);
      result_.copied_files += part.objects.copied_files;
      result_.copied_bytes += part.objects.copied_bytes;
      result_.unchanged_files += part.objects.kept_files;
    }
    GREFFE_RETURN_IF_ERROR(CheckTargets(part, to));
    parts_.push_back(std::move(part));
    return absl::OkStatus();
  }

  // A pack that the source has lost must be known before names change, not by the first name that cannot.
  static absl::Status CheckTargets(const Part& part, const std::string& path) {
    if (part.packed.IsZero()) return absl::OkStatus();
    std::vector<Oid> targets = {part.packed};
    for (const Head& tag : part.tags) {
      if (tag.sequence <= part.packed_sequence) targets.push_back(tag.target);
    }
    if (!FileExists(path)) return Damaged("project '" + part.head.repository + "'", "its repository is missing");
    GREFFE_ASSIGN_OR_RETURN(const auto repository, GitRepository::OpenReadOnly(path));
    for (const Oid& target : targets) {
      GREFFE_ASSIGN_OR_RETURN(const bool there, repository->HasObject(target));
      if (there) continue;
      return Damaged("project '" + part.head.repository + "'",
                     "object " + target.Hex() + ", which a ref is at, is missing");
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<Oid> ParentOf(const std::string& project, const JournalCommit& commit) {
    for (const JournalObject& object : commit.objects) {
      if (object.oid != commit.commit) continue;
      GREFFE_ASSIGN_OR_RETURN(const CommitObject parsed, ParseCommit(object.object.data));
      return parsed.parents.empty() ? Oid{} : parsed.parents[0];
    }
    return Damaged("journal", "commit " + commit.commit.Hex() + " of '" + project + "' has no object");
  }

  absl::Status WriteJournal() {
    RocksDbJournalOptions options;
    options.directory = destination_ + "/journal.new";
    GREFFE_RETURN_IF_ERROR(RemoveAll(options.directory));
    GREFFE_ASSIGN_OR_RETURN(const std::unique_ptr<Journal> copy, OpenRocksDbJournal(options));
    for (const Part& part : parts_) GREFFE_RETURN_IF_ERROR(WriteProject(part, *copy));
    std::string after;
    while (true) {
      GREFFE_ASSIGN_OR_RETURN(const auto rows, journal_.ScanState("", after, kStateRows));
      if (rows.empty()) return copy->Close();
      after = rows.back().first;
      CommitGroup group;
      for (const auto& [key, value] : rows) {
        if (!key.starts_with(kUploads)) group.state.push_back({key, value});  // their bytes are not copied
      }
      GREFFE_RETURN_IF_ERROR(copy->Append(group));
    }
  }

  absl::Status WriteProject(const Part& part, Journal& copy) {
    const std::string& project = part.head.repository;
    Oid at = part.packed;
    if (!at.IsZero()) {
      CommitGroup group;
      group.repository = project;
      group.refs.push_back({kMainRef, Oid{}, at, part.packed_sequence});
      AddTags(part, 0, part.packed_sequence, group);
      GREFFE_RETURN_IF_ERROR(copy.Append(group));
    }
    for (Sequence after = part.packed_sequence; after < part.head.sequence;) {
      CommitGroup group;
      group.repository = project;
      GREFFE_ASSIGN_OR_RETURN(group.commits, journal_.ReadCommits(project, after, kReadBytes));
      if (group.commits.empty()) {
        return Damaged("journal", "commit " + std::to_string(after + 1) + " of '" + project + "' is missing");
      }
      const Oid next = group.commits.back().commit;
      AddTags(part, after, group.commits.back().sequence, group);
      after = group.commits.back().sequence;
      group.refs.push_back({kMainRef, at, next, after});
      at = next;
      GREFFE_RETURN_IF_ERROR(copy.Append(group));
    }
    return absl::OkStatus();
  }

  // Those that came with the commits in (after, through].
  static void AddTags(const Part& part, Sequence after, Sequence through, CommitGroup& group) {
    for (const Head& tag : part.tags) {
      if (tag.sequence <= after || tag.sequence > through) continue;
      group.refs.push_back({tag.ref, Oid{}, tag.target, tag.sequence});
    }
  }

  const std::string& source_;
  const std::string& destination_;
  const Journal& journal_;
  const bool replace_;
  const ReportLine& progress_;
  std::vector<Part> parts_;
  BackupResult result_;
};

}  // namespace

absl::StatusOr<BackupResult> BackUpData(const std::string& source, const std::string& destination,
                                        const ReportLine& progress, bool replace) {
  GREFFE_RETURN_IF_ERROR(InitializeGit());
  GREFFE_RETURN_IF_ERROR(CheckApart(source, destination));
  GREFFE_RETURN_IF_ERROR(ReadDataFormat(source).status());
  GREFFE_ASSIGN_OR_RETURN(const std::unique_ptr<Journal> journal, OpenBesideTheWriter(source));
  GREFFE_ASSIGN_OR_RETURN(const FileHandle lock, TakeDataDirectory(destination, true));
  const BackupSource from{source, *journal};
  absl::StatusOr<std::vector<ProjectHeads>> former = ListFormerProjects(destination);
  if (!former.ok() && !replace) return former.status();
  std::set<std::string> replaced;
  if (former.ok()) {
    GREFFE_ASSIGN_OR_RETURN(replaced, CheckNothingIsLost(*former, from, destination, replace, progress));
  }
  const std::string mark = destination + "/" + kUnfinishedCopy;
  const auto set_mark = [&] { return WriteFileDurably(mark, "a copy of " + source + "\n"); };
  if (!former.ok() || former->empty()) GREFFE_RETURN_IF_ERROR(set_mark());
  GREFFE_RETURN_IF_ERROR(MakeDirectories(destination + "/repositories"));
  Copier copier(from, destination, replace, progress);
  GREFFE_RETURN_IF_ERROR(copier.Add());
  GREFFE_RETURN_IF_ERROR(set_mark());
  GREFFE_RETURN_IF_ERROR(copier.SwitchNames());
  GREFFE_RETURN_IF_ERROR(RemoveFile(mark));
  GREFFE_RETURN_IF_ERROR(SyncDirectory(destination));
  GREFFE_RETURN_IF_ERROR(copier.Tidy(replaced));
  return copier.result();
}

absl::StatusOr<BackupResult> RestoreData(const std::string& backup, const std::string& destination,
                                         const ReportLine& progress) {
  if (FileExists(destination + "/format") && !FileExists(destination + "/" + kUnfinishedCopy)) {
    return Error(absl::StatusCode::kAlreadyExists, "DATA_DIRECTORY_IN_USE",
                 "'" + destination + "' holds data: restore into another folder, or move it away first");
  }
  return BackUpData(backup, destination, progress);
}

}  // namespace greffe
