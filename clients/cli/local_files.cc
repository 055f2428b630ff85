#include "clients/cli/local_files.h"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "clients/cli/text.h"
#include "clients/cpp/atomic_file.h"
#include "clients/cpp/error.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/utf8.h"

namespace greffe::cli {
namespace {

namespace fs = std::filesystem;

bool IsInside(const fs::path& relative) {
  return !relative.empty() && relative.is_relative() && *relative.begin() != "..";
}

// An absolute path from the current folder on, also where it leads there through links.
fs::path FromCurrentFolder(const fs::path& path) {
  std::error_code error;
  const fs::path here = fs::current_path(error);
  if (error) return path;
  const fs::path relative = path.lexically_relative(here);
  if (IsInside(relative)) return relative;
  const fs::path folder = fs::weakly_canonical(path.parent_path(), error);
  const fs::path resolved = error ? path : folder / path.filename();
  return IsInside(resolved.lexically_relative(here)) ? resolved.lexically_relative(here) : path;
}

// `name` as a path in the project: inside the current folder as it is, otherwise its last part.
std::string PathOf(const std::string& name) {
  fs::path path = fs::path(name).lexically_normal();
  if (path.has_relative_path() && !path.has_filename()) path = path.parent_path();
  if (path.is_absolute()) path = FromCurrentFolder(path);
  if (path == ".") return "";
  if (IsInside(path)) return path.generic_string();
  std::error_code error;
  // The last part of `..` is only known from where it is.
  if (path.filename() == "..") path = fs::weakly_canonical(path, error);
  return path.filename().generic_string();
}

std::string InFolder(const std::string& folder, const std::string& name) {
  if (folder.empty() || name.empty()) return folder + name;
  return folder.back() == '/' ? folder + name : folder + "/" + name;
}

// What a desktop keeps in each folder, and the lock of a file that is open in an office program.
bool IsDesktopFile(const std::string& name) {
  const auto begins = [&](const char* prefix) { return name.rfind(prefix, 0) == 0; };
  return name == ".DS_Store" || name == "Thumbs.db" || name == "desktop.ini" || begins("~$") ||
         (begins(".~lock.") && name.back() == '#');
}

// One thing in a folder; of a folder, what is in it is still to be looked at.
absl::Status Note(const fs::path& path, const std::string& inside, LocalFiles& result, std::vector<fs::path>& folders) {
  std::error_code error;
  const fs::file_status status = fs::symlink_status(path, error);
  if (status.type() == fs::file_type::not_found) return absl::OkStatus();  // others delete theirs meanwhile
  if (error) return client::FromErrno(error.value(), "look at", path.string());
  const std::string name = path.filename().string();
  if (fs::is_symlink(status)) {
    result.skipped.push_back({inside, "SYMLINK", "is a symbolic link"});
  } else if (fs::is_directory(status)) {
    if (name == ".git") {
      result.skipped.push_back({inside, "GIT_FOLDER", "is the folder of a git repository"});
    } else if (name == ".greffe") {
      result.skipped.push_back({inside, "GREFFE_FOLDER", "has the records of a project, which only the server writes"});
    } else {
      folders.push_back(path);
    }
  } else if (IsDesktopFile(name)) {
    result.skipped.push_back({inside, "DESKTOP_FILE", "is a desktop's or an office program's own, and no document"});
  } else if (client::AtomicFile::IsTemporaryName(name)) {
    result.skipped.push_back({inside, "TEMPORARY_FILE", "was left by a greffe that was killed while it fetched"});
  } else if (fs::is_regular_file(status)) {
    result.files.push_back({path.string(), Normalized(inside)});
  } else {
    result.skipped.push_back({inside, "SPECIAL_FILE", "is neither a file nor a folder"});
  }
  return absl::OkStatus();
}

// Folder by folder: what an iterator over all of them cannot open ends it.
absl::Status Collect(const fs::path& root, const std::string& prefix, LocalFiles& result) {
  std::vector<fs::path> folders = {root};
  while (!folders.empty()) {
    const fs::path folder = std::move(folders.back());
    folders.pop_back();
    std::error_code error;
    for (fs::directory_iterator it(folder, error); !error && it != fs::directory_iterator(); it.increment(error)) {
      const std::string inside = InFolder(prefix, it->path().lexically_relative(root).generic_string());
      GREFFE_CLIENT_RETURN_IF_ERROR(Note(it->path(), inside, result, folders));
    }
    const bool gone = error == std::errc::no_such_file_or_directory && folder != root;
    if (error && !gone) return client::FromErrno(error.value(), "read folder", folder.string());
  }
  return absl::OkStatus();
}

// By path, each path once.
absl::Status Sort(LocalFiles& result) {
  std::sort(result.files.begin(), result.files.end(),
            [](const LocalFile& a, const LocalFile& b) { return a.path < b.path; });
  for (std::size_t i = 1; i < result.files.size(); ++i) {
    if (result.files[i - 1].path != result.files[i].path) continue;
    return client::MakeError(absl::StatusCode::kInvalidArgument, "PATH_TWICE",
                             "\"" + result.files[i - 1].local + "\" and \"" + result.files[i].local +
                                 "\" would both have the path \"" + result.files[i].path + "\"");
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<LocalFiles> CollectFiles(const std::vector<std::string>& arguments, const std::string& to) {
  LocalFiles result;
  for (const std::string& argument : arguments) {
    std::error_code error;
    const fs::file_status status = fs::status(argument, error);
    if (!fs::exists(status)) return client::FromErrno(error ? error.value() : ENOENT, "open", argument);
    if (fs::is_directory(status)) {
      GREFFE_CLIENT_RETURN_IF_ERROR(Collect(argument, to.empty() ? PathOf(argument) : to, result));
      continue;
    }
    // A link or a pipe that is named by itself is meant.
    std::string path = PathOf(argument);
    if (!to.empty()) {
      const bool below = to.back() == '/' || arguments.size() > 1;
      path = below ? InFolder(to, fs::path(argument).filename().generic_string()) : to;
    }
    result.files.push_back({argument, Normalized(path)});
  }
  GREFFE_CLIENT_RETURN_IF_ERROR(Sort(result));
  return result;
}

absl::StatusOr<LocalFiles> CollectFolder(const std::string& folder, const std::string& to) {
  LocalFiles result;
  GREFFE_CLIENT_RETURN_IF_ERROR(Collect(folder, to, result));
  GREFFE_CLIENT_RETURN_IF_ERROR(Sort(result));
  return result;
}

absl::Status CheckUtf8(const LocalFile& file) {
  if (client::ValidUtf8(file.path) == file.path) return absl::OkStatus();
  return client::MakeError(absl::StatusCode::kInvalidArgument, "PATH_INVALID",
                           "\"" + file.path + "\" is not UTF-8; --to gives another path to a file");
}

}  // namespace greffe::cli
