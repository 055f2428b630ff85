#include "storage/store/backup_copier.h"

#include <algorithm>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/record_layout.h"
#include "storage/git/object_format.h"
#include "storage/git/repository.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/copied_rows.h"
#include "storage/store/data_directory.h"

namespace greffe {
namespace {

constexpr std::int64_t kReadBytes = std::int64_t{32} << 20;
constexpr char kUploads[] = "uploads/";

std::string RepositoryIn(const std::string& directory, const std::string& project) {
  return directory + "/repositories/" + project + ".git";
}

absl::Status RemoveAll(const std::string& path) {
  std::error_code error;
  std::filesystem::remove_all(path, error);
  return error ? FromErrno(error.value(), "remove", path) : absl::OkStatus();
}

absl::StatusOr<Oid> ParentOf(const std::string& project, const JournalCommit& commit) {
  for (const JournalObject& object : commit.objects) {
    if (object.oid != commit.commit) continue;
    GREFFE_ASSIGN_OR_RETURN(const CommitObject parsed, ParseCommit(object.object.data));
    return parsed.parents.empty() ? Oid{} : parsed.parents[0];
  }
  return Damaged("journal", "commit " + commit.commit.Hex() + " of '" + project + "' has no object");
}

// A copy that cannot be read in part takes no former one's place. A pack that is not among `packs` is the former copy's
// alone: it stays there, and keeps nothing from being copied.
absl::Status CheckPacksAreRead(const GitRepository& repository, const std::vector<std::string>& packs) {
  for (const UnreadPack& pack : repository.ListUnreadPacks()) {
    const std::string name = std::filesystem::path(pack.path).stem();
    if (std::find(packs.begin(), packs.end(), name) != packs.end()) return pack.why;
  }
  return absl::OkStatus();
}

// The project's commits that are not packed, in order, some at a time.
absl::Status VisitCommits(const Journal& journal, const std::string& project, Sequence after, Sequence last,
                          const std::function<absl::Status(std::vector<JournalCommit>)>& visit) {
  while (after < last) {
    GREFFE_ASSIGN_OR_RETURN(std::vector<JournalCommit> commits, journal.ReadCommits(project, after, kReadBytes));
    if (commits.empty()) {
      return Damaged("journal", "commit " + std::to_string(after + 1) + " of '" + project + "' is missing");
    }
    after = commits.back().sequence;
    GREFFE_RETURN_IF_ERROR(visit(std::move(commits)));
  }
  return absl::OkStatus();
}

// Those that came with the commits in (after, through].
void AddTags(const std::vector<Head>& tags, Sequence after, Sequence through, CommitGroup& group) {
  for (const Head& tag : tags) {
    if (tag.sequence <= after || tag.sequence > through) continue;
    group.refs.push_back({tag.ref, Oid{}, tag.target, tag.sequence});
  }
}

}  // namespace

absl::Status BackupCopier::Add() {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<ProjectHeads> projects, ListProjectHeads(journal_));
  for (const ProjectHeads& heads : projects) {
    const std::string& project = heads.main.repository;
    if (left_.contains(project)) continue;
    const absl::Status copied = CopyProject(heads);
    // There is no room for the others either.
    if (absl::IsResourceExhausted(copied)) return copied;
    if (!copied.ok()) {
      left_.emplace(project, copied);
      continue;
    }
    if (++result_.projects % 100 == 0) progress_(std::to_string(result_.projects) + " projects");
  }
  for (const auto& [project, why] : unknown_) {
    const absl::Status copied = CopyUnknown(project);
    if (absl::IsResourceExhausted(copied)) return copied;
    if (!copied.ok()) progress_("project '" + project + "' is not copied: " + std::string(copied.message()));
  }
  // A repository's name may be that of a copy before, which ended behind it.
  GREFFE_RETURN_IF_ERROR(SyncDirectory(destination_ + "/repositories"));
  GREFFE_RETURN_IF_ERROR(WriteJournal());
  for (const std::vector<Part>* parts : {&parts_, &former_parts_}) {
    for (const Part& part : *parts) GREFFE_RETURN_IF_ERROR(CollectNames(part));
  }
  return absl::OkStatus();
}

