// How a project stands: what all calls of Reports answer with.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "greffe/v1/reports.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// What is asked of each project.
struct StatusQuery {
  int due_within_days = 14;
  int item_limit = 10;
};

// As of `as_of`, or the end of `date` unless it is empty. NOT_FOUND also when the project came later.
absl::StatusOr<v1::ProjectStatus> StatusAt(const Runtime& runtime, const std::string& project, const v1::AsOf& as_of,
                                           const std::string& date, const StatusQuery& query);

// INVALID_ARGUMENT (FIELD_INVALID) naming `due_within_days` or `item_limit`.
absl::Status ValidateStatusQuery(const StatusQuery& query, int max_items);

// INVALID_ARGUMENT (DATE_INVALID; FIELD_INVALID when both are given) naming `date`.
absl::Status ValidateMoment(const v1::AsOf& as_of, const std::string& date);

// `view` is of `project`, `day` the day of its moment.
absl::StatusOr<v1::ProjectStatus> StatusOf(const ProjectView& view, const v1::Project& project, const std::string& day,
                                           const StatusQuery& query);

}  // namespace greffe
