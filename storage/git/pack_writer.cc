#include "storage/git/pack_writer.h"

#include <memory>

#include "absl/container/flat_hash_map.h"
#include "storage/base/errors.h"
#include "storage/base/media_type.h"
#include "storage/git/deflater.h"
#include "storage/git/object_format.h"

namespace greffe {
namespace {

constexpr std::int64_t kMinDeltaSize = 64;
// A delta up to this size is little but an id: deflate would save nothing and clear 128 KiB of tables to find that out.
constexpr std::size_t kMinDeflated = 128;

// Turns objects into pack entries.
class EntryEncoder {
 public:
  // `distance`: back to the base of a delta; 0: none.
  std::string_view Encode(int type, std::string_view data, std::int64_t distance, bool store) {
    return Copy(type, data.size(), distance, store ? deflater_.Store(data) : deflater_.Deflate(data));
  }

  // `size`: what `deflated` inflates to.
  std::string_view Copy(int type, std::size_t size, std::int64_t distance, std::string_view deflated) {
    entry_.clear();
    AppendEntryHead(entry_, type, size, distance);
    entry_ += deflated;
    return entry_;
  }

 private:
  Deflater deflater_;
  std::string entry_;
};

}  // namespace

absl::StatusOr<PackFiles> WritePackFiles(const std::string& directory, const std::vector<PackInput>& objects) {
  // Each id once; the first place it has is the one that counts.
  using Places = absl::flat_hash_map<Oid, std::size_t, std::hash<Oid>>;
  Places positions;
  positions.reserve(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) positions.try_emplace(objects[i].oid, i);
  // The object that came in the place of this one: its base.
  Places successors;
  successors.reserve(objects.size());
  for (std::size_t i = 0; i < objects.size(); ++i) {
    if (!objects[i].predecessor.IsZero() && positions.contains(objects[i].predecessor)) {
      successors[objects[i].predecessor] = positions[objects[i].oid];
    }
  }

  GREFFE_ASSIGN_OR_RETURN(const std::unique_ptr<PackFile> pack,
                          PackFile::Create(directory, static_cast<std::int64_t>(positions.size())));
  EntryEncoder encoder;
  struct Written {
    std::int64_t offset = 0;  // 0: not yet
    int depth = 0;
  };
  std::vector<Written> written(objects.size());
  // From the newest back, so that a base is written before what is a delta of it.
  for (std::size_t i = objects.size(); i-- > 0;) {
    const PackInput& object = objects[i];
    if (positions[object.oid] != i) continue;
    const PackInput::Stored& stored = object.stored;
    const bool compressed = object.type == ObjectType::kBlob && IsCompressed(object.data);
    std::string delta;
    bool copied_delta = false;
    std::size_t base = 0;
    if (const auto successor = successors.find(object.oid);
        successor != successors.end() && static_cast<std::int64_t>(object.data.size()) >= kMinDeltaSize) {
      base = successor->second;
      if (written[base].offset > 0 && written[base].depth < kMaxDeltaDepth && objects[base].type == object.type &&
          !compressed) {
        copied_delta = !stored.deflated.empty() && stored.delta_bytes > 0 && stored.base == objects[base].oid;
        if (!copied_delta) delta = MakeDelta(objects[base].data, object.data);
      }
    }
    const std::int64_t offset = pack->offset();
    const std::int64_t distance = offset - written[base].offset;
    const int type = static_cast<int>(object.type);
    std::string_view entry;
    if (copied_delta) {
      entry = encoder.Copy(kOfsDelta, static_cast<std::size_t>(stored.delta_bytes), distance, stored.deflated);
    } else if (!delta.empty()) {
      entry = encoder.Encode(kOfsDelta, delta, distance, delta.size() <= kMinDeflated);
    } else if (!stored.deflated.empty() && stored.delta_bytes == 0) {
      entry = encoder.Copy(type, object.data.size(), 0, stored.deflated);
    } else {
      entry = encoder.Encode(type, object.data, 0, compressed);
    }
    written[i] = {offset, copied_delta || !delta.empty() ? written[base].depth + 1 : 0};
    GREFFE_RETURN_IF_ERROR(pack->Append(object.oid, entry));
  }
  return pack->Finish();
}

}  // namespace greffe
