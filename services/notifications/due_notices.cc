#include "services/notifications/due_notices.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/time_util.h"
#include "greffe/v1/deliverables.pb.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"

namespace greffe {
namespace {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using google::protobuf::util::TimeUtil;

constexpr char kDueField[] = "open_due_date";
constexpr int kLocksAtOnce = 1000;

const FieldDescriptor* DueField(const Message& record) { return record.GetDescriptor()->FindFieldByName(kDueField); }

// Who answers for it, and whose turn it is.
std::set<std::string> Concerned(const ProjectView& view, const Message& record, const v1::Project& project) {
  std::set<std::string> concerned = {AnswersFor(record)};
  if (record.GetDescriptor() == v1::Review::descriptor()) {
    const auto& review = static_cast<const v1::Review&>(record);
    concerned.insert(review.pending_reviewers().begin(), review.pending_reviewers().end());
    concerned.insert(review.initiator());
    concerned.insert(AuthorOf(view, review));
  } else if (record.GetDescriptor() == v1::Deliverable::descriptor()) {
    const auto& deliverable = static_cast<const v1::Deliverable&>(record);
    if (deliverable.state() == v1::DELIVERABLE_STATE_SUBMITTED) {
      // Where anyone may accept it, it is the manager who sees to that.
      concerned.insert(deliverable.acceptor().empty() ? project.manager() : deliverable.acceptor());
    }
  }
  concerned.erase("");
  if (concerned.empty()) concerned.insert(project.manager());
  return concerned;
}

void AddDueNotices(const ProjectView& view, const Message& record, const std::string& today, NoticeWriter& writer) {
  const std::string due = OpenDueDate(record);
  if (due.empty()) return;
  const bool over = due < today;
  const int days = DaysToTell(writer.rule(), today, due);
  if (!over && days < 0) return;
  v1::Notification notification =
      writer.About(over ? v1::NOTIFICATION_KIND_OVERDUE : v1::NOTIFICATION_KIND_DUE, record, view.sequence());
  notification.set_due_date(due);
  if (!over) notification.set_days(days);
  writer.Add(notification, over ? due : absl::StrCat(due, "/", days), Concerned(view, record, writer.project()));
}

}  // namespace

std::string OpenDueDate(const Message& record) {
  const FieldDescriptor* field = DueField(record);
  return field == nullptr ? "" : record.GetReflection()->GetString(record, field);
}

absl::Status AddDueNoticesOf(const ProjectView& view, const std::set<std::string>& names, const std::string& today,
                             NoticeWriter& writer) {
  for (const std::string& resource : names) {
    const absl::StatusOr<RecordName> name = ParseRecordName(resource);
    if (!name.ok()) continue;
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, view.FindRecord(*FindRecordKind(name->collection), name->id));
    if (record != nullptr) AddDueNotices(view, *record, today, writer);
  }
  return absl::OkStatus();
}

absl::Status AddAllDueNotices(const ProjectView& view, const std::string& today, NoticeWriter& writer,
                              const std::function<absl::Status()>& take) {
  const v1::NotificationRule& rule = writer.rule();
  // Records without a day come first, under "".
  const std::string from = "\1";
  const std::string until = PastDay(AddDays(today, rule.due_in_days(rule.due_in_days_size() - 1)));
  for (const RecordKind& kind : RecordKinds()) {
    if (DueField(*kind.prototype) == nullptr) continue;
    std::vector<std::string> ids;
    GREFFE_RETURN_IF_ERROR(
        view.VisitValues(kind, kDueField, from, until, [&ids](std::string_view, std::string_view id) {
          ids.emplace_back(id);
          return true;
        }));
    for (const std::string& id : ids) {
      GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, view.FindRecord(kind, id));
      if (record != nullptr) AddDueNotices(view, *record, today, writer);
      GREFFE_RETURN_IF_ERROR(take());
    }
  }
  return absl::OkStatus();
}

void AddLockNotices(const Store& store, const ProjectView& view, Micros now, NoticeWriter& writer) {
  const Micros soon = now + Micros{writer.rule().lock_minutes()} * 60 * 1'000'000;
  std::string after;
  while (true) {
    const std::vector<v1::Lock> locks = store.locks().List(view.project(), after, "", kLocksAtOnce, now);
    for (const v1::Lock& lock : locks) {
      const std::string document = lock.name().substr(0, lock.name().rfind('/'));
      after = LastSegment(document);
      if (ToMicros(lock.expire_time()) > soon) continue;
      v1::Notification notification;
      notification.set_kind(v1::NOTIFICATION_KIND_LOCK_EXPIRING);
      notification.set_project(writer.project().name());
      notification.set_resource(document);
      const absl::StatusOr<v1::Document> record = view.GetDocument(after);
      notification.set_title(record.ok() ? record->title() : after);
      notification.set_detail(TimeUtil::ToString(lock.expire_time()));
      notification.set_sequence(view.sequence());
      writer.Add(notification, notification.detail(), {lock.holder()});
    }
    if (static_cast<int>(locks.size()) < kLocksAtOnce) return;
  }
}

}  // namespace greffe
