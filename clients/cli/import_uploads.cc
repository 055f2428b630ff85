#include "clients/cli/import_uploads.h"

#include <utility>

#include "clients/cpp/upload.h"

namespace greffe::cli {

void ImportUploads::Add(const std::string& upload) {
  const std::lock_guard lock(mutex_);
  next_.push_back(upload);
}

void ImportUploads::Sending() {
  const std::lock_guard lock(mutex_);
  sent_.push_back(std::exchange(next_, {}));
}

void ImportUploads::Answered(bool all) {
  const std::lock_guard lock(mutex_);
  if (sent_.empty()) return;
  if (!all) left_.insert(left_.end(), sent_.front().begin(), sent_.front().end());
  sent_.pop_front();
}

void ImportUploads::GiveUp(client::Client& client) {
  std::vector<std::string> uploads;
  {
    const std::lock_guard lock(mutex_);
    uploads = std::exchange(left_, {});
    for (const auto& of_commit : std::exchange(sent_, {})) {
      uploads.insert(uploads.end(), of_commit.begin(), of_commit.end());
    }
    uploads.insert(uploads.end(), next_.begin(), next_.end());
    next_.clear();
  }
  client::GiveUploadsUp(client, uploads);
}

}  // namespace greffe::cli
