// Every question about a quiet project, now and as of random moments.
#pragma once

#include <vector>

#include "tests/model/caller.h"
#include "tests/model/operations.h"
#include "tests/model/project_model.h"

namespace greffe::model {

// The calls, for the checker: lists by every filter and order, each document with its history and contents, look-ups,
// changes; registers by some filters and as tables, and some of their entries with their histories; all milestones,
// deliverables, baselines, links and transmittals, and what has become of what was frozen and sent.
std::vector<Call> Audit(Caller& caller, Dice& dice, const ProjectModel& project, int moments);

}  // namespace greffe::model
