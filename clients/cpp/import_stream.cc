#include "clients/cpp/import_stream.h"

#include <utility>

#include "clients/cpp/stubs.h"

namespace greffe::client {

ImportStream::ImportStream(Client& client, const v1::ImportHeader& header, OnResponse on_response)
    : on_response_(std::move(on_response)),
      guard_(context_, client.options().stall_timeout),
      // The context must have its metadata before the stream begins.
      stream_((client.Prepare(context_), client.stubs().imports->ImportCommits(&context_))) {
  v1::ImportCommitsRequest request;
  *request.mutable_header() = header;
  stream_->Write(request);
  guard_.Pause();
  reader_ = std::thread([this] { ReadAll(); });
}

ImportStream::~ImportStream() {
  if (finished_) return;
  context_.TryCancel();
  reader_.join();
  stream_->Finish();
}

void ImportStream::ReadAll() {
  v1::ImportCommitsResponse response;
  while (stream_->Read(&response)) {
    guard_.Pause();
    on_response_(response);
    {
      const std::lock_guard lock(mutex_);
      if (!unanswered_.empty()) {
        unanswered_bytes_ -= unanswered_.front();
        unanswered_.pop_front();
      }
      // When all is sent, the end is awaited too; and a part that the server does not read, which nobody answers.
      if (finishing_ || writing_ || !unanswered_.empty()) guard_.Progress();
    }
    answered_.notify_one();
  }
  const std::lock_guard lock(mutex_);
  ended_ = true;
  answered_.notify_one();
}

bool ImportStream::Write(const v1::ImportCommit& commit) {
  v1::ImportCommitsRequest request;
  *request.mutable_commit() = commit;
  part_bytes_ += request.ByteSizeLong();
  {
    std::unique_lock lock(mutex_);
    answered_.wait(lock, [this] {
      return ended_ || unanswered_.empty() || (unanswered_bytes_ < kWindowBytes && unanswered_.size() < kWindowCommits);
    });
    if (ended_) return false;
    // Before it is sent, so that its answer finds it.
    if (!commit.continued()) {
      const std::size_t bytes = std::exchange(part_bytes_, 0);
      unanswered_.push_back(bytes);
      unanswered_bytes_ += bytes;
    }
    writing_ = true;
    guard_.Progress();
  }
  const bool written = stream_->Write(request);
  const std::lock_guard lock(mutex_);
  writing_ = false;
  // Nobody answers a part, and what the caller does before the next one may take as long as an upload.
  if (unanswered_.empty()) guard_.Pause();
  return written;
}

bool ImportStream::Drain() {
  std::unique_lock lock(mutex_);
  answered_.wait(lock, [this] { return ended_ || unanswered_.empty(); });
  return !ended_;
}

absl::Status ImportStream::Finish() {
  stream_->WritesDone();
  {
    std::unique_lock lock(mutex_);
    finishing_ = true;
    guard_.Progress();
    answered_.wait(lock, [this] { return ended_; });
  }
  reader_.join();
  finished_ = true;
  const absl::Status status = FromGrpc(stream_->Finish());
  if (guard_.Fired()) return absl::UnavailableError("import stalled");
  return status;
}

}  // namespace greffe::client
