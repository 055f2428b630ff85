#include "services/locks/locks_service.h"

#include <functional>
#include <utility>

#include "services/call/asked_page.h"
#include "services/call/page_bytes.h"
#include "services/call/unary.h"
#include "storage/base/names.h"
#include "storage/store/lock_acts.h"

namespace greffe {
namespace {

constexpr int kMaxLockReason = 500;
constexpr int kMaxForceReason = 2000;
constexpr std::string_view kLockSuffix = "/lock";

// A write about the lock of the document of that name.
template <typename Request, typename Act>
absl::StatusOr<WriteRequest> WriteAboutLock(const grpc::CallbackServerContext& context, const Request& request,
                                            Act act) {
  GREFFE_ASSIGN_OR_RETURN(DocumentName name, ParseDocumentName(request.name()));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, std::move(name.project), request));
  write.act = [number = std::move(name.number), request_id = write.request_id,
               act = std::move(act)](Transaction& transaction) { return act(transaction, number, request_id); };
  return write;
}

absl::StatusOr<WriteRequest> NewLock(const grpc::CallbackServerContext& context,
                                     const v1::LockDocumentRequest& request) {
  GREFFE_RETURN_IF_ERROR(ValidateText(request.reason(), "reason", 0, kMaxLockReason));
  std::int64_t seconds = kDefaultLockSeconds;
  if (request.has_time_to_live()) {
    // Whole seconds, at least what was asked for.
    seconds = request.time_to_live().seconds();
    if (seconds <= kMaxLockSeconds && request.time_to_live().nanos() > 0) ++seconds;
  }
  if (seconds < 1 || seconds > kMaxLockSeconds) {
    return InvalidField(
        "time_to_live", "FIELD_INVALID",
        "'" + std::to_string(seconds) + "' seconds: allowed are 1 to " + std::to_string(kMaxLockSeconds));
  }
  return WriteAboutLock(context, request,
                        [reason = request.reason(), seconds](Transaction& transaction, const std::string& number,
                                                             const std::string& request_id) {
                          return LockDocument(transaction, number, reason, seconds, request_id);
                        });
}

absl::StatusOr<WriteRequest> NewForce(const grpc::CallbackServerContext& context,
                                      const v1::ForceUnlockDocumentRequest& request) {
  GREFFE_RETURN_IF_ERROR(ValidateText(request.reason(), "reason", 1, kMaxForceReason, true));
  return WriteAboutLock(
      context, request,
      [reason = request.reason()](Transaction& transaction, const std::string& number, const std::string& request_id) {
        return ForceUnlockDocument(transaction, number, reason, request_id);
      });
}

// The answer of a write about a lock.
std::function<absl::Status(WriteResult&)> TakeLock(const std::string& document, v1::Lock* response) {
  return [&document, response](WriteResult& result) {
    if (result.lock) {
      *response = *std::move(result.lock);
    } else {
      // Done by force before, so long ago that the answer is not known any more.
      response->set_name(document + std::string(kLockSuffix));
      response->set_released(true);
    }
    return absl::OkStatus();
  };
}

}  // namespace

grpc::ServerUnaryReactor* LocksService::LockDocument(grpc::CallbackServerContext* context,
                                                     const v1::LockDocumentRequest* request, v1::Lock* response) {
  return AnswerAfterWrite(runtime_, context, "Locks.LockDocument", NewLock(*context, *request),
                          TakeLock(request->name(), response));
}

grpc::ServerUnaryReactor* LocksService::UnlockDocument(grpc::CallbackServerContext* context,
                                                       const v1::UnlockDocumentRequest* request, v1::Lock* response) {
  return AnswerAfterWrite(runtime_, context, "Locks.UnlockDocument",
                          WriteAboutLock(*context, *request, greffe::UnlockDocument),
                          TakeLock(request->name(), response));
}

grpc::ServerUnaryReactor* LocksService::ForceUnlockDocument(grpc::CallbackServerContext* context,
                                                            const v1::ForceUnlockDocumentRequest* request,
                                                            v1::Lock* response) {
  return AnswerAfterWrite(runtime_, context, "Locks.ForceUnlockDocument", NewForce(*context, *request),
                          TakeLock(request->name(), response));
}

grpc::ServerUnaryReactor* LocksService::GetLock(grpc::CallbackServerContext* context, const v1::GetLockRequest* request,
                                                v1::Lock* response) {
  return AnswerNow(context, "Locks.GetLock", [&]() -> absl::Status {
    std::string_view document = request->name();
    if (document.ends_with(kLockSuffix)) document.remove_suffix(kLockSuffix.size());
    GREFFE_ASSIGN_OR_RETURN(const DocumentName name, ParseDocumentName(document));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project));
    GREFFE_RETURN_IF_ERROR(view.GetDocument(name.number).status());
    const std::optional<v1::Lock> lock = runtime_.store.locks().Find(name.project, name.number);
    if (!lock || !IsInForce(*lock, runtime_.clock.Now())) {
      return Error(absl::StatusCode::kNotFound, "LOCK_NOT_FOUND",
                   "nobody has '" + std::string(document) + "' checked out", {{"document", std::string(document)}});
    }
    *response = *lock;
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* LocksService::ListLocks(grpc::CallbackServerContext* context,
                                                  const v1::ListLocksRequest* request,
                                                  v1::ListLocksResponse* response) {
  return AnswerNow(context, "Locks.ListLocks", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request));
    GREFFE_RETURN_IF_ERROR(runtime_.store.View(project).status());
    std::vector<v1::Lock> locks = runtime_.store.locks().List(project, asked.begin.position, request->holder(),
                                                              asked.size + 1, runtime_.clock.Now());
    if (const std::size_t fit = CountThatFit(locks, asked.size); fit < locks.size()) {
      locks.resize(fit);
      const std::string& last = locks.back().name();
      const std::string document = last.substr(0, last.size() - kLockSuffix.size());
      response->set_next_page_token(NextPageToken(runtime_, asked, 0, LastSegment(document)));
    }
    for (v1::Lock& lock : locks) *response->add_locks() = std::move(lock);
    return absl::OkStatus();
  });
}

}  // namespace greffe
