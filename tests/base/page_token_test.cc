#include "storage/base/page_token.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr Micros kNow = 1'700'000'000'000'000;
constexpr Micros kHour = Micros{3600} * 1'000'000;

class PageTokenTest : public testing::Test {
 protected:
  static std::string ReasonOfDecoding(const std::string& text, const std::string& query = "query", Micros now = kNow) {
    return ReasonOf(DecodePageToken(text, query, now, 24 * kHour).status());
  }
  const std::string token_ = EncodePageToken({57, std::string("a\0b\xff", 4)}, "query", kNow);
};

TEST_F(PageTokenTest, ComesBackForItsOwnQuery) {
  const auto decoded = DecodePageToken(token_, "query", kNow + kHour, 24 * kHour);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->sequence, 57);
  EXPECT_EQ(decoded->position, std::string("a\0b\xff", 4));
  EXPECT_EQ(token_.find_first_of("+/"), std::string::npos) << "may stand in a URL";
}

TEST_F(PageTokenTest, HoldsThePlaceInAListThatIsOrderedByALongText) {
  const std::string position(40'000, 'x');
  const auto decoded = DecodePageToken(EncodePageToken({57, position}, "query", kNow), "query", kNow, 24 * kHour);
  ASSERT_TRUE(decoded.ok()) << decoded.status();
  EXPECT_EQ(decoded->position, position);
  EXPECT_EQ(ReasonOfDecoding(std::string(70'000, 'A'), "query"), "PAGE_TOKEN_INVALID");
}

TEST_F(PageTokenTest, AnotherQueryIsRefused) { EXPECT_EQ(ReasonOfDecoding(token_, "other"), "PAGE_TOKEN_INVALID"); }

TEST_F(PageTokenTest, AnyChangeIsFound) {
  for (std::size_t i = 0; i < token_.size(); ++i) {
    std::string changed = token_;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    const auto decoded = DecodePageToken(changed, "query", kNow, 24 * kHour);
    // The last character may hold bits that stand for nothing.
    EXPECT_TRUE(!decoded.ok() || i == token_.size() - 1) << changed;
    EXPECT_EQ(ReasonOfDecoding(token_.substr(0, i)), "PAGE_TOKEN_INVALID") << i;
  }
  for (const std::string& bad : {std::string("%%%"), std::string(9000, 'A'), std::string("token"), token_ + "AAAA"}) {
    EXPECT_EQ(ReasonOfDecoding(bad), "PAGE_TOKEN_INVALID") << bad.substr(0, 20);
  }
}

TEST_F(PageTokenTest, ExpiresAfterItsAge) {
  EXPECT_EQ(ReasonOfDecoding(token_, "query", kNow + 24 * kHour), "");
  EXPECT_EQ(ReasonOfDecoding(token_, "query", kNow + 24 * kHour + 1), "PAGE_TOKEN_EXPIRED");
}

TEST_F(PageTokenTest, OneFromATimeThatHasNotBeenIsRefused) {
  for (const Micros made :
       {std::numeric_limits<Micros>::min(), Micros{-1}, kNow + 2 * kHour, std::numeric_limits<Micros>::max()}) {
    EXPECT_EQ(ReasonOfDecoding(EncodePageToken({57, "a"}, "query", made)), "PAGE_TOKEN_INVALID") << made;
  }
  EXPECT_EQ(ReasonOfDecoding(EncodePageToken({57, "a"}, "query", 0)), "PAGE_TOKEN_EXPIRED");
  EXPECT_EQ(ReasonOfDecoding(token_, "query", kNow - kHour), "") << "a clock may go back a little";
}

}  // namespace
}  // namespace greffe
