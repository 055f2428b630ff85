// What can be asked of links, and the answers.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "greffe/v1/trace.pb.h"
#include "storage/base/page_bytes.h"

namespace greffe {

// Types of links as bits; 0: all.
using LinkTypes = std::uint32_t;
inline bool HasType(LinkTypes types, v1::LinkType type) { return types == 0 || (types >> static_cast<int>(type) & 1); }

struct ImpactQuery {
  std::string subject;  // see link_rules.h
  std::string anchor;   // links of this anchor alone in the first step; "": all
  bool dependents = true;
  bool dependencies = true;
  LinkTypes types = 0;
  int max_depth = 1000;
  int max_results = 1000;              // each way
  std::size_t max_bytes = kPageBytes;  // of the answer, both ways and cycles
};

struct CoverageQuery {
  v1::CoverageAxis rows;                    // without a kind: all documents
  std::optional<v1::CoverageAxis> columns;  // nullopt: whatever rows are linked with
  LinkTypes types = 0;
  bool gaps_only = false;
  int limit = 50;     // documents or records
  std::string after;  // a former page's `next`
};

struct CoveragePage {
  std::vector<v1::CoverageRow> rows;
  std::string next;  // "" at the end
};

}  // namespace greffe
