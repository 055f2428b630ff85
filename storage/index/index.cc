#include "storage/index/index.h"

#include <filesystem>
#include <fstream>
#include <system_error>
#include <utility>

#include "rocksdb/cache.h"
#include "rocksdb/env.h"
#include "rocksdb/filter_policy.h"
#include "rocksdb/slice_transform.h"
#include "rocksdb/table.h"
#include "rocksdb/write_batch.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/kept_memory.h"
#include "storage/index/bulk_batch.h"
#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {
namespace {

// Raised whenever a row's key or value changes its meaning: an index of another number is made anew.
constexpr int kIndexFormat = 8;
constexpr std::int64_t kRowCacheShare = 8;
constexpr char kFormatKey[] = "format";
// A file beside the database: what was found damaged while it was open. It is discarded at the next start.
constexpr char kDamageMark[] = "/DAMAGED";

// RocksDB's own log file aborts the process when the disk is full (an assertion that Debian's build keeps), and tells
// nothing that the statuses do not.
class NoLog final : public rocksdb::Logger {
 public:
  void Logv(const char*, va_list) override {}
  using rocksdb::Logger::Logv;
};

rocksdb::DBOptions DatabaseOptions() {
  rocksdb::DBOptions options;
  options.create_if_missing = true;
  options.create_missing_column_families = true;
  options.atomic_flush = true;  // without a write-ahead log, this keeps the families at one moment
  options.max_background_jobs = 2;
  options.info_log = std::make_shared<NoLog>();
  options.max_open_files = 512;
  options.max_file_opening_threads = 4;
  options.avoid_flush_during_shutdown = false;
  options.allow_concurrent_memtable_write = false;  // goes with the hints below
  return options;
}

rocksdb::ColumnFamilyOptions FamilyOptions(const IndexOptions& options, const std::shared_ptr<rocksdb::Cache>& cache,
                                           bool point_lookups, bool pinned = false) {
  rocksdb::ColumnFamilyOptions family;
  rocksdb::BlockBasedTableOptions table;
  table.block_cache = cache;
  table.cache_index_and_filter_blocks = true;
  table.pin_l0_filter_and_index_blocks_in_cache = true;
  // Two of the three looks into the cache that a read takes.
  if (pinned) table.metadata_cache_options.unpartitioned_pinning = rocksdb::PinningTier::kAll;
  table.filter_policy.reset(rocksdb::NewBloomFilterPolicy(10));
  table.optimize_filters_for_memory = true;
  if (point_lookups) {
    table.data_block_index_type = rocksdb::BlockBasedTableOptions::kDataBlockBinaryAndHash;
    family.memtable_prefix_bloom_size_ratio = 0.05;
    family.memtable_whole_key_filtering = true;
  }
  family.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  // Rows of one kind mostly come in order: each begins its search for its place where the former one ended.
  family.memtable_insert_with_hint_prefix_extractor.reset(rocksdb::NewFixedPrefixTransform(1));
  family.write_buffer_size = static_cast<std::size_t>(options.write_buffer_bytes);
  family.arena_block_size = kKeptBlockBytes;
  // What was just written is soon written again, into the level below.
  family.compression_per_level.assign(static_cast<std::size_t>(family.num_levels), rocksdb::kLZ4Compression);
  family.compression_per_level.front() = rocksdb::kNoCompression;
  family.level_compaction_dynamic_level_bytes = true;
  return family;
}

bool IsThere(const std::string& directory) {
  std::error_code error;
  return std::filesystem::exists(directory + "/CURRENT", error);
}

// Opens the database as it stands, whatever its format; makes it when it is not there.
rocksdb::Status OpenDatabase(const IndexOptions& options, rocksdb::DB** db,
                             std::vector<rocksdb::ColumnFamilyHandle*>* families) {
  const auto cache =
      rocksdb::NewLRUCache(static_cast<std::size_t>(options.cache_bytes - options.cache_bytes / kRowCacheShare));
  const std::vector<rocksdb::ColumnFamilyDescriptor> descriptors = {
      {rocksdb::kDefaultColumnFamilyName, FamilyOptions(options, cache, false)},  // the format alone
      {"rows", FamilyOptions(options, cache, false)},
      {"current", FamilyOptions(options, cache, true)},
      {"content", FamilyOptions(options, cache, true, true)}};
  if (IsThere(options.directory)) {
    return rocksdb::DB::Open(DatabaseOptions(), options.directory, descriptors, families, db);
  }
  // Open would write all options down, and read them again, for each family that it makes.
  const rocksdb::Status made =
      rocksdb::DB::Open(DatabaseOptions(), options.directory, {descriptors.front()}, families, db);
  if (!made.ok()) return made;
  std::vector<rocksdb::ColumnFamilyHandle*> others;
  const rocksdb::Status added = (*db)->CreateColumnFamilies({descriptors.begin() + 1, descriptors.end()}, &others);
  families->insert(families->end(), others.begin(), others.end());
  if (added.ok()) return added;
  for (rocksdb::ColumnFamilyHandle* family : *families) (*db)->DestroyColumnFamilyHandle(family).PermitUncheckedError();
  families->clear();
  delete std::exchange(*db, nullptr);
  return added;
}

// The format number written in the database; 0: none yet. Read-only, so that a newer one stays untouched.
absl::StatusOr<int> ReadFormat(const std::string& directory) {
  rocksdb::DB* raw = nullptr;
  rocksdb::Options options;
  options.info_log = std::make_shared<NoLog>();
  options.max_file_opening_threads = 1;  // the others take longer to make than what there is to open
  const rocksdb::Status status = rocksdb::DB::OpenForReadOnly(options, directory, &raw);
  if (!status.ok()) return FromIndexStatus(status);
  const std::unique_ptr<rocksdb::DB> db(raw);
  std::string value;
  const rocksdb::Status read = db->Get(rocksdb::ReadOptions(), kFormatKey, &value);
  if (read.IsNotFound()) return 0;
  if (!read.ok()) return FromIndexStatus(read);
  return std::atoi(value.c_str());
}

absl::Status RefuseNewer(const std::string& directory, int format) {
  if (format <= kIndexFormat) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "INDEX_FORMAT_NEWER",
               "index in '" + directory + "' has format " + std::to_string(format) + ", this program knows up to " +
                   std::to_string(kIndexFormat));
}

