// greffe review: open, ls, show, approve, decide, comment, delegate, abort, statement.
#include <cctype>
#include <map>
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/moment.h"
#include "clients/cli/review_print.h"
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
constexpr char kReviewHelp[] = "Id of a review, such as RVW-0001";

absl::Status OptionInvalid(const std::string& finding) {
  return client::MakeError(absl::StatusCode::kInvalidArgument, "OPTION_INVALID", finding);
}

absl::StatusOr<std::string> NameOf(Session& session, const std::string& review) {
  if (review.rfind("projects/", 0) == 0) return review;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string parent, session.Parent());
  return parent + "/reviews/" + review;
}

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

struct ListOptions {
  bool mine = false;
  bool overdue = false;
  std::string reviewer;
  std::string state = "open";
  std::string document;
  std::string filter;
  std::string order_by;
  std::string as_of;
};

absl::Status List(Session& session, const ListOptions& options) {
  v1::ListReviewsRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_page_size(1000);
  request.set_order_by(options.order_by);
  request.set_overdue(options.overdue);
  request.set_reviewer(options.mine ? session.client().options().principal_id : options.reviewer);
  std::string filter = options.filter;
  const auto add = [&filter](const std::string& term) { filter += (filter.empty() ? "" : " AND ") + term; };
  if (options.state != "all") {
    std::string state;
    for (const char c : options.state) state += c == '-' ? '_' : static_cast<char>(std::toupper(c));
    add("state = " + state);
  }
  if (!options.document.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, options.document));
    add("document = " + Quoted(document.name()));
  }
  request.set_filter(filter);
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  Table table = ReviewTable();
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListReviewsResponse page, session.client().ListReviews(request));
    for (const v1::Review& review : page.reviews()) {
      if (session.json()) {
        session.PrintJson(review);
      } else {
        AddReviewRow(table, review);
      }
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

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
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), NameOf(session, options.review));
  request.set_outcome(kOutcomes.at(options.outcome));
  request.set_reviewer(options.reviewer);
  request.set_step(options.step);
  return session.client().GetReviewStatement(request);
}

absl::Status Decide(Session& session, const DecisionOptions& options) {
  v1::SubmitDecisionRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), NameOf(session, options.review));
  request.set_outcome(kOutcomes.at(options.outcome));
  request.set_comment(options.comment);
  request.set_step(options.step);
  if (!options.key.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ReviewStatement statement, Statement(session, options));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_signature(),
                                   SignWithSshKeygen(options.key, statement.namespace_(), statement.text()));
    request.set_step(statement.step());
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review review, session.client().SubmitDecision(request));
  PrintReviewLine(session, "decided", review);
  return absl::OkStatus();
}

struct CommentOptions {
  std::string review;
  std::string text;
  std::string file;
  std::string lines;
  std::string quote;
  int page = 0;
  int reply_to = 0;
};

absl::Status Comment(Session& session, const CommentOptions& options) {
  v1::AddReviewCommentRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), NameOf(session, options.review));
  v1::ReviewComment& comment = *request.mutable_comment();
  comment.set_text(options.text);
  comment.set_reply_to(options.reply_to);
  if (!options.file.empty() || !options.lines.empty() || !options.quote.empty() || options.page > 0) {
    v1::TextAnchor& anchor = *comment.mutable_anchor();
    anchor.set_file(options.file);
    anchor.set_page(options.page);
    anchor.set_quoted_text(options.quote);
    std::int32_t first = 0;
    std::int32_t last = 0;
    const std::vector<std::string> ends = absl::StrSplit(options.lines, '-');
    if (!options.lines.empty() &&
        (ends.size() > 2 || !absl::SimpleAtoi(ends.front(), &first) || !absl::SimpleAtoi(ends.back(), &last))) {
      return OptionInvalid("--line: \"" + options.lines + "\" is no line such as 12, or lines such as 12-14");
    }
    anchor.set_first_line(first);
    anchor.set_last_line(last);
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review review, session.client().AddReviewComment(request));
  PrintReviewLine(session, "commented", review);
  return absl::OkStatus();
}

void AddOpen(Program& program, CLI::App* review) {
  Session& session = program.session;
  const auto options = std::make_shared<OpenOptions>();
  CLI::App* const open = review->add_subcommand("open", "Open a review of a document's latest version; JSON: Review");
  open->add_option("DOCUMENT", options->document, kDocumentHelp)->required();
  open->add_option("--version", options->version, "Only if this is the latest version")->check(kFromOne);
  open->add_option("--title", options->title, "What it is called; default: number and version");
  open->add_option("-m,--message", options->description, "What the reviewers are asked for");
  AddList(open, "--reviewer", options->reviewers,
          "Principal id; may be given several times: the first step's reviewers");
  open->add_option("--quorum", options->quorum, "Approvals that the --reviewer step needs; default: all");
  open->add_option("--due", options->due, "Last day of the --reviewer step, such as 2026-03-31");
  AddList(open, "--step", options->steps,
          "A step: \"ada,bob;quorum=1;due=2026-03-31;title=Technical\"; may be given several times, in order");
  open->add_flag("--parallel", options->parallel, "All steps at once, not one after the other");
  OnCall(program, open, [&session, options] { return Open(session, *options); });
}

