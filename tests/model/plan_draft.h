// What a write puts of milestones and deliverables, and of what is theirs, on top of a moment.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <utility>

#include "google/protobuf/field_mask.pb.h"
#include "tests/model/date_changes.h"
#include "tests/model/entry_draft.h"

namespace greffe::model {

class PlanDraft : public EntryDraft {
 public:
  using EntryDraft::EntryDraft;
  using RecordDraft::Find;

  // That of a new record; "" with `refusals`. `chosen` may be empty.
  template <typename Record>
  std::string NewName(const std::string& prefix, const std::string& chosen, std::set<std::string>& refusals) const {
    return NewNameOf(*Record::descriptor(), prefix, chosen, refusals);
  }
  // Whether it can be the name of such a record of the project.
  template <typename Record>
  bool IsNameOf(const std::string& name) const {
    return name.starts_with(Collection(*Record::descriptor()));
  }
  // The record that a call is about; nullptr, with `refusals`: it is not there.
  template <typename Record>
  const Record* Open(const std::string& name, const std::string& etag, std::set<std::string>& refusals) const {
    const auto* record = Find<Record>(name);
    if (!moment().exists()) refusals.insert("NOT_FOUND PROJECT_NOT_FOUND");
    if (record == nullptr) {
      refusals.insert("NOT_FOUND RECORD_NOT_FOUND");
    } else if (!etag.empty() && etag != record->etag()) {
      refusals.insert("ABORTED ETAG_MISMATCH");
    }
    return record;
  }

  // Who changes a date, when and why.
  v1::DateChange By(const std::string& reason) const;
  // The day that a request gives, or today.
  std::string DayOr(const std::string& date) const { return date.empty() ? Today() : date; }
  // The project enters the stage, where one is named.
  void EnterStage(const std::string& stage);

  void Finish(Expected& expected) const;

 private:
  std::string NewNameOf(const google::protobuf::Descriptor& type, const std::string& prefix, const std::string& chosen,
                        std::set<std::string>& refusals) const;

  std::shared_ptr<const v1::Project> project_;  // nullptr: it stays
};

void CheckTitle(const std::string& title, std::set<std::string>& refusals);
void CheckPerson(const std::string& id, std::set<std::string>& refusals);
// Of a day on which something was done.
void CheckPastDay(const std::string& date, std::set<std::string>& refusals);
// Gives the record the values of the fields that the mask names, of those that may change.
void ReplaceFields(const google::protobuf::FieldMask& mask, const std::set<std::string>& fields, const Message& values,
                   Message& record, std::set<std::string>& refusals);

// The commit, and the record after it.
template <typename Record>
Expected Answer(const PlanDraft& draft, const std::string& name, std::set<std::string> refusals) {
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  Expected expected;
  draft.Finish(expected);
  expected.answer = draft.After(name);
  return expected;
}

}  // namespace greffe::model
