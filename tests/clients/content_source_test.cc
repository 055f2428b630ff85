// Local files that are written to while they are read.
#include "clients/cpp/content_source.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "clients/cpp/error.h"
#include "tests/temporary_directory.h"

namespace greffe::client {
namespace {

std::function<void()> g_before_read;

}  // namespace
}  // namespace greffe::client

// In place of the C library's: what others do in the middle of a read.
extern "C" ssize_t pread(int fd, void* data, std::size_t size, off_t offset) {
  if (greffe::client::g_before_read) greffe::client::g_before_read();
  return static_cast<ssize_t>(::syscall(SYS_pread64, fd, data, size, offset));
}

namespace greffe::client {
namespace {

class ContentSourceTest : public ::testing::Test {
 protected:
  void SetUp() override { std::ofstream(path_) << "one"; }
  ~ContentSourceTest() override { g_before_read = nullptr; }

  struct stat Status() const {
    struct stat status {};
    EXPECT_EQ(::stat(path_.c_str(), &status), 0);
    return status;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/file";
};

TEST_F(ContentSourceTest, AnotherFileOfTheSameSizeAndTimeIsNotReadOn) {
  const auto content = FileContent::Open(path_);
  ASSERT_TRUE(content.ok()) << content.status();
  EXPECT_EQ(*(*content)->Read(0, 3), "one");
  const std::string other = directory_.path() + "/other";
  std::ofstream(other) << "two";
  const std::array<timespec, 2> times = {Status().st_atim, Status().st_mtim};
  ASSERT_EQ(::utimensat(AT_FDCWD, other.c_str(), times.data(), 0), 0);
  std::filesystem::rename(other, path_);
  EXPECT_EQ(ReasonOf((*content)->Read(0, 3).status()), "LOCAL_FILE_CHANGED");
}

TEST_F(ContentSourceTest, AWriteInTheMiddleOfAReadIsFound) {
  const auto content = FileContent::Open(path_);
  ASSERT_TRUE(content.ok()) << content.status();
  const timespec before = Status().st_ctim;
  g_before_read = [&] {
    // Two writes may have one time: the clock of a file system goes by ticks.
    do {
      std::fstream(path_, std::ios::in | std::ios::out) << "two";
    } while (Status().st_ctim.tv_sec == before.tv_sec && Status().st_ctim.tv_nsec == before.tv_nsec);
  };
  EXPECT_EQ(ReasonOf((*content)->Read(0, 3).status()), "LOCAL_FILE_CHANGED");
}

}  // namespace
}  // namespace greffe::client
