#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>

#include "tests/base/shared_data.h"
#include "tests/integration/dump.h"
#include "tests/integration/server_process.h"

namespace greffe {
namespace {

namespace fs = std::filesystem;

TEST(OfficeTest, RealOfficeFilesGoInTwiceAndComeBackTheSame) {
  const auto office = FindSharedData("office");
  if (!office) GTEST_SKIP() << NoSharedData("office");
  TemporaryDirectory directory;
  ServerProcess server(directory.path());
  ASSERT_TRUE(server.Start()) << server.log();
  ASSERT_EQ(server.Cli("project create office --title Office").exit_code, 0);
  const fs::path work = directory.path() + "/work";
  fs::create_directories(work);
  fs::copy(*office, work / "office", fs::copy_options::recursive);
  const auto put = [&] {
    const ShellResult result = Shell("cd " + work.string() + " && " GREFFE_BIN "/greffe --server " + server.address() +
                                     " --project office put office");
    EXPECT_EQ(result.exit_code, 0) << result.output;
  };
  put();
  // A change that keeps each format recognisable: bytes at the end.
  int count = 0;
  for (const auto& entry : fs::recursive_directory_iterator(work / "office")) {
    if (!entry.is_regular_file()) continue;
    fs::permissions(entry, fs::perms::owner_write, fs::perm_options::add);
    std::ofstream(entry.path(), std::ios::app | std::ios::binary) << "\n";
    ++count;
  }
  ASSERT_GT(count, 10);
  put();
  const std::string out = directory.path() + "/out";
  fs::create_directories(out);
  for (const v1::Document& document : AllDocuments(server.Channel(), "office", "", "path")) {
    EXPECT_EQ(document.latest_version().number(), 2) << document.path();
    for (const int version : {1, 2}) {
      const std::string got = out + "/file";
      fs::remove(got);
      const ShellResult get = server.Cli("--project office get '" + document.path() + "' --version " +
                                         std::to_string(version) + " -o " + got);
      ASSERT_EQ(get.exit_code, 0) << get.output;
      const fs::path original = version == 1 ? office->parent_path() / document.path() : work / document.path();
      EXPECT_EQ(Shell("cmp " + got + " '" + original.string() + "'").output, "");
    }
    static const std::map<std::string, std::string> kTypes = {
        {".docx", "application/vnd.openxmlformats-officedocument.wordprocessingml.document"},
        {".xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"},
        {".pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"},
        {".pdf", "application/pdf"},
        {".md", "text/markdown"},
        {".xml", "application/xml"}};
    const auto expected = kTypes.find(fs::path(document.path()).extension());
    if (expected != kTypes.end()) {
      EXPECT_EQ(document.latest_version().main_file().media_type(), expected->second) << document.path();
    }
    --count;
  }
  EXPECT_EQ(count, 0) << "every file is a document";
  EXPECT_EQ(server.Stop(), 0);
  const ShellResult verified = server.Admin("verify");
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
  EXPECT_EQ(Shell("git -C " + server.repository("office") + " fsck --full --strict").output, "");
}

}  // namespace
}  // namespace greffe
