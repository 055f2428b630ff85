#include "storage/store/link_acts.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

constexpr char kLinkPrefix[] = "LNK";
constexpr int kMaxConfirmations = 100;
constexpr int kMaxRationale = 2000;
// Of a search for cycles, over an act: beyond it, an act is no short one.
constexpr std::size_t kMaxSteps = 2'000'000;
constexpr std::size_t kMaxNodesTold = 10;  // of a cycle, between the ends of the link

std::string TypeText(v1::LinkType type) { return ShortEnumName(*v1::LinkType_descriptor(), static_cast<int>(type)); }

std::string Describe(v1::LinkType type, const LinkEnds& ends) {
  return absl::StrCat(LinkEndText(ends.from), " ", TypeText(type), " ", LinkEndText(ends.to));
}

// The kept record of a link: what the act changes of it.
absl::StatusOr<v1::Link> Open(Transaction& transaction, const std::string& id, const std::string& etag) {
  GREFFE_ASSIGN_OR_RETURN(v1::Link link, transaction.GetRecord<v1::Link>(id));
  GREFFE_RETURN_IF_ERROR(CheckEtag(etag, link.etag(), link.name()));
  return link;
}

v1::LinkConfirmation& AddConfirmation(const Transaction& transaction, v1::Link& link, const std::string& reason) {
  if (link.confirmations_size() >= kMaxConfirmations) {
    link.mutable_confirmations()->DeleteSubrange(0, link.confirmations_size() - kMaxConfirmations + 1);
  }
  v1::LinkConfirmation& confirmation = *link.add_confirmations();
  confirmation.set_principal(transaction.caller().id());
  *confirmation.mutable_time() = ToTimestamp(transaction.record_time());
  confirmation.set_reason(reason);
  return confirmation;
}

// Whether the link, which was just pinned, is pinned to what was looked at.
absl::Status CheckLookedAt(const v1::Link& link, const ExpectedHashes& expected) {
  struct Pinned {
    const std::string& name;
    const std::string& anchor;
    const std::string& hash;
    const std::string& expected;
    const char* field;
  };
  for (const Pinned& end : {Pinned{link.from(), link.from_anchor(), link.from_hash(), expected.from, "from_hash"},
                            Pinned{link.to(), link.to_anchor(), link.to_hash(), expected.to, "to_hash"}}) {
    if (end.expected.empty() || end.expected == end.hash) continue;
    const std::string name = end.anchor.empty() ? end.name : end.name + "#" + end.anchor;
    return Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
                 absl::StrCat(end.field, ": '", name, "' has changed: its hash is '", end.hash, "', not ",
                              QuotedValue(end.expected)),
                 {{"field", end.field}, {"resource", end.name}, {"current_hash", end.hash}});
  }
  return absl::OkStatus();
}

void SetEnds(v1::Link& link, const std::string& project, const LinkEnds& ends) {
  link.set_from(FormatLinkEnd(project, ends.from));
  link.set_from_anchor(ends.from.anchor);
  link.set_to(FormatLinkEnd(project, ends.to));
  link.set_to_anchor(ends.to.anchor);
}

}  // namespace

absl::StatusOr<std::string> LinkMaker::Make(const v1::Link& values, const std::string& field) {
  const std::string& project = transaction_.project_id();
  GREFFE_RETURN_IF_ERROR(transaction_.GetProject().status());
  LinkEnds ends;
  GREFFE_ASSIGN_OR_RETURN(ends.from, ParseLinkEnd(project, values.from(), values.from_anchor(), field + ".from"));
  GREFFE_ASSIGN_OR_RETURN(ends.to, ParseLinkEnd(project, values.to(), values.to_anchor(), field + ".to"));
  GREFFE_RETURN_IF_ERROR(ValidateText(values.rationale(), field + ".rationale", 0, kMaxRationale, true));
  GREFFE_RETURN_IF_ERROR(Check(values, ends, "", field));
  v1::Link link;
  GREFFE_ASSIGN_OR_RETURN(std::string id, transaction_.NextRecordId(KindOf<v1::Link>(), kLinkPrefix));
  link.set_name(FormatRecordName(project, "links", id));
  link.set_type(values.type());
  link.set_rationale(values.rationale());
  link.set_origin(values.origin());
  SetEnds(link, project, ends);
  GREFFE_RETURN_IF_ERROR(Pin(link, ends));
  GREFFE_RETURN_IF_ERROR(transaction_.AddRecord(link));
  transaction_.SetSubject(absl::StrCat("Link ", Describe(link.type(), ends)));
  made_[LinkKey(link.type(), ends)] = id;
  if (IsAcyclic(link.type())) {
    // Nodes that were looked at learn of it; others will find it in the state, but for this act's.
    GREFFE_RETURN_IF_ERROR(NextOf(link.type(), CycleNode(ends.from), ends.from.subject).status());
    next_[NextKey(link.type(), CycleNode(ends.from))].push_back({CycleNode(ends.to), ends.to.subject, id});
  }
  return id;
}

