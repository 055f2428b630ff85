#include "storage/git/pack_index.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <utility>

#include "storage/base/errors.h"
#include "storage/git/sha1_hasher.h"

namespace greffe {
namespace {

constexpr std::int64_t kOidBytes = Oid::kSize;
constexpr std::int64_t kFanout = 8;  // behind mark and version
constexpr std::int64_t kOids = kFanout + 256 * 4;
constexpr std::int64_t kTrailer = 2 * kOidBytes;
constexpr std::int64_t kSearchedAtOnce = 4096 / kOidBytes;
constexpr std::int64_t kHashedAtOnce = 256 << 10;

std::atomic<std::int64_t> held_by_all = 0;

std::uint32_t WordAt(const char* at) {
  const auto* p = reinterpret_cast<const unsigned char*>(at);
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

int Compare(const char* raw, const Oid& oid) { return std::memcmp(raw, oid.bytes.data(), Oid::kSize); }

}  // namespace

absl::StatusOr<std::unique_ptr<const PackIndex>> PackIndex::Open(const std::string& path, std::int64_t most_held) {
  std::unique_ptr<PackIndex> index(new PackIndex(path));
  GREFFE_ASSIGN_OR_RETURN(index->file_, OpenFile(path, O_RDONLY));
  struct stat info {};
  if (::fstat(index->file_.get(), &info) != 0) return FromErrno(errno, "stat", path);
  index->size_ = info.st_size;
  if (index->size_ < kOids + kTrailer) return Damaged(path, "it is too short");
  char head[kOids];
  GREFFE_RETURN_IF_ERROR(ReadAt(index->file_, head, kOids, 0, path));
  if (std::memcmp(head, "\377tOc\0\0\0\2", 8) != 0) return Damaged(path, "it is not an idx, version 2");
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < index->fanout_.size(); ++i) {
    const std::uint32_t next = WordAt(head + kFanout + 4 * i);
    if (next < last) return Damaged(path, "its fan-out table is not in order");
    index->fanout_[i] = last = next;
  }
  const std::int64_t least = kOids + index->count() * (kOidBytes + 8) + kTrailer;
  if (index->size_ < least || (index->size_ - least) % 8 != 0) {
    return Damaged(path, "its size does not fit its " + std::to_string(last) + " objects");
  }
  GREFFE_RETURN_IF_ERROR(index->Hold(most_held));
  return index;
}

absl::Status PackIndex::Hold(std::int64_t most_held) {
  if (size_ > most_held) return absl::OkStatus();
  if (held_by_all.fetch_add(size_) + size_ > kMostHeldIdxs) {
    held_by_all -= size_;
    return absl::OkStatus();
  }
  held_.resize(static_cast<std::size_t>(size_));  // given back by the destructor from now on
  GREFFE_RETURN_IF_ERROR(ReadAt(file_, held_.data(), size_, 0, path_));
  file_ = FileHandle();
  return absl::OkStatus();
}

PackIndex::~PackIndex() { held_by_all -= static_cast<std::int64_t>(held_.size()); }

absl::StatusOr<std::string_view> PackIndex::Part(std::int64_t begin, std::int64_t bytes, char* buffer) const {
  if (!held_.empty()) {
    return std::string_view(held_).substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(bytes));
  }
  GREFFE_RETURN_IF_ERROR(ReadAt(file_, buffer, bytes, begin, path_));
  return std::string_view(buffer, static_cast<std::size_t>(bytes));
}

absl::StatusOr<Oid> PackIndex::HashIn(std::int64_t begin) const {
  char buffer[kOidBytes];
  GREFFE_ASSIGN_OR_RETURN(const std::string_view raw, Part(begin, kOidBytes, buffer));
  Oid oid;
  std::memcpy(oid.bytes.data(), raw.data(), raw.size());
  return oid;
}

absl::StatusOr<Oid> PackIndex::OidAt(std::int64_t position) const { return HashIn(kOids + position * kOidBytes); }

absl::StatusOr<Oid> PackIndex::PackChecksum() const { return HashIn(size_ - kTrailer); }

absl::Status PackIndex::Verify() const {
  const std::int64_t end = size_ - kOidBytes;
  Sha1Hasher hasher;
  std::string buffer(static_cast<std::size_t>(std::min(kHashedAtOnce, end)), '\0');
  for (std::int64_t offset = 0; offset < end; offset += kHashedAtOnce) {
    GREFFE_ASSIGN_OR_RETURN(const std::string_view part,
                            Part(offset, std::min(kHashedAtOnce, end - offset), buffer.data()));
    hasher.Update(part);
  }
  GREFFE_ASSIGN_OR_RETURN(const Oid written, HashIn(end));
  return hasher.Finish() == written ? absl::OkStatus() : Damaged(path_, "its checksum does not fit");
}

absl::StatusOr<std::int64_t> PackIndex::OffsetAt(std::int64_t position) const {
  char buffer[8];
  GREFFE_ASSIGN_OR_RETURN(const std::string_view word,
                          Part(kOids + count() * (kOidBytes + 4) + position * 4, 4, buffer));
  const std::uint32_t offset = WordAt(word.data());
  if ((offset & 0x80000000) == 0) return offset;
  const std::int64_t large = kOids + count() * (kOidBytes + 8) + std::int64_t{offset & 0x7fffffff} * 8;
  if (large + 8 + kTrailer > size_) return -1;
  GREFFE_ASSIGN_OR_RETURN(const std::string_view words, Part(large, 8, buffer));
  return static_cast<std::int64_t>(std::uint64_t{WordAt(words.data())} << 32 | WordAt(words.data() + 4));
}

absl::StatusOr<std::uint32_t> PackIndex::CrcAt(std::int64_t position) const {
  char buffer[4];
  GREFFE_ASSIGN_OR_RETURN(const std::string_view word, Part(kOids + count() * kOidBytes + position * 4, 4, buffer));
  return WordAt(word.data());
}

absl::StatusOr<std::optional<std::int64_t>> PackIndex::Find(const Oid& oid) const {
  const unsigned first = oid.bytes[0];
  std::int64_t low = first == 0 ? 0 : fanout_[first - 1];
  std::int64_t high = fanout_[first];
  char page[kSearchedAtOnce * kOidBytes];
  while (held_.empty() && high - low > kSearchedAtOnce) {
    const std::int64_t middle = (low + high) / 2;
    GREFFE_ASSIGN_OR_RETURN(const std::string_view raw, Part(kOids + middle * kOidBytes, kOidBytes, page));
    (Compare(raw.data(), oid) <= 0 ? low : high) = middle;
  }
  GREFFE_ASSIGN_OR_RETURN(const std::string_view oids, Part(kOids + low * kOidBytes, (high - low) * kOidBytes, page));
  const std::int64_t begin = low;
  while (low < high) {
    const std::int64_t middle = (low + high) / 2;
    const int order = Compare(oids.data() + (middle - begin) * kOidBytes, oid);
    if (order == 0) return middle;
    (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
  }
  return std::nullopt;
}

}  // namespace greffe
