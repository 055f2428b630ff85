#include "storage/git/loose_places.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/pace.h"
#include "storage/git/verify_objects.h"

namespace greffe {
namespace {

constexpr std::size_t kMostKnown = 1000;

int Link(const std::string& from, const std::string& to) { return ::link(from.c_str(), to.c_str()) == 0 ? 0 : errno; }

bool IsOneFile(const std::string& a, const std::string& b) {
  struct stat first {};
  struct stat second {};
  return ::stat(a.c_str(), &first) == 0 && ::stat(b.c_str(), &second) == 0 && first.st_dev == second.st_dev &&
         first.st_ino == second.st_ino;
}

absl::Status Collision(const Oid& oid) {
  return Error(absl::StatusCode::kInvalidArgument, "CONTENT_COLLISION",
               "the content has the oid " + oid.Hex() + " of another one in its project, but not its SHA-256",
               {{"oid", oid.Hex()}});
}

}  // namespace

std::string LoosePlaces::PathOf(const Oid& oid) const {
  const std::string hex = oid.Hex();
  return objects_ + "/" + hex.substr(0, 2) + "/" + hex.substr(2);
}

absl::Status LoosePlaces::Admit(const BlobHasher::Result& content) {
  // Place puts this one in its stead anyway, so what has become of it since does not matter.
  if (const std::optional<Sha256> known = FindKnown(content.oid)) {
    return *known == content.sha256 ? absl::OkStatus() : Collision(content.oid);
  }
  const absl::StatusOr<Sha256> there = VerifyLooseObject(PathOf(content.oid), content.oid, FullSpeed);
  // What is damaged gives way when this one gets its place.
  if (absl::IsNotFound(there.status()) || absl::IsDataLoss(there.status())) return absl::OkStatus();
  if (!there.ok()) return there.status();
  if (*there != content.sha256) return Collision(content.oid);
  Remember(content);
  return absl::OkStatus();
}

absl::StatusOr<bool> LoosePlaces::Place(const std::string& from, const BlobHasher::Result& content) {
  const std::lock_guard placing(placing_);
  const std::string to = PathOf(content.oid);
  const std::string folder = to.substr(0, to.rfind('/'));
  GREFFE_RETURN_IF_ERROR(MakeDirectories(folder));
  int error = Link(from, to);
  if (error == ENOENT && FileExists(from)) {
    // `git gc` removes folders that are empty.
    GREFFE_RETURN_IF_ERROR(MakeDirectories(folder));
    error = Link(from, to);
  }
  const bool is_new = error == 0;
  if (error == EEXIST) {
    // It is the same file when a commit that named it was not appended.
    if (!IsOneFile(from, to)) GREFFE_RETURN_IF_ERROR(TakePlaceOfOther(from, content));
  } else if (error != 0) {
    return FromErrno(error, "link to '" + to + "'", from);
  }
  Remember(content);
  if (FaultIsOn("place-without-sync")) return is_new;
  GREFFE_RETURN_IF_ERROR(SyncDirectory(folder));
  return is_new;
}

void LoosePlaces::TakeBack(const std::string& from, const Oid& oid) {
  const std::lock_guard placing(placing_);
  const std::string to = PathOf(oid);
  // Another upload of the same bytes may have taken the place since. What cannot be removed costs its room alone.
  if (IsOneFile(from, to)) RemoveFile(to).IgnoreError();
}

absl::Status LoosePlaces::TakePlaceOfOther(const std::string& from, const BlobHasher::Result& content) {
  const std::string to = PathOf(content.oid);
  std::optional<Sha256> there = FindKnown(content.oid);
  if (!there) {
    const absl::StatusOr<Sha256> verified = VerifyLooseObject(to, content.oid, FullSpeed);
    if (verified.ok()) there = *verified;
    if (!verified.ok() && !absl::IsDataLoss(verified.status()) && !absl::IsNotFound(verified.status())) {
      return verified.status();
    }
  }
  if (there && *there != content.sha256) return Collision(content.oid);
  // Whatever has become of the other one's bytes since they were looked at: these were hashed as they came.
  const std::string temporary = TemporaryFor(content.oid.Hex());
  GREFFE_RETURN_IF_ERROR(RemoveFile(temporary));
  if (const int error = Link(from, temporary); error != 0) {
    return FromErrno(error, "link to '" + temporary + "'", from);
  }
  if (::rename(temporary.c_str(), to.c_str()) != 0) return FromErrno(errno, "rename to '" + to + "'", temporary);
  return absl::OkStatus();
}

std::optional<Sha256> LoosePlaces::FindKnown(const Oid& oid) const {
  const std::lock_guard lock(mutex_);
  const auto found = known_.find(oid);
  return found == known_.end() ? std::nullopt : std::optional<Sha256>(found->second);
}

void LoosePlaces::Remember(const BlobHasher::Result& content) {
  const std::lock_guard lock(mutex_);
  if (known_.size() >= kMostKnown) known_.clear();
  known_.insert_or_assign(content.oid, content.sha256);
}

}  // namespace greffe
