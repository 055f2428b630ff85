#include "tests/model/entry_draft.h"

#include <algorithm>
#include <cstdio>
#include <set>

#include "tests/model/draft.h"
#include "tests/model/entry_filters.h"
#include "tests/model/entry_kinds.h"

namespace greffe::model {
namespace {

void Clear(Message& entry, v1::FieldBehavior behavior) {
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = entry.GetDescriptor()->field(i);
    if (BehaviorOf(*field) == behavior) entry.GetReflection()->ClearField(&entry, field);
  }
}

void SetMessage(Message& entry, const char* field, const Message& value) {
  entry.GetReflection()->MutableMessage(&entry, entry.GetDescriptor()->FindFieldByName(field))->CopyFrom(value);
}

bool IsId(const std::string& id) { return id.find(' ') == std::string::npos; }

void FillCurrency(const v1::Project& project, Message& entry) {
  const bool has_cost = entry.GetDescriptor()->FindFieldByName("cost_impact") != nullptr;
  if (has_cost && Text(entry, "cost_impact").empty()) return;
  if (Text(entry, "currency").empty()) SetText(entry, "currency", project.currency());
}

// Whether the fields could be named.
bool Replace(const Message& values, const std::vector<std::string>& paths, Message& entry) {
  std::set<std::string> seen;
  for (int i = 0; paths.empty() && i < entry.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *entry.GetDescriptor()->field(i);
    if (BehaviorOf(field) == v1::FIELD_BEHAVIOR_UNSPECIFIED) seen.insert(std::string(field.name()));
  }
  for (const std::string& path : paths) {
    const FieldDescriptor* field = entry.GetDescriptor()->FindFieldByName(path);
    if (field == nullptr || BehaviorOf(*field) != v1::FIELD_BEHAVIOR_UNSPECIFIED) return false;
    if (!seen.insert(path).second) return false;
  }
  const EntryPtr copy = CopyOf(values);
  for (const std::string& path : seen) {
    const FieldDescriptor* field = entry.GetDescriptor()->FindFieldByName(path);
    entry.GetReflection()->ClearField(&entry, field);
    entry.GetReflection()->SwapFields(&entry, copy.get(), {field});
  }
  return true;
}

}  // namespace

const Message* EntryDraft::Find(const std::string& name) const {
  for (const EntryPtr& entry : entries_) {
    if (Text(*entry, "name") == name) return entry.get();
  }
  return moment_.Find(RegisterOf(name)->type, name);
}

std::string EntryDraft::NextId(const Register& entries) {
  int& largest = given_[entries.prefix];
  // What was chosen in this commit does not count before it is made.
  for (const Message* entry : moment_.All(entries.type)) {
    const std::string id = IdOf(Text(*entry, "name"));
    if (id.starts_with(entries.prefix + "-")) {
      largest = std::max(largest, std::stoi(id.substr(entries.prefix.size() + 1)));
    }
  }
  std::string id;
  do {
    char digits[16];
    std::snprintf(digits, sizeof digits, "-%04d", ++largest);
    id = entries.prefix + digits;
  } while (Find("projects/" + moment_.project().id() + "/" + entries.collection + "/" + id) != nullptr);
  return id;
}

std::string EntryDraft::Create(const Message& values, const std::string& chosen, Flaws& flaws) {
  const Register& entries = RegisterOf(*values.GetDescriptor());
  const std::string collection = "projects/" + moment_.project().id() + "/" + entries.collection + "/";
  const v1::Project& project = *ProjectOf(moment_);
  const EntryPtr entry = CopyOf(values);
  Clear(*entry, v1::FIELD_BEHAVIOR_SERVER_SET);
  Clear(*entry, v1::FIELD_BEHAVIOR_OUTPUT_ONLY);
  for (const char* person : {"owner", "requester"}) {
    if (Text(*entry, person).empty()) SetText(*entry, person, Caller());
  }
  FillCurrency(project, *entry);
  const FieldDescriptor* state = entry->GetDescriptor()->FindFieldByName("state");
  entry->GetReflection()->SetEnumValue(entry.get(), state, 1);
  if (!IsId(chosen)) flaws.push_back({"INVALID_ARGUMENT NAME_INVALID", "id"});
  if (!chosen.empty() && Find(collection + chosen) != nullptr) flaws.push_back({"ALREADY_EXISTS ID_TAKEN", "id"});
  SetText(*entry, "name", collection + (chosen.empty() ? NextId(entries) : chosen));
  FindForeignNames(moment_, *entry, flaws);
  BeforeCreate(*this, *entry, flaws);
  FindFlaws(project, *entry, flaws);
  if (!flaws.empty()) return "";
  Put(*entry);
  return Text(*entry, "name");
}

