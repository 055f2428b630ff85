#include "storage/base/canonical_json.h"

#include <gtest/gtest.h>

#include <string>

#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "greffe/v1/changes.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

v1::Document Everything() {
  v1::Document document;
  document.set_name("projects/apollo/documents/SPC-0001");
  document.set_title("Pump \"A\" \\ caf\xc3\xa9\n\x01");
  document.add_alternate_numbers("B");
  document.add_alternate_numbers("A");
  (*document.mutable_labels())["zone"] = "2";
  (*document.mutable_labels())["area"] = "1";
  (*document.mutable_attributes())["weight"].set_number(0.1);
  (*document.mutable_attributes())["count"].set_integer(-9'007'199'254'740'993);
  (*document.mutable_attributes())["wet"].set_boolean(false);
  document.set_state(v1::DOCUMENT_STATE_ACTIVE);
  document.mutable_latest_version()->mutable_main_file()->set_size(5'000'000'000);
  document.mutable_latest_version()->mutable_author_time()->set_seconds(1);  // output only, in a nested message too
  document.set_sequence(7);                                                  // output only
  document.set_etag("e");                                                    // output only
  return document;
}

TEST(CanonicalJsonTest, IsByteForByteWhatTheFormatSays) {
  EXPECT_EQ(ToCanonicalJson(Everything()), R"({
  "alternateNumbers": [
    "B",
    "A"
  ],
  "attributes": {
    "count": {
      "integer": "-9007199254740993"
    },
    "weight": {
      "number": 0.1
    },
    "wet": {
      "boolean": false
    }
  },
  "format": 1,
  "labels": {
    "area": "1",
    "zone": "2"
  },
  "latestVersion": {
    "mainFile": {
      "size": "5000000000"
    }
  },
  "name": "projects/apollo/documents/SPC-0001",
  "state": "DOCUMENT_STATE_ACTIVE",
  "title": "Pump \"A\" \\ caf)"
                                           "\xc3\xa9"
                                           R"(\n\u0001"
}
)");
  EXPECT_EQ(ToCanonicalJson(v1::Document()), "{\n  \"format\": 1\n}\n");
}

TEST(CanonicalJsonTest, WhatIsWrittenIsReadAndWrittenTheSame) {
  v1::Document expected = Everything();
  const std::string json = ToCanonicalJson(expected);
  v1::Document read;
  read.set_owner("of before");
  ASSERT_TRUE(FromCanonicalJson(json, read).ok());
  expected.clear_sequence();
  expected.clear_etag();
  expected.mutable_latest_version()->clear_author_time();
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read, expected)) << read.DebugString();
  EXPECT_EQ(ToCanonicalJson(read), json);
}

TEST(CanonicalJsonTest, Proto3JsonOfOthersReadsTheSame) {
  v1::Document record = Everything();
  record.clear_sequence();
  record.clear_etag();
  record.mutable_latest_version()->clear_author_time();
  std::string json;
  ASSERT_TRUE(google::protobuf::util::MessageToJsonString(record, &json).ok());
  v1::Document read;
  ASSERT_TRUE(FromCanonicalJson("{\"format\": 1, " + json.substr(1), read).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read, record)) << read.DebugString();
  std::string mine = ToCanonicalJson(record);
  mine.erase(mine.find("  \"format\": 1,\n"), sizeof("  \"format\": 1,\n") - 1);
  v1::Document theirs;
  ASSERT_TRUE(google::protobuf::util::JsonStringToMessage(mine, &theirs).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(theirs, record)) << theirs.DebugString();
}

