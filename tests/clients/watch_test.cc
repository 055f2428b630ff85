#include "clients/cpp/watch.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <future>
#include <mutex>
#include <thread>
#include <tuple>

#include "clients/cpp/import_stream.h"
#include "tests/clients/fake_server.h"

namespace greffe::client {
namespace {

using std::chrono::milliseconds;
using ::testing::ElementsAre;

class WatchTest : public ::testing::Test {
 protected:
  WatchTest() { server_.AddDocument("p", "D-1", "d.md", {"1", "2", "3", "4", "5"}); }

  ClientOptions Options() {
    ClientOptions options;
    options.server = server_.address();
    options.retry = {4, 4, milliseconds(1), milliseconds(4)};
    options.stall_timeout = milliseconds(200);
    return options;
  }

  absl::Status Watch(bool stop_at_end, std::size_t wanted) {
    v1::WatchChangesRequest request;
    request.set_parent("projects/p");
    request.set_stop_at_end(stop_at_end);
    return WatchChanges(client_, request, [&](const v1::WatchChangesResponse& message) {
      if (message.has_change()) seen_.push_back(message.change().sequence());
      return seen_.size() < wanted;
    });
  }

  // What a feed over all projects gives of `changes`, by project, sequence and time, when it breaks after the third.
  std::vector<std::string> Given(const std::vector<std::tuple<std::string, std::int64_t, std::int64_t>>& changes) {
    state_.changes.clear();
    for (const auto& [project, sequence, seconds] : changes) {
      v1::Change& change = state_.changes.emplace_back();
      change.set_project("projects/" + project);
      change.set_sequence(sequence);
      change.mutable_record_time()->set_seconds(seconds);
    }
    state_.break_watch_at = 3;
    v1::WatchChangesRequest request;
    request.set_parent("projects/-");
    request.set_stop_at_end(true);
    std::vector<std::string> given;
    const absl::Status status = WatchChanges(client_, request, [&](const v1::WatchChangesResponse& message) {
      const v1::Change& change = message.change();
      if (message.has_change()) given.push_back(change.project().substr(9) + std::to_string(change.sequence()));
      return true;
    });
    EXPECT_TRUE(status.ok()) << status;
    return given;
  }

  FakeServer server_;
  Client client_{Options()};
  FakeState& state_ = server_.state();
  std::vector<std::int64_t> seen_;
};

TEST_F(WatchTest, ResumesAfterABrokenStreamWithoutGapsOrRepeats) {
  state_.break_watch_at = 2;
  EXPECT_TRUE(Watch(true, 100).ok());
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3, 4, 5));
  EXPECT_EQ(state_.calls["WatchChanges"], 2);
}

TEST_F(WatchTest, AProjectThatWentBackToAnOlderStateHasItsSequencesOnceMore) {
  EXPECT_THAT(Given({{"p", 8, 1}, {"p", 9, 2}, {"q", 6, 3}, {"p", 8, 4}, {"p", 9, 5}, {"p", 10, 6}}),
              ElementsAre("p8", "p9", "q6", "p8", "p9", "p10"));
  EXPECT_THAT(Given({{"p", 8, 1}, {"p", 9, 2}, {"q", 6, 3}, {"p", 8, 1}, {"p", 9, 2}, {"p", 10, 6}}),
              ElementsAre("p8", "p9", "q6", "p10"))
      << "repeats";
}

TEST_F(WatchTest, EndsWhenTheCallerHasEnough) {
  EXPECT_TRUE(Watch(false, 3).ok());
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3));
}

