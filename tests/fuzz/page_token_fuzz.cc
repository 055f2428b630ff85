// Page tokens: a foreign one is refused; ours comes back, for its own query alone.
#include <string>

#include "storage/base/page_token.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr Micros kNow = 1'800'000'000'000'000;
  constexpr Micros kAge = 3'600'000'000;
  const std::string_view text = AsText(data, size);
  if (const auto token = DecodePageToken(text, "query", kNow, kAge); token.ok()) {
    (void)DecodePageToken(EncodePageToken(*token, "query", kNow), "query", kNow, kAge).value();
  }
  const PageToken ours{static_cast<std::int64_t>(size), std::string(text)};
  const std::string encoded = EncodePageToken(ours, text, kNow);
  const auto back = DecodePageToken(encoded, text, kNow, kAge);
  FUZZ_REQUIRE(back.ok() && back->sequence == ours.sequence && back->position == ours.position);
  FUZZ_REQUIRE(!DecodePageToken(encoded, std::string(text) + "x", kNow, kAge).ok());
  FUZZ_REQUIRE(!DecodePageToken(encoded, text, kNow + kAge + 1'000'000, kAge).ok());
  return 0;
}
