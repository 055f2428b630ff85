#include "storage/store/former_copy.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/git/object_format.h"
#include "storage/git/repository.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/commit_codec.h"

namespace greffe {
namespace {

// nullopt: it has no main.
absl::StatusOr<std::optional<ProjectHeads>> HeadsOfRepository(const std::string& path, const std::string& project) {
  GREFFE_ASSIGN_OR_RETURN(const auto repository, GitRepository::OpenReadOnly(path));
  GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> main, repository->ReadRef(kMainRef));
  if (!main) return std::nullopt;
  GREFFE_ASSIGN_OR_RETURN(const std::optional<GitObject> object, repository->ReadObject(*main));
  if (!object) return Damaged("repository '" + path + "'", "commit " + main->Hex() + ", where its main is, is missing");
  GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(object->data));
  ProjectHeads heads{{project, kMainRef, *main, SequenceOfCommit(commit)}, {}};
  GREFFE_ASSIGN_OR_RETURN(const auto tags, repository->ListRefs(kBaselineRefs));
  for (const auto& [ref, target] : tags) heads.tags.push_back({project, ref, target, heads.main.sequence});
  return heads;
}

std::string RepositoryOf(const std::string& project, const BackupSource& source) {
  return source.directory + "/repositories/" + project + ".git";
}

// A project's commits, from its head back, as the source's journal and the repository at `path` have them.
class WayBack {
 public:
  WayBack(const BackupSource& source, const std::string& project, const std::string& path)
      : source_(source), project_(project), path_(path) {}

  // The commit `sequence` on the way from `head`; zero when the way ends before.
  absl::StatusOr<Oid> CommitAt(const Head& head, Sequence sequence) {
    Oid at = head.target;
    for (Sequence here = head.sequence; here > sequence && !at.IsZero(); --here) {
      GREFFE_ASSIGN_OR_RETURN(const GitObject commit, Read(at));
      GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> parent, FirstParent(commit.data));
      at = parent.value_or(Oid{});
    }
    return at;
  }

 private:
  absl::StatusOr<GitObject> Read(const Oid& oid) {
    GREFFE_ASSIGN_OR_RETURN(std::optional<GitObject> object, source_.journal.ReadObject(project_, oid));
    if (object) return *std::move(object);
    if (repository_ == nullptr) {
      GREFFE_ASSIGN_OR_RETURN(repository_, GitRepository::OpenReadOnly(path_));
    }
    GREFFE_ASSIGN_OR_RETURN(object, repository_->ReadObject(oid));
    if (object) return *std::move(object);
    return Damaged("project '" + project_ + "'", "commit " + oid.Hex() + " is missing");
  }

  const BackupSource& source_;
  const std::string& project_;
  const std::string& path_;
  std::unique_ptr<GitRepository> repository_;  // opened for the first commit that is packed
};

std::string InCommits(Sequence commits) { return std::to_string(commits) + (commits == 1 ? " commit" : " commits"); }

// "": nothing is lost.
absl::StatusOr<std::string> FindLoss(const ProjectHeads& former, const std::string& place, const ProjectHeads& now,
                                     const BackupSource& source, const std::string& repository) {
  const std::string& project = former.main.repository;
  const std::string in_place = "project '" + project + "' has in '" + place + "' ";
  if (former.main.sequence > now.main.sequence) {
    return in_place + InCommits(former.main.sequence) + ", and " + std::to_string(now.main.sequence) + " in '" +
           source.directory + "'";
  }
  GREFFE_ASSIGN_OR_RETURN(const Oid there,
                          WayBack(source, project, repository).CommitAt(now.main, former.main.sequence));
  if (there != former.main.target) {
    return in_place + "another history than in '" + source.directory + "': its commit " +
           std::to_string(former.main.sequence) + " is " + former.main.target.Hex();
  }
  for (const Head& tag : former.tags) {
    const bool same = std::any_of(now.tags.begin(), now.tags.end(), [&](const Head& other) {
      return other.ref == tag.ref && other.target == tag.target;
    });
    if (!same) {
      return in_place + tag.ref + " at " + tag.target.Hex() + ", where it is not in '" + source.directory + "'";
    }
  }
  return "";
}

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> OpenFormerJournal(const std::string& directory) {
  // The second one alone: a backup ended while it gave way.
  for (const std::string& journal : {directory + "/journal", directory + "/" + kFormerJournal}) {
    GREFFE_ASSIGN_OR_RETURN(const bool is_there, HasJournal(journal));
    if (!is_there) continue;
    RocksDbJournalOptions options;
    options.directory = journal;
    options.read_only = true;
    return OpenRocksDbJournal(options);
  }
  return nullptr;
}

