// The page of a list that a request asks for, and the token of the page behind it (AIP-158).
#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "services/call/runtime.h"
#include "services/call/unary.h"
#include "storage/base/page_token.h"

namespace greffe {

// The page size to use: 50 where none was asked for, 1,000 at most. INVALID_ARGUMENT below 0.
absl::StatusOr<int> PageSize(int requested);

struct AskedPage {
  int size = 0;       // items at most
  bool first = true;  // no token came with the request
  PageToken begin;    // as the page before said it; of the first page, sequence 0 and an empty position
  std::string query;  // what tokens of this list belong to

  // The moment at which to read what was first read `as_of`: all pages of a list see that of the first one.
  v1::AsOf Moment(v1::AsOf as_of) const;
};

// `query` is all that tells this list from others. Errors are those of PageSize and DecodePageToken.
absl::StatusOr<AskedPage> AskPage(const Runtime& runtime, int size, const std::string& token, std::string query);

// What a page token of this list belongs to: the request but for page size and token.
template <typename Request>
std::string PageQuery(const Request& request) {
  Request rest = request;
  rest.clear_page_size();
  rest.clear_page_token();
  return request.GetTypeName() + "\n" + SerializeDeterministically(rest);
}

// Of a request with `page_size` and `page_token`. `whose`: the caller, of lists that are not the same to all.
template <typename Request>
absl::StatusOr<AskedPage> AskPage(const Runtime& runtime, const Request& request, const std::string& whose = "") {
  return AskPage(runtime, request.page_size(), request.page_token(),
                 (whose.empty() ? "" : whose + "\n") + PageQuery(request));
}

// The token of the page behind this one, for `next_page_token`.
std::string NextPageToken(const Runtime& runtime, const AskedPage& page, std::int64_t sequence, std::string position);

}  // namespace greffe
