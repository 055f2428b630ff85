// A transmittal's zip file, read from any offset on; nothing of it is held but what is read.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/transmittals.pb.h"
#include "services/transmittals/crc_table.h"
#include "storage/base/zip_format.h"
#include "storage/store/store.h"

namespace greffe {

// Not thread-safe. Store and table must outlive it.
class TransmittalPackage {
 public:
  // DATA_LOSS when a version is not what was sent. `gone` says whether nobody waits for it any more.
  static absl::StatusOr<std::unique_ptr<TransmittalPackage>> Open(const Store& store, const ProjectView& view,
                                                                  const v1::Transmittal& transmittal, CrcTable& crcs,
                                                                  std::function<bool()> gone);

  const std::string& file_name() const { return file_name_; }
  std::int64_t size() const { return size_; }
  // Bytes of memory that it holds, or will, beside what it was opened with.
  std::int64_t held() const { return held_; }

  // `length` bytes from `offset` on, which lie in it; how many these were. Blocks on I/O: a content is read once for
  // its CRC, unless another one has read it lately, and once for itself, and for its CRC alone when `offset` is behind
  // it. After `turn` bytes for CRCs alone it comes back with fewer bytes, or none; the next Read goes on from there.
  // CANCELLED, within a MiB, when all are gone.
  absl::StatusOr<std::int64_t> Read(std::int64_t offset, std::int64_t length, char* buffer, std::int64_t turn);

 private:
  struct Member {
    ZipEntry entry;
    std::string text;  // of a member that is no file of a version
    v1::File file;
    std::int64_t begin = 0;  // of its content in the zip file
    bool has_crc = false;
    std::int64_t crc_read = 0;  // of its content, that `entry.crc32` is of
  };

  TransmittalPackage(const Store& store, std::string project, CrcTable& crcs, std::function<bool()> gone)
      : store_(store), crcs_(crcs), gone_(std::move(gone)), project_(std::move(project)) {}
  void AddText(std::string name, std::string text);
  void AddFile(std::string name, const v1::File& file);
  void LayOut();
  // Reads from `turn_`; false: that was not enough.
  absl::StatusOr<bool> ComputeCrc(Member& member);
  absl::Status ReadContent(Member& member, std::int64_t offset, std::int64_t length, char* buffer);
  // What lies at `offset`, at most `length` of it, into `buffer`; how much it was. 0: this turn is over.
  absl::StatusOr<std::int64_t> ReadPart(std::int64_t offset, std::int64_t length, char* buffer);

  const Store& store_;
  CrcTable& crcs_;
  const std::function<bool()> gone_;
  const std::string project_;
  std::string folder_;
  std::string file_name_;
  Micros time_ = 0;
  std::vector<Member> members_;
  std::int64_t directory_begin_ = 0;
  std::int64_t size_ = 0;
  std::int64_t held_ = 0;
  std::string directory_;                // once it was asked for
  std::int64_t turn_ = 0;                // what Read may still read for CRCs
  const Member* open_member_ = nullptr;  // whose content `reader_` reads
  std::unique_ptr<ContentReader> reader_;
};

}  // namespace greffe
