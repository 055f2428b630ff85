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

v1::Lock Release(Transaction& transaction, const std::string& number, v1::Lock lock, const RequestMark& request) {
  lock.set_released(true);
  lock.set_request_id(request.id);
  lock.set_request_digest(request.digest);
  transaction.PutLock(number, lock);
  return lock;
}

// What the same request did before; see WriteGroup of one that asked for something else.
std::optional<v1::Lock> Repeated(const Transaction& transaction, const RequestMark& request) {
  if (request.id.empty()) return std::nullopt;
  return transaction.FindLockOfRequest(request.id);
}

}  // namespace

absl::StatusOr<v1::Lock> LockDocument(Transaction& transaction, const std::string& number, const std::string& reason,
                                      std::int64_t seconds, const RequestMark& request) {
  if (std::optional<v1::Lock> before = Repeated(transaction, request)) return *std::move(before);
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
  lock.set_request_id(request.id);
  lock.set_request_digest(request.digest);
  transaction.PutLock(number, lock);
  return lock;
}

absl::StatusOr<v1::Lock> UnlockDocument(Transaction& transaction, const std::string& number,
                                        const RequestMark& request) {
  if (std::optional<v1::Lock> before = Repeated(transaction, request)) return *std::move(before);
  GREFFE_RETURN_IF_ERROR(transaction.GetDocument(number).status());
  GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Lock> lock, transaction.FindLock(number));
  if (!lock) return NoLock(transaction, number);
  GREFFE_RETURN_IF_ERROR(transaction.CheckLock(number));
  return Release(transaction, number, *lock, request);
}

absl::StatusOr<v1::Lock> ForceUnlockDocument(Transaction& transaction, const std::string& number,
                                             const std::string& reason, const std::string& request_id) {
  GREFFE_RETURN_IF_ERROR(transaction.GetDocument(number).status());
  GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Lock> lock, transaction.FindLock(number));
  if (!lock) return NoLock(transaction, number);
  transaction.AddForcedLock(number);
  transaction.SetSubject("Release the lock of " + lock->holder() + " on " + number + " by force");
  transaction.SetBody(reason);
  return Release(transaction, number, *lock, {request_id, ""});
}

void ReleaseOwnLock(Transaction& transaction, const std::string& number) {
  const absl::StatusOr<std::optional<v1::Lock>> lock = transaction.FindLock(number);
  if (!lock.ok() || !*lock || (*lock)->holder() != transaction.caller().id()) return;
  Release(transaction, number, **lock, {});
}

}  // namespace greffe
