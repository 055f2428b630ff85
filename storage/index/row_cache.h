// Rows of the newest state that were read lately, in front of the database: a look there costs a search in its memory
// and in its files, and a list makes one for each of its records. Never behind the database: who begins to read when a
// write has ended never gets the row of before.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

namespace rocksdb {
class Cache;
}

namespace greffe {

// Thread-safe.
class RowCache {
 public:
  explicit RowCache(std::int64_t bytes);
  ~RowCache();

  // Whether the row is held; `row` is it then.
  bool Find(std::string_view key, std::string& row) const;

  // A moment before the database is asked for the row, to be given to Keep with what it said.
  std::uint64_t Now(std::string_view key) const;
  // Does nothing when a write of the row has begun or ended since that moment, or is under way, nor for a row above
  // 64 KiB: it would push out many.
  void Keep(std::string_view key, const std::string& row, std::uint64_t since);

  // As long as it lives these rows, or all, are being written: they are forgotten, and not kept.
  class Writing {
   public:
    Writing(RowCache& cache, const std::vector<std::string_view>& keys);
    explicit Writing(RowCache& cache);
    ~Writing();
    Writing(const Writing&) = delete;
    Writing& operator=(const Writing&) = delete;

   private:
    void Begin();

    RowCache& cache_;
    std::uint64_t parts_ = 0;  // a bit for each that is written in
  };

 private:
  // Writes are told apart by a part of all keys, which others share: they lose a row at times, nothing else.
  struct Part {
    mutable std::mutex mutex;
    std::uint64_t changes = 0;  // beginnings and ends of writes
    int under_way = 0;
  };
  static constexpr std::size_t kParts = 64;
  static std::size_t PartOf(std::string_view key);

  const std::shared_ptr<rocksdb::Cache> rows_;
  std::array<Part, kParts> parts_;
};

}  // namespace greffe
