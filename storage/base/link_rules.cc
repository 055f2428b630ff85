#include "storage/base/link_rules.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_kinds.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::string_view kDocuments = "documents/";
constexpr std::size_t kMaxAnchorBytes = 200;

absl::Status Invalid(const std::string& field, std::string_view value, const std::string& expectation) {
  return InvalidField(field, "LINK_END_INVALID", "'" + PrintableUtf8(value.substr(0, 200)) + "': " + expectation);
}

}  // namespace

std::string_view LinkEnd::DocumentNumber() const {
  const std::string_view text = subject;
  return text.starts_with(kDocuments) ? text.substr(kDocuments.size()) : std::string_view();
}

absl::StatusOr<LinkEnd> ParseLinkEnd(std::string_view project, std::string_view name, const std::string& anchor,
                                     const std::string& field) {
  if (name.empty()) return InvalidField(field, "FIELD_REQUIRED", "is required");
  LinkEnd end;
  std::string found_project;
  const std::string_view collection = CollectionOf(name);
  const RecordKind* kind = FindRecordKind(collection);
  if (kind != nullptr) {
    GREFFE_ASSIGN_OR_RETURN(RecordName parsed, ParseRecordName(*kind, name, field));
    if (collection == "links" || collection == "anchors") return Invalid(field, name, "no link can end there");
    found_project = std::move(parsed.project);
    end.subject = absl::StrCat(parsed.collection, "/", parsed.id);
  } else {
    GREFFE_ASSIGN_OR_RETURN(VersionName parsed, ParseDocumentOrVersionName(name, field));
    if (parsed.alias != VersionName::Alias::kNone) return Invalid(field, name, "name a version by its number");
    found_project = std::move(parsed.project);
    end.subject = absl::StrCat("documents/", parsed.number);
    end.version = parsed.version;
  }
  if (found_project != project) return Invalid(field, name, "is of another project");
  if (!anchor.empty()) {
    const std::string anchor_field = field + "_anchor";
    if (end.DocumentNumber().empty() || end.version > 0) {
      return Invalid(anchor_field, anchor, "only a document, named without a version, has anchors to link with");
    }
    if (anchor.size() > kMaxAnchorBytes) return Invalid(anchor_field, anchor, "has over 200 bytes");
    GREFFE_RETURN_IF_ERROR(ValidateText(anchor, anchor_field, 1, kMaxAnchorBytes));
    end.anchor = anchor;
  }
  return end;
}

std::string FormatSubject(std::string_view project, std::string_view subject) {
  constexpr std::string_view kProjects = "projects/";
  std::string name;
  name.reserve(kProjects.size() + project.size() + 1 + subject.size());
  name.append(kProjects).append(project).append(1, '/').append(subject);
  return name;
}

std::string FormatLinkEnd(std::string_view project, const LinkEnd& end) {
  std::string name = FormatSubject(project, end.subject);
  if (end.version > 0) absl::StrAppend(&name, "/versions/", end.version);
  return name;
}

std::string LinkEndText(const LinkEnd& end) {
  std::string text = end.subject;
  if (end.version > 0) absl::StrAppend(&text, "/versions/", end.version);
  if (!end.anchor.empty()) absl::StrAppend(&text, "#", end.anchor);
  return text;
}

absl::StatusOr<LinkEnds> EndsOf(std::string_view project, const v1::Link& link) {
  LinkEnds ends;
  GREFFE_ASSIGN_OR_RETURN(ends.from, ParseLinkEnd(project, link.from(), link.from_anchor(), "from"));
  GREFFE_ASSIGN_OR_RETURN(ends.to, ParseLinkEnd(project, link.to(), link.to_anchor(), "to"));
  return ends;
}

v1::LinkState EndState(const EndFacts& facts, std::string_view pinned_hash) {
  if (!facts.exists || facts.withdrawn) return v1::LINK_STATE_BROKEN;
  if (!facts.hash_known) return v1::LINK_STATE_SUSPECT;
  if (!facts.anchor_found) return v1::LINK_STATE_BROKEN;
  return facts.hash == pinned_hash ? v1::LINK_STATE_VALID : v1::LINK_STATE_SUSPECT;
}

v1::LinkState WorseState(v1::LinkState a, v1::LinkState b) { return std::max(a, b); }

absl::Status ValidateLink(v1::LinkType type, const LinkEnds& ends, const std::string& field) {
  const std::string prefix = field.empty() ? "" : field + ".";
  if (type == v1::LINK_TYPE_UNSPECIFIED || !v1::LinkType_IsValid(type)) {
    return InvalidField(prefix + "type", "LINK_TYPE_UNKNOWN",
                        absl::StrCat("'", static_cast<int>(type), "': is none of the link types"));
  }
  if (ends.from.subject != ends.to.subject || ends.from.anchor != ends.to.anchor) return absl::OkStatus();
  if (ends.from.version == ends.to.version || ends.from.version == 0 || ends.to.version == 0) {
    return InvalidField(prefix + "to", "LINK_SELF", "'" + LinkEndText(ends.to) + "': is where the link begins");
  }
  if (!IsAcyclic(type) || ends.from.version > ends.to.version) return absl::OkStatus();
  const std::string path = LinkEndText(ends.from) + " -> " + LinkEndText(ends.to);
  return Error(absl::StatusCode::kFailedPrecondition, "LINK_CYCLE",
               path + ": of versions of one document only the newer one can come after the older one",
               {{"path", path}});
}

bool IsAcyclic(v1::LinkType type) { return type == v1::LINK_TYPE_SUPERSEDES || type == v1::LINK_TYPE_DERIVES_FROM; }

std::string CycleNode(const LinkEnd& end) {
  return end.anchor.empty() ? end.subject : absl::StrCat(end.subject, "#", end.anchor);
}

std::string LinkKey(v1::LinkType type, const LinkEnds& ends) {
  return absl::StrCat(static_cast<int>(type), "\n", LinkEndText(ends.from), "\n", LinkEndText(ends.to));
}

}  // namespace greffe
