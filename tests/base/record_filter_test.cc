#include "storage/base/record_filter.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "greffe/v1/change_requests.pb.h"
#include "greffe/v1/versions.pb.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_kinds.h"

namespace greffe {
namespace {

v1::Version Sample() {
  v1::Version version;
  version.set_name("projects/p/documents/SPC-0001/versions/12");
  version.set_number(12);
  version.set_state(v1::VERSION_STATE_RELEASED);
  version.set_revision("B");
  version.mutable_author_time()->set_seconds(1'767'225'600);  // 2026-01-01T00:00:00Z
  return version;
}

bool Holds(const std::string& filter) {
  const auto parsed = ParseRecordFilter(filter, *v1::Version::descriptor());
  EXPECT_TRUE(parsed.ok()) << parsed.status();
  return parsed.ok() && Matches(*parsed, Sample());
}

std::string Refusal(const std::string& filter) {
  return std::string(ParseRecordFilter(filter, *v1::Version::descriptor()).status().message());
}

TEST(RecordFilterTest, ComparesEachTypeByItsValue) {
  EXPECT_TRUE(Holds(""));
  EXPECT_TRUE(Holds("state = RELEASED AND revision = \"B\""));
  EXPECT_FALSE(Holds("state != RELEASED"));
  EXPECT_TRUE(Holds("NOT state = DRAFT"));
  EXPECT_TRUE(Holds("number > 9 AND number <= 12"));
  EXPECT_FALSE(Holds("number < 9"));
  EXPECT_TRUE(Holds("author_time >= 2026-01-01 AND author_time < 2026-01-02"));
  EXPECT_TRUE(Holds("id : \"SPC-0001/\""));
  EXPECT_TRUE(Holds("imported = false"));
}

TEST(RecordFilterTest, NamesWhatIsWrong) {
  EXPECT_NE(Refusal("colour = red").find("expected a field"), std::string::npos);
  EXPECT_NE(Refusal("state = BLUE").find("state is one of DRAFT, IN_REVIEW"), std::string::npos);
  EXPECT_NE(Refusal("number = many").find("expected a whole number"), std::string::npos);
  EXPECT_NE(Refusal("author_time > tomorrow").find("expected a time"), std::string::npos);
  EXPECT_EQ(ReasonOf(ParseRecordOrdering("main_file", *v1::Version::descriptor()).status()), "ORDER_INVALID");
  EXPECT_TRUE(ParseRecordOrdering("author_time desc", *v1::Version::descriptor())->descending);
}

TEST(RecordKindsTest, NamesAreParsedAndFormatted) {
  const auto version = ParseRecordName("projects/p/documents/SPC-0001/versions/12");
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(version->collection, "versions");
  EXPECT_EQ(version->id, "SPC-0001/12");
  EXPECT_EQ(FormatRecordName("p", "versions", "SPC-0001/12"), "projects/p/documents/SPC-0001/versions/12");
  EXPECT_EQ(ReasonOf(ParseRecordName("projects/p/documents/SPC-0001").status()), "NAME_INVALID");
  EXPECT_EQ(ReasonOf(ParseRecordName("projects/p/documents/SPC-0001/versions/latest").status()), "NAME_INVALID");
}

TEST(RecordKindsTest, AProjectMayBeCalledAsACollectionIs) {
  std::vector<std::string> projects = {"documents"};
  for (const RecordKind& kind : RecordKinds()) projects.push_back(kind.collection);
  for (const std::string& project : projects) {
    if (!ValidateProjectId(project, "id").ok()) continue;
    for (const RecordKind& kind : RecordKinds()) {
      const std::string id = kind.collection == "versions" ? "SPC-0001/12" : "X-1";
      const auto name = ParseRecordName(FormatRecordName(project, kind.collection, id));
      ASSERT_TRUE(name.ok()) << name.status();
      EXPECT_EQ(name->project, project);
      EXPECT_EQ(name->collection, kind.collection);
      EXPECT_EQ(name->id, id);
    }
  }
}

TEST(RecordFieldsTest, NumbersBelowZeroComeFirstInTheirOrder) {
  const auto& days = *v1::ChangeRequest::descriptor()->FindFieldByName("schedule_impact_days");
  std::string before;
  for (const int number : {-36500, -100, -99, -5, -1, 0, 1, 5, 10, 36500}) {
    v1::ChangeRequest request;
    request.set_schedule_impact_days(number);
    const std::string text = OrderText(request, days);
    EXPECT_LT(before, text) << number;
    before = text;
  }
}

TEST(RecordFieldsTest, EnumsAreShort) {
  EXPECT_EQ(StateText(Sample()), "RELEASED");
  EXPECT_EQ(StateText(v1::Version()), "");
}

}  // namespace
}  // namespace greffe
