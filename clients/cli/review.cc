// greffe review open, ls, show.
#include "clients/cli/review.h"

#include <cctype>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/moment.h"
#include "clients/cli/review_print.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct OpenOptions {
  std::string document;
  std::int64_t version = 0;
  std::string title;
  std::string description;
  std::vector<std::string> reviewers;
  int quorum = 0;
  std::string due;
  std::vector<std::string> steps;
  bool parallel = false;
};

// "ada,bob;quorum=1;due=2026-03-31;title=Technical".
absl::StatusOr<v1::ReviewStep> ParseStep(const std::string& text) {
  v1::ReviewStep step;
  const std::vector<std::string> parts = absl::StrSplit(text, ';');
  const std::vector<std::string> principals = absl::StrSplit(parts.front(), ',');
  for (const std::string& principal : principals) step.add_reviewers()->set_principal(principal);
  for (std::size_t i = 1; i < parts.size(); ++i) {
    const std::size_t equals = parts[i].find('=');
    const std::string key = parts[i].substr(0, equals);
    const std::string value = equals == std::string::npos ? "" : parts[i].substr(equals + 1);
    std::int32_t quorum = 0;
    if (key == "quorum" && absl::SimpleAtoi(value, &quorum)) {
      step.set_quorum(quorum);
    } else if (key == "due") {
      step.set_due_date(value);
    } else if (key == "title") {
      step.set_title(value);
    } else {
      return OptionInvalid("--step: \"" + parts[i] + "\" is none of quorum=N, due=DATE, title=TEXT");
    }
  }
  return step;
}

absl::Status Open(Session& session, const OpenOptions& options) {
  v1::CreateReviewRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, options.document));
  v1::Review& review = *request.mutable_review();
  review.set_version(document.name() + "/versions/" +
                     (options.version > 0 ? std::to_string(options.version) : std::string("latest")));
  review.set_title(options.title);
  review.set_description(options.description);
  if (options.parallel) review.set_step_order(v1::STEP_ORDER_IN_PARALLEL);
  if (!options.reviewers.empty()) {
    v1::ReviewStep& step = *review.add_steps();
    for (const std::string& principal : options.reviewers) step.add_reviewers()->set_principal(principal);
    step.set_quorum(options.quorum);
    step.set_due_date(options.due);
  }
  for (const std::string& text : options.steps) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*review.add_steps(), ParseStep(text));
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review opened, session.client().CreateReview(request));
  PrintReviewLine(session, "opened", opened);
  return absl::OkStatus();
}

struct ReviewListOptions {
  bool mine = false;
  bool overdue = false;
  std::string reviewer;
  std::string state = "open";
  std::string document;
  std::string filter;
  std::string order_by;
  std::string as_of;
};

absl::Status ListReviews(Session& session, const ReviewListOptions& options) {
  v1::ListReviewsRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_page_size(1000);
  request.set_order_by(options.order_by);
  request.set_overdue(options.overdue);
  if (options.mine && session.client().options().principal_id.empty()) {
    // No reviewer is all reviews.
    return client::MakeError(absl::StatusCode::kInvalidArgument, "PRINCIPAL_MISSING",
                             "--mine: this user has no name on this system, and neither --principal nor "
                             "GREFFE_PRINCIPAL is given");
  }
  request.set_reviewer(options.mine ? session.client().options().principal_id : options.reviewer);
  std::string filter = options.filter;
  const auto add = [&filter](const std::string& term) { filter += (filter.empty() ? "" : " AND ") + term; };
  if (options.state != "all") {
    std::string state;
    for (const char c : options.state) state += c == '-' ? '_' : static_cast<char>(std::toupper(c));
    add("state = " + state);
  }
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  if (!options.document.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document,
                                   FindDocument(session, options.document, request.as_of()));
    add("document = " + Quoted(document.name()));
  }
  request.set_filter(filter);
  return PrintList(
      session, request, 0, Table({"REVIEW", "DOCUMENT", "VERSION", "STATE", "DUE", "AWAITS", "OPENED", "TITLE"}),
      [&session](const auto& page) { return session.client().ListReviews(page); },
      [](const auto& page) -> const auto& { return page.reviews(); }, ReviewRow);
}

void AddOpen(Program& program, CLI::App* review) {
  Session& session = program.session;
  const auto options = std::make_shared<OpenOptions>();
  CLI::App* const open = review->add_subcommand("open", "Open a review of a document's latest version; JSON: Review");
  open->add_option("DOCUMENT", options->document, kDocumentHelp)->required();
  open->add_option("--version", options->version, "Only if this is the latest version")->check(kFromOne);
  open->add_option("--title", options->title, "What it is called; default: number and version");
  open->add_option("-m,--message", options->description, "What the reviewers are asked for");
  CLI::Option* const reviewer = AddList(open, "--reviewer", options->reviewers,
                                        "Principal id; may be given several times: the first step's reviewers");
  open->add_option("--quorum", options->quorum, "Approvals that the --reviewer step needs; default: all")
      ->needs(reviewer);
  open->add_option("--due", options->due, "Last day of the --reviewer step, such as 2026-03-31")->needs(reviewer);
  AddList(open, "--step", options->steps,
          "A step: \"ada,bob;quorum=1;due=2026-03-31;title=Technical\"; may be given several times, in order");
  open->add_flag("--parallel", options->parallel, "All steps at once, not one after the other");
  OnCall(program, open, [&session, options] { return Open(session, *options); });
}

void AddReads(Program& program, CLI::App* review) {
  Session& session = program.session;
  CLI::App* const ls = review->add_subcommand("ls", "List reviews; JSON: one Review a line");
  const auto listing = std::make_shared<ReviewListOptions>();
  CLI::Option* const mine = ls->add_flag("--mine", listing->mine, "Only those that await your decision");
  ls->add_option("--reviewer", listing->reviewer, "Only those that await this principal id")->excludes(mine);
  ls->add_flag("--overdue", listing->overdue, "Only those with a step whose due date has passed");
  ls->add_option("--state", listing->state, "Only those in this state, or all")
      ->check(CLI::IsMember({"open", "approved", "approved-with-comments", "revise-and-resubmit", "rejected", "aborted",
                             "voided", "all"}))
      ->capture_default_str();
  ls->add_option("--document", listing->document, "Only those of this document: number, alternate number or path");
  ls->add_option("--filter", listing->filter, "AIP-160 filter over the fields of Review");
  ls->add_option("--order-by", listing->order_by, "Such as \"open_due_date\" or \"create_time desc\"");
  AddAsOf(ls, listing->as_of);
  OnCall(program, ls, [&session, listing] { return ListReviews(session, *listing); });

  AddShowCommand(program, review, "Show a review with all that was said", kReviews, "REVIEW", kReviewHelp,
                 &client::Client::GetReview, AddReviewLines);
}

}  // namespace

void AddReviewCommands(Program& program) {
  CLI::App* const review = program.app.add_subcommand("review", "Review versions before they are approved");
  review->require_subcommand(1);
  AddOpen(program, review);
  AddReads(program, review);
  AddReviewDecisions(program, review);
  AddReviewActs(program, review);
}

}  // namespace greffe::cli
