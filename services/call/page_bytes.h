// How much a page of a list holds, for lists that know the number of their items alone; the listers of documents and
// records keep to kPageBytes themselves.
#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "google/protobuf/message.h"
#include "storage/base/page_bytes.h"
#include "storage/base/record_kinds.h"

namespace greffe {

inline std::size_t BytesOf(const google::protobuf::Message& item) { return item.ByteSizeLong(); }
inline std::size_t BytesOf(const RecordPtr& item) { return item->ByteSizeLong(); }

// How many of the items go on one page: `most` of them, and kPageBytes, but the first one in any case.
template <typename Item>
std::size_t CountThatFit(const std::vector<Item>& items, int most) {
  std::size_t bytes = 0;
  std::size_t count = 0;
  for (const Item& item : items) {
    bytes += BytesOf(item);
    if (static_cast<int>(count) == most || (count > 0 && bytes > kPageBytes)) break;
    ++count;
  }
  return count;
}

// The page that `list`, a function of the number of items, gives: with fewer than `size` when so many do not fit.
template <typename Page, typename Item, typename List>
absl::StatusOr<Page> PageThatFits(int size, std::vector<Item> Page::*items, List list) {
  absl::StatusOr<Page> page = list(size);
  if (!page.ok()) return page;
  const std::vector<Item>& all = (*page).*items;
  const std::size_t fit = CountThatFit(all, size);
  if (fit == all.size()) return page;
  return list(static_cast<int>(fit));
}

}  // namespace greffe
