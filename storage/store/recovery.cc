#include "storage/store/recovery.h"

#include <algorithm>
#include <filesystem>
#include <map>
#include <set>
#include <system_error>
#include <utility>
#include <vector>

#include "storage/base/canonical_json.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/git/object_format.h"
#include "storage/git/tree_editor.h"
#include "storage/store/commit_codec.h"
#include "storage/store/history_reader.h"
#include "storage/store/notice_progress.h"
#include "storage/store/packer.h"

namespace greffe {
namespace {

constexpr std::int64_t kReadBytes = std::int64_t{32} << 20;

absl::Status Foreign(const std::string& project, const std::string& finding) {
  return Error(absl::StatusCode::kFailedPrecondition, kQuarantined,
               "repository of project '" + project + "' was changed by someone else: " + finding,
               {{"project", project}});
}

}  // namespace

absl::Status Recovery::CheckRepositories(const std::string& directory) {
  GREFFE_RETURN_IF_ERROR(MakeDirectories(directory));
  // The process before may have been killed between a repository's name and its sync.
  GREFFE_RETURN_IF_ERROR(SyncDirectory(directory));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<ProjectHeads> projects, ListProjectHeads(journal_));
  std::set<std::string> known;
  for (const ProjectHeads& heads : projects) {
    const std::string& project = heads.main.repository;
    known.insert(project);
    GREFFE_RETURN_IF_ERROR(OfOneProject(project, CheckRepository(heads.main)));
    GREFFE_RETURN_IF_ERROR(OfOneProject(project, CheckTags(heads)));
  }
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  for (const std::string& name : names) {
    if (name.find(".git.tmp_") != std::string::npos) {  // one that was being made
      std::error_code error;
      std::filesystem::remove_all(directory + "/" + name, error);
      if (error) return FromErrno(error.value(), "remove", directory + "/" + name);
    }
    if (!name.ends_with(".git")) continue;
    const std::string project = name.substr(0, name.size() - 4);
    if (known.contains(project) || !ValidateProjectId(project, "project").ok()) continue;
    GREFFE_RETURN_IF_ERROR(OfOneProject(project, Adopt(project)));
  }
  return absl::OkStatus();
}

absl::Status Recovery::OfOneProject(const std::string& project, const absl::Status& status) {
  // A file of the repository that is not there is damage as well, and one that is no file, or not for us to read.
  const std::string reason = ReasonOf(status);
  const bool in_repository =
      (ErrorMetadataOf(status, "path") + "/").starts_with(objects_.RepositoryPath(project) + "/");
  if (reason == "FILE_NOT_FOUND" || (reason == "IO_ERROR" && in_repository)) {
    quarantine_(project, Damaged("repository of project '" + project + "'", std::string(status.message())));
    return absl::OkStatus();
  }
  if (reason == kRecordFormatNewer) {
    quarantine_(project, Error(status.code(), kRecordFormatNewer,
                               "project '" + project + "': " + std::string(status.message()), {{"project", project}}));
    return absl::OkStatus();
  }
  if (!absl::IsDataLoss(status)) return status;
  quarantine_(project, status);
  return absl::OkStatus();
}

