#include "storage/store/packer.h"

#include <algorithm>
#include <cstdint>
#include <memory>
#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/record_layout.h"
#include "storage/base/this_thread.h"
#include "storage/git/object_format.h"

namespace greffe {
namespace {

constexpr unsigned kMostAtATime = 4;                          // projects, each of which holds a batch
constexpr std::int64_t kBatchBytes = std::int64_t{32} << 20;  // of objects in one pack
// The longest pause of a project whose packing fails, in rounds.
constexpr int kMostRoundsPutOff = 20;

absl::StatusOr<Oid> ParentOf(const JournalCommit& commit) {
  for (const JournalObject& object : commit.objects) {
    if (object.oid != commit.commit) continue;
    GREFFE_ASSIGN_OR_RETURN(const CommitObject parsed, ParseCommit(object.object.data));
    return parsed.parents.empty() ? Oid{} : parsed.parents[0];
  }
  return Damaged("journal", "commit " + commit.commit.Hex() + " has no object");
}

// By a look of its own: a repository that is open goes on to read a pack that somebody removed.
bool AreOnDisk(const std::string& repository, std::span<const JournalCommit> commits) {
  const auto opened = GitRepository::OpenReadOnly(repository);
  if (!opened.ok()) return false;
  for (const JournalCommit& commit : commits) {
    for (const JournalObject& object : commit.objects) {
      if (!(*opened)->HasObject(object.oid, false).value_or(false)) return false;
    }
  }
  return true;
}

// Of several projects: all their commits, or the first failure, one of a project that is set apart only where there is
// no other.
class PackedTogether {
 public:
  void Add(const absl::StatusOr<std::int64_t>& packed) {
    if (packed.ok()) count_ += *packed;
    if (!packed.ok() && (first_.ok() || ReasonOf(first_) == kQuarantined)) first_ = packed.status();
  }
  absl::StatusOr<std::int64_t> Result() const {
    if (!first_.ok()) return first_;
    return count_;
  }

 private:
  std::int64_t count_ = 0;
  absl::Status first_;
};

}  // namespace

Packer::Packer(Options options, Journal& journal, ObjectSource& objects, Told foreign, Told failed)
    : options_(options),
      journal_(journal),
      objects_(objects),
      foreign_(std::move(foreign)),
      failed_(std::move(failed)),
      consolidator_(objects, failed_) {}

Packer::~Packer() { Stop(); }

void Packer::Start() {
  packer_ = std::thread([this] { Run(); });
  // Beside the packing, so that the repositories do not trail longer while packs are merged.
  consolidator_.Start();
  // Two at least: the repository of one project, on a disk that hangs, does not hold up all others.
  const unsigned flushers = std::clamp(std::thread::hardware_concurrency(), 2U, kMostAtATime);
  for (unsigned i = 0; i < flushers; ++i) flushers_.emplace_back([this] { RunFlushes(); });
}

void Packer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    event_.notify_all();
    packed_event_.notify_all();
  }
  if (packer_.joinable()) packer_.join();
  for (std::thread& flusher : flushers_) flusher.join();
  flushers_.clear();
  consolidator_.Stop();  // last: who packs offers to it
}

void Packer::Consider(const std::string& project) {
  if (journal_.Stats(project).unpacked_bytes < options_.bytes) return;
  const std::lock_guard lock(mutex_);
  // After each write it would only fail again: it waits for a round.
  if (failing_.contains(project)) return;
  full_.insert(project);
  event_.notify_all();
}

void Packer::Run() {
  NameThisThread("packer");
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    event_.wait_for(lock, options_.delay, [this] { return stopping_ || !full_.empty(); });
    if (stopping_) return;
    const std::set<std::string> busy = std::exchange(full_, {});
    const auto now = std::chrono::steady_clock::now();
    std::set<std::string> put_off;
    for (const auto& [project, pause] : failing_) {
      if (pause.end > now) put_off.insert(project);
    }
    lock.unlock();
    consolidator_.BeginRound(busy);
    const std::vector<std::string> projects = journal_.UnpackedRepositories();
    const auto is_packed = [&](const auto& row) { return std::ranges::find(projects, row.first) == projects.end(); };
    std::erase_if(told_failures_, is_packed);
    // A failure here loses nothing: the journal keeps what was not packed, and a later round tries again. But it grows
    // meanwhile.
    std::set<std::string> failing;
    for (const std::string& project : projects) {
      if (stopping_) break;
      if (put_off.contains(project)) continue;
      const absl::Status packed = Pack(project).status();
      if (!packed.ok()) failing.insert(project);
      TellFailure(project, packed);
    }
    lock.lock();
    std::erase_if(failing_, is_packed);
    for (const std::string& project : failing) PutOff(project);
    for (const auto& [project, pause] : failing_) full_.erase(project);
    consolidator_.EndRound();
  }
}

