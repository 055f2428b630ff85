// What check-ins gave up of uploads: contents that their documents had already.
#pragma once

#include <cstddef>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "storage/store/staged_content.h"

namespace greffe {

// Such a check-in makes no commit, so nothing durable knows its request. Who did not get the answer asks again, and
// names an upload that is gone: what it was is enough to answer the same. Not thread-safe; holds the newest.
class GivenUpUploads {
 public:
  explicit GivenUpUploads(std::size_t most = 1000) : most_(most) {}

  void Keep(std::string_view project, StagedContent content) {
    Key key(project, content.upload);
    const auto [found, added] = contents_.insert_or_assign(key, std::move(content));
    if (!added) return;
    order_.push_back(std::move(key));
    if (order_.size() <= most_) return;
    contents_.erase(order_.front());
    order_.pop_front();
  }

  std::optional<StagedContent> Find(std::string_view project, std::string_view id) const {
    const auto found = contents_.find(Key(project, id));
    if (found == contents_.end()) return std::nullopt;
    return found->second;
  }

 private:
  using Key = std::pair<std::string, std::string>;  // project, id

  const std::size_t most_;
  std::map<Key, StagedContent> contents_;
  std::deque<Key> order_;  // the oldest first
};

}  // namespace greffe
