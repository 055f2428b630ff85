#include "storage/store/commit_codec.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

absl::StatusOr<CommitFacts> ReadBack(const CommitIntent& intent) {
  const absl::StatusOr<CommitObject> commit = ParseCommit(SerializeCommit(MakeCommit(intent)));
  if (!commit.ok()) return commit.status();
  ChangedRecords records;
  return ReadCommitFacts("apollo", Oid{}, *commit, records);
}

CommitIntent Intent() {
  CommitIntent intent;
  intent.sequence = 1;
  intent.record_time = 1'700'000'000'000'000;
  intent.effective_time = intent.record_time;
  intent.principal.set_id("helene");
  intent.principal.set_display_name("H\xe9l\xe8ne");  // as ISO 8859-1 has it
  intent.subject = "R\xe9vision";
  return intent;
}

TEST(CommitCodecTest, WhatIsNoTextInACommitBecomesSome) {
  const absl::StatusOr<CommitFacts> facts = ReadBack(Intent());
  ASSERT_TRUE(facts.ok()) << facts.status();
  EXPECT_EQ(facts->change.author().display_name(), "H\xef\xbf\xbdl\xef\xbf\xbdne");
  EXPECT_EQ(facts->change.subject(), "R\xef\xbf\xbdvision");
  v1::Change read;
  EXPECT_TRUE(read.ParseFromString(facts->change.SerializeAsString()));
}

TEST(CommitCodecTest, ATrailerThatIsNoTextIsNotGreffes) {
  CommitIntent intent = Intent();
  intent.forced_locks.push_back("SPC-\xe9");
  EXPECT_EQ(ReasonOf(ReadBack(intent).status()), "COMMIT_FOREIGN");
}

}  // namespace
}  // namespace greffe
