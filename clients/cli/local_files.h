// Files of the local disk on their way to the server.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace greffe::cli {

struct LocalFile {
  std::string local;  // where it is
  std::string path;   // where it shall lie in the project, in Unicode NFC
};

// Something that was left out, and why.
struct Skipped {
  std::string path;
  std::string reason;  // UPPER_SNAKE_CASE
  std::string detail;
};

struct LocalFiles {
  std::vector<LocalFile> files;  // by path
  std::vector<Skipped> skipped;
};

// The files that `arguments` name, folders with all that is in them. Without `to`, a name inside the current
// folder is the path, from there on, and of others the last part is kept. With it, a single file goes to exactly that
// path, or below it when it ends with '/' or several are named; what is in a folder goes below it. Left out: symbolic
// links (SYMLINK), what is neither file nor folder (SPECIAL_FILE), folders named `.git` (GIT_FOLDER) or, as in clones
// of a project, `.greffe` (GREFFE_FOLDER), and inside folders what desktops and office programs leave beside the files
// (DESKTOP_FILE), and a greffe that was killed (TEMPORARY_FILE). What others delete while a folder is read is passed
// over. NOT_FOUND (LOCAL_FILE_NOT_FOUND); INVALID_ARGUMENT (PATH_TWICE) when two of them would have one path.
absl::StatusOr<LocalFiles> CollectFiles(const std::vector<std::string>& arguments, const std::string& to);

// All that is in `folder`, below `to` in the project.
absl::StatusOr<LocalFiles> CollectFolder(const std::string& folder, const std::string& to);

// INVALID_ARGUMENT (PATH_INVALID) when the path is not UTF-8.
absl::Status CheckUtf8(const LocalFile& file);

}  // namespace greffe::cli
