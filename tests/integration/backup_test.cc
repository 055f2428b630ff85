// Copies of a server's data while it writes, and what starts on them.
#include <gtest/gtest.h>

#include <atomic>
#include <fstream>
#include <thread>
#include <utility>

#include "greffe/v1/contents.grpc.pb.h"
#include "tests/integration/dump.h"
#include "tests/integration/server_process.h"

namespace greffe {
namespace {

class BackupTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(server_.Start({"--store-pack-delay-ms", "20"})) << server_.log();
    for (const char* project : {"apollo", "gemini"}) {
      ASSERT_EQ(server_.Cli(std::string("project create ") + project + " --title T").exit_code, 0);
    }
  }

  // Checks a new document of `size` bytes in.
  static bool Write(v1::Contents::Stub& stub, const std::string& project, int number, std::size_t size) {
    v1::CheckInRequest request;
    request.set_parent("projects/" + project);
    auto& item = *request.mutable_item();
    item.mutable_new_document()->set_path(std::to_string(number % 16) + "/" + std::to_string(number) + ".md");
    item.mutable_new_document()->set_type("record");
    item.mutable_main_file()->set_data(std::to_string(number) + std::string(size, 'x'));
    grpc::ClientContext context;
    v1::CheckInResponse response;
    return stub.CheckIn(&context, request, &response).ok();
  }

  std::string backup() const { return directory_.path() + "/backup"; }
  ShellResult BackUp() const { return server_.Admin("backup " + backup()); }
  ShellResult Verify(const std::string& data) const {
    return Shell(std::string(GREFFE_BIN) + "/greffe-admin --data " + data + " verify");
  }

  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path()};
};

// The command of deploy/OPERATIONS.md that contains `part`, for whoever runs this, on the folders of the test.
std::string ManualCommand(const std::string& part, const std::vector<std::pair<std::string, std::string>>& names) {
  std::ifstream page(GREFFE_SOURCE "/deploy/OPERATIONS.md");
  std::string command;
  while (std::getline(page, command) && command.find(part) == std::string::npos) continue;
  const std::size_t start = command.find('`') + 1;
  command = command.substr(start, command.find('`', start) - start);
  const auto replace_all = [&](const std::string& from, const std::string& to) {
    for (std::size_t at = 0; (at = command.find(from, at)) != std::string::npos; at += to.size()) {
      command.replace(at, from.size(), to);
    }
  };
  replace_all("sudo -u greffe ", "");
  for (const auto& [from, to] : names) replace_all(from, to);
  return command;
}

TEST_F(BackupTest, UnderLoadItHasAllThatWasAcknowledgedBeforeAndIsWholeTwice) {
  std::atomic<bool> done = false;
  std::atomic<int> acknowledged[2] = {0, 0};
  std::vector<std::thread> writers;
  const std::string projects[2] = {"apollo", "gemini"};
  for (int i = 0; i < 2; ++i) {
    writers.emplace_back([&, i] {
      const auto stub = v1::Contents::NewStub(server_.Channel());
      for (int number = 0; !done; ++number) {
        ASSERT_TRUE(Write(*stub, projects[i], number, 3000));
        ++acknowledged[i];
      }
    });
  }
  for (int round = 0; round < 2; ++round) {
    while (acknowledged[0] < 150 * (round + 1) || acknowledged[1] < 150 * (round + 1)) std::this_thread::yield();
    const int before[2] = {acknowledged[0], acknowledged[1]};
    const ShellResult copied = BackUp();
    EXPECT_EQ(copied.exit_code, 0) << copied.output;
    const ShellResult verified = Verify(backup());
    EXPECT_EQ(verified.exit_code, 0) << verified.output;
    const std::string restored = directory_.path() + "/restored" + std::to_string(round);
    std::filesystem::create_directory(restored);
    ServerProcess other(restored);
    const ShellResult put_back = other.Admin("restore " + backup());
    ASSERT_EQ(put_back.exit_code, 0) << put_back.output;
    ASSERT_TRUE(other.Start()) << other.log();
    for (int i = 0; i < 2; ++i) {
      const auto documents = AllDocuments(other.Channel(), projects[i], "", "");
      EXPECT_GE(static_cast<int>(documents.size()), before[i]);
      EXPECT_LE(static_cast<int>(documents.size()), acknowledged[i] + 1);
    }
    EXPECT_EQ(other.Stop(), 0) << other.log();
  }
  done = true;
  for (std::thread& writer : writers) writer.join();

  ASSERT_EQ(BackUp().exit_code, 0);
  const std::string restored = directory_.path() + "/restored";
  std::filesystem::create_directory(restored);
  ServerProcess other(restored);
  ASSERT_EQ(other.Admin("restore " + backup()).exit_code, 0);
  ASSERT_TRUE(other.Start()) << other.log();
  for (const std::string& project : projects) {
    EXPECT_EQ(Dump(other.Channel(), project), Dump(server_.Channel(), project));
    EXPECT_EQ(Shell("git -C " + other.repository(project) + " fsck --full --strict").output, "");
  }
  EXPECT_EQ(other.Cli("--project apollo get 0/0.md -o - | head -c 4").output, "0xxx");
}

