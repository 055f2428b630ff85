// The steps of a backup, in an order that leaves a copy of use whenever they end.
#pragma once

#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "storage/git/copy_objects.h"
#include "storage/journal/journal.h"
#include "storage/store/backup.h"
#include "storage/store/former_copy.h"
#include "storage/store/project_heads.h"

namespace greffe {

// Whoever fails or is killed leaves a copy that is of use, but for a short while:
//
// Add makes nothing but files that no ref and no journal of the former copy lead to: objects, and the new journal
// beside the former one. The former copy stays what it was, with some files more; what is there in part has a name that
// is swept. So it bears no mark. Where nothing was copied before, a server would begin anew on what is there: the mark
// (UNFINISHED_COPY) stands from the start.
//
// SwitchNames: journal and refs must fit one another, and cannot change as one. Refs that are as they should be stay.
// The mark stands, synced, before the first of them changes, and goes when all are synced. In between all objects of
// both moments are there, and one of the two journals, whole, at each instant: the next backup finds what the former
// copy had and makes the same changes again.
//
// Tidy removes what nothing leads to any more; the copy is whole before and after.
//
// A project that cannot be copied is left as the former copy has it: its rows of that one's journal are in the new one,
// and its refs and packs stay. When that one's rows of it cannot be read either, the new journal is without it. A
// project whose repository the source's journal does not know is left in the same way.
class BackupCopier {
 public:
  // All outlive it. `former`: the journal of the copy there is; nullptr: none; or why what is there cannot be read.
  // `replace`: projects of the destination that are not in the source are removed. `check`: why projects are not even
  // to be tried, and which are to be decided yet. `kept`: see CopyObjects.
  BackupCopier(const BackupSource& source, const std::string& destination, const absl::StatusOr<const Journal*>& former,
               bool replace, HistoryCheck check, Kept kept, const ReportLine& progress)
      : source_(source.directory),
        destination_(destination),
        journal_(source.journal),
        unknown_(source.unknown),
        former_(former.ok() ? *former : nullptr),
        former_read_(former.status()),
        replace_(replace),
        left_(std::move(check.unknown)),
        undecided_(std::move(check.undecided)),
        kept_(kept),
        progress_(progress) {
    left_.insert(unknown_.begin(), unknown_.end());
  }

  absl::Status Add();
  absl::Status SwitchNames();
  // Of the projects in `replaced` the copy had another history.
  absl::Status Tidy(const std::set<std::string>& replaced);

  BackupResult result() const;

 private:
  // One project of the copy.
  struct Part {
    Head head;
    std::vector<Head> tags;
    Oid packed;  // where its main is in the repository, as the journal's moment has it; zero: nothing is packed
    Sequence packed_sequence = 0;
    CopiedObjects objects;
  };

  // What is to become of the names of one repository of the copy.
  struct NameChanges {
    std::string repository;
    std::vector<std::pair<std::string, Oid>> moved;
    std::vector<std::string> removed;  // files
  };

  static absl::StatusOr<Part> PartOf(const ProjectHeads& heads, const Journal& journal);
  absl::Status CopyProject(const ProjectHeads& heads);
  // Of one whose history could not be told before.
  absl::Status CheckUndecided(const ProjectHeads& heads, const std::string& copy) const;
  // What there is of a project whose repository the journal does not know, under no name: nobody can tell what it is.
  absl::Status CopyUnknown(const std::string& project);
  void Count(const std::string& project, const CopiedObjects& objects);
  // Looks for commits of a project that is new in the copy, and for their trees: a pack that the source lost has some.
  // Of others the copy has the packs themselves, by which Tidy finds it.
  absl::Status FindLostCommits(const Part& part, const std::string& path);
  // A pack that the source has lost must be known before names change, not by the first name that cannot.
  static absl::Status CheckTargets(const Part& part, const std::string& path);
  // Reads what WriteProject will write.
  static absl::Status CheckCommits(const Part& part, const Journal& journal);
  absl::Status WriteJournal();
  // As it is in the former copy, if it is there.
  absl::Status WriteFormer(Journal& copy);
  void LeaveOut(std::string project, const absl::Status& why);
  static absl::Status WriteProject(const Part& part, const Journal& journal, Journal& copy);
  // What makes the refs those of the journal's moment, and no others. Those that stay are synced: who moved them may
  // have been killed before that.
  absl::Status CollectNames(const Part& part);
  static absl::Status SetNames(const NameChanges& changes);
  // Those of a former copy: a server would take them up as projects.
  absl::Status RemoveOtherRepositories() const;

  const std::string& source_;
  const std::string& destination_;
  const Journal& journal_;
  const std::map<std::string, absl::Status>& unknown_;
  const Journal* const former_;
  const absl::Status former_read_;
  const bool replace_;
  std::map<std::string, absl::Status> left_;
  const std::vector<ProjectHeads> undecided_;
  const Kept kept_;
  std::map<std::string, absl::Status> left_out_;  // nor does the new journal have them
  const ReportLine& progress_;
  std::vector<Part> parts_;
  std::vector<Part> former_parts_;  // of projects that are left as the former copy has them, where that is whole
  std::vector<NameChanges> names_;
  BackupResult result_;
};

}  // namespace greffe