void Packer::PutOff(const std::string& project) {
  using Duration = std::chrono::steady_clock::duration;
  Pause& pause = failing_[project];
  pause.length = std::clamp<Duration>(2 * pause.length, options_.delay, kMostRoundsPutOff * options_.delay);
  pause.end = std::chrono::steady_clock::now() + pause.length;
}

void Packer::TellFailure(const std::string& project, const absl::Status& packed) {
  if (packed.ok() || ReasonOf(packed) == kQuarantined) {
    told_failures_.erase(project);
    return;
  }
  std::string& told = told_failures_[project];
  if (told == packed.message()) return;
  told = std::string(packed.message());
  failed_(project, packed);
}

absl::StatusOr<std::int64_t> Packer::PackAll() {
  PackedTogether together;
  for (const std::string& project : journal_.UnpackedRepositories()) together.Add(Pack(project));
  return together.Result();
}

void Packer::Flush(const std::string& project, Packed done) {
  {
    const std::lock_guard lock(mutex_);
    if (!stopping_ && !flushers_.empty()) {
      std::vector<Packed>& waiting = flushes_[project];
      if (waiting.empty()) flush_order_.push_back(project);
      waiting.push_back(std::move(done));
      packed_event_.notify_all();
      return;
    }
  }
  done(Pack(project));
}

void Packer::FlushAll(Packed done) {
  struct Round {
    std::mutex mutex;
    std::size_t left;
    PackedTogether together;
  };
  const std::vector<std::string> projects = journal_.UnpackedRepositories();
  if (projects.empty()) return done(std::int64_t{0});
  const auto round = std::make_shared<Round>();
  round->left = projects.size();
  for (const std::string& project : projects) {
    Flush(project, [round, done](const absl::StatusOr<std::int64_t>& count) {
      {
        const std::lock_guard lock(round->mutex);
        round->together.Add(count);
        if (--round->left > 0) return;
      }
      done(round->together.Result());
    });
  }
}

// What was asked for before the packer stops is done.
void Packer::RunFlushes() {
  NameThisThread("flusher");
  std::unique_lock lock(mutex_);
  while (true) {
    // A project that is being packed waits without a thread: others come first.
    auto next = flush_order_.end();
    packed_event_.wait(lock, [&] {
      next =
          std::ranges::find_if(flush_order_, [this](const auto& project) { return !being_packed_.contains(project); });
      return next != flush_order_.end() || (stopping_ && flush_order_.empty());
    });
    if (next == flush_order_.end()) return;
    const std::string project = std::move(*next);
    flush_order_.erase(next);
    std::vector<Packed> waiting = std::move(flushes_.extract(project).mapped());
    being_packed_.insert(project);
    lock.unlock();
    const absl::StatusOr<std::int64_t> count = PackClaimed(project);
    for (const Packed& done : std::exchange(waiting, {})) done(count);
    lock.lock();
  }
}

absl::StatusOr<std::int64_t> Packer::Pack(const std::string& project) {
  {
    std::unique_lock lock(mutex_);
    packed_event_.wait(lock, [&] { return being_packed_.insert(project).second; });
  }
  return PackClaimed(project);
}

absl::StatusOr<std::int64_t> Packer::PackClaimed(const std::string& project) {
  const absl::StatusOr<std::int64_t> count = PackAlone(project);
  {
    const std::lock_guard lock(mutex_);
    being_packed_.erase(project);
    if (count.ok()) failing_.erase(project);
    packed_event_.notify_all();
  }
  if (count.ok() && *count > 0) consolidator_.Offer(project);
  return count;
}

