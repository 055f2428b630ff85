#include <fstream>
#include <iterator>

#include "tests/services/reviews_fixture.h"

namespace greffe {
namespace {

class SignedReviewsTest : public ReviewsFixture {
 protected:
  void SetUp() override {
    if (Shell("command -v ssh-keygen").exit_code != 0) GTEST_SKIP() << "there is no ssh-keygen (openssh-client)";
    ReviewsFixture::SetUp();
    for (const char* name : {"ada", "bob", "other"}) {
      ASSERT_EQ(Shell("ssh-keygen -q -t ed25519 -N '' -f " + Path(name)).exit_code, 0);
    }
    v1::Project project;
    for (const char* name : {"ada", "bob"}) {
      v1::SigningKey& key = *project.add_signing_keys();
      key.set_principal(name);
      key.set_public_key(Read(Path(name) + ".pub"));
    }
    Update(project, "signing_keys");
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    project.mutable_lifecycle_rule()->set_signature_required(true);
    Update(project, "lifecycle_rule");
    Open({{"ada"}, {"bob"}});
  }
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  static std::string Read(const std::string& path) {
    std::ifstream stream(path, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  // The caller's statement, signed by stock ssh-keygen.
  std::string Sign(const std::string& key, v1::ReviewOutcome outcome = v1::REVIEW_OUTCOME_APPROVED,
                   const std::string& name_space = "greffe-review") {
    v1::GetReviewStatementRequest request;
    request.set_name("projects/apollo/reviews/RVW-0001");
    request.set_reviewer("ada");
    request.set_outcome(outcome);
    request.set_step(1);
    std::ofstream(Path("statement")) << Call(*reviews_, &v1::Reviews::Stub::GetReviewStatement, request).text();
    const ShellResult made = Shell("rm -f " + Path("statement.sig") + "; ssh-keygen -q -Y sign -n " + name_space +
                                   " -f " + Path(key) + " " + Path("statement"));
    EXPECT_EQ(made.exit_code, 0) << made.output;
    return Read(Path("statement.sig"));
  }
  v1::Review SubmitSigned(const std::string& signature, v1::ReviewOutcome outcome = v1::REVIEW_OUTCOME_APPROVED) {
    v1::SubmitDecisionRequest request = DecisionOf(outcome, "as read");
    request.set_signature(signature);
    return Submit("ada", request);
  }
};

TEST_F(SignedReviewsTest, ASignedApprovalIsVerifiedByStockSshKeygen) {
  const std::string signature = Sign("ada");
  const v1::Review review = SubmitSigned(signature);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const v1::ReviewDecision& decision = review.steps(0).reviewers(0).decision();
  EXPECT_EQ(decision.signature(), signature);
  // From the review alone.
  std::ofstream(Path("signers")) << "ada " << decision.signing_key() << "\n";
  std::ofstream(Path("stored.sig")) << decision.signature();
  std::ofstream(Path("rebuilt")) << "greffe.v1 review decision\nreview: " << review.name()
                                 << "\nversion: " << review.version()
                                 << "\nmanifest-sha256: " << review.manifest_sha256()
                                 << "\nstep: 1\nreviewer: ada\noutcome: APPROVED\n";
  const auto verify = [&](const std::string& file) {
    return Shell("ssh-keygen -Y verify -f " + Path("signers") + " -I ada -n greffe-review -s " + Path("stored.sig") +
                 " < " + Path(file));
  };
  EXPECT_EQ(verify("rebuilt").exit_code, 0) << verify("rebuilt").output;
  Shell("sed s/APPROVED/REJECTED/ " + Path("rebuilt") + " > " + Path("forged"));
  EXPECT_NE(verify("forged").exit_code, 0);
  // The record in git has it too.
  Log();
  const std::string show = "git -C " + directory_.path() + "/data/repositories/apollo.git ";
  EXPECT_NE(Shell(show + "grep -h -e 'BEGIN SSH SIGNATURE' main -- .greffe/reviews").output.find("signature"),
            std::string::npos);
}

TEST_F(SignedReviewsTest, WhatIsNotTheReviewersSignatureIsRefused) {
  Approve("ada");
  EXPECT_EQ(Reason(), "SIGNATURE_REQUIRED");
  SubmitSigned(Sign("other"));
  EXPECT_EQ(Reason(), "SIGNATURE_KEY_UNKNOWN");
  SubmitSigned(Sign("bob"));
  EXPECT_EQ(Reason(), "SIGNATURE_KEY_UNKNOWN") << "a key of the project, but not ada's";
  SubmitSigned(Sign("ada", v1::REVIEW_OUTCOME_REJECTED));
  EXPECT_EQ(Reason(), "SIGNATURE_INVALID") << "another statement";
  SubmitSigned(Sign("ada", v1::REVIEW_OUTCOME_APPROVED, "git"));
  EXPECT_EQ(Reason(), "SIGNATURE_INVALID") << "made for something else";
  SubmitSigned("no signature");
  EXPECT_EQ(Reason(), "SIGNATURE_INVALID");
  EXPECT_EQ(Field(), "signature");
  EXPECT_EQ(Get().steps(0).reviewers(0).has_decision(), false);
  v1::Project project;
  project.add_signing_keys()->set_principal("ada");
  project.mutable_signing_keys(0)->set_public_key("ssh-rsa AAAA");
  Update(project, "signing_keys");
  EXPECT_EQ(Reason(), "SIGNING_KEY_INVALID");
  EXPECT_EQ(Submit("ada", DecisionOf(v1::REVIEW_OUTCOME_REJECTED, "no")).state(), v1::REVIEW_STATE_REJECTED)
      << "only what approves must be signed";
}

}  // namespace
}  // namespace greffe
