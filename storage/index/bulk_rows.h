// Rows of a history that is indexed from its beginning: many, in no order, and read by nobody before the last one is
// there. They are sorted and written as the database's own files (SST), which it takes in whole; one by one through its
// memory they cost five times as much.
#pragma once

#include <array>
#include <cstdint>
#include <future>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "rocksdb/options.h"

namespace greffe {

// What names of its files in the index's folder begin with.
inline constexpr char kBulkPrefix[] = "bulk_";

// Not thread-safe. Files are written on a thread of its own.
class BulkRows {
 public:
  // Files `prefix`0, `prefix`1, ..., of `file_bytes` of rows each, the first ones of half as much, for a column family
  // with `options`. The last one is written when nothing else is left to be done.
  BulkRows(std::string prefix, rocksdb::Options options, std::int64_t file_bytes);
  // Removes its files; the database has moved those that it took.
  ~BulkRows();

  // The last one of the same key counts.
  void Put(std::string_view key, std::string_view value) { Add(key, value, false); }
  void Delete(std::string_view key) { Add(key, {}, true); }
  // Bytes of keys and values, of those in files too.
  std::int64_t bytes() const { return bytes_; }

  // No more rows come before Finish: the last of them go into their file meanwhile.
  void End();
  // All rows since the former call, as files in the order in which they were put. Files of the former call must have
  // been taken by now.
  absl::StatusOr<std::vector<std::string>> Finish();

 private:
  struct Row {
    std::uint32_t begin = 0;  // of the key in `data`; the value follows
    std::uint32_t key_size = 0;
    std::uint32_t value_size = 0;
    bool deleted = false;
  };
  struct Piece {
    std::string data;
    std::array<std::vector<Row>, 256> rows;  // by the key's first byte: most kinds come in order
  };
  class Order;

  static absl::Status WriteFile(Piece piece, const std::string& path, const rocksdb::Options& options);
  void Add(std::string_view key, std::string_view value, bool deleted);
  // The piece goes into a file; waits for the one before.
  absl::Status EndPiece();

  const std::string prefix_;
  rocksdb::Options options_;
  const std::int64_t file_bytes_;
  Piece piece_;
  std::int64_t piece_bytes_ = 0;  // how large it becomes; 0: it was not begun
  std::int64_t bytes_ = 0;
  std::vector<std::string> files_;
  std::vector<std::string> given_;  // by Finish
  std::future<absl::Status> writing_;
  absl::Status written_;  // of files before
};

}  // namespace greffe
