#include <grpcpp/generic/generic_stub.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/resource.h>
#include <sys/socket.h>

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <future>
#include <sstream>
#include <string>
#include <vector>

#include "tests/integration/server_process.h"

namespace greffe {
namespace {

class ProgramTest : public testing::Test {
 protected:
  TemporaryDirectory directory_;
  ServerProcess server_{directory_.path()};
};

// A connection that says nothing; negative: there is none.
int ConnectTo(const ServerProcess& server) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const std::string port = server.address().substr(server.address().rfind(':') + 1);
  address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(port)));
  const int connection = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (::connect(connection, reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0) return connection;
  ::close(connection);
  return -1;
}

TEST_F(ProgramTest, StopsCleanlyWithEverythingPacked) {
  ASSERT_TRUE(server_.Start({"--log-format", "json", "--log-level", "debug"})) << server_.log();
  ASSERT_EQ(server_.Cli("project create apollo --title Apollo").exit_code, 0);
  std::ofstream(directory_.path() + "/a.md") << "text\n";
  ASSERT_EQ(server_.Cli("--project apollo put " + directory_.path() + "/a.md").exit_code, 0);
  EXPECT_EQ(server_.Stop(), 0);
  EXPECT_EQ(Shell("git -C " + server_.repository("apollo") + " show main:a.md").output, "text\n");
  EXPECT_NE(server_.log().find("\"message\":\"stopped\""), std::string::npos) << server_.log();
  EXPECT_EQ(Shell("python3 -c 'import json,sys; [json.loads(line) for line in open(sys.argv[1])]' " +
                  directory_.path() + "/log")
                .output,
            "")
      << "every line is JSON";
}

TEST_F(ProgramTest, AForeignCommitIsFoundAndTheWayBackIsSaid) {
  ASSERT_TRUE(server_.Start()) << server_.log();
  ASSERT_EQ(server_.Cli("project create apollo --title Apollo").exit_code, 0);
  EXPECT_EQ(server_.Stop(), 0);
  const std::string git = "git -C " + server_.repository("apollo") + " ";
  const std::string commit =
      Shell(git + "-c user.name=x -c user.email=x commit-tree -m x -p main 'main^{tree}'").output;
  ASSERT_EQ(Shell(git + "update-ref refs/heads/main " + commit).exit_code, 0);
  const ShellResult found = server_.Admin("verify");
  EXPECT_EQ(found.exit_code, 3);
  const std::size_t begin = found.output.find("`git ");
  ASSERT_NE(begin, std::string::npos) << found.output;
  ASSERT_EQ(Shell(found.output.substr(begin + 1, found.output.find('`', begin + 1) - begin - 1)).exit_code, 0);
  EXPECT_EQ(server_.Admin("verify").exit_code, 0);
}

TEST_F(ProgramTest, ASecondServerOnTheSameDataIsRefused) {
  ASSERT_TRUE(server_.Start()) << server_.log();
  const ShellResult second = Shell(std::string(GREFFE_BIN) + "/greffed --listen 127.0.0.1:0 --data " + server_.data());
  EXPECT_EQ(second.exit_code, 1);
  EXPECT_NE(second.output.find("is in use by process"), std::string::npos) << second.output;
  const ShellResult admin = server_.Admin("verify");
  EXPECT_EQ(admin.exit_code, 1);
  EXPECT_NE(admin.output.find("is in use by process"), std::string::npos) << admin.output;
}

TEST_F(ProgramTest, ALowSoftLimitOfFilesDoesNotLimitConnections) {
  rlimit limit{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &limit), 0);
  const rlimit low{256, limit.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &low), 0);
  const bool started = server_.Start();
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &limit), 0);
  ASSERT_TRUE(started) << server_.log();
  std::vector<std::shared_ptr<grpc::Channel>> channels;
  for (int i = 0; i < 400; ++i) {
    // A subchannel of its own: an argument that no other channel has.
    grpc::ChannelArguments arguments;
    arguments.SetInt("greffe.test", i);
    channels.push_back(grpc::CreateCustomChannel(server_.address(), grpc::InsecureChannelCredentials(), arguments));
    ASSERT_TRUE(channels.back()->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(20))) << i;
  }
}

