// The row of a large commit that was read last.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>

namespace greffe {

// A commit of thousands of files is one row of the journal, which RocksDB reads from its table as a whole for each of
// them. Rows of 256 KiB or more are kept, one at a time. Thread-safe.
class LargeRow {
 public:
  // Null when it is another one.
  std::shared_ptr<const std::string> Find(std::string_view key) const {
    const std::lock_guard lock(mutex_);
    return key == key_ ? row_ : nullptr;
  }

  void Keep(std::string_view key, std::string_view row) {
    if (row.size() < kLeastBytes) return;
    Set(std::string(key), std::make_shared<const std::string>(row));
  }

  // Rows were deleted, or others may have come in their place.
  void Forget() { Set({}, nullptr); }

 private:
  static constexpr std::size_t kLeastBytes = 256 << 10;

  void Set(std::string key, std::shared_ptr<const std::string> row) {
    const std::lock_guard lock(mutex_);
    key_.swap(key);
    row_.swap(row);  // the former one is freed without the lock
  }

  mutable std::mutex mutex_;
  std::string key_;
  std::shared_ptr<const std::string> row_;
};

}  // namespace greffe
