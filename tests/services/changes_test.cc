#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <future>
#include <limits>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "storage/store/document_acts.h"
#include "tests/scenario/fake_clock.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class ChangesTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
  }
};

// Whatever becomes of the test, the write that it holds up goes on and is done before what it uses is gone.
class Ending {
 public:
  Ending(std::promise<void>& go_on, std::promise<void>& done) : go_on_(go_on), done_(done) {}
  Ending(const Ending&) = delete;
  Ending& operator=(const Ending&) = delete;
  ~Ending() {
    GoOn();
    done_.get_future().wait();
  }
  void GoOn() {
    if (!std::exchange(gone_, true)) go_on_.set_value();
  }

 private:
  std::promise<void>& go_on_;
  std::promise<void>& done_;
  bool gone_ = false;
};

TEST_F(ChangesTest, AWatcherSeesWhatWasAndWhatComesAndResumes) {
  CheckIn(NewAt("a.md", "1"));
  std::string cursor;
  {
    grpc::ClientContext context;
    v1::WatchChangesRequest request;
    request.set_parent("projects/apollo");
    const auto stream = changes_->WatchChanges(&context, request);
    v1::WatchChangesResponse response;
    for (std::int64_t sequence : {1, 2}) {
      ASSERT_TRUE(stream->Read(&response));
      EXPECT_EQ(response.change().sequence(), sequence);
    }
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_FALSE(response.has_change()) << "it has caught up";
    CheckIn(Next("SPC-0001", "2"));
    ASSERT_TRUE(stream->Read(&response));
    EXPECT_EQ(response.change().sequence(), 3);
    EXPECT_EQ(response.change().entries(0).kind(), v1::CHANGE_KIND_CHECKED_IN);
    cursor = response.cursor();
    context.TryCancel();
    while (stream->Read(&response)) {
    }
    EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  }
  CheckIn(Next("SPC-0001", "3"));
  grpc::ClientContext context;
  v1::WatchChangesRequest request;
  request.set_parent("projects/apollo");
  request.set_cursor(cursor);
  request.set_stop_at_end(true);
  const auto stream = changes_->WatchChanges(&context, request);
  v1::WatchChangesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.change().sequence(), 4);
  while (stream->Read(&response)) EXPECT_FALSE(response.has_change());
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ChangesTest, AllProjectsAreWatchedInOneStream) {
  MakeProject("zeus");
  grpc::ClientContext context;
  v1::WatchChangesRequest request;
  request.set_parent("projects/-");
  request.set_from_now(true);
  const auto stream = changes_->WatchChanges(&context, request);
  v1::WatchChangesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_FALSE(response.has_change());
  CheckIn(NewAt("a.md", "1"));
  do {
    ASSERT_TRUE(stream->Read(&response));
  } while (!response.has_change());
  EXPECT_EQ(response.change().project(), "projects/apollo");
  EXPECT_EQ(response.change().sequence(), 2);
  context.TryCancel();
}

// What is acknowledged waits there for what began before it, in whatever project.
TEST_F(ChangesTest, AStreamOverAllProjectsEndsBehindWhatWasAcknowledgedBeforeItBegan) {
  MakeProject("gemini");
  std::promise<void> began;
  std::promise<void> go_on;
  WriteRequest slow;
  slow.project = "gemini";
  slow.bulk = true;
  slow.act = [&](Transaction& transaction) -> absl::Status {
    began.set_value();
    go_on.get_future().wait();
    v1::Document document;
    document.set_path("slow.md");
    return CreateDocument(transaction, document, "", "ada", "document", "id").status();
  };
  std::promise<void> done;
  server_->store().Write(std::move(slow), [&](const absl::StatusOr<WriteResult>&) { done.set_value(); });
  Ending ending(go_on, done);
  began.get_future().wait();
  CheckIn(NewAt("a.md", "1"));
  ASSERT_TRUE(status_.ok()) << status_.error_message();

  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  v1::WatchChangesRequest request;
  request.set_parent("projects/-");
  request.set_stop_at_end(true);
  const auto stream = changes_->WatchChanges(&context, request);
  v1::WatchChangesResponse response;
  do {
    ASSERT_TRUE(stream->Read(&response));
  } while (response.has_change());
  ending.GoOn();
  std::vector<std::string> after;
  while (stream->Read(&response)) {
    if (response.has_change()) after.push_back(response.change().project());
  }
  status_ = stream->Finish();
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_THAT(after, testing::ElementsAre("projects/gemini", "projects/apollo"));
}

