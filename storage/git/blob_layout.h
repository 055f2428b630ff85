// Large contents that do not lie in our layout (loose_object.h): stock git put them into a pack, or made loose objects
// of its own of them, as in a repository that comes from a clone. To read a range of one all of it is inflated; so it
// is written once as ours.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/base/file_stamp.h"
#include "storage/base/hashing.h"
#include "storage/base/oid.h"
#include "storage/git/loose_places.h"
#include "storage/git/pack_set.h"

namespace greffe {

// Thread-safe.
class BlobLayout {
 public:
  BlobLayout(const PackSet& packs, LoosePlaces& places, std::chrono::nanoseconds lost_for = std::chrono::minutes(10))
      : packs_(packs), places_(places), lost_for_(lost_for) {}

  // Writes the blob beside its place, piece by piece, and puts it there when its hashes are these; whoever asks for one
  // that is being written waits for that, and is told the same. Nothing of it is held in memory, but for one that lies
  // as a delta in its pack: of these one is read at a time. `room` is asked before each MiB that is written, and ends
  // it by an error. OK too when it lies in our layout, unless it is to be written `anew`, from wherever it is sound.
  // NOT_FOUND when it is nowhere; DATA_LOSS when no copy of it has these hashes, which is told again, without a look,
  // for `lost_for` while the file in its place stays what it is: what a disk could not read it may read later.
  using Room = std::function<absl::Status()>;
  absl::Status LayOut(const Oid& oid, const Sha256& sha256, const Room& room, bool anew);

 private:
  using Take = std::function<absl::Status(std::string_view raw)>;
  using Source = std::function<absl::Status(const Take& take)>;

  struct Writing {
    Sha256 sha256;
    bool anew = false;
    bool ended = false;
    absl::Status status;
  };
  struct Lost {
    Sha256 sha256;
    FileStamp place;
    absl::Status why;
    std::chrono::steady_clock::time_point until;
  };

  absl::Status LayOutAlone(const Oid& oid, const Sha256& sha256, const Room& room);
  absl::Status LayOutUnlessLost(const Oid& oid, const Sha256& sha256, const Room& room);
  // From its place.
  absl::Status LayOutOwn(const Oid& oid, const Sha256& sha256, const Room& room);
  // What `source` gives, a header and a content. It is NOT_FOUND when it has nothing.
  absl::Status WriteAndPlace(const Oid& oid, const Sha256& sha256, const Room& room, const Source& source);

  const PackSet& packs_;
  LoosePlaces& places_;
  const std::chrono::nanoseconds lost_for_;
  std::mutex mutex_;  // never held over I/O
  std::condition_variable written_;
  std::map<Oid, std::shared_ptr<Writing>> being_written_;
  std::map<Oid, Lost> lost_;  // of which no sound copy was found
  std::mutex whole_;          // held while a delta is read
};

}  // namespace greffe
