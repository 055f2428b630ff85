// Uploads that a write under way is going to consume.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "storage/store/uploads.h"

namespace greffe {

// One write's. They count no more among those that their project may have open, and are given back when this is gone:
// by then the write's commit has consumed them, or it will not. Not thread-safe.
class UploadClaims {
 public:
  explicit UploadClaims(Uploads& uploads) : uploads_(uploads) {}
  ~UploadClaims();
  UploadClaims(const UploadClaims&) = delete;
  UploadClaims& operator=(const UploadClaims&) = delete;

  void Add(std::string_view project, std::string_view id);

 private:
  Uploads& uploads_;
  std::vector<std::pair<std::string, std::string>> claimed_;  // project, id
};

}  // namespace greffe
