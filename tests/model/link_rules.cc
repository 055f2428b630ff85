// Rules of what makes, confirms, re-points and deletes links.
#include <algorithm>

#include "tests/model/link_states.h"
#include "tests/model/plan_draft.h"
#include "tests/model/record_lists.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

bool IsAcyclic(v1::LinkType type) { return type == v1::LINK_TYPE_SUPERSEDES || type == v1::LINK_TYPE_DERIVES_FROM; }

std::int64_t VersionIn(const std::string& end) {
  return end.find("/versions/") == std::string::npos ? 0 : std::stoll(end.substr(end.rfind('/') + 1));
}

// "" for one that can be an end.
std::string FlawOfEnd(const std::string& project, const std::string& name) {
  const bool is_document = name.find("/documents/") != std::string::npos;
  if (name.empty()) return "INVALID_ARGUMENT FIELD_REQUIRED";
  if (!is_document && TypeNamed(name) == nullptr) return "INVALID_ARGUMENT NAME_INVALID";
  const bool is_alias =
      name.find("/revisions/") != std::string::npos || name.ends_with("/latest") || name.ends_with("/released");
  const bool is_own = name.starts_with("projects/" + project + "/");
  if (!is_own || is_alias || TypeNamed(name) == v1::Link::descriptor()) return "INVALID_ARGUMENT LINK_END_INVALID";
  return "";
}

void CheckEnd(const PlanDraft& draft, const std::string& name, const std::string& anchor, Refusals& refusals) {
  const std::string flaw = FlawOfEnd(draft.moment().project().id(), name);
  if (!flaw.empty()) {
    refusals.insert(flaw);
    return;
  }
  const bool has_anchors = name.find("/documents/") != std::string::npos && VersionIn(name) == 0;
  if (!anchor.empty()) {  // which no document has here
    refusals.insert(has_anchors ? "NOT_FOUND ANCHOR_NOT_FOUND" : "INVALID_ARGUMENT LINK_END_INVALID");
  }
  const LinkEnd end = FindLinkEnd(draft.moment(), name);
  if (!end.exists) refusals.insert("NOT_FOUND LINK_END_NOT_FOUND");
  if (end.withdrawn) refusals.insert("FAILED_PRECONDITION DOCUMENT_WITHDRAWN");
}

// Links of the type as the draft has them, but for the one of that name.
std::vector<v1::Link> Others(const PlanDraft& draft, v1::LinkType type, const std::string& name,
                             const std::vector<v1::Link>& made) {
  std::vector<v1::Link> others;
  for (const v1::Link* link : draft.moment().All<v1::Link>()) {
    if (link->type() == type && link->name() != name) others.push_back(*link);
  }
  for (const v1::Link& link : made) {
    if (link.type() == type) others.push_back(link);
  }
  return others;
}

// Whether a way leads along the links from `start` to `end`, documents counting with all their versions.
bool Leads(const std::vector<v1::Link>& links, const std::string& start, const std::string& end) {
  std::set<std::string> seen = {start};
  std::vector<std::string> ahead = {start};
  while (!ahead.empty()) {
    const std::string at = ahead.back();
    ahead.pop_back();
    if (at == end) return true;
    for (const v1::Link& link : links) {
      const std::string next = DocumentNameIn(link.to());
      if (DocumentNameIn(link.from()) == at && seen.insert(next).second) ahead.push_back(next);
    }
  }
  return false;
}

