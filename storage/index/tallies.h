// The tallies of a project at a moment. The newest rows of all topics lie side by side and are read in one walk: a
// status asks for dozens of them, and looking each up costs several times as much.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/index/tally.h"

namespace rocksdb {
class Iterator;
}

namespace greffe {

class Index;

// Not thread-safe.
class Tallies {
 public:
  Tallies(Tallies&&) noexcept;
  ~Tallies();

  // Empty when nothing was counted by then. Stays where it is as long as this object.
  absl::StatusOr<const Tally*> Get(const std::string& topic);

 private:
  friend class ProjectView;
  Tallies(const Index& index, std::string project, std::int64_t sequence);

  absl::Status ReadNewest();
  // The row as of the moment; "" when there was none.
  absl::StatusOr<std::string> RowAt(std::string_view topic);

  const Index* index_;
  std::string project_;
  std::int64_t sequence_;
  std::vector<std::pair<std::string, std::string>> newest_;  // rows by topic, in order
  std::unique_ptr<rocksdb::Iterator> history_;               // made for the first topic that has changed since
  std::map<std::string, Tally, std::less<>> read_;           // by topic
};

}  // namespace greffe
