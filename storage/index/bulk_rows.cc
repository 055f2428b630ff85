#include "storage/index/bulk_rows.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "rocksdb/sst_file_writer.h"
#include "rocksdb/table.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/index/state.h"

namespace greffe {
namespace {

// LZ4 clears a table for each block, which takes longer than to compress one of the usual 4 KiB.
constexpr std::size_t kBlockBytes = 16 << 10;
// What a row is told from others by, before its key is read where it lies.
constexpr std::size_t kHeadBytes = 16;

std::uint64_t BigEndian(const char* bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return number;
}

}  // namespace

// The order of the rows of one kind. Their keys begin alike (kind, project), and lie anywhere in the piece.
class BulkRows::Order {
 public:
  Order(const std::string& data, const std::vector<Row>& rows) : data_(data.data()), rows_(rows) {
    std::size_t common = rows.empty() ? 0 : rows.front().key_size;
    const std::string_view first = rows.empty() ? std::string_view() : Key(rows.front());
    for (const Row& row : rows) {
      const std::string_view key = Key(row);
      const std::string_view same = first.substr(0, common);
      if (key.starts_with(same)) continue;
      common = static_cast<std::size_t>(std::mismatch(same.begin(), same.end(), key.begin(), key.end()).first -
                                        same.begin());
    }
    places_.reserve(rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      char head[kHeadBytes] = {};
      const std::string_view rest = Key(rows[i]).substr(common, kHeadBytes);
      std::memcpy(head, rest.data(), rest.size());
      places_.push_back({BigEndian(head), BigEndian(head + 8), static_cast<std::uint32_t>(i)});
    }
    const auto less = [this](const Place& a, const Place& b) { return Less(a, b); };
    if (!std::is_sorted(places_.begin(), places_.end(), less)) std::sort(places_.begin(), places_.end(), less);
  }

  std::string_view Key(const Row& row) const { return {data_ + row.begin, row.key_size}; }
  std::string_view Value(const Row& row) const { return {data_ + row.begin + row.key_size, row.value_size}; }

  // Of each key the row that was put last.
  template <typename Visit>
  absl::Status ForEach(const Visit& visit) const {
    for (std::size_t i = 0; i < places_.size(); ++i) {
      const Row& row = rows_[places_[i].row];
      if (i + 1 < places_.size() && IsSame(places_[i], places_[i + 1])) continue;
      GREFFE_RETURN_IF_ERROR(visit(row));
    }
    return absl::OkStatus();
  }

 private:
  struct Place {
    std::uint64_t high;  // of what follows the common beginning of the keys; zeros behind its end
    std::uint64_t low;
    std::uint32_t row;
  };

  bool Less(const Place& a, const Place& b) const {
    if (a.high != b.high) return a.high < b.high;
    if (a.low != b.low) return a.low < b.low;
    const int order = Key(rows_[a.row]).compare(Key(rows_[b.row]));
    return order != 0 ? order < 0 : a.row < b.row;
  }

  // Heads differ mostly, and lie beside each other.
  bool IsSame(const Place& a, const Place& b) const {
    return a.high == b.high && a.low == b.low && Key(rows_[a.row]) == Key(rows_[b.row]);
  }

  const char* const data_;
  const std::vector<Row>& rows_;
  std::vector<Place> places_;
};

BulkRows::BulkRows(std::string prefix, rocksdb::Options options, std::int64_t file_bytes)
    : prefix_(std::move(prefix)), options_(std::move(options)), file_bytes_(file_bytes) {
  if (const auto* const usual = options_.table_factory->GetOptions<rocksdb::BlockBasedTableOptions>()) {
    rocksdb::BlockBasedTableOptions table = *usual;
    table.block_size = kBlockBytes;
    options_.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  }
}

BulkRows::~BulkRows() {
  if (writing_.valid()) writing_.wait();
  for (const auto* files : {&given_, &files_}) {
    for (const std::string& file : *files) RemoveFile(file).IgnoreError();
  }
}

void BulkRows::Add(std::string_view key, std::string_view value, bool deleted) {
  if (piece_bytes_ == 0 || static_cast<std::int64_t>(piece_.data.size()) >= piece_bytes_) {
    written_.Update(EndPiece());
    piece_bytes_ = std::clamp(bytes_ / 2, file_bytes_ / 2, file_bytes_);
    // Copied as it grows, all of it would be copied twice.
    piece_.data.reserve(static_cast<std::size_t>(piece_bytes_ + piece_bytes_ / 16));
  }
  piece_.rows[static_cast<unsigned char>(key[0])].push_back({static_cast<std::uint32_t>(piece_.data.size()),
                                                             static_cast<std::uint32_t>(key.size()),
                                                             static_cast<std::uint32_t>(value.size()), deleted});
  piece_.data += key;
  piece_.data += value;
  bytes_ += static_cast<std::int64_t>(key.size() + value.size());
}

void BulkRows::End() { written_.Update(EndPiece()); }

absl::StatusOr<std::vector<std::string>> BulkRows::Finish() {
  if (bytes_ == 0) return std::vector<std::string>();
  End();
  if (writing_.valid()) written_.Update(writing_.get());
  bytes_ = 0;
  piece_bytes_ = 0;
  given_ = std::exchange(files_, {});
  GREFFE_RETURN_IF_ERROR(written_);
  return given_;
}

absl::Status BulkRows::EndPiece() {
  if (piece_.data.empty()) return absl::OkStatus();
  const absl::Status before = writing_.valid() ? writing_.get() : absl::OkStatus();
  files_.push_back(prefix_ + std::to_string(files_.size()));
  writing_ = std::async(std::launch::async,
                        [piece = std::exchange(piece_, {}), path = files_.back(), &options = options_]() mutable {
                          return WriteFile(std::move(piece), path, options);
                        });
  return before;
}

absl::Status BulkRows::WriteFile(Piece piece, const std::string& path, const rocksdb::Options& options) {
  rocksdb::SstFileWriter file(rocksdb::EnvOptions(), options);
  GREFFE_RETURN_IF_ERROR(FromIndexStatus(file.Open(path)));
  for (const std::vector<Row>& rows : piece.rows) {
    const Order order(piece.data, rows);
    GREFFE_RETURN_IF_ERROR(order.ForEach([&](const Row& row) {
      const rocksdb::Slice key = ToSlice(order.Key(row));
      return FromIndexStatus(row.deleted ? file.Delete(key) : file.Put(key, ToSlice(order.Value(row))));
    }));
  }
  return FromIndexStatus(file.Finish());
}

}  // namespace greffe
