// Writes that come alone: the thread that brings one does it.
#include <chrono>
#include <functional>
#include <future>
#include <thread>

#include "tests/store/committer_fixture.h"

namespace greffe {
namespace {

class WritesByCallerTest : public CommitterFixture {
 protected:
  WritesByCallerTest() : CommitterFixture(2) { options_.quick_append = std::chrono::hours(1); }

  void SetUp() override {
    CommitterFixture::SetUp();
    for (const char* project : {"apollo", "gemini"}) {
      ASSERT_TRUE(Write(project, Make).get().ok()) << "how long an append takes is known, and the trees are at hand";
    }
  }

  static absl::Status Register(Transaction& transaction) {
    v1::Document document;
    document.set_title("Document");
    return CreateDocument(transaction, document, "", "ada", "document", "id").status();
  }

  // Whether the calling thread did `act`.
  bool DoesItself(const std::string& project, std::int64_t bytes = 0, bool bulk = false,
                  const std::function<absl::Status(Transaction&)>& act = Register) {
    std::thread::id by;
    Answer answer = Write(
        project,
        [&by, &act](Transaction& transaction) {
          by = std::this_thread::get_id();
          return act(transaction);
        },
        bytes, bulk);
    const auto result = answer.get();
    EXPECT_TRUE(result.ok()) << result.status();
    return by == std::this_thread::get_id();
  }
};

TEST_F(WritesByCallerTest, ASmallOneThatComesAloneIsDoneByWhoBringsIt) {
  EXPECT_TRUE(DoesItself("apollo"));
  EXPECT_TRUE(DoesItself("gemini"));
  EXPECT_FALSE(DoesItself("apollo", 1 << 20));
  EXPECT_FALSE(DoesItself("apollo", 0, true));
  by_caller_ = false;
  EXPECT_FALSE(DoesItself("apollo")) << "others wait for the thread";
}

TEST_F(WritesByCallerTest, OneThatMayHaveToOpenARepositoryIsNot) {
  EXPECT_FALSE(DoesItself("mercury", 0, false, Make)) << "nothing tells that it is new";
  EXPECT_TRUE(DoesItself("mercury"));
}

TEST_F(WritesByCallerTest, OneThatComesBesideAnotherReturnsAtOnce) {
  held_journal_->Hold("apollo");
  std::future<bool> alone = std::async(std::launch::async, [this] { return DoesItself("apollo"); });
  held_journal_->AwaitHeld();
  Answer beside = Write("gemini", Register);
  EXPECT_TRUE(beside.get().ok()) << "while the other one waits for the disk";
  Answer behind = Write("apollo", Make);
  EXPECT_EQ(behind.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  held_journal_->Release();
  EXPECT_TRUE(alone.get());
  EXPECT_EQ(behind.get().status().code(), absl::StatusCode::kAlreadyExists);
}

// A caller of Write that is a callback of gRPC's must not stand for long.
TEST_F(WritesByCallerTest, WhatIsWrittenFromAnAnswerDoesNotNest) {
  std::promise<std::thread::id> nested;
  std::promise<void> returned;
  std::shared_future<void> has_returned = returned.get_future().share();
  WriteAndTell("apollo", Register, [&](const absl::StatusOr<WriteResult>& result) {
    EXPECT_TRUE(result.ok()) << result.status();
    WriteAndTell(
        "gemini",
        [&nested, has_returned](Transaction& transaction) {
          has_returned.wait();
          nested.set_value(std::this_thread::get_id());
          return Register(transaction);
        },
        [](const absl::StatusOr<WriteResult>& made) { EXPECT_TRUE(made.ok()) << made.status(); });
  });
  returned.set_value();
  EXPECT_NE(nested.get_future().get(), std::this_thread::get_id());
  committer_->Close();
}

TEST_F(WritesByCallerTest, AClosingCommitterAnswersWhatCameBehindOneThatItsCallerDoes) {
  held_journal_->Hold("apollo");
  std::future<bool> alone = std::async(std::launch::async, [this] { return DoesItself("apollo"); });
  held_journal_->AwaitHeld();
  Answer behind = Write("apollo", [](Transaction&) { return absl::OkStatus(); });
  std::future<void> closed = std::async(std::launch::async, [this] { committer_->Close(); });
  while (committer_->Writable().ok()) std::this_thread::yield();
  EXPECT_EQ(closed.wait_for(std::chrono::seconds(0)), std::future_status::timeout);
  held_journal_->Release();
  EXPECT_TRUE(alone.get());
  EXPECT_TRUE(behind.get().ok());
  closed.get();
  EXPECT_FALSE(Write("gemini", Make).get().ok());
}

class SlowDiskTest : public WritesByCallerTest {
 protected:
  SlowDiskTest() { options_.quick_append = std::chrono::microseconds(1); }
};

TEST_F(SlowDiskTest, NobodyWhoBringsAWriteWaitsForASlowDisk) { EXPECT_FALSE(DoesItself("apollo")); }

}  // namespace
}  // namespace greffe
