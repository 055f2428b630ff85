#include "services/transmittals/crc_table.h"

namespace greffe {

std::optional<std::uint32_t> CrcTable::Find(const std::string& sha256) const {
  const std::lock_guard lock(mutex_);
  const auto found = crcs_.find(sha256);
  if (found == crcs_.end()) return std::nullopt;
  return found->second;
}

void CrcTable::Keep(const std::string& sha256, std::uint32_t crc) {
  const std::lock_guard lock(mutex_);
  if (!crcs_.emplace(sha256, crc).second) return;
  order_.push_back(sha256);
  if (order_.size() <= most_) return;
  crcs_.erase(order_.front());
  order_.pop_front();
}

}  // namespace greffe
