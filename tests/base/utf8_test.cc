#include "storage/base/utf8.h"

#include <gtest/gtest.h>

#include <string>

namespace greffe {
namespace {

TEST(Utf8Test, TakesOneCharacterAtATime) {
  std::string_view text = "a\xc3\xa9\xe2\x82\xac\xf0\x9f\x93\x81";
  EXPECT_EQ(TakeCodePoint(text), U'a');
  EXPECT_EQ(TakeCodePoint(text), U'\u00e9');
  EXPECT_EQ(TakeCodePoint(text), U'\u20ac');
  EXPECT_EQ(TakeCodePoint(text), U'\U0001F4C1');
  EXPECT_TRUE(text.empty());
}

// The ends of each length, and what lies just outside (RFC 3629, section 3; the cases of Markus Kuhn's test file).
TEST(Utf8Test, KnowsWhatIsNone) {
  for (const char* good : {"\x7f", "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80",
                           "\xef\xbf\xbf", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf"}) {
    EXPECT_TRUE(IsUtf8(good)) << PrintableUtf8(good);
  }
  for (const char* bad : {"\x80",
                          "\xbf",
                          "\xc0\x80",
                          "\xc1\xbf",
                          "\xe0\x80\x80",
                          "\xe0\x9f\xbf",
                          "\xed\xa0\x80",
                          "\xed\xbf\xbf",
                          "\xf0\x80\x80\x80",
                          "\xf0\x8f\xbf\xbf",
                          "\xf4\x90\x80\x80",
                          "\xf5\x80\x80\x80",
                          "\xf8\x88\x80\x80\x80",
                          "\xfe",
                          "\xff",
                          "\xc3",
                          "\xe2\x82",
                          "\xf0\x9f\x93",
                          "\xc3(",
                          "a\xc3"}) {
    EXPECT_FALSE(IsUtf8(bad)) << PrintableUtf8(bad);
  }
  EXPECT_TRUE(IsUtf8(std::string_view("\0", 1)));
  EXPECT_TRUE(IsUtf8(""));
}

TEST(Utf8Test, MessagesShowNoControlsAndNoBytesThatAreNone) {
  EXPECT_EQ(PrintableUtf8("a\x1b[2J\xff\xc2\x9b\xc3\xa9\n"),
            "a\xef\xbf\xbd[2J\xef\xbf\xbd\xef\xbf\xbd\xc3\xa9\xef\xbf\xbd");
}

}  // namespace
}  // namespace greffe
