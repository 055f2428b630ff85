#include "storage/git/verify_objects.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <memory>
#include <queue>
#include <string_view>

#include "absl/container/flat_hash_map.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/git/inflate_loose.h"
#include "storage/git/sha1_hasher.h"

namespace greffe {
namespace {

constexpr std::int64_t kPiece = 256 << 10;
constexpr std::int64_t kMostKept = std::int64_t{32} << 20;  // of objects that may be bases
// Of a pack's damaged objects; a pack that was zeroed has only them.
constexpr int kMostNamed = 20;

// Sound objects of a pack, the last ones that were read: mostly the bases of what comes next.
class RecentObjects {
 public:
  const GitObject* Find(const Oid& oid) const {
    const auto found = objects_.find(oid);
    return found == objects_.end() ? nullptr : found->second.get();
  }

  void Keep(const Oid& oid, GitObject object) {
    const std::int64_t bytes = BytesOf(object);
    if (!objects_.try_emplace(oid, std::make_unique<GitObject>(std::move(object))).second) return;
    order_.push(oid);
    bytes_ += bytes;
    while (bytes_ > kMostKept) {
      const auto oldest = objects_.find(order_.front());
      bytes_ -= BytesOf(*oldest->second);
      objects_.erase(oldest);
      order_.pop();
    }
  }

 private:
  static std::int64_t BytesOf(const GitObject& object) {
    constexpr std::size_t kOverhead = 150;  // its places in map and queue
    return static_cast<std::int64_t>(object.data.size() + kOverhead);
  }

  absl::flat_hash_map<Oid, std::unique_ptr<const GitObject>, std::hash<Oid>> objects_;
  std::queue<Oid> order_;
  std::int64_t bytes_ = 0;
};

absl::StatusOr<std::int64_t> SizeOf(const FileHandle& file, const std::string& path) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return FromErrno(errno, "stat", path);
  return static_cast<std::int64_t>(info.st_size);
}

absl::Status WithObject(const absl::Status& status, const Oid& oid) {
  return Error(status.code(), ReasonOf(status), std::string(status.message()) + " (object " + oid.Hex() + ")");
}

// What a file says and what its bytes say: git's packs and idx files end with the SHA-1 of what is before.
struct FileChecksum {
  std::int64_t size = 0;
  Oid computed;
  Oid written;
  Oid before;  // the 20 bytes before it: in an idx the pack's checksum
};

absl::StatusOr<FileChecksum> ChecksumOf(const std::string& path, const Pace& pace) {
  GREFFE_ASSIGN_OR_RETURN(const FileHandle file, OpenFile(path, O_RDONLY));
  FileChecksum sum;
  GREFFE_ASSIGN_OR_RETURN(sum.size, SizeOf(file, path));
  const std::int64_t end = sum.size - static_cast<std::int64_t>(Oid::kSize);
  if (end < static_cast<std::int64_t>(Oid::kSize)) return Damaged(path, "it is too short");
  Sha1Hasher hasher;
  std::string buffer(static_cast<std::size_t>(std::min(kPiece, end)), '\0');
  for (std::int64_t offset = 0; offset < end;) {
    const std::int64_t piece = std::min(kPiece, end - offset);
    GREFFE_RETURN_IF_ERROR(ReadAt(file, buffer.data(), piece, offset, path));
    hasher.Update(std::string_view(buffer).substr(0, static_cast<std::size_t>(piece)));
    offset += piece;
    GREFFE_RETURN_IF_ERROR(pace(piece));
  }
  std::string trailer(2 * Oid::kSize, '\0');
  GREFFE_RETURN_IF_ERROR(
      ReadAt(file, trailer.data(), 2 * Oid::kSize, end - static_cast<std::int64_t>(Oid::kSize), path));
  sum.before = *Oid::FromRaw(std::string_view(trailer).substr(0, Oid::kSize));
  sum.written = *Oid::FromRaw(std::string_view(trailer).substr(Oid::kSize));
  sum.computed = hasher.Finish();
  return sum;
}

// Returns the checksum of the pack that it is for.
absl::StatusOr<Oid> VerifyIndexFile(const PackReader& pack, const Pace& pace) {
  const std::string path = pack.base() + ".idx";
  GREFFE_ASSIGN_OR_RETURN(const FileChecksum index, ChecksumOf(path, pace));
  if (index.size != pack.index_size()) {
    return Damaged(path, "it has " + std::to_string(index.size) + " bytes, not " + std::to_string(pack.index_size()));
  }
  if (index.written != index.computed) return Damaged(path, "its checksum does not fit");
  return index.before;
}

absl::Status VerifyPackFile(const PackReader& pack, const Oid& checksum, const Pace& pace) {
  const std::string path = pack.base() + ".pack";
  GREFFE_ASSIGN_OR_RETURN(const FileChecksum packed, ChecksumOf(path, pace));
  if (packed.written != packed.computed) return Damaged(path, "its checksum does not fit");
  if (packed.written != checksum) return Damaged(pack.base() + ".idx", "it belongs to another pack");
  return absl::OkStatus();
}

// Hashes of an object, as it is read: its header, which ends with a zero byte within the first piece, then its content.
class ObjectHasher {
 public:
  void Take(std::string_view made) {
    id_.Update(made);
    if (made.empty()) return;
    const std::size_t header = in_content_ ? 0 : std::min(made.find('\0'), made.size() - 1) + 1;
    content_.Update(made.substr(header));
    content_bytes_ += static_cast<std::int64_t>(made.size() - header);
    in_content_ = true;
  }
  std::int64_t content_bytes() const { return content_bytes_; }
  Oid FinishId() { return id_.Finish(); }
  Sha256 FinishContent() { return content_.Finish(); }

