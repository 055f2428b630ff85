// A link as its ends see it: what a walk over links needs, without the link's record.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/base/link_rules.h"

namespace greffe {

// Which end of the link the row is of.
enum class LinkSide : char { kFrom = 'f', kTo = 't' };

struct LinkRow {
  v1::LinkType type = v1::LINK_TYPE_UNSPECIFIED;
  v1::LinkState state = v1::LINK_STATE_UNSPECIFIED;      // the link's
  v1::LinkState own_state = v1::LINK_STATE_UNSPECIFIED;  // this end's
  std::int64_t version = 0;                              // of this end
  std::string anchor;                                    // of this end
  std::string hash;                                      // that this end is pinned to
  std::string own_type;                                  // type of the document at this end; "": another record
  LinkEnd other;
  std::string other_type;

  std::string Encode() const;
  // Takes the place of what is in here (whose memory is used again). UNAVAILABLE (INDEX_DAMAGED) when it is none.
  absl::Status Decode(std::string_view row);
};

}  // namespace greffe
