#include "tests/integration/command_line_fixture.h"

namespace greffe {
namespace {

// What a project manager types, from plan to hand-over.
using PlanningTest = CommandLineTest;

TEST_F(PlanningTest, ADeliverableIsHandedOverWithTheCommandLine) {
  Output("put " + Write("pump.md", "# Pump\n"));
  Output("milestone create 'Design frozen' --planned 2026-03-31 --stage design --next-stage delivery");
  ExpectInOutput(
      "deliverable create 'Pump specification' --planned 2026-03-20 --milestone MST-0001 --document pump.md "
      "--acceptor grace --criterion 'Flow is shown'",
      "created  DLV-0001  planned  due 2026-03-20");
  Output("deliverable create 'Site plan' --planned 2099-01-01");
  ExpectInOutput("deliverable forecast DLV-0001 2026-03-27 -m 'supplier is late'", "due 2026-03-27");
  const std::string late = Output("deliverable ls --late");
  EXPECT_NE(late.find("DLV-0001     planned  2026-03-27  2026-03-20  +7    MST-0001   ada    Pump specification"),
            std::string::npos)
      << late;
  EXPECT_EQ(late.find("DLV-0002"), std::string::npos) << late;
  ExpectInOutput("deliverable ls --due-within 3650 --owner ada", "DELIVERABLE");
  ExpectInOutput("deliverable show DLV-0001", "forecast 2026-03-20 -> 2026-03-27 (+7) by ada: supplier is late");
  ExpectInOutput("deliverable slips", "WEEK OF");

  EXPECT_EQ(Greffe("milestone achieve MST-0001").exit_code, 4) << "its gate is open";
  ExpectInOutput("deliverable submit DLV-0001", "submitted  DLV-0001  submitted");
  EXPECT_EQ(Greffe("deliverable accept DLV-0001").exit_code, 5) << "not the acceptor";
  const std::string accepted =
      Output("deliverable accept DLV-0001 --language fr --reservation 'ada:2099-02-01:Add an index'", "grace");
  EXPECT_NE(accepted.find("accepted with reservations"), std::string::npos) << accepted;
  EXPECT_NE(accepted.find("record  REC-0002\naction  ACT-0001\n"), std::string::npos) << accepted;
  ExpectInOutput("get REC-0002 -o -", "# Procès-verbal de recette");
  ExpectInOutput("action ls --owner ada", "ACT-0001  open   2099-02-01  ada    DLV-0001  Add an index");
  ExpectInOutput("milestone achieve MST-0001", "achieved  MST-0001  achieved  Design frozen");
  ExpectInOutput("project show", "delivery");
  ExpectInOutput("action done ACT-0001 -m 'is there'", "done  ACT-0001  done");
  ExpectInOutput("deliverable archive DLV-0001", "archived");
  EXPECT_NE(Output("deliverable ls --late").find("DELIVERABLE"), std::string::npos);
  EXPECT_EQ(Greffe("deliverable start DLV-0001").exit_code, 4);

  ExpectSound();
  const std::string log = Shell("git -C " + server_.repository("apollo") + " log --format=%s main").output;
  EXPECT_NE(log.find("Accept deliverable DLV-0001 with 1 reservation: Pump specification\n"), std::string::npos) << log;
  EXPECT_NE(log.find("Achieve milestone MST-0001: Design frozen\n"), std::string::npos) << log;
}

}  // namespace
}  // namespace greffe
