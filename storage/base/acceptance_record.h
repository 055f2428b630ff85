// The acceptance record (French: procès-verbal de recette) as a text: Markdown that people sign, and keep.
#pragma once

#include <string>
#include <vector>

#include "greffe/v1/actions.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/language.h"

namespace greffe {

// "Acceptance record: <the deliverable's title>".
std::string AcceptanceRecordTitle(const v1::Deliverable& deliverable, Language language);

// The last submission of `deliverable` has its acceptance; `acceptor` is who accepts, `reservations` are the actions
// that it names.
std::string AcceptanceRecordText(const v1::Project& project, const v1::Deliverable& deliverable,
                                 const v1::Principal& acceptor, const std::vector<v1::Action>& reservations,
                                 Language language);

}  // namespace greffe
