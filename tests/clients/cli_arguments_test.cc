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

TEST_F(CliTest, AnEmptyOptionIsRefusedWhereNoneWouldMeanSomethingElse) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  WriteFile("f", "f");
  const std::vector<std::pair<std::vector<std::string>, std::string>> commands = {
      {{"get", "SPC-1"}, "--revision"},
      {{"get", "SPC-1"}, "--companion"},
      {{"put", "f"}, "--document"},
      {{"put", "f"}, "--etag"},
      {{"edit", "SPC-1", "--title", "t"}, "--etag"},
      {{"mv", "SPC-1", "b.md"}, "--etag"},
      {{"withdraw", "SPC-1"}, "--etag"},
      {{"reinstate", "SPC-1"}, "--etag"},
      {{"restore", "SPC-1", "--version", "1"}, "--etag"},
      {{"deliverable", "accept", "D"}, "--etag"},
      {{"deliverable", "reject", "D", "-m", "m"}, "--etag"},
      {{"deliverable", "update", "D"}, "--etag"},
      {{"milestone", "update", "M"}, "--etag"},
      {{"risk", "update", "R"}, "--etag"},
      {{"trace", "confirm", "L", "-m", "m"}, "--etag"},
      {{"trace", "repoint", "L", "-m", "m"}, "--etag"},
      {{"trace", "rm", "L"}, "--etag"},
      {{"project", "update", "p", "--title", "t"}, "--etag"},
      {{"watch", "--stop-at-end"}, "--cursor"},
      {{"inbox", "watch", "--stop-at-end"}, "--cursor"},
      {{"transmittal", "ack", "T"}, "--for"}};
  const auto expect_refused = [&](std::vector<std::string> command, const std::vector<std::string>& more) {
    const std::string shown = command[0] + " " + command[1] + " " + more[0];
    command.insert(command.end(), more.begin(), more.end());
    EXPECT_EQ(Greffe(command), 2) << shown;
    EXPECT_THAT(err_, HasSubstr("is empty")) << shown;
  };
  for (const auto& [command, option] : commands) {
    expect_refused(command, {option, ""});
    expect_refused(command, {option + "="});
  }
  expect_refused({"baseline", "compare", "G1"}, {""});
  EXPECT_THAT(state_.calls, testing::IsEmpty());
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

TEST_F(CliTest, WholeNumbersAreDecimal) {
  server_.AddDocument("p", "SPC-1", "a.md", std::vector<std::string>(12, "x"));
  EXPECT_EQ(Greffe({"get", "SPC-1", "--version", "10"}), 0) << err_;
  const std::vector<std::vector<std::string>> octal = {
      {"get", "SPC-1", "--version", "010"},
      {"show", "SPC-1", "--version", "010"},
      {"diff", "SPC-1", "010", "011"},
      {"restore", "SPC-1", "--version", "010"},
      {"release", "SPC-1", "--version", "010"},
      {"ls", "-n", "010"},
      {"log", "SPC-1", "--limit", "0x10"},
      {"watch", "--after", "010"},
      {"review", "decide", "RVW-1", "approved", "--step", "01"},
      {"review", "delegate", "RVW-1", "--to", "bob", "--step", "01"},
      {"review", "comment", "RVW-1", "-m", "x", "--page", "01"},
      {"put", "a.md", "--expected-version", "010"},
      {"diff", "SPC-1", "1", "2", "--context", "99999999999999999999"}};
  for (const auto& command : octal) {
    EXPECT_EQ(Greffe(command), 2) << command.front();
    EXPECT_THAT(err_, HasSubstr("number")) << command.front();
  }
  for (const std::string none : {"0", "-1"}) {
    EXPECT_EQ(Greffe({"ls", "-n", none}), 2) << "nothing is not everything";
    EXPECT_EQ(Greffe({"log", "SPC-1", "-n", none}), 2);
    EXPECT_EQ(Greffe({"watch", "-n", none}), 2);
  }
}

TEST_F(CliTest, WrongUsageIsToldAsJsonWhereverJsonIsAskedFor) {
  const std::vector<std::vector<std::string>> commands = {{"--output", "json", "ls", "--type"},
                                                          {"ls", "--output=json", "--type"},
                                                          {"ls", "--type", "x", "--output", "json", "--frobnicate"},
                                                          {"ls", "--output", "table", "--output", "json", "--type"}};
  for (const auto& command : commands) {
    EXPECT_EQ(Greffe(command), 2);
    ASSERT_THAT(JsonLines(err_), testing::SizeIs(1)) << err_;
    EXPECT_EQ(TextOf(JsonLines(err_)[0].fields().at("error").struct_value(), "reason"), "USAGE");
  }
  EXPECT_EQ(Greffe({"--output", "json", "ls", "--output", "table", "--type"}), 2);
  EXPECT_THAT(err_, Not(HasSubstr("USAGE")));
}

TEST_F(CliTest, ArgumentsThatAreNotUtf8AreRefusedUnlessTheyNameLocalFiles) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  EXPECT_EQ(Greffe({"--output", "json", "edit", "SPC-1", "--title", "caf\xe9"}), 2);
  ASSERT_THAT(JsonLines(err_), testing::SizeIs(1)) << err_;
  EXPECT_THAT(err_, HasSubstr("--title: \\\"caf\xef\xbf\xbd\\\" is not UTF-8"));
  EXPECT_EQ(Greffe({"show", "\xff"}), 2);
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "caf\xe9"}), 0) << err_;
  EXPECT_EQ(ReadFile("caf\xe9"), "one");
  EXPECT_EQ(Greffe({"put", "caf\xe9", "--to", "b.md"}), 0) << err_;
}

}  // namespace
}  // namespace greffe::cli
