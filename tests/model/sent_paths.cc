#include "tests/model/sent_paths.h"

#include <set>

namespace greffe::model {

void AddPathsOf(const v1::Document& document, const v1::Version& version, std::vector<std::string>& paths) {
  paths.push_back(document.path());
  for (const v1::File& file : version.companions()) {
    const bool rendition = file.role() == v1::FILE_ROLE_RENDITION;
    paths.push_back(document.path() + (rendition ? ".renditions/" : ".attachments/") + file.file_name());
  }
}

bool DoClash(const std::vector<std::string>& paths) {
  const std::set<std::string> files(paths.begin(), paths.end());
  if (files.size() < paths.size()) return true;
  for (const std::string& path : paths) {
    for (std::size_t slash = path.find('/'); slash != std::string::npos; slash = path.find('/', slash + 1)) {
      if (files.contains(path.substr(0, slash))) return true;
    }
  }
  return false;
}

}  // namespace greffe::model
