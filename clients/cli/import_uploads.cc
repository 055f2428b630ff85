#include "clients/cli/import_uploads.h"

#include <utility>

#include "clients/cpp/upload.h"

namespace greffe::cli {

void ImportUploads::Add(const std::string& upload) {
  const std::lock_guard lock(mutex_);
  next_.push_back(upload);
}

void ImportUploads::Sending(int contents) {
  const std::lock_guard lock(mutex_);
  sent_.push_back({std::exchange(next_, {}), contents});
}

void ImportUploads::Answered(int versions) {
  const std::lock_guard lock(mutex_);
  if (sent_.empty()) return;
  const Sent& sent = sent_.front();
  if (versions < sent.contents) left_.insert(left_.end(), sent.uploads.begin(), sent.uploads.end());
  sent_.pop_front();
}

void ImportUploads::StreamEnded() {
  const std::lock_guard lock(mutex_);
  for (const Sent& sent : std::exchange(sent_, {})) {
    left_.insert(left_.end(), sent.uploads.begin(), sent.uploads.end());
  }
  left_.insert(left_.end(), next_.begin(), next_.end());
  next_.clear();
}

void ImportUploads::GiveUp(client::Client& client) {
  std::vector<std::string> uploads;
  {
    const std::lock_guard lock(mutex_);
    uploads = std::exchange(left_, {});
  }
  client::GiveUploadsUp(client, uploads);
}

}  // namespace greffe::cli
