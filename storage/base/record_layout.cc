#include "storage/base/record_layout.h"

#include "storage/base/hashing.h"

namespace greffe {

std::string DocumentRecordPath(std::string_view number) {
  const std::string digits = Sha256Of(number).Hex();
  std::string path = ".greffe/documents/";
  for (int level = 0; level < 3; ++level) {
    path += digits[level];
    path += '/';
  }
  path += number;
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
