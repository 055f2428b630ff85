// What hangs on what: a walk over links, breadth first.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/index/index.h"
#include "storage/index/link_queries.h"

namespace greffe {

absl::StatusOr<v1::GetImpactResponse> FindImpact(const Index& index, std::string_view project, std::int64_t sequence,
                                                 const ImpactQuery& query);

}  // namespace greffe
