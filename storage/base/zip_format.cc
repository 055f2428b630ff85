#include "storage/base/zip_format.h"

#include <isa-l/crc.h>

#include <algorithm>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace greffe {
namespace {

constexpr std::int64_t kLarge = 0xffffffff;  // from here on a field of 32 bits says "see the extra field"
constexpr std::int64_t kMany = 0xffff;
constexpr int kVersion = 20;
constexpr int kVersion64 = 45;
constexpr int kMadeOnUnix = 3 << 8;
constexpr int kNamesAreUtf8 = 1 << 11;
constexpr std::int64_t kFileMode = std::int64_t{0100644} << 16;

void Put(std::string& out, std::int64_t number, int bytes) {
  for (int i = 0; i < bytes; ++i) out += static_cast<char>(static_cast<std::uint64_t>(number) >> (8 * i));
}

// DOS has years from 1980 on and every other second.
void PutTime(std::string& out, Micros time) {
  const absl::CivilSecond moment = absl::ToCivilSecond(absl::FromUnixMicros(time), absl::UTCTimeZone());
  const std::int64_t year = std::clamp<std::int64_t>(moment.year() - 1980, 0, 127);
  Put(out, moment.hour() << 11 | moment.minute() << 5 | moment.second() / 2, 2);
  Put(out, year << 9 | moment.month() << 5 | moment.day(), 2);
}

// The numbers that do not fit into their fields.
std::string Extra(const std::vector<std::int64_t>& numbers) {
  std::string extra;
  if (numbers.empty()) return extra;
  Put(extra, 1, 2);
  Put(extra, static_cast<std::int64_t>(8 * numbers.size()), 2);
  for (const std::int64_t number : numbers) Put(extra, number, 8);
  return extra;
}

// From the version that is needed on, up to the length of the extra field: the same in header and directory.
void PutCommon(std::string& out, const ZipEntry& entry, Micros time, bool large, std::size_t extra) {
  Put(out, large ? kVersion64 : kVersion, 2);
  Put(out, kNamesAreUtf8, 2);
  Put(out, 0, 2);  // stored
  PutTime(out, time);
  Put(out, entry.crc32, 4);
  Put(out, std::min(entry.size, kLarge), 4);
  Put(out, std::min(entry.size, kLarge), 4);
  Put(out, static_cast<std::int64_t>(entry.name.size()), 2);
  Put(out, static_cast<std::int64_t>(extra), 2);
}

}  // namespace

std::uint32_t ExtendCrc32(std::uint32_t crc, std::string_view data) {
  return crc32_gzip_refl(crc, reinterpret_cast<const unsigned char*>(data.data()), data.size());
}

std::string ZipHeader(const ZipEntry& entry, Micros time) {
  std::string header = "PK\3\4";
  std::string extra;
  if (entry.size >= kLarge) extra = Extra({entry.size, entry.size});
  PutCommon(header, entry, time, entry.size >= kLarge, extra.size());
  return header + entry.name + extra;
}

std::string ZipDirectory(const std::vector<ZipEntry>& entries, Micros time, std::int64_t offset) {
  std::string directory;
  for (const ZipEntry& entry : entries) {
    std::vector<std::int64_t> numbers;
    if (entry.size >= kLarge) numbers = {entry.size, entry.size};
    if (entry.offset >= kLarge) numbers.push_back(entry.offset);
    const std::string extra = Extra(numbers);
    directory += "PK\1\2";
    Put(directory, kMadeOnUnix | kVersion64, 2);
    PutCommon(directory, entry, time, !numbers.empty(), extra.size());
    Put(directory, 0, 2);  // no comment
    Put(directory, 0, 2);  // on the first disk
    Put(directory, 0, 2);  // not known to be text
    Put(directory, kFileMode, 4);
    Put(directory, std::min(entry.offset, kLarge), 4);
    directory += entry.name;
    directory += extra;
  }
  const auto size = static_cast<std::int64_t>(directory.size());
  const auto count = static_cast<std::int64_t>(entries.size());
  if (count >= kMany || size >= kLarge || offset >= kLarge) {
    directory += "PK\6\6";
    Put(directory, 44, 8);  // what follows of this record
    Put(directory, kMadeOnUnix | kVersion64, 2);
    Put(directory, kVersion64, 2);
    Put(directory, 0, 8);  // disks
    Put(directory, count, 8);
    Put(directory, count, 8);
    Put(directory, size, 8);
    Put(directory, offset, 8);
    directory += "PK\6\7";
    Put(directory, 0, 4);
    Put(directory, offset + size, 8);
    Put(directory, 1, 4);
  }
  directory += "PK\5\6";
  Put(directory, 0, 4);  // disks
  Put(directory, std::min(count, kMany), 2);
  Put(directory, std::min(count, kMany), 2);
  Put(directory, std::min(size, kLarge), 4);
  Put(directory, std::min(offset, kLarge), 4);
  Put(directory, 0, 2);  // no comment
  return directory;
}

}  // namespace greffe
