// Commits as Greffe writes them, and what they say when they are read again (FORMAT.md, "Commits").
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/base/clock.h"
#include "storage/git/object_format.h"
#include "storage/index/commit_facts.h"

namespace greffe {

// Who an import says did it; without one, the principal did, now.
struct ImportOrigin {
  std::string source;  // import source id
  std::string source_commit;
  v1::Principal author;
  Micros author_time = 0;
  int author_utc_offset_minutes = 0;
  Micros commit_time = 0;
};

// A record of a kind that a commit changed, by its blob.
struct ChangedRecord {
  std::string collection;
  std::string id;
  Oid blob;  // zero: it was taken out of the tree
};

struct CommitIntent {
  Oid tree;
  Oid parent;  // zero: the first commit
  std::int64_t sequence = 0;
  v1::Principal principal;  // who asked
  std::optional<ImportOrigin> import;
  Micros record_time = 0;
  Micros effective_time = 0;
  std::string subject;
  std::string body;
  std::optional<Oid> project_record;
  struct ChangedDocument {
    std::string number;
    Oid record;
    std::int64_t new_version = 0;  // 0: none was checked in
  };
  std::vector<ChangedDocument> documents;
  std::vector<ChangedRecord> records;
  std::vector<TagMark> tags;
  std::vector<std::string> forced_locks;  // numbers of documents whose locks were released by force
  std::optional<RequestMark> request;
};

CommitObject MakeCommit(const CommitIntent& intent);

// Who is said to have made a commit or a tag of ours.
Signature SignatureOf(const v1::Principal& principal, Micros time);
Signature ServerSignature(Micros time);

// The records that a commit changed, by their blobs.
struct ChangedRecords {
  std::optional<Oid> project;
  std::vector<std::pair<std::string, Oid>> documents;  // number and blob
  std::vector<ChangedRecord> records;
};

// All that a commit's own bytes say. DATA_LOSS (COMMIT_FOREIGN) when it was not made by Greffe.
absl::StatusOr<CommitFacts> ReadCommitFacts(std::string_view project, const Oid& oid, const CommitObject& commit,
                                            ChangedRecords& records);

// The sequence that a commit says it has; 0 when it was not made by Greffe.
std::int64_t SequenceOfCommit(const CommitObject& commit);

}  // namespace greffe
