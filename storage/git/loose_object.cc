#include "storage/git/loose_object.h"

#include <fcntl.h>
#include <libdeflate.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"

namespace greffe {
namespace {

constexpr std::int64_t kBlock = 65535;         // stored bytes of a block
constexpr std::int64_t kBlockHeader = 5;       // final flag, length, its complement
constexpr std::int64_t kStreamHeader = 2;      // 78 01
constexpr std::size_t kBufferBytes = 1 << 20;  // written at once
constexpr std::size_t kBlocksAtOnce = 32;      // read at once
constexpr std::int64_t kBeginBytes = std::int64_t{8} << 20;

std::string HeaderOf(std::int64_t size) { return "blob " + std::to_string(size) + '\0'; }

// Where byte `position` of the raw object (header and content) lies in the file.
std::int64_t FilePosition(std::int64_t position) {
  return kStreamHeader + (position / kBlock + 1) * kBlockHeader + position;
}

std::string BlockHeader(std::int64_t length, bool final) {
  const auto low = static_cast<char>(length & 0xff);
  const auto high = static_cast<char>(length >> 8);
  return {static_cast<char>(final ? 1 : 0), low, high, static_cast<char>(~low), static_cast<char>(~high)};
}

}  // namespace

struct LooseObjectWriter::State {
  std::string path;
  FileHandle file;
  std::int64_t size = 0;
  std::int64_t raw_size = 0;      // header and content
  std::int64_t raw_position = 0;  // taken so far
  std::int64_t header_size = 0;
  std::string buffer;  // framed bytes that are not written yet
  std::int64_t file_position = 0;
  std::int64_t begun = 0;  // of them, the disk was asked to write
  std::uint32_t adler = 1;
  BlobHasher hasher{0};
  FileHandle kept_file;   // open while what is kept is being read
  std::int64_t kept = 0;  // content bytes

  State(std::string file_path, FileHandle handle, std::int64_t content_size)
      : path(std::move(file_path)), file(std::move(handle)), size(content_size), hasher(content_size) {}

  // Whether the file has the buffer's bytes where they belong: nearly all that is taken up is there already, gigabytes
  // of it, and only a framing that does not fit is written again.
  bool IsThere() const {
    if (!kept_file.valid()) return false;
    std::string there(buffer.size(), '\0');
    const auto length = static_cast<std::int64_t>(there.size());
    return ReadAt(kept_file, there.data(), length, file_position, path).ok() && there == buffer;
  }

  absl::Status WriteOut() {
    if (!IsThere()) GREFFE_RETURN_IF_ERROR(WriteAt(file, buffer, file_position, path));
    file_position += static_cast<std::int64_t>(buffer.size());
    buffer.clear();
    // The disk begins now, so that a sync has little left to wait for. Only a hint: what it says is of no interest.
    if (file_position - begun >= kBeginBytes) {
      ::sync_file_range(file.get(), begun, file_position - begun, SYNC_FILE_RANGE_WRITE);
      begun = file_position;
    }
    return absl::OkStatus();
  }

