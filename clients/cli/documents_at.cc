#include "clients/cli/documents_at.h"

#include <algorithm>
#include <cstdint>
#include <filesystem>
#include <system_error>
#include <utility>

#include "clients/cli/companion_path.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/find_version.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

// Whether a listing finds what lies at so many paths sooner than as many look-ups.
absl::StatusOr<bool> ListingIsCheaper(Session& session, const std::string& parent, std::size_t paths) {
  constexpr std::size_t kLookups = 16;
  constexpr std::int64_t kListedPerLookup = 100;
  if (paths <= kLookups) return false;
  v1::GetProjectRequest request;
  request.set_name(parent);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Project project, session.client().GetProject(request));
  return project.document_count() <= static_cast<std::int64_t>(paths) * kListedPerLookup;
}

// A comparison that holds for all of `paths`: the path of one, the folder of several; empty: there is none.
std::string PathTerm(const std::set<std::string>& paths) {
  if (paths.size() == 1) return "path = " + Quoted(*paths.begin());
  // Sorted: what the first and the last have in common, all have.
  const std::string& first = *paths.begin();
  const std::string& last = *paths.rbegin();
  const auto common = std::mismatch(first.begin(), first.end(), last.begin(), last.end()).first;
  const std::string folder = first.substr(0, std::string(first.begin(), common).rfind('/') + 1);
  return folder.empty() ? "" : "path : " + Quoted(folder);
}

absl::Status LookUp(Session& session, const std::string& parent, const std::set<std::string>& paths,
                    DocumentsThere& found) {
  for (const std::string& path : paths) {
    v1::LookupDocumentRequest request;
    request.set_parent(parent);
    request.set_path(path);
    absl::StatusOr<v1::Document> document = session.client().LookupDocument(request);
    const std::string reason = client::ReasonOf(document.status());
    if (document.ok()) {
      found.at[path] = *std::move(document);
    } else if (reason == "PROJECT_NOT_FOUND") {
      return document.status();
    } else if (document.status().code() != absl::StatusCode::kNotFound && reason != "PATH_INVALID") {
      // A path that cannot be is refused by the check-in too, which may leave it out.
      return document.status();
    }
  }
  return absl::OkStatus();
}

std::set<std::int64_t> SizesOf(const std::vector<LocalFile>& files) {
  std::set<std::int64_t> sizes;
  for (const LocalFile& file : files) {
    std::error_code error;
    const std::uintmax_t size = std::filesystem::file_size(file.local, error);
    if (!error && size > 0) sizes.insert(static_cast<std::int64_t>(size));  // what is empty is like many others
  }
  return sizes;
}

}  // namespace

absl::StatusOr<DocumentsThere> FindDocumentsAt(Session& session, const std::string& parent,
                                               const std::vector<LocalFile>& files) {
  std::set<std::string> paths;
  for (const LocalFile& file : files) {
    paths.insert(file.path);
    if (std::string owner = OwnerPath(file.path); !owner.empty()) paths.insert(std::move(owner));
  }
  DocumentsThere found;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool listing, ListingIsCheaper(session, parent, paths.size()));
  if (!listing) {
    GREFFE_CLIENT_RETURN_IF_ERROR(LookUp(session, parent, paths, found));
    return found;
  }
  const std::set<std::int64_t> sizes = SizesOf(files);
  v1::ListDocumentsRequest request;
  request.set_parent(parent);
  request.set_page_size(1000);
  request.set_filter(PathTerm(paths));
  GREFFE_CLIENT_RETURN_IF_ERROR(ForEachDocument(session, request, [&](const v1::Document& document) {
                                  // Of a large project most is no matter of these files.
                                  const v1::File& file = document.latest_version().main_file();
                                  if (paths.contains(document.path())) {
                                    found.at[document.path()] = document;
                                  } else if (sizes.contains(file.size())) {
                                    v1::Document& other = found.elsewhere[file.sha256()];
                                    other.set_name(document.name());
                                    other.set_path(document.path());
                                    other.mutable_latest_version()->mutable_main_file()->set_size(file.size());
                                  }
                                  return absl::OkStatus();
                                }).status());
  return found;
}

absl::StatusOr<std::multimap<std::string, v1::Document>> FindWithdrawnAt(Session& session, const std::string& parent,
                                                                         const std::set<std::string>& paths) {
  constexpr std::size_t kLongestPath = 1024;  // no document has a longer one, and no filter the room
  std::set<std::string> possible;
  for (const std::string& path : paths) {
    if (path.size() <= kLongestPath) possible.insert(path);
  }
  std::multimap<std::string, v1::Document> found;
  if (possible.empty()) return found;
  v1::ListDocumentsRequest request;
  request.set_parent(parent);
  request.set_page_size(1000);
  const std::string term = PathTerm(possible);
  request.set_filter("state = WITHDRAWN" + (term.empty() ? "" : " AND " + term));
  GREFFE_CLIENT_RETURN_IF_ERROR(ForEachDocument(session, request, [&](const v1::Document& document) {
                                  if (possible.contains(document.path())) found.emplace(document.path(), document);
                                  return absl::OkStatus();
                                }).status());
  return found;
}

absl::StatusOr<const v1::Document*> FindWithdrawnWith(Session& session,
                                                      const std::multimap<std::string, v1::Document>& withdrawn,
                                                      const std::string& path, const client::ContentSource& content) {
  const auto [begin, end] = withdrawn.equal_range(path);
  if (begin == end) return nullptr;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string sha256, client::Sha256Of(content));
  for (auto it = begin; it != end; ++it) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto version, FindVersion(session, it->second.name(), [&](const auto& one) {
                                     return one.main_file().sha256() == sha256;
                                   }));
    if (version) return &it->second;
  }
  return nullptr;
}

}  // namespace greffe::cli
