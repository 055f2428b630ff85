#include "clients/cli/companion_path.h"

#include <string_view>

namespace greffe::cli {
namespace {

constexpr std::string_view kRenditions = ".renditions";
constexpr std::string_view kAttachments = ".attachments";

}  // namespace

std::string CompanionPath(const std::string& path, const v1::File& companion) {
  const bool rendition = companion.role() == v1::FILE_ROLE_RENDITION;
  return path + std::string(rendition ? kRenditions : kAttachments) + "/" + companion.file_name();
}

std::string OwnerPath(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return "";
  const std::string_view folder = std::string_view(path).substr(0, slash);
  for (const std::string_view suffix : {kRenditions, kAttachments}) {
    if (folder.ends_with(suffix)) return std::string(folder.substr(0, folder.size() - suffix.size()));
  }
  return "";
}

}  // namespace greffe::cli
