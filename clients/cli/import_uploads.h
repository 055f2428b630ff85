// The uploads of an import, so that none stays behind.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "clients/cpp/client.h"

namespace greffe::cli {

// Which uploads of a stream no durable commit has taken. Thread-safe: the answers come on a thread of the stream's.
class ImportUploads {
 public:
  // One more of the commit that is being put together.
  void Add(const std::string& upload);

  // That commit is about to be sent; what is added from here on is the next one's.
  void Sending();

  // The oldest that was sent is durable and has taken its uploads; all of them unless it left files out.
  void Answered(bool all);

  // Deletes those that are left. Best effort: what cannot be deleted expires.
  void GiveUp(client::Client& client);

 private:
  std::mutex mutex_;
  std::deque<std::vector<std::string>> sent_;  // of each commit that is not answered; guarded by mutex_
  std::vector<std::string> next_;              // of the commit that is being put together; guarded by mutex_
  std::vector<std::string> left_;              // of commits that left files out; guarded by mutex_
};

}  // namespace greffe::cli
