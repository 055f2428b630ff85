// The local files that a run is going to write.
#pragma once

#include <map>
#include <string>

#include "absl/status/status.h"
#include "greffe/v1/documents.pb.h"

namespace greffe::cli {

// Takes all files that one run writes, before it writes the first.
class FetchTargets {
 public:
  // `document` goes to the local file `target`. INVALID_ARGUMENT (PATH_TWICE) when another document does already.
  absl::Status Add(const std::string& target, const v1::Document& document);

 private:
  struct Origin {
    std::string name;
    std::string path;  // in the project
  };
  std::map<std::string, Origin> origins_;  // by absolute path, with links followed as far as it exists
};

}  // namespace greffe::cli
