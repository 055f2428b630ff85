#include "clients/cli/review_statement.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "clients/cpp/error.h"

namespace greffe::cli {

absl::Status CheckStatement(const v1::ReviewStatement& statement, const v1::Review& review, const Decision& decision) {
  std::string outcome = v1::ReviewOutcome_Name(decision.outcome);
  outcome = outcome.substr(std::string("REVIEW_OUTCOME_").size());
  const std::string expected =
      absl::StrCat("greffe.v1 review decision\nreview: ", decision.review, "\nversion: ", review.version(),
                   "\nmanifest-sha256: ", review.manifest_sha256(), "\nstep: ", statement.step(),
                   "\nreviewer: ", decision.reviewer, "\noutcome: ", outcome, "\n");
  const bool step = statement.step() > 0 && (decision.step == 0 || decision.step == statement.step());
  // No part brings a line of its own.
  const bool lines = std::count(expected.begin(), expected.end(), '\n') == 7;
  if (step && lines && statement.text() == expected) return absl::OkStatus();
  return client::MakeError(absl::StatusCode::kDataLoss, "STATEMENT_INVALID",
                           "what the server gives to sign is not this decision; nothing is signed");
}

}  // namespace greffe::cli
