#include "storage/git/pack_reader.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/pace.h"
#include "storage/git/inflate_loose.h"
#include "storage/git/object_format.h"
#include "storage/git/pack_writer.h"

namespace greffe {
namespace {

constexpr int kRefDelta = 7;
constexpr std::int64_t kFirstObject = 12;  // behind the pack's header
constexpr int kMaxChain = 4096;
constexpr std::int64_t kFirstRead = 4096;
constexpr std::int64_t kMostHead = 64;  // of an object, before its stream
constexpr std::uint64_t kMostInflation = 1032;

struct Inflater {
  libdeflate_decompressor* handle = libdeflate_alloc_decompressor();
  ~Inflater() { libdeflate_free_decompressor(handle); }
};

constexpr std::int64_t kScanned = std::int64_t{1} << 20;

}  // namespace

// What lies before an object's zlib stream.
struct PackReader::EntryHead {
  int type = 0;
  std::uint64_t size = 0;        // of what the stream inflates to
  std::int64_t base_offset = 0;  // of a delta's base; 0: none
  std::size_t length = 0;        // of the head itself

  bool IsWholeBlob() const { return base_offset == 0 && type == static_cast<int>(ObjectType::kBlob); }

  // Deflate cannot grow data by more than this; the entry ends before.
  std::int64_t MostBytes() const { return static_cast<std::int64_t>(size + size / 1000 + 64 + length); }
};

// Where the idx says that an object lies.
struct PackReader::Place {
  std::int64_t offset;
  std::int64_t position;  // in the idx
};

// A part of the pack that moves on, for a reader that comes from the front.
class PackReader::Window {
 public:
  explicit Window(const PackReader& pack) : pack_(pack) {}

  // `bytes` from `offset` on, until the next call. They must end before the pack does.
  absl::StatusOr<std::string_view> At(std::int64_t offset, std::int64_t bytes) {
    if (offset < start_ || offset + bytes > start_ + static_cast<std::int64_t>(buffer_.size())) {
      // Where a part cannot be read, what is before it can.
      if (!Read(offset, std::max(bytes, std::min(kScanned, pack_.End() - offset))).ok()) {
        GREFFE_RETURN_IF_ERROR(Read(offset, bytes));
      }
    }
    return std::string_view(buffer_).substr(static_cast<std::size_t>(offset - start_), static_cast<std::size_t>(bytes));
  }

 private:
  absl::Status Read(std::int64_t offset, std::int64_t bytes) {
    if (buffer_.capacity() > 4 * kScanned && bytes <= kScanned) buffer_ = std::string();
    buffer_.resize(static_cast<std::size_t>(bytes));
    start_ = offset;
    const absl::Status status = ReadAt(pack_.pack_, buffer_.data(), bytes, offset, pack_.path_);
    if (!status.ok()) buffer_.clear();
    return status;
  }

  const PackReader& pack_;
  std::string buffer_;
  std::int64_t start_ = 0;
};

absl::StatusOr<std::shared_ptr<const PackReader>> PackReader::Open(const std::string& base, std::int64_t most_held) {
  std::shared_ptr<PackReader> reader(new PackReader());
  reader->base_ = base;
  reader->path_ = base + ".pack";
  GREFFE_ASSIGN_OR_RETURN(reader->pack_, OpenFile(reader->path_, O_RDONLY));
  struct stat info {};
  if (::fstat(reader->pack_.get(), &info) != 0) return FromErrno(errno, "stat", reader->path_);
  reader->pack_size_ = info.st_size;
  GREFFE_ASSIGN_OR_RETURN(reader->index_, PackIndex::Open(base + ".idx", most_held));
  char header[12];
  GREFFE_RETURN_IF_ERROR(ReadAt(reader->pack_, header, sizeof header, 0, reader->path_));
  if (std::memcmp(header, "PACK\0\0\0\2", 8) != 0) return Damaged(reader->path_, "it is not a pack, version 2");
  return reader;
}

absl::StatusOr<bool> PackReader::Contains(const Oid& oid) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::int64_t> position, index_->Find(oid));
  return position.has_value();
}

absl::StatusOr<bool> PackReader::ContainsAllOf(const PackReader& other) const {
  std::int64_t here = -1;
  Oid oid;                                                               // at `here`
  for (std::int64_t there = 0; there < other.object_count(); ++there) {  // both are in the order of ids
    GREFFE_ASSIGN_OR_RETURN(const Oid wanted, other.index_->OidAt(there));
    while (here < 0 || oid < wanted) {
      if (++here == object_count()) return false;
      GREFFE_ASSIGN_OR_RETURN(oid, index_->OidAt(here));
    }
    if (oid != wanted) return false;
  }
  return true;
}