absl::StatusOr<std::int64_t> Packer::PackAlone(const std::string& project) {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<Head> head, journal_.ReadHead(project, kMainRef));
  // What comes from here on waits for the next call: with writers that do not pause there would be no end.
  const Sequence last = head ? head->sequence : 0;
  std::int64_t count = 0;
  Sequence packed = 0;
  while (packed < last && journal_.Stats(project).unpacked_commits > 0) {
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.Repository(project));
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> ref, repository->ReadRef(kMainRef));
    // Before what there is to pack is read: of such a project it stays.
    GREFFE_RETURN_IF_ERROR(WhyForeign(project, ref.value_or(Oid{})));
    GREFFE_ASSIGN_OR_RETURN(std::vector<JournalCommit> commits, journal_.ReadCommits(project, 0, kBatchBytes));
    // One that is being appended is in the rows before the journal counts it: it is not to be trimmed either.
    std::erase_if(commits, [last](const JournalCommit& commit) { return commit.sequence > last; });
    if (commits.empty()) return count;
    GREFFE_ASSIGN_OR_RETURN(const Oid parent, ParentOf(commits.front()));
    const auto reached = std::ranges::find(commits, ref.value_or(Oid{}), &JournalCommit::commit);
    if (reached != commits.end()) {
      // What came behind the ref failed: a trim on a full disk, or the sync of the ref's name, which is made up for.
      GREFFE_RETURN_IF_ERROR(repository->MoveRef(kMainRef, *ref));
      GREFFE_RETURN_IF_ERROR(journal_.Trim(project, reached->sequence));
      count += reached - commits.begin() + 1;
      packed = reached->sequence;
      continue;
    }
    if (ref.value_or(Oid{}) != parent) {
      const absl::Status status =
          Error(absl::StatusCode::kFailedPrecondition, kQuarantined,
                "repository of project '" + project + "' was changed by someone else: its main is at " +
                    ref.value_or(Oid{}).Hex() + ", not at " + parent.Hex(),
                {{"project", project}});
      foreign_(project, status);
      const std::lock_guard lock(mutex_);
      foreign_refs_[project] = {ref.value_or(Oid{}), status};
      return status;
    }
    GREFFE_RETURN_IF_ERROR(WriteObjects(*repository, project, commits));
    if (FaultIsOn("trim-before-ref")) GREFFE_RETURN_IF_ERROR(journal_.Trim(project, commits.back().sequence));
    // Before main: where main has arrived, nothing is left to do.
    GREFFE_RETURN_IF_ERROR(WriteTags(*repository, project, commits.front().sequence - 1, commits.back().sequence));
    GREFFE_RETURN_IF_ERROR(repository->MoveRef(kMainRef, commits.back().commit));
    GREFFE_RETURN_IF_ERROR(journal_.Trim(project, commits.back().sequence));
    count += static_cast<std::int64_t>(commits.size());
    packed = commits.back().sequence;
  }
  return count;
}

absl::Status Packer::WhyForeign(const std::string& project, const Oid& ref) {
  const std::lock_guard lock(mutex_);
  const auto found = foreign_refs_.find(project);
  if (found == foreign_refs_.end()) return absl::OkStatus();
  if (found->second.ref == ref) return found->second.why;
  foreign_refs_.erase(found);
  return absl::OkStatus();
}

absl::Status Packer::WriteObjects(GitRepository& repository, const std::string& project,
                                  std::span<const JournalCommit> commits) {
  Sequence written = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto place = written_.find(project); place != written_.end()) written = place->second;
  }
  const auto is_new = [written](const JournalCommit& commit) { return commit.sequence > written; };
  const auto count = static_cast<std::size_t>(std::ranges::find_if(commits, is_new) - commits.begin());
  // No ref leads to them: somebody who makes room may have removed them.
  if (count > 0 && AreOnDisk(repository.path(), commits.first(count))) commits = commits.subspan(count);
  if (commits.empty()) return absl::OkStatus();
  std::vector<PackInput> inputs;
  std::size_t objects = 0;
  for (const JournalCommit& commit : commits) objects += commit.objects.size();
  inputs.reserve(objects);
  for (const JournalCommit& commit : commits) {
    if (FaultIsOn("pack-forgets-blobs") && commit.sequence % 7 == 0) {
      for (const JournalObject& object : commit.objects) {
        if (object.object.type == ObjectType::kBlob) continue;
        inputs.push_back({object.oid, object.object.type, object.object.data, object.predecessor});
      }
      continue;
    }
    for (const JournalObject& object : commit.objects) {
      inputs.push_back({object.oid, object.object.type, object.object.data, object.predecessor});
    }
  }
  GREFFE_RETURN_IF_ERROR(repository.WritePack(inputs));
  const std::lock_guard lock(mutex_);
  written_[project] = commits.back().sequence;
  return absl::OkStatus();
}

absl::Status Packer::WriteTags(GitRepository& repository, const std::string& project, Sequence after,
                               Sequence through) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<Head> refs, journal_.ListRefs(project));
  for (const Head& ref : refs) {
    if (ref.ref == kMainRef || ref.sequence <= after || ref.sequence > through) continue;
    GREFFE_RETURN_IF_ERROR(repository.MoveRef(ref.ref, ref.target));
  }
  return absl::OkStatus();
}

}  // namespace greffe
