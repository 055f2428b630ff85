// A pack and its idx on their way to the disk (gitformat-pack(5), version 2 of both).
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/base/oid.h"

namespace greffe {

struct PackFiles {
  std::string pack_name;  // "pack-<40 hex digits>", of the pack's own checksum
  std::int64_t pack_bytes = 0;
  std::int64_t object_count = 0;
};

// What lies before an entry's zlib stream: `type` of the pack format, `size` of what the stream inflates to, and for a
// delta the `distance` back to its base (0: none).
void AppendEntryHead(std::string& out, int type, std::size_t size, std::int64_t distance);

// Begins the temporary name of an idx. Where the process ends between the two renames, it is whole (lone_packs.h).
inline constexpr char kTemporaryIdx[] = "tmp_idx_";

// Both lie under temporary names, which neither git nor a refresh takes for a pack, until Finish; what is not finished
// is removed. Not thread-safe.
class PackFile {
 public:
  // For exactly `count` entries.
  static absl::StatusOr<std::unique_ptr<PackFile>> Create(const std::string& directory, std::int64_t count);
  ~PackFile();

  // Where the next entry will lie.
  std::int64_t offset() const;
  absl::Status Append(const Oid& oid, std::string_view entry);

  // Both synced, then renamed, the pack first, then the directory synced. INTERNAL (PACK_INCOMPLETE) unless it has as
  // many entries as were told.
  absl::StatusOr<PackFiles> Finish();

 private:
  struct State;
  explicit PackFile(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace greffe