absl::Status Recovery::CheckRepository(const Head& head) {
  if (FaultIsOn("foreign-ref-taken")) return absl::OkStatus();
  const std::string& project = head.repository;
  const JournalStats stats = journal_.Stats(project);
  // Most projects: all is packed, and the ref says so. One small file is read.
  const std::string path = objects_.RepositoryPath(project);
  const absl::StatusOr<std::string> ref_file = ReadWholeFile(path + "/" + kMainRef, 4096);
  if (stats.unpacked_commits == 0 && ref_file.ok() && *ref_file == head.target.Hex() + "\n") {
    return absl::OkStatus();
  }
  std::optional<Oid> ref;
  if (FileExists(path)) {
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.FindRepository(project));
    GREFFE_ASSIGN_OR_RETURN(ref, repository->ReadRef(kMainRef));
  }
  const Oid actual = ref.value_or(Oid{});
  if (const absl::StatusOr<CommitObject> commit = ReadCommit(project, actual);
      commit.ok() && SequenceOfCommit(*commit) > head.sequence) {
    return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
                 "the journal has lost commits of project '" + project + "': it ends at " +
                     std::to_string(head.sequence) + ", its repository at " + std::to_string(SequenceOfCommit(*commit)),
                 {{"project", project}});
  }
  if (stats.unpacked_commits == 0) {
    if (actual != head.target) {
      quarantine_(project, Foreign(project, "its main is at " + actual.Hex() + ", not at " + head.target.Hex()));
    }
    return absl::OkStatus();
  }
  bool first = true;
  for (Sequence after = 0;;) {
    GREFFE_ASSIGN_OR_RETURN(const std::vector<JournalCommit> commits, journal_.ReadCommits(project, after, kReadBytes));
    if (commits.empty()) break;
    for (const JournalCommit& commit : commits) {
      after = commit.sequence;
      if (commit.commit == actual) {  // stopped between ref and trim; the ref's name need not be on the disk yet
        GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.Repository(project));
        GREFFE_RETURN_IF_ERROR(repository->MoveRef(kMainRef, actual));
        return journal_.Trim(project, commit.sequence);
      }
      if (!first) continue;
      first = false;
      GREFFE_ASSIGN_OR_RETURN(const CommitObject parsed, ReadCommit(project, commit.commit));
      if ((parsed.parents.empty() ? Oid{} : parsed.parents[0]) == actual) return absl::OkStatus();  // to be packed
    }
  }
  quarantine_(project, Foreign(project, "its main is at " + actual.Hex() + ", which the journal does not know"));
  return absl::OkStatus();
}

absl::Status Recovery::CheckTags(const ProjectHeads& heads) {
  GREFFE_RETURN_IF_ERROR(TakeUpTags(heads));
  if (heads.tags.empty()) return absl::OkStatus();
  const std::string& project = heads.main.repository;
  const Sequence packed = heads.main.sequence - journal_.Stats(project).unpacked_commits;
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.FindRepository(project));
  if (repository == nullptr) return absl::OkStatus();
  for (const Head& tag : heads.tags) {
    if (tag.sequence > packed) continue;  // comes with its commit
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> ref, repository->ReadRef(tag.ref));
    if (!ref) {
      progress_("writing " + tag.ref + " of project '" + project + "' again");
      GREFFE_RETURN_IF_ERROR(repository->MoveRef(tag.ref, tag.target));
    } else if (*ref != tag.target) {
      quarantine_(project, Foreign(project, tag.ref + " is at " + ref->Hex() + ", not at " + tag.target.Hex()));
    }
  }
  return absl::OkStatus();
}

absl::Status Recovery::TakeUpTags(const ProjectHeads& heads) {
  const std::string& project = heads.main.repository;
  const std::string folder = objects_.RepositoryPath(project) + "/" + kBaselineRefs;
  if (!FileExists(folder)) return absl::OkStatus();
  const auto is_known = [&](const std::string& ref) {
    return std::any_of(heads.tags.begin(), heads.tags.end(), [&](const Head& tag) { return tag.ref == ref; });
  };
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(folder));
  const bool all_known = std::all_of(names.begin(), names.end(), [&](const std::string& name) {
    return name.ends_with(".lock") || is_known(std::string(kBaselineRefs) + "/" + name);
  });
  if (all_known) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.Repository(project));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<Head> named, TagsOfHistory(project, heads.main.target));
  CommitGroup group;
  group.repository = project;
  for (const Head& tag : named) {
    if (is_known(tag.ref)) continue;
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> ref, repository->ReadRef(tag.ref));
    if (ref != tag.target) continue;
    progress_("taking up " + tag.ref + " of project '" + project + "' from its repository");
    group.refs.push_back({tag.ref, Oid{}, tag.target, tag.sequence});
  }
  return group.refs.empty() ? absl::OkStatus() : journal_.Append(group);
}

absl::StatusOr<std::vector<Head>> Recovery::TagsOfHistory(const std::string& project, const Oid& newest) {
  std::vector<Head> tags;
  for (Oid oid = newest; !oid.IsZero();) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject object, objects_.Read(project, oid));
    if (object.type != ObjectType::kCommit) return Damaged("object " + oid.Hex(), "it is not a commit");
    if (object.data.find("\nGreffe-Tag: ") != std::string::npos) {
      GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(object.data));
      ChangedRecords records;
      GREFFE_ASSIGN_OR_RETURN(const CommitFacts facts, ReadCommitFacts(project, oid, commit, records));
      for (const TagMark& tag : facts.tags) {
        tags.push_back({project, kTagPrefix + tag.name, tag.object, facts.change.sequence()});
      }
    }
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> parent, FirstParent(object.data));
    oid = parent.value_or(Oid{});
  }
  return tags;
}

