#include "storage/git/pack_reader.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "storage/base/errors.h"
#include "storage/git/object_format.h"
#include "storage/git/pack_writer.h"

namespace greffe {
namespace {

constexpr std::size_t kFanout = 8;
constexpr std::size_t kOids = kFanout + 256 * 4;
constexpr int kRefDelta = 7;
constexpr int kMaxChain = 4096;
constexpr std::int64_t kMaxObjectBytes = std::int64_t{2} << 30;
constexpr std::int64_t kFirstRead = 4096;

struct Inflater {
  libdeflate_decompressor* handle = libdeflate_alloc_decompressor();
  ~Inflater() { libdeflate_free_decompressor(handle); }
};

}  // namespace

absl::StatusOr<std::shared_ptr<const PackReader>> PackReader::Open(const std::string& base) {
  std::shared_ptr<PackReader> reader(new PackReader());
  reader->base_ = base;
  const std::string index_path = base + ".idx";
  GREFFE_ASSIGN_OR_RETURN(reader->pack_, OpenFile(base + ".pack", O_RDONLY));
  GREFFE_ASSIGN_OR_RETURN(const FileHandle index, OpenFile(index_path, O_RDONLY));
  struct stat info {};
  if (::fstat(reader->pack_.get(), &info) != 0) return FromErrno(errno, "stat", base + ".pack");
  reader->pack_size_ = info.st_size;
  if (::fstat(index.get(), &info) != 0) return FromErrno(errno, "stat", index_path);
  reader->index_size_ = static_cast<std::size_t>(info.st_size);
  if (reader->index_size_ < kOids + 2 * Oid::kSize) return Damaged(index_path, "it is too short");
  void* mapped = ::mmap(nullptr, reader->index_size_, PROT_READ, MAP_SHARED, index.get(), 0);
  if (mapped == MAP_FAILED) return FromErrno(errno, "map", index_path);
  reader->index_ = static_cast<const unsigned char*>(mapped);
  ::madvise(mapped, reader->index_size_, MADV_RANDOM);
  if (std::memcmp(reader->index_, "\377tOc\0\0\0\2", 8) != 0) return Damaged(index_path, "it is not an idx, version 2");
  std::uint32_t last = 0;
  for (std::size_t i = 0; i < 256; ++i) {
    const std::uint32_t next = reader->Word(kFanout + 4 * i);
    if (next < last) return Damaged(index_path, "its fan-out table is not in order");
    last = next;
  }
  reader->count_ = last;
  const std::size_t least = kOids + std::size_t{last} * (Oid::kSize + 8) + 2 * Oid::kSize;
  if (reader->index_size_ < least || (reader->index_size_ - least) % 8 != 0) {
    return Damaged(index_path, "its size does not fit its " + std::to_string(last) + " objects");
  }
  char header[12];
  GREFFE_RETURN_IF_ERROR(ReadAt(reader->pack_, header, sizeof header, 0, base + ".pack"));
  if (std::memcmp(header, "PACK\0\0\0\2", 8) != 0) return Damaged(base + ".pack", "it is not a pack, version 2");
  return reader;
}

PackReader::~PackReader() {
  if (index_ != nullptr) ::munmap(const_cast<unsigned char*>(index_), index_size_);
}

std::uint32_t PackReader::Word(std::size_t position) const {
  const unsigned char* p = index_ + position;
  return std::uint32_t{p[0]} << 24 | std::uint32_t{p[1]} << 16 | std::uint32_t{p[2]} << 8 | p[3];
}

std::optional<std::int64_t> PackReader::Find(const Oid& oid) const {
  const unsigned first = oid.bytes[0];
  std::size_t low = first == 0 ? 0 : Word(kFanout + 4 * (first - 1));
  std::size_t high = Word(kFanout + 4 * first);
  while (low < high) {
    const std::size_t middle = (low + high) / 2;
    const int order = std::memcmp(index_ + kOids + middle * Oid::kSize, oid.bytes.data(), Oid::kSize);
    if (order == 0) {
      const auto count = static_cast<std::size_t>(count_);
      const std::uint32_t offset = Word(kOids + count * (Oid::kSize + 4) + middle * 4);
      if ((offset & 0x80000000) == 0) return offset;
      const std::size_t large = kOids + count * (Oid::kSize + 8) + std::size_t{offset & 0x7fffffff} * 8;
      if (large + 8 + 2 * Oid::kSize > index_size_) return -1;
      return static_cast<std::int64_t>(std::uint64_t{Word(large)} << 32 | Word(large + 4));
    }
    (order < 0 ? low : high) = order < 0 ? middle + 1 : middle;
  }
  return std::nullopt;
}

absl::StatusOr<std::optional<GitObject>> PackReader::Read(const Oid& oid) const {
  const std::optional<std::int64_t> offset = Find(oid);
  if (!offset) return std::nullopt;
  GREFFE_ASSIGN_OR_RETURN(GitObject object, ReadAtOffset(*offset, 0));
  return object;
}

absl::StatusOr<GitObject> PackReader::ReadAtOffset(std::int64_t offset, int depth) const {
  const std::string path = base_ + ".pack";
  const auto damaged = [&](const std::string& finding) {
    return Damaged(path, finding + " at byte " + std::to_string(offset));
  };
  const std::int64_t end = pack_size_ - static_cast<std::int64_t>(Oid::kSize);
  if (offset < 12 || offset >= end) return damaged("there is no object");
  if (depth > kMaxChain) return damaged("a chain of deltas is too long");
  std::string raw(static_cast<std::size_t>(std::min(kFirstRead, end - offset)), '\0');
  GREFFE_RETURN_IF_ERROR(ReadAt(pack_, raw.data(), static_cast<std::int64_t>(raw.size()), offset, path));

  std::size_t position = 0;
  const auto next = [&]() -> unsigned char {
    return position < raw.size() ? static_cast<unsigned char>(raw[position++]) : 0;
  };
  unsigned char byte = next();
  const int type = byte >> 4 & 7;
  std::uint64_t size = byte & 15;
  for (int shift = 4; (byte & 0x80) != 0 && shift < 60; shift += 7) {
    byte = next();
    size |= std::uint64_t{static_cast<unsigned char>(byte & 0x7f)} << shift;
  }
  if (static_cast<std::int64_t>(size) > kMaxObjectBytes) return damaged("an object is too large");
  std::int64_t base_offset = 0;
  if (type == kOfsDelta) {
    byte = next();
    std::uint64_t distance = byte & 0x7f;
    for (int digits = 0; (byte & 0x80) != 0 && digits < 9; ++digits) {
      byte = next();
      distance = (distance + 1) << 7 | (byte & 0x7f);
    }
    base_offset = offset - static_cast<std::int64_t>(distance);
    if (base_offset >= offset) return damaged("a delta's base is not before it");
  } else if (type == kRefDelta) {
    if (position + Oid::kSize > raw.size()) return damaged("a delta is cut off");
    const std::optional<std::int64_t> base = Find(*Oid::FromRaw(std::string_view(raw).substr(position, Oid::kSize)));
    position += Oid::kSize;
    if (!base) return damaged("a delta's base is not in the pack");
    base_offset = *base;
  } else if (type < 1 || type > 4) {
    return damaged("an object has no type");
  }

  // Deflate cannot grow data by more than this; the entry ends before.
  const std::int64_t bound = static_cast<std::int64_t>(size + size / 1000 + 64 + position);
  const std::int64_t want = std::min(bound, end - offset);
  if (want > static_cast<std::int64_t>(raw.size())) {
    const auto had = static_cast<std::int64_t>(raw.size());
    raw.resize(static_cast<std::size_t>(want));
    GREFFE_RETURN_IF_ERROR(ReadAt(pack_, raw.data() + had, want - had, offset + had, path));
  }
  static thread_local const Inflater inflater;
  std::string data(size, '\0');
  std::size_t produced = 0;
  const libdeflate_result result = libdeflate_zlib_decompress(
      inflater.handle, raw.data() + position, raw.size() - position, data.data(), data.size(), &produced);
  if ((result != LIBDEFLATE_SUCCESS && result != LIBDEFLATE_SHORT_OUTPUT) || produced != size) {
    return damaged("an object does not inflate");
  }
  if (base_offset == 0) return GitObject{static_cast<ObjectType>(type), std::move(data)};
  GREFFE_ASSIGN_OR_RETURN(const GitObject base, ReadAtOffset(base_offset, depth + 1));
  absl::StatusOr<std::string> target = ApplyDelta(base.data, data);
  if (!target.ok()) return damaged("a delta does not fit its base");
  return GitObject{base.type, *std::move(target)};
}

absl::Status PackReader::ForEach(const std::function<absl::Status(const Oid&)>& visit) const {
  for (std::int64_t i = 0; i < count_; ++i) {
    Oid oid;
    std::memcpy(oid.bytes.data(), index_ + kOids + static_cast<std::size_t>(i) * Oid::kSize, Oid::kSize);
    GREFFE_RETURN_IF_ERROR(visit(oid));
  }
  return absl::OkStatus();
}

}  // namespace greffe
