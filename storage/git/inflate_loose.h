// The bytes of a loose object's file, inflated piece by piece: for all who read one of any layout.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "storage/base/durable_file.h"
#include "storage/base/pace.h"

namespace greffe {

// Gives them to `take` from the header on, in order. DATA_LOSS (DATA_DAMAGED) when the file at `path`, open as `file`,
// is not one whole zlib stream; IO_ERROR; else the first error of `pace`, which is told of the file's bytes, or of
// `take`.
absl::Status InflateLoose(const std::string& path, const FileHandle& file, const Pace& pace,
                          const std::function<absl::Status(std::string_view)>& take);

// The same of a zlib stream that lies among others in the file at `path`, from `begin` on, and ends before `end`.
absl::Status InflatePart(const std::string& path, const FileHandle& file, std::int64_t begin, std::int64_t end,
                         const Pace& pace, const std::function<absl::Status(std::string_view)>& take);

}  // namespace greffe
