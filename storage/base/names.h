// Resource names (AIP-122) and the names of things inside them. One parser for each shape; ids are validated here and
// nowhere else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/paths.h"

namespace greffe {

// `projects/{id}` -> id. INVALID_ARGUMENT (NAME_INVALID) naming `field` and the value.
absl::StatusOr<std::string> ParseProjectName(std::string_view name, const std::string& field = "name");
std::string ProjectName(std::string_view project);

struct DocumentName {
  std::string project;
  std::string number;
};
// `projects/{p}/documents/{number}`.
absl::StatusOr<DocumentName> ParseDocumentName(std::string_view name, const std::string& field = "name");
std::string FormatDocumentName(std::string_view project, std::string_view number);

struct VersionName {
  // Which version is meant, where the name does not say its number.
  enum class Alias { kNone, kLatest, kReleased, kRevision };

  std::string project;
  std::string number;
  std::int64_t version = 0;  // 0: the name was a document's, or an alias
  Alias alias = Alias::kNone;
  std::string revision;  // of kRevision
};
// `projects/{p}/documents/{number}/versions/{n}`, n from 1 on without leading zeros; or `.../versions/latest`,
// `.../versions/released`, `.../revisions/{code}`.
absl::StatusOr<VersionName> ParseVersionName(std::string_view name, const std::string& field = "name");
// The same, or a document's name, whose `version` is then 0.
absl::StatusOr<VersionName> ParseDocumentOrVersionName(std::string_view name, const std::string& field = "name");
std::string FormatVersionName(std::string_view project, std::string_view number, std::int64_t version);

// `projects/{p}/<collection>/{id}` for uploads and importSources.
struct ChildName {
  std::string project;
  std::string id;
};
absl::StatusOr<ChildName> ParseChildName(std::string_view name, std::string_view collection,
                                         const std::string& field = "name");

// The id of the resource that a valid name names; a copy of what LastPart shows.
inline std::string LastSegment(std::string_view name) { return std::string(LastPart(name)); }

// Each: OK, or INVALID_ARGUMENT naming `field` and the value. The grammars are in the proto comments.
absl::Status ValidateProjectId(std::string_view id, const std::string& field);  // Project.name
absl::Status ValidateDocumentNumber(
    std::string_view number,
    const std::string& field);  // 1..64 of A-Z a-z 0-9 - _ . ; begins and ends with letter or digit; no ".."
absl::Status ValidateAlternateNumber(
    std::string_view number,
    const std::string& field);  // 1..128 characters of UTF-8, no controls, no leading or trailing space
// Characters: of a principal's id, and of the name shown for it.
inline constexpr int kMaxPrincipalId = 128;
inline constexpr int kMaxDisplayName = 200;
absl::Status ValidatePrincipalId(std::string_view id, const std::string& field);
absl::Status ValidateRequestId(std::string_view id, const std::string& field);  // empty is fine
absl::Status ValidateRecordId(std::string_view id, const std::string& field);   // as a document number
// Of a record that is new: not the name of a device on Windows either (see ValidatePath), where a clone could not write
// its file. Such ids that are there already stay readable.
absl::Status ValidateNewRecordId(std::string_view id, const std::string& field);
absl::Status ValidateImportSourceId(std::string_view id, const std::string& field);
// Characters of a write's comment or reason.
inline constexpr int kMaxComment = 2000;
// UTF-8 without control characters (line feed and tab allowed when `multiline`), between `minimum` and `maximum`
// Unicode characters.
absl::Status ValidateText(std::string_view text, const std::string& field, int minimum, int maximum,
                          bool multiline = false);

}  // namespace greffe
