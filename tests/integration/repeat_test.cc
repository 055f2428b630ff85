// Commands that are given again with their request id.
#include <string>
#include <vector>

#include "tests/integration/command_line_fixture.h"

namespace greffe {
namespace {

using testing::HasSubstr;

class RepeatTest : public CommandLineTest {
 protected:
  // Given twice under one id it answers twice, and is done once.
  void ExpectDoneOnce(const std::string& command) {
    const std::string id = "--request-id id-" + std::to_string(++ids_) + " ";
    Output(id + command);
    const std::string then = Output("project show --output json");
    const ShellResult again = Greffe(id + command);
    EXPECT_EQ(again.exit_code, 0) << command << "\n" << again.output;
    EXPECT_EQ(Output("project show --output json"), then) << command;
  }
  void ExpectRefused(const std::string& command) {
    const std::string then = Output("project show --output json");
    const ShellResult refused = Greffe("--request-id refused " + command);
    EXPECT_EQ(refused.exit_code, 2) << command;
    EXPECT_THAT(refused.output, HasSubstr("--request-id: ")) << command;
    EXPECT_THAT(refused.output, HasSubstr("(OPTION_INVALID)")) << command;
    EXPECT_EQ(Output("project show --output json"), then) << command;
  }

  int ids_ = 0;
};

TEST_F(RepeatTest, CommandsAboutDocumentsAreDoneOnce) {
  const std::string pump = Write("pump.md", "one\n");
  const std::string plan = Write("plan.md", "plan\n");
  ExpectDoneOnce("put " + pump + " --number REC-0007 --title Pump --to specs/pump.md");
  ExpectDoneOnce("put " + plan + " --type plan --attachment " + pump);
  Write("pump.md", "two\n");
  ExpectDoneOnce("put " + pump + " --to specs/pump.md --rendition " + plan);
  Write("pump.md", "three\n");
  ExpectDoneOnce("put " + pump + " --to specs/pump.md");
  ExpectDoneOnce("put " + pump + " " + plan + " --to copies/");
  ExpectDoneOnce("edit specs/pump.md --title 'The pump' --owner bob --alternate-number P-7");
  ExpectDoneOnce("lock REC-0007 -m 'chapter 3'");
  ExpectDoneOnce("unlock REC-0007");
  ExpectDoneOnce("mv REC-0007 old/");
  ExpectDoneOnce("withdraw REC-0007 PLN-0001");
  ExpectDoneOnce("reinstate REC-0007");
  ExpectDoneOnce("restore REC-0007 --version 1");
  ExpectDoneOnce("approve REC-0007");
  ExpectDoneOnce("release REC-0007");
}

TEST_F(RepeatTest, APutIsAnsweredAgainBehindWhatOthersDid) {
  int ids = 0;
  for (const std::string more : {"", " --media-type text/plain"}) {
    const std::string path = "specs/" + std::to_string(++ids) + ".md";
    const auto put = [&](const std::string& id, const std::string& content, const std::string& who) {
      const std::string file = Write("f.md", content);
      return Greffe((id.empty() ? "" : "--request-id " + id + " ") + "put " + file + " --to " + path + more, who);
    };
    const auto expect_answered = [&](const std::string& id, const std::string& content) {
      const std::string then = Output("project show --output json");
      const ShellResult again = put(id, content, "ada");
      EXPECT_EQ(again.exit_code, 0) << again.output;
      EXPECT_EQ(Output("project show --output json"), then);
    };
    const std::string first = "first-" + std::to_string(ids);
    const std::string second = "second-" + std::to_string(ids);
    EXPECT_EQ(put(first, "one", "ada").exit_code, 0) << "a document";
    EXPECT_EQ(put("", "bob's", "bob").exit_code, 0);
    expect_answered(first, "one");
    EXPECT_EQ(put(second, "two", "ada").exit_code, 0) << "a version";
    EXPECT_EQ(put("", "bob's second", "bob").exit_code, 0);
    expect_answered(second, "two");
    EXPECT_EQ(put("other", "two", "ada").exit_code, 4) << "nothing of this id was done";
    Output("withdraw " + path, "bob");
    expect_answered(first, "one");
  }
}

TEST_F(RepeatTest, CommandsAboutRecordsAreDoneOnce) {
  Output("put " + Write("pump.md", "one\n") + " --number REC-0007");
  ExpectDoneOnce("project update --stage build --label phase=2");
  ExpectDoneOnce("risk add 'Late supplier' --probability 4 --impact 3");
  ExpectDoneOnce("risk update RISK-0001 --impact 5");
  ExpectDoneOnce("meeting add Kick-off --due 2026-03-31");
  ExpectDoneOnce("deliverable create Pump --document REC-0007 --planned 2026-03-31");
  ExpectDoneOnce("deliverable start DLV-0001");
  ExpectDoneOnce("deliverable submit DLV-0001");
  ExpectDoneOnce("deliverable accept DLV-0001");
  ExpectDoneOnce("milestone create G1 --planned 2026-03-31");
  ExpectDoneOnce("review open REC-0007 --reviewer ada --reviewer bob --quorum 1");
  ExpectDoneOnce("review comment RVW-0001 -m 'which pump?'");
  ExpectDoneOnce("review approve RVW-0001");
  ExpectDoneOnce("baseline create G2 -m 'Gate 2'");
}

TEST_F(RepeatTest, ASignedApprovalThatNamesItsStepIsDoneOnce) {
  if (Shell("command -v ssh-keygen").exit_code != 0) GTEST_SKIP() << "there is no ssh-keygen (openssh-client)";
  const std::string key = directory_.path() + "/key";
  ASSERT_EQ(Shell("ssh-keygen -q -t ed25519 -N '' -f " + key).exit_code, 0);
  Output("put " + Write("pump.md", "one\n") + " --number REC-0007");
  Output("project update --signing-key ada=" + key + ".pub");
  Output("review open REC-0007 --reviewer ada --step bob");
  ExpectRefused("review approve RVW-0001 --sign " + key);
  ExpectDoneOnce("review approve RVW-0001 --step 1 --sign " + key);
}

TEST_F(RepeatTest, WhatFollowsFromWhatIsThereIsRefusedWithARequestId) {
  Output("put " + Write("pump.md", "one\n") + " --number REC-0007");
  Output("meeting add Kick-off --due 2026-03-31");
  ExpectRefused("edit REC-0007 --label a=b");
  ExpectRefused("meeting minutes MTG-0001 --decision 'We buy it'");
  ExpectRefused("project update --signing-key ada=" + Write("key.pub", "ssh-ed25519 AAAA"));
  ExpectRefused("mv pump.md old/");
  ExpectRefused("withdraw pump.md");
}

}  // namespace
}  // namespace greffe
