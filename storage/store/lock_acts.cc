#include "storage/store/lock_acts.h"

#include <utility>

#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

absl::Status NoLock(const Transaction& transaction, const std::string& number) {
  const std::string document = FormatDocumentName(transaction.project_id(), number);
  return Error(absl::StatusCode::kNotFound, "LOCK_NOT_FOUND", "nobody has '" + document + "' checked out",
               {{"document", document}});
}

v1::Lock Release(Transaction& transaction, const std::string& number, v1::Lock lock, const std::string& request_id) {
  lock.set_released(true);
  lock.set_request_id(request_id);
  transaction.PutLock(number, lock);
  return lock;
}

// What the same request did before; a state row is no commit, whose trailer would tell.
std::optional<v1::Lock> Repeated(const Transaction& transaction, const std::string& number, bool released,
                                 const std::string& request_id) {
  std::optional<v1::Lock> row = transaction.FindLockRow(number);
  if (request_id.empty() || !row || row->request_id() != request_id || row->released() != released) return std::nullopt;
  // Another one's id of the same name is another request.
  if (row->holder() != transaction.caller().id()) return std::nullopt;
  return row;
}

}  // namespace

absl::StatusOr<v1::Lock> LockDocument(Transaction& transaction, const std::string& number, const std::string& reason,
                                      std::int64_t seconds, const std::string& request_id) {
  if (const auto before = Repeated(transaction, number, false, request_id)) return *before;
  GREFFE_ASSIGN_OR_RETURN(const v1::Document document, transaction.GetDocument(number));
  GREFFE_RETURN_IF_ERROR(CheckActive(document));
  GREFFE_RETURN_IF_ERROR(transaction.CheckLock(number));
  GREFFE_ASSIGN_OR_RETURN(std::optional<v1::Lock> own, transaction.FindLock(number));
  v1::Lock lock = own.value_or(v1::Lock());
  if (!own) {
    lock.set_name(document.name() + "/lock");
    lock.set_holder(transaction.caller().id());
    *lock.mutable_create_time() = ToTimestamp(transaction.record_time());
  }
  if (!reason.empty()) lock.set_reason(reason);
  *lock.mutable_expire_time() = ToTimestamp(transaction.record_time() + seconds * 1'000'000);
  lock.set_request_id(request_id);
  transaction.PutLock(number, lock);
  return lock;
}

absl::StatusOr<v1::Lock> UnlockDocument(Transaction& transaction, const std::string& number,
                                        const std::string& request_id) {
  if (const auto before = Repeated(transaction, number, true, request_id)) return *before;
  GREFFE_RETURN_IF_ERROR(transaction.GetDocument(number).status());
  GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Lock> lock, transaction.FindLock(number));
  if (!lock) return NoLock(transaction, number);
  GREFFE_RETURN_IF_ERROR(transaction.CheckLock(number));
  return Release(transaction, number, *lock, request_id);
}

absl::StatusOr<v1::Lock> ForceUnlockDocument(Transaction& transaction, const std::string& number,
                                             const std::string& reason, const std::string& request_id) {
  GREFFE_RETURN_IF_ERROR(transaction.GetDocument(number).status());
  GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Lock> lock, transaction.FindLock(number));
  if (!lock) return NoLock(transaction, number);
  transaction.AddForcedLock(number);
  transaction.SetSubject("Release the lock of " + lock->holder() + " on " + number + " by force");
  transaction.SetBody(reason);
  return Release(transaction, number, *lock, request_id);
}

void ReleaseOwnLock(Transaction& transaction, const std::string& number) {
  const absl::StatusOr<std::optional<v1::Lock>> lock = transaction.FindLock(number);
  if (!lock.ok() || !*lock || (*lock)->holder() != transaction.caller().id()) return;
  Release(transaction, number, **lock, "");
}

}  // namespace greffe
