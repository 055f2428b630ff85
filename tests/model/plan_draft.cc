#include "tests/model/plan_draft.h"

#include "tests/model/draft.h"
#include "tests/model/entry_filters.h"

namespace greffe::model {

std::string PlanDraft::NewNameOf(const google::protobuf::Descriptor& type, const std::string& prefix,
                                 const std::string& chosen, std::set<std::string>& refusals) const {
  if (!moment().exists()) {
    refusals.insert("NOT_FOUND PROJECT_NOT_FOUND");
    return "";
  }
  const std::string name = Collection(type) + (chosen.empty() ? NextId(type, prefix) : chosen);
  if (chosen.find(' ') != std::string::npos) refusals.insert("INVALID_ARGUMENT NAME_INVALID");
  if (!chosen.empty() && Find(name) != nullptr) refusals.insert("ALREADY_EXISTS ID_TAKEN");
  return refusals.empty() ? name : "";
}

v1::DateChange PlanDraft::By(const std::string& reason) const {
  v1::DateChange change;
  change.set_reason(reason);
  if (made() == nullptr) return change;
  change.set_date(Today());
  *change.mutable_time() = made()->change.record_time();
  change.set_principal(Caller());
  return change;
}

void PlanDraft::EnterStage(const std::string& stage) {
  const v1::Project& before = *ProjectOf(moment());
  if (stage.empty() || before.stage() == stage) return;
  auto project = std::make_shared<v1::Project>(before);
  project->set_stage(stage);
  project->set_etag(EtagOf(*project));
  project_ = std::move(project);
}

void PlanDraft::Finish(Expected& expected) const {
  if (project_ != nullptr) {
    v1::ChangeEntry& entry = expected.entries.emplace_back();
    entry.set_resource(project_->name());
    entry.set_kind(v1::CHANGE_KIND_UPDATED);
    expected.puts.push_back({project_->name(), project_});
  }
  EntryDraft::Finish(expected);
}

void CheckTitle(const std::string& title, std::set<std::string>& refusals) {
  if (title.empty() || title.size() > 200) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
}

void CheckPerson(const std::string& id, std::set<std::string>& refusals) {
  if (id.empty()) refusals.insert("INVALID_ARGUMENT TEXT_INVALID");
  if (id.find('<') != std::string::npos) refusals.insert("INVALID_ARGUMENT NAME_INVALID");
}

void CheckPastDay(const std::string& date, std::set<std::string>& refusals) {
  if (!IsDay(date)) {
    refusals.insert("INVALID_ARGUMENT DATE_INVALID");
  } else if (date > DayIn(0)) {
    refusals.insert("INVALID_ARGUMENT DATE_IN_FUTURE");
  }
}

void ReplaceFields(const google::protobuf::FieldMask& mask, const std::set<std::string>& fields, const Message& values,
                   Message& record, std::set<std::string>& refusals) {
  std::set<std::string> paths(mask.paths().begin(), mask.paths().end());
  if (paths.empty() || (mask.paths_size() == 1 && paths.contains("*"))) {
    paths = fields;
  } else if (paths.size() < static_cast<std::size_t>(mask.paths_size())) {
    refusals.insert("INVALID_ARGUMENT FIELD_MASK_INVALID");  // a path is there twice
  }
  const EntryPtr copy = CopyOf(values);
  for (const std::string& path : paths) {
    if (!fields.contains(path)) {
      refusals.insert("INVALID_ARGUMENT FIELD_MASK_INVALID");
      continue;
    }
    const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(path);
    record.GetReflection()->ClearField(&record, field);
    record.GetReflection()->SwapFields(&record, copy.get(), {field});
  }
}

}  // namespace greffe::model
