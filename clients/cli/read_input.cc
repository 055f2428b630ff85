#include "clients/cli/read_input.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <memory>

#include "clients/cpp/error.h"

namespace greffe::cli {
namespace {

// Not a C++ stream: an iterator over one that cannot be read throws, and says end where standard input failed.
absl::StatusOr<std::string> ReadStream(std::FILE* file, const std::string& name) {
  std::string bytes;
  char piece[64 << 10];
  while (const std::size_t count = std::fread(piece, 1, sizeof(piece), file)) bytes.append(piece, count);
  if (std::ferror(file) != 0) return client::FromErrno(errno, "read", name);
  return bytes;
}

}  // namespace

absl::StatusOr<std::string> ReadInput(const std::string& path) {
  if (path == "-") return ReadStream(stdin, "standard input");
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "rbe"), &std::fclose);
  if (file == nullptr) return client::FromErrno(errno, "open", path);
  return ReadStream(file.get(), path);
}

absl::StatusOr<std::string> ReadFirstLine(const std::string& path) {
  absl::StatusOr<std::string> text = ReadInput(path);
  if (!text.ok()) return text;
  text->resize(std::min(text->find('\n'), text->size()));
  if (!text->empty()) return text;
  return client::MakeError(absl::StatusCode::kInvalidArgument, "FILE_INVALID", "\"" + path + "\" has no first line");
}

}  // namespace greffe::cli