TEST_F(ProgramTest, ALowSoftLimitOfFilesDoesNotLimitPacks) {
  ASSERT_TRUE(server_.Start()) << server_.log();
  ASSERT_EQ(server_.Cli("project create apollo --title Apollo").exit_code, 0);
  ASSERT_EQ(server_.Stop(), 0) << server_.log();
  const ShellResult made = Shell("cd " + server_.data() +
                                 "/repositories/apollo.git && for i in $(seq 80); do "
                                 "echo $i | git hash-object -w --stdin | git pack-objects -q objects/pack/pack; done");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  const std::string admin = "ulimit -Sn 64; " + std::string(GREFFE_BIN) + "/greffe-admin --data " + server_.data();
  const std::vector<std::string> acts = {" verify", " index rebuild", " backup " + server_.data() + ".copy"};
  for (const std::string& act : acts) {
    const ShellResult done = Shell(admin + act);
    EXPECT_EQ(done.exit_code, 0) << act << "\n" << done.output;
  }
}

TEST_F(ProgramTest, AStopDoesNotWaitForWhoIsSuspendedOrNeverSaidAnything) {
  ASSERT_TRUE(server_.Start({"--server-stop-seconds", "60"})) << server_.log();
  ASSERT_EQ(server_.Cli("project create apollo --title Apollo").exit_code, 0);
  const int silent = ConnectTo(server_);
  ASSERT_GE(silent, 0);
  const std::string told = directory_.path() + "/told";
  const pid_t watcher = std::stoi(Shell(std::string(GREFFE_BIN) + "/greffe --server " + server_.address() +
                                        " --project apollo watch --after 0 > " + told + " & echo $!")
                                      .output);
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (!std::filesystem::exists(told) || std::filesystem::is_empty(told)) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << server_.log();
  }
  ASSERT_EQ(::kill(watcher, SIGSTOP), 0);
  const auto begin = std::chrono::steady_clock::now();
  EXPECT_EQ(server_.Stop(), 0) << server_.log();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(15)) << "nor until gRPC gives them up";
  ::kill(watcher, SIGKILL);
  ::close(silent);
}

TEST_F(ProgramTest, ConnectionsWaitWhileThereAreNoDescriptorsAndAreTakenAgain) {
  constexpr int kFiles = 300;
  constexpr int kKept = 300 / 16;
  server_.LimitFiles(kFiles);
  ASSERT_TRUE(server_.Start()) << server_.log();
  std::vector<int> sockets;
  for (int i = 0; i < 400; ++i) {
    sockets.push_back(ConnectTo(server_));
    ASSERT_GE(sockets.back(), 0) << i;
  }
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(60);
  while (server_.log().find("connections wait") == std::string::npos) {
    ASSERT_LT(std::chrono::steady_clock::now(), until) << server_.log();
  }
  int open = 0;
  for (const auto& file : std::filesystem::directory_iterator("/proc/" + std::to_string(server_.pid()) + "/fd")) {
    open += file.is_directory() ? 0 : 1;
  }
  EXPECT_GT(open, kFiles / 2);
  EXPECT_LE(open, kFiles - kKept + 2) << "some are left for what is no connection";
  for (const int socket : sockets) ::close(socket);
  const ShellResult status = server_.Cli("server status");
  EXPECT_EQ(status.exit_code, 0) << status.output << server_.log();
  EXPECT_EQ(server_.Stop(), 0) << server_.log();
}

// The most memory that a process has had, in KiB.
std::int64_t HighWaterOf(pid_t process) {
  std::ifstream status("/proc/" + std::to_string(process) + "/status");
  for (std::string word; status >> word;) {
    std::int64_t kib = 0;
    if (word == "VmHWM:" && status >> kib) return kib;
  }
  return 0;
}