absl::StatusOr<std::int64_t> Recovery::CountCommits(const std::string& project, const Oid& newest, std::int64_t most) {
  std::int64_t count = 0;
  for (Oid oid = newest; !oid.IsZero() && count <= most; ++count) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject object, objects_.Read(project, oid));
    if (object.type != ObjectType::kCommit) return Damaged("object " + oid.Hex(), "it is not a commit");
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> parent, FirstParent(object.data));
    oid = parent.value_or(Oid{});
  }
  return count;
}

absl::Status Recovery::Adopt(const std::string& project) {
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.Repository(project));
  GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> ref, repository->ReadRef(kMainRef));
  if (!ref) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ReadCommit(project, *ref));
  const std::int64_t sequence = SequenceOfCommit(commit);
  if (sequence < 1) {
    quarantine_(project, Foreign(project, "its main is at " + ref->Hex() + ", which Greffe did not make"));
    return absl::OkStatus();
  }
  // Once the journal has its head it counts for good.
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t commits, CountCommits(project, *ref, sequence));
  if (commits != sequence) return LacksCommits(project, sequence);
  HistoryReader newest(objects_, project, 1);
  newest.Add({*ref, ""});
  GREFFE_RETURN_IF_ERROR(newest.Next().status());
  GREFFE_RETURN_IF_ERROR(CheckIsNamed(project, commit));
  progress_("taking up project '" + project + "' at sequence " + std::to_string(sequence) + " from its repository");
  CommitGroup group;
  group.repository = project;
  group.refs.push_back({kMainRef, Oid{}, *ref, sequence});
  // What lies below baselines/ and did not come with a commit of this history is none.
  GREFFE_ASSIGN_OR_RETURN(const auto refs, repository->ListRefs(kBaselineRefs));
  const std::map<std::string, Oid> tags(refs.begin(), refs.end());
  std::vector<Head> named;
  if (!tags.empty()) {
    GREFFE_ASSIGN_OR_RETURN(named, TagsOfHistory(project, *ref));
  }
  for (const Head& tag : named) {
    const auto there = tags.find(tag.ref);
    if (there == tags.end() || there->second != tag.target) continue;
    group.refs.push_back({tag.ref, Oid{}, tag.target, tag.sequence});
  }
  // What came with it is no news.
  group.state.push_back(NoticeProgressRow(project, {sequence, ""}));
  return journal_.Append(group);
}

absl::Status Recovery::CheckIsNamed(const std::string& project, const CommitObject& newest) {
  TreeEditor tree(newest.tree, [&](const Oid& oid) { return objects_.Read(project, oid); });
  GREFFE_ASSIGN_OR_RETURN(const Oid oid, tree.Find(kProjectRecordPath));
  if (oid.IsZero()) return Damaged("repository of project '" + project + "'", "it has no record of the project");
  GREFFE_ASSIGN_OR_RETURN(const GitObject object, objects_.Read(project, oid));
  v1::Project record;
  GREFFE_RETURN_IF_ERROR(FromCanonicalJson(object.data, record));
  if (record.name() == ProjectName(project)) return absl::OkStatus();
  return Damaged("record '" + ProjectName(project) + "'", "it has the name " + QuotedValue(record.name()));
}

absl::Status Recovery::CatchUpIndex(bool discarded) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<ProjectHeads> projects, ListProjectHeads(journal_));
  const auto refuse = [this, discarded](const std::string& project, absl::Status why) {
    if (discarded && ReasonOf(why) == kIndexDamaged) {
      why = Damaged("index of project '" + project + "'", std::string(why.message()));
    }
    return OfOneProject(project, why);
  };
  return IndexCatchUp(index_, objects_, progress_, refuse, limits_).Run(projects);
}

absl::StatusOr<CommitObject> Recovery::ReadCommit(const std::string& project, const Oid& oid) {
  GREFFE_ASSIGN_OR_RETURN(const GitObject object, objects_.Read(project, oid));
  if (object.type != ObjectType::kCommit) return Damaged("object " + oid.Hex(), "it is not a commit");
  return ParseCommit(object.data);
}

}  // namespace greffe
