// Local files that appear whole or not at all.
#include "clients/cpp/atomic_file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include "clients/cpp/error.h"
#include "tests/temporary_directory.h"

namespace greffe::client {
namespace {

int g_syncs = 0;

}  // namespace
}  // namespace greffe::client

// In place of the C library's: a cut of the power cannot be made here.
extern "C" int fsync(int fd) {
  ++greffe::client::g_syncs;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}

namespace greffe::client {
namespace {

class LocalFileTest : public ::testing::Test {
 protected:
  mode_t Mode() const {
    struct stat status {};
    EXPECT_EQ(::stat(path_.c_str(), &status), 0);
    return status.st_mode & 07777;
  }
  void Replace() {
    const auto file = AtomicFile::CreateOrOpen(path_);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE((*file)->Write("new").ok());
    ASSERT_TRUE((*file)->Commit().ok());
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/file";
};

TEST_F(LocalFileTest, PermissionsOfTheFileThatIsReplacedAreKept) {
  const mode_t mask = ::umask(022);
  Replace();
  EXPECT_EQ(Mode(), 0644U);
  for (const mode_t mode : {0600U, 0640U, 0755U}) {
    ASSERT_EQ(::chmod(path_.c_str(), mode), 0);
    Replace();
    EXPECT_EQ(Mode(), mode);
  }
  ::umask(mask);
}

TEST_F(LocalFileTest, BytesAreSyncedBeforeTheyTakeTheOldOnesPlace) {
  const int before = g_syncs;
  Replace();
  EXPECT_EQ(g_syncs, before + 1);
}

TEST_F(LocalFileTest, WhatIsNotAsExpectedIsLeftAsItIs) {
  const auto commit = [this](const ExpectedFile& expected) {
    const auto file = AtomicFile::Create(path_, expected);
    EXPECT_TRUE((*file)->Write("new").ok());
    return (*file)->Commit();
  };
  const auto expected = std::make_shared<std::optional<FileStamp>>();
  EXPECT_TRUE(commit(expected).ok()) << "nothing is there";
  EXPECT_TRUE(commit(expected).ok()) << "what it put there itself";
  const auto nothing = std::make_shared<std::optional<FileStamp>>();
  EXPECT_EQ(ReasonOf(commit(nothing)), "LOCAL_FILE_EDITED");
  std::ofstream(path_) << "edited";
  EXPECT_EQ(ReasonOf(commit(expected)), "LOCAL_FILE_EDITED");
  EXPECT_EQ(std::filesystem::file_size(path_), 6U);
  EXPECT_EQ(std::distance(std::filesystem::directory_iterator(directory_.path()), {}), 1);
  EXPECT_TRUE(commit(nullptr).ok());
}

// What becomes of a process that makes a temporary with `make` and gets `signal`.
template <typename Make>
int EndedBy(int signal, const Make& make) {
  const pid_t child = ::fork();
  if (child == 0) {
    RemoveTemporariesOnSignals();
    const auto made = make();
    ::raise(signal);
    ::_exit(0);
  }
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

TEST_F(LocalFileTest, ASignalLeavesNoTemporaryFile) {
  for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
    EXPECT_EQ(EndedBy(signal, [this] { return AtomicFile::Create(path_); }), signal);
    EXPECT_TRUE(std::filesystem::is_empty(directory_.path())) << signal;
  }
}

TEST_F(LocalFileTest, ASignalLeavesNoTemporaryFolder) {
  const std::string folder = directory_.path() + "/clone";
  const int signal = EndedBy(SIGTERM, [&] {
    auto path = std::make_unique<TemporaryPath>(folder, TemporaryPath::Kind::kFolder);
    std::filesystem::create_directories(folder + "/objects/pack");
    std::ofstream(folder + "/HEAD") << "ref";
    return path;
  });
  EXPECT_EQ(signal, SIGTERM);
  EXPECT_TRUE(std::filesystem::is_empty(directory_.path()));
}

TEST_F(LocalFileTest, ASignalThatIsIgnoredStaysSo) {
  const auto before = ::signal(SIGHUP, SIG_IGN);
  EXPECT_EQ(EndedBy(SIGHUP, [this] { return AtomicFile::Create(path_); }), 0);
  ::signal(SIGHUP, before);
}

TEST_F(LocalFileTest, ASignalTouchesNothingThatIsDone) {
  Replace();
  EXPECT_EQ(EndedBy(SIGTERM, [this] { return AtomicFile::Create(path_ + "2"); }), SIGTERM);
  EXPECT_TRUE(std::filesystem::exists(path_));
}

}  // namespace
}  // namespace greffe::client
