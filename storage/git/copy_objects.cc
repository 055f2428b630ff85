#include "storage/git/copy_objects.h"

#include <algorithm>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr char kPacks[] = "/objects/pack";
// How often packs may be merged away while they are copied.
constexpr int kMostRounds = 20;

absl::Status CopyOne(const std::string& from, const std::string& to, CopiedObjects& result) {
  if (FileExists(to)) {
    ++result.kept_files;
    return absl::OkStatus();
  }
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t bytes, CopyFileDurably(from, to));
  ++result.copied_files;
  result.copied_bytes += bytes;
  return absl::OkStatus();
}

// "pack-<hash>" of each pack that has both its files.
absl::StatusOr<std::vector<std::string>> ListPacks(const std::string& path) {
  GREFFE_ASSIGN_OR_RETURN(std::vector<std::string> names, ListDirectory(path + kPacks));
  std::vector<std::string> packs;
  for (const std::string& name : names) {
    if (name.starts_with("pack-") && name.ends_with(".idx")) packs.push_back(name.substr(0, name.size() - 4));
  }
  return packs;
}

// NOT_FOUND when one was merged into another meanwhile.
absl::Status CopyPacks(const std::string& from, const std::string& to, CopiedObjects& result) {
  GREFFE_ASSIGN_OR_RETURN(result.packs, ListPacks(from));
  for (const std::string& pack : result.packs) {
    // The idx last: a pack is there when its idx is.
    for (const char* ending : {".pack", ".idx"}) {
      const std::string file = std::string(kPacks) + "/" + pack + ending;
      GREFFE_RETURN_IF_ERROR(CopyOne(from + file, to + file, result));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<CopiedObjects> CopyObjects(const std::string& from, const std::string& to) {
  CopiedObjects result;
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> folders, ListDirectory(from + "/objects"));
  for (const std::string& folder : folders) {
    if (folder.size() != 2) continue;
    const std::string place = "/objects/" + folder;
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(from + place));
    GREFFE_RETURN_IF_ERROR(MakeDirectories(to + place));
    for (const std::string& name : names) {
      const bool object = name.find_first_not_of("0123456789abcdef") == std::string::npos;
      if (object) GREFFE_RETURN_IF_ERROR(CopyOne(from + place + "/" + name, to + place + "/" + name, result));
    }
  }
  absl::Status copied = CopyPacks(from, to, result);
  for (int round = 1; absl::IsNotFound(copied) && round < kMostRounds; ++round) copied = CopyPacks(from, to, result);
  if (!copied.ok()) return copied;
  return result;
}

absl::Status RemoveOtherPacks(const std::string& path, const std::vector<std::string>& keep) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> packs, ListPacks(path));
  for (const std::string& pack : packs) {
    if (std::find(keep.begin(), keep.end(), pack) != keep.end()) continue;
    GREFFE_RETURN_IF_ERROR(RemoveFile(path + kPacks + "/" + pack + ".idx"));
    GREFFE_RETURN_IF_ERROR(RemoveFile(path + kPacks + "/" + pack + ".pack"));
  }
  return SyncDirectory(path + kPacks);
}

}  // namespace greffe