absl::Status BackupCopier::SwitchNames() {
  const std::string journal = destination_ + "/journal";
  const std::string former = destination_ + "/" + kFormerJournal;
  // Without a journal: a backup ended between these two renames.
  if (FileExists(journal)) {
    GREFFE_RETURN_IF_ERROR(RemoveAll(former));
    GREFFE_RETURN_IF_ERROR(RenameDurably(journal, former));
  }
  GREFFE_RETURN_IF_ERROR(RenameDurably(journal + ".new", journal));
  if (!left_out_.empty() && FileExists(former)) {
    // What of their rows can still be saved is there.
    GREFFE_RETURN_IF_ERROR(RemoveAll(destination_ + "/" + kDamagedJournal));
    GREFFE_RETURN_IF_ERROR(RenameDurably(former, destination_ + "/" + kDamagedJournal));
  }
  GREFFE_RETURN_IF_ERROR(RemoveAll(former));
  GREFFE_RETURN_IF_ERROR(RemoveAll(destination_ + "/index"));
  for (const NameChanges& changes : names_) GREFFE_RETURN_IF_ERROR(SetNames(changes));
  return replace_ ? RemoveOtherRepositories() : absl::OkStatus();
}

absl::Status BackupCopier::Tidy(const std::set<std::string>& replaced) {
  for (const Part& part : parts_) {
    const std::string& project = part.head.repository;
    const std::string path = RepositoryIn(destination_, project);
    if (!FileExists(path)) continue;
    if (replaced.contains(project)) {
      GREFFE_RETURN_IF_ERROR(RemoveAllOthers(path, part.objects));
      continue;
    }
    GREFFE_ASSIGN_OR_RETURN(const TidiedPacks tidied, RemoveOtherPacks(path, part.objects.packs));
    for (const std::string& pack : tidied.stay) {
      progress_("keeping '" + pack + "' of project '" + project + "': it, or what '" + source_ +
                "' has in place of it, cannot be read: verify the data");
    }
    for (const std::string& pack : tidied.lost) {
      result_.lost.emplace_back(
          project, Damaged("'" + source_ + "'", "it has lost objects of '" + pack + "', which stays in the copy"));
    }
    for (const auto& [pack, why] : tidied.damaged) {
      if (!part.objects.damaged.contains(pack)) result_.damaged.emplace_back(project, why);
    }
  }
  return absl::OkStatus();
}

BackupResult BackupCopier::result() const {
  BackupResult result = result_;
  for (const auto& [project, why] : left_) result.left.emplace_back(project, why);
  for (const auto& [project, why] : left_out_) result.left_out.emplace_back(project, why);
  return result;
}

absl::Status BackupCopier::CollectNames(const Part& part) {
  const std::string path = RepositoryIn(destination_, part.head.repository);
  if (!FileExists(path)) return absl::OkStatus();  // nothing of it is packed
  NameChanges changes{path, {}, {}};
  std::set<std::string> names;
  const auto add = [&](const std::string& ref, const Oid& target) {
    names.insert(ref);
    const absl::StatusOr<std::string> file = ReadWholeFile(path + "/" + ref, 4096);
    if (!file.ok() || *file != target.Hex() + "\n") changes.moved.emplace_back(ref, target);
  };
  if (!part.packed.IsZero()) {
    for (const Head& tag : part.tags) {
      if (tag.sequence <= part.packed_sequence) add(tag.ref, tag.target);
    }
    add(kMainRef, part.packed);
  }
  for (const std::string folder : {"refs/heads", kBaselineRefs}) {
    if (FileExists(path + "/" + folder)) GREFFE_RETURN_IF_ERROR(SyncDirectory(path + "/" + folder));
  }
  GREFFE_ASSIGN_OR_RETURN(changes.removed, ListOtherRefs(path, names));
  if (!changes.moved.empty() || !changes.removed.empty()) names_.push_back(std::move(changes));
  return absl::OkStatus();
}

absl::Status BackupCopier::SetNames(const NameChanges& changes) {
  if (!changes.moved.empty()) {
    GREFFE_ASSIGN_OR_RETURN(const auto repository, GitRepository::OpenReadOnly(changes.repository));
    for (const auto& [ref, target] : changes.moved) GREFFE_RETURN_IF_ERROR(repository->MoveRef(ref, target));
  }
  for (const std::string& file : changes.removed) {
    GREFFE_RETURN_IF_ERROR(RemoveFile(file));
    GREFFE_RETURN_IF_ERROR(SyncDirectory(file.substr(0, file.rfind('/'))));
  }
  return absl::OkStatus();
}

