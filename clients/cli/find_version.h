// Looking for a version by what it holds.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/session.h"
#include "clients/cpp/content_source.h"

namespace greffe::cli {

// The newest version of `document`, a resource name, of which `wanted` is true; nullopt: there is none.
absl::StatusOr<std::optional<v1::Version>> FindVersion(Session& session, const std::string& document,
                                                       const std::function<bool(const v1::Version&)>& wanted);

// The number of an older version of `document` that has `content` as its main file, where the latest one has another:
// checked in, it would take back what came since. 0: there is none.
absl::StatusOr<std::int64_t> OlderVersionWith(Session& session, const v1::Document& document,
                                              const client::ContentSource& content);

// The version of `document` with `content` as its main file that a call with this session's request id made: what is
// repeated with that id was done. nullopt: there is none, or the session has no request id.
absl::StatusOr<std::optional<v1::Version>> VersionOfThisRequest(Session& session, const v1::Document& document,
                                                                const client::ContentSource& content);

// What such a version is, for people.
std::string OlderVersionText(const v1::Document& document, std::int64_t older);

// The same of a content that the withdrawn `document` had.
std::string WithdrawnText(const v1::Document& document);

// FAILED_PRECONDITION (OLDER_VERSION): the local file for `path` is such a version.
absl::Status OlderVersion(const std::string& path, const v1::Document& document, std::int64_t older);

// FAILED_PRECONDITION (DOCUMENT_WITHDRAWN): the local file for `path` has such a content.
absl::Status Withdrawn(const std::string& path, const v1::Document& document);

}  // namespace greffe::cli
