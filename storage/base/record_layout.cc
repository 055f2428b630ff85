#include "storage/base/record_layout.h"

#include "storage/base/hashing.h"

namespace greffe {

std::string DocumentRecordPath(std::string_view number) { return ShardedPath("documents", number); }

std::string ShardedPath(std::string_view collection, std::string_view id) {
  const std::string digits = Sha256Of(id).Hex();
  std::string path = ".greffe/";
  path += collection;
  path += '/';
  for (int level = 0; level < 3; ++level) {
    path += digits[level];
    path += '/';
  }
  path += id;
  path += ".json";
  return path;
}

std::string CompanionFolder(std::string_view path, v1::FileRole role) {
  return std::string(path) + (role == v1::FILE_ROLE_RENDITION ? ".renditions" : ".attachments");
}

std::string ContentPath(std::string_view path, const v1::File& file) {
  if (file.role() == v1::FILE_ROLE_MAIN || file.role() == v1::FILE_ROLE_UNSPECIFIED) return std::string(path);
  return CompanionFolder(path, file.role()) + "/" + file.file_name();
}

}  // namespace greffe
