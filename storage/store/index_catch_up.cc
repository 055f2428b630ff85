#include "storage/store/index_catch_up.h"

#include <future>
#include <optional>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/git/object_format.h"

namespace greffe {
namespace {

constexpr int kCommitsInBatch = 500;
// From so many on they are kept at once: a server that dies again soon does not index them again.
constexpr std::int64_t kCommitsToFlush = 1000;
constexpr std::int64_t kCommitsToTell = 50'000;
constexpr std::int64_t kKeptBytes = std::int64_t{64} << 20;  // of commits between the walk to them and their indexing

}  // namespace

absl::Status LacksCommits(const std::string& project, std::int64_t counted) {
  return Damaged("project '" + project + "'",
                 "its history does not have the " + std::to_string(counted) + " commits that its newest one counts");
}

absl::Status IndexCatchUp::Run(const std::vector<ProjectHeads>& projects) {
  for (bool made_again = false;;) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<std::vector<Lack>> lacks, FindLacks(projects));
    Outcome outcome = Outcome::kDoesNotFit;
    if (lacks) {
      GREFFE_ASSIGN_OR_RETURN(outcome, Fill(*lacks, made_again));
    }
    if (outcome == Outcome::kDone) break;
    if (outcome == Outcome::kHalfApplied) {
      together_ = false;  // what went in of it ends with a whole commit of each project
      continue;
    }
    progress_("the index does not fit the journal: it is made again");
    made_again = true;
    GREFFE_RETURN_IF_ERROR(index_.Clear());
  }
  return indexed_ < kCommitsToFlush ? absl::OkStatus() : index_.Flush();
}

absl::StatusOr<std::optional<std::vector<IndexCatchUp::Lack>>> IndexCatchUp::FindLacks(
    const std::vector<ProjectHeads>& projects) {
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t indexed, index_.CountProjects());
  std::int64_t known = 0;
  std::vector<Lack> lacks;
  for (const ProjectHeads& heads : projects) {
    const Head& head = heads.main;
    const std::string& project = head.repository;
    const absl::StatusOr<std::optional<ProjectMark>> found = index_.FindMark(project);
    if (!found.ok()) {
      GREFFE_RETURN_IF_ERROR(refuse_(project, found.status()));
      continue;
    }
    if (*found) ++known;
    const ProjectMark mark = found->value_or(ProjectMark{});
    if (mark.sequence == head.sequence) {
      if (mark.commit != head.target) return std::nullopt;
      continue;
    }
    if (mark.sequence > 0 && FaultIsOn("index-left-behind")) continue;
    if (mark.sequence > head.sequence) {
      // The journal is synced before the index hears of a commit.
      progress_("the index knows " + std::to_string(mark.sequence) + " commits of project '" + project +
                "', the journal only " + std::to_string(head.sequence) +
                ": unless an older copy of the data was put back, acknowledged commits are lost");
      return std::nullopt;
    }
    lacks.push_back({&head, mark});
  }
  if (known != indexed) return std::nullopt;
  return lacks;
}

absl::StatusOr<IndexCatchUp::Outcome> IndexCatchUp::Fill(const std::vector<Lack>& lacks, bool made_again) {
  missing_ = 0;
  indexed_ = 0;
  std::int64_t whole = 0;
  for (const Lack& lack : lacks) {
    missing_ += lack.commits();
    if (lack.mark.sequence == 0) whole += lack.commits();
  }
  std::optional<IndexBatch> together;
  if (together_ && whole >= limits_.bulk_commits) together.emplace(IndexBatch::OfWholeHistory(index_));
  // The next project's commits are read while the rows of one are made.
  const auto walk = [&](std::size_t i) {
    return std::async(std::launch::async, [this, &lack = lacks[i]] { return Walk(lack); });
  };
  std::future<absl::StatusOr<std::unique_ptr<HistoryReader>>> next;
  if (!lacks.empty()) next = walk(0);
  for (std::size_t i = 0; i < lacks.size(); ++i) {
    const Lack& lack = lacks[i];
    const std::string& project = lack.head->repository;
    const absl::StatusOr<std::unique_ptr<HistoryReader>> history = next.get();
    if (i + 1 < lacks.size()) next = walk(i + 1);
    if (!history.ok()) {
      GREFFE_RETURN_IF_ERROR(refuse_(project, history.status()));
      continue;
    }
    if (*history == nullptr) {
      if (!made_again) return Outcome::kDoesNotFit;
      GREFFE_RETURN_IF_ERROR(refuse_(project, LacksCommits(project, lack.head->sequence)));
      continue;
    }
    const bool is_whole = lack.mark.sequence == 0;
    std::optional<IndexBatch> alone;
    if (!is_whole || !together) {
      const bool bulk = is_whole && lack.commits() >= limits_.bulk_commits;
      alone.emplace(bulk ? IndexBatch::OfWholeHistory(index_) : IndexBatch(index_));
    }
    bool half_applied = false;
    absl::Status applied = Apply(lack, **history, alone ? *alone : *together, half_applied);
    if (applied.ok() && alone) applied = index_.Write(*alone);
    if (applied.ok()) continue;
    // A batch of its own goes away with it.
    if (half_applied && !alone) return Outcome::kHalfApplied;
    GREFFE_RETURN_IF_ERROR(refuse_(project, applied));
  }
  if (together) GREFFE_RETURN_IF_ERROR(index_.Write(*together));
  return Outcome::kDone;
}

absl::StatusOr<std::unique_ptr<HistoryReader>> IndexCatchUp::Walk(const Lack& lack) const {
  const std::string& project = lack.head->repository;
  auto history = std::make_unique<HistoryReader>(objects_, project, lack.commits(), limits_.ahead_bytes);
  std::int64_t kept = 0;
  Oid oid = lack.head->target;
  for (std::int64_t i = 0; i < lack.commits(); ++i) {
    if (oid.IsZero()) return LacksCommits(project, lack.head->sequence);
    GREFFE_ASSIGN_OR_RETURN(GitObject object, objects_.Read(project, oid));
    if (object.type != ObjectType::kCommit) return Damaged("object " + oid.Hex(), "it is not a commit");
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> parent, FirstParent(object.data));
    const auto size = static_cast<std::int64_t>(object.data.size());
    // What does not fit is read again.
    if (kept + size > kKeptBytes) object.data.clear();
    kept += static_cast<std::int64_t>(object.data.size());
    history->Add({std::exchange(oid, parent.value_or(Oid{})), std::move(object.data)});
  }
  return oid == lack.mark.commit ? std::move(history) : nullptr;
}

absl::Status IndexCatchUp::Apply(const Lack& lack, HistoryReader& history, IndexBatch& batch, bool& half_applied) {
  if (lack.commits() >= kCommitsToFlush) {
    progress_("indexing " + std::to_string(lack.commits()) + " commits of project '" + lack.head->repository + "'");
  }
  int in_batch = 0;
  for (std::int64_t i = 0; i < lack.commits(); ++i) {
    GREFFE_ASSIGN_OR_RETURN(CommitFacts* const facts, history.Next());
    const absl::Status applied = batch.Apply(*facts);
    half_applied = !applied.ok();
    GREFFE_RETURN_IF_ERROR(applied);
    if (++indexed_ % kCommitsToTell == 0) {
      progress_("indexed " + std::to_string(indexed_) + " of " + std::to_string(missing_) + " commits");
    }
    if (++in_batch < kCommitsInBatch && batch.bytes() < limits_.batch_bytes) continue;
    GREFFE_RETURN_IF_ERROR(index_.WriteSome(batch));
    in_batch = 0;
  }
  return absl::OkStatus();
}

}  // namespace greffe
