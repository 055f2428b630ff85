#include "storage/git/pack_writer.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <openssl/evp.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>

#include "absl/container/flat_hash_map.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/media_type.h"
#include "storage/git/deflater.h"
#include "storage/git/object_format.h"

namespace greffe {
namespace {

constexpr std::size_t kWrittenAtOnce = 1 << 20;
constexpr std::int64_t kMinDeltaSize = 64;
// A delta up to this size is little but an id: deflate would save nothing and clear 128 KiB of tables to find that out.
constexpr std::size_t kMinDeflated = 128;

class Sha1 {
 public:
  Sha1() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha1(), nullptr); }
  void Update(std::string_view data) { EVP_DigestUpdate(context_.get(), data.data(), data.size()); }
  Oid Finish() {
    Oid digest;
    EVP_DigestFinal_ex(context_.get(), digest.bytes.data(), nullptr);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

// A file that is written from front to back, hashed on the way.
class HashedFile {
 public:
  static absl::StatusOr<HashedFile> Create(const std::string& path) {
    HashedFile file;
    file.path_ = path;
    GREFFE_ASSIGN_OR_RETURN(file.file_, OpenFile(path, O_WRONLY | O_CREAT | O_EXCL, 0444));
    return file;
  }

  absl::Status Append(std::string_view data) {
    buffer_ += data;
    return buffer_.size() < kWrittenAtOnce ? absl::OkStatus() : WriteOut();
  }

  std::int64_t size() const { return written_ + static_cast<std::int64_t>(buffer_.size()); }

  // Ends with the hash of all before, synced.
  absl::StatusOr<Oid> Finish() {
    GREFFE_RETURN_IF_ERROR(WriteOut());
    const Oid digest = hash_.Finish();
    GREFFE_RETURN_IF_ERROR(WriteAt(file_, digest.Raw(), written_, path_));
    written_ += static_cast<std::int64_t>(Oid::kSize);
    if (!FaultIsOn("pack-without-sync")) GREFFE_RETURN_IF_ERROR(SyncFile(file_, path_));
    return digest;
  }

 private:
  absl::Status WriteOut() {
    hash_.Update(buffer_);
    GREFFE_RETURN_IF_ERROR(WriteAt(file_, buffer_, written_, path_));
    written_ += static_cast<std::int64_t>(buffer_.size());
    buffer_.clear();
    return absl::OkStatus();
  }

  std::string path_;
  FileHandle file_;
  Sha1 hash_;
  std::string buffer_;
  std::int64_t written_ = 0;
};

void AppendBigEndian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

struct IndexEntry {
  Oid oid;
  std::uint32_t crc = 0;
  std::int64_t offset = 0;
};

// Turns objects into pack entries.
class EntryEncoder {
 public:
  // `distance`: back to the base of a delta; 0: none.
  std::string_view Encode(int type, std::string_view data, std::int64_t distance, bool store) {
    return Copy(type, data.size(), distance, store ? deflater_.Store(data) : deflater_.Deflate(data));
  }

  // `size`: what `deflated` inflates to.
  std::string_view Copy(int type, std::size_t size, std::int64_t distance, std::string_view deflated) {
    Begin(type, size, distance);
    entry_ += deflated;
    return entry_;
  }

 private:
  void Begin(int type, std::size_t size, std::int64_t distance) {
    entry_.clear();
    unsigned char byte = static_cast<unsigned char>(type << 4 | (size & 15));
    for (size >>= 4; size > 0; size >>= 7) {
      entry_ += static_cast<char>(byte | 0x80);
      byte = size & 0x7f;
    }
    entry_ += static_cast<char>(byte);
    if (distance > 0) {
      char digits[10];
      int count = 0;
      auto rest = static_cast<std::uint64_t>(distance);
      digits[count++] = static_cast<char>(rest & 0x7f);
      while (rest >>= 7) digits[count++] = static_cast<char>(0x80 | (--rest & 0x7f));
      while (count > 0) entry_ += digits[--count];
    }
  }

  Deflater deflater_;
  std::string entry_;
};

absl::Status WriteIndex(const std::string& path, std::vector<IndexEntry>& entries, const Oid& pack) {
  std::sort(entries.begin(), entries.end(), [](const IndexEntry& a, const IndexEntry& b) { return a.oid < b.oid; });
  GREFFE_ASSIGN_OR_RETURN(HashedFile file, HashedFile::Create(path));
  std::string part = "\377tOc";
  AppendBigEndian(part, 2, 4);
  std::size_t position = 0;
  for (int first = 0; first < 256; ++first) {
    while (position < entries.size() && entries[position].oid.bytes[0] <= first) ++position;
    AppendBigEndian(part, position, 4);
  }
  GREFFE_RETURN_IF_ERROR(file.Append(part));
  for (const IndexEntry& entry : entries) GREFFE_RETURN_IF_ERROR(file.Append(entry.oid.Raw()));
  part.clear();
  for (const IndexEntry& entry : entries) AppendBigEndian(part, entry.crc, 4);
  std::string large;
  for (const IndexEntry& entry : entries) {
    if (entry.offset < 0x80000000) {
      AppendBigEndian(part, static_cast<std::uint64_t>(entry.offset), 4);
    } else {
      AppendBigEndian(part, 0x80000000 | large.size() / 8, 4);
      AppendBigEndian(large, static_cast<std::uint64_t>(entry.offset), 8);
    }
  }
  GREFFE_RETURN_IF_ERROR(file.Append(part));
  GREFFE_RETURN_IF_ERROR(file.Append(large));
  GREFFE_RETURN_IF_ERROR(file.Append(pack.Raw()));
  return file.Finish().status();
}

absl::StatusOr<PackFiles> WriteBoth(const std::string& directory, const std::string& temporary_pack,
                                    const std::string& temporary_index, const std::vector<PackInput>& objects) {
  // Each id once; the first place it has is the one that counts.
  using Places = absl::flat_hash_map<Oid, std::size_t, std::hash<Oid>>;
  Places positions;
  positions.reserve(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) positions.try_emplace(objects[i].oid, i);
  // The object that came in the place of this one: its base.
  Places successors;
  successors.reserve(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (!objects[i].predecessor.IsZero() && positions.contains(objects[i].predecessor)) {
      successors[objects[i].predecessor] = positions[objects[i].oid];
    }
  }

  GREFFE_ASSIGN_OR_RETURN(HashedFile pack, HashedFile::Create(temporary_pack));
  std::string header = "PACK";
  AppendBigEndian(header, 2, 4);
  AppendBigEndian(header, positions.size(), 4);
  GREFFE_RETURN_IF_ERROR(pack.Append(header));

  EntryEncoder encoder;
  std::vector<IndexEntry> entries;
  entries.reserve(positions.size());
  struct Written {
    std::int64_t offset = 0;  // 0: not yet
    int depth = 0;
  };
  std::vector<Written> written(objects.size());
  // From the newest back, so that a base is written before what is a delta of it.
  for (std::size_t i = objects.size(); i-- > 0;) {
    const PackInput& object = objects[i];
    if (positions[object.oid] != i) continue;
    const PackInput::Stored& stored = object.stored;
    const bool compressed = object.type == ObjectType::kBlob && IsCompressed(object.data);
    std::string delta;
    bool copied_delta = false;
    std::size_t base = 0;
    if (const auto successor = successors.find(object.oid);
        successor != successors.end() && static_cast<std::int64_t>(object.data.size()) >= kMinDeltaSize) {
      base = successor->second;
      if (written[base].offset > 0 && written[base].depth < kMaxDeltaDepth && objects[base].type == object.type &&
          !compressed) {
        copied_delta = !stored.deflated.empty() && stored.delta_bytes > 0 && stored.base == objects[base].oid;
        if (!copied_delta) delta = MakeDelta(objects[base].data, object.data);
      }
    }
    const std::int64_t offset = pack.size();
    const std::int64_t distance = offset - written[base].offset;
    const int type = static_cast<int>(object.type);
    std::string_view entry;
    if (copied_delta) {
      entry = encoder.Copy(kOfsDelta, static_cast<std::size_t>(stored.delta_bytes), distance, stored.deflated);
    } else if (!delta.empty()) {
      entry = encoder.Encode(kOfsDelta, delta, distance, delta.size() <= kMinDeflated);
    } else if (!stored.deflated.empty() && stored.delta_bytes == 0) {
      entry = encoder.Copy(type, object.data.size(), 0, stored.deflated);
    } else {
      entry = encoder.Encode(type, object.data, 0, compressed);
    }
    written[i] = {offset, copied_delta || !delta.empty() ? written[base].depth + 1 : 0};
    entries.push_back({object.oid, libdeflate_crc32(0, entry.data(), entry.size()), written[i].offset});
    GREFFE_RETURN_IF_ERROR(pack.Append(entry));
  }
  GREFFE_ASSIGN_OR_RETURN(const Oid checksum, pack.Finish());
  GREFFE_RETURN_IF_ERROR(WriteIndex(temporary_index, entries, checksum));

  PackFiles files{"pack-" + checksum.Hex(), pack.size(), static_cast<std::int64_t>(entries.size())};
  const std::string path = directory + "/" + files.pack_name;
  GREFFE_RETURN_IF_ERROR(RenameDurably(temporary_pack, path + ".pack"));
  GREFFE_RETURN_IF_ERROR(RenameDurably(temporary_index, path + ".idx"));
  return files;
}

}  // namespace

absl::StatusOr<PackFiles> WritePackFiles(const std::string& directory, const std::vector<PackInput>& objects) {
  static std::atomic<unsigned> counter = 0;
  // No ending of a pack's: neither git nor a refresh may take an unfinished file for one.
  const std::string name = std::to_string(::getpid()) + "_" + std::to_string(counter.fetch_add(1));
  const std::string pack = directory + "/tmp_pack_" + name;
  const std::string index = directory + "/tmp_idx_" + name;
  absl::StatusOr<PackFiles> files = WriteBoth(directory, pack, index, objects);
  if (!files.ok()) {
    RemoveFile(pack).IgnoreError();
    RemoveFile(index).IgnoreError();
  }
  return files;
}

}  // namespace greffe
