// Page tokens (AIP-158): opaque to clients, bound to their query, with an age limit.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "storage/base/clock.h"

namespace greffe {

struct PageToken {
  std::int64_t sequence = 0;  // the moment that all pages see
  std::string position;       // where the next page begins; meaning is the listing's
};

// `query` is everything of the request but page size and token (a serialised message will do); base64url,
// self-checking.
std::string EncodePageToken(const PageToken& token, std::string_view query, Micros now);

// INVALID_ARGUMENT: PAGE_TOKEN_INVALID when it is not one of ours, is damaged, or belongs to another query;
// PAGE_TOKEN_EXPIRED when older than `max_age`.
absl::StatusOr<PageToken> DecodePageToken(std::string_view text, std::string_view query, Micros now, Micros max_age);

}  // namespace greffe
