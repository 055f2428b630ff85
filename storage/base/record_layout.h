// Where things lie in a project's tree (FORMAT.md, "The tree of a project"). What the tree holds is a pure function of
// the records: a document that is active lies at its path with its companions in folders beside it; a withdrawn one has
// its record only.
#pragma once

#include <string>
#include <string_view>

#include "greffe/v1/documents.pb.h"

namespace greffe {

inline constexpr char kMainRef[] = "refs/heads/main";
inline constexpr char kTagPrefix[] = "refs/tags/";
inline constexpr char kBaselineRefs[] = "refs/tags/baselines";
inline constexpr char kProjectRecordPath[] = ".greffe/project.json";
// In the tree of a baseline's tag: its record.
inline constexpr char kBaselinePath[] = ".greffe/baseline.json";

// ".greffe/documents/<x>/<y>/<z>/<number>.json"; x, y and z are the first hexadecimal digits of the number's SHA-256.
// Three levels of 16 keep the trees that a commit rewrites small up to a million documents.
std::string DocumentRecordPath(std::string_view number);

// The same for any collection: ".greffe/<collection>/<x>/<y>/<z>/<id>.json".
std::string ShardedPath(std::string_view collection, std::string_view id);

// "<path>.attachments" or "<path>.renditions": the folder that a document's companions of that role lie in.
std::string CompanionFolder(std::string_view path, v1::FileRole role);

// Where a file of a version of a document at `path` lies.
std::string ContentPath(std::string_view path, const v1::File& file);

}  // namespace greffe
