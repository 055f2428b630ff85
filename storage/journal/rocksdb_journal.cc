#include "storage/journal/rocksdb_journal.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <filesystem>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <utility>

#include "rocksdb/db.h"
#include "rocksdb/env.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/kept_memory.h"
#include "storage/journal/encoding.h"
#include "storage/journal/group_rows.h"
#include "storage/journal/log_check.h"
#include "storage/journal/repository_state.h"

namespace greffe {
namespace {

using namespace journal_encoding;  // NOLINT: with group_rows.cc the encoding's only user

constexpr int kJournalFormat = 2;
constexpr char kFormatKey[] = "format";

rocksdb::Slice ToSlice(std::string_view text) { return {text.data(), text.size()}; }
std::string_view ToView(const rocksdb::Slice& slice) { return {slice.data(), slice.size()}; }

absl::Status FromRocks(const rocksdb::Status& status) {
  if (status.ok()) return absl::OkStatus();
  if (status.IsNoSpace()) {
    return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "journal: no space left: " + status.ToString());
  }
  if (status.IsCorruption()) {
    return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED", "journal is damaged: " + status.ToString());
  }
  return Error(absl::StatusCode::kUnavailable, "IO_ERROR", "journal: " + status.ToString());
}

// RocksDB's own log file aborts the process when the disk is full (an assertion that Debian's build keeps), and tells
// nothing that the statuses do not.
class NoLog final : public rocksdb::Logger {
 public:
  void Logv(const char*, va_list) override {}
  using rocksdb::Logger::Logv;
};

class RocksDbJournal final : public Journal {
 public:
  explicit RocksDbJournal(RocksDbJournalOptions options) : options_(std::move(options)) {}
  ~RocksDbJournal() override { Close().IgnoreError(); }

  absl::Status Open() {
    std::error_code error;
    std::filesystem::create_directories(options_.directory, error);
    if (error) return FromErrno(error.value(), "make directory", options_.directory);
    GREFFE_RETURN_IF_ERROR(OpenDatabase());
    if (options_.read_only) return LoadState();
    rocksdb::WriteBatch format;
    format.Put(families_[kMeta], kFormatKey, std::to_string(kJournalFormat));
    GREFFE_RETURN_IF_ERROR(FromRocks(Write(Durable(), format)));
    return LoadState();
  }

  absl::Status Append(std::span<const CommitGroup* const> groups) override {
    std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Usable());
    std::vector<std::shared_ptr<RepositoryState>> states;
    std::size_t size = 0;
    for (const CommitGroup* group : groups) {
      states.push_back(StateOf(group->repository));
      size += RowBytes(*group);
    }
    std::vector<std::unique_lock<std::mutex>> locks = LockAll(states);
    rocksdb::WriteBatch batch(size);
    const GroupFamilies families{families_[kCommits], families_[kHeads], families_[kState]};
    std::vector<std::vector<Manifest>> manifests(groups.size());
    for (std::size_t i = 0; i < groups.size(); ++i) {
      GREFFE_RETURN_IF_ERROR(states[i]->Check(*groups[i]));
      GREFFE_ASSIGN_OR_RETURN(manifests[i], PutRows(*groups[i], families, batch));
    }
    const rocksdb::Status written = Write(Durable(), batch);
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
    const std::shared_ptr<RepositoryState> state = FindState(repository);
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
    GREFFE_RETURN_IF_ERROR(FromRocks(row->status()));
    return heads;
  }

  absl::StatusOr<std::vector<Head>> ListRefs(std::string_view repository) const override {
    std::vector<Head> refs;
    const std::shared_ptr<RepositoryState> state = FindState(repository);
    if (state == nullptr) return refs;
    const std::lock_guard lock(state->mutex);
    for (const auto& [name, head] : state->heads) refs.push_back(head);
    return refs;
  }

