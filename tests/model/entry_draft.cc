#include "tests/model/entry_draft.h"

#include <algorithm>
#include <set>

#include "tests/model/draft.h"
#include "tests/model/entry_kinds.h"

namespace greffe::model {
namespace {

void Clear(Message& entry, v1::FieldBehavior behavior) {
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = entry.GetDescriptor()->field(i);
    if (BehaviorOf(*field) == behavior) entry.GetReflection()->ClearField(&entry, field);
  }
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

std::string EntryDraft::Create(const Message& values, const std::string& chosen, Flaws& flaws) {
  const Register& entries = RegisterOf(*values.GetDescriptor());
  const std::string collection = Collection(*entries.type);
  const v1::Project& project = *ProjectOf(moment());
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
  SetText(*entry, "name", collection + (chosen.empty() ? NextId(*entries.type, entries.prefix) : chosen));
  FindForeignNames(moment(), *entry, flaws);
  BeforeCreate(*this, *entry, flaws);
  FindFlaws(project, *entry, flaws);
  if (!flaws.empty()) return "";
  Put(*entry);
  return Text(*entry, "name");
}

void EntryDraft::Update(const Message& values, const std::vector<std::string>& paths, Flaws& flaws) {
  const EntryPtr before = CopyOf(*Find(Text(values, "name")));
  const v1::Project& project = *ProjectOf(moment());
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

}  // namespace greffe::model
