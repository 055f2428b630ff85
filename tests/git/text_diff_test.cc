#include "storage/git/text_diff.h"

#include <gtest/gtest.h>

#include "storage/git/repository.h"

namespace greffe {
namespace {

TEST(TextDiffTest, PrintsAUnifiedDiff) {
  ASSERT_TRUE(InitializeGit().ok());
  const auto diff = DiffTexts("a\nb\nc\n", "v1", "a\nB\nc\nd\n", "v2", 1);
  ASSERT_TRUE(diff.ok()) << diff.status();
  EXPECT_EQ(diff->unified, "--- v1\n+++ v2\n@@ -1,3 +1,4 @@\n a\n-b\n+B\n c\n+d\n");
  EXPECT_EQ(diff->lines_added, 2);
  EXPECT_EQ(diff->lines_removed, 1);
}

TEST(TextDiffTest, EqualTextsGiveNothing) {
  ASSERT_TRUE(InitializeGit().ok());
  const auto diff = DiffTexts("same\n", "v1", "same\n", "v2", 3);
  ASSERT_TRUE(diff.ok());
  EXPECT_EQ(diff->unified, "");
}

TEST(TextDiffTest, SaysWhereTheLastLineDoesNotEnd) {
  ASSERT_TRUE(InitializeGit().ok());
  const auto diff = DiffTexts("a", "v1", "a\n", "v2", 3);
  ASSERT_TRUE(diff.ok());
  EXPECT_NE(diff->unified.find("\\ No newline at end of file"), std::string::npos) << diff->unified;
}

}  // namespace
}  // namespace greffe
