#include "clients/cli/review_print.h"

#include <string>
#include <vector>

#include "clients/cli/text.h"

namespace greffe::cli {
namespace {

// "SPC-0001 version 2".
std::string VersionText(const v1::Review& review) {
  return IdOf(review.document()) + " version " + IdOf(review.version());
}

template <typename Texts>
std::string Joined(const Texts& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : ", ") + text;
  return all;
}

std::string StepText(const v1::Review& review, int index) {
  const v1::ReviewStep& step = review.steps(index);
  std::string text = std::to_string(index + 1) + "  " + EnumText(step.state());
  if (!step.title().empty()) text += "  " + step.title();
  if (step.quorum() > 0) {
    text += "  " + std::to_string(step.quorum()) + " of " + std::to_string(step.reviewers_size());
  }
  if (!step.due_date().empty()) text += "  due " + step.due_date();
  return text;
}

void AddReviewer(Sheet& sheet, const v1::Reviewer& reviewer) {
  std::string who = reviewer.principal();
  for (auto from = reviewer.delegations().rbegin(); from != reviewer.delegations().rend(); ++from) {
    who += " for " + from->delegator();
  }
  if (!reviewer.has_decision()) {
    sheet.Add("  Reviewer", who);
    return;
  }
  const v1::ReviewDecision& decision = reviewer.decision();
  std::string text = who + ": " + EnumText(decision.outcome()) + ", " + LongTime(decision.time());
  if (!decision.signature().empty()) text += ", signed";
  if (!decision.comment().empty()) text += ": " + FirstLine(decision.comment());
  sheet.Add("  Reviewer", text);
}

std::string PlaceText(const v1::TextAnchor& anchor) {
  std::string text = anchor.file();
  if (anchor.page() > 0) text += " page " + std::to_string(anchor.page());
  if (anchor.first_line() > 0) {
    text += " line " + std::to_string(anchor.first_line());
    if (anchor.last_line() > anchor.first_line()) text += "-" + std::to_string(anchor.last_line());
  }
  if (!anchor.quoted_text().empty()) text += " \"" + FirstLine(anchor.quoted_text()) + "\"";
  return text;
}

void AddChange(Sheet& sheet, const v1::ReviewStepChange& change) {
  std::vector<std::string> parts;
  for (const std::string& principal : change.added_reviewers()) parts.push_back("+" + principal);
  for (const v1::Reviewer& reviewer : change.removed_reviewers()) parts.push_back("-" + reviewer.principal());
  const auto quorum = [](int count) { return count == 0 ? std::string("all") : std::to_string(count); };
  if (change.quorum() != change.previous_quorum()) {
    parts.push_back("quorum " + quorum(change.previous_quorum()) + " -> " + quorum(change.quorum()));
  }
  const auto date = [](const std::string& day) { return day.empty() ? std::string("none") : day; };
  if (change.due_date() != change.previous_due_date()) {
    parts.push_back("due " + date(change.previous_due_date()) + " -> " + date(change.due_date()));
  }
  sheet.Add("Changed", LongTime(change.time()) + "  step " + std::to_string(change.step()) + " by " +
                           change.principal() + ": " + Joined(parts) + ": " + FirstLine(change.reason()));
}

void AddComment(Sheet& sheet, const v1::ReviewComment& comment) {
  std::string text = std::to_string(comment.number()) + "  " + comment.principal();
  if (comment.reply_to() > 0) text += " on " + std::to_string(comment.reply_to());
  if (comment.has_anchor()) text += ", " + PlaceText(comment.anchor());
  sheet.Add("Comment", text + ": " + comment.text());
}

}  // namespace

void AddReviewLines(Sheet& sheet, const v1::Review& review) {
  sheet.Add("Review", IdOf(review.name()));
  sheet.Add("Title", review.title());
  sheet.Add("Of", VersionText(review));
  sheet.Add("Manifest", review.manifest_sha256());
  sheet.Add("State", EnumText(review.state()));
  sheet.Add("Opened", LongTime(review.create_time()) + " by " + review.initiator());
  sheet.Add("Description", review.description());
  sheet.Add("Steps", review.steps_size() > 1 ? EnumText(review.step_order()) : "");
  for (int i = 0; i < review.steps_size(); ++i) {
    sheet.Add("Step", StepText(review, i));
    for (const v1::Reviewer& reviewer : review.steps(i).reviewers()) AddReviewer(sheet, reviewer);
  }
  sheet.Add("Awaited", Joined(review.pending_reviewers()));
  sheet.Add("Due", review.open_due_date());
  for (const v1::ReviewStepChange& change : review.changes()) AddChange(sheet, change);
  for (const v1::ReviewComment& comment : review.comments()) AddComment(sheet, comment);
  if (review.has_end()) {
    sheet.Add("Ended", LongTime(review.end().time()) + " by " + review.end().principal());
    sheet.Add("Reason", review.end().reason());
  }
  sheet.Add("Commit", review.commit());
}

void PrintReviewLine(Session& session, const std::string& what, const v1::Review& review) {
  if (session.json()) {
    session.PrintJson(review);
    return;
  }
  session.out() << what << "  " << IdOf(review.name()) << "  " << VersionText(review) << "  "
                << EnumText(review.state());
  if (review.pending_reviewers_size() > 0)
    session.out() << "  awaits " << Printable(Joined(review.pending_reviewers()));
  session.out() << "\n";
}

std::vector<std::string> ReviewRow(const v1::Review& review) {
  const std::string awaits = Joined(review.pending_reviewers());
  return {IdOf(review.name()),
          IdOf(review.document()),
          IdOf(review.version()),
          EnumText(review.state()),
          review.open_due_date().empty() ? "-" : review.open_due_date(),
          awaits.empty() ? "-" : awaits,
          ShortTime(review.create_time()),
          review.title()};
}

}  // namespace greffe::cli