absl::Status LinkMaker::Check(const v1::Link& link, const LinkEnds& ends, const std::string& id,
                              const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateLink(link.type(), ends, field));
  // Of a request that has the ends itself, "".
  const std::string prefix = field.empty() ? "" : field + ".";
  GREFFE_RETURN_IF_ERROR(CheckEnd(ends.from, prefix + "from"));
  GREFFE_RETURN_IF_ERROR(CheckEnd(ends.to, prefix + "to"));
  const std::string key = LinkKey(link.type(), ends);
  std::optional<std::string> other;
  if (const auto made = made_.find(key); made != made_.end()) {
    other = made->second;
  } else {
    GREFFE_ASSIGN_OR_RETURN(other, transaction_.FindLinkByKey(key));
  }
  if (other && *other != id) {
    const std::string name = FormatRecordName(transaction_.project_id(), "links", *other);
    const std::string place = field.empty() ? "to" : field;
    return Error(absl::StatusCode::kAlreadyExists, "LINK_EXISTS",
                 absl::StrCat(place, ": '", Describe(link.type(), ends), "' is link '", *other, "' already"),
                 {{"link", name}, {"field", place}});
  }
  return IsAcyclic(link.type()) ? CheckCycle(link.type(), ends, id) : absl::OkStatus();
}

absl::Status LinkMaker::Pin(v1::Link& link, const LinkEnds& ends) {
  GREFFE_ASSIGN_OR_RETURN(EndFacts from, transaction_.FindEnd(ends.from));
  GREFFE_ASSIGN_OR_RETURN(EndFacts to, transaction_.FindEnd(ends.to));
  link.set_from_hash(std::move(from.hash));
  link.set_to_hash(std::move(to.hash));
  return absl::OkStatus();
}

absl::Status LinkMaker::CheckEnd(const LinkEnd& end, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(const EndFacts facts, transaction_.FindEnd(end));
  const std::string name = FormatLinkEnd(transaction_.project_id(), end);
  const ErrorMetadata metadata = {{"field", field}, {"resource", name}};
  if (!facts.exists) {
    return Error(absl::StatusCode::kNotFound, "LINK_END_NOT_FOUND", field + ": there is no '" + name + "'", metadata);
  }
  if (facts.withdrawn) {
    return Error(absl::StatusCode::kFailedPrecondition, "DOCUMENT_WITHDRAWN",
                 absl::StrCat(field, ": document '", std::string(end.DocumentNumber()), "' is withdrawn"), metadata);
  }
  if (!facts.anchor_found || !facts.hash_known) {
    return Error(absl::StatusCode::kNotFound, "ANCHOR_NOT_FOUND",
                 absl::StrCat(field, "_anchor: '", name, "' has no anchor '", end.anchor, "'",
                              facts.hash_known ? "" : "; its latest version was not scanned yet"),
                 {{"field", field + "_anchor"}, {"resource", name}, {"anchor", end.anchor}});
  }
  return absl::OkStatus();
}

std::string LinkMaker::NextKey(v1::LinkType type, const std::string& node) {
  return absl::StrCat(static_cast<int>(type), "\n", node);
}

