// The rows of the records that one commit changed.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/baselines.pb.h"
#include "storage/base/record_fields.h"
#include "storage/index/commit_facts.h"
#include "storage/index/index.h"
#include "storage/index/index_batch.h"
#include "storage/index/record_row.h"

namespace greffe {

class RecordWriter {
 public:
  RecordWriter(IndexBatch& batch, CommitFacts& facts);

  // Completes each record's output-only fields, puts its rows, and tells of it in the change.
  absl::Status Write();

 private:
  absl::Status WriteRecord(const RecordKind& kind, RecordChange& change);
  absl::Status FillOutputFields(RecordChange& change, const RecordPtr& before) const;
  absl::Status WriteCounter(const RecordChange& change);
  void WriteBaseline(v1::Baseline& baseline, const std::string& id);
  void WriteRevision(const RecordChange& change, const RecordPtr& before);
  void AddEntry(const RecordChange& change, const RecordPtr& before);

  IndexBatch& batch_;
  CommitFacts& facts_;
  const std::string& project_;
  const std::int64_t sequence_;
};

// The rows of a record as it is from `sequence` on: its own, and the newest state's.
void PutRecordRow(IndexBatch& batch, std::string_view project, const RecordKind& kind, std::string_view id,
                  std::int64_t sequence, const RecordPtr& record);
// The rows by which it is found, and what it counts for. Null: there was none before, or is none after.
void PutRecordPostings(IndexBatch& batch, std::string_view project, const RecordKind& kind, std::string_view id,
                       std::int64_t sequence, const google::protobuf::Message* before,
                       const google::protobuf::Message* after);

// What records of one field's value are found by: "<collection>:<field>".
std::string RecordPostingField(std::string_view collection, std::string_view field);

// The same for records of one value of `within`, in the order of `field`: the value is both, a zero byte between them.
std::string RecordPostingField(std::string_view collection, const OrderedWithin& pair);

// The prefix under which ids of a collection are counted; see IndexBatch::FindCounter.
std::string RecordCounter(std::string_view collection, std::string_view prefix);

}  // namespace greffe