absl::StatusOr<bool> PackReader::ContainsAnyOf(const PackReader& other) const {
  for (std::int64_t there = 0; there < other.object_count(); ++there) {
    GREFFE_ASSIGN_OR_RETURN(const Oid oid, other.index_->OidAt(there));
    GREFFE_ASSIGN_OR_RETURN(const bool here, Contains(oid));
    if (here) return true;
  }
  return false;
}

absl::StatusOr<bool> PackReader::IsContainedIn(const std::vector<std::shared_ptr<const PackReader>>& others) const {
  for (std::int64_t position = 0; position < object_count(); ++position) {
    GREFFE_ASSIGN_OR_RETURN(const Oid oid, index_->OidAt(position));
    // One that cannot be read vouches for nothing.
    if (std::none_of(others.begin(), others.end(),
                     [&](const auto& other) { return other->Contains(oid).value_or(false); })) {
      return false;
    }
  }
  return true;
}

absl::StatusOr<std::optional<std::int64_t>> PackReader::FindOffset(const Oid& oid) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::int64_t> position, index_->Find(oid));
  if (!position) return std::nullopt;
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t offset, index_->OffsetAt(*position));
  return offset;
}

absl::StatusOr<std::optional<GitObject>> PackReader::Read(const Oid& oid) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::int64_t> offset, FindOffset(oid));
  if (!offset) return std::nullopt;
  GREFFE_ASSIGN_OR_RETURN(GitObject object, ReadAtOffset(*offset, 0));
  return object;
}

absl::StatusOr<bool> PackReader::StreamBlob(const Oid& oid,
                                            const std::function<absl::Status(std::string_view)>& take) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::int64_t> offset, FindOffset(oid));
  if (!offset) return false;
  if (*offset < kFirstObject || *offset >= End()) return DamagedAt(*offset, "there is no object");
  char first[kMostHead];
  const std::string_view raw(first, static_cast<std::size_t>(std::min(kMostHead, End() - *offset)));
  GREFFE_RETURN_IF_ERROR(ReadAt(pack_, first, static_cast<std::int64_t>(raw.size()), *offset, path_));
  GREFFE_ASSIGN_OR_RETURN(const EntryHead head, ParseHead(raw, *offset));
  if (!head.IsWholeBlob()) return false;
  GREFFE_RETURN_IF_ERROR(take("blob " + std::to_string(head.size) + '\0'));
  GREFFE_RETURN_IF_ERROR(
      InflatePart(path_, pack_, *offset + static_cast<std::int64_t>(head.length), End(), FullSpeed, take));
  return true;
}

absl::Status PackReader::DamagedAt(std::int64_t offset, const std::string& finding) const {
  return Damaged(path_, finding + " at byte " + std::to_string(offset));
}

absl::StatusOr<PackReader::EntryHead> PackReader::ParseHead(std::string_view raw, std::int64_t offset) const {
  std::size_t position = 0;
  const auto next = [&]() -> unsigned char {
    return position < raw.size() ? static_cast<unsigned char>(raw[position++]) : 0;
  };
  EntryHead head;
  unsigned char byte = next();
  head.type = byte >> 4 & 7;
  head.size = byte & 15;
  for (int shift = 4; (byte & 0x80) != 0 && shift < 60; shift += 7) {
    byte = next();
    head.size |= std::uint64_t{static_cast<unsigned char>(byte & 0x7f)} << shift;
  }
  if (head.type == kOfsDelta) {
    byte = next();
    std::uint64_t distance = byte & 0x7f;
    for (int digits = 0; (byte & 0x80) != 0 && digits < 9; ++digits) {
      byte = next();
      distance = (distance + 1) << 7 | (byte & 0x7f);
    }
    if (distance == 0 || distance > static_cast<std::uint64_t>(offset - kFirstObject)) {
      return DamagedAt(offset, "a delta's base is not before it");
    }
    head.base_offset = offset - static_cast<std::int64_t>(distance);
  } else if (head.type == kRefDelta) {
    if (position + Oid::kSize > raw.size()) return DamagedAt(offset, "a delta is cut off");
    GREFFE_ASSIGN_OR_RETURN(const std::optional<std::int64_t> base,
                            FindOffset(*Oid::FromRaw(raw.substr(position, Oid::kSize))));
    position += Oid::kSize;
    if (!base || *base < kFirstObject || *base == offset) {
      return DamagedAt(offset, "a delta's base is not in the pack");
    }
    head.base_offset = *base;
  } else if (head.type < 1 || head.type > 4) {
    return DamagedAt(offset, "an object has no type");
  }
  head.length = position;
  return head;
}

