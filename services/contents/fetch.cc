#include "services/contents/fetch.h"

#include "storage/base/errors.h"
#include "storage/base/names.h"

namespace greffe {

absl::StatusOr<FoundFile> FindFile(const Store& store, const std::string& name, const v1::AsOf& as_of,
                                   const std::string& companion) {
  GREFFE_ASSIGN_OR_RETURN(const VersionName parsed, ParseDocumentOrVersionName(name));
  if (parsed.version > 0 && as_of.moment_case() != v1::AsOf::MOMENT_NOT_SET) {
    return InvalidField("as_of", "FIELD_INVALID", "does not go with the number of a version");
  }
  FoundFile found;
  found.project = parsed.project;
  found.number = parsed.number;
  found.is_latest = parsed.version == 0 && parsed.alias == VersionName::Alias::kNone &&
                    as_of.moment_case() == v1::AsOf::MOMENT_NOT_SET && companion.empty();
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(parsed.project, as_of));
  GREFFE_ASSIGN_OR_RETURN(found.version, view.ResolveVersion(parsed));
  if (companion.empty()) {
    found.file = found.version.main_file();
    return found;
  }
  for (const v1::File& file : found.version.companions()) {
    if (file.file_name() != companion) continue;
    found.file = file;
    return found;
  }
  return Error(absl::StatusCode::kNotFound, "FILE_NOT_FOUND",
               "version '" + found.version.name() + "' has no companion '" + companion + "'",
               {{"version", found.version.name()}, {"companion", companion}});
}

absl::Status Fetch(const Store& store, const v1::FetchContentRequest& request, std::int64_t limit,
                   v1::FetchContentResponse& response) {
  GREFFE_ASSIGN_OR_RETURN(FoundFile found, FindFile(store, request.name(), request.as_of(), request.companion()));
  response.set_etag(found.file.sha256());
  response.set_not_modified(!request.if_none_match().empty() && request.if_none_match() == found.file.sha256());
  if (!response.not_modified()) {
    if (found.file.size() > limit) {
      response.set_content_omitted(true);
    } else {
      GREFFE_ASSIGN_OR_RETURN(*response.mutable_content(), store.ReadContent(found.project, found.file));
      if (found.is_latest) {
        store.KeepLatestContent(found.project, found.number, found.version, response.content());
      }
    }
  }
  *response.mutable_version() = std::move(found.version);
  *response.mutable_file() = std::move(found.file);
  return absl::OkStatus();
}

}  // namespace greffe
