// How much a page of a list holds, for lists that know the number of their items alone; what the index lists keeps to
// kPageBytes there, before it is parsed.
#pragma once

#include <cstddef>
#include <vector>

#include "storage/base/page_bytes.h"

namespace greffe {

// How many of the items go on one page: `most` of them, and kPageBytes, but the first one in any case.
template <typename Item>
std::size_t CountThatFit(const std::vector<Item>& items, int most) {
  PageFill page(most);
  std::size_t count = 0;
  while (count < items.size() && page.Takes(items[count].ByteSizeLong())) ++count;
  return count;
}

}  // namespace greffe