absl::Status Discard(const std::string& directory) {
  std::error_code error;
  std::filesystem::remove_all(directory, error);
  if (error) return FromErrno(error.value(), "remove", directory);
  return absl::OkStatus();
}

}  // namespace

Index::Index(std::unique_ptr<State> state) : state_(std::move(state)) {}
Index::~Index() = default;

absl::StatusOr<std::unique_ptr<Index>> Index::Open(const IndexOptions& options, std::string* discarded) {
  std::error_code error;
  std::string reason;
  bool discard = false;
  if (!options.discard.empty()) {
    reason = options.discard;
  } else if (std::filesystem::exists(options.directory + kDamageMark, error)) {
    reason = ReadWholeFile(options.directory + kDamageMark, 4096).value_or("it was found damaged");
  } else if (IsThere(options.directory)) {
    const absl::StatusOr<int> format = ReadFormat(options.directory);
    if (format.ok()) GREFFE_RETURN_IF_ERROR(RefuseNewer(options.directory, *format));
    if (!format.ok()) {
      reason = format.status().ToString();
    } else if (*format == 0) {
      discard = true;  // the process died before the first flush: there is nothing in it
    } else if (*format != kIndexFormat) {
      reason = "its format is " + std::to_string(*format) + ", not " + std::to_string(kIndexFormat);
    }
  }
  std::filesystem::create_directories(options.directory, error);
  if (error) return FromErrno(error.value(), "make", options.directory);
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(options.directory));
  for (const std::string& name : names) {  // of a process that was killed
    if (name.starts_with(kBulkPrefix)) GREFFE_RETURN_IF_ERROR(RemoveFile(options.directory + "/" + name));
  }

  auto state = std::make_unique<State>();
  state->options = options;
  state->cached = std::make_unique<RowCache>(options.cache_bytes / kRowCacheShare);
  std::vector<rocksdb::ColumnFamilyHandle*> families;
  for (bool retry = true;; retry = false) {
    if (discard || !reason.empty()) GREFFE_RETURN_IF_ERROR(Discard(options.directory));
    rocksdb::DB* db = nullptr;
    const rocksdb::Status status = OpenDatabase(options, &db, &families);
    if (status.ok()) {
      state->db.reset(db);
      break;
    }
    // A lock held by another process, or a full disk, is no reason to throw an index away.
    if (!retry || !(IsDamage(status) || status.IsInvalidArgument())) return FromIndexStatus(status);
    reason = status.ToString();
  }
  state->meta = families[0];
  state->rows = families[1];
  state->current = families[2];
  state->content = families[3];
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  GREFFE_RETURN_IF_ERROR(
      FromIndexStatus(state->db->Put(unlogged, state->meta, kFormatKey, std::to_string(kIndexFormat))));
  if (discarded != nullptr) *discarded = reason;
  return std::unique_ptr<Index>(new Index(std::move(state)));
}

