// Contents of versions, read back from wherever they lie.
#pragma once

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

// The content by ranges: a large one from its loose file, a small one from memory. `seals` outlives it.
absl::StatusOr<std::unique_ptr<ContentReader>> OpenStoredContent(ObjectSource& objects, ContentSeals& seals,
                                                                 std::string_view project, const v1::File& file);

}  // namespace greffe