absl::StatusOr<const std::vector<LinkMaker::Next>*> LinkMaker::NextOf(v1::LinkType type, const std::string& node,
                                                                      const std::string& subject) {
  const std::string key = NextKey(type, node);
  if (const auto known = next_.find(key); known != next_.end()) return &known->second;
  GREFFE_ASSIGN_OR_RETURN(const std::vector<IndexBatch::FoundLink> links, transaction_.ListLinks(subject));
  std::vector<Next> next;
  for (const IndexBatch::FoundLink& link : links) {
    if (link.side != LinkSide::kFrom || link.row.type != type) continue;
    const LinkEnd own{subject, link.row.version, link.row.anchor};
    if (CycleNode(own) != node) continue;
    // Versions of one document follow each other by their numbers; see ValidateLink.
    std::string other = CycleNode(link.row.other);
    if (other != node) next.push_back({std::move(other), link.row.other.subject, link.id});
  }
  return &(next_[key] = std::move(next));
}

absl::Status LinkMaker::CheckCycle(v1::LinkType type, const LinkEnds& ends, const std::string& id) {
  const std::string start = CycleNode(ends.from);
  const std::string end = CycleNode(ends.to);
  if (start == end) return absl::OkStatus();
  // From the end onwards: the start must not be among what it comes after.
  struct Step {
    std::string node;
    std::string subject;
    std::size_t from;
  };
  std::vector<Step> steps = {{end, ends.to.subject, 0}};
  absl::flat_hash_map<std::string, bool> seen = {{end, true}};
  for (std::size_t i = 0; i < steps.size(); ++i) {
    GREFFE_ASSIGN_OR_RETURN(const std::vector<Next>* next, NextOf(type, steps[i].node, steps[i].subject));
    for (const Next& target : *next) {
      if (++steps_ > kMaxSteps) {
        return Error(absl::StatusCode::kResourceExhausted, "LINKS_TOO_MANY",
                     "too many links would have to be looked at for cycles; make fewer at once");
      }
      if (target.link == id) continue;
      if (target.node == start) {
        std::vector<std::size_t> way;
        for (std::size_t at = i; at > 0; at = steps[at].from) way.push_back(at);
        std::string path = absl::StrCat(start, " -> ", end);
        const std::size_t told = std::min(way.size(), kMaxNodesTold);
        for (std::size_t k = 0; k < told; ++k) absl::StrAppend(&path, " -> ", steps[way[way.size() - 1 - k]].node);
        if (told < way.size()) absl::StrAppend(&path, " -> ", way.size() - told, " others");
        absl::StrAppend(&path, " -> ", target.node);
        return Error(absl::StatusCode::kFailedPrecondition, "LINK_CYCLE",
                     absl::StrCat("links of type ", TypeText(type), " may form no cycle: ", path),
                     {{"path", path}, {"link", FormatRecordName(transaction_.project_id(), "links", target.link)}});
      }
      if (seen.emplace(target.node, true).second) steps.push_back({target.node, target.subject, i});
    }
  }
  return absl::OkStatus();
}

absl::Status CreateLink(Transaction& transaction, const v1::Link& values) {
  v1::Link link = values;
  link.clear_origin();
  return LinkMaker(transaction).Make(link, "link").status();
}

absl::Status CreateLinks(Transaction& transaction, const std::vector<v1::Link>& links) {
  LinkMaker maker(transaction);
  for (std::size_t i = 0; i < links.size(); ++i) {
    v1::Link link = links[i];
    link.clear_origin();
    GREFFE_RETURN_IF_ERROR(maker.Make(link, absl::StrCat("links[", i, "]")).status());
  }
  if (links.size() > 1) transaction.SetSubject(absl::StrCat("Make ", links.size(), " links"));
  return absl::OkStatus();
}

