// The uploads of an import, so that none stays behind.
#pragma once

#include <deque>
#include <mutex>
#include <string>
#include <vector>

#include "clients/cpp/client.h"

namespace greffe::cli {

// Which uploads no durable commit has taken, over all streams. Thread-safe: the answers come on a thread of a stream's.
class ImportUploads {
 public:
  // One more of the commit that is being put together.
  void Add(const std::string& upload);

  // That commit, with `contents`, is about to be sent; what is added from here on is the next one's.
  void Sending(int contents);

  // The oldest that was sent is durable and has made `versions`: it has taken its uploads, all of them when each
  // content made one. What was skipped or is the same as before made none.
  void Answered(int versions);

  // The stream has ended. What it had sent may be durable all the same, or become so.
  void StreamEnded();

  // Deletes those that are left, when no stream is open. Best effort: what cannot be deleted expires.
  void GiveUp(client::Client& client);

 private:
  struct Sent {
    std::vector<std::string> uploads;
    int contents = 0;
  };

  std::mutex mutex_;
  std::deque<Sent> sent_;          // of each commit that is not answered; guarded by mutex_
  std::vector<std::string> next_;  // of the commit that is being put together; guarded by mutex_
  std::vector<std::string> left_;  // which no commit has taken, as far as is known; guarded by mutex_
};

}  // namespace greffe::cli
