#include <gmock/gmock.h>

#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

TEST_F(CliTest, ANameInBracketsIsOneNameAndNoList) {
  WriteFile("old/b.md", "b");
  WriteFile("[old]/a.md", "a");
  WriteFile("[a,b]", "c");
  EXPECT_EQ(Greffe({"put", "[old]", "[a,b]"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("[old]/a.md"));
  EXPECT_THAT(out_, HasSubstr("[a,b]"));
  EXPECT_THAT(out_, Not(HasSubstr("b.md")));
  EXPECT_EQ(Greffe({"withdraw", "./[a,b]", "[old]/a.md"}), 0) << err_;
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  EXPECT_EQ(Greffe({"edit", "SPC-1", "--title", "[x]", "--alternate-number", "[a,b]"}), 0) << err_;
  EXPECT_EQ(state_.update.document().title(), "[x]");
  EXPECT_THAT(state_.update.document().alternate_numbers(), ElementsAre("[a,b]"));
  EXPECT_EQ(Greffe({"show", "SPC-1", "[x]"}), 2);
  EXPECT_THAT(err_, HasSubstr("not expected: [x]\n"));
}

TEST_F(CliTest, AnOptionWithNothingBehindItsEqualsSignIsEmptyAndTakesNoArgument) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  EXPECT_EQ(Greffe({"edit", "SPC-1", "--owner=", "--etag=e7"}), 0) << err_;
  EXPECT_EQ(state_.update.document().owner(), "");
  EXPECT_EQ(state_.update.document().etag(), "e7");
  EXPECT_EQ(Greffe({"edit", "SPC-1", "--title", "--owner="}), 0) << err_;
  EXPECT_EQ(state_.update.document().title(), "--owner=") << "a value, whatever it looks like";
  EXPECT_EQ(Greffe({"get", "SPC-1", "--force="}), 2) << "of a flag there is no value";
  EXPECT_EQ(Greffe({"get", "SPC-1", "--version="}), 2);
}

TEST_F(CliTest, WhatFollowsTwoDashesAreNames) {
  WriteFile("a.md", "a");
  WriteFile("-d.md", "d");
  WriteFile("ls", "l");
  EXPECT_EQ(Greffe({"put", "a.md", "--", "-d.md", "ls"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("a.md"));
  EXPECT_THAT(out_, HasSubstr("-d.md"));
  EXPECT_THAT(out_, HasSubstr("ls\n"));
  EXPECT_EQ(Greffe({"put", "--", "-d.md"}), 0) << err_;
  EXPECT_EQ(Greffe({"put", "a.md", "--", "--owner="}), 1) << "a file that is not there";
  EXPECT_THAT(err_, HasSubstr("\"--owner=\""));
  WriteFile("a.md", "a2");
  EXPECT_EQ(Greffe({"put", "a.md", "-m", "--"}), 0) << err_;
  EXPECT_EQ(state_.documents["projects/p/documents/REC-2"].versions.back().comment(), "--") << "a value all the same";
}

}  // namespace
}  // namespace greffe::cli
