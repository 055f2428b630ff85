// How versions come to be released: which states follow which, who may, and what the next revision code is. Functions
// of the messages alone.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/versions.pb.h"

namespace greffe {

// The rule of a document type: its own, or the project's.
const v1::LifecycleRule& LifecycleRuleOf(const v1::Project& project, std::string_view document_type);

// FAILED_PRECONDITION (DOCUMENT_TYPE_UNKNOWN) for a document whose type is gone: what its rule was is not known.
absl::Status CheckTypeKnown(const v1::Project& project, const v1::Document& document);

// OK when the version may go to the state `to` under the rule. FAILED_PRECONDITION (TRANSITION_NOT_ALLOWED, or
// REVIEW_OPEN while a review of it is) whose metadata have `version`, `state` and the `allowed` states.
absl::Status CheckTransition(const v1::LifecycleRule& rule, const v1::Version& version, v1::VersionState to);

// FAILED_PRECONDITION (REVIEW_OPEN) naming the review, for a version that is in review.
absl::Status ReviewOpen(const v1::LifecycleRule& rule, const v1::Version& version);

// Takes over from `record` what may change after a version's check-in: state, revision code, review, transitions.
void CopyLife(const v1::Version& record, v1::Version& version);

// PERMISSION_DENIED (NOT_AN_APPROVER, NOT_A_RELEASER) when the rule names who may and `principal` is not among them.
absl::Status CheckApprover(const v1::LifecycleRule& rule, const std::string& principal);
absl::Status CheckReleaser(const v1::LifecycleRule& rule, const std::string& principal);

// The code after `last` ("": the first one). INVALID_ARGUMENT (STEP_INVALID) naming "step" where the scheme has no such
// step. A code of another scheme is taken for none: a project may change its scheme.
absl::StatusOr<std::string> NextRevision(v1::RevisionScheme scheme, const std::string& last, v1::RevisionStep step);

// INVALID_ARGUMENT naming the field below `field`.
absl::Status ValidateLifecycleRule(const v1::LifecycleRule& rule, const std::string& field);

}  // namespace greffe
