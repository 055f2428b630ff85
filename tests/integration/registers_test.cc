#include <gtest/gtest.h>

#include <string>

#include "tests/integration/server_process.h"

namespace greffe {
namespace {

// What a project office types about its registers.
class RegistersCliTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start()) << server_.log();
    ASSERT_EQ(server_.Cli("project create apollo --title Apollo --currency EUR").exit_code, 0);
  }

  ShellResult Greffe(const std::string& arguments) {
    return server_.Cli("--project apollo --principal ada " + arguments);
  }
  void ExpectInOutput(const std::string& arguments, const std::string& part) {
    const ShellResult result = Greffe(arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments << "\n" << result.output;
    EXPECT_NE(result.output.find(part), std::string::npos) << arguments << ":\n" << result.output;
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path()};
};

TEST_F(RegistersCliTest, AreKeptWithTheCommandLine) {
  ExpectInOutput("risk add 'The supplier is late' --probability 4 --impact 3 --response mitigate --due 2026-03-31",
                 "created  RISK-0001  identified  due 2026-03-31  The supplier is late");
  ExpectInOutput("risk ls --late", "RISK-0001  identified  12     mitigate  ada    2026-03-31  The supplier is late");
  EXPECT_EQ(Greffe("risk add x --response run-away").exit_code, 2);
  EXPECT_EQ(Greffe("risk close RISK-0001").exit_code, 2) << "a comment is wanted";
  ExpectInOutput("risk update RISK-0001 --probability 2", "updated");
  ExpectInOutput("risk close RISK-0001 -m 'it came'", "close  RISK-0001  closed");
  EXPECT_EQ(Greffe("risk treat RISK-0001").exit_code, 4);
  ExpectInOutput("risk log RISK-0001", "closed      The supplier is late");
  ExpectInOutput("risk show RISK-0001", "it came");

  ExpectInOutput("meeting add Steering --meeting-date 2026-03-02", "MTG-0001  planned");
  ExpectInOutput("meeting minutes MTG-0001 --decision 'Two pumps' --action 'paul:2026-03-09:Order it'",
                 "decision  DEC-0001\naction  ACT-0001\n");
  ExpectInOutput("decision ls", "DEC-0001  taken");
  ExpectInOutput("meeting add 'Steering 2' --previous-meeting projects/apollo/meetings/MTG-0001", "MTG-0002");
  ExpectInOutput("meeting show MTG-0002", "Carried actions   ACT-0001");

  ExpectInOutput("checklist add 'Ready?' --item 'Is it signed?'", "CKL-0001");
  ExpectInOutput("checklist run CKL-0001", "begun  RUN-0001  open  Ready?");
  EXPECT_EQ(Greffe("run complete RUN-0001").exit_code, 4) << "an answer is missing";
  ExpectInOutput("run answer RUN-0001 '1=fail:by nobody'", "answered");
  ExpectInOutput("run complete RUN-0001", "completed");

  ExpectInOutput("budget add Pumps --planned 1000 --forecast 1100.5", "BGL-0001");
  ExpectInOutput("budget ls", "EUR       1000     -          -       1100.5    100.50");
  EXPECT_EQ(Greffe("budget add Valves --planned 1000 --currency EUX").exit_code, 2);

  EXPECT_EQ(server_.Stop(), 0) << server_.log();
}

}  // namespace
}  // namespace greffe
