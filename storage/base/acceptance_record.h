// The acceptance record (French: procès-verbal de recette) as a text: Markdown that people sign, and keep.
#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "greffe/v1/actions.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/projects.pb.h"

namespace greffe {

enum class RecordLanguage { kEnglish, kFrench };
// "en" (or ""), "fr". INVALID_ARGUMENT (LANGUAGE_UNKNOWN) naming `field`.
absl::StatusOr<RecordLanguage> ParseRecordLanguage(const std::string& language, const std::string& field);

// "Acceptance record: <the deliverable's title>".
std::string AcceptanceRecordTitle(const v1::Deliverable& deliverable, RecordLanguage language);

// The last submission of `deliverable` has its acceptance; `acceptor` is who accepts, `reservations` are the actions
// that it names.
std::string AcceptanceRecordText(const v1::Project& project, const v1::Deliverable& deliverable,
                                 const v1::Principal& acceptor, const std::vector<v1::Action>& reservations,
                                 RecordLanguage language);

}  // namespace greffe
