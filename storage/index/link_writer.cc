#include "storage/index/link_writer.h"

#include <optional>
#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/index/keys.h"
#include "storage/index/link_ends.h"
#include "storage/index/record_row.h"
#include "storage/index/record_writer.h"
#include "storage/index/state.h"

namespace greffe {
namespace {

// Clients take messages of 4 MiB at the least.
constexpr int kMaxEntries = 1000;

LinkRow RowOf(const v1::Link& link, const LinkEnds& ends, LinkSide side, const std::string& from_type,
              const std::string& to_type) {
  const bool from = side == LinkSide::kFrom;
  const LinkEnd& own = from ? ends.from : ends.to;
  LinkRow row;
  row.type = link.type();
  row.state = link.state();
  row.own_state = from ? link.from_state() : link.to_state();
  row.version = own.version;
  row.anchor = own.anchor;
  row.hash = from ? link.from_hash() : link.to_hash();
  row.own_type = from ? from_type : to_type;
  row.other = from ? ends.to : ends.from;
  row.other_type = from ? to_type : from_type;
  return row;
}

}  // namespace

absl::Status LinkWriter::Complete(v1::Link& link, const v1::Link* before) const {
  GREFFE_ASSIGN_OR_RETURN(const LinkEnds ends, EndsOf(project_, link));
  GREFFE_ASSIGN_OR_RETURN(const EndFacts from, FindEnd(batch_, project_, ends.from));
  GREFFE_ASSIGN_OR_RETURN(const EndFacts to, FindEnd(batch_, project_, ends.to));
  link.set_from_state(EndState(from, link.from_hash()));
  link.set_to_state(EndState(to, link.to_hash()));
  link.set_state(WorseState(link.from_state(), link.to_state()));
  *link.mutable_state_time() =
      before != nullptr && before->state() == link.state() ? before->state_time() : facts_.change.effective_time();
  return absl::OkStatus();
}

absl::StatusOr<std::string> LinkWriter::TypeOf(const LinkEnd& end) const {
  if (end.DocumentNumber().empty()) return std::string();
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<const v1::Document> document,
                          batch_.FindDocument(project_, end.DocumentNumber()));
  return document ? document->type() : std::string();
}

absl::Status LinkWriter::PutEnd(const std::string& id, LinkSide side, const std::string& subject, const LinkRow* row,
                                int count_change) {
  const std::string key = keys::AtSequence(keys::LinkPrefix(project_, subject, static_cast<char>(side), id), sequence_);
  const std::string current = keys::CurrentLinkKey(project_, subject, static_cast<char>(side), id);
  if (row == nullptr) {
    batch_.Put(key, "");
    batch_.DeleteLink(current);
  } else {
    const std::string value = row->Encode();
    batch_.Put(key, value);
    batch_.PutLink(current, value);
  }
  if (count_change == 0) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t count, batch_.CountLinks(project_, subject));
  const std::string count_key = keys::Point(keys::kLinkCount, project_, subject);
  if (count + count_change <= 0) {
    batch_.DeleteCurrent(count_key);
    return absl::OkStatus();
  }
  std::string value;
  keys::AppendVarint(value, static_cast<std::uint64_t>(count + count_change));
  batch_.PutCurrent(count_key, std::move(value));
  return absl::OkStatus();
}

absl::Status LinkWriter::Put(const std::string& id, const v1::Link* before, const v1::Link* after) {
  std::optional<LinkEnds> old_ends;
  std::optional<LinkEnds> new_ends;
  std::string from_type;
  std::string to_type;
  if (before != nullptr) {
    GREFFE_ASSIGN_OR_RETURN(old_ends, EndsOf(project_, *before));
    batch_.DeleteCurrent(keys::Point(keys::kLinkKey, project_, LinkKey(before->type(), *old_ends)));
  }
  if (after != nullptr) {
    GREFFE_ASSIGN_OR_RETURN(new_ends, EndsOf(project_, *after));
    batch_.PutCurrent(keys::Point(keys::kLinkKey, project_, LinkKey(after->type(), *new_ends)), id);
    GREFFE_ASSIGN_OR_RETURN(from_type, TypeOf(new_ends->from));
    GREFFE_ASSIGN_OR_RETURN(to_type, TypeOf(new_ends->to));
  }
  for (const LinkSide side : {LinkSide::kFrom, LinkSide::kTo}) {
    const auto subject_of = [&](const std::optional<LinkEnds>& ends) {
      return !ends ? std::string() : side == LinkSide::kFrom ? ends->from.subject : ends->to.subject;
    };
    const std::string old_subject = subject_of(old_ends);
    const std::string new_subject = subject_of(new_ends);
    if (!old_subject.empty() && old_subject != new_subject) {
      GREFFE_RETURN_IF_ERROR(PutEnd(id, side, old_subject, nullptr, -1));
    }
    if (new_subject.empty()) continue;
    const LinkRow row = RowOf(*after, *new_ends, side, from_type, to_type);
    GREFFE_RETURN_IF_ERROR(PutEnd(id, side, new_subject, &row, old_subject == new_subject ? 0 : +1));
  }
  return absl::OkStatus();
}

