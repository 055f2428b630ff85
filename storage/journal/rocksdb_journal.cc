#include "storage/journal/rocksdb_journal.h"

#include <algorithm>
#include <condition_variable>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "rocksdb/db.h"
#include "rocksdb/write_batch.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/journal/database.h"
#include "storage/journal/encoding.h"
#include "storage/journal/group_rows.h"
#include "storage/journal/large_row.h"
#include "storage/journal/repository_states.h"
#include "storage/journal/row_scan.h"
#include "storage/journal/unpacked_rows.h"
#include "storage/journal/written_database.h"

namespace greffe {
namespace {

using namespace journal_encoding;  // NOLINT: one of the encoding's three users

rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

class RocksDbJournal final : public Journal {
 public:
  explicit RocksDbJournal(RocksDbJournalOptions options) : options_(std::move(options)) {}
  ~RocksDbJournal() override { Close().IgnoreError(); }

  absl::Status Open() {
    GREFFE_RETURN_IF_ERROR(MakeDirectories(options_.directory));
    GREFFE_RETURN_IF_ERROR(database_.Open());
    if (options_.read_only) return LoadState();
    rocksdb::WriteBatch format;
    format.Put(database_.family(kMeta), kJournalFormatKey, std::to_string(kJournalFormat));
    GREFFE_RETURN_IF_ERROR(FromJournalStatus(database_.Write(format)));
    return LoadState();
  }

  absl::Status Append(std::span<const CommitGroup* const> groups) override {
    GREFFE_RETURN_IF_ERROR(OpenAfterFullDisk());
    std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Writable());
    std::vector<std::shared_ptr<RepositoryState>> states;
    std::size_t size = 0;
    for (const CommitGroup* group : groups) {
      states.push_back(states_.Of(group->repository));
      size += RowBytes(*group);
    }
    std::vector<std::unique_lock<std::mutex>> locks = RepositoryStates::LockAll(states);
    rocksdb::WriteBatch batch(size);
    const GroupFamilies families{database_.family(kCommits), database_.family(kHeads), database_.family(kState)};
    std::vector<std::vector<Manifest>> manifests(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
      GREFFE_RETURN_IF_ERROR(states[i]->Check(*groups[i]));
      GREFFE_ASSIGN_OR_RETURN(manifests[i], PutRows(*groups[i], families, batch));
      const std::vector<JournalCommit>& commits = groups[i]->commits;
      if (commits.empty() || commits.front().sequence > states[i]->trimmed) continue;
      batch.Put(database_.family(kMeta), TrimmedKey(groups[i]->repository),
                std::to_string(commits.front().sequence - 1));
    }
    const rocksdb::Status written = database_.Write(batch);
    if (written.ok()) {
      for (std::size_t i = 0; i < groups.size(); ++i) states[i]->Remember(*groups[i], manifests[i]);
      locks.clear();
      open.unlock();
      const std::lock_guard lock(append_mutex_);
      ++append_count_;
      append_event_.notify_all();
      return absl::OkStatus();
    }
    locks.clear();
    open.unlock();
    return AfterFailure(groups, written);
  }

  absl::StatusOr<std::optional<Head>> ReadHead(std::string_view repository, std::string_view ref) const override {
    const std::shared_ptr<RepositoryState> state = states_.Find(repository);
    if (state == nullptr) return std::nullopt;
    const std::lock_guard lock(state->mutex);
    const auto head = state->heads.find(std::string(ref));
    if (head == state->heads.end()) return std::nullopt;
    return head->second;
  }

  absl::StatusOr<std::vector<Head>> ListHeads(std::string_view after_repository, int limit) const override {
    std::vector<Head> heads;
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    const auto row = NewIterator(kHeads);
    row->Seek(after_repository.empty() ? std::string() : std::string(after_repository) + '\1');
    for (; row->Valid() && static_cast<int>(heads.size()) < limit; row->Next()) {
      GREFFE_ASSIGN_OR_RETURN(Head head, DecodeHead(ToView(row->key()), ToView(row->value())));
      heads.push_back(std::move(head));
    }
    GREFFE_RETURN_IF_ERROR(FromJournalStatus(row->status()));
    return heads;
  }

