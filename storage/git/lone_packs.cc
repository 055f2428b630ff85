#include "storage/git/lone_packs.h"

#include <fcntl.h>
#include <git2.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <memory>
#include <string_view>
#include <system_error>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/git/pack_file.h"
#include "storage/git/pack_index.h"
#include "storage/git/verify_objects.h"

namespace greffe {
namespace {

constexpr char kPackEnding[] = ".pack";
constexpr char kIdxEnding[] = ".idx";
constexpr std::int64_t kIndexedPiece = std::int64_t{1} << 20;
constexpr std::int64_t kSpareBytes = std::int64_t{4} << 20;  // that others may take meanwhile
constexpr std::int64_t kIdxBytesPerObject = 40;              // at most, and some

absl::Status IndexerFailed(const std::string& pack) {
  const git_error* error = git_error_last();
  const std::string why = "no idx can be made of it" + (error == nullptr ? "" : ": " + std::string(error->message));
  // Of the copy that it makes, that is; the pack itself may be sound.
  if (error != nullptr && error->klass == GIT_ERROR_OS) {
    return Error(absl::StatusCode::kUnavailable, "IO_ERROR", pack + ": " + why, {{"path", pack}});
  }
  return Damaged(pack, why);
}

// Of what its copy of the pack fails by, libgit2 tells no errno.
absl::Status CheckRoom(const std::string& scratch, std::int64_t bytes, const std::string& pack) {
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t free, FreeSpace(scratch));
  return free < bytes + kSpareBytes ? FromErrno(ENOSPC, "make the idx of", pack) : absl::OkStatus();
}

// Lets libgit2 read the pack, which it copies into `scratch`, and write an idx there.
absl::Status RunIndexer(const std::string& pack, const std::string& scratch) {
  GREFFE_ASSIGN_OR_RETURN(const FileHandle file, OpenFile(pack, O_RDONLY));
  struct stat info {};
  if (::fstat(file.get(), &info) != 0) return FromErrno(errno, "stat", pack);
  git_indexer_options options{};
  git_indexer_options_init(&options, GIT_INDEXER_OPTIONS_VERSION);
  git_indexer* made = nullptr;
  if (git_indexer_new(&made, scratch.c_str(), 0, nullptr, &options) < 0) return IndexerFailed(pack);
  const std::unique_ptr<git_indexer, decltype(&git_indexer_free)> indexer(made, git_indexer_free);
  git_indexer_progress progress{};
  std::string piece(static_cast<std::size_t>(kIndexedPiece), '\0');
  for (std::int64_t at = 0; at < info.st_size;) {
    const std::int64_t size = std::min<std::int64_t>(kIndexedPiece, info.st_size - at);
    GREFFE_RETURN_IF_ERROR(ReadAt(file, piece.data(), size, at, pack));
    GREFFE_RETURN_IF_ERROR(CheckRoom(scratch, size, pack));
    if (git_indexer_append(indexer.get(), piece.data(), static_cast<std::size_t>(size), &progress) < 0) {
      return IndexerFailed(pack);
    }
    at += size;
  }
  GREFFE_RETURN_IF_ERROR(CheckRoom(scratch, progress.total_objects * kIdxBytesPerObject, pack));
  return git_indexer_commit(indexer.get(), &progress) < 0 ? IndexerFailed(pack) : absl::OkStatus();
}

// `base`: the path without ".pack". One that is there is set aside when the new one is ready.
absl::Status MakeIdx(const std::string& base, const std::string& scratch) {
  GREFFE_RETURN_IF_ERROR(MakeDirectories(scratch));
  GREFFE_RETURN_IF_ERROR(RunIndexer(base + kPackEnding, scratch));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(scratch));
  const auto idx =
      std::find_if(names.begin(), names.end(), [](const std::string& name) { return name.ends_with(kIdxEnding); });
  if (idx == names.end()) return Damaged(base + kPackEnding, "no idx came of it");
  const std::string path = scratch + "/" + *idx;
  {
    GREFFE_ASSIGN_OR_RETURN(const FileHandle file, OpenFile(path, O_RDONLY));
    GREFFE_RETURN_IF_ERROR(SyncFile(file, path));
  }
  const std::string place = base + kIdxEnding;
  if (FileExists(place)) GREFFE_RETURN_IF_ERROR(RenameDurably(place, place + kSetAside));
  return RenameDurably(path, place);
}

// `whole`: to its end, since a flipped byte, or a sector that cannot be read, hits a few objects or the whole pack.
absl::Status CheckIdx(const std::string& path, bool whole) {
  GREFFE_RETURN_IF_ERROR(PackIndex::Open(path, 0).status());
  return whole ? VerifyChecksum(path, FullSpeed) : absl::OkStatus();
}

absl::Status RemoveScratch(const std::string& scratch) {
  std::error_code error;
  std::filesystem::remove_all(scratch, error);
  return error ? FromErrno(error.value(), "remove", scratch) : absl::OkStatus();
}

}  // namespace

absl::Status NameFinishedIdxs(const std::string& folder) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(folder));
  for (const std::string& name : names) {
    if (!name.starts_with(kTemporaryIdx)) continue;
    const std::string path = folder + "/" + name;
    const auto idx = PackIndex::Open(path, 0);
    if (!idx.ok() || !(*idx)->Verify().ok()) continue;
    const absl::StatusOr<Oid> pack = (*idx)->PackChecksum();
    if (!pack.ok()) continue;
    const std::string base = folder + "/pack-" + pack->Hex();
    if (!FileExists(base + kPackEnding) || FileExists(base + kIdxEnding)) continue;
    GREFFE_RETURN_IF_ERROR(RenameDurably(path, base + kIdxEnding));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::vector<UnreadPack>> MendIdxs(const std::string& folder, const std::string& scratch,
                                                 IdxFindings& known) {
  // A killed process may have left one.
  if (FileExists(scratch)) GREFFE_RETURN_IF_ERROR(RemoveScratch(scratch));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(folder));
  std::vector<UnreadPack> left;
  IdxFindings found;
  for (const std::string& name : names) {
    if (!name.ends_with(kPackEnding)) continue;
    const std::string pack = folder + "/" + name;
    const std::string base = pack.substr(0, pack.size() - std::string_view(kPackEnding).size());
    const FileStamp pack_stamp = StampOf(pack);
    const FileStamp idx_stamp = StampOf(base + kIdxEnding);
    const bool is_lone = idx_stamp == FileStamp{};
    if (!is_lone) {
      const absl::Status checked = CheckIdx(base + kIdxEnding, !known.sound.contains(idx_stamp));
      if (checked.ok()) found.sound.insert(idx_stamp);
      if (!absl::IsDataLoss(checked)) continue;
    }
    const auto hopeless = known.hopeless.find(name);
    const bool is_hopeless =
        hopeless != known.hopeless.end() && hopeless->second.pack == pack_stamp && hopeless->second.idx == idx_stamp;
    // A full disk, for one, is no reason not to open the repository either: all others can be read.
    const absl::Status made = is_hopeless ? hopeless->second.why : MakeIdx(base, scratch);
    if (!made.ok() && is_lone) left.push_back({pack, made});
    if (absl::IsDataLoss(made)) found.hopeless[name] = {pack_stamp, idx_stamp, made};
    GREFFE_RETURN_IF_ERROR(RemoveScratch(scratch));
  }
  known = std::move(found);
  return left;
}

}  // namespace greffe
