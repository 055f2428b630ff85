#include "services/imports/rename_queue.h"

#include <iterator>

namespace greffe {

RenameQueue::RenameQueue(std::size_t count) : aside_(count, false) {
  for (std::size_t rename = 0; rename < count; ++rename) ready_.push_back(rename);
}

std::optional<std::size_t> RenameQueue::Next() {
  if (ready_.empty()) return std::nullopt;
  const std::size_t rename = ready_.front();
  ready_.pop_front();
  return rename;
}

void RenameQueue::Wait(std::size_t rename, const std::string& place) {
  waiting_[rename] = place;
  by_place_[place].insert(rename);
  if (!aside_[rename]) standing_.insert(rename);
}

void RenameQueue::Free(const std::string& place) {
  const auto found = by_place_.find(place);
  if (found == by_place_.end()) return;
  for (const std::size_t rename : found->second) {
    ready_.push_back(rename);
    waiting_.erase(rename);
    standing_.erase(rename);
  }
  by_place_.erase(found);
}

std::optional<std::size_t> RenameQueue::NextAside() {
  if (standing_.empty()) return std::nullopt;
  const std::size_t rename = *standing_.begin();
  standing_.erase(standing_.begin());
  aside_[rename] = true;
  return rename;
}

std::optional<std::size_t> RenameQueue::GiveUp() {
  if (waiting_.empty()) return std::nullopt;
  const auto last = std::prev(waiting_.end());
  const std::size_t rename = last->first;
  const auto place = by_place_.find(last->second);
  place->second.erase(rename);
  if (place->second.empty()) by_place_.erase(place);
  waiting_.erase(last);
  standing_.erase(rename);
  return rename;
}

}  // namespace greffe
