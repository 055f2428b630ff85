// What a link may say, and what the state of its ends is. Functions of names and hashes alone.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tuple>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/trace.pb.h"

namespace greffe {

// Where a link ends. Links are found by subjects: all that end at a document, whatever the version or the anchor,
// belong to the document.
struct LinkEnd {
  std::string subject;       // "documents/SPC-0001", "deliverables/DEL-0001"
  std::int64_t version = 0;  // of a document; 0: the document itself
  std::string anchor;        // of a document; "": the whole

  friend bool operator==(const LinkEnd&, const LinkEnd&) = default;
  friend bool operator<(const LinkEnd& a, const LinkEnd& b) {
    return std::tie(a.subject, a.version, a.anchor) < std::tie(b.subject, b.version, b.anchor);
  }
  // The document's number; "" when the subject is another record.
  std::string_view DocumentNumber() const;
};

// INVALID_ARGUMENT (NAME_INVALID; LINK_END_INVALID for what cannot be an end: a thing of another project, a link,
// an alias of a version, an anchor of anything but a document) naming `field`.
absl::StatusOr<LinkEnd> ParseLinkEnd(std::string_view project, std::string_view name, const std::string& anchor,
                                     const std::string& field);
// The resource name, without the anchor.
std::string FormatLinkEnd(std::string_view project, const LinkEnd& end);
// The subject's.
std::string FormatSubject(std::string_view project, std::string_view subject);
// "documents/SPC-0001/versions/2#REQ-012", for people.
std::string LinkEndText(const LinkEnd& end);

struct LinkEnds {
  LinkEnd from;
  LinkEnd to;
};
// The ends of a stored link.
absl::StatusOr<LinkEnds> EndsOf(std::string_view project, const v1::Link& link);

// What an end is now.
struct EndFacts {
  bool exists = false;
  bool withdrawn = false;     // the document that it is, or is of
  bool anchor_found = false;  // there is such an anchor; true for ends without one
  bool hash_known = true;     // false: the anchors are those of an older version
  std::string hash;           // see Link.from_hash
  std::string document_type;  // "": it is no document
};
v1::LinkState EndState(const EndFacts& facts, std::string_view pinned_hash);
// The worse one.
v1::LinkState WorseState(v1::LinkState a, v1::LinkState b);

// OK when a link of that type may have these ends at all. INVALID_ARGUMENT (LINK_TYPE_UNKNOWN, LINK_SELF),
// FAILED_PRECONDITION (LINK_CYCLE: an older version that supersedes a newer one of its document), naming fields below
// `field`.
absl::Status ValidateLink(v1::LinkType type, const LinkEnds& ends, const std::string& field);

// Whether links of that type may form no cycles.
bool IsAcyclic(v1::LinkType type);
// What counts as one thing in a cycle: a document with all its versions, an anchor, a record.
std::string CycleNode(const LinkEnd& end);

// Two links with equal keys are the same link twice.
std::string LinkKey(v1::LinkType type, const LinkEnds& ends);

}  // namespace greffe
