// What an IndexBatch of a whole history has beside the others. Only this folder includes it.
#pragma once

#include <cstdint>
#include <string_view>

#include "storage/index/bulk_rows.h"
#include "storage/index/index_batch.h"

namespace greffe {

struct IndexBatch::Bulk {
  BulkRows rows;
  BulkRows current;                // filled when the batch is written
  std::int64_t overlay_bytes = 0;  // put into the overlays, at most
  bool complete = true;            // nothing of it is in the database yet

  void Count(std::string_view key, std::string_view value) {
    overlay_bytes += static_cast<std::int64_t>(key.size() + value.size());
  }
};

}  // namespace greffe
