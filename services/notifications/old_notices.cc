#include "services/notifications/old_notices.h"

#include "services/notifications/due_notices.h"
#include "storage/base/errors.h"
#include "storage/base/record_kinds.h"

namespace greffe {
namespace {

absl::StatusOr<bool> MayComeAgain(const Store& store, const v1::Notification& told) {
  const absl::StatusOr<RecordName> name = ParseRecordName(told.resource());
  if (!name.ok()) return false;  // of a document, hence of a lock that has ended
  const absl::StatusOr<ProjectView> view = store.View(name->project);
  if (!view.ok()) return true;  // nobody can tell now
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, view->FindRecord(*FindRecordKind(name->collection), name->id));
  return record != nullptr && OpenDueDate(*record) == told.due_date();
}

}  // namespace

absl::Status RemoveOldNotices(const Store& store) {
  const Micros now = store.NowForAges();
  GREFFE_RETURN_IF_ERROR(store.inbox().RemoveOld(now));
  GREFFE_RETURN_IF_ERROR(store.outbox().RemoveOld(now));
  return store.inbox().ForgetTold(now, [&store](const v1::Notification& told) { return MayComeAgain(store, told); });
}

}  // namespace greffe
