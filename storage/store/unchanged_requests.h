// Requests that no commit knows: they changed nothing, or a lock alone. Their uploads are gone, and done again behind
// other writes they might change something: who did not get the answer asks again, and is answered from here. State
// rows of the journal (`unchanged/<project>/<request id>`), all of them in memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "storage/base/clock.h"
#include "storage/journal/journal.h"

namespace greffe {

struct UnchangedRequest {
  Sequence sequence = 0;  // what its act saw
  Micros time = 0;        // when that was, by AgeClock
  std::string digest;     // CallersDigest
  // What a request about a lock answered, serialized; "": it was about none.
  std::string lock = {};
};

// Thread-safe. Holds the newest `most`.
class UnchangedRequests {
 public:
  explicit UnchangedRequests(std::size_t most = 10'000) : most_(most) {}

  // Rows of a clock that was more than a day ahead of `now` (see AgeClock) are the oldest: they would otherwise stay
  // until that time, and all others go. DATA_LOSS when a row is none.
  absl::Status Load(const Journal& journal, Micros now);

  std::optional<UnchangedRequest> Find(std::string_view project, std::string_view request_id) const;

  // What is to be appended, so that one more is known, and so that the oldest beyond the bound are not when `more` are;
  // then Put.
  static StateChange Row(std::string_view project, std::string_view request_id, const UnchangedRequest& request);
  std::vector<StateChange> Oldest(std::size_t more) const;
  void Put(const std::vector<StateChange>& appended);

 private:
  bool Put(const StateChange& change, Micros newest = INT64_MAX);

  const std::size_t most_;
  mutable std::mutex mutex_;
  std::map<std::string, UnchangedRequest> requests_;  // by key of the row
  std::multimap<Micros, std::string> by_time_;        // these keys
};

}  // namespace greffe
