// Where large contents lie in a repository, each under its id, and how they come there.
#pragma once

#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/hashing.h"
#include "storage/base/oid.h"

namespace greffe {

// Thread-safe. See GitRepository for what they do.
class LoosePlaces {
 public:
  // `objects`: "<repository>/objects".
  explicit LoosePlaces(std::string objects) : objects_(std::move(objects)) {}

  std::string PathOf(const Oid& oid) const;
  absl::Status Admit(const BlobHasher::Result& content);
  absl::StatusOr<bool> Place(const std::string& from, const BlobHasher::Result& content);
  void TakeBack(const std::string& from, const Oid& oid);

  // A file that is on its way to a place.
  std::string TemporaryFor(const std::string& name) const { return objects_ + "/" + kTemporary + name; }
  // Names in `objects` that begin so were that.
  static constexpr char kTemporary[] = "tmp_obj_";

 private:
  absl::Status TakePlaceOfOther(const std::string& from, const BlobHasher::Result& content);
  std::optional<Sha256> FindKnown(const Oid& oid) const;
  void Remember(const BlobHasher::Result& content);

  const std::string objects_;
  std::mutex placing_;
  mutable std::mutex mutex_;  // never held over I/O
  // What was lately seen or put under an id, so that Place need not read it.
  std::unordered_map<Oid, Sha256> known_;
};

}  // namespace greffe
