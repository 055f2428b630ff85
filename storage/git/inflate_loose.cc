#include "storage/git/inflate_loose.h"

#include <sys/stat.h>
#include <zlib.h>

#include <algorithm>
#include <cerrno>
#include <cstdint>

#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::int64_t kReadAtOnce = 256 << 10;
constexpr std::size_t kInflatedAtOnce = std::size_t{64} << 10;

struct InflateStream {
  z_stream z{};
  bool ready = false;

  InflateStream() { ready = inflateInit(&z) == Z_OK; }
  InflateStream(const InflateStream&) = delete;
  InflateStream& operator=(const InflateStream&) = delete;
  ~InflateStream() { inflateEnd(&z); }
};

// What lies in [offset, end); `others`: more may follow.
absl::Status Inflate(const std::string& path, const FileHandle& file, std::int64_t offset, std::int64_t end,
                     bool others, const Pace& pace, const std::function<absl::Status(std::string_view)>& take) {
  InflateStream stream;
  std::string framed(static_cast<std::size_t>(std::min(kReadAtOnce, end - offset)), '\0');
  std::string raw(kInflatedAtOnce, '\0');
  int result = stream.ready ? Z_OK : Z_MEM_ERROR;
  while (offset < end && !(others && result == Z_STREAM_END)) {
    const std::int64_t piece = std::min(kReadAtOnce, end - offset);
    GREFFE_RETURN_IF_ERROR(ReadAt(file, framed.data(), piece, offset, path));
    offset += piece;
    stream.z.next_in = reinterpret_cast<Bytef*>(framed.data());
    stream.z.avail_in = static_cast<uInt>(piece);
    while (result == Z_OK) {
      stream.z.next_out = reinterpret_cast<Bytef*>(raw.data());
      stream.z.avail_out = static_cast<uInt>(raw.size());
      result = inflate(&stream.z, Z_NO_FLUSH);
      GREFFE_RETURN_IF_ERROR(take(std::string_view(raw).substr(0, raw.size() - stream.z.avail_out)));
      if (stream.z.avail_out > 0) break;
    }
    if (result == Z_BUF_ERROR) result = Z_OK;  // it waits for the next piece
    if (result != Z_OK && result != Z_STREAM_END) return Damaged(path, "it does not inflate");
    if (result == Z_STREAM_END && !others && (stream.z.avail_in > 0 || offset < end)) {
      return Damaged(path, "bytes follow its end");
    }
    GREFFE_RETURN_IF_ERROR(pace(piece));
  }
  return result == Z_STREAM_END ? absl::OkStatus() : Damaged(path, "it ends too early");
}

}  // namespace

absl::Status InflateLoose(const std::string& path, const FileHandle& file, const Pace& pace,
                          const std::function<absl::Status(std::string_view)>& take) {
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return FromErrno(errno, "stat", path);
  return Inflate(path, file, 0, info.st_size, false, pace, take);
}

absl::Status InflatePart(const std::string& path, const FileHandle& file, std::int64_t begin, std::int64_t end,
                         const Pace& pace, const std::function<absl::Status(std::string_view)>& take) {
  return Inflate(path, file, begin, end, true, pace, take);
}

}  // namespace greffe
