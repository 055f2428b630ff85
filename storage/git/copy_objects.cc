#include "storage/git/copy_objects.h"

#include <fcntl.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <iterator>
#include <memory>
#include <optional>
#include <system_error>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/git/loose_places.h"
#include "storage/git/pack_reader.h"
#include "storage/git/verify_objects.h"

namespace greffe {
namespace {

constexpr char kPacks[] = "/objects/pack";
constexpr char kIdx[] = ".idx";
// How often packs may be merged away while they are copied.
constexpr int kMostRounds = 20;

// Whether the file at `path`, an object if `oid`, says of itself that it is damaged, or cannot be read.
absl::Status CheckFile(const std::string& path, const std::optional<Oid>& oid) {
  return oid ? VerifyLooseObject(path, *oid, FullSpeed).status() : VerifyChecksum(path, FullSpeed);
}

struct FileFacts {
  std::int64_t size = 0;
  timespec written = {};
  timespec placed = {};  // or changed otherwise; nobody sets it back

  // What took the place of a damaged file may have been written before that was copied.
  bool IsNewerThan(const FileFacts& copy) const {
    const auto since = [&](const timespec& at) {
      return std::pair(at.tv_sec, at.tv_nsec) > std::pair(copy.written.tv_sec, copy.written.tv_nsec);
    };
    return since(written) || since(placed);
  }
};

absl::StatusOr<FileFacts> FactsOf(const std::string& path) {
  struct stat info {};
  if (::stat(path.c_str(), &info) != 0) return FromErrno(errno, "stat", path);
  return FileFacts{static_cast<std::int64_t>(info.st_size), info.st_mtim, info.st_ctim};
}

// Whether the copy `to` of a file is what it should be, though that of the source was written after it: in place of a
// damaged one, or since all of the source was restored. It is not looked at again then.
bool IsSoundYet(const std::string& to, const std::optional<Oid>& oid) {
  if (!CheckFile(to, oid).ok()) return false;
  ::utimensat(AT_FDCWD, to.c_str(), nullptr, 0);
  return true;
}

// `oid`: of a loose object; none: a pack or idx.
absl::Status CopyOne(const std::string& from, const std::string& to, const std::optional<Oid>& oid, Kept kept,
                     CopiedObjects& result) {
  const auto is_damaged = [&] {
    result.damaged.emplace(std::filesystem::path(to).stem(),
                           Damaged(from, oid ? "its bytes have another hash" : "its checksum does not fit"));
  };
  if (FileExists(to)) {
    // Files never change under their names, but a damaged one is replaced by a sound one. One of another size is
    // damaged, here or there. Others are trusted, where that is enough.
    GREFFE_ASSIGN_OR_RETURN(const FileFacts there, FactsOf(to));
    GREFFE_ASSIGN_OR_RETURN(const FileFacts here, FactsOf(from));
    const bool is_trusted = kept == Kept::kTrusted && !here.IsNewerThan(there);
    const bool same = here.size == there.size && (is_trusted || IsSoundYet(to, oid));
    const absl::Status sound = same ? absl::OkStatus() : CheckFile(from, oid);
    if (absl::IsNotFound(sound)) return sound;
    if (same || !sound.ok()) {
      if (!sound.ok()) result.notes.push_back("keeping '" + to + "': " + std::string(sound.message()));
      if (!sound.ok() && kept == Kept::kRead && !to.ends_with(kIdx)) is_damaged();
      ++result.kept_files;
      return absl::OkStatus();
    }
    result.notes.push_back("copying '" + to + "' again: " +
                           (here.size == there.size
                                ? "its bytes have another hash"
                                : "it had " + std::to_string(there.size) + " bytes, not " + std::to_string(here.size)));
  }
  // Of a copy that is killed a server on it sweeps what is called so.
  const std::string temporary =
      oid ? std::filesystem::path(to).parent_path().parent_path() / (LoosePlaces::kTemporary + oid->Hex()) : "";
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t bytes, CopyFileDurably(from, to, temporary));
  ++result.copied_files;
  result.copied_bytes += bytes;
  // It is copied as it is: what is sound in a pack is of use, and nobody else may have it.
  if (CheckFile(to, oid).ok()) return absl::OkStatus();
  if (to.ends_with(kIdx)) {
    result.notes.push_back("'" + from + "' is damaged: the copy gets an idx made from its pack");
  } else {
    is_damaged();
  }
  return absl::OkStatus();
}

// A copy before may have ended in a file, or between a file's rename and the sync of its folder; nothing tells of it.
absl::Status Settle(const std::string& folder) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(folder));
  for (const std::string& name : names) {
    if (name.ends_with(".lock")) GREFFE_RETURN_IF_ERROR(RemoveFile(folder + "/" + name));
  }
  return SyncDirectory(folder);
}

