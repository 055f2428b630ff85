#include "clients/cli/companion_path.h"

namespace greffe::cli {

std::string CompanionPath(const std::string& path, const v1::File& companion) {
  const bool rendition = companion.role() == v1::FILE_ROLE_RENDITION;
  return path + (rendition ? ".renditions/" : ".attachments/") + companion.file_name();
}

}  // namespace greffe::cli