TEST_F(ProgramTest, ACompressedRequestIsRefusedBeforeItIsUnpacked) {
  ASSERT_TRUE(server_.Start()) << server_.log();
  ASSERT_EQ(server_.Cli("project create apollo --title Apollo").exit_code, 0);
  const std::int64_t before = HighWaterOf(server_.pid());
  ASSERT_GT(before, 0);
  grpc::GenericStub stub(server_.Channel());
  const grpc::Slice zeros(std::string(64 << 20, '\0'));
  const grpc::ByteBuffer request(&zeros, 1);
  grpc::ByteBuffer response;
  grpc::ClientContext context;
  context.set_compression_algorithm(GRPC_COMPRESS_GZIP);
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context, "/greffe.v1.Projects/GetProject", {}, &request, &response,
                 [&](grpc::Status status) { done.set_value(std::move(status)); });
  const grpc::Status status = done.get_future().get();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNIMPLEMENTED);
  EXPECT_NE(status.error_message().find("'gzip' is disabled"), std::string::npos) << status.error_message();
  EXPECT_LT(HighWaterOf(server_.pid()) - before, 32 << 10);
}

TEST_F(ProgramTest, AnAddressThatOthersReachIsRefused) {
  const ShellResult result = Shell(std::string(GREFFE_BIN) + "/greffed --listen 0.0.0.0:0 --data " + server_.data());
  EXPECT_EQ(result.exit_code, 2) << "the service manager does not start it again";
  EXPECT_NE(result.output.find("no authentication"), std::string::npos) << result.output;
  EXPECT_FALSE(std::filesystem::exists(server_.data())) << "nothing was touched";
}

TEST_F(ProgramTest, ADamagedJournalIsNamedAndNotStartedFrom) {
  ASSERT_TRUE(server_.Start({"--store-pack-delay-ms", "3600000"})) << server_.log();
  ASSERT_EQ(server_.Cli("project create apollo --title Apollo").exit_code, 0);
  std::ofstream(directory_.path() + "/a.md") << std::string(5000, 'x');
  ASSERT_EQ(server_.Cli("--project apollo put " + directory_.path() + "/a.md").exit_code, 0);
  server_.Kill();
  const std::string log = Shell("ls -S " + server_.data() + "/journal/*.log | head -1 | tr -d '\n'").output;
  ASSERT_EQ(Shell("printf Z | dd of=" + log + " bs=1 seek=3000 conv=notrunc status=none").exit_code, 0);
  EXPECT_FALSE(server_.Start());
  EXPECT_EQ(server_.exit_code(), 1);
  EXPECT_NE(server_.log().find("journal is damaged"), std::string::npos) << server_.log();
}

TEST_F(ProgramTest, ADamagedIndexIsMadeAnewByItself) {
  ASSERT_TRUE(server_.Start()) << server_.log();
  ASSERT_EQ(server_.Cli("project create apollo --title Apollo").exit_code, 0);
  for (const char* text : {"one\n", "two\n", "three\n"}) {
    std::ofstream(directory_.path() + "/a.md") << text;
    ASSERT_EQ(server_.Cli("--project apollo put " + directory_.path() + "/a.md").exit_code, 0);
  }
  const std::string expected = server_.Cli("--project apollo --output json log a.md").output;
  ASSERT_EQ(server_.Stop(), 0);
  const std::string tables = Shell("cd " + server_.data() + "/index && ls *.sst | tr '\\n' ' '").output;
  ASSERT_EQ(Shell("cp -r " + server_.data() + " " + directory_.path() + "/whole").exit_code, 0);
  // One at a time: some are read at the start, others with the first question.
  std::istringstream names(tables);
  for (std::string name; names >> name;) {
    SCOPED_TRACE(name);
    ASSERT_EQ(
        Shell("cd " + directory_.path() + " && rm -r data && cp -r whole data && printf ZZZZ | dd of=data/index/" +
              name + " bs=1 seek=20 conv=notrunc status=none")
            .exit_code,
        0);
    ASSERT_TRUE(server_.Start()) << server_.log();
    EXPECT_EQ(server_.Cli("--project apollo --output json log a.md").output, expected) << server_.log();
    EXPECT_EQ(server_.Cli("--project apollo get a.md -o -").output, "three\n") << server_.log();
    EXPECT_EQ(server_.Stop(), 0) << server_.log();
    EXPECT_EQ(server_.Admin("index verify").exit_code, 0);
  }
  EXPECT_NE(server_.log().find("starting again, with an index made anew"), std::string::npos) << tables;
}

