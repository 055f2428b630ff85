// Histories on their way in.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/status/status.h"
#include "clients/cpp/client.h"
#include "clients/cpp/stall_guard.h"
#include "greffe/v1/imports.grpc.pb.h"

namespace greffe::client {

// One ImportCommits stream, with many commits under way at a time. Write and Finish are for one thread. There is no
// second attempt inside: after an error GetImportSource tells where a new stream goes on.
class ImportStream {
 public:
  // Called on a thread of the stream's own, for each commit in order, before Finish returns.
  using OnResponse = std::function<void(const v1::ImportCommitsResponse&)>;

  ImportStream(Client& client, const v1::ImportHeader& header, OnResponse on_response);
  // Cancels what was not finished.
  ~ImportStream();

  // Sends a commit, or a part of one; waits while more than `kWindowBytes` or `kWindowCommits` are unanswered. False
  // once the stream is broken: Finish tells why.
  bool Write(const v1::ImportCommit& commit);

  // Waits until every commit that was sent is answered: the server then stands there. False as with Write.
  bool Drain();

  // Waits for all answers and ends the stream. Once.
  absl::Status Finish();

  static constexpr std::size_t kWindowBytes = 8 << 20;
  static constexpr std::size_t kWindowCommits = 512;

 private:
  void ReadAll();

  grpc::ClientContext context_;
  const OnResponse on_response_;
  StallGuard guard_;
  const std::unique_ptr<grpc::ClientReaderWriter<v1::ImportCommitsRequest, v1::ImportCommitsResponse>> stream_;

  std::mutex mutex_;
  std::condition_variable answered_;
  std::deque<std::size_t> unanswered_;  // bytes of each commit; guarded by mutex_
  std::size_t unanswered_bytes_ = 0;    // guarded by mutex_
  bool writing_ = false;                // a message is on its way to gRPC; guarded by mutex_
  bool finishing_ = false;              // guarded by mutex_
  bool ended_ = false;                  // guarded by mutex_

  std::size_t part_bytes_ = 0;  // of the commit that is still continued; the writer's
  bool finished_ = false;       // the writer's
  std::thread reader_;
};

}  // namespace greffe::client