absl::Status PackReader::CheckCanBeHeld(const EntryHead& head, std::int64_t offset) const {
  if (static_cast<std::int64_t>(head.size) <= kMaxPackedObjectBytes) return absl::OkStatus();
  return DamagedAt(offset, "an object is too large");
}

absl::StatusOr<std::string> PackReader::Inflate(std::string_view& raw, const EntryHead& head,
                                                std::int64_t offset) const {
  static thread_local const Inflater inflater;
  // No stream says more than that (a match of 258 bytes takes two bits): a damaged size is no reason to take memory.
  if (head.size > raw.size() * kMostInflation + 64) return DamagedAt(offset, "an object does not inflate");
  std::string data(head.size, '\0');
  std::size_t used = 0;
  std::size_t produced = 0;
  const libdeflate_result result = libdeflate_zlib_decompress_ex(inflater.handle, raw.data(), raw.size(), data.data(),
                                                                 data.size(), &used, &produced);
  if ((result != LIBDEFLATE_SUCCESS && result != LIBDEFLATE_SHORT_OUTPUT) || produced != head.size) {
    return DamagedAt(offset, "an object does not inflate");
  }
  raw = raw.substr(0, used);
  return data;
}

absl::StatusOr<GitObject> PackReader::ReadAtOffset(std::int64_t offset, int depth) const {
  if (offset < kFirstObject || offset >= End()) return DamagedAt(offset, "there is no object");
  if (depth > kMaxChain) return DamagedAt(offset, "a chain of deltas is too long");
  // Most entries are small and need no memory of their own; nothing of it is needed when a base is read.
  static thread_local char first[kFirstRead];
  std::string_view raw(first, static_cast<std::size_t>(std::min(kFirstRead, End() - offset)));
  GREFFE_RETURN_IF_ERROR(ReadAt(pack_, first, static_cast<std::int64_t>(raw.size()), offset, path_));
  GREFFE_ASSIGN_OR_RETURN(const EntryHead head, ParseHead(raw, offset));
  GREFFE_RETURN_IF_ERROR(CheckCanBeHeld(head, offset));
  const std::int64_t want = std::min(head.MostBytes(), End() - offset);
  std::string large;
  if (const auto had = static_cast<std::int64_t>(raw.size()); want > had) {
    large.reserve(static_cast<std::size_t>(want));
    large = raw;
    large.resize(static_cast<std::size_t>(want));
    GREFFE_RETURN_IF_ERROR(ReadAt(pack_, large.data() + had, want - had, offset + had, path_));
    raw = large;
  }
  std::string_view deflated = raw.substr(head.length);
  GREFFE_ASSIGN_OR_RETURN(std::string data, Inflate(deflated, head, offset));
  if (head.base_offset == 0) return GitObject{static_cast<ObjectType>(head.type), std::move(data)};
  GREFFE_ASSIGN_OR_RETURN(const GitObject base, ReadAtOffset(head.base_offset, depth + 1));
  absl::StatusOr<std::string> target = ApplyDelta(base.data, data);
  if (!target.ok()) return DamagedAt(offset, "a delta does not fit its base");
  return GitObject{base.type, *std::move(target)};
}

absl::StatusOr<std::vector<PackReader::Place>> PackReader::ListPlaces() const {
  std::vector<Place> places;
  places.reserve(static_cast<std::size_t>(object_count()));
  for (std::int64_t i = 0; i < object_count(); ++i) {
    GREFFE_ASSIGN_OR_RETURN(const std::int64_t offset, index_->OffsetAt(i));
    places.push_back({offset, i});
  }
  std::sort(places.begin(), places.end(), [](const Place& a, const Place& b) { return a.offset < b.offset; });
  return places;
}

absl::StatusOr<Oid> PackReader::BaseOf(const std::vector<Place>& places, const EntryHead& head,
                                       std::int64_t offset) const {
  const auto base = std::lower_bound(places.begin(), places.end(), head.base_offset,
                                     [](const Place& place, std::int64_t wanted) { return place.offset < wanted; });
  if (base == places.end() || base->offset != head.base_offset) {
    return DamagedAt(offset, "a delta's base is no object of the pack");
  }
  return index_->OidAt(base->position);
}

