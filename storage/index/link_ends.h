// What the ends of links are in the newest state.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "storage/base/link_rules.h"
#include "storage/index/index_batch.h"

namespace greffe {

absl::StatusOr<EndFacts> FindEnd(const IndexBatch& batch, std::string_view project, const LinkEnd& end);

}  // namespace greffe
