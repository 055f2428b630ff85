// How people name the ends of links: `SPC-0001`, `SPC-0001#REQ-012` (an anchor), `SPC-0001@2` (a version),
// `deliverables:DEL-0001` (another record).
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "clients/cli/session.h"

namespace greffe::cli {

inline constexpr char kLinkEndHelp[] =
    "Document as number or path, with #ANCHOR or @VERSION where meant; or COLLECTION:ID of another record";

struct LinkEndName {
  std::string name;
  std::string anchor;
};
// A path is that of `as_of`; unset: of now.
absl::StatusOr<LinkEndName> FindLinkEnd(Session& session, const std::string& text, const v1::AsOf& as_of = {});

// The other way round.
std::string LinkEndText(const std::string& name, const std::string& anchor);

// "verifies" or "derives-from" -> the type. INVALID_ARGUMENT (OPTION_INVALID) that names the types.
absl::StatusOr<v1::LinkType> ParseLinkType(const std::string& text);

// "procedure", "specification#requirements", "specification#headings", "deliverables:".
absl::StatusOr<v1::CoverageAxis> ParseAxis(const std::string& text);

}  // namespace greffe::cli