  absl::StatusOr<std::optional<GitObject>> ReadObject(std::string_view repository, const Oid& oid) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    const std::shared_ptr<RepositoryState> state = FindState(repository);
    if (state == nullptr) return std::nullopt;
    const std::optional<ObjectRow> place = state->Find(oid);
    if (!place) return std::nullopt;
    rocksdb::PinnableSlice row;
    const rocksdb::Status status =
        db_->Get(rocksdb::ReadOptions(), families_[kCommits], CommitKey(repository, place->sequence), &row);
    if (status.IsNotFound()) return std::nullopt;  // trimmed in between
    GREFFE_RETURN_IF_ERROR(FromRocks(status));
    if (row.size() < std::size_t{place->offset} + place->size) return DamagedObject(oid);
    return GitObject{place->type, std::string(ToView(row).substr(place->offset, place->size))};
  }

  absl::StatusOr<std::vector<JournalCommit>> ReadCommits(std::string_view repository, Sequence after,
                                                         std::int64_t max_bytes) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    std::vector<JournalCommit> commits;
    std::int64_t bytes = 0;
    const auto row = NewIterator(kCommits);
    const std::string prefix = RepositoryPrefix(repository);
    for (row->Seek(CommitKey(repository, after + 1)); row->Valid() && ToView(row->key()).starts_with(prefix);
         row->Next()) {
      GREFFE_ASSIGN_OR_RETURN(Manifest manifest, Decode(repository, *row));
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
    GREFFE_RETURN_IF_ERROR(FromRocks(row->status()));
    return commits;
  }

  absl::Status Trim(std::string_view repository, Sequence through) override {
    std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Usable());
    const std::shared_ptr<RepositoryState> state = StateOf(repository);
    rocksdb::WriteBatch batch;
    for (const Sequence sequence : state->UnpackedUpTo(through)) {
      batch.Delete(families_[kCommits], CommitKey(repository, sequence));
    }
    if (batch.Count() == 0) return absl::OkStatus();
    // Synced, though a trim that is lost would be done again after the next start: CheckLogs counts on it.
    const rocksdb::Status written = Write(Durable(), batch);
    if (written.ok()) {
      state->Forget(through);
      return absl::OkStatus();
    }
    open.unlock();
    AfterFailure({}, written).IgnoreError();  // of groups; what becomes of the trim does not matter
    return FromRocks(written);
  }

  JournalStats Stats(std::string_view repository) const override {
    JournalStats total;
    if (!repository.empty()) {
      const std::shared_ptr<RepositoryState> state = FindState(repository);
      return state == nullptr ? total : state->Stats();
    }
    for (const auto& [name, state] : AllStates()) {
      const JournalStats stats = state->Stats();
      total.unpacked_commits += stats.unpacked_commits;
      total.unpacked_bytes += stats.unpacked_bytes;
    }
    return total;
  }

  std::vector<std::string> UnpackedRepositories() const override {
    std::vector<std::string> names;
    for (const auto& [name, state] : AllStates()) {
      if (state->Stats().unpacked_commits > 0) names.push_back(name);
    }
    return names;
  }

  absl::StatusOr<std::optional<std::string>> ReadState(std::string_view key) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    std::string value;
    const rocksdb::Status status = db_->Get(rocksdb::ReadOptions(), families_[kState], ToSlice(key), &value);
    if (status.IsNotFound()) return std::nullopt;
    GREFFE_RETURN_IF_ERROR(FromRocks(status));
    return value;
  }

  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanState(std::string_view prefix,
                                                                             std::string_view after,
                                                                             int limit) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    std::vector<std::pair<std::string, std::string>> rows;
    const auto row = NewIterator(kState);
    row->Seek(after >= prefix && !after.empty() ? std::string(after) + '\0' : std::string(prefix));
    for (; row->Valid() && ToView(row->key()).starts_with(prefix) && static_cast<int>(rows.size()) < limit;
         row->Next()) {
      rows.emplace_back(row->key().ToString(), row->value().ToString());
    }
    GREFFE_RETURN_IF_ERROR(FromRocks(row->status()));
    return rows;
  }

  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanStateBackwards(std::string_view prefix,
                                                                                      std::string_view before,
                                                                                      int limit) const override {
    const std::shared_lock open(open_mutex_);
    GREFFE_RETURN_IF_ERROR(Opened());
    std::vector<std::pair<std::string, std::string>> rows;
    const auto row = NewIterator(kState);
    std::string end(before);
    if (before.empty()) {  // the first text after all that begin so
      end = prefix;
      ++end.back();
    }
    row->SeekForPrev(end);
    if (row->Valid() && ToView(row->key()) == end) row->Prev();
    for (; row->Valid() && ToView(row->key()).starts_with(prefix) && static_cast<int>(rows.size()) < limit;
         row->Prev()) {
      rows.emplace_back(row->key().ToString(), row->value().ToString());
    }
    GREFFE_RETURN_IF_ERROR(FromRocks(row->status()));
    return rows;
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
    if (db_ == nullptr) return absl::OkStatus();
    // RocksDB asserts that nobody syncs a log to which a write has failed.
    const bool sync = !options_.read_only && health_.ok() && !write_failed_;
    const rocksdb::Status synced = sync ? db_->SyncWAL() : rocksdb::Status::OK();
    CloseDatabase();
    return FromRocks(synced);
  }

 private:
  enum Family { kMeta, kCommits, kHeads, kState, kFamilies };

  // Opens for reading, so that another format stays untouched. Returns the number of the first log that counts: of
  // those before it all is in tables, and some may be deleted.
  absl::StatusOr<std::uint64_t> CheckFormat() const {
    rocksdb::DB* raw = nullptr;
    rocksdb::Options options;
    options.info_log = std::make_shared<NoLog>();
    GREFFE_RETURN_IF_ERROR(FromRocks(rocksdb::DB::OpenForReadOnly(options, options_.directory, &raw)));
    const std::unique_ptr<rocksdb::DB> db(raw);
    std::string value;
    std::uint64_t first_log = 0;
    db->GetIntProperty(rocksdb::DB::Properties::kMinLogNumberToKeep, &first_log);
    const rocksdb::Status read = db->Get(rocksdb::ReadOptions(), kFormatKey, &value);
    if (read.IsNotFound()) return first_log;  // killed while it was made
    GREFFE_RETURN_IF_ERROR(FromRocks(read));
    const int format = std::atoi(value.c_str());
    if (format == kJournalFormat) return first_log;
    if (format < kJournalFormat) {
      return Error(absl::StatusCode::kFailedPrecondition, "JOURNAL_FORMAT_OLDER",
                   "journal in '" + options_.directory + "' has format " + value + ", this program needs " +
                       std::to_string(kJournalFormat) +
                       ": run `greffe-admin flush` of the version that wrote it, then remove the folder");
    }
    return Error(absl::StatusCode::kFailedPrecondition, "JOURNAL_FORMAT_NEWER",
                 "journal in '" + options_.directory + "' has format " + value + ", this program knows up to " +
                     std::to_string(kJournalFormat));
  }

  absl::Status OpenDatabase() {
    std::uint64_t first_log = 0;
    std::error_code error;
    if (std::filesystem::exists(options_.directory + "/CURRENT", error)) {
      GREFFE_ASSIGN_OR_RETURN(first_log, CheckFormat());
    }
    rocksdb::DBOptions options;
    options.create_if_missing = true;
    options.create_missing_column_families = true;
    // A record that a crash cut off at the end was never acknowledged; damage anywhere else is an error. The other
    // modes take either for the other at times, hence our own check.
    GREFFE_ASSIGN_OR_RETURN(const std::uint64_t next_sequence, CheckLogs(options_.directory, first_log));
    options.wal_recovery_mode = rocksdb::WALRecoveryMode::kPointInTimeRecovery;
    options.max_total_wal_size = 4 * static_cast<std::uint64_t>(options_.write_buffer_bytes);
    options.enable_pipelined_write = true;
    options.info_log = std::make_shared<NoLog>();
    options.max_background_jobs = 2;
    rocksdb::ColumnFamilyOptions family;
    family.write_buffer_size = static_cast<std::size_t>(options_.write_buffer_bytes);
    family.arena_block_size = std::min(kKeptBlockBytes, family.write_buffer_size / 8);
    family.compression = rocksdb::kNoCompression;  // what lies here is packed within seconds
    rocksdb::BlockBasedTableOptions table;
    table.filter_policy.reset();
    family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
    const std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
        {rocksdb::kDefaultColumnFamilyName, family}, {"commits", family}, {"heads", family}, {"state", family}};
    rocksdb::DB* db = nullptr;
    GREFFE_RETURN_IF_ERROR(FromRocks(
        options_.read_only ? rocksdb::DB::OpenForReadOnly(options, options_.directory, descriptors, &families_, &db)
                           : rocksdb::DB::Open(options, options_.directory, descriptors, &families_, &db)));
    db_.reset(db);
    write_failed_ = false;
    if (db_->GetLatestSequenceNumber() + 1 < next_sequence) {
      return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
                   "journal is damaged: records up to " + std::to_string(next_sequence - 1) + " are in the logs of " +
                       options_.directory + ", and " + std::to_string(db_->GetLatestSequenceNumber()) + " were read");
    }
    return absl::OkStatus();
  }

  rocksdb::Status Write(const rocksdb::WriteOptions& options, rocksdb::WriteBatch& batch) {
    const rocksdb::Status status = db_->Write(options, &batch);
    if (!status.ok()) write_failed_ = true;
    return status;
  }

  void CloseDatabase() {
    for (rocksdb::ColumnFamilyHandle* family : families_) db_->DestroyColumnFamilyHandle(family).PermitUncheckedError();
    families_.clear();
    db_->Close().PermitUncheckedError();
    db_.reset();
  }

  absl::Status LoadState() {
    const std::lock_guard lock(states_mutex_);
    states_.clear();
    const auto state_of = [this](const std::string& repository) -> RepositoryState& {
      std::shared_ptr<RepositoryState>& state = states_[repository];
      if (state == nullptr) state = std::make_shared<RepositoryState>();
      return *state;
    };
    const auto head_row = NewIterator(kHeads);
    for (head_row->SeekToFirst(); head_row->Valid(); head_row->Next()) {
      GREFFE_ASSIGN_OR_RETURN(Head head, DecodeHead(ToView(head_row->key()), ToView(head_row->value())));
      state_of(head.repository).heads[head.ref] = head;
    }
    GREFFE_RETURN_IF_ERROR(FromRocks(head_row->status()));
    const auto row = NewIterator(kCommits);
    for (row->SeekToFirst(); row->Valid(); row->Next()) {
      const std::string repository(ToView(row->key()).substr(0, ToView(row->key()).find('\0')));
      GREFFE_ASSIGN_OR_RETURN(const Manifest manifest, Decode(repository, *row));
      state_of(repository).Add(manifest);
    }
    return FromRocks(row->status());
  }

  rocksdb::WriteOptions Durable() const {
    rocksdb::WriteOptions options;
    options.sync = options_.sync && !FaultIsOn("journal-without-sync");
    return options;
  }

  std::unique_ptr<rocksdb::Iterator> NewIterator(Family family) const {
    return std::unique_ptr<rocksdb::Iterator>(db_->NewIterator(rocksdb::ReadOptions(), families_[family]));
  }

  static absl::StatusOr<Manifest> Decode(std::string_view repository, const rocksdb::Iterator& row) {
    const std::string_view key = ToView(row.key());
    Sequence sequence = 0;
    for (const char c : key.substr(key.size() < 8 ? 0 : key.size() - 8)) {
      sequence = static_cast<Sequence>(static_cast<std::uint64_t>(sequence) << 8 | static_cast<unsigned char>(c));
    }
    return DecodeManifest(repository, sequence, ToView(row.value()));
  }

  static absl::Status DamagedObject(const Oid& oid) {
    return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
                 "journal is damaged: object " + oid.Hex() + " cannot be read");
  }

  absl::Status Opened() const {
    if (db_ != nullptr) return absl::OkStatus();
    return Error(absl::StatusCode::kUnavailable, "JOURNAL_CLOSED", "the journal is closed");
  }
  absl::Status Usable() const {
    GREFFE_RETURN_IF_ERROR(Opened());
    if (options_.read_only) {
      return Error(absl::StatusCode::kFailedPrecondition, "JOURNAL_READ_ONLY", "the journal is open for reading alone");
    }
    return health_;
  }

  std::shared_ptr<RepositoryState> FindState(std::string_view repository) const {
    const std::lock_guard lock(states_mutex_);
    const auto found = states_.find(std::string(repository));
    return found == states_.end() ? nullptr : found->second;
  }
  std::shared_ptr<RepositoryState> StateOf(std::string_view repository) {
    const std::lock_guard lock(states_mutex_);
    std::shared_ptr<RepositoryState>& state = states_[std::string(repository)];
    if (state == nullptr) state = std::make_shared<RepositoryState>();
    return state;
  }
  std::map<std::string, std::shared_ptr<RepositoryState>> AllStates() const {
    const std::lock_guard lock(states_mutex_);
    return states_;
  }

  // In the order of their addresses, so that two appends never wait for each other.
  static std::vector<std::unique_lock<std::mutex>> LockAll(std::vector<std::shared_ptr<RepositoryState>> states) {
    std::sort(states.begin(), states.end());
    std::vector<std::unique_lock<std::mutex>> locks;
    for (const std::shared_ptr<RepositoryState>& state : states) locks.emplace_back(state->mutex);
    return locks;
  }

  // Whether a group lies in the database: by what it would have left.
  bool IsThere(const CommitGroup& group) {
    for (const RefChange& change : group.refs) {
      const auto& heads = StateOf(group.repository)->heads;
      const auto head = heads.find(change.ref);
      if (head == heads.end() || head->second.target != change.target) return false;
    }
    if (!group.refs.empty()) return true;
    for (const StateChange& change : group.state) {
      std::string value;
      const rocksdb::Status read = db_->Get(rocksdb::ReadOptions(), families_[kState], change.key, &value);
      if (change.value ? !read.ok() || value != *change.value : !read.IsNotFound()) return false;
    }
    return true;
  }

  // After a full disk RocksDB refuses all writes until it is opened again; what is in the log then decides. Any other
  // failure to write or sync leaves the outcome to the next start.
  absl::Status AfterFailure(std::span<const CommitGroup* const> groups, const rocksdb::Status& failure) {
    const std::unique_lock open(open_mutex_);
    // Another one that failed with it may have left the database closed.
    GREFFE_RETURN_IF_ERROR(health_);
    if (failure.IsNoSpace() && db_ != nullptr) {
      CloseDatabase();
      absl::Status reopened = OpenDatabase();
      if (reopened.ok()) reopened = LoadState();
      if (reopened.ok()) {
        // One record: all of them or none.
        const bool there = std::ranges::all_of(groups, [this](const CommitGroup* group) { return IsThere(*group); });
        return there ? absl::OkStatus() : FromRocks(failure);
      }
    }
    health_ = Error(absl::StatusCode::kUnknown, "SYNC_FAILED",
                    "journal: the outcome of a write is unknown, the next start decides: " + failure.ToString());
    return health_;
  }

  const RocksDbJournalOptions options_;
  mutable std::shared_mutex open_mutex_;  // exclusive: closing and opening again
  std::unique_ptr<rocksdb::DB> db_;
  std::vector<rocksdb::ColumnFamilyHandle*> families_;
  std::atomic<bool> write_failed_ = false;  // since the database was opened
  absl::Status health_;
  mutable std::mutex states_mutex_;
  std::map<std::string, std::shared_ptr<RepositoryState>> states_;
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
