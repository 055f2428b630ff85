// The digest of an ImportTable request, whose data may be too large to be copied for it.
#pragma once

#include <string>
#include <string_view>

#include "greffe/v1/tables.pb.h"

namespace greffe {

// RequestDigest of `rest` with `data`, which it has not.
std::string ImportDigest(const v1::ImportTableRequest& rest, std::string_view data);

}  // namespace greffe