absl::Status ConfirmLink(Transaction& transaction, const std::string& id, const std::string& reason,
                         const std::string& etag, const ExpectedHashes& expected) {
  GREFFE_ASSIGN_OR_RETURN(v1::Link link, Open(transaction, id, etag));
  GREFFE_ASSIGN_OR_RETURN(const LinkEnds ends, EndsOf(transaction.project_id(), link));
  if (link.state() == v1::LINK_STATE_BROKEN) {
    const LinkEnd& end = link.from_state() == v1::LINK_STATE_BROKEN ? ends.from : ends.to;
    return Error(
        absl::StatusCode::kFailedPrecondition, "LINK_BROKEN",
        absl::StrCat("link '", id, "' is broken: '", LinkEndText(end), "' is not there; re-point or delete it"),
        {{"link", link.name()}, {"end", LinkEndText(end)}});
  }
  if (link.state() != v1::LINK_STATE_SUSPECT) {
    return Error(absl::StatusCode::kFailedPrecondition, "LINK_NOT_SUSPECT",
                 "link '" + id + "' is not suspect: both ends are what they were", {{"link", link.name()}});
  }
  for (const LinkEnd& end : {ends.from, ends.to}) {
    GREFFE_ASSIGN_OR_RETURN(const EndFacts facts, transaction.FindEnd(end));
    if (facts.hash_known) continue;
    return Error(absl::StatusCode::kFailedPrecondition, "ANCHORS_NOT_SCANNED",
                 "the latest version of '" + end.subject + "' was not scanned for anchors yet",
                 {{"resource", FormatLinkEnd(transaction.project_id(), end)}});
  }
  LinkMaker maker(transaction);
  GREFFE_RETURN_IF_ERROR(maker.Pin(link, ends));
  GREFFE_RETURN_IF_ERROR(CheckLookedAt(link, expected));
  AddConfirmation(transaction, link, reason);
  transaction.SetSubject(absl::StrCat("Confirm ", id, ": ", Describe(link.type(), ends)));
  transaction.SetBody(reason);
  transaction.PutRecord(link);
  return absl::OkStatus();
}

absl::Status RepointLink(Transaction& transaction, const std::string& id, const LinkTarget& from, const LinkTarget& to,
                         const std::string& reason, const std::string& etag, const ExpectedHashes& expected) {
  GREFFE_ASSIGN_OR_RETURN(v1::Link link, Open(transaction, id, etag));
  const std::string& project = transaction.project_id();
  GREFFE_ASSIGN_OR_RETURN(const LinkEnds before, EndsOf(project, link));
  LinkEnds ends = before;
  if (!from.name.empty() || !from.anchor.empty()) {
    GREFFE_ASSIGN_OR_RETURN(ends.from,
                            ParseLinkEnd(project, from.name.empty() ? link.from() : from.name, from.anchor, "from"));
  }
  if (!to.name.empty() || !to.anchor.empty()) {
    GREFFE_ASSIGN_OR_RETURN(ends.to, ParseLinkEnd(project, to.name.empty() ? link.to() : to.name, to.anchor, "to"));
  }
  if (ends.from == before.from && ends.to == before.to) {
    return InvalidField("to", "FIELD_INVALID", "the link ends there already; confirm it instead");
  }
  LinkMaker maker(transaction);
  GREFFE_RETURN_IF_ERROR(maker.Check(link, ends, id, ""));
  SetEnds(link, project, ends);
  GREFFE_RETURN_IF_ERROR(maker.Pin(link, ends));
  GREFFE_RETURN_IF_ERROR(CheckLookedAt(link, expected));
  AddConfirmation(transaction, link, reason)
      .set_previous_ends(absl::StrCat(LinkEndText(before.from), " -> ", LinkEndText(before.to)));
  transaction.SetSubject(absl::StrCat("Re-point ", id, ": ", Describe(link.type(), ends)));
  transaction.SetBody(reason);
  transaction.PutRecord(link);
  return absl::OkStatus();
}

absl::StatusOr<v1::Link> DeleteLink(Transaction& transaction, const std::string& id, const std::string& reason,
                                    const std::string& etag) {
  GREFFE_ASSIGN_OR_RETURN(v1::Link link, Open(transaction, id, etag));
  GREFFE_ASSIGN_OR_RETURN(const LinkEnds ends, EndsOf(transaction.project_id(), link));
  transaction.SetSubject(absl::StrCat("Delete ", id, ": ", Describe(link.type(), ends)));
  transaction.SetBody(reason);
  transaction.DeleteRecord(KindOf<v1::Link>(), id);
  return link;
}

}  // namespace greffe
