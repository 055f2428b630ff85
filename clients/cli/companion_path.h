// Where the companions of a document lie beside it.
#pragma once

#include <string>

#include "greffe/v1/versions.pb.h"

namespace greffe::cli {

// Of the companion of a document at `path`: where the project's git repository and a transmittal's package have it too,
// `<path>.renditions/<name>` or `<path>.attachments/<name>`.
std::string CompanionPath(const std::string& path, const v1::File& companion);

}  // namespace greffe::cli
