// The journal's database over writes that fail: whether it is opened again, read alone, or written to no more.
#pragma once

#include <atomic>
#include <chrono>
#include <memory>
#include <mutex>

#include "absl/status/status.h"
#include "rocksdb/db.h"
#include "storage/journal/database.h"
#include "storage/journal/rocksdb_journal.h"

namespace greffe {

// After a full disk RocksDB refuses all writes until it is opened again, whatever room there is by then: OpenAgain.
// After any other failure to write or sync nobody knows what is on the disk: nothing is written any more (Health), and
// the next start decides.
//
// Thread-safe, but for Open, OpenAgain and Close, next to which nothing else may be under way but Health, TellFailure
// and what tells whether to try.
class WrittenDatabase {
 public:
  explicit WrittenDatabase(const RocksDbJournalOptions& options) : options_(options) {}

  absl::Status Open();
  // OK: writes can go on. RESOURCE_EXHAUSTED (DISK_FULL): there is no room for that, and it is open for reading alone;
  // what was written, and nothing else, is there. Others: it is closed, or what was written is not all there. It is
  // open before.
  absl::Status OpenAgain();
  absl::Status Close();

  bool is_open() const { return database_.db != nullptr; }
  bool is_writable() const { return is_writable_; }
  rocksdb::DB& db() const { return *database_.db; }
  rocksdb::ColumnFamilyHandle* family(JournalFamily family) const { return database_.families[family]; }

  // Synced. A failure is known to those behind it before it returns.
  rocksdb::Status Write(rocksdb::WriteBatch& batch);
  // Since it was opened for writing; nothing can be written before OpenAgain.
  bool has_met_full_disk() const { return has_met_full_disk_; }
  // RESOURCE_EXHAUSTED (DISK_FULL) while there is certainly too little for OpenAgain: tries to write a little, which
  // sees quotas as well.
  absl::Status CheckRoom();
  // OpenAgain, which took so long, found no room though CheckRoom did; reads waited for it.
  void PauseAfter(std::chrono::steady_clock::duration duration);
  // RESOURCE_EXHAUSTED (DISK_FULL) until the pause is over.
  absl::Status CheckPause() const;

  // OK, or UNKNOWN (SYNC_FAILED): why nothing will be written any more.
  absl::Status Health() const;
  // Nothing is written any more; the first reason stays, and is returned.
  absl::Status Fail(const std::string& why);
  // Tells `on_failure` why, once, and returns it. Under no lock.
  absl::Status TellFailure();

 private:
  const RocksDbJournalOptions& options_;
  JournalDatabase database_;
  bool is_writable_ = false;
  std::atomic<bool> has_met_full_disk_ = false;
  std::atomic<std::chrono::steady_clock::time_point> pause_end_ = std::chrono::steady_clock::time_point();
  std::mutex room_mutex_;  // one tries at a time
  std::atomic<bool> is_told_ = false;
  mutable std::mutex health_mutex_;
  absl::Status health_;
};

}  // namespace greffe