absl::Status BackupCopier::RemoveOtherRepositories() const {
  const std::string folder = destination_ + "/repositories";
  std::set<std::string> kept;
  for (const Part& part : parts_) kept.insert(part.head.repository + ".git");
  for (const auto& [project, why] : left_) kept.insert(project + ".git");
  for (const auto& [project, why] : left_out_) kept.insert(project + ".git");
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(folder));
  for (const std::string& name : names) {
    if (kept.contains(name) || !name.ends_with(".git")) continue;
    progress_("removing '" + name + "', of a project that is not in '" + source_ + "'");
    GREFFE_RETURN_IF_ERROR(RemoveAll(folder + "/" + name));
  }
  return SyncDirectory(folder);
}

absl::StatusOr<BackupCopier::Part> BackupCopier::PartOf(const ProjectHeads& heads, const Journal& journal) {
  const Head& head = heads.main;
  Part part{head, heads.tags, head.target, head.sequence, {}};
  GREFFE_ASSIGN_OR_RETURN(const std::vector<JournalCommit> first, journal.ReadCommits(head.repository, 0, 1));
  if (!first.empty()) {
    GREFFE_ASSIGN_OR_RETURN(part.packed, ParentOf(head.repository, first[0]));
    part.packed_sequence = first[0].sequence - 1;
  }
  return part;
}

absl::Status BackupCopier::CopyProject(const ProjectHeads& heads) {
  const std::string& project = heads.main.repository;
  GREFFE_ASSIGN_OR_RETURN(Part part, PartOf(heads, journal_));
  const std::string from = RepositoryIn(source_, project);
  const std::string to = RepositoryIn(destination_, project);
  // Without a repository nothing is packed, and no large content has its place.
  if (FileExists(from)) {
    // One that is there is opened behind the copying, which may mend what keeps it from that.
    if (!FileExists(to)) GREFFE_RETURN_IF_ERROR(GitRepository::Open(to).status());
    GREFFE_ASSIGN_OR_RETURN(part.objects, CopyObjects(from, to, kept_));
    GREFFE_ASSIGN_OR_RETURN(const auto copy, GitRepository::Open(to));
    GREFFE_RETURN_IF_ERROR(CheckPacksAreRead(*copy, part.objects.packs));
  }
  GREFFE_RETURN_IF_ERROR(CheckUndecided(heads, to));
  Count(project, part.objects);
  GREFFE_RETURN_IF_ERROR(CheckTargets(part, to));
  GREFFE_RETURN_IF_ERROR(FindLostCommits(part, to));
  GREFFE_RETURN_IF_ERROR(CheckCommits(part, journal_));
  result_.commits += part.head.sequence;
  parts_.push_back(std::move(part));
  return absl::OkStatus();
}

absl::Status BackupCopier::CheckUndecided(const ProjectHeads& heads, const std::string& copy) const {
  for (const ProjectHeads& former : undecided_) {
    if (former.main.repository != heads.main.repository) continue;
    GREFFE_RETURN_IF_ERROR(CheckGoesOn(former, destination_, heads, {source_, journal_, unknown_}, copy));
  }
  return absl::OkStatus();
}

absl::Status BackupCopier::CopyUnknown(const std::string& project) {
  const std::string to = RepositoryIn(destination_, project);
  if (!FileExists(to)) GREFFE_RETURN_IF_ERROR(GitRepository::Open(to).status());
  GREFFE_ASSIGN_OR_RETURN(const CopiedObjects objects, CopyObjects(RepositoryIn(source_, project), to, kept_));
  Count(project, objects);
  return absl::OkStatus();
}

void BackupCopier::Count(const std::string& project, const CopiedObjects& objects) {
  for (const auto& [pack, why] : objects.damaged) result_.damaged.emplace_back(project, why);
  for (const std::string& note : objects.notes) progress_(note);
  result_.copied_files += objects.copied_files;
  result_.copied_bytes += objects.copied_bytes;
  result_.unchanged_files += objects.kept_files;
}

