// Uploads that a client left.
#include <gmock/gmock.h>

#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using ::testing::HasSubstr;

class CliUploadTest : public CliTest {
 protected:
  void SetUp() override {
    for (const char* id : {"u1", "u2", "u3"}) {
      v1::Upload& upload = state_.uploads[std::string("projects/p/uploads/") + id].upload;
      upload.set_name(std::string("projects/p/uploads/") + id);
      upload.set_size(3 << 20);
      upload.set_received_size(1 << 20);
      upload.set_creator("ada");
    }
  }
};

TEST_F(CliUploadTest, AreListedFromAllPages) {
  ASSERT_EQ(Greffe({"upload", "ls"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("UPLOAD"));
  EXPECT_THAT(out_, HasSubstr("u1"));
  EXPECT_THAT(out_, HasSubstr("u3"));
  EXPECT_THAT(out_, HasSubstr("3.0 MiB"));
  EXPECT_EQ(state_.calls["ListUploads"], 3);
  ASSERT_EQ(Greffe({"--output", "json", "upload", "ls"}), 0) << err_;
  const auto lines = JsonLines(out_);
  ASSERT_EQ(lines.size(), 3U);
  EXPECT_EQ(TextOf(lines[2], "name"), "projects/p/uploads/u3");
  EXPECT_EQ(TextOf(lines[2], "creator"), "ada");
}

TEST_F(CliUploadTest, AreRemovedByIdOrName) {
  ASSERT_EQ(Greffe({"upload", "rm", "u1", "projects/p/uploads/u3"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("removed  u1"));
  EXPECT_EQ(state_.uploads.size(), 1U);
  EXPECT_TRUE(state_.uploads.contains("projects/p/uploads/u2"));
}

}  // namespace
}  // namespace greffe::cli
