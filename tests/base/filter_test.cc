#include "storage/base/filter.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "storage/base/errors.h"

namespace greffe {
namespace {

using ::testing::HasSubstr;

v1::Document Document() {
  v1::Document document;
  document.set_name("projects/atlas/documents/SPC-0007");
  document.set_title("Load \"A\" and b");
  document.set_type("specification");
  document.set_owner("ada@example");
  document.set_path("specs/civil/loads.md");
  document.set_confidentiality("internal");
  document.set_retention_class("r10");
  document.set_state(v1::DOCUMENT_STATE_ACTIVE);
  (*document.mutable_labels())["lot"] = "7";
  (*document.mutable_labels())["a.b-c"] = "x y";
  auto& attributes = *document.mutable_attributes();
  attributes["discipline"].set_text("civil");
  attributes["count"].set_integer(9);
  attributes["huge"].set_integer(9007199254740993);
  attributes["ratio"].set_number(0.5);
  attributes["final"].set_boolean(true);
  attributes["due"].set_date("2026-03-31");
  *document.mutable_create_time() = ToTimestamp(1'735'689'600'000'000);  // 2025-01-01T00:00:00Z
  *document.mutable_update_time() = ToTimestamp(1'774'958'400'500'000);  // 2026-03-31T12:00:00.5Z
  return document;
}

bool Holds(std::string_view filter, const v1::Document& document = Document()) {
  const auto parsed = ParseDocumentFilter(filter);
  EXPECT_TRUE(parsed.ok()) << filter << ": " << parsed.status();
  return parsed.ok() && Matches(*parsed, document);
}

void ExpectInvalid(std::string_view filter, const std::string& position, const std::string& finding) {
  const absl::Status status = ParseDocumentFilter(filter).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << filter;
  EXPECT_EQ(ReasonOf(status), "FILTER_INVALID") << filter;
  EXPECT_EQ(ErrorMetadataOf(status, "field"), "filter");
  EXPECT_EQ(ErrorMetadataOf(status, "position"), position) << filter << ": " << status;
  EXPECT_THAT(std::string(status.message()), HasSubstr(finding)) << filter;
}

TEST(FilterTest, NoFilterListsActiveDocuments) {
  v1::Document document = Document();
  EXPECT_TRUE(Holds("", document));
  EXPECT_TRUE(Holds("  \t\n", document));
  document.set_state(v1::DOCUMENT_STATE_WITHDRAWN);
  EXPECT_FALSE(Holds("", document));
  EXPECT_FALSE(Holds("type = specification", document));
  EXPECT_TRUE(Holds("state = WITHDRAWN", document));
  EXPECT_TRUE(Holds("state != ACTIVE", document));
  EXPECT_TRUE(Holds("NOT state = ACTIVE", document));
  EXPECT_FALSE(Holds("state = ACTIVE", document));
}

TEST(FilterTest, EveryFieldCompares) {
  for (const char* filter :
       {"type = specification", "owner = ada@example", "number = SPC-0007", "confidentiality = internal",
        "retention_class = r10", "path = \"specs/civil/loads.md\"", "path : \"specs/\"", "path:specs/civil",
        "title : Load", "title : \"Load \\\"A\\\"\"", "labels.lot = 7", "labels.a.b-c = 'x y'",
        "attributes.discipline = civil", "number > SPC-0006", "title < M", "type != risk-sheet"}) {
    EXPECT_TRUE(Holds(filter)) << filter;
    EXPECT_FALSE(Holds("NOT " + std::string(filter))) << filter;
  }
  for (const char* filter :
       {"type = spec", "owner : bob", "number = 0007", "path : \"civil/\"", "path = specs", "title : load",
        "labels.lot = 8", "attributes.discipline = \"Civil\"", "number >= SPC-0008"}) {
    EXPECT_FALSE(Holds(filter)) << filter;
    EXPECT_TRUE(Holds("NOT " + std::string(filter))) << filter;
  }
}

TEST(FilterTest, AllComparisonsMustHold) {
  EXPECT_TRUE(Holds("type = specification AND owner = ada@example AND labels.lot = 7"));
  EXPECT_FALSE(Holds("type = specification AND owner = bob AND labels.lot = 7"));
  EXPECT_TRUE(Holds("type=specification AND NOT owner=bob"));
}

TEST(FilterTest, NotBindsToOneComparison) {
  EXPECT_TRUE(Holds("NOT type = plan AND owner = ada@example"));
  EXPECT_FALSE(Holds("NOT type = specification AND owner = bob"));
  EXPECT_FALSE(Holds("NOT type = plan AND owner = bob"));
}

TEST(FilterTest, TimesCompareAsMoments) {
  for (const char* filter :
       {"update_time >= 2026-03-31", "update_time > 2026-03-31T12:00:00Z", "update_time < 2026-03-31T12:00:01Z",
        "update_time = 2026-03-31T12:00:00.5Z", "update_time = 2026-03-31T14:00:00.500+02:00",
        "create_time = 2025-01-01", "create_time <= 2025-01-01", "create_time < \"2025-01-01T00:00:01Z\""}) {
    EXPECT_TRUE(Holds(filter)) << filter;
    EXPECT_FALSE(Holds("NOT " + std::string(filter))) << filter;
  }
}

TEST(FilterTest, AttributesCompareByTheirType) {
  for (const char* filter :
       {"attributes.count < 10", "attributes.count > 8.5", "attributes.count = 9.0", "attributes.ratio < 1e1",
        "attributes.ratio = 0.50", "attributes.final = true", "attributes.final != false",
        "attributes.due < 2026-04-01", "attributes.due >= 2026-03-31", "attributes.huge > 9007199254740992",
        "attributes.count != nine", "attributes.count : *", "attributes.final : *"}) {
    EXPECT_TRUE(Holds(filter)) << filter;
  }
  for (const char* filter : {"attributes.count = nine", "attributes.count < nine", "attributes.count = \"\"",
                             "attributes.final = 1", "attributes.huge = 9007199254740992", "attributes.ratio = nan"}) {
    EXPECT_FALSE(Holds(filter)) << filter;
  }
}

TEST(FilterTest, MissingLabelsMatchOnlyWhatIsNot) {
  EXPECT_TRUE(Holds("labels.lot : *"));
  EXPECT_FALSE(Holds("labels.other : *"));
  EXPECT_TRUE(Holds("NOT labels.other : *"));
  for (const char* map : {"labels", "attributes"}) {
    for (const char* op : {"=", "<", "<=", ">", ">=", ":"}) {
      const std::string comparison = std::string(map) + ".other " + op + " x";
      EXPECT_FALSE(Holds(comparison)) << comparison;
      EXPECT_TRUE(Holds("NOT " + comparison)) << comparison;
    }
    EXPECT_TRUE(Holds(std::string(map) + ".other != x"));
  }
}

TEST(FilterTest, QuotesKeepWhatWouldBeSyntax) {
  v1::Document document = Document();
  for (const std::string title : {"AND", "NOT x = y", "a\\b", "it's", "\"quoted\"", "été (2)", "", " "}) {
    document.set_title(title);
    for (const char quote : {'"', '\''}) {
      std::string value(1, quote);
      for (const char c : title) {
        if (c == quote || c == '\\') value += '\\';
        value += c;
      }
      value += quote;
      EXPECT_TRUE(Holds("title = " + value + " AND type = specification", document)) << value;
    }
  }
  document.set_title("été");
  EXPECT_TRUE(Holds("title = été", document));
}

TEST(FilterTest, APathMayBeSpelledInAnotherNormalForm) {
  v1::Document document = Document();
  document.set_path("\xc3\xa9tudes/a.md");
  EXPECT_TRUE(Holds("path = \"e\xcc\x81tudes/a.md\"", document));
  EXPECT_TRUE(Holds("path : \"e\xcc\x81tudes/\"", document));
  document.set_path("\xc3\xa9tudes-2/a.md");
  EXPECT_FALSE(Holds("path : \"e\xcc\x81tudes/\"", document)) << "the slash stays";
}

TEST(FilterTest, EqualitiesThatAnIndexCanAnswerAreFound) {
  const auto filter = ParseDocumentFilter("owner != a AND NOT type = x AND type = y AND labels.lot = 7");
  ASSERT_TRUE(filter.ok()) << filter.status();
  ASSERT_NE(filter->FindEquality("type"), nullptr);
  EXPECT_EQ(filter->FindEquality("type")->value, "y");
  ASSERT_NE(filter->FindEquality("labels", "lot"), nullptr);
  ASSERT_NE(filter->FindEquality("state"), nullptr);
  EXPECT_EQ(filter->FindEquality("state")->value, "ACTIVE");
  EXPECT_EQ(filter->FindEquality("owner"), nullptr);
  EXPECT_EQ(filter->FindEquality("labels", "other"), nullptr);
  EXPECT_EQ(filter->FindEquality("labels"), nullptr);
}

TEST(FilterTest, ErrorsTellThePositionInCharacters) {
  ExpectInvalid("size = 3", "1", "expected a field");
  ExpectInvalid("type specification", "6", "expected an operator");
  ExpectInvalid("type = ", "8", "expected a value");
  ExpectInvalid("type = a OR type = b", "10", "expected AND, at character 10 found 'OR type = b'");
  ExpectInvalid("title = \"été\" type = b", "15", "expected AND");
  ExpectInvalid("type = a AND", "13", "expected a field, at character 13 found the end");
  ExpectInvalid("AND type = a", "1", "expected a field");
  ExpectInvalid("NOT NOT type = a", "5", "expected a field");
  ExpectInvalid("(type = a)", "1", "found '(type = a)'");
  ExpectInvalid("type = (a)", "8", "expected a value");
  ExpectInvalid("title = \"abc", "9", "does not end");
  ExpectInvalid("title = 'abc\\'", "9", "does not end");
  ExpectInvalid("title = \"abc\\", "9", "does not end");
  ExpectInvalid("labels = a", "1", "expected a field");
  ExpectInvalid("labels. = a", "1", "expected a field");
  ExpectInvalid("type.x = a", "1", "expected a field");
  ExpectInvalid("state = OPEN", "8", "one of ACTIVE, WITHDRAWN");
  ExpectInvalid("state > ACTIVE", "8", "= and !=");
  ExpectInvalid("title = \xff", "1", "UTF-8");
}

TEST(FilterTest, WhatIsNoTimeIsRefused) {
  for (const char* time :
       {"yesterday", "2026-3-1", "2026-02-30", "infinite-future", "\" 2026-03-01\"", "\"2026-03-01 \"",
        "2026-03-31T12:00", "2026-03-31T12:00:00", "\"2026-03-31T12:00:00Z \"", "20260331", "2026-03-31T25:00:00Z"}) {
    EXPECT_EQ(ReasonOf(ParseDocumentFilter("update_time > " + std::string(time)).status()), "FILTER_INVALID") << time;
  }
}

TEST(FilterTest, LengthAndComparisonsAreBounded) {
  std::string many = "type = a";
  for (int i = 1; i < 32; ++i) many += " AND type = a";
  EXPECT_TRUE(ParseDocumentFilter(many).ok());
  EXPECT_THAT(std::string(ParseDocumentFilter(many + " AND type = a").status().message()), HasSubstr("32 comparisons"));
  const auto title = [](int characters) {
    std::string text = "title = ";
    for (int i = 8; i < characters; ++i) text += "文";
    return text;
  };
  EXPECT_TRUE(ParseDocumentFilter(title(4096)).ok());
  EXPECT_THAT(std::string(ParseDocumentFilter(title(4097)).status().message()), HasSubstr("4,096"));
  EXPECT_LT(ParseDocumentFilter(std::string(1 << 20, 'x')).status().message().size(), 500u);
}

TEST(FilterTest, AnyInputParsesOrIsRefused) {
  const std::vector<std::string> kPieces = {"type",  "labels.", "attributes.", "update_time", "state", " ",      "AND",
                                            "NOT",   "=",       "!=",          "<",           ":",     "\"",     "'",
                                            "\\",    "é",       "\xff",        "(",           "2026-", "ACTIVE", "*",
                                            "count", "due",     "0",           "\n",          "."};
  std::mt19937 random(20260331);
  const v1::Document document = Document();
  int parsed_count = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (unsigned pieces = random() % 12; pieces > 0; --pieces) {
      if (random() % 10 == 0) {
        text += static_cast<char>(random());
      } else {
        text += kPieces[random() % kPieces.size()];
      }
    }
    const auto parsed = ParseDocumentFilter(text);
    if (parsed.ok()) {
      ++parsed_count;
      Matches(*parsed, document);
    } else {
      ASSERT_EQ(ReasonOf(parsed.status()), "FILTER_INVALID") << text;
    }
  }
  EXPECT_GT(parsed_count, 100);
  EXPECT_LT(parsed_count, 19000);
}

}  // namespace
}  // namespace greffe
