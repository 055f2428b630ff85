#include "storage/journal/log_check.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <bit>
#include <cerrno>
#include <charconv>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/hashing.h"

namespace greffe {
namespace {

constexpr std::int64_t kBlock = 32 << 10;
constexpr std::int64_t kSector = 512;           // the smallest that a disk writes whole
constexpr std::size_t kZerosOfLostSector = 32;  // at its end; an earlier write may have left something at its beginning
constexpr std::int64_t kHeader = 7;             // of a fragment: checksum 4, length 2, type 1
constexpr std::size_t kBatchHeader = 12;        // of a record: sequence number 8, count 4
enum FragmentType : std::uint8_t { kZero = 0, kFull = 1, kFirst = 2, kMiddle = 3, kLast = 4 };

std::uint64_t LittleEndian(std::string_view bytes) {
  std::uint64_t value = 0;
  for (std::size_t i = bytes.size(); i > 0; --i) value = value << 8 | static_cast<std::uint8_t>(bytes[i - 1]);
  return value;
}

bool AllZero(std::string_view bytes) { return bytes.find_first_not_of('\0') == std::string_view::npos; }

// Checksums are stored so, since data that holds its own checksum has one that is no use.
constexpr std::uint32_t kMaskDelta = 0xa282ead8U;
std::uint32_t Mask(std::uint32_t crc) { return std::rotr(crc, 15) + kMaskDelta; }
std::uint32_t Unmask(std::uint32_t masked) { return std::rotl(masked - kMaskDelta, 15); }

// A fragment as it should begin at the first byte of `bytes`, which end with its block or the file.
struct Header {
  explicit Header(std::string_view bytes)
      : checksum(static_cast<std::uint32_t>(LittleEndian(bytes.substr(0, 4)))),
        length(LittleEndian(bytes.substr(4, 2))),
        type(static_cast<std::uint8_t>(bytes[6])) {}

  std::uint32_t checksum;
  std::size_t length;
  std::uint8_t type;
};

// What the checksum of a fragment covers: its type and `length` bytes of content.
std::optional<std::uint32_t> ChecksumOf(std::string_view bytes, std::size_t length) {
  if (bytes.size() < kHeader + length) return std::nullopt;
  return Crc32c(bytes.substr(kHeader - 1, length + 1));
}

// Whether flipping one bit of a fragment, which is not whole as it is, makes it so.
bool IsOneBitOff(std::string_view bytes) {
  if (bytes.size() < kHeader) return false;
  const Header header(bytes);
  for (int bit = 0; bit < 16; ++bit) {
    const auto crc = ChecksumOf(bytes, header.length ^ std::size_t{1} << bit);
    if (crc && Mask(*crc) == header.checksum) return true;
  }
  const auto crc = ChecksumOf(bytes, header.length);
  if (!crc) return false;
  if (std::popcount(Mask(*crc) ^ header.checksum) == 1) return true;
  // A CRC is linear: a flipped bit changes it by what depends on nothing but how many bits follow.
  const std::uint32_t change = *crc ^ Unmask(header.checksum);
  std::uint32_t of_bit = 0x82f63b78U;  // the last one
  for (std::size_t bit = 0; bit < 8 * (header.length + 1); ++bit) {
    if (of_bit == change) return true;
    of_bit = of_bit >> 1 ^ (of_bit & 1 ? 0x82f63b78U : 0U);
  }
  return false;
}

struct Record {
  enum State { kWhole, kBad, kEnd };  // kEnd: nothing but zeros follows

  State state = kEnd;
  std::int64_t begin = 0;
  std::int64_t end = 0;  // kBad: where the fragment begins that is not as it should be
  std::uint64_t sequence = 0;
  std::uint64_t next_sequence = 0;
};

class Log {
 public:
  // NOT_FOUND when it is not there any more.
  static absl::StatusOr<Log> Open(const std::string& path) {
    GREFFE_ASSIGN_OR_RETURN(FileHandle file, OpenFile(path, O_RDONLY));
    struct stat found = {};
    if (::fstat(file.get(), &found) != 0) return FromErrno(errno, "stat", path);
    return Log(path, std::move(file), found.st_size);
  }

  const std::string& path() const { return path_; }

