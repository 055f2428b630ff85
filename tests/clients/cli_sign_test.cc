#include <gmock/gmock.h>

#include <cstdlib>

#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using ::testing::HasSubstr;

constexpr char kStatement[] =
    "greffe.v1 review decision\n"
    "review: projects/p/reviews/RVW-0001\n"
    "version: projects/p/documents/SPC-0001/versions/2\n"
    "manifest-sha256: 0123\n"
    "step: 2\n"
    "reviewer: ada\n"
    "outcome: REJECTED\n";

// A program in place of ssh-keygen notes what it is given to sign.
class SignTest : public CliTest {
 protected:
  SignTest() {
    state_.review.set_name("projects/p/reviews/RVW-0001");
    state_.review.set_version("projects/p/documents/SPC-0001/versions/2");
    state_.review.set_manifest_sha256("0123");
    state_.statement_step = 2;
    WriteFile("bin/ssh-keygen", "#!/bin/sh\necho \"$@\" >" + folder_ + "/arguments\ntee " + folder_ + "/signed\n");
    std::filesystem::permissions("bin/ssh-keygen", std::filesystem::perms::owner_all);
    ::setenv("PATH", (folder_ + "/bin:" + path_).c_str(), 1);
  }
  ~SignTest() override { ::setenv("PATH", path_.c_str(), 1); }

  int Reject(std::vector<std::string> more = {}) {
    more.insert(more.begin(), {"review", "decide", "RVW-0001", "rejected", "-m", "no", "--sign", "key"});
    more.insert(more.begin(), {"--principal", "ada"});
    return Greffe(more);
  }

  const std::string path_ = std::getenv("PATH");
};

TEST_F(SignTest, TheDecisionIsSignedInTheNamespaceOfReviewsWhateverTheServerNames) {
  state_.text = kStatement;
  EXPECT_EQ(Reject(), 0) << err_;
  EXPECT_EQ(Reject({"--step", "2"}), 0) << err_;
  EXPECT_EQ(ReadFile("signed"), kStatement);
  EXPECT_EQ(ReadFile("arguments"), "-q -Y sign -n greffe-review -f key\n");
}

TEST_F(SignTest, NothingButTheDecisionThatWasAskedForIsSigned) {
  const std::vector<std::pair<std::string, std::string>> lies = {{"REJECTED", "APPROVED"},
                                                                 {"RVW-0001", "RVW-0002"},
                                                                 {"reviewer: ada", "reviewer: bob"},
                                                                 {"versions/2", "versions/1"},
                                                                 {"step: 2", "step: 1"},
                                                                 {"0123", "4567"},
                                                                 {"decision", "Decision"},
                                                                 {"REJECTED\n", "REJECTED\nmore\n"},
                                                                 {"REJECTED\n", "REJECTED"}};
  for (const auto& [truth, lie] : lies) {
    state_.text = kStatement;
    state_.text.replace(state_.text.find(truth), truth.size(), lie);
    EXPECT_EQ(Reject(), 1) << lie;
    EXPECT_THAT(err_, HasSubstr("STATEMENT_INVALID")) << lie;
  }
  state_.text = "tree 0123\n";
  EXPECT_EQ(Reject(), 1);
  state_.text = kStatement;
  EXPECT_EQ(Reject({"--step", "1"}), 1) << "another step than the one that was asked for";
  state_.review.set_manifest_sha256("0123\nmore: 1");
  state_.text.replace(state_.text.find("0123"), 4, "0123\nmore: 1");
  EXPECT_EQ(Reject(), 1) << "a line too many";
  EXPECT_FALSE(std::filesystem::exists("signed"));
  EXPECT_EQ(state_.calls["SubmitDecision"], 0);
}

}  // namespace
}  // namespace greffe::cli