  absl::StatusOr<std::vector<Head>> ListRefs(std::string_view repository) const override {
    std::vector<Head> refs;
    const std::shared_ptr<RepositoryState> state = states_.Find(repository);
    if (state == nullptr) return refs;
    const std::lock_guard lock(state->mutex);
    for (const auto& [name, head] : state->heads) refs.push_back(head);
    return refs;
  }

  absl::StatusOr<std::optional<GitObject>> ReadObject(std::string_view repository, const Oid& oid) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    const std::shared_ptr<RepositoryState> state = states_.Find(repository);
    if (state == nullptr) return std::nullopt;
    const std::optional<ObjectRow> place = state->Find(oid);
    if (!place) return std::nullopt;
    const std::string key = CommitKey(repository, place->sequence);
    const auto object_in = [&](std::string_view row) -> absl::StatusOr<std::optional<GitObject>> {
      if (row.size() < std::size_t{place->offset} + place->size) return DamagedObject(oid);
      return GitObject{place->type, std::string(row.substr(place->offset, place->size))};
    };
    if (const auto large = large_row_.Find(key)) return object_in(*large);
    rocksdb::PinnableSlice row;
    const rocksdb::Status status = database_.db().Get(rocksdb::ReadOptions(), database_.family(kCommits), key, &row);
    if (status.IsNotFound()) return std::nullopt;  // trimmed in between
    GREFFE_RETURN_IF_ERROR(FromJournalStatus(status));
    large_row_.Keep(key, ToView(row));
    return object_in(ToView(row));
  }

