// A request id is its caller's: another one's request with the same id, and the same words, is another request.
#include <gtest/gtest.h>

#include <string>

#include "storage/store/request_digest.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class CallersRequestsTest : public StoreFixture {
 protected:
  void SetUp() override {
    StoreFixture::SetUp();
    ASSERT_TRUE(MakeProject().ok());
  }

  absl::StatusOr<WriteResult> Ask(const std::string& principal, const std::string& digest,
                                  const std::string& title = "A new title") {
    WriteRequest request;
    request.project = "apollo";
    request.principal.set_id(principal);
    request.request_id = "r-1";
    request.digest = digest;
    request.act = [title](Transaction& transaction) -> absl::Status {
      if (title.empty()) return absl::OkStatus();
      GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
      v1::Project changed = *project;
      changed.set_title(title);
      transaction.PutProject(changed);
      return absl::OkStatus();
    };
    return store_->WriteAndWait(std::move(request));
  }
  static std::string DigestKeptFor(const std::string& principal) {
    v1::Principal caller;
    caller.set_id(principal);
    return CallersDigest(caller, "0123456789abcdef");
  }
};

TEST_F(CallersRequestsTest, AnotherCallersIdIsRefused) {
  const auto made = Ask("ada", "0123456789abcdef");
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(ReasonOf(Ask("bob", "0123456789abcdef").status()), "REQUEST_ID_REUSED");
  const auto repeated = Ask("ada", "0123456789abcdef");
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_TRUE(repeated->replayed);
  EXPECT_EQ(repeated->sequence, made->sequence);
}

TEST_F(CallersRequestsTest, AnotherCallersIdOfWhatChangedNothingIsRefused) {
  ASSERT_TRUE(Ask("ada", "0123456789abcdef", "").ok());
  EXPECT_EQ(ReasonOf(Ask("bob", "0123456789abcdef", "").status()), "REQUEST_ID_REUSED");
  EXPECT_TRUE(Ask("ada", "0123456789abcdef", "")->replayed);
}

// Commits had the digest of the request alone: one that is kept now is taken for such a one.
TEST_F(CallersRequestsTest, ACommitWithTheFormerDigestAnswersItsAuthor) {
  ASSERT_TRUE(Ask("ada", "0123456789abcdef").ok());
  const std::string former = DigestKeptFor("ada");
  EXPECT_EQ(ReasonOf(Ask("bob", former).status()), "REQUEST_ID_REUSED");
  const auto repeated = Ask("ada", former);
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_TRUE(repeated->replayed);
}

}  // namespace
}  // namespace greffe
