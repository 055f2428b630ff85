#include "clients/cpp/tables.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "tests/base/shared_data.h"
#include "tests/integration/server_process.h"

namespace greffe {
namespace {

class TablesCliTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start()) << server_.log();
    Write(
        "project.json",
        R"({"attributeDefinitions": [{"id": "identified", "type": "ATTRIBUTE_TYPE_DATE", "collections": ["risks"]}]})");
    for (const char* project : {"apollo", "hermes"}) {
      const ShellResult made = server_.Cli(std::string("project create ") + project +
                                           " --title P --currency EUR --file " + Path("project.json"));
      ASSERT_EQ(made.exit_code, 0) << made.output;
    }
  }

  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }
  void Write(const std::string& name, const std::string& bytes) const {
    std::ofstream(Path(name), std::ios::binary) << bytes;
  }
  ShellResult Greffe(const std::string& arguments, const std::string& project = "apollo") {
    return server_.Cli("--project " + project + " --principal ada " + arguments);
  }
  void Expect(int exit_code, const std::string& arguments, const std::string& part,
              const std::string& project = "apollo") {
    const ShellResult result = Greffe(arguments, project);
    EXPECT_EQ(result.exit_code, exit_code) << arguments << "\n" << result.output;
    EXPECT_NE(result.output.find(part), std::string::npos) << arguments << ":\n" << result.output;
  }
  // The rows of a table that xlsx_to_csv.py, or an export in its dialect, wrote, without the headings.
  std::string Rows(const std::string& name) const {
    return Shell(
               "python3 -c 'import csv, sys; print(*list(csv.reader(open(sys.argv[1], encoding=\"windows-1252\", "
               "newline=\"\"), delimiter=\";\"))[1:], sep=\"\\n\")' " +
               Path(name))
        .output;
  }
  void Convert(const std::filesystem::path& workbook, const std::string& rows, const std::string& name) {
    const ShellResult converted = Shell("python3 " GREFFE_SOURCE "/tests/integration/xlsx_to_csv.py '" +
                                        workbook.string() + "' " + rows + " > " + Path(name));
    ASSERT_EQ(converted.exit_code, 0) << converted.output;
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path()};
};

TEST_F(TablesCliTest, ATableGoesOutAndComesBackWithTheCommandLine) {
  Write("risks.csv", "id,title,probability,review date\nR1,Pump is late,3,2026-03-31\n,Rain,1,\n");
  Expect(0, "table import risks " + Path("risks.csv") + " --dry-run", "2 created, 0 changed, 0 unchanged; dry run");
  Expect(0, "table import risk " + Path("risks.csv") + " -m 'From the workshop'",
         "2 created, 0 changed, 0 unchanged; commit 2");
  Expect(0, "table export risks --columns id,title,review_date --french", "R1;Pump is late;31/03/2026");
  Expect(0, "table export risks -o " + Path("out.csv"), "out.csv  2 rows");
  Expect(0, "table import risks " + Path("out.csv"), "0 created, 0 changed, 2 unchanged");
  Shell("sed -i s/Rain/Snow/ " + Path("out.csv"));
  Expect(0, "table import risks " + Path("out.csv"), "0 created, 1 changed, 1 unchanged; commit 3");
  ASSERT_EQ(Greffe("risk update RISK-0001 --title Hail").exit_code, 0);
  Shell("sed -i s/Snow/Sleet/ " + Path("out.csv"));
  Expect(4, "table import risks " + Path("out.csv"), "ETAG_MISMATCH");
  Expect(0, "risk show RISK-0001", "Hail");
  Write("bad.csv", "id,title,review date\nR9,x,31/02/2026\nR1,\"\",\n");
  Expect(2, "table import risks " + Path("bad.csv"), "2    R9  error    review date  review_date: '31/02/2026'");
  Expect(2, "--output json table import risks " + Path("bad.csv"), "\"errorCount\":2");
  Expect(2, "table import risks " + Path("bad.csv") + " --map Colour=title", "COLUMN_UNKNOWN");
  Expect(1, "table import risks " + Path("none.csv"), "none.csv");
  EXPECT_EQ(Shell("printf 'title\\nPiped\\n' | " GREFFE_BIN "/greffe --server " + server_.address() +
                  " --project apollo table import risks -")
                .exit_code,
            0);
  EXPECT_EQ(server_.Stop(), 0) << server_.log();
  EXPECT_EQ(
      Shell("git -C " + server_.repository("apollo") + " log --format=%b 2>/dev/null | grep -c 'From the workshop'")
          .output,
      "1\n");
}

