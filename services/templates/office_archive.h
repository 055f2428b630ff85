// The zip file that a docx or xlsx is: read whole and checked, with some of its files replaced.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/template_fields.h"

namespace greffe {

// Not thread-safe.
class OfficeArchive {
 public:
  // Reads every file once to its end, in pieces: FAILED_PRECONDITION (TEMPLATE_DAMAGED naming the file,
  // TEMPLATE_TOO_LARGE naming the limit) for what is damaged, encrypted, or unpacks to too much.
  static absl::StatusOr<std::unique_ptr<OfficeArchive>> Open(std::string_view bytes, const TemplateLimits& limits);
  virtual ~OfficeArchive() = default;

  // The names of its files; a file's place in it is its index.
  virtual const std::vector<std::string>& names() const = 0;
  virtual std::int64_t SizeOf(std::size_t index) const = 0;
  // Of a file whose size the caller has looked at.
  virtual absl::StatusOr<std::string> Read(std::size_t index) = 0;

  virtual absl::Status Replace(std::size_t index, std::string content) = 0;
  // The archive with what was replaced; all else is as it was, packed bytes included. Ends the archive's life.
  virtual absl::StatusOr<std::string> Finish() = 0;
};

}  // namespace greffe
