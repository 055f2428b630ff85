// Baselines on the command line: frozen, listed, compared, read from.
#include "tests/integration/command_line_fixture.h"

namespace greffe {
namespace {

using testing::HasSubstr;
using testing::Not;

using BaselineCommandsTest = CommandLineTest;

TEST_F(BaselineCommandsTest, AProjectIsFrozenAtItsGatesAndReadAsOfThem) {
  const std::string pump = Write("pump.md", "# Pump\n\nflow 10\n");
  Output("put " + pump + " --type specification");
  Output("put " + Write("kick-off.md", "all came\n") + " --type minutes");
  Output("put " + Write("budget.csv", "pumps,12000\n") + " --type budget");
  const std::string made = Output("baseline create G1 -m 'Gate 1 passed' --title 'Gate 1' --kind stage");
  for (const char* line :
       {"Baseline  G1\n", "Title     Gate 1\n", "Reason    Gate 1 passed\n", "Holds     3 documents, 37 B\n",
        "Scope     project, latest versions\n", "Frozen    sequence 4\n", "Git tag   baselines/G1\n"}) {
    EXPECT_THAT(made, HasSubstr(line));
  }

  Output("release SPC-0001 -m 'as built'");
  Write("pump.md", "# Pump\n\nflow 12\n");
  Output("put " + pump);
  Output("mv MIN-0001 minutes/kick-off.md");
  Output("withdraw BUD-0001 -m 'is kept elsewhere'");
  Output("put " + Write("plan.md", "first, then\n") + " --type plan");
  Output("baseline create G2 -m 'Gate 2 passed'");
  EXPECT_EQ(Greffe("baseline create G2 -m again").exit_code, 4) << "the name is taken";
  ExpectInOutput("baseline create issued --released --type specification -m 'what is in force'",
                 "Scope     type specification, released versions\n");

  const std::string all = Output("baseline ls");
  EXPECT_THAT(all, HasSubstr("G1        stage     3          project             latest    4       "));
  EXPECT_LT(all.find("G1"), all.find("G2")) << "oldest first";
  EXPECT_THAT(Output("baseline ls --kind stage"), Not(HasSubstr("G2")));
  EXPECT_THAT(Output("baseline ls --as-of 6"), Not(HasSubstr("G2")));
  ExpectInOutput("baseline show G1", "Reason    Gate 1 passed\n");
  ExpectInOutput("baseline files issued", "SPC-0001  1        released  A         ");
  EXPECT_EQ(Greffe("baseline show G9").exit_code, 3);

  // Two of them.
  const std::string compared = Output("baseline compare G1 G2 --diff");
  for (const char* line :
       {"added    PLN-0001", "removed  BUD-0001", "changed  SPC-0001  1 -> 2", "moved    MIN-0001",
        "1 added, 1 removed, 1 changed, 1 moved, 0 restated, 0 unchanged\n", "\n-flow 10\n+flow 12\n"}) {
    EXPECT_THAT(compared, HasSubstr(line));
  }
  // One and now.
  ExpectInOutput("baseline compare G2", "0 added, 0 removed, 0 changed, 0 moved, 0 restated, 3 unchanged\n");
  Output("approve PLN-0001 -m fine");
  ExpectInOutput("baseline compare G2", "restated  PLN-0001  1        draft -> approved");
  Output("deliverable create 'Pump specification' --document SPC-0001");
  ExpectInOutput("baseline compare G2 --records", "added   deliverables/DLV-0001");

  // As of one.
  EXPECT_EQ(Output("get SPC-0001 --as-of baseline:G1 -o -"), "# Pump\n\nflow 10\n");
  EXPECT_EQ(Output("get SPC-0001 --as-of baseline:G2 -o -"), "# Pump\n\nflow 12\n");
  const std::string listed = Output("ls --as-of baseline:G1");
  EXPECT_THAT(listed, HasSubstr("BUD-0001"));
  EXPECT_THAT(listed, Not(HasSubstr("PLN-0001")));
  EXPECT_EQ(Greffe("show PLN-0001 --as-of baseline:G1").exit_code, 3) << "it is not in it";
  EXPECT_EQ(Greffe("get SPC-0001 --as-of baseline:G9 -o -").exit_code, 3) << "there is no such baseline";

  ExpectSound();
  // What stock git has of it.
  const std::string git = "git -C " + server_.repository("apollo") + " ";
  EXPECT_EQ(Shell(git + "show baselines/issued^{commit}:pump.md").output, "# Pump\n\nflow 10\n");
  EXPECT_EQ(Shell(git + "ls-tree -r --name-only baselines/G2").output,
            ".greffe/baseline.json\nminutes/kick-off.md\nplan.md\npump.md\n");
}

// It would be there for good.
TEST_F(BaselineCommandsTest, AnEmptyShellVariableFreezesNoProject) {
  Output("put " + Write("note.md", "one\n"));
  for (const char* scope : {"--folder ''", "--type ''", "--folder /"}) {
    EXPECT_EQ(Greffe(std::string("baseline create G1 -m frozen ") + scope).exit_code, 2) << scope;
  }
  EXPECT_EQ(Greffe("baseline show G1").exit_code, 3) << "none was made";
  ExpectInOutput("baseline create G1 -m frozen --folder .", "Scope     project, latest versions\n");
}

// As deploy/OPERATIONS.md tells it.
TEST_F(BaselineCommandsTest, ClonesAndBackupsHaveTheTagsAndALostPackComesBackWithThem) {
  const std::string note = Write("note.md", "one\n");
  Output("put " + note);
  Output("baseline create G1 -m frozen");
  Write("note.md", "two\n");
  Output("put " + note);
  const std::string repository = server_.repository("apollo");
  const std::string clone = directory_.path() + "/clone";
  const std::string backup = directory_.path() + "/backup";
  ASSERT_EQ(Shell("git clone -q " + repository + " " + clone).exit_code, 0);
  EXPECT_EQ(Shell("git -C " + clone + " tag").output, "baselines/G1\n");
  Output("baseline create G2 -m 'frozen later'");
  Shell("git -C " + clone + " fetch -q --tags");
  EXPECT_EQ(Shell("git -C " + clone + " tag && git -C " + clone + " fsck --full --strict").output,
            "baselines/G1\nbaselines/G2\n");
  EXPECT_EQ(server_.Admin("backup " + backup).exit_code, 0);
  ExpectSound();

  const std::string source = backup + "/repositories/apollo.git";
  EXPECT_EQ(Shell("git -C " + source + " tag").output, "baselines/G1\nbaselines/G2\n");
  ASSERT_EQ(Shell("mkdir " + directory_.path() + "/away && mv " + repository + "/objects/pack/* " + directory_.path() +
                  "/away")
                .exit_code,
            0);
  EXPECT_NE(server_.Admin("verify").exit_code, 0);
  const ShellResult fetched = Shell("git -C " + clone + " for-each-ref --format='%(refname)' | xargs git -C " +
                                    repository + " fetch --refetch --no-tags " + clone + " 2>&1");
  EXPECT_EQ(fetched.exit_code, 0) << fetched.output;
  const ShellResult verified = server_.Admin("verify");
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
  EXPECT_EQ(Shell("git -C " + repository + " fsck --full --strict").output, "");
}

}  // namespace
}  // namespace greffe
