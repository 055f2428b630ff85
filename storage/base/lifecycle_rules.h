// How versions come to be released: which states follow which, who may, and what the next revision code is. Functions
// of the messages alone.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/versions.pb.h"

namespace greffe {

// The rule of a document type: its own, or the project's.
const v1::LifecycleRule& LifecycleRuleOf(const v1::Project& project, std::string_view document_type);

// OK when a version may go from `from` to `to` under the rule. FAILED_PRECONDITION (TRANSITION_NOT_ALLOWED) whose
// metadata have `version`, `state` and the `allowed` states.
absl::Status CheckTransition(const v1::LifecycleRule& rule, const v1::Version& version, v1::VersionState to);

// PERMISSION_DENIED (NOT_AN_APPROVER, NOT_A_RELEASER) when the rule names who may and `principal` is not among them.
absl::Status CheckApprover(const v1::LifecycleRule& rule, const std::string& principal);
absl::Status CheckReleaser(const v1::LifecycleRule& rule, const std::string& principal);

// The code after `last` ("": the first one). INVALID_ARGUMENT (STEP_INVALID) naming "step" where the scheme has no such
// step. A code of another scheme is taken for none: a project may change its scheme.
absl::StatusOr<std::string> NextRevision(v1::RevisionScheme scheme, const std::string& last, v1::RevisionStep step);

// INVALID_ARGUMENT naming the field below `field`.
absl::Status ValidateLifecycleRule(const v1::LifecycleRule& rule, const std::string& field);

}  // namespace greffe