absl::Status Index::CheckFormat(const std::string& directory) {
  if (!IsThere(directory)) return absl::OkStatus();
  const absl::StatusOr<int> format = ReadFormat(directory);
  return format.ok() ? RefuseNewer(directory, *format) : absl::OkStatus();
}

void Index::OnDamage(std::function<void(const absl::Status&)> handler) { state_->on_damage = std::move(handler); }

absl::Status Index::State::Check(const rocksdb::Status& status) const {
  if (status.ok()) return absl::OkStatus();
  return CheckRow(FromIndexStatus(status));
}

absl::Status Index::State::CheckRow(absl::Status status) const {
  if (ReasonOf(status) != kIndexDamaged || damaged.exchange(true)) return status;
  std::ofstream(options.directory + kDamageMark) << status.message();
  if (on_damage) on_damage(status);
  return status;
}

absl::Status Index::NoteDamage(absl::Status status) const { return state_->CheckRow(std::move(status)); }

absl::Status Index::WriteSome(IndexBatch& batch) {
  if (batch.bulk_ != nullptr && batch.bytes() < state_->options.bulk_bytes) return absl::OkStatus();
  return Write(batch);
}

absl::Status Index::WriteBulk(IndexBatch& batch) {
  IndexBatch::Bulk& bulk = *batch.bulk_;
  const auto put = [&bulk](const std::string& key, const std::optional<std::string>& value) {
    if (value) {
      bulk.current.Put(key, *value);
    } else if (!bulk.complete) {
      bulk.current.Delete(key);
    }
  };
  bulk.rows.End();
  for (const auto& [key, value] : batch.overlay_) {
    if (key[0] != keys::kVersion) put(key, value);  // those are among `rows`
  }
  for (const auto& [key, value] : batch.link_overlay_) put(key, value);
  bulk.current.End();
  // While the files are written.
  batch.overlay_.clear();
  batch.link_overlay_.clear();
  batch.documents_.clear();
  GREFFE_ASSIGN_OR_RETURN(std::vector<std::string> rows, bulk.rows.Finish());
  GREFFE_ASSIGN_OR_RETURN(std::vector<std::string> current, bulk.current.Finish());
  bulk.overlay_bytes = 0;
  bulk.complete = false;
  if (rows.empty()) return absl::OkStatus();
  const RowCache::Writing writing(*state_->cached);
  // Without the lock that Write takes: nobody asks for contents of a project before its history is indexed.
  rocksdb::IngestExternalFileOptions take;
  take.move_files = true;
  take.write_global_seqno = false;
  // Both families at once: the index stands at one moment, however this ends.
  return state_->Check(state_->db->IngestExternalFiles(
      {{state_->rows, std::move(rows), take, {}, {}, {}}, {state_->current, std::move(current), take, {}, {}, {}}}));
}

absl::Status Index::Write(IndexBatch& batch) {
  if (batch.bulk_ != nullptr) return WriteBulk(batch);
  GREFFE_RETURN_IF_ERROR(WriteAndKeep(batch));
  batch.rows_->Clear();
  batch.overlay_.clear();
  batch.link_overlay_.clear();
  return absl::OkStatus();
}

absl::Status Index::WriteAndKeep(const IndexBatch& batch) {
  std::vector<std::string_view> cached;
  for (const auto& [key, value] : batch.overlay_) {
    if (key[0] == keys::kCurrentDocument || key[0] == keys::kCurrentRecord) cached.push_back(key);
  }
  const RowCache::Writing writing(*state_->cached, cached);
  const std::shared_lock lock(state_->latest_mutex);
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  return state_->Check(state_->db->Write(unlogged, batch.rows_.get()));
}

absl::StatusOr<std::optional<ProjectMark>> Index::FindMark(std::string_view project) const {
  std::string key(1, keys::kMark);
  key += project;
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row, state_->Get(state_->current, key));
  if (!row) return std::nullopt;
  return state_->CheckRow(ProjectMark::Decode(*row));
}

absl::StatusOr<std::vector<std::string>> Index::ListProjects(std::string_view after, int limit) const {
  const std::string end(1, keys::kMark + 1);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = state_->NewIterator(state_->current, &upper);
  std::string start(1, keys::kMark);
  start += after;
  if (!after.empty()) start += '\0';
  std::vector<std::string> projects;
  for (row->Seek(start); row->Valid() && static_cast<int>(projects.size()) < limit; row->Next()) {
    projects.emplace_back(ToView(row->key()).substr(1));
  }
  GREFFE_RETURN_IF_ERROR(state_->Check(row->status()));
  return projects;
}

