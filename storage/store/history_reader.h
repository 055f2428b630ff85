// Commits of a project, read and parsed ahead on several threads, and handed out in order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
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

  // What is read ahead ends near `most_bytes`, of commits and records as they lie in git.
  HistoryReader(ObjectSource& objects, std::string project, std::int64_t count, std::int64_t most_bytes = kMostBytes);
  ~HistoryReader();

  // `count` times, from the newest commit back to the oldest, before Next. They are read from the first call on, as far
  // as half of `most_bytes` reaches.
  void Add(Commit commit);

  // The next commit with the records that it changed, oldest first, until the next call; as often as there are commits.
  absl::StatusOr<CommitFacts*> Next();

  // What was read and is not handed out yet, or not freed since; a thread's own part, an eighth of the bound and a
  // commit, is not in it.
  std::int64_t BytesAhead() const;

 private:
  // A run of commits, of one piece.
  struct Part {
    std::vector<absl::StatusOr<CommitFacts>> facts;
    std::int64_t bytes = 0;
    bool ends_piece = false;
  };

  void Run();
  // Under the mutex: the piece to read next, if it may be now.
  std::optional<std::size_t> Choose() const;
  // In parts, each of which is given when it is large; waits after it until so much is taken that more may be read.
  void ReadPiece(std::size_t piece, std::vector<Commit> commits);
  // While the way there is still walked. One that is large is left for later.
  void ReadEarly(std::size_t piece, std::vector<Commit> commits);
  void Give(std::size_t piece, Part part);
  void TakePart();
  // Under the mutex.
  std::vector<Part> TakeSpent();
  // Under the mutex: whether more of `piece` may be read.
  bool MayRead(std::size_t piece) const;
  absl::StatusOr<CommitFacts> Read(Commit& commit, std::int64_t& bytes);
  absl::StatusOr<GitObject> ReadObject(const Oid& oid, std::int64_t& bytes);
  absl::StatusOr<RecordPtr> ReadRecord(const ChangedRecord& changed, std::int64_t& bytes);

  ObjectSource& objects_;
  const std::string project_;
  const std::int64_t most_bytes_;
  const std::int64_t large_bytes_;
  const std::int64_t part_bytes_;
  const std::size_t readers_;   // threads
  std::int64_t missing_;        // commits that were not added yet
  std::vector<Commit> adding_;  // of the piece that is not complete, newest first
  Part current_;
  std::size_t position_ = 0;  // in it
  std::size_t read_ = 0;      // commits, without threads

  mutable std::mutex mutex_;
  std::condition_variable event_;
  std::map<std::size_t, std::vector<Commit>> unread_;  // by piece, oldest first
  bool adding_more_ = true;
  bool early_ = true;  // while more are added, those that are there are read, from the newest on
  std::size_t early_readers_ = 0;
  std::map<std::size_t, Part> ready_;  // by piece: what is read of it and not taken
  std::int64_t ready_bytes_ = 0;
  std::int64_t spent_bytes_ = 0;
  std::vector<Part> spent_;  // to be freed, which takes as long as much of what the caller does with a commit
  std::size_t next_to_give_ = 0;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace greffe
