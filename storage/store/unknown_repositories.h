// Repositories that the journal of their data directory does not know: put there from a copy and not taken up yet, or
// not to be taken up, since they are damaged, after the journal was lost (recovery.h). Nobody is served from one, and
// it may be the only place of what it has.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/journal/journal.h"
#include "storage/store/object_source.h"
#include "storage/store/verifier.h"

namespace greffe {

// The projects that have a repository in the data directory `directory`, known or not.
absl::StatusOr<std::vector<std::string>> ListRepositories(const std::string& directory);

// Those of `projects` that `journal` does not know, with a DATA_LOSS (REPOSITORY_UNKNOWN) that says so. A repository
// without a main is none of them: nothing was written to it yet. A project that is made meanwhile is none of them
// either, if the repositories were listed before the journal was opened, or the journal is the one that is written to.
absl::StatusOr<std::map<std::string, absl::Status>> FindUnknownRepositories(const std::string& directory,
                                                                            const std::vector<std::string>& projects,
                                                                            const Journal& journal);

// Gives `unknown` as a finding, then what is wrong with the objects that are there, and which commit its history lacks.
// See VerifyProject.
absl::Status VerifyUnknownRepository(ObjectSource& objects, const std::string& project, const absl::Status& unknown,
                                     VerifyCounts& counts, const VerifyCalls& calls);

}  // namespace greffe
