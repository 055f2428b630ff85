#include "storage/store/meeting_acts.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "greffe/v1/actions.pb.h"
#include "greffe/v1/decisions.pb.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/meeting_rules.h"
#include "storage/base/register_rules.h"
#include "storage/store/record_edits.h"
#include "storage/store/register_acts.h"

namespace greffe {
namespace {

// A series that never closes anything would make each meeting dearer than the one before.
constexpr int kMaxCarried = 1000;

absl::Status CarryOne(Transaction& transaction, const std::string& name, v1::Meeting& meeting) {
  GREFFE_ASSIGN_OR_RETURN(const RecordName parsed, ParseRecordName(KindOf<v1::Action>(), name));
  GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Action> action, transaction.FindRecord<v1::Action>(parsed.id));
  if (!action || IsClosed(*action) || meeting.carried_actions_size() == kMaxCarried) return absl::OkStatus();
  const auto& carried = meeting.carried_actions();
  if (std::find(carried.begin(), carried.end(), name) != carried.end()) return absl::OkStatus();
  meeting.add_carried_actions(name);
  return absl::OkStatus();
}

absl::Status PutDecision(Transaction& transaction, const v1::Meeting& meeting, v1::MinutesItem& item,
                         const std::string& field) {
  v1::Decision decision;
  decision.set_title(TitleOf(item));
  if (item.text() != decision.title()) decision.set_description(item.text());
  decision.set_owner(meeting.owner());
  decision.add_deciders(meeting.owner());
  decision.set_decision_date(meeting.meeting_date());
  if (decision.decision_date().empty()) {
    GREFFE_ASSIGN_OR_RETURN(*decision.mutable_decision_date(), Today(transaction));
  }
  GREFFE_ASSIGN_OR_RETURN(v1::Decision made, AddEntryOf(transaction, decision, field));
  made.set_state(v1::DECISION_STATE_TAKEN);
  made.set_source(meeting.name());
  made.set_closed_date(made.decision_date());
  transaction.PutRecord(made);
  item.set_record(made.name());
  return absl::OkStatus();
}

absl::Status PutAction(Transaction& transaction, const v1::Meeting& meeting, v1::MinutesItem& item,
                       const std::string& field) {
  v1::Action action;
  action.set_title(TitleOf(item));
  if (item.text() != action.title()) action.set_description(item.text());
  action.set_owner(item.owner().empty() ? meeting.owner() : item.owner());
  action.set_due_date(item.due_date());
  GREFFE_ASSIGN_OR_RETURN(v1::Action made, AddEntryOf(transaction, action, field));
  // The meeting is put by the same act: only now does its name name something.
  made.set_source(meeting.name());
  transaction.PutRecord(made);
  item.set_record(made.name());
  return absl::OkStatus();
}

}  // namespace

absl::Status CarryActionsOver(Transaction& transaction, v1::Meeting& meeting, const std::string& field) {
  if (meeting.previous_meeting().empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const RecordName name, ParseRecordName(KindOf<v1::Meeting>(), meeting.previous_meeting(),
                                                                 field + ".previous_meeting"));
  GREFFE_ASSIGN_OR_RETURN(const v1::Meeting former, transaction.GetRecord<v1::Meeting>(name.id));
  for (const std::string& action : former.carried_actions()) {
    GREFFE_RETURN_IF_ERROR(CarryOne(transaction, action, meeting));
  }
  for (const v1::MinutesItem& item : former.minutes()) {
    if (item.kind() == v1::MINUTES_KIND_ACTION) GREFFE_RETURN_IF_ERROR(CarryOne(transaction, item.record(), meeting));
  }
  return absl::OkStatus();
}

absl::Status RecordMinutes(Transaction& transaction, const v1::Meeting& before, v1::Meeting& meeting,
                           const std::string& field) {
  // Decisions have it too, and would be blamed for it.
  GREFFE_RETURN_IF_ERROR(ValidateDate(meeting.meeting_date(), field + ".meeting_date"));
  GREFFE_RETURN_IF_ERROR(ValidateMinutes(meeting, field));
  for (int i = 0; i < meeting.minutes_size(); ++i) {
    v1::MinutesItem& item = *meeting.mutable_minutes(i);
    const std::string place = absl::StrCat(field, ".minutes[", i, "]");
    if (!item.record().empty()) {
      const auto same = [&item](const v1::MinutesItem& known) {
        return known.record() == item.record() && known.kind() == item.kind();
      };
      const auto known = std::count_if(before.minutes().begin(), before.minutes().end(), same);
      if (known == 0) {
        return InvalidValue(place + ".record", item.record(), "is of no such item of this meeting's minutes");
      }
      const auto given = std::count_if(meeting.minutes().begin(), meeting.minutes().begin() + i + 1, same);
      if (given > known) return InvalidValue(place + ".record", item.record(), "is there twice");
      continue;
    }
    if (item.kind() == v1::MINUTES_KIND_DECISION)
      GREFFE_RETURN_IF_ERROR(PutDecision(transaction, meeting, item, place));
    if (item.kind() == v1::MINUTES_KIND_ACTION) GREFFE_RETURN_IF_ERROR(PutAction(transaction, meeting, item, place));
  }
  return absl::OkStatus();
}

}  // namespace greffe
