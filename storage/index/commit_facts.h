// What a commit says, whole, as messages: all that the index is made from. The live path and recovery make the same
// facts of the same commit, so that an index that was deleted comes back equal.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "greffe/v1/changes.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/oid.h"
#include "storage/base/record_kinds.h"

namespace greffe {

// The request that asked for a commit. Asked again with the same digest, it gets the same answer.
struct RequestMark {
  std::string id;
  std::string digest;  // 16 hexadecimal digits
};

// The source commit that an import took in.
struct ImportMark {
  std::string source;  // id within the project
  std::string source_commit;
};

// A record that a commit changed; see record_kinds.h.
struct RecordChange {
  std::string collection;
  std::string id;
  RecordPtr record;  // null: it was taken out of the tree
  std::string etag;  // its blob
};

// A tag that came with a commit.
struct TagMark {
  std::string name;  // "baselines/G2"
  Oid object;
};

struct CommitFacts {
  std::string project;  // id
  // Everything but `entries`, which Apply finds out by comparing with what was there.
  v1::Change change;
  std::optional<v1::Project> project_record;  // when the commit changed it; its etag filled in
  std::vector<v1::Document> documents;        // those that the commit changed, in its order: records, etags filled in
  std::vector<RecordChange> records;          // in its order
  std::vector<TagMark> tags;
  std::vector<std::string> forced_locks;  // numbers of documents whose locks were released by force
  std::optional<RequestMark> request;
  std::optional<ImportMark> import;
};

}  // namespace greffe
