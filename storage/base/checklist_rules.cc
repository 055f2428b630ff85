#include "storage/base/checklist_rules.h"

#include <algorithm>
#include <set>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

constexpr int kMaxItems = 500;

}  // namespace

void NumberItems(v1::Checklist& checklist) {
  if (checklist.items_size() > kMaxItems) return;
  std::set<std::string> ids;
  for (const v1::ChecklistItem& item : checklist.items()) ids.insert(item.id());
  for (int i = 0; i < checklist.items_size(); ++i) {
    if (!checklist.items(i).id().empty()) continue;
    int number = i + 1;
    while (!ids.insert(std::to_string(number)).second) ++number;
    checklist.mutable_items(i)->set_id(std::to_string(number));
  }
}

absl::Status ValidateChecklist(const v1::Checklist& checklist, const std::string& field) {
  if (checklist.items_size() < 1 || checklist.items_size() > kMaxItems) {
    return InvalidValue(field + ".items", std::to_string(checklist.items_size()), "1 to 500 items are allowed");
  }
  std::set<std::string> ids;
  for (int i = 0; i < checklist.items_size(); ++i) {
    const v1::ChecklistItem& item = checklist.items(i);
    const std::string place = absl::StrCat(field, ".items[", i, "]");
    GREFFE_RETURN_IF_ERROR(ValidateRecordId(item.id(), place + ".id"));
    if (!ids.insert(item.id()).second) return InvalidValue(place + ".id", item.id(), "is there twice");
    GREFFE_RETURN_IF_ERROR(ValidateText(item.text(), place + ".text", 1, 1000, true));
  }
  return absl::OkStatus();
}

absl::Status ValidateAnswers(const v1::ChecklistRun& run, const std::string& field) {
  for (int i = 0; i < run.answers_size(); ++i) {
    const v1::ChecklistAnswer& answer = run.answers(i);
    const std::string place = absl::StrCat(field, ".answers[", i, "]");
    if (!v1::ChecklistResult_IsValid(answer.result())) {
      return InvalidValue(place + ".result", std::to_string(answer.result()), "expected PASS, FAIL or NOT_APPLICABLE");
    }
    GREFFE_RETURN_IF_ERROR(ValidateText(answer.comment(), place + ".comment", 0, 2000, true));
  }
  return absl::OkStatus();
}

void CopyItems(const v1::Checklist& checklist, v1::ChecklistRun& run) {
  run.clear_answers();
  for (const v1::ChecklistItem& item : checklist.items()) {
    v1::ChecklistAnswer& answer = *run.add_answers();
    answer.set_id(item.id());
    answer.set_text(item.text());
    answer.set_required(item.required());
  }
}

absl::Status GiveAnswers(const v1::ChecklistRun& given, const std::string& principal, const std::string& date,
                         const std::string& field, v1::ChecklistRun& run) {
  if (given.answers_size() > kMaxItems) {
    return InvalidValue(field + ".answers", std::to_string(given.answers_size()), "at most 500 are allowed");
  }
  for (int i = 0; i < given.answers_size(); ++i) {
    const v1::ChecklistAnswer& answer = given.answers(i);
    const auto item = std::find_if(run.mutable_answers()->begin(), run.mutable_answers()->end(),
                                   [&answer](const auto& known) { return known.id() == answer.id(); });
    if (item == run.mutable_answers()->end()) {
      return InvalidValue(absl::StrCat(field, ".answers[", i, "].id"), answer.id(), "the run has no such item");
    }
    if (item->result() == answer.result() && item->comment() == answer.comment()) continue;
    item->set_result(answer.result());
    item->set_comment(answer.comment());
    item->set_principal(principal);
    item->set_date(date);
  }
  return absl::OkStatus();
}

void CountAnswers(v1::ChecklistRun& run) {
  const auto count = [&run](auto holds) {
    return static_cast<std::int32_t>(std::count_if(run.answers().begin(), run.answers().end(), holds));
  };
  run.set_unanswered(count(
      [](const auto& answer) { return answer.required() && answer.result() == v1::CHECKLIST_RESULT_UNSPECIFIED; }));
  run.set_failed(count([](const auto& answer) { return answer.result() == v1::CHECKLIST_RESULT_FAIL; }));
}

}  // namespace greffe