TEST_F(WatchTest, ASilentStreamIsTakenForBroken) {
  state_.silent_watch = true;
  EXPECT_TRUE(Watch(true, 100).ok());
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(WatchTest, AServerThatCancelsItIsStopping) {
  state_.faults["WatchChanges"] = {ServerError(grpc::StatusCode::CANCELLED, "", "cancelled")};
  EXPECT_TRUE(Watch(true, 100).ok());
  EXPECT_THAT(seen_, ElementsAre(1, 2, 3, 4, 5));
}

TEST_F(WatchTest, AnErrorEndsIt) {
  state_.faults["WatchChanges"] = {ServerError(grpc::StatusCode::INVALID_ARGUMENT, "CURSOR_INVALID", "bad cursor")};
  EXPECT_EQ(ReasonOf(Watch(true, 100)), "CURSOR_INVALID");
}

class ImportStreamTest : public WatchTest {
 protected:
  v1::ImportCommit Commit(int i) {
    v1::ImportCommit commit;
    commit.set_source_commit(std::to_string(i));
    v1::ImportChange& change = *commit.add_changes();
    change.set_path("f");
    change.set_action(v1::IMPORT_ACTION_WRITE);
    change.set_data(std::string(10'000, 'x'));
    return commit;
  }
  std::vector<std::string> answers_;
  const ImportStream::OnResponse note_ = [this](const v1::ImportCommitsResponse& response) {
    answers_.push_back(response.source_commit());
  };
};

TEST_F(ImportStreamTest, ManyCommitsAreAnsweredInOrder) {
  ImportStream stream(client_, {}, note_);
  std::vector<std::string> sent;
  for (int i = 0; i < 3000; ++i) {
    ASSERT_TRUE(stream.Write(Commit(i)));
    sent.push_back(std::to_string(i));
  }
  EXPECT_TRUE(stream.Finish().ok());
  EXPECT_EQ(answers_, sent);
}

TEST_F(ImportStreamTest, ABrokenStreamStopsTheWriter) {
  state_.break_import_at = 700;
  ImportStream stream(client_, {}, note_);
  int written = 0;
  while (written < 100'000 && stream.Write(Commit(written))) ++written;
  EXPECT_LT(written, 100'000);
  EXPECT_EQ(stream.Finish().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(answers_.size(), 700U);
}

TEST_F(ImportStreamTest, APauseBetweenThePartsOfACommitIsNoStall) {
  ClientOptions options = client_.options();
  options.stall_timeout = milliseconds(1000);
  Client client(options);
  ImportStream stream(client, {}, note_);
  v1::ImportCommit commit = Commit(1);
  commit.set_continued(true);
  ASSERT_TRUE(stream.Write(commit));
  // As long as an upload takes: a part has no answer, so nothing is awaited meanwhile.
  std::this_thread::sleep_for(milliseconds(1500));
  EXPECT_TRUE(stream.Write(Commit(1)));
  const absl::Status status = stream.Finish();
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(answers_, std::vector<std::string>{"1"});
}

TEST_F(ImportStreamTest, AStreamThatDoesNotEndAfterItsLastAnswerIsAStall) {
  ClientOptions options = client_.options();
  options.stall_timeout = milliseconds(800);
  Client client(options);
  state_.silent_import = true;
  // The answer comes when Finish waits already.
  std::promise<void> held;
  std::thread holder([&] {
    const std::lock_guard hanging(state_.mutex);
    held.set_value();
    std::this_thread::sleep_for(milliseconds(200));
  });
  held.get_future().wait();
  ImportStream stream(client, {}, note_);
  EXPECT_TRUE(stream.Write(Commit(1)));
  const absl::Status status = stream.Finish();
  holder.join();
  EXPECT_EQ(status.message(), "import stalled");
  EXPECT_EQ(answers_, std::vector<std::string>{"1"});
}

TEST_F(ImportStreamTest, APartThatTheServerDoesNotReadIsAStall) {
  ClientOptions options = client_.options();
  options.stall_timeout = milliseconds(1500);
  Client client(options);
  state_.silent_import = true;
  std::promise<void> held;
  std::thread holder([&] {
    const std::lock_guard hanging(state_.mutex);
    held.set_value();
    std::this_thread::sleep_for(milliseconds(400));
  });
  held.get_future().wait();
  ImportStream stream(client, {}, note_);
  EXPECT_TRUE(stream.Write(Commit(1)));
  // More than the connection holds; the answer to the former commit comes when it is on its way already.
  v1::ImportCommit part = Commit(2);
  part.set_continued(true);
  part.add_changes()->set_data(std::string(16 << 20, 'x'));
  EXPECT_FALSE(stream.Write(part));
  EXPECT_EQ(stream.Finish(), absl::UnavailableError("import stalled"));
  holder.join();
  EXPECT_EQ(answers_, std::vector<std::string>{"1"});
}

TEST_F(ImportStreamTest, ACommitThatIsNotAnsweredIsAStall) {
  ClientOptions options = client_.options();
  options.stall_timeout = milliseconds(50);
  Client client(options);
  const std::lock_guard hanging(state_.mutex);
  ImportStream stream(client, {}, note_);
  stream.Write(Commit(1));
  EXPECT_EQ(stream.Finish(), absl::UnavailableError("import stalled"));
}

TEST_F(ImportStreamTest, AnAbandonedStreamEndsWithoutFinish) {
  ImportStream stream(client_, {}, note_);
  EXPECT_TRUE(stream.Write(Commit(1)));
}

}  // namespace
}  // namespace greffe::client
