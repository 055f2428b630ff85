// What may be done to links, as acts on a transaction. Each refusal names the request's field and leaves nothing.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/link_rules.h"
#include "storage/store/transaction.h"

namespace greffe {

// Makes links in one act, each seeing the ones before it.
class LinkMaker {
 public:
  explicit LinkMaker(Transaction& transaction) : transaction_(transaction) {}

  // Makes the link, with the fields of `values` that a caller gives and its origin, and gives its id. Errors as
  // Trace.CreateLink, naming fields below `field`; after one the others may go on.
  absl::StatusOr<std::string> Make(const v1::Link& values, const std::string& field);

  // Whether the link may be, with its ends and its type: the checks of Make. `id`: the link's own, when it is there.
  absl::Status Check(const v1::Link& link, const LinkEnds& ends, const std::string& id, const std::string& field);
  // Pins the link to its ends as they are now.
  absl::Status Pin(v1::Link& link, const LinkEnds& ends);

 private:
  absl::Status CheckEnd(const LinkEnd& end, const std::string& field);
  absl::Status CheckCycle(v1::LinkType type, const LinkEnds& ends, const std::string& id);
  // What a thing comes after, by links of that type.
  struct Next {
    std::string node;
    std::string subject;
    std::string link;
  };
  absl::StatusOr<const std::vector<Next>*> NextOf(v1::LinkType type, const std::string& node,
                                                  const std::string& subject);
  static std::string NextKey(v1::LinkType type, const std::string& node);

  Transaction& transaction_;
  absl::flat_hash_map<std::string, std::string> made_;  // LinkKey -> id
  absl::flat_hash_map<std::string, std::vector<Next>> next_;
  std::size_t steps_ = 0;
};

absl::Status CreateLink(Transaction& transaction, const v1::Link& values);
absl::Status CreateLinks(Transaction& transaction, const std::vector<v1::Link>& links);
// What who confirms or re-points has looked at, as Link.from_hash; "": anything. Another one by then is ABORTED
// (ETAG_MISMATCH).
struct ExpectedHashes {
  std::string from;
  std::string to;
};
absl::Status ConfirmLink(Transaction& transaction, const std::string& id, const std::string& reason,
                         const std::string& etag, const ExpectedHashes& expected);
struct LinkTarget {
  std::string name;    // "": as it was
  std::string anchor;  // goes with the name, or alone for another anchor of the same document
};
absl::Status RepointLink(Transaction& transaction, const std::string& id, const LinkTarget& from, const LinkTarget& to,
                         const std::string& reason, const std::string& etag, const ExpectedHashes& expected);
// Gives the link as it was.
absl::StatusOr<v1::Link> DeleteLink(Transaction& transaction, const std::string& id, const std::string& reason,
                                    const std::string& etag);

}  // namespace greffe