TEST(CanonicalJsonTest, TimesAreRfc3339) {
  v1::Change record;
  record.mutable_author_time()->set_seconds(1'700'000'000);
  record.mutable_author_time()->set_nanos(1'000);
  const std::string json = ToCanonicalJson(record);
  EXPECT_EQ(json, "{\n  \"authorTime\": \"2023-11-14T22:13:20.000001Z\",\n  \"format\": 1\n}\n");
  v1::Change read;
  ASSERT_TRUE(FromCanonicalJson(json, read).ok());
  EXPECT_TRUE(google::protobuf::util::MessageDifferencer::Equals(read, record)) << read.DebugString();
}

TEST(CanonicalJsonTest, DoublesReadBackEqual) {
  for (const double value : {0.1, 1e300, -2.5e-320, 1.0, 123456789.125, 9007199254740993.0}) {
    v1::Document record;
    (*record.mutable_attributes())["x"].set_number(value);
    v1::Document read;
    ASSERT_TRUE(FromCanonicalJson(ToCanonicalJson(record), read).ok()) << value;
    EXPECT_EQ(read.attributes().at("x").number(), value);
  }
}

TEST(CanonicalJsonTest, WhatIsNoRecordIsDamage) {
  const std::string deep = std::string(100'000, '[') + std::string(100'000, ']');
  for (const std::string& bad : {std::string(),
                                 std::string("{"),
                                 std::string("[]"),
                                 std::string("null"),
                                 std::string("{}"),
                                 std::string(R"({"format": "1"})"),
                                 std::string(R"({"format": 0})"),
                                 std::string(R"({"format": 1} x)"),
                                 std::string(R"({"format": 1, "unknown": 2})"),
                                 std::string(R"({"format": 1, "title": "a", "title": "b"})"),
                                 std::string(R"({"format": 1e999})"),
                                 std::string(R"({"format": 1, "attributes": {"a": {"number": 1e400}}})"),
                                 std::string(R"({"format": 1, "labels": {"a": "1", "a": "2"}})"),
                                 std::string(R"({"format": 1, "title": 2})"),
                                 std::string(R"({"format": 1, "labels": []})"),
                                 std::string(R"({"format": 1, "alternateNumbers": "A"})"),
                                 std::string(R"({"format": 1, "state": "GONE"})"),
                                 std::string("{\"format\": 1}\0x", 15),
                                 std::string(R"({"format": 1, "format": 1})"),
                                 std::string(R"({"format": 1, "title": "\udc00"})"),
                                 std::string(R"({"format": 1, "labels": {"\udc00": "a"}})"),
                                 std::string(R"({"format": 1, "labels": {"a": "\ud800"}})"),
                                 std::string(R"({"format": 1, "attributes": {"a": {"number": {}}}})"),
                                 std::string(R"({"format": [1]})"),
                                 std::string(R"({"title": "a"})"),
                                 std::string(R"({"format": 1, "title": null})"),
                                 std::string(R"({"format": 1, "title": {}})"),
                                 std::string(R"({"format": 1, "title": ["a"]})"),
                                 std::string(R"({"format": 1, "alternateNumbers": [["A"]]})"),
                                 std::string(R"({"format": 1, "alternateNumbers": {"a": "A"}})"),
                                 std::string(R"({"format": 1, "labels": {"a": {"b": "c"}}})"),
                                 std::string(R"({"format": 1, "labels": {"a": ["b"]}})"),
                                 std::string(R"({"format": 1, "labels": [{"a": "b"}]})"),
                                 std::string(R"({"format": 1, "latestVersion": "1"})"),
                                 std::string(R"({"format": 1, "latestVersion": {"format": 1}})"),
                                 std::string(R"({"format": 1, "latestVersion": {"authorTime": {}}})"),
                                 std::string("{\"format\": 1, \"title\": \"\xff\"}"),
                                 std::string(R"({"format": 1, "latestVersion": {"number": "99999999999999999999"}})"),
                                 std::string(R"({"format": 1, "latestVersion": {"authorTime": "yesterday"}})"),
                                 "{\"format\": 1, \"title\": " + deep + "}"}) {
    v1::Document record;
    EXPECT_EQ(FromCanonicalJson(bad, record).code(), absl::StatusCode::kDataLoss) << bad.substr(0, 60);
  }
}

TEST(CanonicalJsonTest, ANewerFormatIsSaidToBeOne) {
  for (const char* const newer :
       {R"({"format": 2, "whatever": {}})", R"({"another": [{"format": 1}], "format": 2, "title": "a"})",
        R"({"format": 2, "title": "a"})"}) {
    v1::Project record;
    const absl::Status status = FromCanonicalJson(newer, record);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition) << newer;
    EXPECT_EQ(ReasonOf(status), "RECORD_FORMAT_NEWER") << newer;
  }
}

TEST(CanonicalJsonTest, NamesMayComeInAnyOrder) {
  v1::Document record;
  ASSERT_TRUE(FromCanonicalJson(R"({"title": "a", "labels": {"z": "1", "a": "2"}, "format": 1, "owner": "o",
                                    "latestVersion": {"number": 3, "comment": "\u00e9\ud83d\ude00"}})",
                                record)
                  .ok());
  EXPECT_EQ(record.title(), "a");
  EXPECT_EQ(record.labels().at("z"), "1");
  EXPECT_EQ(record.labels().at("a"), "2");
  EXPECT_EQ(record.latest_version().number(), 3);
  EXPECT_EQ(record.latest_version().comment(), "\xc3\xa9\xf0\x9f\x98\x80");
}

}  // namespace
}  // namespace greffe
