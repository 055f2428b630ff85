#include "storage/git/pack_set.h"

#include <algorithm>
#include <cstdint>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/hashing.h"
#include "storage/base/pace.h"
#include "storage/git/join_packs.h"
#include "storage/git/verify_objects.h"

namespace greffe {
namespace {

// How many more there are to be before what was too large to merge is tried again.
constexpr std::size_t kMorePacks = 10;

}  // namespace

std::shared_ptr<const PackSet::Packs> PackSet::List() const {
  const std::lock_guard lock(mutex_);
  return packs_;
}

std::vector<PackSet::ClosedPack> PackSet::ListClosed() const {
  const std::lock_guard lock(mutex_);
  return closed_;
}

std::size_t PackSet::CountSmall() const { return SmallOf(*List()).size(); }

void PackSet::LeaveOut(const PackReader& damaged) {
  const std::lock_guard lock(mutex_);
  damaged_.insert(damaged.base());
}

PackSet::Packs PackSet::LargeOf(const Packs& packs) const {
  const std::lock_guard lock(mutex_);
  Packs large;
  for (const auto& pack : packs) {
    const std::string& base = pack->base();
    if (damaged_.contains(base) || (pack->bytes() <= limits_.small_bytes && !too_large_.contains(base))) continue;
    large.push_back(pack);
  }
  return large;
}

PackSet::Packs PackSet::SmallOf(const Packs& packs) const {
  const std::lock_guard lock(mutex_);
  Packs small;
  for (const auto& pack : packs) {
    const std::string& base = pack->base();
    if (pack->bytes() > limits_.small_bytes || damaged_.contains(base) || too_large_.contains(base)) continue;
    small.push_back(pack);
  }
  return small;
}

absl::Status PackSet::Refresh() {
  // Again when this process swapped the list meanwhile: what was listed before that would forget its new pack.
  for (;;) {
    const std::shared_ptr<const Packs> before = List();
    GREFFE_ASSIGN_OR_RETURN(Listing listing, ListFolder(*before));
    const std::lock_guard lock(mutex_);
    if (packs_ != before) continue;
    packs_ = std::make_shared<const Packs>(std::move(listing.packs));
    closed_ = std::move(listing.closed);
    return absl::OkStatus();
  }
}

// Whoever lists the folder before its files are removed must not take such a pack up again.
bool PackSet::IsLeaving(const std::string& base) const {
  const std::lock_guard lock(mutex_);
  return leaving_.contains(base);
}

absl::StatusOr<PackSet::Listing> PackSet::ListFolder(const Packs& open) const {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(folder_));
  Listing listing;
  for (const std::string& name : names) {
    if (!name.starts_with("pack-") || !name.ends_with(".idx")) continue;
    const std::string base = folder_ + "/" + name.substr(0, name.size() - 4);
    if (IsLeaving(base)) continue;
    const auto known = std::find_if(open.begin(), open.end(), [&](const auto& pack) { return pack->base() == base; });
    if (known != open.end()) {
      listing.packs.push_back(*known);
      continue;
    }
    absl::StatusOr<std::shared_ptr<const PackReader>> pack = PackReader::Open(base);
    // Consolidation may have taken it away meanwhile.
    if (absl::IsNotFound(pack.status())) continue;
    if (absl::IsDataLoss(pack.status())) {
      listing.closed.push_back({base, pack.status()});
      continue;
    }
    if (!pack.ok()) return pack.status();
    listing.packs.push_back(*std::move(pack));
  }
  return listing;
}

absl::Status PackSet::Add(const std::string& name) {
  GREFFE_ASSIGN_OR_RETURN(auto pack, PackReader::Open(folder_ + "/" + name));
  const std::lock_guard lock(mutex_);
  Packs packs = {std::move(pack)};
  for (const auto& other : *packs_) {
    if (other->base() != packs.front()->base()) packs.push_back(other);
  }
  packs_ = std::make_shared<const Packs>(std::move(packs));
  return absl::OkStatus();
}

absl::StatusOr<std::optional<GitObject>> PackSet::Read(const Oid& oid) const {
  const auto packs = List();  // keeps it: a loop over `*List()` would not
  absl::Status damage;
  // What is read one after the other often lies together.
  const std::size_t first = read_last_.load(std::memory_order_relaxed);
  for (std::size_t i = 0; i < packs->size(); ++i) {
    const std::size_t place = (first + i) % packs->size();
    const auto& pack = (*packs)[place];
    absl::StatusOr<std::optional<GitObject>> object = pack->Read(oid);
    if (object.ok() && !*object) continue;
    if (object.ok() && (FaultIsOn("content-unchecked") || HashObject((*object)->type, (*object)->data) == oid)) {
      if (place != first) read_last_.store(place, std::memory_order_relaxed);
      return object;
    }
    if (!damage.ok()) continue;
    damage = object.ok() ? Damaged(pack->base() + ".pack", "its bytes are not those of object " + oid.Hex())
                         : object.status();
  }
  if (damage.ok()) damage = WhyClosed();
  if (!damage.ok()) return damage;
  return std::nullopt;
}

