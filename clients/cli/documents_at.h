// What a project has at the paths where local files shall go.
#pragma once

#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "clients/cli/local_files.h"
#include "clients/cli/session.h"
#include "clients/cpp/content_source.h"

namespace greffe::cli {

struct DocumentsThere {
  // Active documents by path: at those of the files, and at those whose companions the files' names make them.
  std::map<std::string, v1::Document> at;
  // Other active documents with a latest main file of the size of one of the files, by its SHA-256, with
  // name, path and that size: those that a listing came across. Where paths are looked up one by one, none.
  std::map<std::string, v1::Document> elsewhere;
};

// Now, of `files`, which are sorted by path.
absl::StatusOr<DocumentsThere> FindDocumentsAt(Session& session, const std::string& parent,
                                               const std::vector<LocalFile>& files);

// The withdrawn documents that had one of `paths` at the end, by it. One listing.
absl::StatusOr<std::multimap<std::string, v1::Document>> FindWithdrawnAt(Session& session, const std::string& parent,
                                                                         const std::set<std::string>& paths);

// The one of those `withdrawn` at `path` of which a version has `content` as its main file; null: there is none.
absl::StatusOr<const v1::Document*> FindWithdrawnWith(Session& session,
                                                      const std::multimap<std::string, v1::Document>& withdrawn,
                                                      const std::string& path, const client::ContentSource& content);

}  // namespace greffe::cli
