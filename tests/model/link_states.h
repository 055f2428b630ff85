// Whether links can be relied on, as the contract promises it (Link.state): what they end at, and what commits that
// change an end make of them.
#pragma once

#include <string>

#include "greffe/v1/trace.pb.h"
#include "tests/model/rules.h"

namespace greffe::model {

// What a link ends at.
struct LinkEnd {
  bool exists = false;
  bool withdrawn = false;  // the document that it is, or is of
  std::string hash;        // as Link.from_hash
};
LinkEnd FindLinkEnd(const Moment& moment, const std::string& name);

// Adds to a commit that puts other things what it makes of the links that end there.
void FollowLinks(const Moment& moment, const Made& made, Expected& expected);

}  // namespace greffe::model
