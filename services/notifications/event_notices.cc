#include "services/notifications/event_notices.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/trace.pb.h"
#include "storage/base/errors.h"
#include "storage/base/lifecycle_rules.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

// Whether the entry is of a document that may have another owner than before. Most commits are check-ins, which change
// none, and are not looked at.
bool MayHandOver(const v1::Change& change, const v1::ChangeEntry& entry) {
  // What else the same commit did to it, as a row of a table does, may stand in place of "updated".
  const bool may = entry.kind() == v1::CHANGE_KIND_CREATED || entry.kind() == v1::CHANGE_KIND_UPDATED ||
                   entry.kind() == v1::CHANGE_KIND_MOVED || entry.kind() == v1::CHANGE_KIND_REINSTATED;
  return may && !change.imported() && ParseDocumentName(entry.resource()).ok();
}

// Whose decision is awaited in a step, when it is open.
std::set<std::string> PendingIn(const v1::Review& review, const v1::ReviewStep& step) {
  std::set<std::string> pending;
  if (review.state() != v1::REVIEW_STATE_OPEN || step.state() != v1::REVIEW_STEP_STATE_OPEN) return pending;
  for (const v1::Reviewer& reviewer : step.reviewers()) {
    if (!reviewer.has_decision()) pending.insert(reviewer.principal());
  }
  return pending;
}

// Looks at one commit.
class Commit {
 public:
  Commit(const v1::Change& change, std::optional<ProjectView> before, ProjectView after, NoticeWriter& writer,
         const std::function<absl::Status()>& take)
      : change_(change),
        before_(std::move(before)),
        after_(std::move(after)),
        writer_(writer),
        take_(take),
        occasion_(std::to_string(change.sequence())) {}

  absl::Status Look() {
    for (const v1::ChangeEntry& entry : change_.entries()) {
      const absl::StatusOr<RecordName> name = ParseRecordName(entry.resource());
      const bool document = MayHandOver(change_, entry);
      if (!name.ok() && !document) continue;
      const bool link = entry.kind() == v1::CHANGE_KIND_LINK_STATE_CHANGED;
      if (!looked_.insert({link, entry.resource()}).second) continue;
      if (document) {
        GREFFE_RETURN_IF_ERROR(LookAtDocument(LastSegment(entry.resource())));
      } else if (link) {
        GREFFE_RETURN_IF_ERROR(LookAtLink(name->id));
      } else if (const RecordKind& kind = *FindRecordKind(name->collection);
                 !change_.imported() || &kind == &KindOf<v1::Review>()) {
        // Of what is imported a review alone is news: the one that it voids.
        GREFFE_RETURN_IF_ERROR(LookAtRecord(kind, name->id));
      }
      GREFFE_RETURN_IF_ERROR(take_());
    }
    return absl::OkStatus();
  }

 private:
  // Whether the commit made somebody other than its author answer for something. Where nobody does from now on, those
  // whom the rule tells of every assignment would be told of none.
  bool IsNews(const std::string& before, const std::string& now) const {
    return !now.empty() && now != before && now != change_.author().id();
  }

