// Content on its way into a commit: hashed before the write is queued, so that the committer touches no bytes but those
// of texts that the server writes itself.
#pragma once

#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "greffe/v1/versions.pb.h"

namespace greffe {

struct StagedContent {
  // role, file_name and media_type as the version shall say; size, sha256 and oid of the bytes.
  v1::File file;
  // The bytes, when they travel in the journal; null when `upload` holds them.
  std::shared_ptr<const std::string> data;
  // Id of the complete upload whose file becomes the object; consumed by the commit.
  std::string upload;
};

// Hashes bytes that travel in the journal; see Store::Stage. Of any size: the caller bounds it.
absl::StatusOr<StagedContent> StageBytes(std::string data, const std::string& file_name, const std::string& media_type,
                                         const std::string& field);

}  // namespace greffe
