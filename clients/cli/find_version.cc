#include "clients/cli/find_version.h"

#include "clients/cpp/macros.h"

namespace greffe::cli {

absl::StatusOr<std::optional<v1::Version>> FindVersion(Session& session, const std::string& document,
                                                       const std::function<bool(const v1::Version&)>& wanted) {
  v1::ListVersionsRequest request;
  request.set_parent(document);
  request.set_page_size(1000);
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListVersionsResponse page, session.client().ListVersions(request));
    for (const v1::Version& version : page.versions()) {
      if (wanted(version)) return version;
    }
    if (page.next_page_token().empty()) return std::nullopt;
    request.set_page_token(page.next_page_token());
  }
}

absl::StatusOr<std::int64_t> OlderVersionWith(Session& session, const v1::Document& document,
                                              const client::ContentSource& content) {
  const v1::Version& latest = document.latest_version();
  if (latest.number() < 2) return 0;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string sha256, client::Sha256Of(content));
  if (latest.main_file().sha256() == sha256) return 0;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto found, FindVersion(session, document.name(), [&](const v1::Version& one) {
                                   return one.number() < latest.number() && one.main_file().sha256() == sha256;
                                 }));
  return found ? found->number() : 0;
}

absl::StatusOr<std::optional<v1::Version>> VersionOfThisRequest(Session& session, const v1::Document& document,
                                                                const client::ContentSource& content) {
  if (session.request_id.empty()) return std::nullopt;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string sha256, client::Sha256Of(content));
  v1::ListChangesRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_page_size(1);
  absl::Status failure;
  auto found = FindVersion(session, document.name(), [&](const v1::Version& one) {
    if (one.main_file().sha256() != sha256) return false;
    request.set_after_sequence(one.sequence() - 1);
    const auto page = session.client().ListChanges(request);
    if (!page.ok()) failure = page.status();
    return !page.ok() || (page->changes_size() == 1 && page->changes(0).request_id() == session.request_id);
  });
  if (!failure.ok()) return failure;
  return found;
}

std::string OlderVersionText(const v1::Document& document, std::int64_t older) {
  return "has the content of version " + std::to_string(older) + " of " + IdOf(document.name()) + ", whose latest is " +
         std::to_string(document.latest_version().number());
}

std::string WithdrawnText(const v1::Document& document) {
  const std::string number = IdOf(document.name());
  return "has a content of " + number + ", which lay there and was withdrawn; greffe reinstate " + number +
         " brings that back";
}

absl::Status OlderVersion(const std::string& path, const v1::Document& document, std::int64_t older) {
  const std::string number = IdOf(document.name());
  const std::string version = std::to_string(older);
  return client::MakeError(absl::StatusCode::kFailedPrecondition, "OLDER_VERSION",
                           "\"" + path + "\" " + OlderVersionText(document, older) + "; greffe restore " + number +
                               " --version " + version + " makes that the latest",
                           {{"path", path}, {"version", version}});
}

absl::Status Withdrawn(const std::string& path, const v1::Document& document) {
  return client::MakeError(absl::StatusCode::kFailedPrecondition, "DOCUMENT_WITHDRAWN",
                           "\"" + path + "\" " + WithdrawnText(document), {{"path", path}});
}

}  // namespace greffe::cli
