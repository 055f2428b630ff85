// Documents of a project as files of a folder.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "clients/cli/session.h"

namespace greffe::cli {

struct FolderFetch {
  std::string source;  // only what lies below this folder of the project; empty: all
  std::string target;  // local folder; made where it is missing
  bool strip = false;  // leaves `source` out of the local paths
  v1::AsOf as_of;
};

// Writes the latest versions of that moment, verified by their hashes. All see one moment. Paths that would lead out
// of the target are refused: INVALID_ARGUMENT (PATH_UNSAFE). NOT_FOUND (FOLDER_EMPTY) when `source` is given and
// nothing is there. Tells people how many there were, or JSON: one FetchContentResponse a line, without the bytes.
absl::Status FetchFolder(Session& session, const FolderFetch& fetch);

}  // namespace greffe::cli
