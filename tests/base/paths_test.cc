#include "storage/base/paths.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "storage/base/errors.h"

namespace greffe {
namespace {

struct RuleCase {
  std::string rule;
  std::vector<std::string> paths;
};

// What the test is called after; without it gtest prints bytes.
void PrintTo(const RuleCase& rule_case, std::ostream* out) { *out << rule_case.rule; }

std::string Deep(int parts) {
  std::string path = "a";
  for (int i = 1; i < parts; ++i) path += "/a";
  return path;
}

class PathRuleTest : public testing::TestWithParam<RuleCase> {};

TEST_P(PathRuleTest, IsNamedWithFieldAndPath) {
  for (const std::string& path : GetParam().paths) {
    const absl::Status status = ValidatePath(path, "document.path");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << path;
    EXPECT_EQ(ReasonOf(status), "PATH_INVALID") << path;
    EXPECT_EQ(ErrorMetadataOf(status, "rule"), GetParam().rule) << path;
    EXPECT_EQ(ErrorMetadataOf(status, "field"), "document.path") << path;
  }
}

INSTANTIATE_TEST_SUITE_P(
    PathsTest, PathRuleTest,
    testing::Values(RuleCase{"EMPTY", {""}}, RuleCase{"ABSOLUTE", {"/a", "/", "//a"}},
                    RuleCase{"EMPTY_PART", {"a//b", "a/", "a/b/"}},
                    RuleCase{"DOT_PART", {".", "..", "a/..", "../a", "a/../b", "./a", "a/./b"}},
                    RuleCase{"NOT_UTF8", {"a\xff", "\xc0\xae\xc0\xae/a", "a/\xed\xa0\x80", "\xc3"}},
                    RuleCase{"TOO_LONG", {std::string(201, 'a'), Deep(512) + "/a"}}, RuleCase{"TOO_DEEP", {Deep(33)}},
                    RuleCase{"CONTROL_CHARACTER",
                             {std::string("a\0b", 3), "a\nb", "a\x7f", "a\xc2\x85", "a\xe2\x80\x8b",
                              "a\xe2\x80\xae.exe", "a\xe2\x81\xa6", "\xef\xbb\xbf.md", ".g\xe2\x80\x8cit/config"}},
                    RuleCase{"BACKSLASH", {"a\\b", "..\\a", "C\\"}},
                    RuleCase{"COLON", {"C:", "a:b", "a.md:stream", ".git::$INDEX"}},
                    RuleCase{"RESERVED_CHARACTER", {"a<b", "a>b", "a\"b", "a|b", "a?b", "a*b"}},
                    RuleCase{"TRAILING_DOT_OR_SPACE", {"a.", "a ", "a./b", "a /b", "...", "a.md. "}},
                    RuleCase{"LEADING_SPACE", {" a", "a/ b"}},
                    RuleCase{"DEVICE_NAME",
                             {"CON", "con", "Prn.txt", "aux.tar.gz", "a/NUL", "com1", "LPT9.md", "COM\xc2\xb9",
                              "conin$", "CONOUT$", "con .txt"}},
                    RuleCase{"GIT_NAME",
                             {".git", ".GIT", "a/.Git/config", "git~1", "GIT~2", ".git.", ".git ", ".gitmodules",
                              ".GitAttributes", "gitmod~1", "GI7EBA~1", "gi7d29~3"}},
                    RuleCase{"GREFFE_NAME", {".greffe", ".GREFFE/a", ".Greffe.", "a/.greffe/b"}},
                    RuleCase{"NOT_NFC", {"e\xcc\x81.md", "a/\xe1\x84\x80\xe1\x85\xa1", "\xe2\x84\xab"}},
                    RuleCase{
                        "PRIVATE_OR_UNASSIGNED",
                        {"\xee\x80\x80", "a\xef\xbf\xbf", "\xef\xbf\xbe", "\xf4\x8f\xbf\xbf", "\xf3\xb0\x80\x80"}}),
    [](const testing::TestParamInfo<RuleCase>& rule_case) { return rule_case.param.rule; });

TEST(PathsTest, PathsOfRealProjectsAreFine) {
  for (const std::string& path :
       {std::string("a"), std::string("01 Cadrage/Cahier des charges v2 (final).docx"),
        std::string("R\xc3\xa9union n\xc2\xb0 3 \xe2\x80\x93 compte rendu.md"),
        std::string("\xe4\xbb\x95\xe6\xa7\x98/1.xlsx"), std::string(".gitignore"), std::string(".hidden/x"),
        std::string("a..b"), std::string("console.md"), std::string("com10"), std::string("com0"),
        std::string("nul-report"), std::string("git~x"), std::string("gitty"), std::string("\xf0\x9f\x93\x81/a"),
        std::string(200, 'a'), Deep(32)}) {
    EXPECT_TRUE(ValidatePath(path, "path").ok()) << ValidatePath(path, "path");
  }
}

TEST(PathsTest, AHostilePathDoesNotFillALog) {
  EXPECT_LT(ValidatePath(std::string(1'000'000, '\x1b'), "path").message().size(), 1000U);
}

TEST(PathsTest, AFileNameIsOnePart) {
  EXPECT_TRUE(ValidateFileName("a.pdf", "file_name").ok());
  for (const char* bad : {"", "a/b", "..", "CON", ".git", "a:b"}) {
    EXPECT_EQ(ReasonOf(ValidateFileName(bad, "file_name")), "PATH_INVALID") << bad;
  }
}

TEST(PathsTest, NormalFormIsComposed) {
  EXPECT_EQ(NormalizePath("e\xcc\x81.md"), "\xc3\xa9.md");
  EXPECT_EQ(NormalizePath("plain.md"), "plain.md");
  EXPECT_EQ(NormalizePath("a\xff"), "a\xff") << "ValidatePath refuses it";
}

TEST(PathsTest, WhatAForgivingFileSystemTakesForOneFoldsToOne) {
  const std::vector<std::pair<std::string, std::string>> same = {
      {"Plan.MD", "plan.md"},
      {"\xc3\x89t\xc3\xa9", "e\xcc\x81T\xc3\x89"},  // Été, decomposed and in capitals
      {"stra\xc3\x9f"
       "e",
       "STRASSE"},               // full case folding
      {"\xce\xa3", "\xcf\x82"},  // both sigmas
      {"\xe2\x84\xaa", "k"},     // the Kelvin sign
      {"A/\xc3\x89", "a/\xc3\xa9"}};
  for (const auto& [a, b] : same) EXPECT_EQ(FoldPath(a), FoldPath(b)) << a << " " << b;
  EXPECT_NE(FoldPath("\xef\xac\x81"), FoldPath("xi")) << "but not everything";
  EXPECT_NE(FoldPath("a"), FoldPath("\xc3\xa0"));
}

TEST(PathsTest, FoldingWorksPartByPart) {
  for (const std::string a : {"A", "\xc3\x89", "x\xcc\x81", "\xc3\x9f"}) {
    for (const std::string b : {"B.md",
                                "\xcc\x81"
                                "b",
                                "\xe2\x84\xaa"}) {
      EXPECT_EQ(FoldPath(a + "/" + b), FoldPath(a) + "/" + FoldPath(b)) << a << " " << b;
    }
  }
}

TEST(PathsTest, FoldersAndLastPart) {
  EXPECT_EQ(ParentFolders("a/b/c"), (std::vector<std::string_view>{"a", "a/b"}));
  EXPECT_TRUE(ParentFolders("a").empty());
  EXPECT_EQ(LastPart("a/b/c"), "c");
  EXPECT_EQ(LastPart("c"), "c");
}

}  // namespace
}  // namespace greffe
