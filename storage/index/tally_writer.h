// The figures of a project, kept with each commit: what it changes in counts by topic; see storage/base/tally_rules.h.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/base/tally_rules.h"
#include "storage/index/tally.h"

namespace greffe {

class IndexBatch;

// What one commit has changed so far.
class TallyWriter {
 public:
  // Takes `before` away and adds `after`. Nothing is looked up for what stays as it was: most check-ins.
  void Change(std::vector<TallyCount> before, std::vector<TallyCount> after);
  // Puts a row for each topic whose counts changed, and forgets them.
  absl::Status Write(IndexBatch& batch, std::string_view project, std::int64_t sequence);
  void Clear() { changes_.clear(); }

 private:
  std::map<std::string, Tally> changes_;  // by topic
};

}  // namespace greffe
