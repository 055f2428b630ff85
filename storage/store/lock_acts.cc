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

void Put(Transaction& transaction, const std::string& number, v1::Lock lock) {
  transaction.PutLock(number, lock);
  transaction.AnswerWithLock(std::move(lock));
}

v1::Lock Released(v1::Lock lock, const std::string& request_id) {
  lock.set_released(true);
  lock.set_request_id(request_id);
  return lock;
}

}  // namespace

absl::Status LockDocument(Transaction& transaction, const std::string& number, const std::string& reason,
                          std::int64_t seconds, const std::string& request_id) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Document document, transaction.GetDocument(number));
  GREFFE_RETURN_IF_ERROR(CheckActive(document));
  GREFFE_RETURN_IF_ERROR(transaction.CheckLock(number));
  GREFFE_ASSIGN_OR_RETURN(std::optional<v1::Lock> own, transaction.FindLock(number));
  v1::Lock lock = own.value_or(v1::Lock());
  if (!own) {
    lock.set_name(document.name() + "/lock");
    lock.set_holder(transaction.caller().id());
    *lock.mutable_create_time() = ToTimestamp(transaction.now());
  }
  if (!reason.empty()) lock.set_reason(reason);
  *lock.mutable_expire_time() = ToTimestamp(transaction.now() + seconds * 1'000'000);
  lock.set_request_id(request_id);
  Put(transaction, number, std::move(lock));
  return absl::OkStatus();
}

absl::Status UnlockDocument(Transaction& transaction, const std::string& number, const std::string& request_id) {
  GREFFE_RETURN_IF_ERROR(transaction.GetDocument(number).status());
  GREFFE_ASSIGN_OR_RETURN(std::optional<v1::Lock> lock, transaction.FindLock(number));
  if (!lock) return NoLock(transaction, number);
  GREFFE_RETURN_IF_ERROR(transaction.CheckLock(number));
  Put(transaction, number, Released(*std::move(lock), request_id));
  return absl::OkStatus();
}

absl::Status ForceUnlockDocument(Transaction& transaction, const std::string& number, const std::string& reason,
                                 const std::string& request_id) {
  GREFFE_RETURN_IF_ERROR(transaction.GetDocument(number).status());
  GREFFE_ASSIGN_OR_RETURN(std::optional<v1::Lock> lock, transaction.FindLock(number));
  if (!lock) return NoLock(transaction, number);
  transaction.AddForcedLock(number);
  transaction.SetSubject("Release the lock of " + lock->holder() + " on " + number + " by force");
  transaction.SetBody(reason);
  Put(transaction, number, Released(*std::move(lock), request_id));
  return absl::OkStatus();
}

void ReleaseOwnLock(Transaction& transaction, const std::string& number) {
  const absl::StatusOr<std::optional<v1::Lock>> lock = transaction.FindLock(number);
  if (!lock.ok() || !*lock || (*lock)->holder() != transaction.caller().id()) return;
  transaction.PutLock(number, Released(**lock, ""));
}

}  // namespace greffe
