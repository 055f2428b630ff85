#include "storage/base/page_token.h"

#include "absl/strings/escaping.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"

namespace greffe {
namespace {

constexpr std::size_t kCheckBytes = 12;
// A list that is ordered by a text has the last one's in its token: 10,000 characters of four bytes at most.
constexpr std::size_t kMostBytes = std::size_t{64} << 10;
constexpr Micros kMaxSkew = Micros{3600} * 1'000'000;   // that a clock goes back by
constexpr std::size_t kHeaderBytes = kCheckBytes + 16;  // check, issue time, sequence

void AppendNumber(std::string& out, std::int64_t number) {
  for (int shift = 56; shift >= 0; shift -= 8) out += static_cast<char>(static_cast<std::uint64_t>(number) >> shift);
}

std::int64_t ReadNumber(std::string_view bytes) {
  std::uint64_t number = 0;
  for (int i = 0; i < 8; ++i) number = number << 8 | static_cast<unsigned char>(bytes[i]);
  return static_cast<std::int64_t>(number);
}

// Over the rest of the token and the query: guards against damage and mix-ups, and is no secret.
std::string Check(std::string_view body, std::string_view query) {
  Sha256Hasher hasher;
  hasher.Update(body);
  hasher.Update(query);
  return std::string(hasher.Finish().Raw().substr(0, kCheckBytes));
}

}  // namespace

std::string EncodePageToken(const PageToken& token, std::string_view query, Micros now) {
  std::string body;
  AppendNumber(body, now);
  AppendNumber(body, token.sequence);
  body += token.position;
  return absl::WebSafeBase64Escape(Check(body, query) + body);
}

absl::StatusOr<PageToken> DecodePageToken(std::string_view text, std::string_view query, Micros now, Micros max_age) {
  std::string bytes;
  const bool decoded = text.size() <= kMostBytes && absl::WebSafeBase64Unescape(std::string(text), &bytes);
  if (!decoded || bytes.size() < kHeaderBytes ||
      bytes.substr(0, kCheckBytes) != Check(std::string_view(bytes).substr(kCheckBytes), query)) {
    return InvalidField("page_token", "PAGE_TOKEN_INVALID", "is damaged, or belongs to a request with other fields");
  }
  const std::string_view body = std::string_view(bytes).substr(kCheckBytes);
  // One that somebody made by hand may say anything.
  const Micros issued = ReadNumber(body);
  if (issued < 0 || issued > now + kMaxSkew) {
    return InvalidField("page_token", "PAGE_TOKEN_INVALID", "is not from a time that has been");
  }
  const Micros age = now - issued;
  if (age > max_age) {
    return InvalidField("page_token", "PAGE_TOKEN_EXPIRED",
                        "is " + std::to_string(age / 3'600'000'000) + " hours old, valid are " +
                            std::to_string(max_age / 3'600'000'000));
  }
  return PageToken{ReadNumber(body.substr(8)), std::string(body.substr(16))};
}

}  // namespace greffe
