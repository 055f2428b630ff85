// Commits of a project, read and parsed ahead on several threads, and handed out in order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <map>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/base/oid.h"
#include "storage/index/commit_facts.h"
#include "storage/store/commit_codec.h"
#include "storage/store/object_source.h"

namespace greffe {

class HistoryReader {
 public:
  struct Commit {
    Oid oid;
    std::string data;  // "": not at hand, it is read
  };

  // `way`: oldest first.
  HistoryReader(ObjectSource& objects, std::string project, std::vector<Commit> way);
  ~HistoryReader();

  // The next commit with the records that it changed, until the next call; as often as there are commits. From one
  // thread.
  absl::StatusOr<CommitFacts*> Next();

 private:
  using Piece = std::vector<absl::StatusOr<CommitFacts>>;

  void Run();
  Piece ReadPiece(std::size_t piece);
  absl::StatusOr<CommitFacts> Read(const Commit& commit);
  absl::StatusOr<RecordPtr> ReadRecord(const ChangedRecord& changed);

  ObjectSource& objects_;
  const std::string project_;
  std::vector<Commit> way_;  // each piece is its reader's alone
  const std::size_t pieces_;
  Piece current_;
  std::size_t position_ = 0;  // in it

  std::mutex mutex_;
  std::condition_variable event_;
  std::map<std::size_t, Piece> ready_;
  std::vector<Piece> spent_;  // to be freed, which takes as long as much of what the caller does with a commit
  std::size_t next_to_read_ = 0;
  std::size_t next_to_give_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace greffe
