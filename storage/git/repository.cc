#include "storage/git/repository.h"

#include <dirent.h>
#include <fcntl.h>
#include <git2.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <cstring>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/hashing.h"
#include "storage/git/blob_layout.h"
#include "storage/git/lone_packs.h"
#include "storage/git/loose_places.h"
#include "storage/git/pack_reader.h"
#include "storage/git/pack_set.h"
#include "storage/git/read_loose_object.h"

namespace greffe {
namespace {

constexpr std::int64_t kMostRefBytes = 4096;
constexpr std::int64_t kMostPackedRefsBytes = std::int64_t{64} << 20;

// A file with refs; one that is larger than any of git's is damaged.
absl::StatusOr<std::string> ReadRefFile(const std::string& path, std::int64_t limit) {
  absl::StatusOr<std::string> text = ReadWholeFile(path, limit);
  if (ReasonOf(text.status()) != "FILE_TOO_LARGE") return text;
  return Damaged(path, "it has over " + std::to_string(limit) + " bytes");
}

absl::Status MakeBareRepository(const std::string& path) {
  static std::atomic<unsigned> counter = 0;
  const std::string beside = path + ".tmp_" + std::to_string(::getpid()) + "_" + std::to_string(counter.fetch_add(1));
  for (const char* folder : {"/objects/info", "/objects/pack", "/refs/heads", "/refs/tags"}) {
    GREFFE_RETURN_IF_ERROR(MakeDirectories(beside + folder));
  }
  GREFFE_RETURN_IF_ERROR(WriteFileDurably(beside + "/HEAD", "ref: refs/heads/main\n"));
  GREFFE_RETURN_IF_ERROR(
      WriteFileDurably(beside + "/config",
                       "[core]\n\trepositoryformatversion = 0\n\tfilemode = true\n\tbare = true\n[gc]\n\tauto = 0\n"
                       // Greffe alone writes: a push is refused by git.
                       "[receive]\n\thideRefs = refs/\n"));
  return RenameDurably(beside, path);
}

// What a killed process left.
absl::Status Sweep(const std::string& path) {
  for (const char* folder : {"", "/refs/heads", "/refs/tags", "/refs/tags/baselines"}) {
    if (!FileExists(path + folder)) continue;
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(path + folder));
    for (const std::string& name : names) {
      if (name.ends_with(".lock")) GREFFE_RETURN_IF_ERROR(RemoveFile(path + folder + "/" + name));
    }
  }
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> loose, ListDirectory(path + "/objects"));
  for (const std::string& name : loose) {
    if (name.starts_with(LoosePlaces::kTemporary)) GREFFE_RETURN_IF_ERROR(RemoveFile(path + "/objects/" + name));
  }
  const std::string packs = path + "/objects/pack";
  GREFFE_RETURN_IF_ERROR(NameFinishedIdxs(packs));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(packs));
  const std::set<std::string> present(names.begin(), names.end());
  for (const std::string& name : names) {
    const bool temporary = name.starts_with("tmp_") || name.ends_with(".lock");
    const std::string idx = name.ends_with(kSetAside) ? name.substr(0, name.size() - std::strlen(kSetAside)) : name;
    const bool lone_index = idx.ends_with(".idx") && !present.contains(idx.substr(0, idx.size() - 4) + ".pack");
    if (temporary || lone_index) GREFFE_RETURN_IF_ERROR(RemoveFile(packs + "/" + name));
  }
  return absl::OkStatus();
}

}  // namespace

struct GitRepository::State {
  State(const std::string& repository, const PackLimits& limits)
      : path(repository), packs(repository + "/objects/pack", limits), loose(repository + "/objects") {}

  static absl::StatusOr<std::unique_ptr<GitRepository>> Open(const std::string& path,
                                                             std::vector<UnreadPack> lone_packs = {},
                                                             const PackLimits& limits = {}) {
    auto state = std::make_unique<State>(path, limits);
    state->lone_packs = std::move(lone_packs);
    GREFFE_RETURN_IF_ERROR(state->packs.Refresh());
    return std::unique_ptr<GitRepository>(new GitRepository(std::move(state)));
  }

  const std::string path;
  std::vector<UnreadPack> lone_packs;  // that were found at the opening; constant from then on
  PackSet packs;
  LoosePlaces loose;
  BlobLayout layout{packs, loose};
};

absl::Status InitializeGit() {
  static const absl::Status status = [] {
    if (git_libgit2_init() < 0) {
      return Error(absl::StatusCode::kInternal, "GIT_FAILED", "libgit2 could not be initialised");
    }
    // The defaults (1 GiB windows, 8 GiB in all, files without limit) are for a client with one repository.
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_SIZE, static_cast<std::size_t>(16) << 20);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_MAPPED_LIMIT, static_cast<std::size_t>(256) << 20);
    git_libgit2_opts(GIT_OPT_SET_MWINDOW_FILE_LIMIT, static_cast<std::size_t>(64));
    git_libgit2_opts(GIT_OPT_SET_CACHE_MAX_SIZE, static_cast<ssize_t>(32) << 20);
    git_libgit2_opts(GIT_OPT_ENABLE_STRICT_HASH_VERIFICATION, 1);
    return absl::OkStatus();
  }();
  return status;
}

