// Contents of versions, read back from wherever they lie.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "greffe/v1/versions.pb.h"
#include "storage/store/content_reader.h"
#include "storage/store/content_seals.h"
#include "storage/store/object_source.h"

namespace greffe {

// The whole content, held against its SHA-256.
absl::StatusOr<std::string> ReadStoredContent(ObjectSource& objects, std::string_view project, const v1::File& file);

// What becomes of a content that does not lie so that its ranges can be read.
struct ContentLayout {
  std::int64_t above = INT64_MAX;  // a larger one is written anew, so that it does (GitRepository::LayOutBlob),
  std::int64_t reserve_bytes = 0;  // unless that leaves less free space than this
};
// Of those, up to so many bytes are read into memory where that fails.
inline constexpr std::int64_t kMostContentInMemory = std::int64_t{64} << 20;

// The content by ranges: a large one from its loose file, a small one from memory. `seals` outlives it.
// RESOURCE_EXHAUSTED (DISK_FULL) when it is to be written anew, and there is no room for that.
absl::StatusOr<std::unique_ptr<ContentReader>> OpenStoredContent(ObjectSource& objects, ContentSeals& seals,
                                                                 std::string_view project, const v1::File& file,
                                                                 const ContentLayout& layout = {});

}  // namespace greffe
