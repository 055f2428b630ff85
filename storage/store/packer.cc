#include "storage/store/packer.h"

#include <algorithm>
#include <cstdint>
#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/record_layout.h"
#include "storage/base/this_thread.h"
#include "storage/git/object_format.h"

namespace greffe {
namespace {

constexpr std::size_t kMostAtATime = 4;                       // projects, each of which holds a batch
constexpr std::int64_t kBatchBytes = std::int64_t{32} << 20;  // of objects in one pack
constexpr std::size_t kPacksBeforeConsolidation = 10;
// While much is written to the project: what writers need of processors and memory is left to them as long as reads do
// not suffer from many packs.
constexpr std::size_t kPacksWhileBusy = 40;

absl::StatusOr<Oid> ParentOf(const JournalCommit& commit) {
  for (const JournalObject& object : commit.objects) {
    if (object.oid != commit.commit) continue;
    GREFFE_ASSIGN_OR_RETURN(const CommitObject parsed, ParseCommit(object.object.data));
    return parsed.parents.empty() ? Oid{} : parsed.parents[0];
  }
  return Damaged("journal", "commit " + commit.commit.Hex() + " has no object");
}

}  // namespace

Packer::Packer(Options options, Journal& journal, ObjectSource& objects, Told foreign, Told failed)
    : options_(options),
      journal_(journal),
      objects_(objects),
      foreign_(std::move(foreign)),
      failed_(std::move(failed)) {}

Packer::~Packer() { Stop(); }

void Packer::Start() {
  packer_ = std::thread([this] { Run(); });
  consolidator_ = std::thread([this] { RunConsolidation(); });
}

void Packer::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    event_.notify_all();
  }
  for (std::thread* thread : {&packer_, &consolidator_}) {
    if (thread->joinable()) thread->join();
  }
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
    busy_ = std::exchange(full_, {});
    lock.unlock();
    const std::vector<std::string> projects = journal_.UnpackedRepositories();
    std::erase_if(told_failures_,
                  [&](const auto& told) { return std::ranges::find(projects, told.first) == projects.end(); });
    // A failure here loses nothing: the journal keeps what was not packed, and the next round tries again. But it grows
    // meanwhile.
    std::set<std::string> failing;
    for (const std::string& project : projects) {
      if (stopping_) break;
      const absl::Status packed = Pack(project).status();
      if (!packed.ok()) failing.insert(project);
      TellFailure(project, packed);
    }
    lock.lock();
    failing_ = std::move(failing);
    for (const std::string& project : failing_) full_.erase(project);
    for (const std::string& project : std::exchange(put_off_, {})) OfferToMerge(project);
  }
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

// Beside the packing, so that the repositories do not trail longer while packs are merged.
void Packer::RunConsolidation() {
  NameThisThread("consolidator");
  YieldToOthers();
  std::unique_lock lock(mutex_);
  while (true) {
    event_.wait(lock, [this] { return stopping_ || !packed_.empty(); });
    if (stopping_) return;
    const std::string project = packed_.extract(packed_.begin()).value();
    const bool busy = busy_.contains(project);
    if (busy) put_off_.insert(project);
    lock.unlock();
    Consolidate(project, busy ? kPacksWhileBusy : kPacksBeforeConsolidation).IgnoreError();
    lock.lock();
  }
}

absl::StatusOr<std::int64_t> Packer::PackAll() {
  const std::vector<std::string> projects = journal_.UnpackedRepositories();
  std::vector<absl::StatusOr<std::int64_t>> packed(projects.size(), std::int64_t{0});
  std::atomic<std::size_t> next = 0;
  const auto pack = [&] {
    for (std::size_t i = next++; i < projects.size(); i = next++) packed[i] = Pack(projects[i]);
  };
  // Merging holds too much for more than one.
  const std::size_t most =
      consolidator_.joinable() ? std::clamp<std::size_t>(std::thread::hardware_concurrency(), 1, kMostAtATime) : 1;
  std::vector<std::thread> others;
  for (std::size_t i = 1; i < std::min(most, projects.size()); ++i) {
    others.emplace_back([&pack] {
      NameThisThread("packer");
      pack();
    });
  }
  pack();
  for (std::thread& other : others) other.join();

  std::int64_t count = 0;
  absl::Status first;
  for (const absl::StatusOr<std::int64_t>& of_project : packed) {
    if (of_project.ok()) count += *of_project;
    if (!of_project.ok() && (first.ok() || ReasonOf(first) == kQuarantined)) first = of_project.status();
  }
  if (!first.ok()) return first;
  return count;
}

absl::StatusOr<std::int64_t> Packer::Pack(const std::string& project) {
  const absl::StatusOr<std::int64_t> count = PackNow(project);
  if (!count.ok()) return count;
  if (!consolidator_.joinable()) {
    Consolidate(project, kPacksBeforeConsolidation).IgnoreError();  // many packs are slow to read, and no loss
  } else if (*count > 0) {
    const std::lock_guard lock(mutex_);
    OfferToMerge(project);
  }
  return count;
}

void Packer::OfferToMerge(const std::string& project) {
  packed_.insert(project);
  event_.notify_all();
}

absl::StatusOr<std::int64_t> Packer::PackNow(const std::string& project) {
  {
    std::unique_lock lock(mutex_);
    packed_event_.wait(lock, [&] { return being_packed_.insert(project).second; });
  }
  absl::StatusOr<std::int64_t> count = PackAlone(project);
  const std::lock_guard lock(mutex_);
  being_packed_.erase(project);
  packed_event_.notify_all();
  return count;
}

absl::StatusOr<std::int64_t> Packer::PackAlone(const std::string& project) {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<Head> head, journal_.ReadHead(project, kMainRef));
  // What comes from here on waits for the next call: with writers that do not pause there would be no end.
  const Sequence last = head ? head->sequence : 0;
  std::int64_t count = 0;
  Sequence packed = 0;
  while (packed < last) {
    GREFFE_ASSIGN_OR_RETURN(std::vector<JournalCommit> commits, journal_.ReadCommits(project, 0, kBatchBytes));
    // One that is being appended is in the rows before the journal counts it: it is not to be trimmed either.
    std::erase_if(commits, [last](const JournalCommit& commit) { return commit.sequence > last; });
    if (commits.empty()) return count;
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.Repository(project));
    GREFFE_ASSIGN_OR_RETURN(const Oid parent, ParentOf(commits.front()));
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> ref, repository->ReadRef(kMainRef));
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

absl::Status Packer::WriteObjects(GitRepository& repository, const std::string& project,
                                  std::span<const JournalCommit> commits) {
  Sequence written = 0;
  {
    const std::lock_guard lock(mutex_);
    if (const auto place = written_.find(project); place != written_.end()) written = place->second;
  }
  while (!commits.empty() && commits.front().sequence <= written) commits = commits.subspan(1);
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

absl::Status Packer::Consolidate(const std::string& project, std::size_t least) {
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.FindRepository(project));
  if (repository == nullptr) return absl::OkStatus();
  std::size_t before = SIZE_MAX;
  for (std::size_t now = repository->CountSmallPacks(); now >= least && now < before && !stopping_;
       now = repository->CountSmallPacks()) {
    before = now;
    const absl::Status merged = repository->Consolidate(false, [this] { return stopping_.load(); });
    if (absl::IsDataLoss(merged)) {
      failed_(project, merged);  // the others are merged without it
    } else if (!merged.ok()) {
      return merged;
    }
  }
  return absl::OkStatus();
}

}  // namespace greffe
