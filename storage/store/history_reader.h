// Commits of a project, read and parsed ahead on several threads, and handed out in order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
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

  static constexpr std::int64_t kMostBytes = std::int64_t{64} << 20;

  // `way`: oldest first. What is read ahead ends near `most_bytes`, of commits and records as they lie in git.
  HistoryReader(ObjectSource& objects, std::string project, std::vector<Commit> way,
                std::int64_t most_bytes = kMostBytes);
  ~HistoryReader();

  // The next commit with the records that it changed, until the next call; as often as there are commits. From one
  // thread.
  absl::StatusOr<CommitFacts*> Next();

  // What was read and is not handed out yet; a thread's own part, an eighth of the bound and a commit, is not in it.
  std::int64_t BytesAhead() const;

 private:
  // A run of commits, of one piece.
  struct Part {
    std::vector<absl::StatusOr<CommitFacts>> facts;
    std::int64_t bytes = 0;
    bool ends_piece = false;
  };

  void Run();
  // In parts, each of which is given when it is large; waits after it until so much is taken that more may be read.
  void ReadPiece(std::size_t piece);
  void Give(std::size_t piece, Part part);
  void TakePart();
  // Under the mutex: whether more of `piece` may be read.
  bool MayRead(std::size_t piece) const;
  absl::StatusOr<CommitFacts> Read(const Commit& commit, std::int64_t& bytes);
  absl::StatusOr<GitObject> ReadObject(const Oid& oid, std::int64_t& bytes);
  absl::StatusOr<RecordPtr> ReadRecord(const ChangedRecord& changed, std::int64_t& bytes);

  ObjectSource& objects_;
  const std::string project_;
  std::vector<Commit> way_;  // each piece is its reader's alone
  const std::int64_t most_bytes_;
  const std::int64_t part_bytes_;
  const std::size_t pieces_;
  Part current_;
  std::size_t position_ = 0;  // in it
  std::size_t read_ = 0;      // commits, without threads

  mutable std::mutex mutex_;
  std::condition_variable event_;
  std::map<std::size_t, Part> ready_;  // by piece: what is read of it and not taken
  std::int64_t ready_bytes_ = 0;
  std::vector<Part> spent_;  // to be freed, which takes as long as much of what the caller does with a commit
  std::size_t next_to_read_ = 0;
  std::size_t next_to_give_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace greffe
