// Packages of transmittals, saved over a bad line.
#include <gmock/gmock.h>

#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

constexpr char kName[] = "projects/p/transmittals/TRM-0001";

class TransmittalDownloadTest : public CliTest {
 protected:
  const std::string package_ = [] {
    std::string bytes(500'000, 'z');
    for (std::size_t i = 0; i < bytes.size(); ++i) bytes[i] = static_cast<char>(i * 31 % 251);
    return bytes;
  }();
  void SetUp() override { state_.packages[kName] = package_; }
};

TEST_F(TransmittalDownloadTest, OneThatBreaksGoesOnWhereItEnded) {
  state_.break_download_at = 200'000;
  ASSERT_EQ(Greffe({"transmittal", "download", "TRM-0001"}), 0) << err_;
  EXPECT_EQ(ReadFile("TRM-0001.zip"), package_);
  ASSERT_EQ(state_.package_downloads.size(), 2u);
  EXPECT_EQ(state_.package_downloads[0].offset(), 0);
  EXPECT_EQ(state_.package_downloads[1].offset(), 262'144);
}

TEST_F(TransmittalDownloadTest, ADamagedPieceIsAskedForAgain) {
  state_.corrupt_download = true;
  ASSERT_EQ(Greffe({"transmittal", "download", "TRM-0001", "-o", "out.zip"}), 0) << err_;
  EXPECT_EQ(ReadFile("out.zip"), package_);
  EXPECT_EQ(state_.calls["DownloadTransmittal"], 2);
}

TEST_F(TransmittalDownloadTest, APackageThatIsAnotherAfterABreakIsNotSaved) {
  state_.break_download_at = 200'000;
  state_.package_growth = "more";
  EXPECT_EQ(Greffe({"transmittal", "download", "TRM-0001"}), 1);
  EXPECT_THAT(err_, ::testing::HasSubstr("download ends at 500004 now, and ended at 500000 before it broke"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(TransmittalDownloadTest, AFileThatIsThereIsReplacedWhereSomebodySaysSo) {
  WriteFile("TRM-0001.zip", "mine");
  WriteFile("other", "other");
  EXPECT_EQ(Greffe({"transmittal", "download", "TRM-0001"}), 1);
  EXPECT_THAT(err_, ::testing::HasSubstr("LOCAL_FILE_EXISTS"));
  EXPECT_EQ(ReadFile("TRM-0001.zip"), "mine");
  EXPECT_EQ(Greffe({"transmittal", "download", "TRM-0001", "--force"}), 0) << err_;
  EXPECT_EQ(ReadFile("TRM-0001.zip"), package_);
  std::filesystem::remove("TRM-0001.zip");
  std::filesystem::create_symlink("other", "TRM-0001.zip");
  EXPECT_EQ(Greffe({"transmittal", "download", "TRM-0001"}), 1) << "a link is there too";
  EXPECT_EQ(Greffe({"transmittal", "download", "TRM-0001", "--force"}), 0) << err_;
  EXPECT_EQ(ReadFile("other"), "other") << "and is not followed";
  EXPECT_EQ(Greffe({"transmittal", "download", "TRM-0001", "-o", "TRM-0001.zip"}), 0) << err_;
}

TEST_F(TransmittalDownloadTest, ADashIsStandardOutput) {
  EXPECT_EQ(Greffe({"transmittal", "download", "TRM-0001", "-o", "-"}), 0) << err_;
  EXPECT_EQ(out_, package_);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

TEST_F(TransmittalDownloadTest, OneThatIsNotThereLeavesNoFile) {
  EXPECT_EQ(Greffe({"transmittal", "download", "TRM-0009"}), 3);
  EXPECT_TRUE(std::filesystem::is_empty(folder_));
}

}  // namespace
}  // namespace greffe::cli