  absl::Status LookAtDocument(const std::string& number) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Document after, after_.GetDocument(number));
    std::string owner;
    if (before_) {
      const absl::StatusOr<v1::Document> before = before_->GetDocument(number);
      if (!before.ok() && !absl::IsNotFound(before.status())) return before.status();
      if (before.ok()) owner = before->owner();
    }
    if (IsNews(owner, after.owner())) {
      Add(writer_.About(v1::NOTIFICATION_KIND_ASSIGNED, after, change_.sequence()), {after.owner()});
    }
    return absl::OkStatus();
  }

  absl::Status LookAtRecord(const RecordKind& kind, const std::string& id) {
    const bool version = &kind == &KindOf<v1::Version>();
    const bool review = &kind == &KindOf<v1::Review>();
    const bool link = &kind == &KindOf<v1::Link>();
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr after, after_.FindRecord(kind, id));
    if (after == nullptr || link) return absl::OkStatus();
    RecordPtr before;
    if (before_) {
      GREFFE_ASSIGN_OR_RETURN(before, before_->FindRecord(kind, id));
    }
    if (version) return LookAtVersion(static_cast<const v1::Version*>(before.get()), static_cast<v1::Version&>(*after));
    if (review) {
      LookAtReview(static_cast<const v1::Review*>(before.get()), static_cast<v1::Review&>(*after));
      return absl::OkStatus();
    }
    const std::string answers = AnswersFor(*after);
    if (IsNews(before == nullptr ? "" : AnswersFor(*before), answers)) {
      Add(writer_.About(v1::NOTIFICATION_KIND_ASSIGNED, *after, change_.sequence()), {answers});
    }
    if (&kind == &KindOf<v1::Deliverable>()) {
      LookAtDeliverable(static_cast<const v1::Deliverable*>(before.get()), static_cast<v1::Deliverable&>(*after));
    }
    return absl::OkStatus();
  }

  absl::Status LookAtVersion(const v1::Version* before, const v1::Version& after) {
    if (before != nullptr && before->state() == after.state()) return absl::OkStatus();
    const bool released = after.state() == v1::VERSION_STATE_RELEASED;
    if (!released && after.state() != v1::VERSION_STATE_APPROVED) return absl::OkStatus();
    GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(after.name()));
    GREFFE_ASSIGN_OR_RETURN(const v1::Document document, after_.GetDocument(name.number));
    v1::Notification notification = writer_.About(
        released ? v1::NOTIFICATION_KIND_RELEASED : v1::NOTIFICATION_KIND_APPROVED, after, change_.sequence());
    notification.set_title(document.title());
    notification.set_detail(after.revision());
    std::set<std::string> recipients = {after.author().id(), document.owner()};
    if (!released) {
      const auto& releasers = LifecycleRuleOf(writer_.project(), document.type()).releasers();
      recipients.insert(releasers.begin(), releasers.end());
      // Where anyone may release it, it is the manager who sees to that.
      if (releasers.empty()) recipients.insert(writer_.project().manager());
    }
    Add(std::move(notification), std::move(recipients));
    return absl::OkStatus();
  }

  void LookAtReview(const v1::Review* before, const v1::Review& after) {
    std::set<std::string> pending;
    for (int i = 0; i < after.steps_size(); ++i) {
      std::set<std::string> added = PendingIn(after, after.steps(i));
      // Who has another step to decide in is told of this one.
      if (before != nullptr && i < before->steps_size()) {
        for (const std::string& reviewer : PendingIn(*before, before->steps(i))) added.erase(reviewer);
      }
      pending.merge(added);
    }
    if (!pending.empty()) {
      pending.insert(AuthorOf(after_, after));
      v1::Notification notification = writer_.About(v1::NOTIFICATION_KIND_REVIEW_ASSIGNED, after, change_.sequence());
      notification.set_due_date(after.open_due_date());
      Add(std::move(notification), std::move(pending));
    }
    if (after.state() == v1::REVIEW_STATE_OPEN || (before != nullptr && before->state() == after.state())) return;
    Add(writer_.About(v1::NOTIFICATION_KIND_REVIEW_ENDED, after, change_.sequence()),
        {AuthorOf(after_, after), after.initiator()});
  }

  void LookAtDeliverable(const v1::Deliverable* before, const v1::Deliverable& after) {
    const bool was_submitted = before != nullptr && before->state() == v1::DELIVERABLE_STATE_SUBMITTED;
    const bool is_submitted = after.state() == v1::DELIVERABLE_STATE_SUBMITTED;
    std::set<std::string> recipients = {after.responsible()};
    if (!after.submissions().empty()) recipients.insert(after.submissions(after.submissions_size() - 1).principal());
    if (is_submitted && (!was_submitted || before->submissions_size() < after.submissions_size())) {
      // Where anyone may accept it, it is the manager who sees to that.
      recipients.insert(after.acceptor().empty() ? writer_.project().manager() : after.acceptor());
      Add(writer_.About(v1::NOTIFICATION_KIND_SUBMITTED, after, change_.sequence()), std::move(recipients));
    } else if (was_submitted && !is_submitted && after.state() != v1::DELIVERABLE_STATE_ARCHIVED) {
      Add(writer_.About(v1::NOTIFICATION_KIND_SUBMISSION_DECIDED, after, change_.sequence()), std::move(recipients));
    }
  }

  // Of a link whose state the commit changed by changing an end.
  absl::Status LookAtLink(const std::string& id) {
    if (!before_) return absl::OkStatus();
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr after, after_.FindRecord(KindOf<v1::Link>(), id));
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr before, before_->FindRecord(KindOf<v1::Link>(), id));
    if (after == nullptr || before == nullptr) return absl::OkStatus();
    const auto& link = static_cast<const v1::Link&>(*after);
    if (link.state() != v1::LINK_STATE_SUSPECT && link.state() != v1::LINK_STATE_BROKEN) return absl::OkStatus();
    v1::Notification notification = writer_.About(v1::NOTIFICATION_KIND_LINK_SUSPECT, link, change_.sequence());
    const std::string type = absl::StrReplaceAll(
        absl::AsciiStrToLower(v1::LinkType_Name(link.type()).substr(sizeof("LINK_TYPE_") - 1)), {{"_", " "}});
    notification.set_title(absl::StrCat(LastSegment(link.from()), " ", type, " ", LastSegment(link.to())));
    const bool from = link.from_state() != static_cast<const v1::Link&>(*before).from_state();
    notification.set_detail(from ? link.from() : link.to());
    Add(std::move(notification),
        {link.last_modifier().id(), change_.author().id(), OwnerOf(link.from()), OwnerOf(link.to())});
    return absl::OkStatus();
  }

  // Of an end of a link; "" when nobody is.
  std::string OwnerOf(const std::string& resource) const {
    if (const auto name = ParseDocumentOrVersionName(resource); name.ok()) {
      const absl::StatusOr<v1::Document> document = after_.GetDocument(name->number);
      return document.ok() ? document->owner() : "";
    }
    const auto name = ParseRecordName(resource);
    if (!name.ok()) return "";
    const absl::StatusOr<RecordPtr> record = after_.FindRecord(*FindRecordKind(name->collection), name->id);
    return record.ok() && *record != nullptr ? AnswersFor(**record) : "";
  }

  void Add(v1::Notification notification, std::set<std::string> recipients) {
    *notification.mutable_actor() = change_.author();
    writer_.Add(notification, occasion_, std::move(recipients));
  }

  const v1::Change& change_;
  const std::optional<ProjectView> before_;
  const ProjectView after_;
  NoticeWriter& writer_;
  const std::function<absl::Status()>& take_;
  const std::string occasion_;
  std::set<std::pair<bool, std::string_view>> looked_;  // a resource that has several entries tells its news once
};

}  // namespace

absl::Status AddEventNotices(const Store& store, const v1::Change& change, std::vector<v1::Notification>& notifications,
                             const std::function<absl::Status()>& take) {
  if (std::none_of(change.entries().begin(), change.entries().end(), [&change](const v1::ChangeEntry& entry) {
        return ParseRecordName(entry.resource()).ok() || MayHandOver(change, entry);
      })) {
    return absl::OkStatus();
  }
  const std::string project = LastSegment(change.project());
  v1::AsOf as_of;
  std::optional<ProjectView> before;
  if (change.sequence() > 1) {
    as_of.set_sequence(change.sequence() - 1);
    GREFFE_ASSIGN_OR_RETURN(before, store.View(project, as_of));
  }
  as_of.set_sequence(change.sequence());
  GREFFE_ASSIGN_OR_RETURN(ProjectView after, store.View(project, as_of));
  GREFFE_ASSIGN_OR_RETURN(v1::Project record, after.GetProject());
  NoticeWriter writer(std::move(record), notifications);
  return Commit(change, std::move(before), std::move(after), writer, take).Look();
}

}  // namespace greffe
