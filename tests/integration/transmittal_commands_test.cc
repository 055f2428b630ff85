// Transmittals on the command line: sent, answered, compared with now, downloaded.
#include "tests/integration/command_line_fixture.h"

namespace greffe {
namespace {

using testing::HasSubstr;
using testing::Not;

using TransmittalCommandsTest = CommandLineTest;

TEST_F(TransmittalCommandsTest, DocumentsAreSentAnsweredAndFollowed) {
  const std::string pump = Write("pump.md", "# Pump\n");
  Output("put " + pump + " --type specification");
  Output("put " + Write("kick-off.md", "all came\n") + " --type minutes");
  const std::string sent = Output(
      "transmittal create SPC-0001 kick-off.md --to client@example.org --to supplier --title 'For approval' "
      "--reason approval --due 2099-01-31 -m 'Please answer'");
  for (const char* line :
       {"Transmittal   TRM-0001\n", "Reason        approval\n", "State         sent\n",
        "Not answered  client@example.org, supplier\n", "Document      SPC-0001 version 1, draft, pump.md\n"}) {
    EXPECT_THAT(sent, HasSubstr(line));
  }
  Output("transmittal create SPC-0001 --to archive --title 'For the files'");
  EXPECT_EQ(Greffe("transmittal create SPC-0009 --to archive --title none").exit_code, 3);

  const std::string open = Output("transmittal ls --open");
  EXPECT_THAT(open, HasSubstr("client@example.org +1  approval  2          sent   2099-01-31  For approval\n"));
  EXPECT_THAT(open, Not(HasSubstr("TRM-0002"))) << "no answer is asked for";
  EXPECT_THAT(Output("transmittal ls"), HasSubstr("TRM-0002"));
  EXPECT_THAT(Output("transmittal ls --due-before 2099-01-01"), Not(HasSubstr("TRM-0001")));

  ExpectInOutput("transmittal ack TRM-0001 --for supplier -m 'got it'", "supplier: got it\n");
  EXPECT_THAT(Output("transmittal ack TRM-0001 --answer -m 'fine'", "client@example.org"),
              HasSubstr("client@example.org: fine\n"));
  EXPECT_EQ(Greffe("transmittal ack TRM-0001 --for nobody").exit_code, 3) << "it was not sent to them";
  const std::string waiting = Output("transmittal show TRM-0001");
  EXPECT_THAT(waiting, HasSubstr("Not answered  supplier\n"));
  EXPECT_THAT(waiting, Not(HasSubstr("Not received")));
  EXPECT_THAT(Output("transmittal ls --waiting-for client@example.org"), Not(HasSubstr("TRM-0001")));
  Output("transmittal ack TRM-0001 --for supplier --answer -m 'as agreed'");
  EXPECT_THAT(Output("transmittal ls --open"), Not(HasSubstr("TRM-0001")));

  ExpectInOutput("transmittal changes TRM-0001", "0 of 2 changed\n");
  Write("pump.md", "# Pump\n\nflow 12\n");
  Output("put " + pump);
  const std::string changes = Output("transmittal changes TRM-0001");
  EXPECT_THAT(changes, HasSubstr("SPC-0001 version 1  newer    2       -         draft  pump.md\n"));
  EXPECT_THAT(changes,
              HasSubstr("MIN-0001 version 1  current  1       -         draft  kick-off.md\n1 of 2 changed\n"));
  Output("release SPC-0001");
  ExpectInOutput("transmittal changes TRM-0001", "SPC-0001 version 1  superseded  2       2 ");
  ExpectSound();
}

TEST_F(TransmittalCommandsTest, WhatWaitsForSomebodyIsNotWhatWaitsForOneOfALongerName) {
  Output("put " + Write("pump.md", "# Pump\n") + " --type specification");
  Output(
      "transmittal create SPC-0001 --to supplier-2 --to client --title 'For approval' --reason approval --due "
      "2099-01-31");
  EXPECT_THAT(Output("transmittal ls --waiting-for supplier"), Not(HasSubstr("TRM-0001")));
  EXPECT_THAT(Output("transmittal ls --waiting-for supplier-2"), HasSubstr("TRM-0001"));
  EXPECT_THAT(Output("transmittal ls --waiting-for client"), HasSubstr("TRM-0001"));
}

TEST_F(TransmittalCommandsTest, ThePackageIsAZipFileOfWhatWasSent) {
  const std::string pump = Write("pump.md", "# Pump\n");
  const std::string drawing = Write("drawing.bin", std::string(3 << 20, '\7'));  // goes out in several pieces
  Output("put " + pump + " --type specification");
  Output("put " + drawing + " --type plan");
  Output("mv PLN-0001 drawings/drawing.bin");
  Output("transmittal create SPC-0001 PLN-0001 --to client@example.org --title 'For use'");
  Shell("cp " + pump + " " + pump + ".sent");
  Write("pump.md", "# Pump, changed later\n");
  Output("put " + pump);

  const std::string zip = directory_.path() + "/sent.zip";
  ExpectInOutput("transmittal download TRM-0001 -o " + zip + " 2>&1", "sent.zip  3.0 MiB\n");
  EXPECT_EQ(
      Shell("cd " + directory_.path() + " && python3 -m zipfile -t sent.zip && python3 -m zipfile -e sent.zip out")
          .output,
      "Done testing\n");
  const std::string folder = directory_.path() + "/out/TRM-0001";
  EXPECT_EQ(Shell("cd " + folder + " && find . -type f | sort").output,
            "./SHA256SUMS\n./files/drawings/drawing.bin\n./files/pump.md\n./transmittal.json\n");
  EXPECT_EQ(Shell("cmp " + folder + "/files/pump.md " + pump + ".sent").output, "") << "as it was when it was sent";
  EXPECT_EQ(Shell("cmp " + folder + "/files/drawings/drawing.bin " + drawing).output, "");
  const ShellResult sums = Shell("cd " + folder + " && sha256sum --check --strict --quiet SHA256SUMS");
  EXPECT_EQ(sums.exit_code, 0) << sums.output;
  EXPECT_EQ(Shell("python3 -c 'import json,sys; print(json.load(open(sys.argv[1]))[\"title\"])' " + folder +
                  "/transmittal.json")
                .output,
            "For use\n");
  EXPECT_EQ(Greffe("transmittal download TRM-0009 -o " + directory_.path() + "/none.zip").exit_code, 3);
  EXPECT_FALSE(std::filesystem::exists(directory_.path() + "/none.zip"));
}

}  // namespace
}  // namespace greffe
