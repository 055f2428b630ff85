#include "storage/base/names.h"

#include <gtest/gtest.h>

#include <string>

#include "storage/base/errors.h"

namespace greffe {
namespace {

TEST(NamesTest, WhatIsFormattedIsParsed) {
  EXPECT_EQ(*ParseProjectName(ProjectName("apollo")), "apollo");
  const auto document = ParseDocumentName(FormatDocumentName("apollo", "SPC-0001"));
  ASSERT_TRUE(document.ok()) << document.status();
  EXPECT_EQ(document->project + " " + document->number, "apollo SPC-0001");
  const auto version = ParseVersionName(FormatVersionName("apollo", "SPC-0001", 12));
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->version, 12);
  EXPECT_EQ(ParseDocumentOrVersionName("projects/apollo/documents/SPC-0001")->version, 0);
  EXPECT_EQ(ParseDocumentOrVersionName("projects/apollo/documents/SPC-0001/versions/3")->version, 3);
  EXPECT_EQ(ParseVersionName("projects/apollo/documents/SPC-0001/versions/latest")->alias, VersionName::Alias::kLatest);
  EXPECT_EQ(ParseVersionName("projects/apollo/documents/SPC-0001/versions/released")->alias,
            VersionName::Alias::kReleased);
  EXPECT_EQ(ParseVersionName("projects/apollo/documents/SPC-0001/revisions/1.2")->revision, "1.2");
  EXPECT_EQ(ParseChildName("projects/apollo/uploads/a1", "uploads")->id, "a1");
}

TEST(NamesTest, WhatIsNoVersionNameIsRefused) {
  for (const std::string tail : {"", "/versions", "/versions/", "/versions/0", "/versions/01", "/versions/-1",
                                 "/versions/1/", "/versions/1x", "/versions/ 1", "/versions/9999999999999999999",
                                 "/versions/1/files/a", "/revisions/", "/revisions/a b", "/versions/newest"}) {
    EXPECT_FALSE(ParseVersionName("projects/apollo/documents/SPC-0001" + tail).ok()) << tail;
  }
}

TEST(NamesTest, WhatIsNoNameIsRefusedWithFieldAndValue) {
  for (const std::string name :
       {"", "apollo", "projects/", "projects/apollo/", "projects//documents/A", "/projects/apollo/documents/A",
        "projects/apollo/documents/", "projects/apollo/documents/A/B", "projects/../documents/A",
        "Projects/apollo/documents/A", "projects/apollo/uploads/A", "projects/apollo/documents/A\n"}) {
    const absl::Status status = ParseDocumentName(name, "items[0].document").status();
    EXPECT_EQ(ReasonOf(status), "NAME_INVALID") << name;
    EXPECT_EQ(ErrorMetadataOf(status, "field"), "items[0].document") << name;
  }
  EXPECT_FALSE(ParseProjectName("projects/apollo/documents/A").ok());
  EXPECT_FALSE(ParseChildName("projects/apollo/uploads/a/b", "uploads").ok());
  EXPECT_FALSE(ParseChildName("projects/apollo/documents/a", "uploads").ok());
}

TEST(NamesTest, AHostileNameDoesNotFillALog) {
  const absl::Status status = ParseProjectName("projects/" + std::string(1'000'000, 'X')).status();
  EXPECT_LT(status.message().size(), 400U);
  EXPECT_EQ(ParseProjectName("projects/\x1b[2J").status().message().find('\x1b'), std::string::npos);
}

using Judge = absl::Status (*)(std::string_view, const std::string&);

struct Grammar {
  std::string of;
  Judge judge;
  std::vector<std::string> good;
  std::vector<std::string> bad;
};

// What the test is called after; without it gtest prints bytes.
void PrintTo(const Grammar& grammar, std::ostream* out) { *out << grammar.of; }

class GrammarTest : public testing::TestWithParam<Grammar> {};

TEST_P(GrammarTest, SaysWhatFits) {
  for (const std::string& id : GetParam().good) EXPECT_TRUE(GetParam().judge(id, "id").ok()) << id;
  for (const std::string& id : GetParam().bad) {
    const absl::Status status = GetParam().judge(id, "id");
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << id;
    EXPECT_EQ(ErrorMetadataOf(status, "field"), "id") << id;
  }
}

INSTANTIATE_TEST_SUITE_P(
    NamesTest, GrammarTest,
    testing::Values(Grammar{"ProjectId",
                            ValidateProjectId,
                            {"a", "7", "apollo-11", std::string(63, 'a')},
                            {"", "-a", "a-", "A", "a_b", "a.b", "a b", "\xc3\xa9", std::string(64, 'a'),
                             std::string("a\0", 2)}},
                    Grammar{"DocumentNumber",
                            ValidateDocumentNumber,
                            {"A", "SPC-0001", "spc_1.2-b", std::string(64, 'A')},
                            {"", "-A", "A-", ".A", "A.", "A..B", "A/B", "A B", "\xc3\xa9", std::string(65, 'A')}},
                    Grammar{"AlternateNumber",
                            ValidateAlternateNumber,
                            {"x", "Plan n\xc2\xb0 7/b", std::string(128, 'x')},
                            {"", " x", "x ", "a\nb", "\xff", std::string(129, 'x')}},
                    Grammar{"PrincipalId",
                            ValidatePrincipalId,
                            {"ann", "ann@example.org", "h\xc3\xa9l\xc3\xa8ne", "Ann Lee"},
                            {"", " ", "   ", " a", "a ", "a<b", "a>b", "a\nb", "\xc0\x80", std::string(129, 'x')}},
                    Grammar{"RequestId",
                            ValidateRequestId,
                            {"", "550e8400-e29b-41d4-a716-446655440000", std::string(64, 'x')},
                            {"a b", "a_b", "\xc3\xa9", std::string(65, 'x')}},
                    Grammar{"ImportSourceId",
                            ValidateImportSourceId,
                            {"eips", "my-specs_2.0"},
                            {"", "Eips", "a/b", "a b", std::string(65, 'x')}}),
    [](const testing::TestParamInfo<Grammar>& grammar) { return grammar.param.of; });

TEST(NamesTest, TextIsCountedInCharactersNotBytes) {
  EXPECT_TRUE(ValidateText("\xc3\xa9\xc3\xa9", "title", 1, 2).ok());
  EXPECT_FALSE(ValidateText("\xc3\xa9\xc3\xa9\xc3\xa9", "title", 1, 2).ok());
  EXPECT_FALSE(ValidateText("", "title", 1, 2).ok());
  EXPECT_TRUE(ValidateText("", "title", 0, 2).ok());
}

TEST(NamesTest, OnlyTextOfManyLinesHasLineFeeds) {
  EXPECT_TRUE(ValidateText("a\n\tb\r\n", "comment", 0, 100, true).ok());
  EXPECT_FALSE(ValidateText("a\nb", "title", 0, 100).ok());
  for (const std::string& bad : {std::string("a\0b", 3), std::string("\x1b[0m"), std::string("\xc2\x85"),
                                 std::string("\x7f"), std::string("\xed\xa0\x80")}) {
    EXPECT_EQ(ReasonOf(ValidateText(bad, "comment", 0, 100, true)), "TEXT_INVALID");
  }
}

}  // namespace
}  // namespace greffe
