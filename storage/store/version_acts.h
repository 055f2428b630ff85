// What may be done to versions after their check-in, as acts on a transaction: the one place where a version's state is
// set. Reviews use it too.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/names.h"
#include "storage/store/transaction.h"

namespace greffe {

// The version that a request names, as it is now. NOT_FOUND, FAILED_PRECONDITION as ProjectView::ResolveVersion.
absl::StatusOr<v1::Version> FindVersion(Transaction& transaction, const VersionName& name);

// Takes the version to `state` and puts its record; its document's is left to the caller.
void PutVersionState(Transaction& transaction, v1::Version& version, v1::VersionState state,
                     const std::string& comment);

// Takes the version to `state`, and puts its record and its document's. The caller has checked that it may.
// FAILED_PRECONDITION (RECORD_FULL) for a draft that has no room left for another round.
absl::Status SetVersionState(Transaction& transaction, v1::Version version, v1::VersionState state,
                             const std::string& comment);

// See Versions.ApproveVersion and its siblings.
absl::Status ApproveVersion(Transaction& transaction, const VersionName& name, const std::string& comment);
absl::Status RevokeApproval(Transaction& transaction, const VersionName& name, const std::string& comment);
absl::Status ReleaseVersion(Transaction& transaction, const VersionName& name, v1::RevisionStep step,
                            const std::string& comment);
absl::Status ObsoleteVersion(Transaction& transaction, const VersionName& name, const std::string& comment);
absl::Status RestoreVersion(Transaction& transaction, const VersionName& name, const std::string& etag,
                            const std::string& comment);

// FAILED_PRECONDITION (VERSION_NOT_LATEST) when the document has a newer version.
absl::Status CheckLatest(const v1::Document& document, const v1::Version& version);

}  // namespace greffe