TEST_F(ProgramTest, AJournalThatIsBehindItsRepositoryIsNamedAndNothingStaleIsAnswered) {
  ASSERT_TRUE(server_.Start()) << server_.log();
  ASSERT_EQ(server_.Cli("project create apollo --title Apollo").exit_code, 0);
  ASSERT_EQ(server_.Cli("project create zeus --title Zeus").exit_code, 0);
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_EQ(Shell("cp -r " + server_.data() + "/journal " + directory_.path() + "/old").exit_code, 0);
  ASSERT_TRUE(server_.Start()) << server_.log();
  std::ofstream(directory_.path() + "/a.md") << "text\n";
  ASSERT_EQ(server_.Cli("--project apollo put " + directory_.path() + "/a.md").exit_code, 0);
  ASSERT_EQ(server_.Stop(), 0);
  ASSERT_EQ(Shell("cd " + server_.data() + " && rm -r journal && mv ../old journal").exit_code, 0);
  ASSERT_TRUE(server_.Start()) << server_.log();
  const ShellResult asked = server_.Cli("--project apollo ls");
  EXPECT_NE(asked.exit_code, 0);
  EXPECT_NE(asked.output.find("the journal has lost commits of project 'apollo': it ends at 1, its repository at 2"),
            std::string::npos)
      << asked.output;
  const ShellResult portfolio = server_.Cli("portfolio");
  EXPECT_EQ(portfolio.exit_code, 1);
  EXPECT_NE(portfolio.output.find("apollo: its data are damaged"), std::string::npos) << portfolio.output;
  EXPECT_NE(portfolio.output.find("zeus     green"), std::string::npos) << "the others are told all the same";
  const ShellResult json = server_.Cli("--output json portfolio");
  EXPECT_EQ(json.exit_code, 1);
  EXPECT_NE(json.output.find("\"reason\":\"PROJECT_DAMAGED\""), std::string::npos) << json.output;
  EXPECT_NE(json.output.find("\"project\":\"projects/apollo\""), std::string::npos) << json.output;
}

TEST_F(ProgramTest, TheConfigSampleIsWhatTheServerPrints) {
  const std::string sample = std::string(GREFFE_SOURCE) + "/deploy/greffed.toml";
  const std::string expected = Shell("grep -v '^# .*default;\\|^# The same as flags' " + sample).output;
  const ShellResult printed = Shell(std::string(GREFFE_BIN) + "/greffed --config " + sample + " --print-config");
  EXPECT_EQ(printed.exit_code, 0);
  EXPECT_EQ(printed.output, expected);
  EXPECT_NE(expected.find("/var/lib/greffe"), std::string::npos);
  const ShellResult defaults =
      Shell("env -i " + std::string(GREFFE_BIN) + "/greffed --data /var/lib/greffe --print-config");
  EXPECT_EQ(defaults.output, expected);
}

