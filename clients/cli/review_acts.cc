// greffe review comment, delegate, update, abort.
#include <memory>

#include "absl/strings/numbers.h"
#include "absl/strings/str_split.h"
#include "clients/cli/review.h"
#include "clients/cli/review_print.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

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
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kReviews, options.review));
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

struct UpdateOptions {
  v1::ChangeReviewStepRequest request;
  std::vector<std::string> add;
  std::vector<std::string> remove;
};

absl::Status Update(Session& session, UpdateOptions& options) {
  v1::ChangeReviewStepRequest& request = options.request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kReviews, request.name()));
  request.mutable_add_reviewers()->Assign(options.add.begin(), options.add.end());
  request.mutable_remove_reviewers()->Assign(options.remove.begin(), options.remove.end());
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review changed, session.client().ChangeReviewStep(request));
  PrintReviewLine(session, "updated", changed);
  return absl::OkStatus();
}

}  // namespace

void AddReviewActs(Program& program, CLI::App* review) {
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
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*handing->mutable_name(), RecordNameOf(session, kReviews, handing->name()));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review handed, session.client().DelegateReview(*handing));
    PrintReviewLine(session, "handed over", handed);
    return absl::OkStatus();
  });

  CLI::App* const update = review->add_subcommand(
      "update", "Change reviewers, quorum or due date of a step that has not passed; JSON: Review");
  const auto updating = std::make_shared<UpdateOptions>();
  update->add_option("REVIEW", *updating->request.mutable_name(), kReviewHelp)->required();
  AddList(update, "--add", updating->add, "Principal id of one more reviewer; may be given several times");
  AddList(update, "--remove", updating->remove, "Reviewer who is not to decide any more; may be given several times");
  update->add_option_function<std::int32_t>(
      "--quorum", [updating](const std::int32_t& quorum) { updating->request.set_quorum(quorum); },
      "Approvals that the step needs; 0: all");
  update->add_option_function<std::string>(
      "--due", [updating](const std::string& date) { updating->request.set_due_date(date); },
      "Last day for decisions, such as 2026-03-31; '': none");
  update->add_option_function<std::int32_t>(
      "--step", [updating](const std::int32_t& step) { updating->request.set_step(step); },
      "The step, from 1 on; default: the first one that has not passed");
  update->add_option("-m,--message", *updating->request.mutable_reason(), "Why, for the history")->required();
  OnCall(program, update, [&session, updating] { return Update(session, *updating); });

  CLI::App* const abort = review->add_subcommand("abort", "End a review without an outcome; JSON: Review");
  const auto aborting = std::make_shared<v1::AbortReviewRequest>();
  abort->add_option("REVIEW", *aborting->mutable_name(), kReviewHelp)->required();
  abort->add_option("-m,--message", *aborting->mutable_reason(), "Why")->required();
  OnCall(program, abort, [&session, aborting]() -> absl::Status {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*aborting->mutable_name(), RecordNameOf(session, kReviews, aborting->name()));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Review aborted, session.client().AbortReview(*aborting));
    PrintReviewLine(session, "aborted", aborted);
    return absl::OkStatus();
  });
}

}  // namespace greffe::cli
