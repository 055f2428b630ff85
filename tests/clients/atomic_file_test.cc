// Local files that appear whole or not at all.
#include "clients/cpp/atomic_file.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <optional>
#include <string>

#include "clients/cpp/error.h"
#include "tests/temporary_directory.h"

namespace greffe::client {
namespace {

int g_syncs = 0;
bool g_only_renames = false;  // the file system has no hard links, and no rename that replaces nothing

}  // namespace
}  // namespace greffe::client

// In place of the C library's: a cut of the power cannot be made here, nor every file system.
extern "C" int fsync(int fd) {
  ++greffe::client::g_syncs;
  return static_cast<int>(::syscall(SYS_fsync, fd));
}
extern "C" int renameat2(int from_folder, const char* from, int to_folder, const char* to,
                         unsigned int flags) noexcept {
  errno = EINVAL;
  if (greffe::client::g_only_renames) return -1;
  return static_cast<int>(::syscall(SYS_renameat2, from_folder, from, to_folder, to, flags));
}
extern "C" int link(const char* from, const char* to) noexcept {
  errno = EPERM;
  if (greffe::client::g_only_renames) return -1;
  return static_cast<int>(::syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0));
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

  // Puts "new" there.
  absl::Status CommitOver(const ExpectedFile& expected) {
    const auto file = AtomicFile::Create(path_, expected);
    EXPECT_TRUE((*file)->Write("new").ok());
    return (*file)->Commit();
  }
  std::string Content() const {
    std::ifstream stream(path_, std::ios::binary);
    return std::string(std::istreambuf_iterator<char>(stream), {});
  }
  int FilesThere() const {
    return static_cast<int>(std::distance(std::filesystem::directory_iterator(directory_.path()), {}));
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
  const auto expected = std::make_shared<std::optional<FileStamp>>();
  EXPECT_TRUE(CommitOver(expected).ok()) << "nothing is there";
  EXPECT_TRUE(CommitOver(expected).ok()) << "what it put there itself";
  const auto nothing = std::make_shared<std::optional<FileStamp>>();
  for (const char* edit : {"edited", "now"}) {
    std::ofstream(path_) << edit;
    EXPECT_EQ(ReasonOf(CommitOver(nothing)), "LOCAL_FILE_EDITED");
    EXPECT_EQ(ReasonOf(CommitOver(expected)), "LOCAL_FILE_EDITED");
    EXPECT_EQ(Content(), edit);
  }
  EXPECT_EQ(FilesThere(), 1);
  EXPECT_TRUE(CommitOver(nullptr).ok());
}

TEST_F(LocalFileTest, TheSameBytesOfSomebodyElseAreTakenForItsOwn) {
  std::ofstream(path_) << "new";
  const FileStamp there = **StampAt(path_);
  const auto nothing = std::make_shared<std::optional<FileStamp>>();
  EXPECT_TRUE(CommitOver(nothing).ok());
  EXPECT_EQ(*nothing, there) << "it is what the next one expects";
  const auto other = std::make_shared<std::optional<FileStamp>>(FileStamp{1, 2, 3, 4, 5});
  EXPECT_TRUE(CommitOver(other).ok());
  EXPECT_EQ(**StampAt(path_), there);
  EXPECT_EQ(FilesThere(), 1) << "no temporary file stays";
  std::filesystem::rename(path_, path_ + "-elsewhere");
  std::filesystem::create_symlink(path_ + "-elsewhere", path_);
  EXPECT_EQ(ReasonOf(CommitOver(std::make_shared<std::optional<FileStamp>>())), "LOCAL_FILE_EDITED") << "a link";
}

TEST_F(LocalFileTest, AFileSystemThatOnlyRenamesTakesNewFilesToo) {
  g_only_renames = true;
  const auto nothing = std::make_shared<std::optional<FileStamp>>();
  EXPECT_TRUE(CommitOver(nothing).ok());
  EXPECT_EQ(Content(), "new");
  std::ofstream(path_) << "edited";
  EXPECT_EQ(ReasonOf(CommitOver(std::make_shared<std::optional<FileStamp>>())), "LOCAL_FILE_EDITED");
  EXPECT_EQ(Content(), "edited");
  g_only_renames = false;
}

TEST_F(LocalFileTest, AnOpenDescriptorIsWrittenToAsAPipeIs) {
  const int fd = ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  ASSERT_GE(fd, 0);
  ASSERT_EQ(::write(fd, "head ", 5), 5);
  const std::string link = directory_.path() + "/link";
  std::filesystem::create_symlink("/dev/fd/" + std::to_string(fd), link);
  for (const std::string& path : {"/dev/fd/" + std::to_string(fd), "/proc/self/fd/" + std::to_string(fd), link}) {
    const auto file = AtomicFile::CreateOrOpen(path);
    ASSERT_TRUE(file.ok()) << file.status();
    EXPECT_TRUE((*file)->Write("new ").ok());
    EXPECT_TRUE((*file)->Commit().ok());
  }
  ASSERT_EQ(::write(fd, "tail", 4), 4) << "it is still open";
  ::close(fd);
  EXPECT_EQ(Content(), "head new new new tail");
  EXPECT_FALSE(AtomicFile::CreateOrOpen("/dev/fd/" + std::to_string(fd)).ok()) << "nothing is open there";
  EXPECT_FALSE(AtomicFile::CreateOrOpen("/dev/fd/none").ok());
}

TEST_F(LocalFileTest, ALinkToAFileIsFollowedAndTheFileReplacedAtOnce) {
  const std::string link = directory_.path() + "/link";
  std::ofstream(path_) << "former";
  std::filesystem::create_symlink("file", link);
  const FileStamp former = **StampAt(path_);
  const auto file = AtomicFile::CreateOrOpen(link);
  ASSERT_TRUE(file.ok()) << file.status();
  EXPECT_TRUE((*file)->Write("new").ok());
  EXPECT_EQ(Content(), "former");
  EXPECT_TRUE((*file)->Commit().ok());
  EXPECT_EQ(Content(), "new");
  EXPECT_NE((*StampAt(path_))->inode, former.inode);
  EXPECT_TRUE(std::filesystem::is_symlink(link));
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
