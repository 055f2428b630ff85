// Status, portfolio and progress report on the command line.
#include "tests/integration/command_line_fixture.h"

namespace greffe {
namespace {

using testing::HasSubstr;
using testing::Not;

using StatusCommandsTest = CommandLineTest;

TEST_F(StatusCommandsTest, AProjectsStatusIsToldAndReported) {
  ASSERT_EQ(server_.Cli("project create zeus --title Zeus").exit_code, 0);
  ExpectInOutput("status", "apollo: green\n");
  Output("put " + Write("pump.md", "# Pump\n") + " --type specification");
  Output("action add 'Call the supplier' --due-date 2020-01-31 --owner bob");
  Output("risk add 'The supplier is late' --probability 5 --impact 4");
  Output("budget add Pumps --currency EUR --planned 1000 --actual 800 --percent-complete 50");

  const std::string status = Output("status");
  for (const char* line :
       {"apollo: red\n", "  red  overdue actions: 1 of 1 open\n", "  red  cost performance index in EUR: 0.62\n",
        "  red  open risks with a score of 15 or more: 1 of 1 open\n",
        "2020-01-31  ACT-0001  open   bob  Call the supplier\n"}) {
    EXPECT_THAT(status, HasSubstr(line));
  }
  EXPECT_THAT(Output("status --as-of 1"), HasSubstr("apollo: green\n"));
  EXPECT_THAT(Output("status --output json"), HasSubstr("\"light\":\"TRAFFIC_LIGHT_RED\""));
  EXPECT_THAT(Output("status --series day"), HasSubstr("  red    1          0         -             1 late of 1  1"));

  const std::string portfolio = Output("portfolio");
  EXPECT_THAT(portfolio, HasSubstr("apollo   red"));
  EXPECT_THAT(portfolio, HasSubstr("zeus     green"));
  EXPECT_THAT(Output("portfolio --light red"), Not(HasSubstr("zeus")));
  EXPECT_EQ(Greffe("portfolio --as-of 1").exit_code, 2) << "a sequence is one project's";
  EXPECT_THAT(Output("portfolio --as-of 2999-12-31"), HasSubstr("apollo   red"));
  EXPECT_THAT(Output("portfolio --as-of 2020-01-31"), Not(HasSubstr("apollo"))) << "it came later";

  ExpectInOutput("report", "| SPC-0001 | pump.md | new; version 1 |\n");
  ExpectInOutput("report --language fr", "| ACT-0001 | Call the supplier | nouveau\u00a0: ouvert |\n");
  EXPECT_EQ(Greffe("report --from 2020-02-30").exit_code, 2);
  EXPECT_EQ(server_.Cli("status").exit_code, 2) << "of which project?";
  EXPECT_THAT(server_.Cli("server status").output, HasSubstr("Writable"));
  ExpectSound();
}

}  // namespace
}  // namespace greffe