void EntryDraft::Update(const Message& values, const std::vector<std::string>& paths, Flaws& flaws) {
  const EntryPtr before = CopyOf(*Find(Text(values, "name")));
  const v1::Project& project = *ProjectOf(moment_);
  const EntryPtr entry = CopyOf(*before);
  if (!Replace(values, paths, *entry)) {
    flaws.push_back({"INVALID_ARGUMENT FIELD_MASK_INVALID", "update_mask"});
    return;
  }
  FillCurrency(project, *entry);
  BeforeUpdate(*this, *before, *entry, flaws);
  FindFlaws(project, *entry, flaws);
  for (const char* person : {"owner", "requester"}) {
    if (!Text(*before, person).empty() && Text(*entry, person).empty()) {
      flaws.push_back({"INVALID_ARGUMENT FIELD_REQUIRED", person});
    }
  }
  if (!flaws.empty() || BytesOf(*entry) == BytesOf(*before)) return;
  if (IsClosed(*before)) {
    flaws.push_back({"FAILED_PRECONDITION ENTRY_CLOSED", ""});
    return;
  }
  Put(*entry);
}

void EntryDraft::Transition(const std::string& name, const std::string& state, const std::string& comment,
                            Flaws& flaws) {
  const EntryPtr entry = CopyOf(*Find(name));
  const FieldDescriptor* field = entry->GetDescriptor()->FindFieldByName("state");
  const auto* to = FindValue(*field->enum_type(), state);
  if (to == nullptr || to->number() == 0) {
    flaws.push_back({"INVALID_ARGUMENT FIELD_INVALID", "state"});
    return;
  }
  const auto& next = PolicyOf(*StateOf(*entry)).next();
  if (std::find(next.begin(), next.end(), state) == next.end()) {
    flaws.push_back({"FAILED_PRECONDITION TRANSITION_NOT_ALLOWED", "state"});
  }
  if (PolicyOf(*to).comment_required() && comment.empty()) {
    flaws.push_back({"INVALID_ARGUMENT FIELD_REQUIRED", "outcome"});
  }
  entry->GetReflection()->SetEnum(entry.get(), field, to);
  SetText(*entry, "outcome", comment);
  SetText(*entry, "closed_date", IsClosed(*entry) ? Today() : "");
  BeforeTransition(*this, *entry, flaws);
  if (flaws.empty()) Put(*entry);
}

void EntryDraft::Put(const Message& entry) {
  EntryPtr put = CopyOf(entry);
  for (EntryPtr& known : entries_) {
    if (Text(*known, "name") == Text(entry, "name")) {
      known = std::move(put);
      return;
    }
  }
  entries_.push_back(std::move(put));
}

std::string EntryDraft::Caller() const { return made_ == nullptr ? "" : made_->change.author().id(); }

std::string EntryDraft::Today() const { return made_ == nullptr ? "" : DayAt(made_->change.record_time().seconds()); }

EntryPtr EntryDraft::Stamped(const Message& entry) const {
  EntryPtr stamped = CopyOf(entry);
  Compute(*stamped);
  if (made_ == nullptr) return stamped;
  const v1::Change& change = made_->change;
  const Message* before = moment_.Find(entry.GetDescriptor(), Text(entry, "name"));
  const auto* created = entry.GetDescriptor()->FindFieldByName("create_time");
  stamped->GetReflection()->SetInt64(stamped.get(), entry.GetDescriptor()->FindFieldByName("sequence"),
                                     change.sequence());
  SetText(*stamped, "commit", change.commit());
  SetMessage(*stamped, "create_time",
             before == nullptr ? change.effective_time() : before->GetReflection()->GetMessage(*before, created));
  SetMessage(*stamped, "update_time", change.effective_time());
  SetMessage(*stamped, "last_modifier", change.author());
  SetText(*stamped, "etag", EtagOf(*stamped));
  return stamped;
}

v1::Entry EntryDraft::Answer(const std::string& name) const {
  for (const EntryPtr& entry : entries_) {
    if (Text(*entry, "name") == name) return EntryOf(*Stamped(*entry));
  }
  return EntryOf(*Find(name));
}

void EntryDraft::Finish(Expected& expected) const {
  for (const EntryPtr& put : entries_) {
    const std::string name = Text(*put, "name");
    v1::ChangeEntry& entry = expected.entries.emplace_back();
    entry.set_resource(name);
    entry.set_kind(moment_.Find(put->GetDescriptor(), name) == nullptr ? v1::CHANGE_KIND_CREATED
                                                                       : v1::CHANGE_KIND_UPDATED);
    entry.set_state(ShortName(*StateOf(*put)));
    expected.puts.push_back({name, Stamped(*put)});
  }
}

}  // namespace greffe::model