absl::StatusOr<Oid> HashForeignBlob(std::string_view data) {
  git_oid oid;
  if (git_odb_hash(&oid, data.data(), data.size(), GIT_OBJECT_BLOB) < 0) {
    return Error(absl::StatusCode::kInvalidArgument, "CONTENT_COLLISION",
                 "the content bears the marks of a SHA-1 collision attack");
  }
  return *Oid::FromRaw({reinterpret_cast<const char*>(oid.id), Oid::kSize});
}

GitRepository::GitRepository(std::unique_ptr<State> state) : state_(std::move(state)) {}
GitRepository::~GitRepository() = default;

absl::StatusOr<std::unique_ptr<GitRepository>> GitRepository::Open(const std::string& path, IdxFindings* idxs,
                                                                   std::int64_t reserve_bytes) {
  if (!FileExists(path)) GREFFE_RETURN_IF_ERROR(MakeBareRepository(path));
  GREFFE_RETURN_IF_ERROR(Sweep(path));
  IdxFindings nothing;
  GREFFE_ASSIGN_OR_RETURN(
      std::vector<UnreadPack> lone_packs,
      MendIdxs(path + "/objects/pack", path + "/objects/tmp_idx", idxs == nullptr ? nothing : *idxs));
  PackLimits limits;
  limits.reserve_bytes = reserve_bytes;
  return State::Open(path, std::move(lone_packs), limits);
}

absl::StatusOr<std::unique_ptr<GitRepository>> GitRepository::OpenReadOnly(const std::string& path) {
  if (!FileExists(path)) {
    return Error(absl::StatusCode::kNotFound, "REPOSITORY_NOT_FOUND", "there is no repository '" + path + "'");
  }
  return State::Open(path);
}

const std::string& GitRepository::path() const { return state_->path; }

absl::StatusOr<std::optional<GitObject>> GitRepository::ReadObject(const Oid& oid, bool refresh) const {
  // Where one copy is damaged another one may be sound.
  absl::StatusOr<std::optional<GitObject>> packed = state_->packs.Read(oid);
  if (packed.ok() && *packed) return packed;
  absl::StatusOr<std::optional<GitObject>> loose = ReadLooseObject(LooseObjectPath(oid), oid);
  if (loose.ok() && *loose) return loose;
  if (loose.ok() && refresh) {
    GREFFE_RETURN_IF_ERROR(state_->packs.Refresh());
    return state_->packs.Read(oid);
  }
  return packed.ok() ? loose : packed;
}

absl::StatusOr<bool> GitRepository::HasObject(const Oid& oid, bool refresh) const {
  const absl::StatusOr<bool> packed = state_->packs.Contains(oid);
  if ((packed.ok() && *packed) || FileExists(LooseObjectPath(oid))) return true;
  if (!refresh) return packed;
  GREFFE_RETURN_IF_ERROR(state_->packs.Refresh());
  return state_->packs.Contains(oid);
}

absl::StatusOr<std::optional<Oid>> GitRepository::ReadRef(const std::string& ref) const {
  absl::StatusOr<std::string> text = ReadRefFile(state_->path + "/" + ref, kMostRefBytes);
  if (absl::IsNotFound(text.status())) {
    // `git gc` by an operator packs refs.
    text = ReadRefFile(state_->path + "/packed-refs", kMostPackedRefsBytes);
    if (absl::IsNotFound(text.status())) return std::nullopt;
    if (!text.ok()) return text.status();
    const std::size_t line = text->find(" " + ref + "\n");
    if (line == std::string::npos || line < 2 * Oid::kSize) return std::nullopt;
    *text = text->substr(line - 2 * Oid::kSize, 2 * Oid::kSize);
  }
  if (!text.ok()) return text.status();
  const std::optional<Oid> oid = Oid::FromHex(std::string(absl::StripTrailingAsciiWhitespace(*text)));
  if (!oid) return Damaged(state_->path + "/" + ref, "it is not an object id");
  return *oid;
}

absl::StatusOr<std::vector<std::pair<std::string, Oid>>> GitRepository::ListRefs(const std::string& prefix) const {
  std::set<std::string> names;
  if (FileExists(state_->path + "/" + prefix)) {
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> files, ListDirectory(state_->path + "/" + prefix));
    for (const std::string& file : files) names.insert(prefix + "/" + file);
  }
  const absl::StatusOr<std::string> packed = ReadRefFile(state_->path + "/packed-refs", kMostPackedRefsBytes);
  if (packed.ok()) {
    for (std::size_t at = packed->find(" " + prefix + "/"); at != std::string::npos;
         at = packed->find(" " + prefix + "/", at + 1)) {
      names.insert(packed->substr(at + 1, packed->find('\n', at) - at - 1));
    }
  } else if (!absl::IsNotFound(packed.status())) {
    return packed.status();
  }
  std::vector<std::pair<std::string, Oid>> refs;
  for (const std::string& name : names) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> target, ReadRef(name));
    if (target) refs.emplace_back(name, *target);
  }
  return refs;
}

