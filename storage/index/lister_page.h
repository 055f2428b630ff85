// The first of all that match, when they are met in another order than is asked for.
#pragma once

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/base/page_bytes.h"

namespace greffe {

// The first items in an order, as many as a page holds.
template <typename Item>
class SortedPage {
 public:
  SortedPage(bool descending, int limit) : descending_(descending), limit_(static_cast<std::size_t>(limit)) {}

  bool Before(std::string_view a, std::string_view b) const { return descending_ ? a > b : a < b; }
  // The first place of what was left out, behind which nothing belongs on the page; nullptr: all had room.
  const std::string* cut() const { return cut_ ? &*cut_ : nullptr; }
  bool Takes(std::string_view key) const { return !cut_ || Before(key, *cut_); }

  // An item of a key that Takes.
  void Add(std::string key, Item item, std::size_t bytes) {
    const auto worse = [this](const Held& a, const Held& b) { return Before(a.key, b.key); };
    held_.push_back({std::move(key), std::move(item), bytes});
    std::push_heap(held_.begin(), held_.end(), worse);
    bytes_ += bytes;
    while (held_.size() > limit_ || (bytes_ > kPageBytes && held_.size() > 1)) {
      std::pop_heap(held_.begin(), held_.end(), worse);
      bytes_ -= held_.back().bytes;
      cut_ = std::move(held_.back().key);
      held_.pop_back();
    }
  }

  // The items in order; `next` is the key of the last one when others come after it.
  std::vector<Item> Finish(std::string& next) {
    std::sort(held_.begin(), held_.end(), [this](const Held& a, const Held& b) { return Before(a.key, b.key); });
    std::vector<Item> items;
    for (Held& held : held_) items.push_back(std::move(held.item));
    if (cut_ && !held_.empty()) next = std::move(held_.back().key);
    return items;
  }

 private:
  struct Held {
    std::string key;
    Item item;
    std::size_t bytes;
  };

  const bool descending_;
  const std::size_t limit_;
  std::vector<Held> held_;  // a heap, the last in order on top
  std::size_t bytes_ = 0;
  std::optional<std::string> cut_;
};

}  // namespace greffe
