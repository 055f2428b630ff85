#include "tests/model/record_draft.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "greffe/v1/review.pb.h"
#include "greffe/v1/trace.pb.h"
#include "greffe/v1/transmittals.pb.h"
#include "tests/model/date_changes.h"
#include "tests/model/draft.h"
#include "tests/model/entry_filters.h"
#include "tests/model/entry_kinds.h"

namespace greffe::model {
namespace {

std::string CollectionOf(const google::protobuf::Descriptor& type) {
  return type.options().GetExtension(v1::record).collection();
}

void SetMessage(Message& record, const char* field, const Message& value) {
  record.GetReflection()->MutableMessage(&record, record.GetDescriptor()->FindFieldByName(field))->CopyFrom(value);
}

void CompleteTransmittal(v1::Transmittal& transmittal) {
  std::set<std::string> received;
  std::set<std::string> answered;
  for (const v1::TransmittalAcknowledgement& acknowledgement : transmittal.acknowledgements()) {
    received.insert(acknowledgement.recipient());
    if (acknowledgement.responded()) answered.insert(acknowledgement.recipient());
  }
  transmittal.clear_unacknowledged();
  transmittal.clear_unanswered();
  for (const v1::TransmittalRecipient& recipient : transmittal.recipients()) {
    const bool is_asked = !transmittal.response_due().empty();
    if (!received.contains(recipient.id())) transmittal.add_unacknowledged(recipient.id());
    if (is_asked && !answered.contains(recipient.id())) transmittal.add_unanswered(recipient.id());
  }
  transmittal.set_open_due_date(transmittal.unanswered().empty() ? "" : transmittal.response_due());
  transmittal.set_state(!transmittal.unacknowledged().empty() ? v1::TRANSMITTAL_STATE_SENT
                        : !transmittal.unanswered().empty()   ? v1::TRANSMITTAL_STATE_RECEIVED
                                                              : v1::TRANSMITTAL_STATE_CLOSED);
}

// What follows from the other fields.
void Complete(Message& record) {
  if (auto* milestone = dynamic_cast<v1::Milestone*>(&record)) {
    ComputeDates(*milestone, milestone->state() == v1::MILESTONE_STATE_PLANNED);
  } else if (auto* deliverable = dynamic_cast<v1::Deliverable*>(&record)) {
    ComputeDates(*deliverable, IsOpen(*deliverable));
    MarkSlips(*deliverable);
  } else if (auto* transmittal = dynamic_cast<v1::Transmittal*>(&record)) {
    CompleteTransmittal(*transmittal);
  } else if (auto* link = dynamic_cast<v1::Link*>(&record)) {
    // Whoever puts one pins it to its ends as they are.
    for (const auto set : {&v1::Link::set_from_state, &v1::Link::set_to_state, &v1::Link::set_state}) {
      (link->*set)(v1::LINK_STATE_VALID);
    }
  } else {
    Compute(record);
  }
}

}  // namespace

const std::vector<const google::protobuf::Descriptor*>& RecordTypes() {
  static const std::vector<const google::protobuf::Descriptor*> types = [] {
    std::vector<const google::protobuf::Descriptor*> all = {v1::Milestone::descriptor(), v1::Deliverable::descriptor(),
                                                            v1::Review::descriptor(),    v1::Baseline::descriptor(),
                                                            v1::Link::descriptor(),      v1::Transmittal::descriptor()};
    for (const Register& entries : Registers()) all.push_back(entries.type);
    return all;
  }();
  return types;
}

const google::protobuf::Descriptor* TypeNamed(const std::string& name) {
  const std::size_t begin = name.find('/', name.find('/') + 1) + 1;
  const std::string collection = name.substr(begin, name.find('/', begin) - begin);
  const auto& types = RecordTypes();
  const auto found =
      std::find_if(types.begin(), types.end(), [&](const auto* type) { return CollectionOf(*type) == collection; });
  return found == types.end() ? nullptr : *found;
}

const Message* RecordDraft::Find(const std::string& name) const {
  for (const EntryPtr& record : records_) {
    if (Text(*record, "name") == name) return record.get();
  }
  const auto* type = TypeNamed(name);
  return type == nullptr ? nullptr : moment_.Find(type, name);
}

std::string RecordDraft::Collection(const google::protobuf::Descriptor& type) const {
  return "projects/" + moment_.project().id() + "/" + CollectionOf(type) + "/";
}

std::string RecordDraft::NextId(const google::protobuf::Descriptor& type, const std::string& prefix) const {
  int largest = 0;
  for (const std::string& name : moment_.NamesOf(&type)) {
    const std::string id = IdOf(name);
    if (id.starts_with(prefix + "-")) largest = std::max(largest, std::stoi(id.substr(prefix.size() + 1)));
  }
  std::string id;
  // What was chosen in this commit does not count before it is made.
  do {
    char digits[16];
    std::snprintf(digits, sizeof digits, "-%04d", ++largest);
    id = prefix + digits;
  } while (Find(Collection(type) + id) != nullptr);
  return id;
}

void RecordDraft::Put(const Message& record) {
  EntryPtr put = CopyOf(record);
  for (EntryPtr& known : records_) {
    if (Text(*known, "name") == Text(record, "name")) {
      known = std::move(put);
      return;
    }
  }
  records_.push_back(std::move(put));
}

void RecordDraft::Delete(const Message& record) { deleted_.push_back(CopyOf(record)); }

std::string RecordDraft::Caller() const { return made_ == nullptr ? "" : made_->change.author().id(); }

std::string RecordDraft::Today() const { return made_ == nullptr ? "" : DayAt(made_->change.record_time().seconds()); }

EntryPtr RecordDraft::Stamped(const Message& record) const {
  EntryPtr stamped = CopyOf(record);
  Complete(*stamped);
  if (made_ == nullptr) return stamped;
  const v1::Change& change = made_->change;
  const Message* before = moment_.Find(record.GetDescriptor(), Text(record, "name"));
  const auto* created = record.GetDescriptor()->FindFieldByName("create_time");
  stamped->GetReflection()->SetInt64(stamped.get(), record.GetDescriptor()->FindFieldByName("sequence"),
                                     change.sequence());
  SetText(*stamped, "commit", change.commit());
  SetMessage(*stamped, "create_time",
             before == nullptr ? change.effective_time() : before->GetReflection()->GetMessage(*before, created));
  SetMessage(*stamped, "update_time", change.effective_time());
  SetMessage(*stamped, "last_modifier", change.author());
  SetText(*stamped, "etag", EtagOf(*stamped));
  if (auto* link = dynamic_cast<v1::Link*>(stamped.get())) {
    const auto* former = dynamic_cast<const v1::Link*>(before);
    const bool stays = former != nullptr && former->state() == link->state();
    *link->mutable_state_time() = stays ? former->state_time() : change.effective_time();
  }
  if (auto* baseline = dynamic_cast<v1::Baseline*>(stamped.get())) {
    baseline->clear_documents();  // which are part of the record, not of answers
    baseline->set_tag("baselines/" + IdOf(baseline->name()));
    baseline->set_tag_object(dynamic_cast<const v1::Baseline&>(made_->answer).tag_object());
  }
  return stamped;
}

EntryPtr RecordDraft::After(const std::string& name) const {
  for (const EntryPtr& record : records_) {
    if (Text(*record, "name") == name) return Stamped(*record);
  }
  return CopyOf(*Find(name));
}

void RecordDraft::Finish(Expected& expected) const {
  for (const EntryPtr& put : records_) {
    const std::string name = Text(*put, "name");
    const EntryPtr stamped = Stamped(*put);
    v1::ChangeEntry& entry = expected.entries.emplace_back();
    entry.set_resource(name);
    entry.set_kind(moment_.Find(put->GetDescriptor(), name) == nullptr ? v1::CHANGE_KIND_CREATED
                                                                       : v1::CHANGE_KIND_UPDATED);
    if (put->GetDescriptor()->FindFieldByName("state") != nullptr) entry.set_state(ShortName(*StateOf(*stamped)));
    expected.puts.push_back({name, stamped});
  }
  for (const EntryPtr& record : deleted_) {
    const std::string name = Text(*record, "name");
    v1::ChangeEntry& entry = expected.entries.emplace_back();
    entry.set_resource(name);
    entry.set_kind(v1::CHANGE_KIND_DELETED);
    expected.puts.push_back({name, nullptr, record->GetDescriptor()});
  }
}

}  // namespace greffe::model
