// Walks over links by their ends, as they were at a moment: no records, and at most one seek a subject. Subjects that
// are asked for in the order of their keys need fewer: the walk knows that nothing lies between two keys that it
// passed.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/index/index.h"
#include "storage/index/link_row.h"

namespace rocksdb {
class Iterator;
}

namespace greffe {

// Not thread-safe; for one request. The index must outlive it.
class LinkWalk {
 public:
  LinkWalk(const Index& index, std::string_view project, std::int64_t sequence);
  ~LinkWalk();

  // Each link that ends at the subject, by side and id; false ends the walk.
  using Visit = std::function<bool(LinkSide side, std::string_view id, const LinkRow& row)>;
  absl::Status Links(std::string_view subject, const Visit& visit) const;
  // Of one side.
  absl::Status Links(std::string_view subject, LinkSide side, const Visit& visit) const;

 private:
  // `prefix` ends at, or just before, the side.
  absl::Status Walk(const std::string& prefix, std::size_t side, const Visit& visit) const;

  const Index& index_;
  const std::string project_;
  const std::int64_t sequence_;
  const std::unique_ptr<rocksdb::Iterator> row_;
  // Where the walk before ended: `row_` is on the first key at or after this one. "": not known.
  mutable std::string passed_;
};

}  // namespace greffe
