#include "storage/store/upload_claims.h"

#include <mutex>

#include "storage/store/upload_sessions.h"

namespace greffe {

bool Uploads::Claim(std::string_view project, std::string_view id) {
  const std::lock_guard lock(state_->mutex);
  const auto session = state_->Find(project, id);
  if (!session.ok()) return false;
  if ((*session)->claims == 0) {
    State::Count& count = state_->counts.at(std::string(project));
    if (count.claimed >= kMaxClaimed) return false;
    --count.open;
    ++count.claimed;
  }
  ++(*session)->claims;
  return true;
}

void Uploads::GiveBack(std::string_view project, std::string_view id) {
  const std::lock_guard lock(state_->mutex);
  const auto session = state_->Find(project, id);
  if (!session.ok() || (*session)->claims == 0) return;  // consumed, or deleted
  if (--(*session)->claims > 0) return;
  State::Count& count = state_->counts.at(std::string(project));
  ++count.open;
  --count.claimed;
}

UploadClaims::~UploadClaims() {
  for (const auto& [project, id] : claimed_) uploads_.GiveBack(project, id);
}

void UploadClaims::Add(std::string_view project, std::string_view id) {
  if (uploads_.Claim(project, id)) claimed_.emplace_back(project, id);
}

}  // namespace greffe
