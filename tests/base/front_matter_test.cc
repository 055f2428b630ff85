#include "storage/base/front_matter.h"

#include <gtest/gtest.h>

#include <string>

namespace greffe {
namespace {

std::string Values(const std::string& text) {
  std::string values;
  for (const FrontMatterValue& value : ParseFrontMatter(text)) values += value.key + "=" + value.value + ";";
  return values;
}

TEST(FrontMatterTest, ListsAreSeveralValues) {
  EXPECT_EQ(Values("---\neip: 1\nrequires: 2, 3\n---\ntext: no\n"), "eip=1;requires=2;requires=3;");
  EXPECT_EQ(Values("---\nrequires: [\"A-1\", 'B-2']  # both\n---\n"), "requires=A-1;requires=B-2;");
  EXPECT_EQ(Values("---\nrequires:\n  - A-1\n  - B-2\nnext: x\n---\n"), "requires=A-1;requires=B-2;next=x;");
  EXPECT_EQ(Values("---\r\na: b\r\n---\r\n"), "a=b;");
  EXPECT_EQ(Values("---\nrequires:\nempty: ,,\n---\n"), "");
}

TEST(FrontMatterTest, WhatIsNotClosedAtTheBeginningIsNone) {
  EXPECT_EQ(Values("a: b\n"), "");
  EXPECT_EQ(Values("---\na: b\n"), "");
  EXPECT_EQ(Values("\n---\na: b\n---\n"), "");
  EXPECT_EQ(Values(""), "");
  EXPECT_EQ(FrontMatterLines("---\na: b\n---\nx"), 3u);
}

}  // namespace
}  // namespace greffe
