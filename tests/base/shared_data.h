// Real input that lies beside the source tree and not in it: tests that use it are skipped where it is absent.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>
#include <string>

namespace greffe {

// The folder of that name ("office") in $GREFFE_SHARED_DATA, or else in ../shared/data beside the source tree that this
// program was built in; nullopt when it is not there. Found from where the program lies, not from __FILE__, which a
// compiler cache may have made relative.
inline std::optional<std::filesystem::path> FindSharedData(const std::string& name) {
  namespace fs = std::filesystem;
  std::error_code error;
  fs::path root;
  if (const char* given = std::getenv("GREFFE_SHARED_DATA"); given != nullptr) {
    root = given;
  } else {
    fs::path tree = fs::read_symlink("/proc/self/exe", error).parent_path();
    while (tree.has_relative_path() && !fs::exists(tree / "CMakePresets.json", error)) tree = tree.parent_path();
    root = tree.parent_path() / "shared" / "data";
  }
  const fs::path folder = root / name;
  if (!fs::is_directory(folder, error)) return std::nullopt;
  return folder;
}

// For GTEST_SKIP.
inline std::string NoSharedData(const std::string& name) {
  return "no folder '" + name + "' in $GREFFE_SHARED_DATA, nor in ../shared/data beside the source tree";
}

}  // namespace greffe
