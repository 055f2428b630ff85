#include "storage/journal/written_database.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "rocksdb/write_batch.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/journal/log_check.h"

namespace greffe {
namespace {

// Of a new manifest and a new log; what lies in the logs must have room in a table as well, mostly.
constexpr std::int64_t kLeastRoom = 1 << 20;
constexpr char kTriedFile[] = "/room.try";
// How much longer than an opening that found no room writes are refused without another one.
constexpr int kPauseFactor = 20;
constexpr std::chrono::seconds kShortestPause{1};
constexpr std::chrono::seconds kLongestPause{30};
// Of rows in memory: the logs of so many are read in some ten milliseconds, which is less than a table more costs.
constexpr std::uint64_t kLittleToRead = 4 << 20;

absl::Status NoRoom() { return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "journal: no space left"); }

// Takes the room, and gives it back. What keeps it from that, but a full disk, is no matter.
bool IsThereRoom(const std::string& file) {
  const int fd = ::open(file.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
  if (fd < 0) return errno != ENOSPC && errno != EDQUOT;
  ::unlink(file.c_str());
  // No zeros, for which some file systems take no room.
  const std::string noise(1 << 16, 'r');
  int failure = 0;
  for (std::int64_t at = 0; failure == 0 && at < kLeastRoom;) {
    const ssize_t written = ::write(fd, noise.data(), noise.size());
    if (written >= 0) at += written;
    if (written < 0 && errno != EINTR) failure = errno;
  }
  if (::close(fd) != 0 && failure == 0) failure = errno;  // over a network it is written now
  return failure != ENOSPC && failure != EDQUOT;
}

// So that the next start has no logs to read. What was written is in them, synced, whatever comes of it.
void WriteTables(rocksdb::DB& db, const std::vector<rocksdb::ColumnFamilyHandle*>& families) {
  std::uint64_t in_memory = 0;
  if (!db.GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeAllMemTables, &in_memory)) return;
  if (in_memory > kLittleToRead) db.Flush(rocksdb::FlushOptions(), families).PermitUncheckedError();
}

}  // namespace

absl::Status WrittenDatabase::Open() {
  GREFFE_ASSIGN_OR_RETURN(database_, OpenJournalDatabase(options_));
  is_writable_ = !options_.read_only;
  has_met_full_disk_ = false;
  return absl::OkStatus();
}

absl::Status WrittenDatabase::OpenAgain() {
  const rocksdb::SequenceNumber written = database_.db->GetLatestSequenceNumber();
  database_.Close();
  is_writable_ = false;
  const absl::Status full = Open();
  if (!absl::IsResourceExhausted(full)) return full;
  RocksDbJournalOptions for_reading = options_;
  for_reading.read_only = true;
  absl::StatusOr<JournalDatabase> opened = OpenJournalDatabase(for_reading);
  if (!opened.ok()) return absl::UnavailableError(std::string(opened.status().message()));
  database_ = *std::move(opened);
  // What failed may lie in the log as a whole, and not on the disk: it can be neither refused nor acknowledged.
  if (database_.db->GetLatestSequenceNumber() == written) return full;
  return absl::UnavailableError("records up to " + std::to_string(written) + " were written, and up to " +
                                std::to_string(database_.db->GetLatestSequenceNumber()) + " are read");
}

absl::Status WrittenDatabase::Close() {
  if (!is_open()) return absl::OkStatus();
  // RocksDB asserts that nobody syncs a log to which a write has failed.
  const bool sync = is_writable_ && !has_met_full_disk_ && Health().ok();
  const rocksdb::Status synced = sync ? database_.db->SyncWAL() : rocksdb::Status::OK();
  if (sync && synced.ok()) WriteTables(*database_.db, database_.families);
  database_.Close();
  return FromJournalStatus(synced);
}

rocksdb::Status WrittenDatabase::Write(rocksdb::WriteBatch& batch) {
  batch.PutLogData(kRecordEnd).PermitUncheckedError();  // in the log alone
  rocksdb::WriteOptions options;
  options.sync = options_.sync && !FaultIsOn("journal-without-sync");
  const rocksdb::Status status = database_.db->Write(options, &batch);
  if (status.IsNoSpace()) {
    has_met_full_disk_ = true;
  } else if (!status.ok()) {
    Fail(status.ToString()).IgnoreError();
  }
  return status;
}

absl::Status WrittenDatabase::CheckRoom() {
  if (FreeSpace(options_.directory).value_or(kLeastRoom) < kLeastRoom) return NoRoom();
  const std::lock_guard lock(room_mutex_);
  return IsThereRoom(options_.directory + kTriedFile) ? absl::OkStatus() : NoRoom();
}

void WrittenDatabase::PauseAfter(std::chrono::steady_clock::duration duration) {
  using Duration = std::chrono::steady_clock::duration;
  pause_end_ =
      std::chrono::steady_clock::now() + std::clamp<Duration>(kPauseFactor * duration, kShortestPause, kLongestPause);
}

absl::Status WrittenDatabase::CheckPause() const {
  return std::chrono::steady_clock::now() >= pause_end_.load() ? absl::OkStatus() : NoRoom();
}

absl::Status WrittenDatabase::Health() const {
  const std::lock_guard lock(health_mutex_);
  return health_;
}

absl::Status WrittenDatabase::Fail(const std::string& why) {
  const std::lock_guard lock(health_mutex_);
  if (health_.ok()) {
    health_ = Error(absl::StatusCode::kUnknown, "SYNC_FAILED",
                    "journal: the outcome of a write is unknown, the next start decides: " + why);
  }
  return health_;
}

absl::Status WrittenDatabase::TellFailure() {
  absl::Status failed = Health();
  if (!is_told_.exchange(true) && options_.on_failure) options_.on_failure(failed);
  return failed;
}

}  // namespace greffe
