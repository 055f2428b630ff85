// What any implementation of storage/journal/journal.h must do. An implementation runs all of it with
//
//   INSTANTIATE_TEST_SUITE_P(RocksDb, JournalConformance, testing::Values(Implementation{"...", open}));
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/hashing.h"
#include "storage/journal/journal.h"
#include "tests/temporary_directory.h"

namespace greffe {

struct Implementation {
  std::string name;
  // The journal that lies in a folder, which may be empty. One at a time.
  std::function<absl::StatusOr<std::unique_ptr<Journal>>(const std::string& directory)> open;
};

// What tests are called after.
inline void PrintTo(const Implementation& implementation, std::ostream* out) { *out << implementation.name; }

inline JournalObject BlobOf(std::string data) {
  return {HashObject(ObjectType::kBlob, data), {ObjectType::kBlob, std::move(data)}, {}};
}

// Commit `sequence` with a blob and the commit object itself; whose bytes do not matter to a journal.
inline JournalCommit CommitOf(Sequence sequence, const std::vector<std::string>& blobs) {
  JournalCommit commit;
  commit.sequence = sequence;
  commit.record_time = 1'000'000 + sequence;
  for (const std::string& data : blobs) commit.objects.push_back(BlobOf(data));
  const std::string bytes = "commit " + std::to_string(sequence);
  commit.commit = HashObject(ObjectType::kCommit, bytes);
  commit.objects.push_back({commit.commit, {ObjectType::kCommit, bytes}, {}});
  return commit;
}

inline constexpr char kMain[] = "refs/heads/main";

// The group that appends `commits` to `repository` whose main is at `expected`.
inline CommitGroup GroupOf(const std::string& repository, std::vector<JournalCommit> commits,
                           const Oid& expected = {}) {
  CommitGroup group;
  group.repository = repository;
  group.refs = {{kMain, expected, commits.back().commit, commits.back().sequence}};
  group.commits = std::move(commits);
  return group;
}

class JournalConformance : public testing::TestWithParam<Implementation> {
 protected:
  void SetUp() override { Open(); }

  void Open() {
    auto journal = GetParam().open(directory_.path() + "/journal");
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
  }
  void Reopen() {
    ASSERT_TRUE(journal_->Close().ok());
    journal_.reset();
    Open();
  }
  // Appends commit `sequence` after commit `sequence - 1`, which this also made.
  absl::Status Append(const std::string& repository, Sequence sequence, const std::vector<std::string>& blobs) {
    const Oid expected = sequence == 1 ? Oid{} : CommitOf(sequence - 1, {}).commit;
    return journal_->Append(GroupOf(repository, {CommitOf(sequence, blobs)}, expected));
  }
  std::string Read(const std::string& repository, const std::string& data) const {
    const auto object = journal_->ReadObject(repository, BlobOf(data).oid);
    if (!object.ok()) return object.status().ToString();
    return *object ? (*object)->data : "none";
  }
  std::vector<Sequence> Sequences(const std::string& repository, Sequence after = 0) const {
    std::vector<Sequence> sequences;
    const auto commits = journal_->ReadCommits(repository, after, 1 << 30);
    EXPECT_TRUE(commits.ok()) << commits.status();
    for (const JournalCommit& commit : *commits) sequences.push_back(commit.sequence);
    return sequences;
  }

  TemporaryDirectory directory_;
  std::unique_ptr<Journal> journal_;
};

}  // namespace greffe
