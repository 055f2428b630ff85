// What the command line makes of the caller's own files.
#include <gmock/gmock.h>

#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using ::testing::HasSubstr;

TEST_F(CliTest, AFolderInPlaceOfAFileToReadIsAnError) {
  EXPECT_EQ(Greffe({"table", "import", "risks", "."}), 1);
  EXPECT_THAT(err_, HasSubstr("read \".\": Is a directory (LOCAL_FILE_ERROR)"));
  EXPECT_EQ(Greffe({"project", "create", "alpha", "--file", "."}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_ERROR"));
  EXPECT_EQ(Greffe({"table", "import", "risks", "missing.csv"}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_NOT_FOUND"));
}

TEST_F(CliTest, AFileWhoseNameIsNotUtf8KeepsItsReason) {
  EXPECT_EQ(Greffe({"put", "missing\xff.md"}), 1);
  EXPECT_THAT(err_, HasSubstr("missing\\xff.md"));
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_NOT_FOUND"));
  EXPECT_EQ(Greffe({"put", "missing\xff.md", "--output", "json"}), 1);
  EXPECT_THAT(err_, HasSubstr("\"reason\":\"LOCAL_FILE_NOT_FOUND\""));
  EXPECT_THAT(err_, HasSubstr("\"path\":\"missing\xef\xbf\xbd.md\""));
}

}  // namespace
}  // namespace greffe::cli
