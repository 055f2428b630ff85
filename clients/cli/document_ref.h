// How people name documents.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/session.h"

namespace greffe::cli {

// The document that `text` names in the session's project: a number, an alternate number, a path, or a whole resource
// name. What looks like a path ('/' or '.' in it) is tried as one first; what begins with `./` is none of a
// resource.
absl::StatusOr<v1::Document> FindDocument(Session& session, const std::string& text, const v1::AsOf& as_of = {});

// What --help says of it.
inline constexpr char kDocumentHelp[] = "Number, alternate number or path of a document";

// Calls `visit` for each document of a listing, over all pages; answers the sequence that the listing saw.
absl::StatusOr<std::int64_t> ForEachDocument(Session& session, v1::ListDocumentsRequest request,
                                             const std::function<absl::Status(const v1::Document&)>& visit);

// A string as a filter's literal, in quotes.
std::string Quoted(const std::string& value);

}  // namespace greffe::cli
