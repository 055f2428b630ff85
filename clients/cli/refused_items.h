// Which files a refused check-in of many is about.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/contents.pb.h"

namespace greffe::cli {

struct RefusedItem {
  std::size_t index = 0;
  std::string detail;  // what is said of it: "is checked out by ..."
};

// The items of `request` that `status` refuses for themselves, without which the others may pass, first the one that
// its message is about: for their paths (PATH_INVALID: all that the server names; PATH_TAKEN) or since somebody else
// has checked their document out (DOCUMENT_LOCKED). Empty: it is about something else.
std::vector<RefusedItem> RefusedItems(const absl::Status& status, const v1::BatchCheckInRequest& request);

}  // namespace greffe::cli