void CheckLink(const PlanDraft& draft, const v1::Link& link, const std::vector<v1::Link>& made, Refusals& refusals) {
  if (link.type() == v1::LINK_TYPE_UNSPECIFIED) refusals.insert("INVALID_ARGUMENT LINK_TYPE_UNKNOWN");
  CheckEnd(draft, link.from(), link.from_anchor(), refusals);
  CheckEnd(draft, link.to(), link.to_anchor(), refusals);
  if (std::any_of(refusals.begin(), refusals.end(), [](const std::string& refusal) {
        return refusal == "INVALID_ARGUMENT LINK_END_INVALID" || refusal == "INVALID_ARGUMENT NAME_INVALID" ||
               refusal == "INVALID_ARGUMENT FIELD_REQUIRED";
      })) {
    return;
  }
  const std::string from = DocumentNameIn(link.from());
  const std::string to = DocumentNameIn(link.to());
  const std::int64_t from_version = VersionIn(link.from());
  const std::int64_t to_version = VersionIn(link.to());
  const std::vector<v1::Link> others = Others(draft, link.type(), link.name(), made);
  if (from == to) {
    if (from_version == to_version || from_version == 0 || to_version == 0) {
      if (link.from_anchor() == link.to_anchor()) refusals.insert("INVALID_ARGUMENT LINK_SELF");
    } else if (IsAcyclic(link.type()) && from_version < to_version) {
      refusals.insert("FAILED_PRECONDITION LINK_CYCLE");
    }
  } else if (IsAcyclic(link.type()) && Leads(others, to, from)) {
    refusals.insert("FAILED_PRECONDITION LINK_CYCLE");
  }
  if (std::any_of(others.begin(), others.end(),
                  [&](const v1::Link& other) { return other.from() == link.from() && other.to() == link.to(); })) {
    refusals.insert("ALREADY_EXISTS LINK_EXISTS");
  }
}

void Pin(const PlanDraft& draft, v1::Link& link) {
  link.set_from_hash(FindLinkEnd(draft.moment(), link.from()).hash);
  link.set_to_hash(FindLinkEnd(draft.moment(), link.to()).hash);
}

// The links that are asked for, in one commit; with an error in one there is none.
Expected CreateLinks(const Moment& moment, const google::protobuf::RepeatedPtrField<v1::Link>& links, const Made* made,
                     std::vector<v1::Link>& created) {
  if (!moment.exists()) return Expected::Refused({"NOT_FOUND PROJECT_NOT_FOUND"});
  PlanDraft draft(moment, made);
  Refusals refusals;
  for (const v1::Link& asked : links) {
    v1::Link link;
    link.set_name("projects/" + moment.project().id() + "/links/" + draft.NextId(*v1::Link::descriptor(), "LNK"));
    link.set_type(asked.type());
    link.set_from(asked.from());
    link.set_from_anchor(asked.from_anchor());
    link.set_to(asked.to());
    link.set_to_anchor(asked.to_anchor());
    link.set_rationale(asked.rationale());
    CheckLink(draft, link, created, refusals);
    Pin(draft, link);
    draft.Put(link);
    created.push_back(link);
  }
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  for (v1::Link& link : created) link = dynamic_cast<const v1::Link&>(*draft.After(link.name()));
  Expected expected;
  draft.Finish(expected);
  return expected;
}

Expected CreateLink(const Moment& moment, const v1::CreateLinkRequest& request, const Made* made) {
  google::protobuf::RepeatedPtrField<v1::Link> links;
  *links.Add() = request.link();
  std::vector<v1::Link> created;
  Expected expected = CreateLinks(moment, links, made, created);
  if (expected.refusals.empty()) expected.answer = std::make_shared<v1::Link>(created.front());
  return expected;
}

Expected BatchCreateLinks(const Moment& moment, const v1::BatchCreateLinksRequest& request, const Made* made) {
  if (request.links().empty()) return Expected::Refused({"INVALID_ARGUMENT FIELD_INVALID"});
  std::vector<v1::Link> created;
  Expected expected = CreateLinks(moment, request.links(), made, created);
  if (!expected.refusals.empty()) return expected;
  auto response = std::make_shared<v1::BatchCreateLinksResponse>();
  for (const v1::Link& link : created) *response->add_links() = link;
  expected.answer = std::move(response);
  return expected;
}