  absl::StatusOr<std::vector<JournalCommit>> ReadCommits(std::string_view repository, Sequence after,
                                                         std::int64_t max_bytes) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    std::vector<JournalCommit> commits;
    std::int64_t bytes = 0;
    const std::shared_ptr<RepositoryState> state = states_.Find(repository);
    const auto unpacked = state == nullptr ? std::nullopt : state->Unpacked();
    if (!unpacked) return commits;
    // Before and behind them may lie what was trimmed, of this repository and the next, which RocksDB goes through row
    // by row until it has compacted it.
    const std::string end = CommitKey(repository, unpacked->second + 1);
    const rocksdb::Slice bound = end;
    rocksdb::ReadOptions options;
    options.iterate_upper_bound = &bound;
    const auto row = NewIterator(kCommits, options);
    for (row->Seek(CommitKey(repository, std::max(after + 1, unpacked->first))); row->Valid(); row->Next()) {
      GREFFE_ASSIGN_OR_RETURN(Manifest manifest, DecodeRow(repository, *row));
      if (!commits.empty() && bytes + manifest.bytes > max_bytes) break;
      bytes += manifest.bytes;
      JournalCommit commit{manifest.sequence, manifest.commit, manifest.record_time, {}, std::move(manifest.externals)};
      commit.objects.reserve(manifest.objects.size());
      for (const ObjectPlace& place : manifest.objects) {
        commit.objects.push_back({place.oid,
                                  {place.type, std::string(ToView(row->value()).substr(place.offset, place.size))},
                                  place.predecessor});
      }
      commits.push_back(std::move(commit));
    }
    GREFFE_RETURN_IF_ERROR(FromJournalStatus(row->status()));
    return commits;
  }

  absl::Status Trim(std::string_view repository, Sequence through) override {
    GREFFE_RETURN_IF_ERROR(OpenAfterFullDisk());
    std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Writable());
    const std::shared_ptr<RepositoryState> state = states_.Of(repository);
    rocksdb::WriteBatch batch;
    const std::vector<Sequence> gone = state->UnpackedUpTo(through);
    if (gone.empty()) return absl::OkStatus();
    for (const Sequence sequence : gone) batch.Delete(database_.family(kCommits), CommitKey(repository, sequence));
    batch.Put(database_.family(kMeta), TrimmedKey(repository), std::to_string(gone.back()));
    // Synced, though a trim that is lost would be done again after the next start: CheckLogs counts on it.
    const rocksdb::Status written = database_.Write(batch);
    if (written.ok()) {
      state->trimmed = gone.back();
      state->Forget(gone.back());
      large_row_.Forget();
      return absl::OkStatus();
    }
    open.unlock();
    // A full disk is the next write's to open again after: this one may be done again whatever became of it.
    if (!written.IsNoSpace()) database_.TellFailure().IgnoreError();
    return FromJournalStatus(written);
  }

  JournalStats Stats(std::string_view repository) const override {
    JournalStats total;
    if (!repository.empty()) {
      const std::shared_ptr<RepositoryState> state = states_.Find(repository);
      return state == nullptr ? total : state->Stats();
    }
    for (const auto& [name, state] : states_.All()) {
      const JournalStats stats = state->Stats();
      total.unpacked_commits += stats.unpacked_commits;
      total.unpacked_bytes += stats.unpacked_bytes;
    }
    return total;
  }

  std::vector<std::string> UnpackedRepositories() const override {
    std::vector<std::string> names;
    for (const auto& [name, state] : states_.All()) {
      if (state->Stats().unpacked_commits > 0) names.push_back(name);
    }
    return names;
  }

  absl::StatusOr<std::optional<std::string>> ReadState(std::string_view key) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    std::string value;
    const rocksdb::Status status =
        database_.db().Get(rocksdb::ReadOptions(), database_.family(kState), ToSlice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    GREFFE_RETURN_IF_ERROR(FromJournalStatus(status));
    return value;
  }

  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanState(std::string_view prefix,
                                                                             std::string_view after,
                                                                             int limit) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    return ScanRows(*NewIterator(kState), prefix, after, limit);
  }

  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanStateBackwards(std::string_view prefix,
                                                                                      std::string_view before,
                                                                                      int limit) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    return ScanRowsBackwards(*NewIterator(kState), prefix, before, limit);
  }

  std::uint64_t WaitForAppend(std::uint64_t seen, std::chrono::milliseconds timeout) const override {
    std::unique_lock lock(append_mutex_);
    append_event_.wait_for(lock, timeout, [&] { return append_count_ > seen; });
    return append_count_;
  }

  absl::Status Health() const override {
    const std::shared_lock open(open_mutex_);
    return Usable();
  }

  absl::Status Close() override {
    const std::unique_lock open(open_mutex_);
    return database_.Close();
  }

 private:
  absl::Status LoadState() {
    large_row_.Forget();  // what a failed append left may be gone, and its sequence be another's
    std::map<std::string, std::shared_ptr<RepositoryState>> states;
    const auto head_row = NewIterator(kHeads);
    for (head_row->SeekToFirst(); head_row->Valid(); head_row->Next()) {
      GREFFE_ASSIGN_OR_RETURN(Head head, DecodeHead(ToView(head_row->key()), ToView(head_row->value())));
      std::shared_ptr<RepositoryState>& state = states[head.repository];
      if (state == nullptr) state = std::make_shared<RepositoryState>();
      state->heads[head.ref] = std::move(head);
    }
    GREFFE_RETURN_IF_ERROR(FromJournalStatus(head_row->status()));
    for (auto& [repository, state] : states) {
      GREFFE_RETURN_IF_ERROR(
          LoadUnpacked(database_.db(), database_.family(kMeta), database_.family(kCommits), repository, *state));
    }
    states_.Replace(std::move(states));
    return absl::OkStatus();
  }

  std::unique_ptr<rocksdb::Iterator> NewIterator(JournalFamily family, const rocksdb::ReadOptions& options = {}) const {
    return std::unique_ptr<rocksdb::Iterator>(database_.db().NewIterator(options, database_.family(family)));
  }

  static absl::Status DamagedObject(const Oid& oid) {
    return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
                 "journal is damaged: object " + oid.Hex() + " cannot be read");
  }

  absl::Status Opened() const {
    if (database_.is_open()) return absl::OkStatus();
    return Error(absl::StatusCode::kUnavailable, "JOURNAL_CLOSED", "the journal is closed");
  }
  absl::Status Usable() const {
    GREFFE_RETURN_IF_ERROR(database_.Health());  // first: it may be why the database is closed
    GREFFE_RETURN_IF_ERROR(Opened());
    if (options_.read_only) {
      return Error(absl::StatusCode::kFailedPrecondition, "JOURNAL_READ_ONLY", "the journal is open for reading alone");
    }
    return absl::OkStatus();
  }
  // Now: on a full disk reads go on alone.
  absl::Status Writable() const {
    GREFFE_RETURN_IF_ERROR(Usable());
    return database_.is_writable() ? absl::OkStatus() : FromJournalStatus(rocksdb::Status::NoSpace());
  }

  // Whether the groups of a record lie in the database, all of them or none: by what the last ones would have left.
  bool AreThere(std::span<const CommitGroup* const> groups) {
    std::map<std::pair<std::string_view, std::string_view>, Oid> refs;
    std::map<std::string_view, const std::optional<std::string>*> rows;
    for (const CommitGroup* group : groups) {
      for (const RefChange& change : group->refs) refs[{group->repository, change.ref}] = change.target;
      for (const StateChange& change : group->state) rows[change.key] = &change.value;
    }
    for (const auto& [place, target] : refs) {
      const auto& heads = states_.Of(place.first)->heads;
      const auto head = heads.find(std::string(place.second));
      if (head == heads.end() || head->second.target != target) return false;
    }
    if (!refs.empty()) return true;
    for (const auto& [key, wanted] : rows) {
      std::string value;
      const rocksdb::Status read =
          database_.db().Get(rocksdb::ReadOptions(), database_.family(kState), ToSlice(key), &value);
      if (*wanted ? !read.ok() || value != **wanted : !read.IsNotFound()) return false;
    }
    return true;
  }

  // OK: appends can go on. RESOURCE_EXHAUSTED: reads alone. Otherwise the database's Health has it. Under the exclusive
  // lock.
  absl::Status OpenAgain() {
    const absl::Status opened = database_.OpenAgain();
    if (!opened.ok() && !absl::IsResourceExhausted(opened)) return database_.Fail(std::string(opened.message()));
    const absl::Status loaded = LoadState();
    return loaded.ok() ? opened : database_.Fail(std::string(loaded.message()));
  }

  // Before a write: one before it may have met a full disk. Reads wait for the opening, so it is not tried in vain.
  absl::Status OpenAfterFullDisk() {
    if (!database_.has_met_full_disk()) return absl::OkStatus();
    GREFFE_RETURN_IF_ERROR(Health());
    GREFFE_RETURN_IF_ERROR(database_.CheckPause());
    GREFFE_RETURN_IF_ERROR(database_.CheckRoom());
    {
      const std::unique_lock open(open_mutex_);
      GREFFE_RETURN_IF_ERROR(Usable());
      if (!database_.has_met_full_disk()) return absl::OkStatus();
      GREFFE_RETURN_IF_ERROR(database_.CheckPause());  // another one has tried
      const auto begin = std::chrono::steady_clock::now();
      const absl::Status opened = OpenAgain();
      if (absl::IsResourceExhausted(opened)) database_.PauseAfter(std::chrono::steady_clock::now() - begin);
      if (opened.ok() || absl::IsResourceExhausted(opened)) return opened;
    }
    return database_.TellFailure();
  }

  // What became of an append: behind a full disk what is in the log, once it is opened again, decides.
  absl::Status AfterFailure(std::span<const CommitGroup* const> groups, const rocksdb::Status& failure) {
    {
      const std::unique_lock open(open_mutex_);
      // Another one that failed with it may have left the database closed.
      if (!database_.is_open()) database_.Fail(failure.ToString()).IgnoreError();
      if (database_.Health().ok()) {
        const absl::Status opened = OpenAgain();
        if (opened.ok()) return AreThere(groups) ? absl::OkStatus() : FromJournalStatus(failure);
        if (absl::IsResourceExhausted(opened)) return opened;
      }
    }
    return database_.TellFailure();
  }

  const RocksDbJournalOptions options_;
  mutable std::shared_mutex open_mutex_;  // exclusive: closing and opening again
  WrittenDatabase database_{options_};
  RepositoryStates states_;
  mutable LargeRow large_row_;
  mutable std::mutex append_mutex_;
  mutable std::condition_variable append_event_;
  std::uint64_t append_count_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Journal>> OpenRocksDbJournal(const RocksDbJournalOptions& options) {
  auto journal = std::make_unique<RocksDbJournal>(options);
  GREFFE_RETURN_IF_ERROR(journal->Open());
  return std::unique_ptr<Journal>(std::move(journal));
}

}  // namespace greffe