absl::StatusOr<PackedObject> PackReader::ReadInWindow(const std::vector<Place>& places, std::size_t at, Window& window,
                                                      const Known& known, std::int64_t most_held) const {
  const std::int64_t offset = places[at].offset;
  const std::int64_t end = at + 1 < places.size() ? std::min(places[at + 1].offset, End()) : End();
  if (offset < kFirstObject || offset >= end) return DamagedAt(offset, "there is no object");
  GREFFE_ASSIGN_OR_RETURN(std::string_view raw, window.At(offset, std::min(kFirstRead, end - offset)));
  GREFFE_ASSIGN_OR_RETURN(const EntryHead head, ParseHead(raw, offset));
  PackedObject packed;
  if (const auto size = static_cast<std::int64_t>(head.size); head.IsWholeBlob() && size > most_held) {
    packed.object.type = ObjectType::kBlob;
    packed.streamed_bytes = size;
    return packed;
  }
  GREFFE_RETURN_IF_ERROR(CheckCanBeHeld(head, offset));
  GREFFE_ASSIGN_OR_RETURN(raw, window.At(offset, std::min(head.MostBytes(), end - offset)));
  raw.remove_prefix(std::min(head.length, raw.size()));
  GREFFE_ASSIGN_OR_RETURN(std::string data, Inflate(raw, head, offset));
  packed.deflated = raw;
  if (head.base_offset == 0) {
    packed.object = {static_cast<ObjectType>(head.type), std::move(data)};
    return packed;
  }
  GREFFE_ASSIGN_OR_RETURN(packed.base, BaseOf(places, head, offset));
  packed.delta_bytes = static_cast<std::int64_t>(data.size());
  const GitObject* object = known(packed.base);
  GitObject read;
  if (object == nullptr) {
    GREFFE_ASSIGN_OR_RETURN(read, ReadAtOffset(head.base_offset, 1));
    object = &read;
  }
  absl::StatusOr<std::string> target = ApplyDelta(object->data, data);
  if (!target.ok()) return DamagedAt(offset, "a delta does not fit its base");
  packed.object = {object->type, *std::move(target)};
  return packed;
}

absl::Status PackReader::Scan(const Known& known, const Visit& visit, std::int64_t most_held) const {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<Place> places, ListPlaces());
  Window window(*this);
  for (std::size_t i = 0; i < places.size(); ++i) {
    GREFFE_ASSIGN_OR_RETURN(const Oid oid, index_->OidAt(places[i].position));
    absl::StatusOr<PackedObject> packed = ReadInWindow(places, i, window, known, most_held);
    if (!packed.ok()) {
      // A wrong place of another one may be why.
      absl::StatusOr<GitObject> object = ReadAtOffset(places[i].offset, 0);
      packed =
          object.ok() ? absl::StatusOr<PackedObject>(PackedObject{*std::move(object), {}, 0, {}, 0}) : object.status();
    }
    GREFFE_RETURN_IF_ERROR(visit(oid, std::move(packed)));
  }
  return absl::OkStatus();
}

absl::Status PackReader::ScanStored(const std::function<absl::Status(const StoredEntry&)>& visit) const {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<Place> places, ListPlaces());
  Window window(*this);
  for (std::size_t i = 0; i < places.size(); ++i) {
    const std::int64_t offset = places[i].offset;
    const std::int64_t end = i + 1 < places.size() ? places[i + 1].offset : End();
    if (offset < kFirstObject || offset >= end || end > End()) return DamagedAt(offset, "there is no object");
    if (end - offset > kMostScanned) {
      return Error(absl::StatusCode::kResourceExhausted, "OBJECT_TOO_LARGE", "an object is too large to be copied");
    }
    GREFFE_ASSIGN_OR_RETURN(std::string_view raw, window.At(offset, end - offset));
    GREFFE_ASSIGN_OR_RETURN(const std::uint32_t crc, index_->CrcAt(places[i].position));
    if (libdeflate_crc32(0, raw.data(), raw.size()) != crc) return DamagedAt(offset, "an object has another checksum");
    GREFFE_ASSIGN_OR_RETURN(const EntryHead head, ParseHead(raw, offset));
    StoredEntry entry;
    GREFFE_ASSIGN_OR_RETURN(entry.oid, index_->OidAt(places[i].position));
    entry.type = head.type;
    entry.size = head.size;
    if (head.base_offset != 0) {
      entry.type = kOfsDelta;
      GREFFE_ASSIGN_OR_RETURN(entry.base, BaseOf(places, head, offset));
    }
    entry.deflated = raw.substr(head.length);
    GREFFE_RETURN_IF_ERROR(visit(entry));
  }
  return absl::OkStatus();
}

}  // namespace greffe
