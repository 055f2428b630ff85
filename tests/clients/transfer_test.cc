#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <random>

#include "clients/cpp/atomic_file.h"
#include "clients/cpp/check_in.h"
#include "clients/cpp/checksums.h"
#include "clients/cpp/download.h"
#include "clients/cpp/upload.h"
#include "tests/clients/fake_server.h"

namespace greffe::client {
namespace {

using std::chrono::milliseconds;

std::string RandomBytes(std::size_t size) {
  std::mt19937 random(static_cast<unsigned>(size));
  std::string data(size, '\0');
  for (char& c : data) c = static_cast<char>(random());
  return data;
}

class TransferTest : public ::testing::Test {
 protected:
  ClientOptions Options() {
    ClientOptions options;
    options.server = server_.address();
    options.timeout = milliseconds(20000);
    options.retry = {4, 4, milliseconds(1), milliseconds(4)};
    options.upload_chunk = 64 << 10;
    return options;
  }

  std::string Uploaded(const v1::Upload& upload) { return state_.uploads[upload.name()].data; }

  FakeServer server_;
  Client client_{Options()};
  FakeState& state_ = server_.state();
  std::string received_;
  const ContentSink sink_ = [this](std::string_view data) {
    received_ += data;
    return absl::OkStatus();
  };
  v1::DownloadContentRequest download_;
  void SetUp() override { download_.set_name("projects/p/documents/D-1"); }
};

TEST_F(TransferTest, UploadArrivesWhole) {
  const MemoryContent content(RandomBytes(300'000));
  std::vector<std::int64_t> progress;
  const auto upload =
      UploadContent(client_, "projects/p", content, [&](std::int64_t bytes) { progress.push_back(bytes); });
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(Uploaded(*upload), *content.Read(0, content.size()));
  EXPECT_EQ(progress.back(), 300'000);
  EXPECT_EQ(state_.calls["WriteUpload"], 1);
}

TEST_F(TransferTest, ABrokenUploadGoesOnWhereItEnded) {
  const MemoryContent content(RandomBytes(1'000'000));
  state_.break_upload_at = 200'000;
  const auto upload = UploadContent(client_, "projects/p", content);
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(Uploaded(*upload), *content.Read(0, content.size()));
  EXPECT_EQ(state_.calls["WriteUpload"], 2);
  EXPECT_EQ(state_.calls["CreateUpload"], 1);
}

TEST_F(TransferTest, AServerThatReadsWhatItHasOfAnUploadIsNoStall) {
  ClientOptions options = Options();
  options.stall_timeout = milliseconds(50);
  Client client(options);
  const MemoryContent content(RandomBytes(300'000));
  state_.break_upload_at = 200'000;
  state_.upload_check = milliseconds(400);
  const auto upload = UploadContent(client, "projects/p", content);
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(Uploaded(*upload), *content.Read(0, content.size()));
  EXPECT_EQ(state_.calls["WriteUpload"], 2) << "the one that broke, and one that was waited for";
}

TEST_F(TransferTest, AServerThatReadsForEverIsAStallAllTheSame) {
  ClientOptions options = Options();
  options.check_timeout = milliseconds(50);
  options.stall_timeout = std::chrono::hours(1);
  Client client(options);
  state_.upload_check = std::chrono::seconds(20);  // whoever waits longer than check_timeout has his upload then
  EXPECT_EQ(UploadContent(client, "projects/p", MemoryContent("abc")).status().code(), absl::StatusCode::kUnavailable);
}

TEST_F(TransferTest, AnUploadWhoseLastAnswerIsLostIsComplete) {
  const MemoryContent content(RandomBytes(100'000));
  state_.faults_after["WriteUpload"] = {kUnavailable};
  const auto upload = UploadContent(client_, "projects/p", content);
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(state_.calls["WriteUpload"], 1);
}

TEST_F(TransferTest, AStreamThatBreaksAfterTheLastByteIsCompletedByAnother) {
  const MemoryContent content(RandomBytes(100'000));
  state_.break_upload_at = 100'000;
  const auto upload = UploadContent(client_, "projects/p", content);
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_TRUE(upload->complete());
  EXPECT_EQ(state_.calls["WriteUpload"], 2);
}

TEST_F(TransferTest, AnUploadThatIsStillHeldByTheFormerStreamIsTriedAgain) {
  state_.faults["WriteUpload"] = {ServerError(grpc::StatusCode::ABORTED, "UPLOAD_BUSY", "is being written")};
  EXPECT_TRUE(UploadContent(client_, "projects/p", MemoryContent("abc")).ok());
}

TEST_F(TransferTest, AnUploadThatMakesNoProgressFails) {
  state_.faults["WriteUpload"] = std::deque<grpc::Status>(20, kUnavailable);
  const auto upload = UploadContent(client_, "projects/p", MemoryContent("abc"));
  EXPECT_EQ(upload.status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(state_.calls["WriteUpload"], 4);
}

// Those who hold what it lacks give it back in a minute or so.
TEST_F(TransferTest, AServerWithoutRoomIsAskedForMoreThanAMinuteAndTheUploadIsThenGivenUp) {
  const grpc::Status busy = ServerError(grpc::StatusCode::RESOURCE_EXHAUSTED, "SERVER_BUSY", "no room");
  ClientOptions options = Options();
  options.retry = RetryPolicy();
  milliseconds waited{0};
  milliseconds longest{0};
  options.retry.wait = [&](milliseconds wait) {
    waited += wait;
    longest = std::max(longest, wait);
  };
  Client client(options);
  state_.faults["WriteUpload"] = std::deque<grpc::Status>(15, busy);
  ASSERT_TRUE(UploadContent(client, "projects/p", MemoryContent("abc")).ok());
  EXPECT_EQ(state_.calls["WriteUpload"], 16);

  state_.uploads.clear();
  state_.faults["WriteUpload"] = std::deque<grpc::Status>(100, busy);
  waited = milliseconds(0);
  EXPECT_EQ(ReasonOf(UploadContent(client, "projects/p", MemoryContent("abc")).status()), "SERVER_BUSY");
  EXPECT_GE(waited, std::chrono::seconds(45)) << "a half of the longest waits, if chance has it";
  EXPECT_LE(waited, std::chrono::minutes(2));
  EXPECT_LE(longest, std::chrono::seconds(5));
  EXPECT_TRUE(state_.uploads.empty());

  state_.faults["WriteUpload"] = std::deque<grpc::Status>(100, kUnavailable);
  waited = milliseconds(0);
  EXPECT_EQ(UploadContent(client, "projects/p", MemoryContent("abc")).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_LE(waited, std::chrono::seconds(2)) << "one that is away is not waited for so long";
}

TEST_F(TransferTest, AnUploadThatTheProjectHasNoRoomForIsAskedForAgain) {
  ClientOptions options = Options();
  options.retry = RetryPolicy();
  milliseconds waited{0};
  options.retry.wait = [&](milliseconds wait) { waited += wait; };
  Client client(options);
  const grpc::Status many = ServerError(grpc::StatusCode::RESOURCE_EXHAUSTED, "TOO_MANY_UPLOADS", "too many");
  state_.faults["CreateUpload"] = std::deque<grpc::Status>(15, many);
  ASSERT_TRUE(UploadContent(client, "projects/p", MemoryContent("abc")).ok());
  EXPECT_EQ(state_.calls["CreateUpload"], 16);
  state_.faults["CreateUpload"] = std::deque<grpc::Status>(100, many);
  waited = milliseconds(0);
  EXPECT_EQ(ReasonOf(UploadContent(client, "projects/p", MemoryContent("abc")).status()), "TOO_MANY_UPLOADS");
  EXPECT_LE(waited, std::chrono::minutes(2));
}

TEST_F(TransferTest, ADamagedChunkIsSentAgain) {
  const MemoryContent content(RandomBytes(300'000));
  state_.corrupt_upload = true;
  const auto upload = UploadContent(client_, "projects/p", content);
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(Uploaded(*upload), *content.Read(0, content.size()));
  EXPECT_EQ(state_.calls["WriteUpload"], 2);
}

TEST_F(TransferTest, AnotherProcessCanResumeAnUpload) {
  const std::string data = RandomBytes(400'000);
  v1::CreateUploadRequest request;
  request.set_parent("projects/p");
  request.set_size(400'000);
  const auto begun = client_.CreateUpload(request);
  ASSERT_TRUE(begun.ok());
  state_.uploads[begun->name()].data = data.substr(0, 123'456);
  state_.uploads[begun->name()].upload.set_received_size(123'456);
  const auto upload = ResumeUpload(client_, begun->name(), MemoryContent(data));
  ASSERT_TRUE(upload.ok()) << upload.status();
  EXPECT_EQ(Uploaded(*upload), data);
}

TEST_F(TransferTest, ResumingWithOtherContentIsFoundOut) {
  v1::CreateUploadRequest request;
  request.set_parent("projects/p");
  request.set_size(6);
  const auto begun = client_.CreateUpload(request);
  ASSERT_TRUE(begun.ok());
  state_.uploads[begun->name()].data = "abc";
  state_.uploads[begun->name()].upload.set_received_size(3);
  EXPECT_EQ(ReasonOf(ResumeUpload(client_, begun->name(), MemoryContent("xyzdef")).status()), "CHECKSUM_MISMATCH");
  EXPECT_EQ(ReasonOf(ResumeUpload(client_, begun->name(), MemoryContent("x")).status()), "LOCAL_FILE_CHANGED");
}

TEST_F(TransferTest, SmallContentTravelsInTheRequestAndLargeThroughAnUpload) {
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{1} << 20, (std::size_t{1} << 20) + 1}) {
    const MemoryContent content(RandomBytes(size));
    v1::CheckInRequest request;
    request.set_parent("projects/p");
    request.mutable_item()->mutable_new_document()->set_path("f" + std::to_string(size));
    const auto response = CheckInContents(client_, request, {{request.mutable_item()->mutable_main_file(), &content}});
    ASSERT_TRUE(response.ok()) << response.status();
    EXPECT_EQ(response->document().latest_version().main_file().size(), static_cast<std::int64_t>(size));
    EXPECT_EQ(request.item().main_file().has_upload(), size > (1U << 20));
  }
  EXPECT_EQ(state_.calls["CreateUpload"], 1);
}

TEST_F(TransferTest, FilesOfOneRequestShareTheInlineLimit) {
  const MemoryContent large(RandomBytes(700'000));
  const MemoryContent larger(RandomBytes(800'000));
  v1::BatchCheckInRequest request;
  request.set_parent("projects/p");
  v1::CheckInItem* second = request.add_items();
  second->mutable_new_document()->set_path("b");
  v1::CheckInItem* first = request.add_items();
  first->mutable_new_document()->set_path("a");
  const auto response = BatchCheckInContents(
      client_, request, {{second->mutable_main_file(), &larger}, {first->mutable_main_file(), &large}});
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_TRUE(first->main_file().has_data());
  EXPECT_TRUE(second->main_file().has_upload());
}

TEST_F(TransferTest, TheUploadOfACheckInThatFailsIsGivenUp) {
  state_.faults["CheckIn"] = {{grpc::StatusCode::ABORTED, "no"}};
  const MemoryContent content(RandomBytes(2'000'000));
  v1::CheckInRequest request;
  request.set_parent("projects/p");
  const auto response = CheckInContents(client_, request, {{request.mutable_item()->mutable_main_file(), &content}});
  EXPECT_EQ(response.status().code(), absl::StatusCode::kAborted);
  EXPECT_TRUE(state_.uploads.empty());
}

TEST_F(TransferTest, TheUploadOfACheckInThatIsNotAnsweredInTimeStays) {
  const grpc::Status late(grpc::StatusCode::DEADLINE_EXCEEDED, "too late");
  const MemoryContent content(RandomBytes(2'000'000));
  v1::CheckInRequest request;
  request.set_parent("projects/p");
  state_.faults["CheckIn"] = {late};
  const auto response = CheckInContents(client_, request, {{request.mutable_item()->mutable_main_file(), &content}});
  EXPECT_TRUE(absl::IsDeadlineExceeded(response.status())) << response.status();
  v1::BatchCheckInRequest several;
  several.set_parent("projects/p");
  state_.faults["BatchCheckIn"] = {late};
  const auto answer = BatchCheckInContents(client_, several, {{several.add_items()->mutable_main_file(), &content}});
  EXPECT_TRUE(absl::IsDeadlineExceeded(answer.status())) << answer.status();
  EXPECT_EQ(state_.calls["DeleteUpload"], 0) << "the server may be about to take them";
}

TEST_F(TransferTest, DownloadArrivesWholeAndIsVerified) {
  const std::string data = RandomBytes(500'000);
  server_.AddDocument("p", "D-1", "d.bin", {data});
  const auto result = DownloadContent(client_, download_, sink_);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(received_, data);
  EXPECT_EQ(result->version.number(), 1);
}

TEST_F(TransferTest, ABrokenDownloadGoesOnInTheSameVersion) {
  const std::string data = RandomBytes(500'000);
  server_.AddDocument("p", "D-1", "d.bin", {data});
  state_.break_download_at = 200'000;
  const auto result = DownloadContent(client_, download_, sink_);
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(received_, data);
  ASSERT_EQ(state_.downloads.size(), 2U);
  EXPECT_EQ(state_.downloads[0].name(), "projects/p/documents/D-1");
  EXPECT_EQ(state_.downloads[1].name(), "projects/p/documents/D-1/versions/1");
  EXPECT_EQ(state_.downloads[1].offset(), 262'144);
}

TEST_F(TransferTest, ADamagedPieceIsAskedForAgain) {
  const std::string data = RandomBytes(200'000);
  server_.AddDocument("p", "D-1", "d.bin", {data});
  state_.corrupt_download = true;
  ASSERT_TRUE(DownloadContent(client_, download_, sink_).ok());
  EXPECT_EQ(received_, data);
  ASSERT_EQ(state_.downloads.size(), 2U);
  EXPECT_EQ(state_.downloads[1].offset(), 0);
}

TEST_F(TransferTest, ARangeIsDownloadedAndResumed) {
  const std::string data = RandomBytes(500'000);
  server_.AddDocument("p", "D-1", "d.bin", {data});
  state_.break_download_at = 150'000;
  download_.set_offset(100'000);
  download_.set_length(300'000);
  ASSERT_TRUE(DownloadContent(client_, download_, sink_).ok());
  EXPECT_EQ(received_, data.substr(100'000, 300'000));
}

TEST_F(TransferTest, ContentThatIsNotWhatItsHashSaysIsRefused) {
  server_.AddDocument("p", "D-1", "d.bin", {RandomBytes(200'000)});
  state_.documents["projects/p/documents/D-1"].contents[0][7] ^= 1;
  EXPECT_EQ(ReasonOf(DownloadContent(client_, download_, sink_).status()), "CHECKSUM_MISMATCH");
  state_.corrupt_content = true;
  v1::FetchContentRequest fetch;
  fetch.set_name(download_.name());
  EXPECT_EQ(ReasonOf(FetchInto(client_, fetch, sink_).status()), "CHECKSUM_MISMATCH");
}

TEST_F(TransferTest, AnErrorOfTheSinkEndsTheDownload) {
  server_.AddDocument("p", "D-1", "d.bin", {RandomBytes(200'000)});
  const ContentSink full = [](std::string_view) { return absl::ResourceExhaustedError("full"); };
  EXPECT_EQ(DownloadContent(client_, download_, full).status().code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(state_.calls["DownloadContent"], 1);
}

TEST_F(TransferTest, FetchIntoStreamsWhatIsTooLargeForAnAnswer) {
  const std::string data = RandomBytes(1'500'000);
  server_.AddDocument("p", "D-1", "d.bin", {"old", data});
  v1::FetchContentRequest request;
  request.set_name(download_.name());
  const auto response = FetchInto(client_, request, sink_);
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_FALSE(response->content_omitted());
  EXPECT_EQ(received_, data);
  request.set_if_none_match(response->etag());
  EXPECT_TRUE(FetchInto(client_, request, sink_)->not_modified());
}

TEST_F(TransferTest, FetchManyAsksAgainForWhatDidNotFit) {
  std::vector<v1::FetchContentRequest> requests;
  std::map<std::size_t, std::string> expected;
  for (int i = 0; i < 12; ++i) {
    const std::string number = "D-" + std::to_string(i);
    expected[requests.size()] = RandomBytes(900'000 + static_cast<std::size_t>(i));
    server_.AddDocument("p", number, number, {expected[requests.size()]});
    requests.emplace_back().set_name("projects/p/documents/" + number);
  }
  requests.emplace_back().set_name("projects/p/documents/MISSING");
  server_.AddDocument("p", "BIG", "big", {RandomBytes(1'100'000)});
  requests.emplace_back().set_name("projects/p/documents/BIG");
  std::map<std::size_t, std::string> found;
  absl::Status missing;
  bool omitted = false;
  const absl::Status status = FetchMany(client_, "projects/p", requests, [&](std::size_t index, auto response) {
    if (index == 12) {
      missing = response.status();
    } else if (index == 13) {
      omitted = response->content_omitted();
    } else {
      found[index] = response->content();
    }
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(found, expected);
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(omitted);
  EXPECT_LE(state_.calls["BatchFetchContents"], 4);
}

TEST_F(TransferTest, FetchManyAsksForFewerAtOnceWhereTheTimeOfACallIsTooShort) {
  std::vector<v1::FetchContentRequest> requests;
  for (int i = 1; i <= 9; ++i) {
    server_.AddDocument("p", "D-" + std::to_string(i), "d" + std::to_string(i), {std::to_string(i)});
    requests.emplace_back().set_name("projects/p/documents/D-" + std::to_string(i));
  }
  ClientOptions options = Options();
  options.timeout = milliseconds(300);
  Client client(options);
  state_.slow_batch = 2;
  std::vector<std::string> contents(requests.size());
  const absl::Status status =
      FetchMany(client, "projects/p", requests, [&](std::size_t index, absl::StatusOr<v1::FetchContentResponse> one) {
        contents[index] += one->content();
        return absl::OkStatus();
      });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_THAT(contents, ::testing::ElementsAre("1", "2", "3", "4", "5", "6", "7", "8", "9"));
  EXPECT_EQ(state_.calls["BatchFetchContents"], 7) << "of 9 and 4 in vain, then of 2";
}

TEST_F(TransferTest, FetchManyHandsOverWhatNoAnswerHas) {
  std::vector<v1::FetchContentRequest> requests;
  for (const char* number : {"D-1", "D-2", "D-3"}) {
    server_.AddDocument("p", number, number, {"0123456789"});
    requests.emplace_back().set_name(std::string("projects/p/documents/") + number);
  }
  state_.batch_limit = 5;
  int omitted = 0;
  const absl::Status status = FetchMany(client_, "projects/p", requests, [&](std::size_t, auto response) {
    omitted += response->content_omitted() ? 1 : 0;
    return absl::OkStatus();
  });
  ASSERT_TRUE(status.ok()) << status;
  EXPECT_EQ(omitted, 3);
}

TEST_F(TransferTest, AnUploadThatIsRefusedIsGivenUp) {
  state_.faults["WriteUpload"] = {ServerError(grpc::StatusCode::RESOURCE_EXHAUSTED, "DISK_FULL", "no space")};
  EXPECT_EQ(ReasonOf(UploadContent(client_, "projects/p", MemoryContent("abc")).status()), "DISK_FULL");
  EXPECT_TRUE(state_.uploads.empty());
}

TEST(ChecksumsTest, MatchPublishedVectors) {
  EXPECT_EQ(Crc32c("123456789"), 0xe3069283U);
  EXPECT_EQ(Crc32c(""), 0U);
  EXPECT_EQ(Sha256Of("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(AtomicFileTest, IsThereAfterCommitOnly) {
  const std::filesystem::path folder = std::filesystem::path(::testing::TempDir()) / "greffe_atomic_file";
  std::filesystem::remove_all(folder);
  std::filesystem::create_directory(folder);
  const std::string path = folder / "x";
  {
    auto file = AtomicFile::Create(path);
    ASSERT_TRUE(file.ok());
    ASSERT_TRUE((*file)->Write("abc").ok());
    EXPECT_FALSE(std::filesystem::exists(path));
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder));
  auto file = AtomicFile::Create(path);
  ASSERT_TRUE((*file)->Write("abc").ok());
  ASSERT_TRUE((*file)->Commit().ok());
  std::ifstream stream(path);
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(stream), {}), "abc");
  std::filesystem::remove_all(folder);
}

}  // namespace
}  // namespace greffe::client
