// Where the companions of a document lie beside it.
#pragma once

#include <string>

#include "greffe/v1/versions.pb.h"

namespace greffe::cli {

// Of the companion of a document at `path`: where the project's git repository and a transmittal's package have it too,
// `<path>.renditions/<name>` or `<path>.attachments/<name>`.
std::string CompanionPath(const std::string& path, const v1::File& companion);

// The other way round: the path of the document that a file at `path` would be a companion of; empty: its folder is
// none of companions.
std::string OwnerPath(const std::string& path);

}  // namespace greffe::cli
