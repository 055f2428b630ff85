#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>

#include "greffe/v1/trace.grpc.pb.h"
#include "tests/base/shared_data.h"
#include "tests/integration/server_process.h"

namespace greffe {
namespace {

class TraceProgramTest : public testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(server_.Start()) << server_.log(); }
  ShellResult Cli(const std::string& arguments) const { return server_.Cli("--project p " + arguments); }
  void SetRule(const std::string& json) {
    std::ofstream(directory_.path() + "/rule.json") << "{\"traceRule\": " << json << "}";
    const ShellResult set = Cli("project update p --file " + directory_.path() + "/rule.json");
    ASSERT_EQ(set.exit_code, 0) << set.output;
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path()};
};

TEST_F(TraceProgramTest, ThePeopleOfAProjectFollowTheirRequirements) {
  ASSERT_EQ(Cli("project create p --title Pump").exit_code, 0);
  SetRule(R"({"requirementPattern": "REQ-\\d+", "documentTypes": ["specification"]})");
  const std::string folder = directory_.path() + "/in/";
  std::filesystem::create_directory(folder);
  std::ofstream(folder + "needs.md") << "REQ-1 =sum of flows\n\nREQ-2 stops\n";
  std::ofstream(folder + "test.md") << "how to test\n";
  ASSERT_EQ(Cli("put " + folder + "needs.md --type specification").exit_code, 0);
  ASSERT_EQ(Cli("put " + folder + "test.md --type procedure").exit_code, 0);
  EXPECT_EQ(Cli("trace link PRC-0001 verifies SPC-0001#REQ-1 -m 'bench run'").output,
            "linked  LNK-0001  PRC-0001 verifies SPC-0001#REQ-1  valid\n");
  EXPECT_EQ(Cli("trace link PRC-0001 verifies SPC-0001#REQ-9").exit_code, 3);
  EXPECT_EQ(Cli("trace link PRC-0001 loves SPC-0001").exit_code, 2);
  const std::string matrix = "trace matrix --rows specification#requirements --columns procedure";
  EXPECT_EQ(Cli(matrix + " --csv").output,
            "row,title,links,PRC-0001\r\nSPC-0001#REQ-1,REQ-1 =sum of flows,1,verifies\r\n"
            "SPC-0001#REQ-2,REQ-2 stops,0,\r\n");
  EXPECT_NE(Cli(matrix).output.find("2 rows, 1 without a link"), std::string::npos);
  EXPECT_EQ(Shell(std::string(GREFFE_BIN) + "/greffe --server " + server_.address() + " --project p --output json " +
                  matrix + " --gaps | python3 -c 'import json,sys; print(json.loads(sys.stdin.read())[\"anchor\"])'")
                .output,
            "REQ-2\n");
  std::ofstream(folder + "needs.md") << "REQ-1 changed\n\nREQ-2 stops\n";
  ASSERT_EQ(Cli("put " + folder + "needs.md").exit_code, 0);
  EXPECT_NE(Cli("watch --after 4 --stop-at-end").output.find("    link state changed  LNK-0001  suspect\n"),
            std::string::npos);
  EXPECT_NE(Cli("trace ls SPC-0001 --state suspect").output.find("LNK-0001"), std::string::npos);
  EXPECT_EQ(Cli("trace confirm LNK-0001 -m 'words alone'").output,
            "confirmed  LNK-0001  PRC-0001 verifies SPC-0001#REQ-1  valid\n");
  EXPECT_NE(Cli("trace show LNK-0001").output.find("words alone"), std::string::npos);
  EXPECT_NE(Cli("trace impact SPC-0001").output.find("PRC-0001"), std::string::npos);
  EXPECT_EQ(Cli("trace repoint LNK-0001 --to SPC-0001#REQ-2 -m 'was split'").exit_code, 0);
  EXPECT_NE(Cli("trace anchors SPC-0001").output.find("REQ-2"), std::string::npos);
  EXPECT_EQ(Cli("trace orphans --of specification#requirements --csv").output,
            "ORPHAN,TITLE\r\nSPC-0001#REQ-1,REQ-1 changed\r\n");
  EXPECT_EQ(Cli("trace rm LNK-0001").exit_code, 0);
  EXPECT_EQ(Cli("trace show LNK-0001").exit_code, 3);
  EXPECT_EQ(server_.Stop(), 0);
  EXPECT_EQ(server_.Admin("index verify").exit_code, 0);
  EXPECT_EQ(server_.Admin("verify").exit_code, 0);
}

