#include "services/call/asked_page.h"

#include <algorithm>
#include <utility>

namespace greffe {

v1::AsOf AskedPage::Moment(v1::AsOf as_of) const {
  // A baseline does not change, and says more than its sequence: which documents it has.
  if (!first && !as_of.has_baseline()) as_of.set_sequence(begin.sequence);
  return as_of;
}

absl::StatusOr<int> PageSize(int requested) {
  constexpr int kDefault = 50;
  constexpr int kMost = 1000;
  if (requested >= 0) return requested == 0 ? kDefault : std::min(requested, kMost);
  return InvalidField("page_size", "FIELD_INVALID", "'" + std::to_string(requested) + "': is below 0");
}

absl::StatusOr<AskedPage> AskPage(const Runtime& runtime, int size, const std::string& token, std::string query) {
  AskedPage page{0, token.empty(), {}, std::move(query)};
  GREFFE_ASSIGN_OR_RETURN(page.size, PageSize(size));
  if (!page.first) {
    GREFFE_ASSIGN_OR_RETURN(page.begin,
                            DecodePageToken(token, page.query, runtime.clock.Now(), runtime.limits.page_token_age));
  }
  return page;
}

std::string NextPageToken(const Runtime& runtime, const AskedPage& page, std::int64_t sequence, std::string position) {
  return EncodePageToken({sequence, std::move(position)}, page.query, runtime.clock.Now());
}

}  // namespace greffe
