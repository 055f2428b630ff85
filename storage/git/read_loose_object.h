// Loose git objects of any layout, stock git's too, as a whole.
#pragma once

#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "storage/base/git_object.h"
#include "storage/base/oid.h"

namespace greffe {

// The object `oid` in memory; nullopt when the file is not there. DATA_LOSS (DATA_DAMAGED) when its bytes are not those
// of the object: as soon as they cannot be, so that damage does not cost the memory of a large one. RESOURCE_EXHAUSTED
// (FILE_TOO_LARGE) above 4 GiB.
absl::StatusOr<std::optional<GitObject>> ReadLooseObject(const std::string& path, const Oid& oid);

}  // namespace greffe
