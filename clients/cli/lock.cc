// greffe lock, unlock, locks: documents that are checked out.
#include <memory>

#include "absl/time/time.h"
#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct LockOptions {
  std::vector<std::string> documents;
  std::string reason;
  std::string duration;
  std::string holder;
  bool force = false;
};

std::string DocumentOf(const v1::Lock& lock) { return IdOf(lock.name().substr(0, lock.name().rfind('/'))); }

void PrintLock(Session& session, const std::string& what, const v1::Lock& lock) {
  if (session.json()) {
    session.PrintJson(lock);
    return;
  }
  session.out() << what << "  " << DocumentOf(lock) << "  " << Printable(lock.holder());
  if (!lock.released()) session.out() << "  until " << ShortTime(lock.expire_time());
  session.out() << "\n";
}

absl::Status Lock(Session& session, const LockOptions& options) {
  absl::Duration duration = absl::ZeroDuration();
  if (!options.duration.empty() && !absl::ParseDuration(options.duration, &duration)) {
    return OptionInvalid("--for: \"" + options.duration + "\" is no duration such as 90m or 8h");
  }
  for (const std::string& name : options.documents) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, name));
    v1::LockDocumentRequest request;
    request.set_name(document.name());
    request.set_reason(options.reason);
    if (!options.duration.empty()) request.mutable_time_to_live()->set_seconds(absl::ToInt64Seconds(duration));
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Lock lock, session.client().LockDocument(request));
    PrintLock(session, "locked", lock);
  }
  return absl::OkStatus();
}

absl::Status Unlock(Session& session, const LockOptions& options) {
  if (options.force && options.reason.empty()) {
    return OptionInvalid("--force needs a reason: -m");
  }
  for (const std::string& name : options.documents) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, name));
    absl::StatusOr<v1::Lock> lock;
    if (options.force) {
      v1::ForceUnlockDocumentRequest request;
      request.set_name(document.name());
      request.set_reason(options.reason);
      lock = session.client().ForceUnlockDocument(request);
    } else {
      v1::UnlockDocumentRequest request;
      request.set_name(document.name());
      lock = session.client().UnlockDocument(request);
    }
    if (!lock.ok()) return lock.status();
    PrintLock(session, "unlocked", *lock);
  }
  return absl::OkStatus();
}

absl::Status ListLocks(Session& session, const LockOptions& options) {
  v1::ListLocksRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_page_size(1000);
  request.set_holder(options.holder);
  Table table({"DOCUMENT", "HOLDER", "SINCE", "UNTIL", "REASON"});
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListLocksResponse page, session.client().ListLocks(request));
    for (const v1::Lock& lock : page.locks()) {
      if (session.json()) {
        session.PrintJson(lock);
        continue;
      }
      table.Add({DocumentOf(lock), lock.holder(), ShortTime(lock.create_time()), ShortTime(lock.expire_time()),
                 FirstLine(lock.reason())});
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

}  // namespace

void AddLockCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const lock =
      program.app.add_subcommand("lock", "Check documents out, or renew your locks; JSON: one Lock a line");
  const auto locking = std::make_shared<LockOptions>();
  lock->add_option("DOCUMENT", locking->documents, kDocumentHelp)->required();
  lock->add_option("-m,--message", locking->reason, "Why, for those who meet the lock");
  lock->add_option("--for", locking->duration, "How long, such as 90m or 8h; default: 8h");
  OnCall(program, lock, [&session, locking] { return Lock(session, *locking); });

  CLI::App* const unlock = program.app.add_subcommand("unlock", "Give documents back; JSON: one Lock a line");
  const auto unlocking = std::make_shared<LockOptions>();
  unlock->add_option("DOCUMENT", unlocking->documents, kDocumentHelp)->required();
  unlock->add_flag("--force", unlocking->force, "Take another one's lock away; recorded with its reason");
  unlock->add_option("-m,--message", unlocking->reason, "Why, with --force");
  OnCall(program, unlock, [&session, unlocking] { return Unlock(session, *unlocking); });

  CLI::App* const locks = program.app.add_subcommand("locks", "List who has what checked out; JSON: one Lock a line");
  const auto listing = std::make_shared<LockOptions>();
  locks->add_option("--holder", listing->holder, "Only those of this principal id");
  OnCall(program, locks, [&session, listing] { return ListLocks(session, *listing); });
}

}  // namespace greffe::cli
