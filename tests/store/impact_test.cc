#include <gtest/gtest.h>

#include "absl/strings/str_format.h"
#include "storage/base/names.h"
#include "storage/index/link_queries.h"
#include "storage/store/link_acts.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class ImpactTest : public StoreFixture {};

TEST_F(ImpactTest, AnAnswerOfWhatDependsOnWhatEndsWhereItIsFull) {
  constexpr int kDocuments = 40;
  ASSERT_TRUE(MakeProject().ok());
  for (int i = 0; i < kDocuments; ++i) {
    ASSERT_TRUE(Put(std::to_string(i) + ".md", "text " + std::to_string(i)).ok());
  }
  const auto name = [](int i) { return FormatDocumentName("apollo", absl::StrFormat("SPC-%04d", i)); };
  for (int i = 2; i <= kDocuments; ++i) {
    const auto made = Act([&](Transaction& transaction) {
      v1::Link link;
      link.set_type(v1::LINK_TYPE_RELATES_TO);
      link.set_from(name(i));
      link.set_to(name(i - 1));
      return CreateLink(transaction, link);
    });
    ASSERT_TRUE(made.ok()) << made.status();
  }
  ImpactQuery query;
  query.subject = "documents/SPC-0001";
  const auto whole = View().FindImpact(query);
  ASSERT_TRUE(whole.ok()) << whole.status();
  ASSERT_EQ(whole->dependents_size(), kDocuments - 1);
  EXPECT_FALSE(whole->truncated());
  query.max_bytes = 1000;
  const auto part = View().FindImpact(query);
  ASSERT_TRUE(part.ok()) << part.status();
  EXPECT_TRUE(part->truncated());
  EXPECT_GT(part->dependents_size(), 2);
  EXPECT_LE(part->ByteSizeLong(), 1000U + 8 * kDocuments);
  for (int i = 0; i < part->dependents_size(); ++i) {
    EXPECT_EQ(part->dependents(i).DebugString(), whole->dependents(i).DebugString());
  }
}

}  // namespace
}  // namespace greffe
