// Finding the file that a fetch asks for, and its bytes.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "greffe/v1/contents.pb.h"
#include "services/call/runtime.h"

namespace greffe {

struct FoundFile {
  std::string project;
  std::string number;
  bool is_latest = false;  // the main file of the latest version, asked for as such
  v1::Version version;
  v1::File file;
};

// `name` of a document (its latest version at `as_of`) or of a version; `companion` empty: the main file.
// NOT_FOUND (FILE_NOT_FOUND) for a companion that is not there.
absl::StatusOr<FoundFile> FindFile(const Store& store, const std::string& name, const v1::AsOf& as_of,
                                   const std::string& companion);

// Fills `response`, with the bytes when there are at most `limit` of them. Reads from disk.
absl::Status Fetch(const Store& store, const v1::FetchContentRequest& request, std::int64_t limit,
                   v1::FetchContentResponse& response);

}  // namespace greffe
