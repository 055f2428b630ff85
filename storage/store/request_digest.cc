#include "storage/store/request_digest.h"

#include "storage/base/hashing.h"

namespace greffe {

std::string DigestOf(std::string_view serialized_request) { return Sha256Of(serialized_request).Hex().substr(0, 16); }

std::string CallersDigest(const v1::Principal& caller, std::string_view digest) {
  return DigestOf(caller.id() + "\n" + std::string(digest));
}

}  // namespace greffe
