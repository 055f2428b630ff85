// The rows by which links are found from their ends, and the states of links, kept right as their ends change.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/index/commit_facts.h"
#include "storage/index/index_batch.h"
#include "storage/index/link_row.h"

namespace greffe {

// Of one commit. Links whose ends change get rows with their new states; their records stay as they are.
class LinkWriter {
 public:
  LinkWriter(IndexBatch& batch, CommitFacts& facts)
      : batch_(batch), facts_(facts), project_(facts.project), sequence_(facts.change.sequence()) {}

  // Fills in the state of a link that the commit puts. `before`: as it was; null when it is new.
  absl::Status Complete(v1::Link& link, const v1::Link* before) const;
  // Puts the rows at both ends of a link that the commit changed. Null: there is none (any more).
  absl::Status Put(const std::string& id, const v1::Link* before, const v1::Link* after);
  // Looks again at each link that ends at what the commit changed, and tells of those whose state changes in the
  // change.
  absl::Status CheckEnds();

 private:
  absl::StatusOr<std::string> TypeOf(const LinkEnd& end) const;
  absl::Status CheckSubject(const std::string& subject);
  absl::Status ChangeState(const std::string& id, LinkSide side, v1::LinkState state);
  void AddEntries();
  absl::Status PutEnd(const std::string& id, LinkSide side, const std::string& subject, const LinkRow* row,
                      int count_change);

  struct StateChange {
    v1::LinkState before;
    v1::LinkState after;
  };

  IndexBatch& batch_;
  CommitFacts& facts_;
  const std::string& project_;
  const std::int64_t sequence_;
  std::map<std::string, StateChange> changed_;  // by id: in an order that does not depend on how ends are found
};

}  // namespace greffe