  absl::StatusOr<Record> Read(std::int64_t offset) {
    Record record;
    record.begin = offset;
    record.end = offset;
    std::string head;
    for (bool first = true;; first = false) {
      GREFFE_ASSIGN_OR_RETURN(std::string_view bytes, FragmentAt(record.end));
      if (first) record.begin = record.end;
      if (!IsWhole(bytes)) {
        GREFFE_ASSIGN_OR_RETURN(const bool zeros, EndsInZeros(record.end));
        record.state = first && zeros ? Record::kEnd : Record::kBad;
        return record;
      }
      const Header header(bytes);
      const bool begins = header.type == kFull || header.type == kFirst;
      if (begins != first) {
        record.state = Record::kBad;
        return record;
      }
      head += bytes.substr(kHeader, std::min(header.length, kBatchHeader - head.size()));
      record.end += kHeader + static_cast<std::int64_t>(header.length);
      if (header.type == kFull || header.type == kLast) break;
    }
    if (head.size() < kBatchHeader) {
      record.state = Record::kBad;
      record.end = record.begin;
      return record;
    }
    record.state = Record::kWhole;
    record.sequence = LittleEndian(std::string_view(head).substr(0, 8));
    record.next_sequence = record.sequence + LittleEndian(std::string_view(head).substr(8, 4));
    return record;
  }

  // Whether a whole record of `sequence` or a later one lies behind a bad one. Where something is not whole nothing
  // tells where the next one begins: each byte is tried. `known`: what the database's tables reach to.
  absl::StatusOr<bool> WholeRecordFollows(const Record& bad, std::uint64_t sequence, std::uint64_t known) {
    // A record has no more changes than bytes. A larger number is that of a document that is itself such a log.
    const std::uint64_t last = std::max(sequence, known) + static_cast<std::uint64_t>(size_);
    for (std::int64_t at = bad.end; at < size_;) {
      GREFFE_RETURN_IF_ERROR(Load(at));
      if (!IsWhole(Rest(at))) {
        ++at;
        continue;
      }
      const std::int64_t fragment = kHeader + static_cast<std::int64_t>(Header(Rest(at)).length);
      GREFFE_ASSIGN_OR_RETURN(const Record record, Read(at));
      if (record.state == Record::kWhole && record.sequence >= sequence && record.sequence <= last) return true;
      at += fragment;
    }
    return false;
  }

  // Whether a crash explains a bad record that is the last one: by the fragment that is not as it should be.
  absl::StatusOr<bool> IsCutOff(const Record& bad) {
    std::int64_t at = bad.end;
    GREFFE_ASSIGN_OR_RETURN(const std::string_view bytes, FragmentAt(at));
    if (IsWhole(bytes) || (!FaultIsOn("bit-unnoticed") && IsOneBitOff(bytes))) return false;
    const auto left = static_cast<std::int64_t>(bytes.size());
    const bool has_header = left >= kHeader && Header(bytes).type != kZero;
    const std::int64_t size = has_header ? kHeader + static_cast<std::int64_t>(Header(bytes).length) : left;
    if (at + left == size_ && (left < kHeader || left < size)) return true;
    const std::int64_t fragment_end = at + std::min(size, left);
    // Sectors that did not reach the disk are zeros, from where the fragment or what was written of it before ends.
    for (std::int64_t begin = at; begin < fragment_end;) {
      const std::int64_t end = std::min((begin / kSector + 1) * kSector, fragment_end);
      const std::string_view sector =
          bytes.substr(static_cast<std::size_t>(begin - at), static_cast<std::size_t>(end - begin));
      if (AllZero(sector.substr(sector.size() - std::min(sector.size(), kZerosOfLostSector)))) return true;
      begin = end;
    }
    // Where it was not written to its end, or the one that would follow it was not begun, zeros are there from before.
    const bool is_last = has_header && (Header(bytes).type == kFull || Header(bytes).type == kLast);
    return EndsInZeros(is_last ? fragment_end - 1 : fragment_end);
  }

 private:
  Log(std::string path, FileHandle file, std::int64_t size)
      : path_(std::move(path)), file_(std::move(file)), size_(size) {}

  // Moves `offset` over what fills a block behind its last fragment, and returns the rest of the block.
  absl::StatusOr<std::string_view> FragmentAt(std::int64_t& offset) {
    if (kBlock - offset % kBlock < kHeader) offset = (offset / kBlock + 1) * kBlock;
    if (offset >= size_) return std::string_view();
    GREFFE_RETURN_IF_ERROR(Load(offset));
    return Rest(offset);
  }

