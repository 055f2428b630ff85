// What tells a request that is asked again from another one that has its id.
#pragma once

#include <string>
#include <string_view>

#include "greffe/v1/common.pb.h"

namespace greffe {

// 16 hexadecimal digits: of a serialized request without its id, after its type and a line feed.
std::string DigestOf(std::string_view serialized_request);

// The same of a request with that digest and of who asks it, which is what is kept of it: the same words of two people
// are two requests.
std::string CallersDigest(const v1::Principal& caller, std::string_view digest);

}  // namespace greffe
