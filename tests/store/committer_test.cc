// Writes of several projects that wait: one append for all, and each one's mishaps its own.
#include <map>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/ascii.h"
#include "greffe/v1/decisions.pb.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/store/lock_acts.h"
#include "storage/store/packer.h"
#include "storage/store/register_acts.h"
#include "tests/store/committer_fixture.h"

namespace greffe {
namespace {

class CommitterTest : public CommitterFixture {
 protected:
  CommitterTest() : CommitterFixture(1) {}

  // The only committer is busy until `go`; what is written meanwhile waits.
  Answer Hold(std::shared_future<void> go, const std::string& project = "held") {
    std::promise<void> begun;
    std::future<void> has_begun = begun.get_future();
    Answer answer = Write(project, [&begun, go](Transaction& transaction) {
      begun.set_value();
      go.wait();
      return Make(transaction);
    });
    has_begun.wait();
    return answer;
  }
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

TEST_F(CommitterTest, AProjectMayBeCalledAsACollectionIsAndARepeatHoldsNobodyUp) {
  const auto decide = [](Transaction& transaction) {
    v1::Decision decision;
    decision.set_title("Two pumps");
    return AddEntry(transaction, decision, "", "entry").status();
  };
  for (const RecordKind& kind : RecordKinds()) {
    const std::string& project = kind.collection;
    if (!ValidateProjectId(project, "id").ok()) continue;
    ASSERT_TRUE(Write(project, Make).get().ok());
    const auto first = Write(project, decide, 0, false, "ada", "r-1").get();
    ASSERT_TRUE(first.ok()) << first.status();
    std::promise<void> go;
    Answer held = Hold(go.get_future().share(), "held-beside-" + absl::AsciiStrToLower(project));
    // They wait, and so make one group.
    Answer repeated = Write(project, decide, 0, false, "ada", "r-1");
    Answer another = Write(project, decide);
    go.set_value();
    ASSERT_TRUE(held.get().ok());
    const auto other = another.get();
    EXPECT_TRUE(other.ok()) << project << ": " << other.status();
    const auto again = repeated.get();
    ASSERT_TRUE(again.ok()) << project << ": " << again.status();
    EXPECT_TRUE(again->replayed);
    EXPECT_EQ(again->sequence, 2);
  }
}

TEST_F(CommitterTest, AWriteForWhichTheQueueHasNoRoomIsToBeAskedAgain) {
  std::promise<void> go;
  Answer held = Hold(go.get_future().share());
  Answer waits = Write("apollo", Make, options_.queue_bytes);
  const absl::Status refused = Write("gemini", Make, 1).get().status();
  EXPECT_TRUE(absl::IsResourceExhausted(refused)) << refused;
  EXPECT_EQ(ReasonOf(refused), "SERVER_BUSY") << "which clients ask again";
  EXPECT_EQ(ErrorMetadataOf(refused, "limit"), "store.queue_bytes");
  go.set_value();
  EXPECT_TRUE(held.get().ok());
  EXPECT_TRUE(waits.get().ok());
  EXPECT_TRUE(Write("gemini", Make, 1).get().ok());
}

TEST_F(CommitterTest, WhatChangedNothingIsNotDoneAgainBehindAChangeInItsGroup) {
  ASSERT_TRUE(Write("apollo", Make).get().ok());
  const auto entitle = [](const std::string& title) {
    return [title](Transaction& transaction) -> absl::Status {
      GREFFE_ASSIGN_OR_RETURN(const v1::Project* before, transaction.GetProject());
      if (before->title() == title) return absl::OkStatus();
      v1::Project project = *before;
      project.set_title(title);
      transaction.PutProject(std::move(project));
      return absl::OkStatus();
    };
  };
  std::promise<void> go;
  Answer held = Hold(go.get_future().share());
  Answer first = Write("apollo", entitle("Project"), 0, false, "ada", "r-1");
  Answer change = Write("apollo", entitle("Apollo"));
  Answer again = Write("apollo", entitle("Project"), 0, false, "ada", "r-1");
  go.set_value();
  EXPECT_TRUE(held.get().ok());
  EXPECT_EQ(first.get()->sequence, 0);
  EXPECT_EQ(change.get()->sequence, 2);
  for (int i = 0; i < 2; ++i) {
    const auto repeated = again.get();
    ASSERT_TRUE(repeated.ok()) << repeated.status();
    EXPECT_TRUE(repeated->replayed);
    EXPECT_EQ(repeated->sequence, 0);
    EXPECT_EQ(repeated->seen_sequence, 1);
    again = Write("apollo", entitle("Project"), 0, false, "ada", "r-1");  // and in another group
  }
  ASSERT_TRUE(again.get().ok());
  EXPECT_EQ((*index_->FindMark("apollo"))->sequence, 2);
}

TEST_F(CommitterTest, AWriteBehindAnIndexThatDidNotFollowIsToBeAskedAgain) {
  // As it is between an index that failed and the stop of the server.
  CommitGroup group;
  group.repository = "apollo";
  group.refs.push_back({kMainRef, Oid{}, HashObject(ObjectType::kCommit, "a commit"), 1});
  ASSERT_TRUE(journal_->Append(group).ok());
  const absl::Status refused = Write("apollo", Make).get().status();
  EXPECT_TRUE(absl::IsUnavailable(refused)) << refused;
  EXPECT_EQ(ReasonOf(refused), "INDEX_POSITION");
  EXPECT_TRUE(Write("gemini", Make).get().ok());
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

TEST_F(CommitterTest, APackWhoseTrimFailedIsNoForeignWriter) {
  absl::Status foreign;
  Packer packer(
      {std::chrono::milliseconds(0), 1 << 20}, *held_journal_, *objects_,
      [&](const std::string&, const absl::Status& why) { foreign = why; },
      [](const std::string&, const absl::Status& why) { ADD_FAILURE() << why; });
  ASSERT_TRUE(Write("apollo", Make).get().ok());
  held_journal_->FailTrim(absl::ResourceExhaustedError("the disk is full"));
  EXPECT_EQ(packer.Pack("apollo").status().code(), absl::StatusCode::kResourceExhausted);
  const auto rename = [](Transaction& transaction) -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const v1::Project* stored, transaction.GetProject());
    v1::Project project = *stored;
    project.set_title("Apollo");
    transaction.PutProject(std::move(project));
    return absl::OkStatus();
  };
  ASSERT_TRUE(Write("apollo", rename).get().ok());
  const auto packed = packer.Pack("apollo");
  ASSERT_TRUE(packed.ok()) << packed.status();
  EXPECT_EQ(*packed, 2);
  EXPECT_TRUE(foreign.ok()) << foreign;
  EXPECT_EQ(journal_->Stats("apollo").unpacked_commits, 0);
  const auto repository = objects_->Repository("apollo");
  ASSERT_TRUE(repository.ok()) << repository.status();
  EXPECT_EQ((*repository)->ReadRef(kMainRef)->value(), (*journal_->ReadHead("apollo", kMainRef))->target);
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
  const auto lock = [](Transaction& transaction) { return LockDocument(transaction, "REC-0001", "mine", 3600, ""); };
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
  EXPECT_EQ(Appends(), 3U) << "of what held the others up, of the two small ones, of the large one";
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
    const Micros later = timeline_.Next(0);  // as of a commit that is faster
    timeline_.Settle(later, later);
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