  // Frames raw bytes.
  absl::Status Take(std::string_view data) {
    adler = libdeflate_adler32(adler, data.data(), data.size());
    while (!data.empty()) {
      const std::int64_t in_block = raw_position % kBlock;
      if (in_block == 0) {
        const std::int64_t length = std::min(kBlock, raw_size - raw_position);
        buffer += BlockHeader(length, raw_position + length == raw_size);
      }
      const auto taken = std::min<std::int64_t>(kBlock - in_block, static_cast<std::int64_t>(data.size()));
      buffer += data.substr(0, static_cast<std::size_t>(taken));
      data.remove_prefix(static_cast<std::size_t>(taken));
      raw_position += taken;
      if (buffer.size() >= kBufferBytes) GREFFE_RETURN_IF_ERROR(WriteOut());
    }
    return absl::OkStatus();
  }
};

LooseObjectWriter::LooseObjectWriter(std::unique_ptr<State> state) : state_(std::move(state)) {}
LooseObjectWriter::~LooseObjectWriter() = default;

absl::StatusOr<std::unique_ptr<LooseObjectWriter>> LooseObjectWriter::Create(const std::string& path,
                                                                             std::int64_t size) {
  GREFFE_RETURN_IF_ERROR(RemoveFile(path));  // a former attempt, which nobody but root could open to write
  GREFFE_ASSIGN_OR_RETURN(FileHandle file, OpenFile(path, O_RDWR | O_CREAT | O_EXCL, 0444));
  GREFFE_RETURN_IF_ERROR(SyncDirectory(path.substr(0, path.rfind('/'))));
  auto state = std::make_unique<State>(path, std::move(file), size);
  const std::string header = HeaderOf(size);
  state->header_size = static_cast<std::int64_t>(header.size());
  state->raw_size = state->header_size + size;
  state->buffer.reserve(kBufferBytes + kBlock);
  state->buffer = "\x78\x01";
  GREFFE_RETURN_IF_ERROR(state->Take(header));
  return std::unique_ptr<LooseObjectWriter>(new LooseObjectWriter(std::move(state)));
}

absl::StatusOr<std::unique_ptr<LooseObjectWriter>> LooseObjectWriter::Resume(const std::string& path, std::int64_t size,
                                                                             std::int64_t received) {
  const std::int64_t header_size = static_cast<std::int64_t>(HeaderOf(size).size());
  GREFFE_ASSIGN_OR_RETURN(FileHandle kept_file, OpenFile(path, O_RDONLY));
  if (::chmod(path.c_str(), 0644) != 0) return FromErrno(errno, "unlock", path);
  GREFFE_ASSIGN_OR_RETURN(FileHandle file, OpenFile(path, O_RDWR));
  auto state = std::make_unique<State>(path, std::move(file), size);
  state->header_size = header_size;
  state->raw_size = header_size + size;
  state->buffer = "\x78\x01";
  GREFFE_RETURN_IF_ERROR(state->Take(HeaderOf(size)));
  state->kept_file = std::move(kept_file);
  state->kept = received;
  return std::unique_ptr<LooseObjectWriter>(new LooseObjectWriter(std::move(state)));
}

absl::StatusOr<bool> LooseObjectWriter::TakeUp(std::int64_t most) {
  if (!state_->kept_file.valid()) return true;
  // The framing is made again; the bytes are read block by block before theirs could be written.
  std::string content;
  const std::int64_t end = std::min(state_->kept, received() + most);
  while (received() < end) {
    const std::int64_t raw = state_->raw_position;
    const std::int64_t length = std::min(kBlock - raw % kBlock, state_->kept - received());
    content.resize(static_cast<std::size_t>(length));
    GREFFE_RETURN_IF_ERROR(ReadAt(state_->kept_file, content.data(), length, FilePosition(raw), state_->path));
    GREFFE_RETURN_IF_ERROR(Append(content));
  }
  if (received() < state_->kept) return false;
  GREFFE_RETURN_IF_ERROR(state_->WriteOut());
  if (::ftruncate(state_->file.get(), state_->file_position) != 0) return FromErrno(errno, "truncate", state_->path);
  state_->kept_file = FileHandle();
  return true;
}

absl::Status LooseObjectWriter::Append(std::string_view data) {
  if (received() + static_cast<std::int64_t>(data.size()) > state_->size) {
    return Error(absl::StatusCode::kOutOfRange, "UPLOAD_TOO_LARGE",
                 "more than the announced " + std::to_string(state_->size) + " bytes");
  }
  state_->hasher.Update(data);
  return state_->Take(data);
}

absl::Status LooseObjectWriter::Sync() {
  GREFFE_RETURN_IF_ERROR(state_->WriteOut());
  return SyncFile(state_->file, state_->path);
}

std::int64_t LooseObjectWriter::received() const { return state_->raw_position - state_->header_size; }
std::int64_t LooseObjectWriter::size() const { return state_->size; }

absl::StatusOr<BlobHasher::Result> LooseObjectWriter::Finish() {
  if (received() != state_->size) {
    return Error(absl::StatusCode::kFailedPrecondition, "UPLOAD_INCOMPLETE",
                 std::to_string(received()) + " of " + std::to_string(state_->size) + " bytes have arrived");
  }
  for (int shift = 24; shift >= 0; shift -= 8) state_->buffer += static_cast<char>(state_->adler >> shift);
  GREFFE_RETURN_IF_ERROR(FaultIsOn("upload-without-sync") ? state_->WriteOut() : Sync());
  if (::fchmod(state_->file.get(), 0444) != 0) return FromErrno(errno, "lock", state_->path);
  return state_->hasher.Finish();
}

struct LooseObjectReader::State {
  std::string path;
  FileHandle file;
  std::int64_t size = 0;
  std::int64_t header_size = 0;
};

LooseObjectReader::LooseObjectReader(std::unique_ptr<State> state) : state_(std::move(state)) {}
LooseObjectReader::~LooseObjectReader() = default;

absl::StatusOr<std::unique_ptr<LooseObjectReader>> LooseObjectReader::Open(const std::string& path) {
  auto state = std::make_unique<State>();
  state->path = path;
  GREFFE_ASSIGN_OR_RETURN(state->file, OpenFile(path, O_RDONLY));
  struct stat info {};
  if (::fstat(state->file.get(), &info) != 0) return FromErrno(errno, "stat", path);
  std::string start(static_cast<std::size_t>(std::min<std::int64_t>(info.st_size, 64)), '\0');
  GREFFE_RETURN_IF_ERROR(ReadAt(state->file, start.data(), static_cast<std::int64_t>(start.size()), 0, path));
  const auto other = [&] {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_STORED", "'" + path + "' is not a stored loose object");
  };
  if (start.size() < kStreamHeader + kBlockHeader + 7 || !start.starts_with("\x78\x01") || (start[2] & 0xfe) != 0) {
    return other();
  }
  const std::size_t begin = kStreamHeader + kBlockHeader;
  const std::size_t zero = start.find('\0', begin);
  if (start.compare(begin, 5, "blob ") != 0 || zero == std::string::npos) return other();
  const std::string digits = start.substr(begin + 5, zero - begin - 5);
  if (digits.empty() || digits.size() > 18 || digits.find_first_not_of("0123456789") != std::string::npos)
    return other();
  state->size = std::stoll(digits);
  state->header_size = static_cast<std::int64_t>(zero + 1 - begin);
  const std::int64_t raw_size = state->header_size + state->size;
  // Stock git begins what does not compress with a stored block too, but of another length.
  const std::string first_block = BlockHeader(std::min(kBlock, raw_size), raw_size <= kBlock);
  if (start.compare(kStreamHeader, kBlockHeader, first_block) != 0) return other();
  const std::int64_t expected = FilePosition(raw_size - 1) + 1 + 4;
  if (info.st_size != expected) {
    return Damaged(path, "it has " + std::to_string(info.st_size) + " bytes, not " + std::to_string(expected));
  }
  return std::unique_ptr<LooseObjectReader>(new LooseObjectReader(std::move(state)));
}

std::int64_t LooseObjectReader::size() const { return state_->size; }

absl::Status LooseObjectReader::Read(std::int64_t offset, std::int64_t length, char* buffer) const {
  if (offset < 0 || length < 0 || offset + length > state_->size) {
    return Error(absl::StatusCode::kOutOfRange, "RANGE_INVALID",
                 "bytes " + std::to_string(offset) + "+" + std::to_string(length) + " lie beyond the content's " +
                     std::to_string(state_->size));
  }
  if (length == 0) return absl::OkStatus();
  const std::int64_t raw_size = state_->header_size + state_->size;
  std::int64_t position = state_->header_size + offset;
  while (length > 0) {
    // Straight into the buffer: the blocks' headers, read to a place of their own, are looked at afterwards.
    std::array<iovec, 2 * kBlocksAtOnce + 1> parts;
    std::array<std::array<char, kBlockHeader>, kBlocksAtOnce> headers;
    std::size_t part_count = 0;
    std::size_t header_count = 0;
    const std::int64_t first_header = (position + kBlock - 1) / kBlock * kBlock;
    const std::int64_t begin = FilePosition(position) - (position == first_header ? kBlockHeader : 0);
    while (length > 0 && header_count < headers.size()) {
      if (position % kBlock == 0) parts[part_count++] = {headers[header_count++].data(), kBlockHeader};
      const std::int64_t piece = std::min(kBlock - position % kBlock, length);
      parts[part_count++] = {buffer, static_cast<std::size_t>(piece)};
      buffer += piece;
      position += piece;
      length -= piece;
    }
    GREFFE_RETURN_IF_ERROR(ReadPartsAt(state_->file, {parts.data(), part_count}, begin, state_->path));
    for (std::size_t i = 0; i < header_count; ++i) {
      const std::int64_t start = first_header + static_cast<std::int64_t>(i) * kBlock;
      const std::int64_t whole = std::min(kBlock, raw_size - start);
      if (std::string_view(headers[i].data(), kBlockHeader) != BlockHeader(whole, start + whole == raw_size)) {
        return Damaged(state_->path, "its block at byte " + std::to_string(FilePosition(start)) + " is not framed");
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace greffe