class SmallDiskTest : public ProgramTest {
 protected:
  void SetUp() override {
    if (::getuid() != 0) GTEST_SKIP() << "only root can mount a small file system";
    std::filesystem::create_directories(mount_);
    if (Shell("mount -t tmpfs -o size=500m tmpfs " + mount_).exit_code != 0) GTEST_SKIP() << "tmpfs cannot be mounted";
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) Shell("umount -l " + mount_);
  }

  void Fill() { ASSERT_NE(Shell("head -c 700M /dev/zero > " + mount_ + "/fill").exit_code, 0); }
  void Free() { std::filesystem::remove(mount_ + "/fill"); }
  // Random content, so that nothing shrinks it; a new version of "b.bin".
  static ShellResult PutRandom(const ServerProcess& server, const std::string& file) {
    Shell("head -c 1000000 /dev/urandom > " + file);
    return server.Cli("--timeout 5 --project apollo put --allow-identical " + file);
  }
  // The number of the newest version of "b.bin"; 0: none.
  static int Versions(const ServerProcess& server) {
    const ShellResult log = server.Cli("--project apollo --output json log b.bin | wc -l");
    return std::stoi(log.output);
  }

  const std::string mount_ = directory_.path() + "/small";
  bool mounted_ = false;
};

TEST_F(SmallDiskTest, WritesAreRefusedBeforeTheDiskIsFullAndReadsGoOn) {
  ServerProcess server(mount_);
  ASSERT_TRUE(server.Start({"--store-reserve-bytes", "33554432"})) << server.log();
  ASSERT_EQ(server.Cli("project create apollo --title Apollo").exit_code, 0);
  const std::string file = directory_.path() + "/b.bin";
  ASSERT_EQ(PutRandom(server, file).exit_code, 0);
  Fill();
  const ShellResult full = PutRandom(server, file);
  EXPECT_NE(full.exit_code, 0);
  EXPECT_NE(full.output.find("DISK_FULL"), std::string::npos) << full.output;
  EXPECT_EQ(server.Cli("--project apollo get b.bin -o - | wc -c").output, "1000000\n");
  Free();
  const ShellResult freed = PutRandom(server, file);
  EXPECT_EQ(freed.exit_code, 0) << freed.output;
  EXPECT_EQ(Versions(server), 2);
  EXPECT_EQ(server.Stop(), 0) << server.log();
  EXPECT_EQ(Shell("git -C " + server.repository("apollo") + " fsck --full --strict").output, "");
}

TEST_F(SmallDiskTest, ADiskThatIsFullAllTheSameLosesNothingThatWasAcknowledged) {
  ServerProcess server(mount_);
  ASSERT_TRUE(server.Start({"--store-pack-delay-ms", "3600000"})) << server.log();
  ASSERT_EQ(server.Cli("project create apollo --title Apollo").exit_code, 0);
  const std::string file = directory_.path() + "/b.bin";
  ASSERT_EQ(PutRandom(server, file).exit_code, 0);
  Fill();
  // The journal has a little room that it took before.
  int acknowledged = 1;
  ShellResult last = PutRandom(server, file);
  for (; acknowledged < 300 && last.exit_code == 0; ++acknowledged) last = PutRandom(server, file);
  EXPECT_LT(acknowledged, 300);
  if (last.output.find("DISK_FULL") != std::string::npos) {
    EXPECT_EQ(Versions(server), acknowledged) << "reads go on";
    Free();
  } else {
    EXPECT_EQ(server.Wait(), 1) << "it stops itself, since the outcome of a write is unknown\n" << server.log();
    Free();
    ASSERT_TRUE(server.Start()) << server.log();
    const int there = Versions(server);
    EXPECT_GE(there, acknowledged);
    EXPECT_LE(there, acknowledged + 1) << "the one whose outcome was unknown";
  }
  EXPECT_EQ(PutRandom(server, file).exit_code, 0);
  EXPECT_EQ(server.Stop(), 0) << server.log();
  EXPECT_EQ(Shell("git -C " + server.repository("apollo") + " fsck --full --strict").output, "");
  EXPECT_EQ(server.Admin("verify").exit_code, 0);
}

}  // namespace
}  // namespace greffe