 private:
  Sha1Hasher id_;
  Sha256Hasher content_;
  std::int64_t content_bytes_ = 0;
  bool in_content_ = false;
};

// A blob that is too large to be held. Returns its content's SHA-256; CANCELLED as `pace` says.
absl::StatusOr<Sha256> VerifyLargeBlob(const PackReader& pack, const Oid& oid, std::int64_t size, const Pace& pace) {
  ObjectHasher hasher;
  GREFFE_ASSIGN_OR_RETURN(const bool there, pack.StreamBlob(oid, [&](std::string_view made) {
    hasher.Take(made);
    return pace(static_cast<std::int64_t>(made.size()));
  }));
  if (!there || hasher.content_bytes() != size || hasher.FinishId() != oid) {
    return Damaged(pack.base() + ".pack", "an object's bytes have another hash");
  }
  return hasher.FinishContent();
}

absl::Status VerifyPackObjects(const PackReader& pack, const Pace& pace, const DamageFinding& finding,
                               const SoundObject& sound, std::int64_t most_held) {
  std::int64_t damaged = 0;
  RecentObjects recent;
  const auto known = [&](const Oid& oid) { return recent.Find(oid); };
  const auto visit = [&](const Oid& oid, absl::StatusOr<PackedObject> packed) -> absl::Status {
    if (packed.ok() && packed->streamed_bytes > 0) {
      const absl::StatusOr<Sha256> content = VerifyLargeBlob(pack, oid, packed->streamed_bytes, pace);
      if (absl::IsCancelled(content.status())) return content.status();
      if (content.ok()) {
        sound(oid, *content);
        return absl::OkStatus();
      }
      packed = content.status();
    }
    if (packed.ok() && HashObject(packed->object.type, packed->object.data) != oid) {
      packed = Damaged(pack.base() + ".pack", "an object's bytes have another hash");
    }
    if (packed.ok() && !pack.Contains(oid).value_or(false)) {
      packed = Damaged(pack.base() + ".idx", "it lists an object that it does not find");
    }
    if (packed.ok()) {
      sound(oid, std::nullopt);
      const auto bytes = static_cast<std::int64_t>(packed->object.data.size());
      recent.Keep(oid, std::move(packed->object));
      return pace(bytes);
    }
    if (++damaged <= kMostNamed) finding(WithObject(packed.status(), oid));
    return pace(0);
  };
  const absl::Status scanned = pack.Scan(known, visit, most_held);
  if (absl::IsDataLoss(scanned)) finding(scanned);  // of the idx
  if (!absl::IsDataLoss(scanned)) GREFFE_RETURN_IF_ERROR(scanned);
  if (damaged > kMostNamed) {
    finding(Damaged(pack.base() + ".pack", std::to_string(damaged - kMostNamed) + " more objects cannot be read"));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status VerifyPack(const PackReader& pack, const std::function<bool()>& is_used, const Pace& pace,
                        const DamageFinding& finding, const SoundObject& sound, std::int64_t most_held) {
  const absl::StatusOr<Oid> checksum = VerifyIndexFile(pack, pace);
  const absl::Status status = checksum.ok() ? VerifyPackFile(pack, *checksum, pace) : checksum.status();
  if (absl::IsCancelled(status)) return status;
  if (absl::IsNotFound(status) && !is_used()) return absl::OkStatus();
  if (!status.ok()) finding(status);
  return VerifyPackObjects(pack, pace, finding, sound, most_held);
}

absl::Status VerifyChecksum(const std::string& path, const Pace& pace) {
  GREFFE_ASSIGN_OR_RETURN(const FileChecksum sum, ChecksumOf(path, pace));
  return sum.written == sum.computed ? absl::OkStatus() : Damaged(path, "its checksum does not fit");
}

absl::Status VerifyChecksums(const std::string& base, const Pace& pace) {
  for (const char* file : {".pack", ".idx"}) GREFFE_RETURN_IF_ERROR(VerifyChecksum(base + file, pace));
  return absl::OkStatus();
}

absl::StatusOr<Sha256> VerifyLooseObject(const std::string& path, const Oid& oid, const Pace& pace) {
  GREFFE_ASSIGN_OR_RETURN(const FileHandle file, OpenFile(path, O_RDONLY));
  ObjectHasher hasher;
  GREFFE_RETURN_IF_ERROR(InflateLoose(path, file, pace, [&](std::string_view made) {
    hasher.Take(made);
    return absl::OkStatus();
  }));
  if (hasher.FinishId() != oid) return Damaged(path, "its bytes have another hash");
  return hasher.FinishContent();
}

}  // namespace greffe