absl::Status GitRepository::MoveRef(const std::string& ref, const Oid& target) {
  GREFFE_ASSIGN_OR_RETURN(const bool there, HasObject(target));
  if (!there) return Damaged("ref " + ref + " of '" + state_->path + "'", "its target " + target.Hex() + " is missing");
  const std::string file = state_->path + "/" + ref;
  GREFFE_RETURN_IF_ERROR(MakeDirectories(file.substr(0, file.rfind('/'))));
  return WriteFileDurably(file, target.Hex() + "\n");
}

absl::Status GitRepository::WritePack(const std::vector<PackInput>& objects) {
  GREFFE_ASSIGN_OR_RETURN(const PackFiles files, WritePackFiles(state_->packs.folder(), objects));
  return state_->packs.Add(files.pack_name);
}

absl::Status GitRepository::Consolidate(bool all, const std::function<bool()>& cancelled) {
  return state_->packs.Consolidate(all, cancelled);
}

absl::Status GitRepository::JoinPacks(const std::function<bool()>& cancelled) { return state_->packs.Join(cancelled); }

absl::StatusOr<PackSummary> GitRepository::Summarize() const {
  GREFFE_RETURN_IF_ERROR(state_->packs.Refresh());
  PackSummary summary;
  const auto list = state_->packs.List();
  for (const auto& pack : *list) {
    ++summary.pack_count;
    summary.pack_bytes += pack->bytes();
  }
  const absl::Status status = ForEachLooseObject([&](const Oid&) {
    ++summary.loose_count;
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return summary;
}

std::size_t GitRepository::CountSmallPacks() const { return state_->packs.CountSmall(); }

absl::Status GitRepository::ForEachLooseObject(const std::function<absl::Status(const Oid&)>& visit) const {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> folders, ListDirectory(state_->path + "/objects"));
  for (const std::string& folder : folders) {
    if (folder.size() != 2) continue;
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(state_->path + "/objects/" + folder));
    for (const std::string& name : names) {
      if (const std::optional<Oid> oid = Oid::FromHex(folder + name)) GREFFE_RETURN_IF_ERROR(visit(*oid));
    }
  }
  return absl::OkStatus();
}

std::vector<UnreadPack> GitRepository::ListUnreadPacks() const {
  std::vector<UnreadPack> there;
  for (const UnreadPack& lone : state_->lone_packs) {
    if (FileExists(lone.path)) there.push_back(lone);
  }
  for (const PackSet::ClosedPack& closed : state_->packs.ListClosed()) {
    there.push_back({closed.base + ".pack", closed.why});
  }
  return there;
}

absl::Status GitRepository::VerifyObjects(const Pace& pace, const DamageFinding& finding,
                                          const SoundObject& sound) const {
  for (const UnreadPack& pack : ListUnreadPacks()) finding(pack.why);
  // Not held all the time: the space of deleted packs returns when nobody has them open.
  std::vector<std::weak_ptr<const PackReader>> packs;
  {
    const auto list = state_->packs.List();
    packs.assign(list->begin(), list->end());
  }
  for (const auto& entry : packs) {
    const auto pack = entry.lock();
    if (pack == nullptr) continue;
    GREFFE_RETURN_IF_ERROR(VerifyPack(
        *pack, [&] { return state_->packs.Uses(*pack); }, pace, finding, sound));
  }
  return ForEachLooseObject([&](const Oid& oid) -> absl::Status {
    const absl::StatusOr<Sha256> content = VerifyLooseObject(LooseObjectPath(oid), oid, pace);
    if (absl::IsCancelled(content.status())) return content.status();
    if (content.ok()) {
      sound(oid, *content);
    } else if (!absl::IsNotFound(content.status())) {
      finding(content.status());
    }
    return absl::OkStatus();
  });
}

std::string GitRepository::LooseObjectPath(const Oid& oid) const { return state_->loose.PathOf(oid); }

absl::Status GitRepository::AdmitLooseObject(const BlobHasher::Result& content) const {
  return state_->loose.Admit(content);
}

absl::Status GitRepository::LayOutBlob(const Oid& oid, const Sha256& sha256, const std::function<absl::Status()>& room,
                                       bool anew) {
  return state_->layout.LayOut(oid, sha256, room, anew);
}

absl::StatusOr<bool> GitRepository::PlaceLooseObject(const std::string& from, const BlobHasher::Result& content) {
  return state_->loose.Place(from, content);
}

void GitRepository::TakeBackLooseObject(const std::string& from, const Oid& oid) { state_->loose.TakeBack(from, oid); }

}  // namespace greffe
