// Local files that appear whole or not at all.
#include "clients/cpp/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <fstream>
#include <string>

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

}  // namespace
}  // namespace greffe::client