absl::Status LinkWriter::CheckEnds() {
  // A document without a new version is checked as well: it may be withdrawn, or back. The look-up of a count is all
  // that it costs one without links.
  for (const v1::Document& document : facts_.documents) {
    GREFFE_RETURN_IF_ERROR(CheckSubject(document.name().substr(ProjectName(project_).size() + 1)));
  }
  for (const RecordChange& change : facts_.records) {
    const RecordKind& kind = *FindRecordKind(change.collection);
    if (&kind == &KindOf<v1::Link>() || &kind == &KindOf<v1::Version>()) continue;
    const bool anchors = &kind == &KindOf<v1::Anchors>();
    GREFFE_RETURN_IF_ERROR(CheckSubject((anchors ? "documents" : change.collection) + "/" + change.id));
  }
  AddEntries();
  return absl::OkStatus();
}

void LinkWriter::AddEntries() {
  if (changed_.empty()) return;
  v1::Change& change = facts_.change;
  // A link that the commit puts itself has an entry already.
  absl::flat_hash_map<std::string, v1::ChangeEntry*> own;
  for (v1::ChangeEntry& entry : *change.mutable_entries()) own.emplace(entry.resource(), &entry);
  int told = 0;
  for (const auto& [id, states] : changed_) {
    if (states.before == states.after) continue;  // both ends changed
    const std::string name = FormatRecordName(project_, KindOf<v1::Link>().collection, id);
    v1::Link link;
    link.set_state(states.after);
    if (const auto entry = own.find(name); entry != own.end()) {
      entry->second->set_state(StateText(link));
      continue;
    }
    if (++told > kMaxEntries) {
      change.set_omitted_link_count(told - kMaxEntries);
      continue;
    }
    v1::ChangeEntry& entry = *change.add_entries();
    entry.set_resource(name);
    entry.set_kind(v1::CHANGE_KIND_LINK_STATE_CHANGED);
    entry.set_state(StateText(link));
  }
}

absl::Status LinkWriter::CheckSubject(const std::string& subject) {
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t count, batch_.CountLinks(project_, subject));
  if (count == 0) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const std::vector<IndexBatch::FoundLink> links, batch_.ListLinks(project_, subject));
  // Most ends of a subject are the subject itself: each is looked up once.
  absl::flat_hash_map<std::string, EndFacts> known;
  for (const IndexBatch::FoundLink& link : links) {
    const LinkEnd end{subject, link.row.version, link.row.anchor};
    const std::string text = LinkEndText(end);
    auto facts = known.find(text);
    if (facts == known.end()) {
      GREFFE_ASSIGN_OR_RETURN(EndFacts found, FindEnd(batch_, project_, end));
      facts = known.emplace(text, std::move(found)).first;
    }
    const v1::LinkState state = EndState(facts->second, link.row.hash);
    if (state == link.row.own_state && facts->second.document_type == link.row.own_type) continue;
    GREFFE_RETURN_IF_ERROR(ChangeState(link.id, link.side, state));
  }
  return absl::OkStatus();
}

absl::Status LinkWriter::ChangeState(const std::string& id, LinkSide side, v1::LinkState state) {
  const RecordKind& kind = KindOf<v1::Link>();
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr before, batch_.FindRecord(kind, project_, id));
  if (before == nullptr) return DamagedRow("link '" + id + "' has an end but no record");
  const auto& old_link = static_cast<const v1::Link&>(*before);
  const RecordPtr after = kind.New();
  auto& link = static_cast<v1::Link&>(*after);
  link = old_link;
  if (side == LinkSide::kFrom) {
    link.set_from_state(state);
  } else {
    link.set_to_state(state);
  }
  link.set_state(WorseState(link.from_state(), link.to_state()));
  if (link.state() != old_link.state()) *link.mutable_state_time() = facts_.change.effective_time();
  changed_.try_emplace(id, StateChange{old_link.state(), old_link.state()}).first->second.after = link.state();
  PutRecordRow(batch_, project_, kind, id, sequence_, after);
  PutRecordPostings(batch_, project_, kind, id, sequence_, before.get(), after.get());
  return Put(id, &old_link, &link);
}

}  // namespace greffe