absl::Status PackSet::WhyClosed() const {
  const std::lock_guard lock(mutex_);
  return closed_.empty() ? absl::OkStatus() : closed_.front().why;
}

absl::StatusOr<bool> PackSet::Contains(const Oid& oid) const {
  const auto packs = List();
  absl::Status damage;
  for (const auto& pack : *packs) {
    const absl::StatusOr<bool> there = pack->Contains(oid);
    if (there.ok() && *there) return true;
    damage.Update(there.status());
  }
  if (damage.ok()) damage = WhyClosed();
  if (!damage.ok()) return damage;
  return false;
}

bool PackSet::Uses(const PackReader& pack) const {
  const auto packs = List();
  return std::any_of(packs->begin(), packs->end(), [&](const auto& other) { return other->base() == pack.base(); });
}

// The longest run of small packs whose largest member is less than twice what is below it; empty: none.
PackSet::Packs PackSet::ChooseToMerge(bool all) const {
  Packs small = SmallOf(*List());
  if (!all && small.size() < least_packs_) return {};
  std::sort(small.begin(), small.end(), [](const auto& a, const auto& b) { return a->bytes() < b->bytes(); });
  std::size_t merged = 0;
  std::int64_t below = 0;
  for (std::size_t i = 0; i < small.size(); ++i) {
    if (i > 0 && small[i]->bytes() < 2 * below) merged = i + 1;
    below += small[i]->bytes();
    if (below > 2 * limits_.small_bytes) break;
  }
  if (!all) small.resize(merged);
  return small.size() < 2 ? Packs() : small;
}

absl::Status PackSet::Consolidate(bool all, const std::function<bool()>& cancelled) {
  Packs chosen;
  absl::StatusOr<MergedPack> merged = MergedPack{};
  do {
    chosen = ChooseToMerge(all);
    if (chosen.empty()) return absl::OkStatus();
    merged = MergePacks(folder_, chosen, cancelled, limits_.most_merged_bytes);
    if (!merged.ok()) return merged.status();
    if (!merged->is_too_large) break;
    // What it inflates to no size tells. It stays as it is, like those that are large on disk.
    const std::lock_guard lock(mutex_);
    too_large_.insert(chosen[merged->count]->base());
  } while (true);
  if (!merged->damage.ok()) {
    LeaveOut(*chosen[merged->count]);
    return merged->damage;
  }
  if (merged->base.empty()) return absl::OkStatus();
  if (merged->count < chosen.size()) {
    if (!FaultIsOn("merge-takes-all")) chosen.resize(merged->count);
    std::int64_t below = 0;
    for (std::size_t i = 0; i + 1 < merged->count; ++i) below += chosen[i]->bytes();
    // A large one was written anew for the sake of little.
    if (!all && chosen[merged->count - 1]->bytes() >= 2 * below) least_packs_ = CountSmall() + kMorePacks;
  }
  return Replace(chosen, merged->base);
}

// The longest run of larger packs whose largest member is less than twice what is below it, if it is long enough.
PackSet::Packs PackSet::ChooseToJoin() const {
  Packs large = LargeOf(*List());
  {
    const std::lock_guard lock(mutex_);
    std::erase_if(large, [this](const auto& pack) {
      return pack->bytes() > limits_.most_joined_bytes || not_joined_.contains(pack->base());
    });
  }
  std::sort(large.begin(), large.end(), [](const auto& a, const auto& b) { return a->bytes() < b->bytes(); });
  std::size_t joined = 0;
  std::int64_t below = 0;
  std::int64_t objects = 0;
  for (std::size_t i = 0; i < large.size(); ++i) {
    objects += large[i]->object_count();
    if (objects > limits_.most_joined_objects || below > limits_.most_joined_bytes) break;
    if (i > 0 && large[i]->bytes() < 2 * below) joined = i + 1;
    below += large[i]->bytes();
  }
  large.resize(joined);
  return large.size() < limits_.least_joined ? Packs() : large;
}