TEST_F(TablesCliTest, AnExportGoesOnWhereItBroke) {
  std::string text;
  for (int i = 0; i < 10'000; ++i) text += "\xf0\x9f\x93\x84";
  std::string table = "id,title,description\n";
  for (int i = 0; i < 400; ++i) table += "R" + std::to_string(i) + ",Risk," + text + "\n";  // more than is under way
  Write("risks.csv", table);
  Expect(0, "table import risks " + Path("risks.csv"), "400 created");
  Expect(0, "table export risks -o " + Path("out.csv"), "400 rows");

  client::ClientOptions options;
  options.server = server_.address();
  client::Client client(options);
  v1::ExportTableRequest request;
  request.set_parent("projects/apollo/risks");
  std::string bytes;
  int pieces = 0;
  int rows = 0;
  int sequences = 0;
  const absl::Status status = client::ExportTable(client, request, [&](const v1::ExportTableResponse& piece) {
    bytes += piece.data();
    rows += piece.row_count();
    sequences += piece.sequence() > 0 ? 1 : 0;
    if (++pieces == 2) {
      server_.Kill();
      EXPECT_TRUE(server_.Start()) << server_.log();
      Expect(0, "risk update R399 --title Later", "R399");
    }
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(rows, 400);
  EXPECT_EQ(sequences, 1) << "in the first piece";
  std::ifstream file(Path("out.csv"), std::ios::binary);
  EXPECT_TRUE(bytes == std::string(std::istreambuf_iterator<char>(file), {})) << "as it was at the first piece";
}

TEST_F(TablesCliTest, RegistersOfRealWorkbooksAreCarriedOverAndBack) {
  const auto office = FindSharedData("office");
  if (!office) GTEST_SKIP() << NoSharedData("office");
  ASSERT_NO_FATAL_FAILURE(Convert(*office / "en/risk-register-immunisation-app.xlsx", "19 42", "risks.csv"));
  const std::string import =
      "table import risks " + Path("risks.csv") +
      " --dates french --map 'Risk ID=id' --map 'Risk Description=title' --map 'Impact Description=effect'"
      " --map 'Impact Level Rate 1 (LOW) to 5 (HIGH)=impact' --map 'Probability Level Rate 1 "
      "(LOW) to 5 (HIGH)=probability'"
      " --ignore 'Priority Level Impact x Probability Address the highest first.' --map "
      "'Mitigation Notes=response_plan'"
      " --map 'Status=state' --map 'Date Identified=attributes.identified' --ignore 'Last "
      "Reviewed' --map Notes=description";
  Expect(0, import + " --dry-run", "23 created, 0 changed, 0 unchanged; dry run");
  Expect(0, import, "23 created, 0 changed, 0 unchanged; commit 2");
  Expect(0, "risk show R04", "15");
  const std::string columns =
      "id,category,title,effect,impact,probability,response_plan,attributes.identified,description";
  const std::string dialect = " --french --encoding windows-1252 -o " + Path("back.csv");
  Expect(0, "table export risks --columns " + columns + dialect, "23 rows");
  ASSERT_NO_FATAL_FAILURE(
      Convert(*office / "en/risk-register-immunisation-app.xlsx", "19 42 2 3 4 5 6 7 9 12 14", "same.csv"));
  EXPECT_EQ(Rows("back.csv"), Rows("same.csv"));
  EXPECT_NE(Rows("back.csv").find("'06/08/2026'"), std::string::npos) << Rows("back.csv");

  ASSERT_NO_FATAL_FAILURE(Convert(*office / "en/budget-foritech.xlsx", "5 12", "budget.csv"));
  Expect(0,
         "table import budget " + Path("budget.csv") +
             " --map Description=title --map 'Amount (€)=planned' --ignore '% of Total'",
         "7 created, 0 changed, 0 unchanged; commit 3");
  Expect(0, "budget ls", "900000.00");
  Expect(0, "table export budgetLines --columns category,title,planned" + dialect, "7 rows");
  ASSERT_NO_FATAL_FAILURE(Convert(*office / "en/budget-foritech.xlsx", "5 12 2 3 4", "same.csv"));
  Shell("sed -i 's/\\xa0//g' " + Path("same.csv"));  // no spaces between thousands
  EXPECT_EQ(Rows("back.csv"), Rows("same.csv"));

  for (const char* collection : {"risks", "budgetLines"}) {
    const std::string table = std::string(" ") + collection + " ";
    Expect(0, "table export" + table + "--french -o " + Path("all.csv"), "rows");
    const std::string again = "table import" + table + Path("all.csv") + " --dates french";
    Expect(0, again, "0 created, 0 changed");
    Expect(0, again, "0 changed, 0 unchanged; commit", "hermes");
    Expect(0, "table export" + table + "--columns id,title,owner,state -o " + Path("here.csv"), "rows");
    Expect(0, "table export" + table + "--columns id,title,owner,state -o " + Path("there.csv"), "rows", "hermes");
    EXPECT_EQ(Shell("cmp " + Path("here.csv") + " " + Path("there.csv")).output, "");
  }
  EXPECT_EQ(server_.Stop(), 0) << server_.log();
}

}  // namespace
}  // namespace greffe
