// A review on the command line, from the opening to the signed approval.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/server_process.h"

namespace greffe {
namespace {

TEST(ReviewCommandsTest, AReviewGoesFromItsOpeningToASignedApproval) {
  if (Shell("command -v ssh-keygen").exit_code != 0) GTEST_SKIP() << "there is no ssh-keygen (openssh-client)";
  TemporaryDirectory directory;
  const std::string key = directory.path() + "/key";
  ASSERT_EQ(Shell("ssh-keygen -q -t ed25519 -N '' -f " + key).exit_code, 0);
  std::ofstream(directory.path() + "/a.md") << "one\n";
  ServerProcess server{directory.path()};
  ASSERT_TRUE(server.Start()) << server.log();
  const auto run = [&](const std::string& principal, const std::string& arguments) {
    const ShellResult result = server.Cli("--project apollo --principal " + principal + " " + arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments << ": " << result.output;
    return result.output;
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  run("pmo", "project create apollo");
  run("pmo", "put " + directory.path() + "/a.md --type specification");
  run("pmo", "project update --signing-key ada=" + key + ".pub");
  EXPECT_EQ(run("pmo", "review open a.md --reviewer ada --due 2999-03-31 --step 'bob,eve;quorum=1;title=quality'"),
            "opened  RVW-0001  SPC-0001 version 1  open  awaits ada\n");
  EXPECT_TRUE(has(run("ada", "review ls --mine"), "2999-03-31"));
  EXPECT_FALSE(has(run("bob", "review ls --mine"), "RVW-0001"));
  EXPECT_FALSE(has(run("pmo", "review ls --overdue"), "RVW-0001"));
  EXPECT_TRUE(has(run("ada", "review statement RVW-0001"), "\nreviewer: ada\noutcome: APPROVED\n"));
  run("ada", "review comment RVW-0001 -m 'which pump?' --line 1 --quote one");
  EXPECT_TRUE(has(run("ada", "review approve RVW-0001 --with-comments -m 'see 1' --sign " + key), "awaits bob, eve"));
  EXPECT_EQ(server.Cli("--project apollo --principal bob review update RVW-0001 --remove eve -m no").exit_code, 5);
  EXPECT_EQ(run("pmo", "review update RVW-0001 --add frank --remove eve --due 2999-04-30 -m 'eve is ill'"),
            "updated  RVW-0001  SPC-0001 version 1  open  awaits bob, frank\n");
  run("bob", "review delegate RVW-0001 --to grace -m leave");
  EXPECT_EQ(server.Cli("--project apollo release a.md").exit_code, 4) << "the review is open";
  EXPECT_EQ(run("grace", "review decide RVW-0001 approved"),
            "decided  RVW-0001  SPC-0001 version 1  approved with comments\n");
  const std::string shown = run("pmo", "review show RVW-0001");
  for (const char* part :
       {"ada: approved with comments", "signed: see 1", "grace for bob",
        "  step 2 by pmo: +frank, -eve, due none -> 2999-04-30: eve is ill\n", "a.md line 1 \"one\": which"}) {
    EXPECT_TRUE(has(shown, part)) << part << " in\n" << shown;
  }
  EXPECT_TRUE(has(run("pmo", "review ls --state approved-with-comments --document a.md"), "RVW-0001"));
  EXPECT_TRUE(has(run("pmo", "release a.md"), "revision A"));
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace greffe
