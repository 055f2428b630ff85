#include "tests/journal/conformance.h"

#include <gmock/gmock.h>

#include <atomic>
#include <chrono>
#include <thread>

#include "storage/base/errors.h"

namespace greffe {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr std::chrono::seconds kLong{60};

TEST_P(JournalConformance, AnEmptyOneHasNothing) {
  EXPECT_EQ(*journal_->ReadHead("apollo", kMain), std::nullopt);
  EXPECT_THAT(*journal_->ListHeads(), IsEmpty());
  EXPECT_EQ(Read("apollo", "a"), "none");
  EXPECT_THAT(Sequences("apollo"), IsEmpty());
  EXPECT_THAT(journal_->UnpackedRepositories(), IsEmpty());
  EXPECT_EQ(*journal_->ReadState("locks/a"), std::nullopt);
  EXPECT_TRUE(journal_->Health().ok());
}

TEST_P(JournalConformance, WhatWasAppendedIsThereAtOnceAndAfterOpeningAgain) {
  JournalCommit commit = CommitOf(1, {"a", std::string(100'000, 'b')});
  commit.objects[1].predecessor = commit.objects[0].oid;
  commit.externals = {{BlobOf("large").oid, 5'000'000'000, Sha256Of("large")}};
  CommitGroup group = GroupOf("apollo", {commit});
  group.state = {{"requests/apollo/1", "answer"}};
  ASSERT_TRUE(journal_->Append(group).ok());
  for (int round = 0; round < 2; ++round) {
    const auto head = *journal_->ReadHead("apollo", kMain);
    ASSERT_TRUE(head.has_value());
    EXPECT_EQ(head->target, commit.commit);
    EXPECT_EQ(head->sequence, 1);
    EXPECT_EQ(head->repository, "apollo");
    EXPECT_EQ(head->ref, kMain);
    EXPECT_EQ(Read("apollo", "a"), "a");
    const auto commits = journal_->ReadCommits("apollo", 0, 1 << 30);
    ASSERT_TRUE(commits.ok()) << commits.status();
    ASSERT_EQ(commits->size(), 1);
    const JournalCommit& read = commits->front();
    EXPECT_EQ(read.commit, commit.commit);
    EXPECT_EQ(read.record_time, commit.record_time);
    EXPECT_EQ(read.externals, commit.externals);
    ASSERT_EQ(read.objects.size(), commit.objects.size());
    for (std::size_t i = 0; i < read.objects.size(); ++i) {
      EXPECT_EQ(read.objects[i].oid, commit.objects[i].oid);
      EXPECT_EQ(read.objects[i].object.type, commit.objects[i].object.type);
      EXPECT_EQ(read.objects[i].object.data, commit.objects[i].object.data);
      EXPECT_EQ(read.objects[i].predecessor, commit.objects[i].predecessor);
    }
    EXPECT_EQ(*journal_->ReadState("requests/apollo/1"), "answer");
    EXPECT_EQ(journal_->Stats("apollo").unpacked_commits, 1);
    EXPECT_EQ(journal_->Stats("").unpacked_bytes, journal_->Stats("apollo").unpacked_bytes);
    EXPECT_GT(journal_->Stats("apollo").unpacked_bytes, 100'000);
    EXPECT_THAT(journal_->UnpackedRepositories(), ElementsAre("apollo"));
    if (round == 0) Reopen();
  }
}

TEST_P(JournalConformance, ARefThatMovedRefusesTheWholeGroup) {
  ASSERT_TRUE(Append("apollo", 1, {"a"}).ok());
  CommitGroup group = GroupOf("apollo", {CommitOf(2, {"b"})}, BlobOf("other").oid);
  group.state = {{"requests/2", "x"}};
  const absl::Status refused = journal_->Append(group);
  EXPECT_EQ(refused.code(), absl::StatusCode::kAborted) << refused;
  EXPECT_EQ(ReasonOf(refused), "REF_MOVED");
  EXPECT_EQ(Read("apollo", "b"), "none");
  EXPECT_EQ(*journal_->ReadState("requests/2"), std::nullopt);
  EXPECT_EQ((*journal_->ReadHead("apollo", kMain))->sequence, 1);
  EXPECT_EQ(journal_->Stats("apollo").unpacked_commits, 1);
}

TEST_P(JournalConformance, SeveralRefsMoveTogetherOrNotAtAll) {
  const JournalCommit commit = CommitOf(1, {"a"});
  CommitGroup group = GroupOf("apollo", {commit});
  group.refs.push_back({"refs/tags/first", {}, commit.commit, 1});
  ASSERT_TRUE(journal_->Append(group).ok());
  const JournalCommit second = CommitOf(2, {"b"});
  CommitGroup again = GroupOf("apollo", {second}, commit.commit);
  again.refs.push_back({"refs/tags/first", {}, second.commit, 2});  // must not exist, but does
  EXPECT_EQ(ReasonOf(journal_->Append(again)), "REF_MOVED");
  EXPECT_EQ((*journal_->ReadHead("apollo", kMain))->target, commit.commit);
  EXPECT_EQ((*journal_->ReadHead("apollo", "refs/tags/first"))->target, commit.commit);
}

TEST_P(JournalConformance, GroupsOfSeveralRepositoriesAreThereTogetherOrNotAtAll) {
  const CommitGroup apollo = GroupOf("apollo", {CommitOf(1, {"a"})});
  const CommitGroup gemini = GroupOf("gemini", {CommitOf(1, {"g"}), CommitOf(2, {"h"})});
  CommitGroup server;
  server.repository = "_server";
  server.state = {{"locks/1", "x"}};
  const std::vector<const CommitGroup*> all = {&gemini, &server, &apollo};
  ASSERT_TRUE(journal_->Append(all).ok());
  EXPECT_EQ(ReasonOf(journal_->Append(all)), "REF_MOVED");

  const CommitGroup next = GroupOf("apollo", {CommitOf(2, {"b"})}, CommitOf(1, {}).commit);
  const std::vector<const CommitGroup*> half = {&next, &gemini};
  EXPECT_EQ(ReasonOf(journal_->Append(half)), "REF_MOVED");
  for (int round = 0; round < 2; ++round) {
    EXPECT_EQ(Read("apollo", "a"), "a");
    EXPECT_EQ(Read("apollo", "b"), "none");
    EXPECT_THAT(Sequences("apollo"), ElementsAre(1));
    EXPECT_THAT(Sequences("gemini"), ElementsAre(1, 2));
    EXPECT_EQ((*journal_->ReadHead("gemini", kMain))->sequence, 2);
    EXPECT_EQ(*journal_->ReadState("locks/1"), "x");
    Reopen();
  }
}

TEST_P(JournalConformance, SequencesAreConsecutive) {
  EXPECT_EQ(ReasonOf(journal_->Append(GroupOf("apollo", {CommitOf(2, {})}))), "SEQUENCE_INVALID");
  EXPECT_EQ(ReasonOf(journal_->Append(GroupOf("apollo", {CommitOf(1, {}), CommitOf(3, {})}))), "SEQUENCE_INVALID");
  EXPECT_TRUE(journal_->Append(GroupOf("apollo", {CommitOf(1, {}), CommitOf(2, {})})).ok());
  EXPECT_EQ(ReasonOf(journal_->Append(GroupOf("apollo", {CommitOf(2, {})}, CommitOf(2, {}).commit))),
            "SEQUENCE_INVALID");
  EXPECT_THAT(Sequences("apollo"), ElementsAre(1, 2));
}

TEST_P(JournalConformance, ReadsWhatCameSinceInOrderUpToABoundOfBytes) {
  for (Sequence i = 1; i <= 5; ++i)
    ASSERT_TRUE(Append("apollo", i, {std::string(1000, static_cast<char>('a' + i))}).ok());
  EXPECT_THAT(Sequences("apollo", 3), ElementsAre(4, 5));
  EXPECT_THAT(Sequences("apollo", 5), IsEmpty());
  EXPECT_EQ(journal_->ReadCommits("apollo", 0, 2100)->size(), 2);
  EXPECT_EQ(journal_->ReadCommits("apollo", 0, 1)->size(), 1) << "one at least";
}

TEST_P(JournalConformance, RepositoriesWhoseNamesBeginAlikeStayApart) {
  ASSERT_TRUE(Append("a", 1, {"of a"}).ok());
  ASSERT_TRUE(Append("a-b", 1, {"of a-b"}).ok());
  ASSERT_TRUE(Append("ab", 1, {"of ab"}).ok());
  EXPECT_EQ(Read("a", "of ab"), "none");
  EXPECT_THAT(Sequences("a"), ElementsAre(1));
  ASSERT_TRUE(journal_->Trim("a", 1).ok());
  EXPECT_THAT(Sequences("a"), IsEmpty());
  EXPECT_THAT(Sequences("ab"), ElementsAre(1));
  EXPECT_EQ(Read("a-b", "of a-b"), "of a-b");
}

TEST_P(JournalConformance, HeadsAreListedByRepositoryInPages) {
  for (const char* name : {"c", "a", "b"}) ASSERT_TRUE(Append(name, 1, {}).ok());
  const auto names = [](const std::vector<Head>& heads) {
    std::vector<std::string> all;
    for (const Head& head : heads) all.push_back(head.repository);
    return all;
  };
  EXPECT_THAT(names(*journal_->ListHeads()), ElementsAre("a", "b", "c"));
  EXPECT_THAT(names(*journal_->ListHeads("a", 1)), ElementsAre("b"));
  EXPECT_THAT(names(*journal_->ListHeads("c")), IsEmpty());
}

TEST_P(JournalConformance, ACommitBringsSeveralRefsAndARepositoryListsItsOwn) {
  CommitGroup group = GroupOf("a", {CommitOf(1, {"x"})});
  group.refs.push_back({"refs/tags/baselines/G1", Oid{}, BlobOf("tag").oid, 1});
  ASSERT_TRUE(journal_->Append(group).ok());
  ASSERT_TRUE(Append("ab", 1, {}).ok());
  for (int round = 0; round < 2; ++round) {
    const std::vector<Head> refs = *journal_->ListRefs("a");
    ASSERT_EQ(refs.size(), 2u);
    EXPECT_EQ(refs[0].ref, kMain);
    EXPECT_EQ(refs[1].ref, "refs/tags/baselines/G1");
    EXPECT_EQ(refs[1].target, BlobOf("tag").oid);
    EXPECT_THAT(*journal_->ListRefs("b"), IsEmpty());
    if (round == 0) Reopen();
  }
  // All refs are compared before one is moved.
  CommitGroup again = GroupOf("a", {CommitOf(2, {"y"})}, CommitOf(1, {"x"}).commit);
  again.refs.push_back({"refs/tags/baselines/G1", Oid{}, BlobOf("other").oid, 2});
  EXPECT_EQ(ReasonOf(journal_->Append(again)), "REF_MOVED");
  EXPECT_EQ((*journal_->ReadHead("a", kMain))->sequence, 1);
}

TEST_P(JournalConformance, TrimmingForgetsCommitsAndKeepsHeads) {
  for (Sequence i = 1; i <= 3; ++i) ASSERT_TRUE(Append("apollo", i, {"blob " + std::to_string(i)}).ok());
  ASSERT_TRUE(journal_->Trim("apollo", 2).ok());
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(Sequences("apollo"), ElementsAre(3));
    EXPECT_EQ(Read("apollo", "blob 2"), "none");
    EXPECT_EQ(Read("apollo", "blob 3"), "blob 3");
    EXPECT_EQ((*journal_->ReadHead("apollo", kMain))->sequence, 3);
    EXPECT_EQ(journal_->Stats("apollo").unpacked_commits, 1);
    if (round == 0) Reopen();
  }
  ASSERT_TRUE(journal_->Trim("apollo", 3).ok());
  EXPECT_EQ(journal_->Stats("apollo").unpacked_bytes, 0);
  EXPECT_THAT(journal_->UnpackedRepositories(), IsEmpty());
  ASSERT_TRUE(Append("apollo", 4, {"blob 4"}).ok()) << "sequences go on after what was trimmed";
  EXPECT_TRUE(journal_->Trim("nobody", 7).ok());
}

TEST_P(JournalConformance, OfAnyCountThatWasTrimmedTheOthersAreThereAfterOpeningAgain) {
  constexpr Sequence kCommits = 17;
  const auto name = [](Sequence trimmed) { return "apollo" + std::string(trimmed, '-'); };
  for (Sequence trimmed = 0; trimmed <= kCommits; ++trimmed) {
    for (Sequence i = 1; i <= kCommits; ++i) ASSERT_TRUE(Append(name(trimmed), i, {"blob"}).ok());
    ASSERT_TRUE(journal_->Trim(name(trimmed), trimmed).ok());
  }
  Reopen();
  for (Sequence trimmed = 0; trimmed <= kCommits; ++trimmed) {
    std::vector<Sequence> left;
    for (Sequence i = trimmed + 1; i <= kCommits; ++i) left.push_back(i);
    EXPECT_EQ(Sequences(name(trimmed)), left) << trimmed << " trimmed";
    EXPECT_EQ(journal_->Stats(name(trimmed)).unpacked_commits, kCommits - trimmed);
    EXPECT_EQ(Read(name(trimmed), "blob"), left.empty() ? "none" : "blob");
    EXPECT_TRUE(Append(name(trimmed), kCommits + 1, {"next"}).ok());
  }
}

TEST_P(JournalConformance, WhatIsAppendedBehindARefThatWentBackIsThere) {
  for (Sequence i = 1; i <= 5; ++i) ASSERT_TRUE(Append("apollo", i, {"blob"}).ok());
  ASSERT_TRUE(journal_->Trim("apollo", 100).ok());
  CommitGroup back;
  back.repository = "apollo";
  back.refs = {{kMain, CommitOf(5, {}).commit, CommitOf(2, {}).commit, 2}};
  ASSERT_TRUE(journal_->Append(back).ok());
  ASSERT_TRUE(Append("apollo", 3, {"another"}).ok());
  for (int round = 0; round < 2; ++round) {
    EXPECT_THAT(Sequences("apollo"), ElementsAre(3));
    EXPECT_EQ(Read("apollo", "another"), "another");
    if (round == 0) Reopen();
  }
  ASSERT_TRUE(Append("apollo", 4, {"next"}).ok());
  Reopen();
  EXPECT_THAT(Sequences("apollo"), ElementsAre(3, 4));
}

TEST_P(JournalConformance, TrimmingKeepsAnObjectThatALaterCommitBringsAgain) {
  ASSERT_TRUE(Append("apollo", 1, {"shared", "first"}).ok());
  ASSERT_TRUE(Append("apollo", 2, {"shared"}).ok());
  ASSERT_TRUE(journal_->Trim("apollo", 1).ok());
  EXPECT_EQ(Read("apollo", "shared"), "shared");
  EXPECT_EQ(Read("apollo", "first"), "none");
  EXPECT_EQ(journal_->ReadCommits("apollo", 0, 1 << 20)->front().objects.front().object.data, "shared");
}

TEST_P(JournalConformance, StateRowsAreSetDeletedAndScannedInByteOrder) {
  CommitGroup group;
  group.repository = "apollo";
  const std::string binary("locks/\0\xff", 8);
  group.state = {{"locks/b", "2"}, {"locks/a", "1"},   {"locks/c", "3"},
                 {binary, "0"},    {"uploads/a", "u"}, {"lock", "x"}};
  ASSERT_TRUE(journal_->Append(group).ok()) << "state alone is fine";
  Reopen();
  using Row = std::pair<std::string, std::string>;
  EXPECT_THAT(*journal_->ScanState("locks/", "", 10),
              ElementsAre(Row(binary, "0"), Row("locks/a", "1"), Row("locks/b", "2"), Row("locks/c", "3")));
  EXPECT_THAT(*journal_->ScanState("locks/", "locks/a", 1), ElementsAre(Row("locks/b", "2")));
  EXPECT_THAT(*journal_->ScanState("locks/", "locks/c", 10), IsEmpty());
  EXPECT_THAT(*journal_->ScanStateBackwards("locks/", "", 10),
              ElementsAre(Row("locks/c", "3"), Row("locks/b", "2"), Row("locks/a", "1"), Row(binary, "0")));
  EXPECT_THAT(*journal_->ScanStateBackwards("locks/", "locks/c", 1), ElementsAre(Row("locks/b", "2")));
  EXPECT_THAT(*journal_->ScanStateBackwards("locks/", "locks/bb", 1), ElementsAre(Row("locks/b", "2")));
  EXPECT_THAT(*journal_->ScanStateBackwards("locks/", binary, 10), IsEmpty());
  group.state = {{"locks/b", std::nullopt}, {"locks/c", "4"}, {"locks/nothing", std::nullopt}};
  ASSERT_TRUE(journal_->Append(group).ok());
  EXPECT_EQ(*journal_->ReadState("locks/b"), std::nullopt);
  EXPECT_EQ(*journal_->ReadState("locks/c"), "4");
}

TEST_P(JournalConformance, AnAppendWakesThoseWhoWait) {
  const std::uint64_t seen = journal_->WaitForAppend(0, std::chrono::milliseconds(0));
  EXPECT_EQ(journal_->WaitForAppend(seen, std::chrono::milliseconds(1)), seen) << "nothing came";
  std::thread writer([&] { EXPECT_TRUE(Append("apollo", 1, {"a"}).ok()); });
  EXPECT_GT(journal_->WaitForAppend(seen, kLong), seen);
  writer.join();
  EXPECT_EQ((*journal_->ReadHead("apollo", kMain))->sequence, 1) << "who was woken sees it";
}

TEST_P(JournalConformance, OfWritersThatRaceForOneRefOneWinsEachRound) {
  constexpr int kWriters = 4;
  constexpr Sequence kCommits = 50;
  std::atomic<int> won = 0;
  std::atomic<int> other = 0;
  std::vector<std::thread> writers;
  for (int w = 0; w < kWriters; ++w) {
    writers.emplace_back([&] {
      for (Sequence next = 1; next <= kCommits;) {
        const absl::Status status = Append("apollo", next, {"blob " + std::to_string(next)});
        if (status.ok()) ++won;
        if (!status.ok() && ReasonOf(status) != "REF_MOVED") ++other;
        next = (*journal_->ReadHead("apollo", kMain))->sequence + 1;
      }
    });
  }
  for (std::thread& writer : writers) writer.join();
  EXPECT_EQ(won, kCommits);
  EXPECT_EQ(other, 0);
  EXPECT_EQ(Sequences("apollo").size(), kCommits);
}

TEST_P(JournalConformance, RepositoriesAreWrittenReadAndTrimmedAtOnce) {
  constexpr Sequence kCommits = 60;
  std::atomic<int> failures = 0;
  std::atomic<bool> done = false;
  std::vector<std::thread> writers;
  for (const char* name : {"a", "b", "c"}) {
    writers.emplace_back([&, name] {
      for (Sequence i = 1; i <= kCommits; ++i) {
        if (!Append(name, i, {std::string(name) + std::to_string(i)}).ok()) ++failures;
        if (i % 10 == 0 && !journal_->Trim(name, i - 5).ok()) ++failures;
      }
    });
  }
  std::thread reader([&] {
    while (!done) {
      const auto commits = journal_->ReadCommits("a", 0, 1 << 30);
      if (!commits.ok()) {
        ++failures;
        continue;
      }
      for (std::size_t i = 1; i < commits->size(); ++i) {
        if ((*commits)[i].sequence != (*commits)[i - 1].sequence + 1) ++failures;
      }
    }
  });
  for (std::thread& writer : writers) writer.join();
  done = true;
  reader.join();
  EXPECT_EQ(failures, 0);
  for (const char* name : {"a", "b", "c"}) {
    EXPECT_EQ((*journal_->ReadHead(name, kMain))->sequence, kCommits);
    EXPECT_THAT(Sequences(name), ElementsAre(56, 57, 58, 59, 60));
  }
}

TEST_P(JournalConformance, AClosedOneTakesAndGivesNothing) {
  ASSERT_TRUE(Append("apollo", 1, {"a"}).ok());
  ASSERT_TRUE(journal_->Close().ok());
  EXPECT_TRUE(journal_->Close().ok()) << "twice is fine";
  EXPECT_EQ(Append("apollo", 2, {"b"}).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(journal_->ReadObject("apollo", BlobOf("a").oid).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(journal_->ReadCommits("apollo", 0, 1).status().code(), absl::StatusCode::kUnavailable);
  EXPECT_FALSE(journal_->Health().ok());
}

}  // namespace
}  // namespace greffe
