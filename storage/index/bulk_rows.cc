#include "storage/index/bulk_rows.h"

#include <algorithm>
#include <utility>

#include "rocksdb/sst_file_writer.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/index/state.h"

namespace greffe {

BulkRows::~BulkRows() {
  if (writing_.valid()) writing_.wait();
  for (const auto* files : {&given_, &files_}) {
    for (const std::string& file : *files) RemoveFile(file).IgnoreError();
  }
}

void BulkRows::Add(std::string_view key, std::string_view value, bool deleted) {
  if (static_cast<std::int64_t>(piece_.data.size()) >= file_bytes_) written_.Update(EndPiece());
  piece_.rows[static_cast<unsigned char>(key[0])].push_back({static_cast<std::uint32_t>(piece_.data.size()),
                                                             static_cast<std::uint32_t>(key.size()),
                                                             static_cast<std::uint32_t>(value.size()), deleted});
  piece_.data += key;
  piece_.data += value;
  bytes_ += static_cast<std::int64_t>(key.size() + value.size());
}

absl::StatusOr<std::vector<std::string>> BulkRows::Finish() {
  if (bytes_ == 0) return std::vector<std::string>();
  written_.Update(EndPiece());
  if (writing_.valid()) written_.Update(writing_.get());
  bytes_ = 0;
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
  const char* const data = piece.data.data();
  const auto key_of = [data](const Row& row) { return std::string_view(data + row.begin, row.key_size); };
  const auto less = [&key_of](const Row& a, const Row& b) {
    const int order = key_of(a).compare(key_of(b));
    return order != 0 ? order < 0 : a.begin < b.begin;
  };
  for (std::vector<Row>& rows : piece.rows) {
    if (!std::is_sorted(rows.begin(), rows.end(), less)) std::sort(rows.begin(), rows.end(), less);
    for (std::size_t i = 0; i < rows.size(); ++i) {
      if (i + 1 < rows.size() && key_of(rows[i]) == key_of(rows[i + 1])) continue;
      if (rows[i].deleted) {
        GREFFE_RETURN_IF_ERROR(FromIndexStatus(file.Delete(ToSlice(key_of(rows[i])))));
        continue;
      }
      const std::string_view value(data + rows[i].begin + rows[i].key_size, rows[i].value_size);
      GREFFE_RETURN_IF_ERROR(FromIndexStatus(file.Put(ToSlice(key_of(rows[i])), ToSlice(value))));
    }
  }
  return FromIndexStatus(file.Finish());
}

}  // namespace greffe