absl::Status BackupCopier::FindLostCommits(const Part& part, const std::string& path) {
  const std::string& project = part.head.repository;
  // A damaged file is told of already, whatever is missing for it.
  if (part.packed.IsZero() || !part.objects.damaged.empty()) return absl::OkStatus();
  if (former_ != nullptr && !replace_) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Head> head, former_->ReadHead(project, kMainRef));
    if (head) return absl::OkStatus();
  }
  GREFFE_ASSIGN_OR_RETURN(const auto repository, GitRepository::OpenReadOnly(path));
  for (Oid at = part.packed; !at.IsZero();) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<GitObject> object, repository->ReadObject(at, false));
    Oid missing = at;
    if (object) {
      GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(object->data));
      GREFFE_ASSIGN_OR_RETURN(const bool has_tree, repository->HasObject(commit.tree, false));
      at = commit.parents.empty() ? Oid{} : commit.parents[0];
      if (has_tree) continue;
      missing = commit.tree;
    }
    result_.lost.emplace_back(project, Damaged("'" + source_ + "'", "object " + missing.Hex() + " is missing"));
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status BackupCopier::CheckTargets(const Part& part, const std::string& path) {
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

absl::Status BackupCopier::CheckCommits(const Part& part, const Journal& journal) {
  return VisitCommits(journal, part.head.repository, part.packed_sequence, part.head.sequence,
                      [](const std::vector<JournalCommit>&) { return absl::OkStatus(); });
}

absl::Status BackupCopier::WriteJournal() {
  RocksDbJournalOptions options;
  options.directory = destination_ + "/journal.new";
  GREFFE_RETURN_IF_ERROR(RemoveAll(options.directory));
  GREFFE_ASSIGN_OR_RETURN(const std::unique_ptr<Journal> copy, OpenRocksDbJournal(options));
  for (const Part& part : parts_) GREFFE_RETURN_IF_ERROR(WriteProject(part, journal_, *copy));
  GREFFE_RETURN_IF_ERROR(WriteFormer(*copy));
  // Of a project that is not as the source has it the documents may be others than those that are locked there.
  GREFFE_RETURN_IF_ERROR(CopyStateRows(journal_, "", *copy, [this](std::string_view key) {
    if (key.starts_with(kUploads)) return false;  // their bytes are not copied
    const std::string project = ProjectOfLockRow(key);
    return project.empty() || (!left_.contains(project) && !left_out_.contains(project));
  }));
  if (former_ != nullptr && !left_.empty()) {
    GREFFE_RETURN_IF_ERROR(CopyStateRows(
        *former_, kLockRows, *copy, [this](std::string_view key) { return left_.contains(ProjectOfLockRow(key)); }));
  }
  return copy->Close();
}

absl::Status BackupCopier::WriteFormer(Journal& copy) {
  if (!former_read_.ok()) {
    // What there is of them is in the journal that cannot be read, if anywhere.
    while (!left_.empty()) LeaveOut(left_.begin()->first, former_read_);
  }
  if (former_ == nullptr || left_.empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const std::vector<ProjectHeads> projects, ListProjectHeads(*former_));
  for (const ProjectHeads& heads : projects) {
    const std::string& project = heads.main.repository;
    if (!left_.contains(project)) continue;
    absl::StatusOr<Part> part = PartOf(heads, *former_);
    const absl::Status readable = part.ok() ? CheckCommits(*part, *former_) : part.status();
    if (!readable.ok()) {
      LeaveOut(project, readable);
      continue;
    }
    GREFFE_RETURN_IF_ERROR(WriteProject(*part, *former_, copy));
    // The backup before may have ended between its journal and its refs.
    const bool whole = CheckTargets(*part, RepositoryIn(destination_, part->head.repository)).ok();
    if (whole) former_parts_.push_back(*std::move(part));
  }
  return absl::OkStatus();
}

// NOLINTNEXTLINE(performance-unnecessary-value-param): it may be the name in the row that goes
void BackupCopier::LeaveOut(std::string project, const absl::Status& why) {
  const auto left = left_.extract(project);
  left_out_.emplace(project, Damaged("project '" + project + "'",
                                     std::string(left.mapped().message()) +
                                         "; nor can what the copy has of it be read: " + std::string(why.message())));
}

absl::Status BackupCopier::WriteProject(const Part& part, const Journal& journal, Journal& copy) {
  const std::string& project = part.head.repository;
  Oid at = part.packed;
  if (!at.IsZero()) {
    CommitGroup group;
    group.repository = project;
    group.refs.push_back({kMainRef, Oid{}, at, part.packed_sequence});
    AddTags(part.tags, 0, part.packed_sequence, group);
    GREFFE_RETURN_IF_ERROR(copy.Append(group));
  }
  Sequence after = part.packed_sequence;
  return VisitCommits(journal, project, after, part.head.sequence, [&](std::vector<JournalCommit> commits) {
    CommitGroup group;
    group.repository = project;
    group.commits = std::move(commits);
    const Oid next = group.commits.back().commit;
    const Sequence through = group.commits.back().sequence;
    AddTags(part.tags, std::exchange(after, through), through, group);
    group.refs.push_back({kMainRef, std::exchange(at, next), next, through});
    return copy.Append(group);
  });
}

}  // namespace greffe
