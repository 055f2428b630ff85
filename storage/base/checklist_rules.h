// What checklists and their runs may be. Functions of the messages alone.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "greffe/v1/checklists.pb.h"

namespace greffe {

// Gives items without an id their place in the list; not when there are more than ValidateChecklist allows.
void NumberItems(v1::Checklist& checklist);

// INVALID_ARGUMENT naming the item below `field`.
absl::Status ValidateChecklist(const v1::Checklist& checklist, const std::string& field);
absl::Status ValidateAnswers(const v1::ChecklistRun& run, const std::string& field);

// The items of the checklist, none answered.
void CopyItems(const v1::Checklist& checklist, v1::ChecklistRun& run);

// Takes the answers of `given` over into `run`, each for the item of its id; what is new is of `principal` on `date`.
// INVALID_ARGUMENT naming an item that the run does not have, or too many answers, below `field`.
absl::Status GiveAnswers(const v1::ChecklistRun& given, const std::string& principal, const std::string& date,
                         const std::string& field, v1::ChecklistRun& run);

// Fills `unanswered` and `failed`.
void CountAnswers(v1::ChecklistRun& run);

}  // namespace greffe
