// Which places in the tree a document holds, for clashes and for the folders that they fill.
#pragma once

#include <string>
#include <vector>

#include "greffe/v1/documents.pb.h"

namespace greffe {

// The paths that nothing else may lie at or under: the main file's, and the folders of companions. None for a document
// that is withdrawn or has no path. A path is claimed from registration on, before there is content.
std::vector<std::string> PlacesOf(const v1::Document& document);

// A field's value by which documents are found.
struct Posting {
  std::string field;  // "type", "owner", "state" (withdrawn ones only), "version_state" (not drafts),
                      // "template" (in its order), "labels.<key>", "attributes.<id>"
  std::string value;

  friend bool operator==(const Posting&, const Posting&) = default;
};
using Postings = std::vector<Posting>;
Postings PostingsOf(const v1::Document& document);

}  // namespace greffe
