// Where files lie that are frozen or sent together.
#pragma once

#include <string>
#include <vector>

#include "greffe/v1/documents.pb.h"
#include "greffe/v1/versions.pb.h"

namespace greffe::model {

// Where the files of the version lie beside each other, at the document's path.
void AddPathsOf(const v1::Document& document, const v1::Version& version, std::vector<std::string>& paths);
// Whether two have one path, or one lies below another.
bool DoClash(const std::vector<std::string>& paths);

}  // namespace greffe::model