// "pack-<hash>" of each pack, with its idx or without, in order.
absl::StatusOr<std::vector<std::string>> ListPacks(const std::string& path) {
  GREFFE_ASSIGN_OR_RETURN(std::vector<std::string> names, ListDirectory(path + kPacks));
  std::vector<std::string> packs;
  for (const std::string& name : names) {
    if (name.starts_with("pack-") && name.ends_with(".pack")) packs.push_back(name.substr(0, name.size() - 5));
  }
  std::sort(packs.begin(), packs.end());
  return packs;
}

// Those that are not in `keep`.
absl::StatusOr<std::vector<std::string>> ListOtherPacks(const std::string& path, const std::vector<std::string>& keep) {
  GREFFE_ASSIGN_OR_RETURN(std::vector<std::string> packs, ListPacks(path));
  std::erase_if(packs,
                [&](const std::string& pack) { return std::find(keep.begin(), keep.end(), pack) != keep.end(); });
  return packs;
}

// Of the process: it says nothing of a file.
bool IsLimit(const absl::Status& status) { return ReasonOf(status) == "SYSTEM_LIMIT"; }

absl::Status RemovePack(const std::string& path, const std::string& pack) {
  GREFFE_RETURN_IF_ERROR(RemoveFile(path + kPacks + "/" + pack + kIdx));
  return RemoveFile(path + kPacks + "/" + pack + ".pack");
}

// NOT_FOUND when one was merged into another meanwhile.
absl::Status CopyEach(const std::string& from, const std::string& to, const std::vector<std::string>& packs, Kept kept,
                      CopiedObjects& result) {
  for (const std::string& pack : packs) {
    // The idx last: a pack is there when its idx is.
    const std::string place = std::string(kPacks) + "/" + pack;
    const bool is_new = !FileExists(to + place + ".pack");
    GREFFE_RETURN_IF_ERROR(CopyOne(from + place + ".pack", to + place + ".pack", std::nullopt, kept, result));
    const absl::Status copied = CopyOne(from + place + kIdx, to + place + kIdx, std::nullopt, kept, result);
    // One that was lost, or cannot be read: the copy gets one when it is opened.
    if (absl::IsDataLoss(copied)) result.notes.emplace_back(copied.message());
    if ((absl::IsNotFound(copied) || absl::IsDataLoss(copied)) && FileExists(from + place + ".pack")) continue;
    if (absl::IsNotFound(copied) && is_new) {
      // What it was merged into is copied next. To make its idx would take as long as to copy it once more.
      GREFFE_RETURN_IF_ERROR(RemoveFile(to + place + ".pack"));
      result.damaged.erase(pack);
    }
    GREFFE_RETURN_IF_ERROR(copied);
  }
  return absl::OkStatus();
}

// The same. A folder is not listed at one moment: while packs are merged, a listing may have passed the place of the
// new one before it is there, and come to those of the old ones when they are gone. So a second listing must have all
// of the first.
absl::Status CopyPacks(const std::string& from, const std::string& to, Kept kept, CopiedObjects& result) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> packs, ListPacks(from));
  GREFFE_RETURN_IF_ERROR(CopyEach(from, to, packs, kept, result));
  GREFFE_ASSIGN_OR_RETURN(result.packs, ListPacks(from));
  if (!std::includes(result.packs.begin(), result.packs.end(), packs.begin(), packs.end())) {
    return Error(absl::StatusCode::kNotFound, "FILE_NOT_FOUND", "packs of '" + from + "' were merged meanwhile");
  }
  std::vector<std::string> others;
  std::set_difference(result.packs.begin(), result.packs.end(), packs.begin(), packs.end(), std::back_inserter(others));
  return CopyEach(from, to, others, kept, result);
}

}  // namespace