TEST_F(BackupTest, TheSecondOneCopiesOnlyWhatIsNew) {
  const auto stub = v1::Contents::NewStub(server_.Channel());
  for (int number = 0; number < 20; ++number) ASSERT_TRUE(Write(*stub, "apollo", number, 1000));
  const std::string large = directory_.path() + "/large.bin";
  ASSERT_EQ(Shell("head -c 3000000 /dev/urandom > " + large).exit_code, 0);
  ASSERT_EQ(server_.Cli("--project gemini put " + large).exit_code, 0);
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_EQ(BackUp().exit_code, 0);
  const ShellResult again = BackUp();
  EXPECT_NE(again.output.find("; 0 files copied (0 bytes)"), std::string::npos) << again.output;
  EXPECT_EQ(Verify(backup()).exit_code, 0);
}

TEST_F(BackupTest, ADamagedPackIsReplacedByThatOfTheBackup) {
  const auto stub = v1::Contents::NewStub(server_.Channel());
  ASSERT_TRUE(Write(*stub, "apollo", 1, 1000));
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_EQ(BackUp().exit_code, 0);
  const std::string packs = "/repositories/apollo.git/objects/pack/";
  ASSERT_EQ(Shell("for p in " + server_.data() + packs +
                  "*.pack; do chmod u+w $p && printf ZZZZ | dd of=$p bs=1 seek=40 conv=notrunc status=none; done")
                .exit_code,
            0);
  const ShellResult damaged = Verify(server_.data());
  EXPECT_EQ(damaged.exit_code, 3);
  EXPECT_NE(damaged.output.find(packs + "pack-"), std::string::npos) << damaged.output;
  const std::string command = ManualCommand("cp -f ", {{"/mnt/backup/greffe/", backup() + "/"},
                                                       {"/var/lib/greffe/", server_.data() + "/"},
                                                       {"P.git", "apollo.git"},
                                                       {"pack-X", "pack-*"}});
  const ShellResult brought = Shell(command);
  ASSERT_EQ(brought.exit_code, 0) << command << brought.output;
  const ShellResult whole = Verify(server_.data());
  EXPECT_EQ(whole.exit_code, 0) << whole.output;
}

TEST_F(BackupTest, ADamagedProjectIsNamedOnceBehindTheOthers) {
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_EQ(Shell("rm -f " + server_.data() + "/repositories/apollo.git/objects/pack/*").exit_code, 0);
  const ShellResult copied = BackUp();
  EXPECT_EQ(copied.exit_code, 3) << copied.output;
  EXPECT_EQ(copied.output.find("1 projects, 1 commits"), 0U) << copied.output;
  const std::string named = "greffe-admin: of project 'apollo' the copy has what it had: ";
  ASSERT_NE(copied.output.find(named), std::string::npos) << copied.output;
  EXPECT_EQ(copied.output.find(named), copied.output.rfind("greffe-admin: ")) << copied.output;
  const ShellResult verified = Verify(backup());
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
}

