#include "storage/git/pack_file.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <utility>
#include <vector>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/git/sha1_hasher.h"

namespace greffe {
namespace {

constexpr std::size_t kWrittenAtOnce = 1 << 20;
constexpr std::int64_t kBeginBytes = std::int64_t{8} << 20;

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
    // The disk begins now: a sync of all at once would keep the journal's waiting. Only a hint.
    if (written_ - begun_ >= kBeginBytes) {
      ::sync_file_range(file_.get(), begun_, written_ - begun_, SYNC_FILE_RANGE_WRITE);
      begun_ = written_;
    }
    return absl::OkStatus();
  }

  std::string path_;
  FileHandle file_;
  Sha1Hasher hash_;
  std::string buffer_;
  std::int64_t written_ = 0;
  std::int64_t begun_ = 0;  // of them, the disk was asked to write
};

void AppendBigEndian(std::string& out, std::uint64_t number, int bytes) {
  for (int shift = 8 * (bytes - 1); shift >= 0; shift -= 8) out += static_cast<char>(number >> shift);
}

struct IndexEntry {
  Oid oid;
  std::uint32_t crc = 0;
  std::int64_t offset = 0;
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

std::string TemporaryName() {
  static std::atomic<unsigned> counter = 0;
  return std::to_string(::getpid()) + "_" + std::to_string(counter.fetch_add(1));
}

}  // namespace

void AppendEntryHead(std::string& out, int type, std::size_t size, std::int64_t distance) {
  unsigned char byte = static_cast<unsigned char>(type << 4 | (size & 15));
  for (size >>= 4; size > 0; size >>= 7) {
    out += static_cast<char>(byte | 0x80);
    byte = size & 0x7f;
  }
  out += static_cast<char>(byte);
  if (distance <= 0) return;
  char digits[10];
  int count = 0;
  auto rest = static_cast<std::uint64_t>(distance);
  digits[count++] = static_cast<char>(rest & 0x7f);
  while (rest >>= 7) digits[count++] = static_cast<char>(0x80 | (--rest & 0x7f));
  while (count > 0) out += digits[--count];
}

struct PackFile::State {
  std::string directory;
  std::string pack_path;  // temporary; "": it has its name
  std::string index_path;
  HashedFile pack;
  std::int64_t count = 0;  // of the entries that there are to be
  std::vector<IndexEntry> entries;
};

PackFile::PackFile(std::unique_ptr<State> state) : state_(std::move(state)) {}

PackFile::~PackFile() {
  for (const std::string& path : {state_->pack_path, state_->index_path}) {
    if (!path.empty()) RemoveFile(path).IgnoreError();
  }
}

absl::StatusOr<std::unique_ptr<PackFile>> PackFile::Create(const std::string& directory, std::int64_t count) {
  const std::string name = TemporaryName();
  auto state = std::make_unique<State>();
  state->directory = directory;
  state->count = count;
  state->pack_path = directory + "/tmp_pack_" + name;
  state->index_path = directory + "/" + kTemporaryIdx + name;
  GREFFE_ASSIGN_OR_RETURN(state->pack, HashedFile::Create(state->pack_path));
  std::string header = "PACK";
  AppendBigEndian(header, 2, 4);
  AppendBigEndian(header, static_cast<std::uint64_t>(count), 4);
  std::unique_ptr<PackFile> file(new PackFile(std::move(state)));
  GREFFE_RETURN_IF_ERROR(file->state_->pack.Append(header));
  file->state_->entries.reserve(static_cast<std::size_t>(count));
  return file;
}

std::int64_t PackFile::offset() const { return state_->pack.size(); }

absl::Status PackFile::Append(const Oid& oid, std::string_view entry) {
  state_->entries.push_back({oid, libdeflate_crc32(0, entry.data(), entry.size()), offset()});
  return state_->pack.Append(entry);
}

absl::StatusOr<PackFiles> PackFile::Finish() {
  const auto count = static_cast<std::int64_t>(state_->entries.size());
  if (count != state_->count) {
    return Error(absl::StatusCode::kInternal, "PACK_INCOMPLETE",
                 "a pack has " + std::to_string(count) + " objects of " + std::to_string(state_->count));
  }
  GREFFE_ASSIGN_OR_RETURN(const Oid checksum, state_->pack.Finish());
  GREFFE_RETURN_IF_ERROR(WriteIndex(state_->index_path, state_->entries, checksum));
  PackFiles files{"pack-" + checksum.Hex(), state_->pack.size(), count};
  const std::string path = state_->directory + "/" + files.pack_name;
  GREFFE_RETURN_IF_ERROR(RenameDurably(state_->pack_path, path + ".pack"));
  state_->pack_path.clear();
  GREFFE_RETURN_IF_ERROR(RenameDurably(state_->index_path, path + ".idx"));
  state_->index_path.clear();
  return files;
}

}  // namespace greffe