// What was joined when a process was killed is there twice, and what it became may be too large to be chosen again.
absl::Status PackSet::RemoveCopies(const std::function<bool()>& cancelled) {
  const Pace pace = [&](std::int64_t) { return cancelled() ? absl::CancelledError() : absl::OkStatus(); };
  Packs large = LargeOf(*List());
  std::sort(large.begin(), large.end(),
            [](const auto& a, const auto& b) { return a->object_count() < b->object_count(); });
  Packs copies;
  std::set<std::string> sound;  // bases of those that vouch
  for (std::size_t i = 0; i < large.size(); ++i) {
    GREFFE_RETURN_IF_ERROR(pace(0));
    for (std::size_t other = large.size(); --other > i;) {  // has as many objects, or more
      if (!large[i]->IsContainedIn({large[other]}).value_or(false)) continue;
      if (const absl::Status listed = large[i]->VerifyIndex(); !listed.ok()) {
        if (absl::IsDataLoss(listed)) LeaveOut(*large[i]);
        return listed;
      }
      if (!sound.contains(large[other]->base())) {
        const absl::Status checked = VerifyChecksums(large[other]->base(), pace);
        if (absl::IsNotFound(checked)) continue;  // somebody took it away
        if (absl::IsDataLoss(checked)) LeaveOut(*large[other]);
        GREFFE_RETURN_IF_ERROR(checked);
        sound.insert(large[other]->base());
      }
      copies.push_back(large[i]);
      break;
    }
  }
  return copies.empty() ? absl::OkStatus() : TakeAway(copies, nullptr);
}

absl::Status PackSet::Join(const std::function<bool()>& cancelled) {
  if (!copies_removed_) {
    const absl::Status removed = RemoveCopies(cancelled);
    if (absl::IsCancelled(removed)) return absl::OkStatus();
    GREFFE_RETURN_IF_ERROR(removed);
    copies_removed_ = true;
  }
  const Packs chosen = ChooseToJoin();
  if (chosen.empty()) return absl::OkStatus();
  std::int64_t bytes = 0;
  for (const auto& pack : chosen) bytes += pack->bytes();
  // Nothing urgent: it leaves others as much room as it takes until the old ones go.
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t room, FreeSpace(folder_));
  if (room < 2 * bytes + limits_.reserve_bytes) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const JoinedPack joined, JoinPacks(folder_, chosen, cancelled));
  if (joined.left) {
    const std::lock_guard lock(mutex_);
    (absl::IsDataLoss(joined.why) ? damaged_ : not_joined_).insert(chosen[*joined.left]->base());
    return absl::IsDataLoss(joined.why) ? joined.why : absl::OkStatus();
  }
  return joined.base.empty() ? absl::OkStatus() : Replace(chosen, joined.base);
}

absl::Status PackSet::Replace(const Packs& merged, const std::string& base) {
  GREFFE_ASSIGN_OR_RETURN(const auto pack, PackReader::Open(base));
  for (const auto& old : merged) {
    const absl::StatusOr<bool> has_all = pack->ContainsAllOf(*old);
    if (has_all.ok() && *has_all) continue;
    // Otherwise it would be written again and again, and each would stay.
    if (has_all.ok() || absl::IsDataLoss(has_all.status())) LeaveOut(*old);
    const auto packs = List();
    const bool is_old =
        std::any_of(packs->begin(), packs->end(), [&](const auto& other) { return other->base() == base; });
    if (!is_old) TakeAway({pack}, nullptr).IgnoreError();
    if (!has_all.ok()) return has_all.status();
    return Damaged(base + ".pack", "it was made from " + old->base() + ".pack and lacks objects of it");
  }
  return TakeAway(merged, pack);
}

absl::Status PackSet::TakeAway(const Packs& packs, const std::shared_ptr<const PackReader>& instead) {
  std::set<std::string> gone;
  for (const auto& pack : packs) gone.insert(pack->base());
  if (instead != nullptr) gone.erase(instead->base());
  {
    const std::lock_guard lock(mutex_);
    Packs left;
    for (const auto& other : *packs_) {
      const bool replaced = instead != nullptr && other->base() == instead->base();
      if (!replaced && !gone.contains(other->base())) left.push_back(other);
    }
    if (instead != nullptr) left.push_back(instead);
    packs_ = std::make_shared<const Packs>(std::move(left));
    leaving_ = gone;
  }
  const auto remove = [&]() -> absl::Status {
    for (const std::string& base : gone) {
      GREFFE_RETURN_IF_ERROR(RemoveFile(base + ".idx"));
      GREFFE_RETURN_IF_ERROR(RemoveFile(base + ".pack"));
    }
    return absl::OkStatus();
  };
  const absl::Status removed = remove();
  {
    const std::lock_guard lock(mutex_);
    leaving_.clear();
  }
  GREFFE_RETURN_IF_ERROR(removed);
  return SyncDirectory(folder_);
}

}  // namespace greffe