TEST_F(ChangesTest, TheStreamOverAllProjectsGoesOnBehindADamagedOne) {
  MakeProject("gemini");
  for (int i = 0; i < 3; ++i) {
    v1::CheckInRequest request = NewAt("n" + std::to_string(i) + ".md", "x");
    request.set_parent("projects/gemini");
    CheckIn(request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  MakeProject("zeus");
  Stop();
  std::ofstream(directory_.path() + "/data/repositories/gemini.git/refs/heads/main", std::ios::trunc);
  Start();
  v1::WatchChangesRequest request;
  request.set_parent("projects/-");
  request.set_stop_at_end(true);
  std::string told;
  std::string cursor;
  {
    grpc::ClientContext context;
    const auto stream = changes_->WatchChanges(&context, request);
    v1::WatchChangesResponse response;
    while (stream->Read(&response)) {
      if (response.has_change()) told += response.change().project() + " ";
      if (response.damaged_project().empty()) continue;
      told += "damaged:" + response.damaged_project() + " ";
      cursor = response.cursor();
    }
    status_ = stream->Finish();
  }
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(told, "projects/apollo damaged:projects/gemini projects/zeus ");
  // A cursor from there goes on there.
  request.set_cursor(cursor);
  grpc::ClientContext context;
  const auto stream = changes_->WatchChanges(&context, request);
  v1::WatchChangesResponse response;
  told.clear();
  while (stream->Read(&response)) {
    if (response.has_change()) told += response.change().project() + " ";
  }
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(told, "projects/zeus ");
}

// A reader that does not read costs nobody anything: writers go on, and it gets all in the end.
TEST_F(ChangesTest, ASlowReaderNeitherBlocksWritersNorMissesAnything) {
  grpc::ClientContext context;
  v1::WatchChangesRequest request;
  request.set_parent("projects/apollo");
  const auto stream = changes_->WatchChanges(&context, request);
  CheckIn(NewAt("a.md", "0"));
  constexpr int kVersions = 600;
  for (int i = 1; i < kVersions; ++i) {
    CheckIn(Next("SPC-0001", std::to_string(i)));
    ASSERT_TRUE(status_.ok());
  }
  std::int64_t last = 0;
  v1::WatchChangesResponse response;
  while (last < kVersions + 1 && stream->Read(&response)) {
    if (!response.has_change()) continue;
    EXPECT_EQ(response.change().sequence(), last + 1);
    last = response.change().sequence();
  }
  EXPECT_EQ(last, kVersions + 1);
  context.TryCancel();
}

TEST_F(ChangesTest, AStopEndsWatchersAtOnce) {
  grpc::ClientContext context;
  v1::WatchChangesRequest request;
  request.set_parent("projects/apollo");
  const auto stream = changes_->WatchChanges(&context, request);
  v1::WatchChangesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  ASSERT_TRUE(stream->Read(&response));
  server_->RequestStop();
  while (stream->Read(&response)) {
  }
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ChangesTest, StrangePositionsAreRefused) {
  const auto watch = [&](auto set) {
    grpc::ClientContext context;
    v1::WatchChangesRequest request;
    request.set_parent("projects/apollo");
    set(request);
    const auto stream = changes_->WatchChanges(&context, request);
    v1::WatchChangesResponse response;
    EXPECT_FALSE(stream->Read(&response));
    status_ = stream->Finish();
    return Reason();
  };
  EXPECT_EQ(watch([](auto& request) { request.set_cursor("x"); }), "CURSOR_INVALID");
  EXPECT_EQ(watch([](auto& request) { request.set_after_sequence(99); }), "SEQUENCE_UNKNOWN");
  EXPECT_EQ(watch([](auto& request) { request.set_parent("projects/none"); }), "PROJECT_NOT_FOUND");
  v1::ListChangesRequest list;
  list.set_parent("projects/apollo");
  list.set_after_sequence(std::numeric_limits<std::int64_t>::max());
  EXPECT_EQ(Call(*changes_, &v1::Changes::Stub::ListChanges, list).changes_size(), 0) << "there are none yet";
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

// What a client does that has seen more than the server now has: it is told, and misses nothing silently.
class RestoredChangesTest : public ServiceFixture {
 protected:
  // The cursor after all that is there now.
  std::string CursorOf(const std::string& parent) {
    grpc::ClientContext context;
    v1::WatchChangesRequest request;
    request.set_parent(parent);
    request.set_stop_at_end(true);
    const auto stream = changes_->WatchChanges(&context, request);
    v1::WatchChangesResponse response;
    std::string cursor;
    while (stream->Read(&response)) cursor = response.cursor();
    EXPECT_TRUE(stream->Finish().ok());
    return cursor;
  }

  // The sequences of the changes after a cursor, up to the end; `status_` has how it went.
  std::vector<std::int64_t> After(const std::string& parent, const std::string& cursor) {
    grpc::ClientContext context;
    v1::WatchChangesRequest request;
    request.set_parent(parent);
    request.set_cursor(cursor);
    request.set_stop_at_end(true);
    const auto stream = changes_->WatchChanges(&context, request);
    v1::WatchChangesResponse response;
    std::vector<std::int64_t> sequences;
    while (stream->Read(&response)) {
      if (response.has_change()) sequences.push_back(response.change().sequence());
    }
    status_ = stream->Finish();
    return sequences;
  }

  // Takes the data back to how they were when `Keep` was called.
  void Keep() {
    Stop();
    std::filesystem::copy(directory_.path() + "/data", directory_.path() + "/kept",
                          std::filesystem::copy_options::recursive);
    Start();
  }
  void TakeBack() {
    Stop();
    std::filesystem::remove_all(directory_.path() + "/data");
    std::filesystem::rename(directory_.path() + "/kept", directory_.path() + "/data");
    Start();
  }
};

TEST_F(RestoredChangesTest, ACursorFromBeyondTheEndOfAProjectIsTold) {
  MakeProject();
  CheckIn(NewAt("a.md", "1"));
  const std::string former = CursorOf(kProject);
  Keep();
  CheckIn(Next("SPC-0001", "2"));
  CheckIn(Next("SPC-0001", "3"));
  const std::string lost = CursorOf(kProject);
  TakeBack();
  EXPECT_THAT(After(kProject, former), testing::IsEmpty());
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  CheckIn(Next("SPC-0001", "4"));
  EXPECT_THAT(After(kProject, lost), testing::IsEmpty());
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(Reason(), "SEQUENCE_UNKNOWN");
  EXPECT_EQ(Metadata("sequence"), "3");
  EXPECT_THAT(After(kProject, former), testing::ElementsAre(3));
}

TEST_F(RestoredChangesTest, ACursorOfAllProjectsAfterAChangeThatIsGoneIsTold) {
  MakeProject();
  CheckIn(NewAt("a.md", "1"));
  const std::string former = CursorOf("projects/-");
  Keep();
  CheckIn(Next("SPC-0001", "2"));
  const std::string lost = CursorOf("projects/-");
  TakeBack();
  CheckIn(Next("SPC-0001", "3"));
  EXPECT_THAT(After("projects/-", lost), testing::IsEmpty());
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::OUT_OF_RANGE);
  EXPECT_EQ(Reason(), "SEQUENCE_UNKNOWN");
  EXPECT_THAT(After("projects/-", former), testing::ElementsAre(3));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

// Such as one from before cursors told of the change that they come after, given when nothing was under way any more.
TEST_F(RestoredChangesTest, ACursorOfAllProjectsFromTheFutureMissesNothing) {
  MakeProject();
  const std::string future = "t:" + std::to_string(SystemClock().Now() + kMicrosPerDay);
  EXPECT_THAT(After("projects/-", future), testing::IsEmpty());
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::WatchChangesRequest request;
  request.set_parent("projects/-");
  request.set_cursor(future);
  const auto stream = changes_->WatchChanges(&context, request);
  v1::WatchChangesResponse response;
  ASSERT_TRUE(stream->Read(&response));
  CheckIn(NewAt("a.md", "1"));
  while (!response.has_change()) ASSERT_TRUE(stream->Read(&response));
  EXPECT_EQ(response.change().sequence(), 2);
  context.TryCancel();
}

// Such as that of a machine which starts without one.
TEST_F(RestoredChangesTest, ACursorThatWasGivenWhileTheClockWasAheadSkipsNothingAfterARestart) {
  constexpr Micros kHour = kMicrosPerDay / 24;
  FakeClock clock(SystemClock().Now());
  Stop();
  clock_ = &clock;
  Start();
  MakeProject();
  CheckIn(NewAt("a.md", "1"));
  const std::string before = CursorOf("projects/-");
  const std::string newest = before.substr(before.rfind(':'));
  clock.Jump(kHour);
  v1::LockDocumentRequest lock;
  lock.set_name(kSpecification);
  Call(*locks_, &v1::Locks::Stub::LockDocument, lock);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  const std::string given = CursorOf("projects/-");
  const std::string once_given = "t:" + std::to_string(clock.Now()) + newest;
  Stop();
  clock.Jump(-kHour);
  Start();
  CheckIn(Next("SPC-0001", "2"));
  CheckIn(Next("SPC-0001", "3"));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  for (const std::string& cursor : {given, once_given}) {
    EXPECT_THAT(After("projects/-", cursor), testing::ElementsAre(3, 4)) << cursor;
    EXPECT_TRUE(status_.ok()) << status_.error_message();
  }
  Stop();
}

// As copies of projects of other servers may have them.
TEST_F(RestoredChangesTest, OfChangesOfOneTimeNoneIsSkippedAfterAnyCursor) {
  const FakeClock standing(SystemClock().Now());
  Stop();
  clock_ = &standing;
  for (const std::string project : {"zeus", "apollo"}) {
    std::filesystem::remove_all(directory_.path() + "/data");
    Start();
    MakeProject(project);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    if (project == "apollo") CheckIn(NewAt("a.md", "1"));
    Stop();
    const std::string repository = "/repositories/" + project + ".git";
    if (project == "zeus") {
      std::filesystem::rename(directory_.path() + "/data" + repository, directory_.path() + "/zeus.git");
    } else {
      std::filesystem::rename(directory_.path() + "/zeus.git", directory_.path() + "/data/repositories/zeus.git");
    }
  }
  clock_ = nullptr;
  Start();
  const auto watch = [this](const std::string& cursor) {
    grpc::ClientContext context;
    v1::WatchChangesRequest request;
    request.set_parent("projects/-");
    request.set_cursor(cursor);
    if (cursor.empty()) request.clear_cursor();
    request.set_stop_at_end(true);
    const auto stream = changes_->WatchChanges(&context, request);
    std::vector<v1::WatchChangesResponse> responses;
    v1::WatchChangesResponse response;
    while (stream->Read(&response)) {
      if (response.has_change()) responses.push_back(response);
    }
    status_ = stream->Finish();
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    return responses;
  };
  const auto all = watch("");
  ASSERT_EQ(all.size(), 3U);
  ASSERT_EQ(all[0].change().record_time().seconds(), all[1].change().record_time().seconds());
  ASSERT_EQ(all[0].change().record_time().nanos(), all[1].change().record_time().nanos());
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::set<std::string> rest;
    for (const auto& response : watch(all[i].cursor())) rest.insert(response.change().commit());
    for (std::size_t j = i + 1; j < all.size(); ++j)
      EXPECT_TRUE(rest.contains(all[j].change().commit())) << i << " " << j;
  }
  EXPECT_EQ(watch(all[1].cursor()).size(), 1U);
  EXPECT_TRUE(watch(all[2].cursor()).empty());
}

}  // namespace
}  // namespace greffe