  absl::Status Load(std::int64_t offset) {
    const std::int64_t begin = offset / kBlock * kBlock;
    if (begin == loaded_) return absl::OkStatus();
    loaded_ = -1;
    block_.resize(static_cast<std::size_t>(std::min(kBlock, size_ - begin)));
    GREFFE_RETURN_IF_ERROR(ReadAt(file_, block_.data(), static_cast<std::int64_t>(block_.size()), begin, path_));
    loaded_ = begin;
    return absl::OkStatus();
  }
  std::string_view Rest(std::int64_t offset) const {
    return std::string_view(block_).substr(static_cast<std::size_t>(offset - loaded_));
  }

  static bool IsWhole(std::string_view bytes) {
    if (bytes.size() < kHeader) return false;
    const Header header(bytes);
    if (header.type == kZero || header.type > kLast) return false;
    const auto crc = ChecksumOf(bytes, header.length);
    return crc && Mask(*crc) == header.checksum;
  }

  absl::StatusOr<bool> EndsInZeros(std::int64_t offset) {
    for (; offset < size_; offset = (offset / kBlock + 1) * kBlock) {
      GREFFE_RETURN_IF_ERROR(Load(offset));
      if (!AllZero(Rest(offset))) return false;
    }
    return true;
  }

  std::string path_;
  FileHandle file_;
  std::int64_t size_ = 0;     // when it was opened
  std::int64_t loaded_ = -1;  // where the block begins that is in memory
  std::string block_;
};

absl::Status DamagedLog(const Log& log, std::int64_t offset, const std::string& finding) {
  return Error(absl::StatusCode::kDataLoss, "JOURNAL_DAMAGED",
               "journal is damaged: " + log.path() + " at byte " + std::to_string(offset) + ": " + finding);
}

}  // namespace

absl::StatusOr<std::vector<std::pair<std::uint64_t, std::string>>> ListLogs(const std::string& directory) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(directory));
  std::vector<std::pair<std::uint64_t, std::string>> logs;
  for (const std::string& name : names) {
    std::uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    if (error == std::errc() && std::string_view(end) == ".log") logs.emplace_back(number, directory + "/" + name);
  }
  std::ranges::sort(logs);
  return logs;
}

absl::StatusOr<CheckedLogs> CheckLogs(const std::string& directory, const LogsToCheck& which) {
  CheckedLogs checked;
  if (FaultIsOn("logs-unchecked")) return checked;
  GREFFE_ASSIGN_OR_RETURN(const auto logs, ListLogs(directory));
  std::uint64_t& next = checked.next_sequence;
  for (const auto& [number, path] : logs) {
    if (number < which.first_log) continue;
    absl::StatusOr<Log> log = Log::Open(path);
    if (absl::IsNotFound(log.status())) {  // its content is in tables by now
      next = 0;
      continue;
    }
    GREFFE_RETURN_IF_ERROR(log.status());
    Record record;
    while (true) {
      GREFFE_ASSIGN_OR_RETURN(record, log->Read(record.end));
      if (record.state != Record::kWhole) break;
      // A log that a crash cut off may be there still when the next one is begun: that one goes on where it ends.
      if (next != 0 && record.sequence != next) {
        return DamagedLog(*log, record.begin, "records before this one are gone");
      }
      next = record.next_sequence;
    }
    if (record.state == Record::kEnd) continue;
    GREFFE_ASSIGN_OR_RETURN(const bool follows, log->WholeRecordFollows(record, next, which.last_sequence));
    if (follows) return DamagedLog(*log, record.end, "the record is damaged, and whole ones follow it");
    GREFFE_ASSIGN_OR_RETURN(const bool cut_off, log->IsCutOff(record));
    if (!cut_off) return DamagedLog(*log, record.end, "the record is damaged, and was not cut off by a crash");
    checked.torn.push_back({path, record.begin});
  }
  return checked;
}

absl::Status CutOffTornEnds(const CheckedLogs& logs) {
  for (const CheckedLogs::End& end : logs.torn) {
    GREFFE_ASSIGN_OR_RETURN(const FileHandle file, OpenFile(end.path, O_WRONLY));
    if (::ftruncate(file.get(), end.size) != 0) return FromErrno(errno, "truncate", end.path);
    GREFFE_RETURN_IF_ERROR(SyncFile(file, end.path));
  }
  return absl::OkStatus();
}

}  // namespace greffe