absl::StatusOr<std::int64_t> Index::CountProjects() const {
  const std::string end(1, keys::kMark + 1);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = state_->NewIterator(state_->current, &upper);
  std::int64_t count = 0;
  for (row->Seek(std::string(1, keys::kMark)); row->Valid(); row->Next()) ++count;
  GREFFE_RETURN_IF_ERROR(state_->Check(row->status()));
  return count;
}

absl::StatusOr<bool> Index::FindLatestContent(std::string_view project, std::string_view number,
                                              std::string& answer) const {
  std::string key(project);
  key += '\0';
  key += number;
  const rocksdb::Status status = state_->db->Get(rocksdb::ReadOptions(), state_->content, key, &answer);
  if (status.IsNotFound()) return false;
  if (!status.ok()) return state_->Check(status);
  return true;
}

absl::Status Index::KeepLatestContent(std::string_view project, std::string_view number, const v1::Version& version,
                                      std::string_view content) {
  if (static_cast<std::int64_t>(content.size()) > kMaxIndexedContentBytes) return absl::OkStatus();
  IndexBatch batch(*this);
  batch.PutLatestContent(project, number, version, content);
  const std::unique_lock lock(state_->latest_mutex);
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<const v1::Document> document, batch.FindDocument(project, number));
  const bool latest = document && document->state() == v1::DOCUMENT_STATE_ACTIVE &&
                      document->latest_version().number() == version.number() &&
                      document->latest_version().transitions_size() == version.transitions_size();
  if (!latest && !FaultIsOn("late-content-kept")) return absl::OkStatus();
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  return state_->Check(state_->db->Write(unlogged, batch.rows_.get()));
}

absl::StatusOr<std::optional<v1::ImportSource>> Index::FindImportSource(std::string_view project,
                                                                        std::string_view source) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                          state_->Get(state_->current, keys::Point(keys::kImportSource, project, source)));
  if (!row) return std::nullopt;
  return state_->CheckRow(ParseRow<v1::ImportSource>(*row));
}

absl::StatusOr<std::vector<Index::RecordedCommit>> Index::ListRecorded(Micros after, int limit) const {
  const std::string end(1, keys::kRecorded + 1);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = state_->NewIterator(&upper);
  std::vector<RecordedCommit> commits;
  for (row->Seek(keys::RecordedKey(after + 1)); row->Valid(); row->Next()) {
    const std::string_view key = ToView(row->key());
    const std::string_view value = ToView(row->value());
    if (key.size() < 9 || value.size() != 8) return state_->CheckRow(DamagedRow("recorded commit"));
    const Micros time = keys::ReadBigEndian(key.substr(1));
    // Copies of projects of other servers may share a time: a page ends between two times.
    if (static_cast<int>(commits.size()) >= limit && commits.back().record_time != time) break;
    commits.push_back({time, std::string(key.substr(9)), keys::ReadBigEndian(value)});
  }
  GREFFE_RETURN_IF_ERROR(state_->Check(row->status()));
  return commits;
}

absl::StatusOr<Micros> Index::NewestRecordTime() const {
  const auto row = state_->NewIterator(nullptr);
  row->SeekForPrev(std::string(1, keys::kRecorded + 1));
  GREFFE_RETURN_IF_ERROR(state_->Check(row->status()));
  if (!row->Valid() || row->key()[0] != keys::kRecorded) return 0;
  return keys::ReadBigEndian(ToView(row->key()).substr(1));
}

absl::Status Index::Clear() {
  rocksdb::WriteBatch batch;  // one, so that no flush finds marks without their rows
  for (rocksdb::ColumnFamilyHandle* family : {state_->rows, state_->current, state_->content}) {
    const auto row = state_->NewIterator(family, nullptr);
    row->SeekToLast();
    if (!row->Valid()) continue;
    const std::string last = row->key().ToString() + '\0';
    // From the empty key on, which has no prefix: RocksDB inserts a range under the hint that the rows of its first
    // key's prefix left, which is a place in another list, and the next row of that prefix under the range's; it
    // aborts.
    GREFFE_RETURN_IF_ERROR(state_->Check(batch.DeleteRange(family, "", last)));
  }
  rocksdb::WriteOptions unlogged;
  unlogged.disableWAL = true;
  {
    const RowCache::Writing writing(*state_->cached);
    GREFFE_RETURN_IF_ERROR(state_->Check(state_->db->Write(unlogged, &batch)));
  }
  return Flush();
}

absl::Status Index::Flush() {
  return state_->Check(
      state_->db->Flush(rocksdb::FlushOptions(), {state_->meta, state_->rows, state_->current, state_->content}));
}

}  // namespace greffe