absl::StatusOr<FormerProjects> ListFormerProjects(const std::string& directory, const Journal* journal) {
  FormerProjects former;
  std::set<std::string> known;
  if (journal != nullptr) {
    GREFFE_ASSIGN_OR_RETURN(former.projects, ListProjectHeads(*journal));
  }
  for (const ProjectHeads& heads : former.projects) known.insert(heads.main.repository);
  const std::string folder = directory + "/repositories";
  if (!FileExists(folder)) return former;
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(folder));
  for (const std::string& name : names) {
    if (!name.ends_with(".git")) continue;
    const std::string project = name.substr(0, name.size() - 4);
    if (known.contains(project) || !ValidateProjectId(project, "project").ok()) continue;
    absl::StatusOr<std::optional<ProjectHeads>> heads = HeadsOfRepository(folder + "/" + name, project);
    if (!heads.ok()) {
      former.unreadable.emplace(project, heads.status());
    } else if (*heads) {
      former.projects.push_back(**std::move(heads));
    }
  }
  return former;
}

absl::StatusOr<HistoryCheck> FindLostHistory(const FormerProjects& former, const std::string& place,
                                             const BackupSource& source) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<ProjectHeads> projects, ListProjectHeads(source.journal));
  std::map<std::string, const ProjectHeads*> now;
  for (const ProjectHeads& heads : projects) now[heads.main.repository] = &heads;
  HistoryCheck check;
  const auto add_missing = [&](const std::string& project) {
    check.lost.push_back(
        {project, "project '" + project + "' is in '" + place + "', and not in '" + source.directory + "'"});
  };
  for (const auto& [project, why] : former.unreadable) {
    if (now.contains(project)) {
      check.unknown.emplace(project,
                            Damaged("project '" + project + "'",
                                    "what '" + place + "' has of it cannot be read, so nobody knows whether '" +
                                        source.directory + "' goes on from that: " + std::string(why.message())));
    } else {
      add_missing(project);
    }
  }
  for (const ProjectHeads& heads : former.projects) {
    const std::string& project = heads.main.repository;
    const auto found = now.find(project);
    // It is not gone: nobody knows how much of it is there.
    if (const auto kept = source.unknown.find(project); found == now.end() && kept != source.unknown.end()) {
      check.unknown.insert(*kept);
      continue;
    }
    if (found == now.end()) {
      add_missing(project);
      continue;
    }
    absl::StatusOr<std::string> what = FindLoss(heads, place, *found->second, source, RepositoryOf(project, source));
    if (absl::IsDataLoss(what.status())) {
      check.undecided.push_back(heads);
    } else if (!what.ok()) {
      check.unknown.emplace(project, what.status());
    } else if (!what->empty()) {
      check.lost.push_back({project, *std::move(what)});
    }
  }
  return check;
}

absl::Status CheckGoesOn(const ProjectHeads& former, const std::string& place, const ProjectHeads& now,
                         const BackupSource& source, const std::string& repository) {
  GREFFE_ASSIGN_OR_RETURN(const std::string what, FindLoss(former, place, now, source, repository));
  if (what.empty()) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "BACKUP_LOSES_HISTORY", what,
               {{"project", former.main.repository}, {"source", source.directory}, {"destination", place}});
}

}  // namespace greffe
