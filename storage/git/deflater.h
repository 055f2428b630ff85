// Zlib streams (RFC 1950) of objects, each made at once.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

struct isal_zstream;
struct libdeflate_compressor;

namespace greffe {

// For one thread. ISA-L's igzip at level 1: texts of 4 KiB take it half the time of libdeflate's level 1 and become
// 3 % larger; libdeflate's level 6 would save 2 % at twice its price.
class Deflater {
 public:
  Deflater();
  ~Deflater();
  Deflater(const Deflater&) = delete;
  Deflater& operator=(const Deflater&) = delete;

  // The stream of `data`, until the next call.
  std::string_view Deflate(std::string_view data);
  // The same without deflating: for what is compressed already, or so small that it would not gain.
  std::string_view Store(std::string_view data);

 private:
  void Reserve(std::size_t bytes);

  isal_zstream* stream_;
  std::vector<unsigned char> tables_;  // igzip's
  libdeflate_compressor* storing_;
  std::string made_;  // its size is what was ever needed
};

}  // namespace greffe
