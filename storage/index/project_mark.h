// How far the index has applied a project, with what every read of "now" needs of it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/base/clock.h"
#include "storage/base/oid.h"

namespace greffe {

struct ProjectMark {
  std::int64_t sequence = 0;
  Oid commit;
  Micros record_time = 0;
  Micros effective_time = 0;
  std::int64_t document_count = 0;  // active ones
  std::int64_t version_count = 0;
  // Commits before this sequence do not count for `as_of` a time: an import into an empty project brought a history
  // that is older than the project's registration here.
  std::int64_t first_dated_sequence = 1;

  std::string Encode() const;
  static absl::StatusOr<ProjectMark> Decode(std::string_view row);

  friend bool operator==(const ProjectMark&, const ProjectMark&) = default;
};

}  // namespace greffe
