// How versions come to be released, as the contract promises it (LifecycleRule, RevisionScheme, RevisionStep).
#pragma once

#include <string>

#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/versions.pb.h"
#include "tests/model/project_model.h"

namespace greffe::model {

// That of the document's type, or of the project.
v1::LifecycleRule LifecycleOf(const Moment& moment, const v1::Document& document);
bool MayApprove(const v1::LifecycleRule& rule, const std::string& principal);
bool MayRelease(const v1::LifecycleRule& rule, const std::string& principal);
// The code that the document's next release gets; "" where the scheme has no such step.
std::string NextRevision(const Moment& moment, const v1::Document& document, v1::RevisionStep step);

}  // namespace greffe::model