TEST_F(BackupTest, NothingStartsOnARestoreOfADamagedBackup) {
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_EQ(BackUp().exit_code, 0);
  ASSERT_EQ(Shell("rm -f " + backup() + "/repositories/apollo.git/objects/pack/*").exit_code, 0);
  const std::string restored = directory_.path() + "/restored";
  std::filesystem::create_directory(restored);
  ServerProcess other(restored);
  const ShellResult refused = other.Admin("restore " + backup());
  EXPECT_EQ(refused.exit_code, 1) << refused.output;
  EXPECT_NE(refused.output.find("project 'apollo' of '" + backup() + "' could not be copied"), std::string::npos)
      << refused.output;
  const ShellResult verified = Verify(other.data());
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_NE(verified.output.find("was not finished"), std::string::npos) << verified.output;
  // The data are there still: the backup is mended by the next one.
  ASSERT_EQ(BackUp().exit_code, 0);
  ASSERT_EQ(other.Admin("restore " + backup()).exit_code, 0);
  ASSERT_TRUE(other.Start()) << other.log();
}

TEST_F(BackupTest, ALostPackThatHasNoTipComesBackAsTheManualTells) {
  const std::string note = directory_.path() + "/note.md";
  const auto put = [&](const std::string& text) {
    std::ofstream(note) << text;
    ASSERT_EQ(server_.Cli("--project apollo put " + note).exit_code, 0);
  };
  put("one\n");
  ASSERT_EQ(server_.Cli("--project apollo baseline create G1 -m frozen").exit_code, 0);
  put("two\n");
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_EQ(BackUp().exit_code, 0);
  const std::string repository = server_.repository("apollo");
  const std::string clone = directory_.path() + "/clone";
  ASSERT_EQ(Shell("git clone -q " + repository + " " + clone).exit_code, 0);
  const std::string packs = repository + "/objects/pack/";
  // That of the oldest commits: the tip, and more, stay.
  ASSERT_GT(std::stoi(Shell("ls " + packs + "*.pack | wc -l").output), 1);
  const std::string root = Shell("git -C " + repository + " rev-list --max-parents=0 main").output.substr(0, 40);
  const std::string find =
      "for i in " + packs + "*.idx; do git show-index <$i | grep -q " + root + " && echo ${i%.idx}; done";
  const std::vector<std::pair<std::string, std::string>> names = {{"/mnt/backup/greffe/", backup() + "/"},
                                                                  {"/var/lib/greffe/", server_.data() + "/"},
                                                                  {"P.git", "apollo.git"},
                                                                  {"CLONE", clone}};
  for (const char* part : {"cp -n ", "fetch --refetch "}) {
    ASSERT_EQ(Shell("for p in $(" + find + "); do rm -f $p.*; done").exit_code, 0);
    EXPECT_EQ(Verify(server_.data()).exit_code, 3);
    const std::string command = ManualCommand(part, names);
    const ShellResult brought = Shell("( " + command + " )");
    EXPECT_EQ(brought.exit_code, 0) << command << "\n" << brought.output;
    const ShellResult verified = Verify(server_.data());
    EXPECT_EQ(verified.exit_code, 0) << command << "\n" << verified.output;
    EXPECT_EQ(Shell("git -C " + repository + " fsck --full --strict").output, "");
  }
  ASSERT_TRUE(server_.Start()) << server_.log();
  EXPECT_EQ(server_.Cli("--project apollo get note.md -o -").output, "two\n");
}

