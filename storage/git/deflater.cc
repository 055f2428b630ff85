#include "storage/git/deflater.h"

#include <isa-l/igzip_lib.h>
#include <libdeflate.h>

#include <cstdint>
#include <limits>

namespace greffe {
namespace {

// Zlib's header and checksum, and five bytes before each 64 KiB that are stored: where deflate needs more, they are. No
// reader has to expect more.
constexpr std::size_t MostDeflatedBytes(std::size_t size) { return size + 5 * (size / 0xffff + 1) + 6; }

}  // namespace

Deflater::Deflater()
    : stream_(new isal_zstream()), tables_(ISAL_DEF_LVL1_DEFAULT), storing_(libdeflate_alloc_compressor(0)) {}

Deflater::~Deflater() {
  delete stream_;
  libdeflate_free_compressor(storing_);
}

std::string_view Deflater::Deflate(std::string_view data) {
  const std::size_t most = MostDeflatedBytes(data.size());
  if (most > std::numeric_limits<std::uint32_t>::max()) return Store(data);
  Reserve(most);
  isal_deflate_stateless_init(stream_);
  stream_->level = 1;
  stream_->level_buf = tables_.data();
  stream_->level_buf_size = static_cast<std::uint32_t>(tables_.size());
  stream_->gzip_flag = IGZIP_ZLIB;
  stream_->end_of_stream = 1;
  stream_->flush = NO_FLUSH;
  // igzip only reads it.
  stream_->next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(data.data()));
  stream_->avail_in = static_cast<std::uint32_t>(data.size());
  stream_->next_out = reinterpret_cast<std::uint8_t*>(made_.data());
  stream_->avail_out = static_cast<std::uint32_t>(most);
  if (isal_deflate_stateless(stream_) != COMP_OK || stream_->avail_in > 0) return Store(data);
  return std::string_view(made_).substr(0, stream_->total_out);
}

std::string_view Deflater::Store(std::string_view data) {
  Reserve(libdeflate_zlib_compress_bound(storing_, data.size()));
  return std::string_view(made_).substr(
      0, libdeflate_zlib_compress(storing_, data.data(), data.size(), made_.data(), made_.size()));
}

void Deflater::Reserve(std::size_t bytes) {
  if (made_.size() < bytes) made_.resize(bytes);
}

}  // namespace greffe