absl::StatusOr<CopiedObjects> CopyObjects(const std::string& from, const std::string& to, Kept kept) {
  CopiedObjects result;
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> folders, ListDirectory(from + "/objects"));
  for (const std::string& folder : folders) {
    if (folder.size() != 2) continue;
    const std::string place = "/objects/" + folder;
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(from + place));
    GREFFE_RETURN_IF_ERROR(MakeDirectories(to + place));
    for (const std::string& name : names) {
      const std::optional<Oid> oid = Oid::FromHex(folder + name);
      const std::string file = place + "/" + name;
      if (!oid) continue;
      const absl::Status copied = CopyOne(from + file, to + file, oid, kept, result);
      // The check-in that placed it failed since, and took it back: nothing names it.
      if (absl::IsNotFound(copied) && !FileExists(from + file)) continue;
      GREFFE_RETURN_IF_ERROR(copied);
      result.loose.insert(*oid);
    }
    GREFFE_RETURN_IF_ERROR(Settle(to + place));
  }
  GREFFE_RETURN_IF_ERROR(SyncDirectory(to + "/objects"));
  GREFFE_RETURN_IF_ERROR(SyncDirectory(to + kPacks));
  absl::Status copied = CopyPacks(from, to, kept, result);
  for (int round = 1; absl::IsNotFound(copied) && round < kMostRounds; ++round)
    copied = CopyPacks(from, to, kept, result);
  if (!copied.ok()) return copied;
  return result;
}

absl::StatusOr<std::vector<std::string>> ListOtherRefs(const std::string& path, const std::set<std::string>& keep) {
  std::vector<std::string> others;
  std::error_code error;
  for (std::filesystem::recursive_directory_iterator entry(path + "/refs", error), end; !error && entry != end;
       entry.increment(error)) {
    if (!entry->is_regular_file(error)) continue;
    const std::string file = entry->path().string();
    if (!keep.contains(file.substr(path.size() + 1))) others.push_back(file);
  }
  if (error) return FromErrno(error.value(), "list", path + "/refs");
  // Where `git gc` puts refs, of an operator's.
  if (FileExists(path + "/packed-refs")) others.push_back(path + "/packed-refs");
  return others;
}

absl::StatusOr<TidiedPacks> RemoveOtherPacks(const std::string& path, const std::vector<std::string>& keep) {
  TidiedPacks tidied;
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListOtherPacks(path, keep));
  std::vector<std::shared_ptr<const PackReader>> others;
  for (const std::string& pack : names) {
    auto reader = PackReader::Open(path + kPacks + "/" + pack);
    if (IsLimit(reader.status())) return reader.status();
    if (reader.ok()) {
      others.push_back(*std::move(reader));
    } else {
      tidied.stay.push_back(pack);
    }
  }
  std::vector<std::shared_ptr<const PackReader>> asked;
  std::vector<std::shared_ptr<const PackReader>> sound;
  for (const std::string& pack : keep) {
    const std::string base = path + kPacks + "/" + pack;
    // One that cannot be read vouches for nothing, nor does one whose idx says what its bytes no longer are.
    auto reader = PackReader::Open(base);
    if (IsLimit(reader.status())) return reader.status();
    if (!reader.ok()) continue;
    const bool is_asked = std::any_of(others.begin(), others.end(), [&](const auto& other) {
      return (*reader)->ContainsAnyOf(*other).value_or(false);
    });
    if (!is_asked) continue;
    asked.push_back(*reader);
    if (const absl::Status checked = VerifyChecksums(base, FullSpeed); !checked.ok()) {
      if (IsLimit(checked)) return checked;
      tidied.damaged.emplace(pack, checked);
    } else {
      sound.push_back(*std::move(reader));
    }
  }
  for (const auto& other : others) {
    const std::string pack = std::filesystem::path(other->base()).filename();
    if (other->IsContainedIn(sound).value_or(false)) {
      GREFFE_RETURN_IF_ERROR(RemovePack(path, pack));
    } else if (!other->IsContainedIn(asked).value_or(true)) {
      tidied.lost.push_back(pack);
    } else {
      tidied.stay.push_back(pack);
    }
  }
  if (!names.empty()) GREFFE_RETURN_IF_ERROR(SyncDirectory(path + kPacks));
  return tidied;
}

absl::Status RemoveAllOthers(const std::string& path, const CopiedObjects& keep) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> packs, ListOtherPacks(path, keep.packs));
  for (const std::string& pack : packs) GREFFE_RETURN_IF_ERROR(RemovePack(path, pack));
  GREFFE_RETURN_IF_ERROR(SyncDirectory(path + kPacks));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> folders, ListDirectory(path + "/objects"));
  for (const std::string& folder : folders) {
    if (folder.size() != 2) continue;
    const std::string place = path + "/objects/" + folder;
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(place));
    for (const std::string& name : names) {
      const std::optional<Oid> oid = Oid::FromHex(folder + name);
      if (oid && !keep.loose.contains(*oid)) GREFFE_RETURN_IF_ERROR(RemoveFile(place + "/" + name));
    }
    GREFFE_RETURN_IF_ERROR(SyncDirectory(place));
  }
  return absl::OkStatus();
}

}  // namespace greffe