TEST_F(BackupTest, AProjectAloneGoesBackToTheBackupAsTheManualTells) {
  const std::string note = directory_.path() + "/note.md";
  const auto put = [&](const std::string& project, const std::string& text) {
    std::ofstream(note) << text;
    ASSERT_EQ(server_.Cli("--project " + project + " put " + note).exit_code, 0);
  };
  put("apollo", "one\n");
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_TRUE(server_.Start({"--store-pack-delay-ms", "3600000"})) << server_.log();
  put("apollo", "in the journal of the backup\n");
  ASSERT_EQ(BackUp().exit_code, 0);
  for (const char* project : {"apollo", "gemini"}) put(project, "behind the backup\n");
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_EQ(Shell("rm -f $(ls -t " + server_.repository("apollo") + "/objects/pack/*.pack | head -1)").exit_code, 0);
  ASSERT_EQ(Verify(server_.data()).exit_code, 3);
  const std::vector<std::pair<std::string, std::string>> names = {
      {"/mnt/backup/greffe", backup()},
      {"/var/lib/greffe", server_.data()},
      {"P.git", "apollo.git"},
      {"sudo ", ""},
      {"greffe-admin", std::string(GREFFE_BIN) + "/greffe-admin"}};
  for (const char* part :
       {"P.git.damaged", "backup /var/lib/greffe.new", "greffe flush", "cp -a ", "mv /var/lib/greffe "}) {
    const std::string command = ManualCommand(part, names);
    const ShellResult typed = Shell(command);
    EXPECT_EQ(typed.exit_code, command.find(" backup ") != std::string::npos ? 3 : 0) << command << typed.output;
  }
  ASSERT_TRUE(server_.Start()) << server_.log();
  EXPECT_EQ(server_.Cli("--project apollo get note.md -o -").output, "in the journal of the backup\n");
  EXPECT_EQ(server_.Cli("--project gemini get note.md -o -").output, "behind the backup\n");
  put("apollo", "after it\n");
  ASSERT_EQ(server_.Stop(), 0);
  EXPECT_EQ(Verify(server_.data()).exit_code, 0);
  EXPECT_EQ(BackUp().exit_code, 0);
}

TEST_F(BackupTest, OneThatWouldLoseHistoryIsRefusedUnlessItIsToReplaceTheCopy) {
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_EQ(BackUp().exit_code, 0);
  // The disk is not mounted, and the server began anew.
  std::filesystem::rename(server_.data(), directory_.path() + "/lost");
  ASSERT_TRUE(server_.Start()) << server_.log();
  const ShellResult refused = BackUp();
  EXPECT_EQ(refused.exit_code, 1);
  EXPECT_NE(refused.output.find("project 'gemini' is in '" + backup()), std::string::npos) << refused.output;
  EXPECT_NE(refused.output.find("nothing was changed"), std::string::npos) << refused.output;
  const ShellResult verified = Verify(backup());
  EXPECT_EQ(verified.exit_code, 0);
  EXPECT_NE(verified.output.find("2 projects, 2 commits"), std::string::npos) << verified.output;
  const ShellResult replaced = server_.Admin("backup --replace " + backup());
  EXPECT_EQ(replaced.exit_code, 0) << replaced.output;
  EXPECT_NE(Verify(backup()).output.find("0 projects"), std::string::npos);
}

TEST_F(BackupTest, AFolderThatCannotHoldItIsRefusedAndAnUnfinishedCopyStartsNothing) {
  EXPECT_NE(
      server_.Admin("backup " + server_.data() + "/inside").output.find("lie one in the other (BACKUP_INSIDE_DATA)\n"),
      std::string::npos);
  EXPECT_FALSE(std::filesystem::exists(server_.data() + "/inside"));
  const std::string foreign = directory_.path() + "/foreign";
  std::filesystem::create_directory(foreign);
  std::ofstream(foreign + "/letter.txt") << "Dear Ada\n";
  EXPECT_NE(server_.Admin("backup " + foreign).output.find("is no data directory, and not empty"), std::string::npos);
  ASSERT_EQ(BackUp().exit_code, 0);
  EXPECT_NE(server_.Admin("restore " + backup()).output.find("holds data"), std::string::npos);

  std::ofstream(backup() + "/UNFINISHED_COPY") << "a copy\n";
  const ShellResult verified = Verify(backup());
  EXPECT_EQ(verified.exit_code, 1);
  EXPECT_NE(verified.output.find("was not finished"), std::string::npos) << verified.output;
  const ShellResult restored =
      Shell(std::string(GREFFE_BIN) + "/greffe-admin --data " + directory_.path() + "/r restore " + backup());
  EXPECT_NE(restored.output.find("was not finished"), std::string::npos) << restored.output;
  EXPECT_EQ(BackUp().exit_code, 0) << "the next copy makes it good";
  EXPECT_EQ(Verify(backup()).exit_code, 0);
}

}  // namespace
}  // namespace greffe
