// Templates on the command line.
#include <gtest/gtest.h>

#include <fstream>

#include "tests/integration/server_process.h"

namespace greffe {
namespace {

TEST(TemplateCommandsTest, ADocumentIsMadeAndFoundWhenItsTemplateChanges) {
  TemporaryDirectory directory;
  const std::string file = directory.path() + "/minutes.md";
  std::ofstream(file) << "# {{ number }} {{ title }}\n{{ place }}\n";
  ServerProcess server{directory.path()};
  ASSERT_TRUE(server.Start()) << server.log();
  const auto run = [&](const std::string& arguments) {
    const ShellResult result = server.Cli("--project apollo --principal ada " + arguments);
    EXPECT_EQ(result.exit_code, 0) << arguments << ": " << result.output;
    return result.output;
  };
  const auto has = [](const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  };
  run("project create apollo --title Apollo");
  run("put " + file + " --type template --to templates/minutes.md");
  EXPECT_TRUE(has(run("template ls"), "TPL-0001"));
  EXPECT_TRUE(has(run("template fields TPL-0001 --title Kick-off"), "place   no"));
  const ShellResult missing = server.Cli("--project apollo template new TPL-0001 a.md --type minutes");
  EXPECT_EQ(missing.exit_code, 2);
  EXPECT_TRUE(has(missing.output, "nothing fills 'place'")) << missing.output;
  EXPECT_TRUE(
      has(run("template new TPL-0001 'minutes/{{ number }}.md' --type minutes --title Kick-off --field place=Paris"),
          "minutes/MIN-0001.md"));
  EXPECT_EQ(run("get MIN-0001 -o -"), "# MIN-0001 Kick-off\nParis\n");
  EXPECT_FALSE(has(run("template outdated TPL-0001"), "MIN-0001"));
  std::ofstream(file) << "second\n";
  run("put " + file + " --document TPL-0001");
  EXPECT_TRUE(has(run("template outdated templates/minutes.md"), "MIN-0001  TPL-0001 version 1"));
  EXPECT_FALSE(has(run("template outdated TPL-0001 --version 1"), "MIN-0001"));
  EXPECT_FALSE(has(run("template outdated TPL-0001 --as-of 3"), "MIN-0001"));
  EXPECT_EQ(server.Stop(), 0);
}

}  // namespace
}  // namespace greffe