// What somebody expects to have looked at.
template <typename Request>
void CheckLookedAt(const Request& request, const v1::Link& link, Refusals& refusals) {
  if ((!request.from_hash().empty() && request.from_hash() != link.from_hash()) ||
      (!request.to_hash().empty() && request.to_hash() != link.to_hash())) {
    refusals.insert("ABORTED ETAG_MISMATCH");
  }
}

v1::LinkConfirmation& AddConfirmation(const PlanDraft& draft, v1::Link& link, const std::string& reason) {
  constexpr int kMaxConfirmations = 100;
  if (link.confirmations_size() == kMaxConfirmations) link.mutable_confirmations()->DeleteSubrange(0, 1);
  v1::LinkConfirmation& confirmation = *link.add_confirmations();
  const v1::DateChange by = draft.By("");
  confirmation.set_principal(by.principal());
  *confirmation.mutable_time() = by.time();
  confirmation.set_reason(reason);
  return confirmation;
}

Expected ConfirmLink(const Moment& moment, const v1::ConfirmLinkRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  if (request.reason().empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  const auto* before = draft.Open<v1::Link>(request.name(), request.etag(), refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (before->state() == v1::LINK_STATE_BROKEN) refusals.insert("FAILED_PRECONDITION LINK_BROKEN");
  if (before->state() == v1::LINK_STATE_VALID) refusals.insert("FAILED_PRECONDITION LINK_NOT_SUSPECT");
  v1::Link link = *before;
  Pin(draft, link);
  CheckLookedAt(request, link, refusals);
  AddConfirmation(draft, link, request.reason());
  draft.Put(link);
  return Answer<v1::Link>(draft, link.name(), std::move(refusals));
}

// `documents/SPC-0001`.
std::string BelowProject(const std::string& name) { return name.substr(name.find('/', name.find('/') + 1) + 1); }

Expected RepointLink(const Moment& moment, const v1::RepointLinkRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  if (request.reason().empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  const auto* before = draft.Open<v1::Link>(request.name(), request.etag(), refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  v1::Link link = *before;
  if (!request.from().empty()) link.set_from(request.from());
  if (!request.to().empty()) link.set_to(request.to());
  link.set_from_anchor(request.from_anchor());
  link.set_to_anchor(request.to_anchor());
  if (BytesOf(link) == BytesOf(*before)) {
    refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
    return Expected::Refused(std::move(refusals));
  }
  CheckLink(draft, link, {}, refusals);
  Pin(draft, link);
  CheckLookedAt(request, link, refusals);
  AddConfirmation(draft, link, request.reason())
      .set_previous_ends(BelowProject(before->from()) + " -> " + BelowProject(before->to()));
  draft.Put(link);
  return Answer<v1::Link>(draft, link.name(), std::move(refusals));
}

Expected DeleteLink(const Moment& moment, const v1::DeleteLinkRequest& request, const Made* made) {
  PlanDraft draft(moment, made);
  Refusals refusals;
  const auto* before = draft.Open<v1::Link>(request.name(), request.etag(), refusals);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  draft.Delete(*before);
  return Answer<v1::Link>(draft, before->name(), {});
}

}  // namespace

void AddLinkRules(Rules& rules) {
  rules.Add<v1::CreateLinkRequest>(CreateLink);
  rules.Add<v1::BatchCreateLinksRequest>(BatchCreateLinks);
  rules.Add<v1::ConfirmLinkRequest>(ConfirmLink);
  rules.Add<v1::RepointLinkRequest>(RepointLink);
  rules.Add<v1::DeleteLinkRequest>(DeleteLink);
  rules.Add<v1::GetLinkRequest>(GetRecord<v1::Link, v1::GetLinkRequest>);
  rules.Add<v1::ListLinksRequest>(ListRecords<v1::Link, v1::ListLinksResponse, v1::ListLinksRequest>);
}

}  // namespace greffe::model
