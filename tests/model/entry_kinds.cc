#include "tests/model/entry_kinds.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <set>

namespace greffe::model {
namespace {

const std::string kInvalidValue = "INVALID_ARGUMENT ";

template <typename Kind>
Kind* As(Message& entry) {
  return dynamic_cast<Kind*>(&entry);
}

long long Hundredths(const std::string& amount) {
  long long hundredths = 0;
  ReadAmount(amount, hundredths);
  return hundredths;
}

void ComputeLine(v1::BudgetLine& line) {
  const long long variance = line.forecast().empty() ? 0 : Hundredths(line.forecast()) - Hundredths(line.planned());
  char text[40];
  std::snprintf(text, sizeof text, "%s%lld.%02lld", variance < 0 ? "-" : "", std::llabs(variance) / 100,
                std::llabs(variance) % 100);
  line.set_variance(text);
}

void ComputeRun(v1::ChecklistRun& run) {
  run.clear_unanswered();
  run.clear_failed();
  for (const v1::ChecklistAnswer& answer : run.answers()) {
    const bool open = answer.required() && answer.result() == v1::CHECKLIST_RESULT_UNSPECIFIED;
    run.set_unanswered(run.unanswered() + (open ? 1 : 0));
    run.set_failed(run.failed() + (answer.result() == v1::CHECKLIST_RESULT_FAIL ? 1 : 0));
  }
}

void NumberItems(v1::Checklist& checklist) {
  std::set<std::string> ids;
  for (const v1::ChecklistItem& item : checklist.items()) ids.insert(item.id());
  for (int i = 0; i < checklist.items_size(); ++i) {
    if (!checklist.items(i).id().empty()) continue;
    int number = i + 1;
    while (!ids.insert(std::to_string(number)).second) ++number;
    checklist.mutable_items(i)->set_id(std::to_string(number));
  }
}

void Answer(const EntryDraft& draft, const v1::ChecklistRun& given, v1::ChecklistRun& run, Flaws& flaws) {
  for (const v1::ChecklistAnswer& answer : given.answers()) {
    const auto item = std::find_if(run.mutable_answers()->begin(), run.mutable_answers()->end(),
                                   [&](const auto& known) { return known.id() == answer.id(); });
    if (item == run.mutable_answers()->end()) {
      flaws.push_back({kInvalidValue + "FIELD_INVALID", "answers"});
      return;
    }
    if (item->result() == answer.result() && item->comment() == answer.comment()) continue;
    item->set_result(answer.result());
    item->set_comment(answer.comment());
    item->set_principal(draft.Caller());
    item->set_date(draft.Today());
  }
}

void BeginRun(const EntryDraft& draft, v1::ChecklistRun& run, Flaws& flaws) {
  if (run.checklist().find("/checklists/") == std::string::npos) {
    flaws.push_back({kInvalidValue + "NAME_INVALID", "checklist"});
    return;
  }
  const auto* checklist = dynamic_cast<const v1::Checklist*>(draft.Find(run.checklist()));
  if (checklist == nullptr) return;  // which was said already
  if (checklist->state() != v1::CHECKLIST_STATE_ACTIVE) {
    flaws.push_back({"FAILED_PRECONDITION CHECKLIST_RETIRED", ""});
  }
  if (run.title().empty()) run.set_title(checklist->title());
  const v1::ChecklistRun given = run;
  run.clear_answers();
  for (const v1::ChecklistItem& item : checklist->items()) {
    v1::ChecklistAnswer& answer = *run.add_answers();
    answer.set_id(item.id());
    answer.set_text(item.text());
    answer.set_required(item.required());
  }
  Answer(draft, given, run, flaws);
}

// What was to be done after the meeting before, and still is.
void CarryOver(const EntryDraft& draft, v1::Meeting& meeting, Flaws& flaws) {
  if (meeting.previous_meeting().empty()) return;
  if (meeting.previous_meeting().find("/meetings/") == std::string::npos) {
    flaws.push_back({kInvalidValue + "NAME_INVALID", "previous_meeting"});
    return;
  }
  const auto* former = dynamic_cast<const v1::Meeting*>(draft.Find(meeting.previous_meeting()));
  if (former == nullptr) return;  // which was said already
  const auto carry = [&](const std::string& name) {
    const Message* action = draft.Find(name);
    if (action != nullptr && !IsClosed(*action)) meeting.add_carried_actions(name);
  };
  for (const std::string& name : former->carried_actions()) carry(name);
  for (const v1::MinutesItem& item : former->minutes()) {
    if (item.kind() == v1::MINUTES_KIND_ACTION) carry(item.record());
  }
}

v1::Decision DecisionOf(const EntryDraft& draft, const v1::Meeting& meeting, const v1::MinutesItem& item) {
  v1::Decision decision;
  decision.set_title(item.text());
  decision.set_owner(meeting.owner());
  decision.add_deciders(meeting.owner());
  decision.set_decision_date(meeting.meeting_date().empty() ? draft.Today() : meeting.meeting_date());
  return decision;
}

v1::Action ActionOf(const v1::Meeting& meeting, const v1::MinutesItem& item) {
  v1::Action action;
  action.set_title(item.text());
  action.set_owner(item.owner().empty() ? meeting.owner() : item.owner());
  action.set_due_date(item.due_date());
  return action;
}

// Decisions and actions of the minutes that are not in their registers yet get there.
void RecordMinutes(EntryDraft& draft, const v1::Meeting& before, v1::Meeting& meeting, Flaws& flaws) {
  Flaws own;
  FindFlaws(v1::Project(), meeting, own);
  std::erase_if(own, [](const Flaw& flaw) { return flaw.field != "meeting_date" && flaw.field != "minutes"; });
  flaws.insert(flaws.end(), own.begin(), own.end());
  if (!flaws.empty()) return;
  for (v1::MinutesItem& item : *meeting.mutable_minutes()) {
    if (!item.record().empty()) {
      const bool known = std::any_of(before.minutes().begin(), before.minutes().end(), [&](const auto& former) {
        return former.record() == item.record() && former.kind() == item.kind();
      });
      if (!known) flaws.push_back({kInvalidValue + "FIELD_INVALID", "minutes"});
      continue;
    }
    if (item.kind() == v1::MINUTES_KIND_INFORMATION) continue;
    const bool decided = item.kind() == v1::MINUTES_KIND_DECISION;
    const std::string name = decided ? draft.Create(DecisionOf(draft, meeting, item), "", flaws)
                                     : draft.Create(ActionOf(meeting, item), "", flaws);
    if (name.empty()) return;
    const EntryPtr made = CopyOf(*draft.Find(name));
    SetText(*made, "source", meeting.name());
    if (auto* decision = As<v1::Decision>(*made)) {
      decision->set_state(v1::DECISION_STATE_TAKEN);
      decision->set_closed_date(decision->decision_date());
    }
    draft.Put(*made);
    item.set_record(name);
  }
}

}  // namespace

void Compute(Message& entry) {
  if (entry.GetDescriptor()->FindFieldByName("open_due_date") != nullptr) {
    std::string due;
    for (const char* field : {"due_date", "review_date", "meeting_date"}) due += Text(entry, field);
    SetText(entry, "open_due_date", IsClosed(entry) ? "" : due);
  }
  if (auto* risk = As<v1::Risk>(entry)) {
    risk->set_score(risk->probability() * risk->impact());
    risk->set_residual_score(risk->residual_probability() * risk->residual_impact());
    risk->set_open_score(IsClosed(entry) ? 0 : risk->score());
  }
  if (auto* line = As<v1::BudgetLine>(entry)) ComputeLine(*line);
  if (auto* run = As<v1::ChecklistRun>(entry)) ComputeRun(*run);
}

void BeforeCreate(EntryDraft& draft, Message& entry, Flaws& flaws) {
  if (auto* checklist = As<v1::Checklist>(entry)) NumberItems(*checklist);
  if (auto* run = As<v1::ChecklistRun>(entry)) BeginRun(draft, *run, flaws);
  if (auto* meeting = As<v1::Meeting>(entry)) {
    CarryOver(draft, *meeting, flaws);
    RecordMinutes(draft, v1::Meeting(), *meeting, flaws);
  }
}

void BeforeUpdate(EntryDraft& draft, const Message& before, Message& entry, Flaws& flaws) {
  if (auto* checklist = As<v1::Checklist>(entry)) NumberItems(*checklist);
  if (auto* run = As<v1::ChecklistRun>(entry)) {
    const v1::ChecklistRun given = *run;
    *run->mutable_answers() = dynamic_cast<const v1::ChecklistRun&>(before).answers();
    Answer(draft, given, *run, flaws);
  }
  if (auto* meeting = As<v1::Meeting>(entry)) {
    RecordMinutes(draft, dynamic_cast<const v1::Meeting&>(before), *meeting, flaws);
  }
}

void BeforeTransition(EntryDraft& draft, Message& entry, Flaws& flaws) {
  if (auto* run = As<v1::ChecklistRun>(entry); run != nullptr && run->state() == v1::CHECKLIST_RUN_STATE_COMPLETED) {
    ComputeRun(*run);
    if (run->unanswered() > 0) flaws.push_back({"FAILED_PRECONDITION ANSWERS_MISSING", ""});
  }
  auto* decision = As<v1::Decision>(entry);
  if (decision == nullptr || decision->state() != v1::DECISION_STATE_TAKEN) return;
  if (decision->deciders().empty()) decision->add_deciders(draft.Caller());
  if (decision->decision_date().empty()) decision->set_decision_date(draft.Today());
}

}  // namespace greffe::model
