// Writes of several projects that wait: one append for all, and each one's mishaps its own.
#include "storage/store/committer.h"

#include <gtest/gtest.h>

#include <future>
#include <map>
#include <memory>
#include <string>

#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/record_layout.h"
#include "storage/git/repository.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/content_seals.h"
#include "storage/store/document_acts.h"
#include "storage/store/lock_acts.h"
#include "storage/store/uploads.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

using Answer = std::future<absl::StatusOr<WriteResult>>;

class CommitterTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InitializeGit().ok());
    const std::string path = directory_.path();
    RocksDbJournalOptions journal_options;
    journal_options.directory = path + "/journal";
    auto journal = OpenRocksDbJournal(journal_options);
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
    auto index = Index::Open({.directory = path + "/index"});
    ASSERT_TRUE(index.ok()) << index.status();
    index_ = *std::move(index);
    objects_ = std::make_unique<ObjectSource>(path + "/repositories", *journal_, 8);
    UploadOptions upload_options;
    upload_options.directory = path + "/uploads";
    uploads_ = std::make_unique<Uploads>(upload_options, *journal_, clock_, seals_,
                                         [](std::string_view, const BlobHasher::Result&) { return absl::OkStatus(); });
    options_.directory = path;
    options_.committers = 1;
    options_.reserve_bytes = 0;
    committer_ = std::make_unique<Committer>(
        options_, WriteParts{*journal_, *index_, *objects_, *uploads_, timeline_, locks_, reservations_}, notifier_,
        [this](const absl::Status& why) { fatal_ = why; });
  }

  Answer Write(const std::string& project, std::function<absl::Status(Transaction&)> act, std::int64_t bytes = 0,
               bool bulk = false, const std::string& principal = "ada") {
    auto promise = std::make_shared<std::promise<absl::StatusOr<WriteResult>>>();
    WriteRequest request;
    request.project = project;
    request.principal.set_id(principal);
    request.bytes = bytes;
    request.bulk = bulk;
    request.act = std::move(act);
    Answer answer = promise->get_future();
    committer_->Write(std::move(request),
                      [promise](const absl::StatusOr<WriteResult>& result) { promise->set_value(result); });
    return answer;
  }
  static absl::Status Make(Transaction& transaction) {
    v1::Project project;
    project.set_title("Project");
    return CreateProject(transaction, project);
  }
  // The only committer is busy until `go`; what is written meanwhile waits.
  Answer Hold(std::shared_future<void> go) {
    std::promise<void> begun;
    std::future<void> has_begun = begun.get_future();
    Answer answer = Write("held", [&begun, go](Transaction& transaction) {
      begun.set_value();
      go.wait();
      return Make(transaction);
    });
    has_begun.wait();
    return answer;
  }
  // Of the journal's appends so far.
  std::uint64_t Appends() { return journal_->WaitForAppend(0, std::chrono::milliseconds(0)); }

  TemporaryDirectory directory_;
  SystemClock clock_;
  StoreOptions options_;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<Index> index_;
  std::unique_ptr<ObjectSource> objects_;
  ContentSeals seals_;
  std::unique_ptr<Uploads> uploads_;
  Timeline timeline_{clock_};
  Notifier notifier_;
  LockTable locks_;
  NumberReservations reservations_;
  absl::Status fatal_;
  std::unique_ptr<Committer> committer_;
};

TEST_F(CommitterTest, ProjectsThatWaitShareAnAppend) {
  std::promise<void> go;
  Answer held = Hold(go.get_future().share());
  std::map<std::string, Answer> answers;
  for (const char* project : {"apollo", "gemini", "mercury"}) answers[project] = Write(project, Make);
  go.set_value();
  ASSERT_TRUE(held.get().ok());
  for (auto& [project, answer] : answers) {
    const absl::StatusOr<WriteResult> result = answer.get();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->sequence, 1);
    EXPECT_EQ((*journal_->ReadHead(project, kMainRef))->sequence, 1);
    EXPECT_EQ((*index_->FindMark(project))->sequence, 1);
  }
  EXPECT_EQ(Appends(), 2U) << "of what held the others up, and of them";
}

TEST_F(CommitterTest, AMishapOfOneProjectIsNoneOfTheOthers) {
  std::promise<void> go;
  Answer held = Hold(go.get_future().share());
  Answer before = Write("apollo", Make);
  // Somebody else moves the head of "gemini" between the look at it and the append.
  Answer raced = Write("gemini", [this](Transaction& transaction) {
    CommitGroup group;
    group.repository = "gemini";
    JournalCommit commit;
    commit.sequence = 1;
    commit.record_time = 1;
    commit.commit = HashObject(ObjectType::kCommit, "another one");
    commit.objects.push_back({commit.commit, {ObjectType::kCommit, "another one"}, {}});
    group.refs = {{kMainRef, {}, commit.commit, 1}};
    group.commits = {std::move(commit)};
    GREFFE_RETURN_IF_ERROR(journal_->Append(group));
    return Make(transaction);
  });
  Answer refused = Write("mercury", [](Transaction&) { return absl::NotFoundError("no such thing"); });
  Answer after = Write("vostok", Make);
  go.set_value();
  ASSERT_TRUE(held.get().ok());
  EXPECT_TRUE(before.get().ok());
  EXPECT_EQ(ReasonOf(raced.get().status()), "REF_MOVED");
  EXPECT_EQ(refused.get().status().code(), absl::StatusCode::kNotFound);
  EXPECT_TRUE(after.get().ok());
  EXPECT_EQ((*index_->FindMark("apollo"))->sequence, 1);
  EXPECT_EQ((*index_->FindMark("vostok"))->sequence, 1);
  EXPECT_EQ(*index_->FindMark("gemini"), std::nullopt);
  EXPECT_TRUE(fatal_.ok()) << fatal_;
}

