// A project's next group is built while its last one is appended: it sees what that one did, and falls with it.
#include <atomic>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/store/lock_acts.h"
#include "storage/store/milestone_acts.h"
#include "tests/store/committer_fixture.h"

namespace greffe {
namespace {

std::function<absl::Status(Transaction&)> MakeDocument(const std::string& number) {
  return [number](Transaction& transaction) {
    v1::Document document;
    document.set_path(number + ".md");
    return CreateDocument(transaction, document, number, "ada", "document", "id").status();
  };
}

bool IsAnswered(const Answer& answer) { return answer.wait_for(std::chrono::seconds(0)) == std::future_status::ready; }

class CommitterPipelineTest : public CommitterFixture {
 protected:
  CommitterPipelineTest() : CommitterFixture(4) {}

  void SetUp() override {
    CommitterFixture::SetUp();
    ASSERT_TRUE(Write("apollo", Make).get().ok());
  }

  // A write that is built and waits for its append until Release.
  Answer Hold(std::function<absl::Status(Transaction&)> act, const std::string& request_id = "", bool bulk = false) {
    held_journal_->Hold("apollo");
    Answer answer = Write("apollo", std::move(act), 0, bulk, "ada", request_id);
    held_journal_->AwaitHeld();
    return answer;
  }
  // A write whose act has been called.
  Answer WriteAndAwaitAct(std::function<absl::Status(Transaction&)> act, const std::string& principal = "ada") {
    auto called = std::make_shared<std::promise<void>>();
    std::future<void> is_called = called->get_future();
    Answer answer = Write(
        "apollo",
        [called, act = std::move(act)](Transaction& transaction) {
          const absl::Status acted = act(transaction);
          called->set_value();
          return acted;
        },
        0, false, principal);
    is_called.wait();
    return answer;
  }
  absl::StatusOr<StagedContent> Upload(const std::string& text) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Upload upload,
                            uploads_->Create("apollo", static_cast<std::int64_t>(text.size()), "", ""));
    const std::string id = LastSegment(upload.name());
    {
      GREFFE_ASSIGN_OR_RETURN(const auto writer, uploads_->OpenWriter("apollo", id));
      GREFFE_RETURN_IF_ERROR(writer->Append(0, text, Crc32c(text)));
      GREFFE_RETURN_IF_ERROR(writer->Finish().status());
    }
    return uploads_->Take("apollo", id);
  }
  std::int64_t SequenceOf(const std::string& project) { return (*journal_->ReadHead(project, kMainRef))->sequence; }
};

TEST_F(CommitterPipelineTest, TheNextGroupSeesWhatIsBeingAppended) {
  Answer first = Hold(MakeDocument("REC-0001"));
  bool found = false;
  Answer second = WriteAndAwaitAct([&found](Transaction& transaction) {
    found = *transaction.HasDocument("REC-0001");
    return MakeDocument("REC-0002")(transaction);
  });
  EXPECT_TRUE(found);
  EXPECT_FALSE(IsAnswered(first));
  EXPECT_FALSE(IsAnswered(second));
  EXPECT_EQ(SequenceOf("apollo"), 1);
  held_journal_->Release();
  EXPECT_EQ(first.get()->sequence, 2);
  EXPECT_EQ(second.get()->sequence, 3);
  EXPECT_EQ(SequenceOf("apollo"), 3);
  EXPECT_EQ((*index_->FindMark("apollo"))->sequence, 3);
}

TEST_F(CommitterPipelineTest, WhatIsBuiltOnAWriteThatFailsIsNotWritten) {
  Answer first = Hold(MakeDocument("REC-0001"));
  Answer second = WriteAndAwaitAct(MakeDocument("REC-0002"));
  held_journal_->Release(absl::AbortedError("the head was moved"));
  EXPECT_EQ(first.get().status(), absl::AbortedError("the head was moved"));
  const absl::Status status = second.get().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ReasonOf(status), "WRITE_BEFORE_FAILED");
  // Neither is there, and the next one stands on what is.
  Answer third = Write("apollo", [](Transaction& transaction) {
    EXPECT_FALSE(*transaction.HasDocument("REC-0001"));
    return MakeDocument("REC-0002")(transaction);
  });
  const absl::StatusOr<WriteResult> written = third.get();
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_EQ(written->sequence, 2);
  EXPECT_EQ((*index_->FindMark("apollo"))->sequence, 2);
  EXPECT_EQ((*index_->FindMark("apollo"))->commit, (*journal_->ReadHead("apollo", kMainRef))->target);
  EXPECT_TRUE(fatal_.ok()) << fatal_;
}

