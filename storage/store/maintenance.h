// What an operator does to a data directory that no server uses.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store/verifier.h"

namespace greffe {

using ReportLine = std::function<void(const std::string&)>;

struct VerifyResult {
  VerifyCounts counts;
  std::int64_t findings = 0;  // each was given to `finding`
};

// VerifyProject for every project (verifier.h), and VerifyUnknownRepository for what no start has taken up. Takes the
// data directory's lock. An error is what kept it from looking; damage is a finding.
absl::StatusOr<VerifyResult> VerifyData(const std::string& directory, const ReportLine& progress,
                                        const ReportLine& finding);

// Makes an index anew in a temporary folder beside the data and compares every row with the one there. A project that
// cannot be read, and so is in neither, is a finding like a row that differs.
absl::StatusOr<std::int64_t> VerifyIndex(const std::string& directory, const ReportLine& progress,
                                         const ReportLine& finding);

// Discards the index and makes it anew. Returns how many projects are not in it, since they cannot be read; `progress`
// is told which.
absl::StatusOr<std::int64_t> RebuildIndex(const std::string& directory, const ReportLine& progress);

// Packs what the journal holds; the number of commits.
absl::StatusOr<std::int64_t> FlushData(const std::string& directory, const ReportLine& progress);

}  // namespace greffe
