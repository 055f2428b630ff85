#include "clients/cli/document_ref.h"

#include <algorithm>

#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {

absl::StatusOr<v1::Document> FindDocument(Session& session, const std::string& text, const v1::AsOf& as_of) {
  if (text.rfind("projects/", 0) == 0 && text.find("/documents/") != std::string::npos) {
    v1::GetDocumentRequest request;
    request.set_name(text);
    if (as_of.moment_case() != v1::AsOf::MOMENT_NOT_SET) *request.mutable_as_of() = as_of;
    return session.client().GetDocument(request);
  }
  v1::LookupDocumentRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  if (as_of.moment_case() != v1::AsOf::MOMENT_NOT_SET) *request.mutable_as_of() = as_of;
  const bool like_path = text.find_first_of("/.") != std::string::npos;
  const auto ask = [&](bool by_path) {
    if (by_path) {
      request.set_path(ProjectPath(text));
    } else {
      request.set_number(text);
    }
    return session.client().LookupDocument(request);
  };
  const absl::StatusOr<v1::Document> first = ask(like_path);
  if (first.ok() || client::ReasonOf(first.status()) == "PROJECT_NOT_FOUND") return first;
  // What cannot be a number is refused as one, rather than not found.
  const absl::StatusCode code = first.status().code();
  if (code != absl::StatusCode::kNotFound && code != absl::StatusCode::kInvalidArgument) return first;
  const absl::StatusOr<v1::Document> second = ask(!like_path);
  return second.ok() || code == absl::StatusCode::kInvalidArgument ? second : first;
}

absl::StatusOr<std::int64_t> ForEachDocument(Session& session, v1::ListDocumentsRequest request,
                                             const std::function<absl::Status(const v1::Document&)>& visit) {
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListDocumentsResponse page, session.client().ListDocuments(request));
    for (const v1::Document& document : page.documents()) GREFFE_CLIENT_RETURN_IF_ERROR(visit(document));
    if (page.next_page_token().empty()) return page.sequence();
    request.set_page_token(page.next_page_token());
  }
}

std::string Quoted(const std::string& value) {
  std::string quoted = "\"";
  for (const char c : value) {
    if (c == '"' || c == '\\') quoted += '\\';
    quoted += c;
  }
  return quoted + "\"";
}

}  // namespace greffe::cli
