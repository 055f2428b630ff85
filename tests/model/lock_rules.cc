// Rules of locks, as far as commits matter to them: whether the document is there. Who had one when is for the
// LockChecker.
#include "greffe/v1/locks.pb.h"
#include "tests/model/draft.h"

namespace greffe::model {
namespace {

// What is refused for the document; an answer is left to the LockChecker.
Expected About(const Moment& moment, const std::string& document, bool may_be_withdrawn) {
  std::set<std::string> refusals;
  const Draft draft(moment, nullptr);
  Open(draft, moment, document, "", may_be_withdrawn, refusals);
  return Expected::Refused(std::move(refusals));
}

Expected ForceUnlock(const Moment& moment, const v1::ForceUnlockDocumentRequest& request, const Made* made) {
  Expected expected = About(moment, request.name(), true);
  if (!expected.refusals.empty() || made == nullptr) return expected;
  v1::ChangeEntry& entry = expected.entries.emplace_back();
  entry.set_resource(request.name());
  entry.set_kind(v1::CHANGE_KIND_LOCK_FORCED);
  return expected;
}

}  // namespace

void AddLockRules(Rules& rules) {
  rules.Add<v1::LockDocumentRequest>([](const Moment& moment, const v1::LockDocumentRequest& request, const Made*) {
    return About(moment, request.name(), false);
  });
  rules.Add<v1::UnlockDocumentRequest>([](const Moment& moment, const v1::UnlockDocumentRequest& request, const Made*) {
    return About(moment, request.name(), true);
  });
  rules.Add<v1::ForceUnlockDocumentRequest>(ForceUnlock);
  rules.Add<v1::GetLockRequest>([](const Moment& moment, const v1::GetLockRequest& request, const Made*) {
    return About(moment, request.name().substr(0, request.name().rfind('/')), true);
  });
  rules.Add<v1::ListLocksRequest>([](const Moment& moment, const v1::ListLocksRequest&, const Made*) {
    return Expected::Refused(moment.exists() ? std::set<std::string>{}
                                             : std::set<std::string>{"NOT_FOUND PROJECT_NOT_FOUND"});
  });
}

}  // namespace greffe::model