TEST_F(CommitterPipelineTest, AFullDiskIsToldToThoseBehindToo) {
  Answer first = Hold(MakeDocument("REC-0001"));
  Answer second = WriteAndAwaitAct(MakeDocument("REC-0002"));
  held_journal_->Release(Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no room"));
  EXPECT_EQ(ReasonOf(first.get().status()), "DISK_FULL");
  EXPECT_EQ(ReasonOf(second.get().status()), "DISK_FULL");
}

TEST_F(CommitterPipelineTest, ARefusalIsNotToldBeforeWhatItRestsOnIsDurable) {
  Answer first = Hold(MakeDocument("REC-0001"));
  Answer refused = WriteAndAwaitAct(MakeDocument("REC-0001"));
  EXPECT_FALSE(IsAnswered(refused));
  held_journal_->Release();
  ASSERT_TRUE(first.get().ok());
  EXPECT_EQ(refused.get().status().code(), absl::StatusCode::kAlreadyExists);
}

TEST_F(CommitterPipelineTest, ARefusalThatRestsOnAWriteThatFailsIsNotTold) {
  Answer first = Hold(MakeDocument("REC-0001"));
  Answer refused = WriteAndAwaitAct(MakeDocument("REC-0001"));
  held_journal_->Release(absl::AbortedError("the head was moved"));
  EXPECT_FALSE(first.get().ok());
  EXPECT_EQ(ReasonOf(refused.get().status()), "WRITE_BEFORE_FAILED");
}

TEST_F(CommitterPipelineTest, ARequestThatIsRepeatedMeanwhileIsDoneOnce) {
  Answer first = Hold(MakeDocument("REC-0001"), "once");
  Answer again = Write("apollo", MakeDocument("REC-0001"), 0, false, "ada", "once");
  Answer other = Write("apollo", MakeDocument("REC-0002"));
  EXPECT_FALSE(IsAnswered(again));
  held_journal_->Release();
  EXPECT_EQ(first.get()->sequence, 2);
  const absl::StatusOr<WriteResult> repeated = again.get();
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_TRUE(repeated->replayed);
  EXPECT_EQ(repeated->sequence, 2);
  EXPECT_TRUE(repeated->documents.size() == 1 || repeated->unread == "apollo") << "under way still, or in the index";
  EXPECT_EQ(other.get()->sequence, 3);
}

TEST_F(CommitterPipelineTest, ALockThatIsBeingAppendedKeepsOthersOut) {
  ASSERT_TRUE(Write("apollo", MakeDocument("REC-0001")).get().ok());
  const auto lock = [](Transaction& transaction) { return LockDocument(transaction, "REC-0001", "mine", 3600, ""); };
  Answer first = Hold(lock);
  Answer second = WriteAndAwaitAct(lock, "bob");
  held_journal_->Release();
  EXPECT_TRUE(first.get().ok());
  EXPECT_EQ(ReasonOf(second.get().status()), "DOCUMENT_LOCKED");
  EXPECT_EQ(locks_.Find("apollo", "REC-0001")->holder(), "ada");
}

TEST_F(CommitterPipelineTest, AnUploadGoesToTheFirstWriteThatNamesIt) {
  for (const char* number : {"REC-0001", "REC-0002", "REC-0003"}) {
    ASSERT_TRUE(Write("apollo", MakeDocument(number)).get().ok());
  }
  ASSERT_TRUE(uploads_->Recover().ok());
  const auto content = Upload("what both name");
  ASSERT_TRUE(content.ok()) << content.status();
  const auto check_in = [content = *content](const std::string& number) {
    return [content, number](Transaction& transaction) {
      CheckInAct act;
      act.number = number;
      act.main_file = content;
      return CheckIn(transaction, std::move(act), "item").status();
    };
  };
  Answer first = Hold(check_in("REC-0001"));
  Answer second = WriteAndAwaitAct(check_in("REC-0002"));
  Answer third = Write("apollo", check_in("REC-0003"));
  held_journal_->Release();
  ASSERT_TRUE(first.get().ok());
  EXPECT_EQ(ReasonOf(second.get().status()), "UPLOAD_NOT_FOUND");
  EXPECT_EQ(ReasonOf(third.get().status()), "UPLOAD_NOT_FOUND");
}

TEST_F(CommitterPipelineTest, AContentWhoseCheckInFailsLeavesItsPlace) {
  ASSERT_TRUE(Write("apollo", MakeDocument("REC-0001")).get().ok());
  ASSERT_TRUE(Write("apollo", MakeDocument("REC-0002")).get().ok());
  ASSERT_TRUE(uploads_->Recover().ok());
  const auto first = Upload("first");
  const auto second = Upload("second");
  ASSERT_TRUE(first.ok() && second.ok());
  const auto check_in = [](const std::string& number, const StagedContent& content) {
    return [=](Transaction& transaction) {
      CheckInAct act;
      act.number = number;
      act.main_file = content;
      return CheckIn(transaction, std::move(act), "item").status();
    };
  };
  const auto is_placed = [this](const std::string& text) {
    const std::string oid = HashObject(ObjectType::kBlob, text).Hex();
    return FileExists(objects_->RepositoryPath("apollo") + "/objects/" + oid.substr(0, 2) + "/" + oid.substr(2));
  };
  Answer failed = Hold(check_in("REC-0001", *first));
  Answer behind = WriteAndAwaitAct(check_in("REC-0002", *second));
  EXPECT_TRUE(is_placed("first"));
  held_journal_->Release(absl::AbortedError("as the test asked for"));
  EXPECT_FALSE(failed.get().ok());
  EXPECT_EQ(ReasonOf(behind.get().status()), "WRITE_BEFORE_FAILED");
  EXPECT_FALSE(is_placed("first"));
  EXPECT_FALSE(is_placed("second"));
  // The uploads are there to be named again.
  EXPECT_TRUE(Write("apollo", check_in("REC-0001", *first)).get().ok());
  EXPECT_TRUE(Write("apollo", check_in("REC-0002", *second)).get().ok());
  EXPECT_TRUE(is_placed("first"));
  EXPECT_TRUE(is_placed("second"));
}

TEST_F(CommitterPipelineTest, WhatIsAppendedIsSettledThoughTheNextGroupIsBuiltOnIt) {
  Answer first = Hold(MakeDocument("REC-0001"));
  std::promise<void> begun;
  std::promise<void> go;
  Answer second = Write("apollo", [&begun, &go](Transaction& transaction) {
    begun.set_value();
    go.get_future().wait();
    return MakeDocument("REC-0002")(transaction);
  });
  begun.get_future().wait();
  held_journal_->Release();
  const absl::StatusOr<WriteResult> written = first.get();
  ASSERT_TRUE(written.ok()) << written.status();
  EXPECT_GE(timeline_.Settled(), ToMicros(written->documents.front().create_time()));
  go.set_value();
  EXPECT_TRUE(second.get().ok());
}

TEST_F(CommitterPipelineTest, ASmallWriteBehindALargeOneHoldsNobodyUp) {
  Answer large = Hold(MakeDocument("REC-0001"), "", true);
  Answer behind = Write("apollo", MakeDocument("REC-0002"));
  // As many as there are rounds at a time, and more.
  for (int i = 0; i < 20; ++i) EXPECT_TRUE(Write("project-" + std::to_string(i), Make).get().ok());
  EXPECT_FALSE(IsAnswered(behind));
  held_journal_->Release();
  EXPECT_EQ(large.get()->sequence, 2);
  EXPECT_EQ(behind.get()->sequence, 3);
}

TEST_F(CommitterPipelineTest, ManyGroupsInARowStandOnEachOther) {
  std::vector<Answer> answers;
  for (int i = 1; i <= 500; ++i) answers.push_back(Write("apollo", MakeDocument("REC-" + std::to_string(1000 + i))));
  for (int i = 0; i < 500; ++i) {
    const absl::StatusOr<WriteResult> written = answers[static_cast<std::size_t>(i)].get();
    ASSERT_TRUE(written.ok()) << written.status();
    EXPECT_EQ(written->sequence, i + 2);
  }
  EXPECT_EQ((*index_->FindMark("apollo"))->sequence, 501);
  EXPECT_EQ((*index_->FindMark("apollo"))->commit, (*journal_->ReadHead("apollo", kMainRef))->target);
}

// Others wait for the committer: it looks up nothing of what a commit has made.
TEST_F(CommitterPipelineTest, WhatARepeatedRequestMadeIsLeftToBeReadOnceItIsInTheIndex) {
  ASSERT_TRUE(Write("apollo", MakeDocument("REC-0001"), 0, false, "ada", "once").get().ok());
  const absl::StatusOr<WriteResult> repeated = Write("apollo", MakeDocument("REC-0001"), 0, false, "ada", "once").get();
  ASSERT_TRUE(repeated.ok()) << repeated.status();
  EXPECT_TRUE(repeated->replayed);
  EXPECT_EQ(repeated->sequence, 2);
  EXPECT_EQ(repeated->unread, "apollo");
  EXPECT_TRUE(repeated->documents.empty());
}

TEST_F(CommitterPipelineTest, ARepeatedRequestIsAsUncertainAsTheFirstOne) {
  Answer first = Hold(MakeDocument("REC-0001"), "once");
  Answer again = Write("apollo", MakeDocument("REC-0001"), 0, false, "ada", "once");
  held_journal_->Release(absl::UnknownError("the sync failed"));
  EXPECT_TRUE(absl::IsUnknown(first.get().status()));
  // Behind the first one it is answered as that one; it may also have come when that was over.
  const absl::StatusOr<WriteResult> repeated = again.get();
  EXPECT_TRUE(absl::IsUnknown(repeated.status()) || repeated.ok()) << repeated.status();
}

TEST_F(CommitterPipelineTest, WritesAreAnsweredInTheirOrder) {
  for (const absl::Status& outcome : {absl::OkStatus(), absl::AbortedError("the head was moved")}) {
    held_journal_->Hold("apollo");
    struct Answers {
      std::promise<void> first_begun;
      std::promise<void> go;
      std::atomic<bool> first_done = false;
      std::promise<bool> first_was_done;  // when the second one was told
    };
    const auto answers = std::make_shared<Answers>();
    WriteAndTell("apollo", MakeDocument(outcome.ok() ? "REC-0001" : "REC-0011"),
                 [answers](const absl::StatusOr<WriteResult>&) {
                   answers->first_begun.set_value();
                   answers->go.get_future().wait();
                   answers->first_done = true;
                 });
    held_journal_->AwaitHeld();
    const auto called = std::make_shared<std::promise<void>>();
    WriteAndTell(
        "apollo",
        [called, number = outcome.ok() ? "REC-0002" : "REC-0012"](Transaction& transaction) {
          called->set_value();
          return MakeDocument(number)(transaction);
        },
        [answers](const absl::StatusOr<WriteResult>&) {
          answers->first_was_done.set_value(answers->first_done.load());
        });
    called->get_future().wait();
    Answer third = Write("apollo", MakeDocument(outcome.ok() ? "REC-0003" : "REC-0013"));
    const std::uint64_t appends = Appends();
    held_journal_->Release(outcome);
    answers->first_begun.get_future().wait();
    // Those behind do not wait for that answer to be appended. When the third one is, the second one could be answered.
    journal_->WaitForAppend(appends + (outcome.ok() ? 2 : 0), std::chrono::seconds(60));
    answers->go.set_value();
    EXPECT_TRUE(answers->first_was_done.get_future().get());
    EXPECT_TRUE(third.get().ok());
  }
}

TEST_F(CommitterPipelineTest, WhatFailsNowAndThenLeavesWhatWasAcknowledged) {
  std::atomic<int> appends = 0;
  held_journal_->FailWhen([&appends] { return ++appends % 3 == 0; });
  const std::vector<std::string> projects = {"apollo", "gemini", "mercury"};
  for (const char* project : {"gemini", "mercury"}) {
    while (!Write(project, Make).get().ok()) {
    }
  }
  std::mutex mutex;
  std::set<std::pair<std::string, std::string>> acknowledged;
  std::set<std::pair<std::string, std::string>> failed;
  std::vector<std::thread> writers;
  for (int w = 0; w < 6; ++w) {
    writers.emplace_back([&, w] {
      for (int i = 0; i < 60; ++i) {
        const std::string& project = projects[static_cast<std::size_t>(i + w) % projects.size()];
        const std::string number = "REC-" + std::to_string(1000 + 100 * w + i);
        const bool written = Write(project, MakeDocument(number)).get().ok();
        const std::lock_guard lock(mutex);
        (written ? acknowledged : failed).emplace(project, number);
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  committer_->Close();
  EXPECT_FALSE(failed.empty());
  std::int64_t sequences = 0;
  for (const std::string& project : projects) {
    sequences += SequenceOf(project) - 1;
    EXPECT_EQ((*index_->FindMark(project))->sequence, SequenceOf(project));
    EXPECT_EQ((*index_->FindMark(project))->commit, (*journal_->ReadHead(project, kMainRef))->target);
  }
  EXPECT_EQ(sequences, static_cast<std::int64_t>(acknowledged.size()));
  const IndexBatch now(*index_);
  for (const auto& [project, number] : acknowledged) EXPECT_NE(*now.FindDocument(project, number), nullptr) << number;
  for (const auto& [project, number] : failed) EXPECT_EQ(*now.FindDocument(project, number), nullptr) << number;
  EXPECT_TRUE(fatal_.ok()) << fatal_;
}

class TwoCommittersTest : public CommitterFixture {
 protected:
  TwoCommittersTest() : CommitterFixture(2) {}
};

TEST_F(TwoCommittersTest, LargeWritesOfOneProjectLeaveACommitterForTheOthers) {
  ASSERT_TRUE(Write("apollo", Make).get().ok());
  held_journal_->Hold("apollo");
  Answer first = Write("apollo", MakeDocument("REC-0001"), 0, true);
  held_journal_->AwaitHeld();
  Answer second = Write("apollo", MakeDocument("REC-0002"), 0, true);
  EXPECT_TRUE(Write("gemini", Make).get().ok());
  EXPECT_FALSE(IsAnswered(first));
  held_journal_->Release();
  EXPECT_EQ(first.get()->sequence, 2);
  EXPECT_EQ(second.get()->sequence, 3);
}

TEST_F(TwoCommittersTest, BulkOfManyProjectsLeavesACommitterForSmallWrites) {
  by_caller_ = false;
  std::promise<void> go;
  const auto bulk = [released = go.get_future().share()](Transaction& transaction) {
    released.wait();
    return Make(transaction);
  };
  std::vector<Answer> answers;
  for (const char* project : {"apollo", "mercury", "vostok"}) answers.push_back(Write(project, bulk, 0, true));
  for (int i = 0; i < 3; ++i) {
    Answer small = Write("gemini-" + std::to_string(i), Make);
    ASSERT_EQ(small.wait_for(std::chrono::minutes(1)), std::future_status::ready);
    EXPECT_TRUE(small.get().ok());
  }
  for (const Answer& answer : answers) EXPECT_FALSE(IsAnswered(answer));
  go.set_value();
  for (Answer& answer : answers) EXPECT_TRUE(answer.get().ok());
}

// Over all projects commits are told in the order of their times: what was made while the act ran waits for it.
TEST_F(CommitterPipelineTest, WhoWaitsForTheTimeOfAnActIsWokenWhenThatIsRefused) {
  std::promise<void> began;
  std::promise<void> go_on;
  const auto refuse = [&](Transaction&) -> absl::Status {
    began.set_value();
    go_on.get_future().wait();
    return absl::FailedPreconditionError("refused");
  };
  Answer refused = Write("gemini", refuse, 0, true);
  began.get_future().wait();
  std::promise<void> told;
  std::mutex mutex;
  std::vector<Micros> settled;  // when it was told of zeus, and at each wake from then on
  notifier_.Subscribe("", [&](std::string_view project) {
    const std::lock_guard lock(mutex);
    if (settled.empty() && project != "zeus") return;
    settled.push_back(timeline_.Settled());
    if (settled.size() == 1) told.set_value();
  });
  EXPECT_TRUE(Write("zeus", Make).get().ok());
  told.get_future().wait();
  const auto made = index_->NewestRecordTime();
  go_on.set_value();
  EXPECT_FALSE(refused.get().ok());
  committer_.reset();  // each has told by then
  ASSERT_TRUE(made.ok());
  EXPECT_LT(settled.front(), *made);
  EXPECT_GE(settled.back(), *made);
}

TEST_F(CommitterPipelineTest, APlanIsHeldAgainstWhatCameToWaitForItMeanwhile) {
  const auto make = [](const std::string& id, const std::string& date) {
    return [id, date](Transaction& transaction) {
      v1::Milestone milestone;
      milestone.set_title(id);
      milestone.set_planned_date(date);
      return CreateMilestone(transaction, milestone, id);
    };
  };
  ASSERT_TRUE(Write("apollo", make("A", "2026-03-01")).get().ok());
  ASSERT_TRUE(Write("apollo", make("B", "2026-04-01")).get().ok());
  const auto plan = [](Transaction& transaction) { return PlanMilestone(transaction, "A", "2026-05-01", ""); };
  Answer gated = Hold([](Transaction& transaction) {
    v1::Milestone values;
    values.add_gates("projects/apollo/milestones/A");
    return UpdateMilestone(transaction, values, "B", {"gates"});
  });
  Answer planned = WriteAndAwaitAct(plan);  // the index does not know of the gate yet
  held_journal_->Release();
  EXPECT_TRUE(gated.get().ok());
  EXPECT_EQ(ReasonOf(planned.get().status()), "DATES_OUT_OF_ORDER");
  EXPECT_EQ(ReasonOf(Write("apollo", plan).get().status()), "DATES_OUT_OF_ORDER") << "now it does";
}

}  // namespace
}  // namespace greffe
