// greffe review approve, decide, statement: what reviewers say, signed or not.
#include <map>
#include <memory>

#include "clients/cli/print_text.h"
#include "clients/cli/review.h"
#include "clients/cli/review_print.h"
#include "clients/cli/review_statement.h"
#include "clients/cli/ssh_keygen.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

const std::map<std::string, v1::ReviewOutcome> kOutcomes = {
    {"approved", v1::REVIEW_OUTCOME_APPROVED},
    {"approved-with-comments", v1::REVIEW_OUTCOME_APPROVED_WITH_COMMENTS},
    {"revise", v1::REVIEW_OUTCOME_REVISE_AND_RESUBMIT},
    {"rejected", v1::REVIEW_OUTCOME_REJECTED},
};

struct DecisionOptions {
  std::string review;
  std::string outcome;
  std::string comment;
  std::string key;
  std::string reviewer;
  int step = 0;
  bool with_comments = false;
};

absl::StatusOr<v1::ReviewStatement> Statement(Session& session, const DecisionOptions& options) {
  v1::GetReviewStatementRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kReviews, options.review));
  request.set_outcome(kOutcomes.at(options.outcome));
  request.set_reviewer(options.reviewer);
  request.set_step(options.step);
  return session.client().GetReviewStatement(request);
}

// The caller's statement, once it is known to say what was asked for.
absl::StatusOr<v1::ReviewStatement> StatementToSign(Session& session, const DecisionOptions& options) {
  const std::string& reviewer = session.client().options().principal_id;
  if (reviewer.empty()) {
    return client::MakeError(absl::StatusCode::kInvalidArgument, "PRINCIPAL_MISSING",
                             "--sign: this user has no name on this system, and neither --principal nor "
                             "GREFFE_PRINCIPAL is given");
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(v1::ReviewStatement statement, Statement(session, options));
  v1::GetReviewRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kReviews, options.review));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review review, session.client().GetReview(request));
  const Decision decision{
      .review = request.name(), .reviewer = reviewer, .outcome = kOutcomes.at(options.outcome), .step = options.step};
  GREFFE_CLIENT_RETURN_IF_ERROR(CheckStatement(statement, review, decision));
  return statement;
}

absl::Status Decide(Session& session, const DecisionOptions& options) {
  v1::SubmitDecisionRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kReviews, options.review));
  request.set_outcome(kOutcomes.at(options.outcome));
  request.set_comment(options.comment);
  request.set_step(options.step);
  if (!options.key.empty()) {
    if (options.step == 0) {
      GREFFE_CLIENT_RETURN_IF_ERROR(
          RefuseRequestId(session, "the step that awaits you, and is signed, is another one then; --step names it"));
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ReviewStatement statement, StatementToSign(session, options));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_signature(),
                                   SignWithSshKeygen(options.key, kReviewNamespace, statement.text()));
    request.set_step(statement.step());
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review review, session.client().SubmitDecision(request));
  PrintReviewLine(session, "decided", review);
  return absl::OkStatus();
}

CLI::Option* AddOutcome(CLI::App* command, const std::string& name, DecisionOptions& options) {
  return command->add_option(name, options.outcome, "approved, approved-with-comments, revise or rejected")
      ->check(CLI::IsMember({"approved", "approved-with-comments", "revise", "rejected"}));
}

void AddDecisionFields(CLI::App* command, DecisionOptions& options) {
  command->add_option("-m,--message", options.comment, "Why");
  command
      ->add_option("--sign", options.key,
                   "Sign with this SSH key (ed25519): a file of yours, or a .pub whose key the agent has")
      ->type_name(kLocalPath);
  command->add_option("--step", options.step, "The step, from 1 on; default: the first one that awaits you");
}

}  // namespace

void AddReviewDecisions(Program& program, CLI::App* review) {
  Session& session = program.session;
  CLI::App* const approve = review->add_subcommand("approve", "Approve as a reviewer; JSON: Review");
  const auto approving = std::make_shared<DecisionOptions>();
  approve->add_option("REVIEW", approving->review, kReviewHelp)->required();
  approve->add_flag("--with-comments", approving->with_comments, "Approved with comments");
  AddDecisionFields(approve, *approving);
  OnCall(program, approve, [&session, approving] {
    approving->outcome = approving->with_comments ? "approved-with-comments" : "approved";
    return Decide(session, *approving);
  });

  CLI::App* const decide = review->add_subcommand("decide", "Decide as a reviewer; JSON: Review");
  const auto deciding = std::make_shared<DecisionOptions>();
  decide->add_option("REVIEW", deciding->review, kReviewHelp)->required();
  AddOutcome(decide, "OUTCOME", *deciding)->required();
  AddDecisionFields(decide, *deciding);
  OnCall(program, decide, [&session, deciding] { return Decide(session, *deciding); });

  CLI::App* const statement =
      review->add_subcommand("statement", "Print what a reviewer signs, byte for byte; JSON: ReviewStatement");
  const auto stating = std::make_shared<DecisionOptions>();
  stating->outcome = "approved";
  statement->add_option("REVIEW", stating->review, kReviewHelp)->required();
  AddOutcome(statement, "--outcome", *stating)->capture_default_str();
  statement->add_option("--reviewer", stating->reviewer, "Principal id; default: you");
  statement->add_option("--step", stating->step,
                        "The step, from 1 on; default: the first one that awaits the reviewer");
  OnCall(program, statement, [&session, stating]() -> absl::Status {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ReviewStatement text, Statement(session, *stating));
    if (session.json()) {
      session.PrintJson(text);
    } else {
      PrintText(session, text.text());
    }
    return absl::OkStatus();
  });
}

}  // namespace greffe::cli