void AddReads(Program& program, CLI::App* review) {
  Session& session = program.session;
  CLI::App* const ls = review->add_subcommand("ls", "List reviews; JSON: one Review a line");
  const auto listing = std::make_shared<ListOptions>();
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
  OnCall(program, ls, [&session, listing] { return List(session, *listing); });

  CLI::App* const show = review->add_subcommand("show", "Show a review with all that was said; JSON: Review");
  const auto shown = std::make_shared<std::pair<std::string, std::string>>();
  show->add_option("REVIEW", shown->first, kReviewHelp)->required();
  AddAsOf(show, shown->second);
  OnCall(program, show, [&session, shown]() -> absl::Status {
    v1::GetReviewRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), NameOf(session, shown->first));
    if (!shown->second.empty()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, shown->second));
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review found, session.client().GetReview(request));
    PrintReview(session, found);
    return absl::OkStatus();
  });
}

CLI::Option* AddOutcome(CLI::App* command, const std::string& name, DecisionOptions& options) {
  return command->add_option(name, options.outcome, "approved, approved-with-comments, revise or rejected")
      ->check(CLI::IsMember({"approved", "approved-with-comments", "revise", "rejected"}));
}

void AddDecisionFields(CLI::App* command, DecisionOptions& options) {
  command->add_option("-m,--message", options.comment, "Why");
  command->add_option("--sign", options.key,
                      "Sign with this SSH key (ed25519): a file of yours, or a .pub whose key the agent has");
  command->add_option("--step", options.step, "The step, from 1 on; default: the first one that awaits you");
}

void AddDecisions(Program& program, CLI::App* review) {
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
      session.out() << text.text();
    }
    return absl::OkStatus();
  });
}

void AddOthers(Program& program, CLI::App* review) {
  Session& session = program.session;
  CLI::App* const comment = review->add_subcommand("comment", "Comment, or answer a comment; JSON: Review");
  const auto commenting = std::make_shared<CommentOptions>();
  comment->add_option("REVIEW", commenting->review, kReviewHelp)->required();
  comment->add_option("-m,--message", commenting->text, "The comment")->required();
  comment->add_option("--file", commenting->file, "One of the version's files; default: the main file");
  comment->add_option("--page", commenting->page, "Page, from 1 on");
  comment->add_option("--line", commenting->lines, "Line or lines: 12, 12-14");
  comment->add_option("--quote", commenting->quote, "The words that are meant");
  comment->add_option("--reply-to", commenting->reply_to, "Number of the comment that this answers");
  OnCall(program, comment, [&session, commenting] { return Comment(session, *commenting); });

  CLI::App* const delegate = review->add_subcommand("delegate", "Hand a decision over to somebody else; JSON: Review");
  const auto handing = std::make_shared<v1::DelegateReviewRequest>();
  delegate->add_option("REVIEW", *handing->mutable_name(), kReviewHelp)->required();
  delegate->add_option("--to", *handing->mutable_delegate(), "Principal id of who decides instead")->required();
  delegate->add_option("--reviewer", *handing->mutable_reviewer(), "Whose decision; default: yours");
  delegate->add_option_function<std::int32_t>(
      "--step", [handing](const std::int32_t& step) { handing->set_step(step); }, "The step, from 1 on");
  delegate->add_option("-m,--message", *handing->mutable_comment(), "Why");
  OnCall(program, delegate, [&session, handing]() -> absl::Status {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*handing->mutable_name(), NameOf(session, handing->name()));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review handed, session.client().DelegateReview(*handing));
    PrintReviewLine(session, "handed over", handed);
    return absl::OkStatus();
  });

  CLI::App* const abort = review->add_subcommand("abort", "End a review without an outcome; JSON: Review");
  const auto aborting = std::make_shared<v1::AbortReviewRequest>();
  abort->add_option("REVIEW", *aborting->mutable_name(), kReviewHelp)->required();
  abort->add_option("-m,--message", *aborting->mutable_reason(), "Why")->required();
  OnCall(program, abort, [&session, aborting]() -> absl::Status {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*aborting->mutable_name(), NameOf(session, aborting->name()));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review aborted, session.client().AbortReview(*aborting));
    PrintReviewLine(session, "aborted", aborted);
    return absl::OkStatus();
  });
}

}  // namespace

void AddReviewCommands(Program& program) {
  CLI::App* const review = program.app.add_subcommand("review", "Review versions before they are approved");
  review->require_subcommand(1);
  AddOpen(program, review);
  AddReads(program, review);
  AddDecisions(program, review);
  AddOthers(program, review);
}

}  // namespace greffe::cli