TEST_F(CommitterTest, OfTwoWhoAskForALockInOneGroupOneGetsIt) {
  std::promise<void> go;
  Answer held = Hold(go.get_future().share());
  Answer made = Write("apollo", [](Transaction& transaction) -> absl::Status {
    GREFFE_RETURN_IF_ERROR(Make(transaction));
    v1::Document document;
    document.set_path("a.md");
    return CreateDocument(transaction, document, "REC-0001", "ada", "document", "id").status();
  });
  const auto lock = [](Transaction& transaction) {
    return LockDocument(transaction, "REC-0001", "mine", 3600, "").status();
  };
  Answer first = Write("apollo", lock, 0, false, "ada");
  Answer second = Write("apollo", lock, 0, false, "bob");
  go.set_value();
  ASSERT_TRUE(held.get().ok());
  ASSERT_TRUE(made.get().ok());
  EXPECT_TRUE(first.get().ok());
  EXPECT_EQ(ReasonOf(second.get().status()), "DOCUMENT_LOCKED");
  EXPECT_EQ(locks_.Find("apollo", "REC-0001")->holder(), "ada");
  EXPECT_EQ(Appends(), 2U) << "they were one group";
}

TEST_F(CommitterTest, WhatIsLargeSharesWithNobody) {
  std::promise<void> go;
  Answer held = Hold(go.get_future().share());
  Answer small = Write("apollo", Make);
  Answer large = Write("gemini", Make, 1 << 20);
  Answer other = Write("mercury", Make);
  go.set_value();
  ASSERT_TRUE(held.get().ok());
  EXPECT_TRUE(small.get().ok());
  EXPECT_TRUE(large.get().ok());
  EXPECT_TRUE(other.get().ok());
  EXPECT_EQ(Appends(), 4U);
}

TEST_F(CommitterTest, WhatIsLargeBehindSomethingSmallGoesAloneToo) {
  std::promise<void> go;
  Answer held = Hold(go.get_future().share());
  const auto touch = [](Transaction& transaction) {
    v1::Project project;
    project.set_title("Another");
    return UpdateProject(transaction, project, {"title"});
  };
  std::vector<Answer> answers;
  answers.push_back(Write("apollo", Make));
  answers.push_back(Write("gemini", Make));
  answers.push_back(Write("gemini", touch, 1 << 20));
  answers.push_back(Write("mercury", Make));
  answers.push_back(Write("vostok", Make, 0, true));
  go.set_value();
  ASSERT_TRUE(held.get().ok());
  for (Answer& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(Appends(), 4U) << "of what held the others up, of the three small ones, of the bulk and of the large one";
}

TEST_F(CommitterTest, WhatIsRefusedIsNotUnderWayWhileTheOthersAreAppended) {
  std::promise<void> go;
  Answer held = Hold(go.get_future().share());
  Micros settled = 0;
  Answer refused = Write("apollo", [](Transaction&) { return absl::NotFoundError("no such thing"); });
  Answer other = Write("gemini", [&](Transaction& transaction) {
    settled = timeline_.Settled();
    return Make(transaction);
  });
  Answer last = Write("mercury", Make);
  go.set_value();
  ASSERT_TRUE(held.get().ok());
  EXPECT_FALSE(refused.get().ok());
  const absl::StatusOr<WriteResult> made = other.get();
  ASSERT_TRUE(made.ok()) << made.status();
  ASSERT_TRUE(last.get().ok());
  EXPECT_EQ(settled, ToMicros(made->project->create_time()) - 1) << "its own time alone is under way";
}

TEST_F(CommitterTest, WhatWaitsAtACloseIsStillWritten) {
  std::promise<void> go;
  Answer held = Hold(go.get_future().share());
  std::vector<Answer> answers;
  for (int i = 0; i < 20; ++i) answers.push_back(Write("project-" + std::to_string(i), Make));
  std::thread closing([this] { committer_->Close(); });
  go.set_value();
  closing.join();
  EXPECT_TRUE(held.get().ok());
  for (Answer& answer : answers) EXPECT_TRUE(answer.get().ok());
  EXPECT_EQ(ReasonOf(Write("late", Make).get().status()), "SHUTTING_DOWN");
}

}  // namespace
}  // namespace greffe