TEST_F(TraceProgramTest, LinksOfADocumentAreThoseOfItsVersionsToo) {
  ASSERT_EQ(Cli("project create p --title Pump").exit_code, 0);
  const std::string folder = directory_.path() + "/in/";
  std::filesystem::create_directory(folder);
  for (const char* text : {"one", "two"}) {
    std::ofstream(folder + "needs.md") << text;
    ASSERT_EQ(Cli("put " + folder + "needs.md --type specification").exit_code, 0);
  }
  std::ofstream(folder + "result.md") << "it works";
  ASSERT_EQ(Cli("put " + folder + "result.md --type record").exit_code, 0);
  ASSERT_EQ(Cli("trace link REC-0001 evidences SPC-0001@1").exit_code, 0);
  ASSERT_EQ(Cli("trace link SPC-0001@2 supersedes SPC-0001@1").exit_code, 0);
  ASSERT_EQ(Cli("trace link REC-0001 relates-to SPC-0001").exit_code, 0);
  const auto ids = [&](const std::string& thing) {
    return Shell(
               std::string(GREFFE_BIN) + "/greffe --server " + server_.address() +
               " --project p --output json trace ls " + thing +
               " | python3 -c 'import json,sys; print(*sorted(json.loads(line)[\"name\"][-8:] for line in sys.stdin))'")
        .output;
  };
  EXPECT_EQ(ids("SPC-0001"), "LNK-0001 LNK-0002 LNK-0003\n") << "each once";
  EXPECT_EQ(ids("SPC-0001@1"), "LNK-0001 LNK-0002\n");
  EXPECT_EQ(ids("SPC-0001@2"), "LNK-0002\n");
  EXPECT_EQ(ids("REC-0001"), "LNK-0001 LNK-0003\n");
}

// Front matter that people wrote over ten years: `requires: 2929, 8141`.
TEST_F(TraceProgramTest, ARealHistorysFrontMatterBecomesLinks) {
  const auto history = FindSharedData("history");
  if (!history) GTEST_SKIP() << NoSharedData("history");
  ASSERT_EQ(Cli("project create p --title 'Improvement proposals'").exit_code, 0);
  SetRule(R"({"headings": true, "frontMatter": [
      {"key": "requires", "type": "LINK_TYPE_RELATES_TO", "pathTemplate": "EIPS/eip-{}.md"},
      {"key": "superseded-by", "type": "LINK_TYPE_SUPERSEDES", "reverse": true, "pathTemplate": "EIPS/eip-{}.md"}]})");
  const ShellResult imported = Cli("import git " + (*history / "eips.bundle").string());
  ASSERT_EQ(imported.exit_code, 0) << imported.output;

  v1::ImportFrontMatterLinksRequest request;
  request.set_parent("projects/p");
  v1::ImportFrontMatterLinksResponse made;
  grpc::ClientContext context;
  const auto trace = v1::Trace::NewStub(server_.Channel());
  ASSERT_TRUE(trace->ImportFrontMatterLinks(&context, request, &made).ok());
  EXPECT_EQ(made.values_found(), 260);
  EXPECT_EQ(made.links_created(), 138);
  EXPECT_EQ(made.skipped_count(), 122);
  for (const v1::FrontMatterSkip& skip : made.skipped()) EXPECT_EQ(skip.reason(), "TARGET_NOT_FOUND");

  const ShellResult again = Cli("trace import");
  EXPECT_NE(again.output.find("260 values: 0 links made, 138 there already, 122 not made"), std::string::npos);
  // Two of them require each other.
  EXPECT_NE(Cli("trace impact EIPS/eip-4750.md").output.find("cycle: "), std::string::npos);
  EXPECT_NE(Cli("trace anchors EIPS/eip-4750.md").output.find("abstract"), std::string::npos);
  EXPECT_EQ(Cli("trace ls --state suspect --csv").output, "LINK,FROM,TYPE,TO,STATE,SINCE,RATIONALE\r\n");
  EXPECT_EQ(server_.Stop(), 0);
  EXPECT_EQ(server_.Admin("index verify").exit_code, 0);
}

}  // namespace
}  // namespace greffe
