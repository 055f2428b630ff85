// The figures of a project at a moment, out of its tallies: one walk over these, however much there is.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/reports.pb.h"
#include "storage/base/record_kinds.h"
#include "storage/index/tallies.h"

namespace greffe {

class ProjectView;

// The days on which something of a collection is open and due.
class DueDays {
 public:
  // `tally` is the collection's, and must outlive this object.
  DueDays(Tallies& tallies, const RecordKind& kind, const Tally& tally);

  // How many are due in [from, until); `from` "": from the first on. Whole months are known; others are looked up.
  absl::StatusOr<std::int64_t> Count(const std::string& from, const std::string& until);
  // Those days, in order, until so many are due on them.
  absl::StatusOr<std::vector<std::string>> List(const std::string& from, const std::string& until, int limit);

 private:
  // By day, "01" to "31".
  absl::StatusOr<const Tally*> DaysOf(const std::string& month);

  Tallies& tallies_;
  const RecordKind& kind_;
  const Tally& tally_;
};

class StatusCounter {
 public:
  // What is due on `day` or within so many days after it counts as due soon.
  StatusCounter(Tallies& tallies, std::string day, int due_within_days);

  // All figures but the count of versions.
  absl::StatusOr<v1::StatusFigures> Count();

 private:
  void CountDocuments(const Tally& tally);
  absl::Status CountCollection(const RecordKind& kind, const Tally& tally);
  void CountDeliverables(const Tally& tally);
  void CountMilestones(const Tally& tally);
  void CountReviews(const Tally& tally);
  void CountRisks(const Tally& tally);
  absl::Status CountBudget(const RecordKind& kind, const Tally& tally);

  Tallies& tallies_;
  const std::string day_;
  const std::string soon_;  // the first day that is not soon
  v1::StatusFigures figures_;
};

// What is open and due in [from, until), the earliest first, at most `limit`.
absl::StatusOr<std::vector<v1::DueItem>> ListDue(const ProjectView& view, Tallies& tallies, const std::string& from,
                                                 const std::string& until, int limit);

}  // namespace greffe
