#include "tests/model/lock_checker.h"

#include <algorithm>

#include "greffe/v1/contents.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/versions.pb.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

template <typename Type>
const Type* As(const google::protobuf::Message* message) {
  return dynamic_cast<const Type*>(message);
}

// The documents whose locks keep others from this write; those that it creates are not among them.
std::vector<std::string> KeptByLock(const google::protobuf::Message& request) {
  std::vector<std::string> documents;
  if (const auto* one = As<v1::CheckInRequest>(&request)) documents = {one->item().document()};
  if (const auto* many = As<v1::BatchCheckInRequest>(&request)) {
    for (const v1::CheckInItem& item : many->items()) documents.push_back(item.document());
  }
  if (const auto* move = As<v1::MoveDocumentRequest>(&request)) documents = {move->name()};
  if (const auto* withdrawal = As<v1::WithdrawDocumentRequest>(&request)) documents = {withdrawal->name()};
  if (const auto* reinstated = As<v1::ReinstateDocumentRequest>(&request)) documents = {reinstated->name()};
  if (const auto* lock = As<v1::LockDocumentRequest>(&request)) documents = {lock->name()};
  if (const auto* unlock = As<v1::UnlockDocumentRequest>(&request)) documents = {unlock->name()};
  if (const auto* restored = As<v1::RestoreVersionRequest>(&request)) {
    documents = {DocumentNameIn(restored->name())};
  }
  std::erase(documents, "");
  return documents;
}

std::string DocumentOf(const google::protobuf::Message& request) {
  if (const auto* get = As<v1::GetLockRequest>(&request)) return get->name().substr(0, get->name().rfind('/'));
  if (const auto* unlock = As<v1::UnlockDocumentRequest>(&request)) return unlock->name();
  if (const auto* force = As<v1::ForceUnlockDocumentRequest>(&request)) return force->name();
  return "";
}

// The documents whose locks this check-in gives back, where its author has them. Without a commit it may be a
// repetition, which does not.
std::vector<std::string> GivenBack(const Call& call, bool made_commit) {
  std::vector<std::string> documents;
  if (!call.status.ok()) return documents;
  const auto add = [&](const v1::CheckInItem& item, const v1::CheckInResponse& result) {
    if (item.release_lock() && (made_commit || result.unchanged())) documents.push_back(result.document().name());
  };
  if (const auto* one = As<v1::CheckInRequest>(call.request.get())) {
    add(one->item(), static_cast<const v1::CheckInResponse&>(*call.answer));
  }
  if (const auto* many = As<v1::BatchCheckInRequest>(call.request.get())) {
    const auto& results = static_cast<const v1::BatchCheckInResponse&>(*call.answer).results();
    for (int i = 0; i < many->items_size(); ++i) add(many->items(i), results.Get(i));
  }
  return documents;
}

}  // namespace

LockChecker::Key LockChecker::KeyOf(const v1::Lock& lock) {
  return {lock.name(), {lock.create_time().seconds(), lock.create_time().nanos()}};
}

void LockChecker::Take(const std::string& project, const std::vector<Call>& calls,
                       const std::map<const Call*, std::int64_t>& makers) {
  for (const Call& call : calls) LearnBegin(call);
  for (const Call& call : calls) LearnEnd(call, makers.contains(&call));
  for (const Call& call : calls) Judge(call, makers.contains(&call));
  // What has ended before the next calls says nothing about them.
  const auto ended = [&](const auto& entry) {
    return entry.first.first.starts_with("projects/" + project + "/") &&
           entry.second.end_answered < Clock::time_point::max();
  };
  std::erase_if(tenures_, ended);
}

void LockChecker::LearnBegin(const Call& call) {
  const auto* lock = As<v1::Lock>(call.answer.get());
  if (As<v1::LockDocumentRequest>(call.request.get()) == nullptr || lock == nullptr) return;
  const auto [at, first] = tenures_.try_emplace(KeyOf(*lock), Tenure{lock->holder(), call.asked, call.answered});
  at->second.asked = std::min(at->second.asked, call.asked);
  at->second.answered = std::min(at->second.answered, call.answered);
}

void LockChecker::LearnEnd(const Call& call, bool made_commit) {
  const auto* lock = As<v1::Lock>(call.answer.get());
  if (lock != nullptr && lock->released() && lock->has_create_time()) {
    // One whose taking was never answered, perhaps.
    End(tenures_.try_emplace(KeyOf(*lock), Tenure{lock->holder()}).first->second, call);
  } else if (As<v1::UnlockDocumentRequest>(call.request.get()) != nullptr && call.unanswered > 0) {
    // Refused in the end: who knows what it did before.
    for (auto& [key, tenure] : tenures_) {
      if (key.first == DocumentOf(*call.request) + "/lock" && tenure.holder == call.caller) MayEnd(tenure, call);
    }
  } else if (As<v1::ForceUnlockDocumentRequest>(call.request.get()) != nullptr && made_commit) {
    // It was answered when somebody had the document again, and does not say who lost it.
    for (auto& [key, tenure] : tenures_) {
      if (key.first == DocumentOf(*call.request) + "/lock") MayEnd(tenure, call);
    }
  }
  for (const std::string& document : GivenBack(call, made_commit)) {
    for (auto& [key, tenure] : tenures_) {
      const bool begun = tenure.asked > Clock::time_point::min() && tenure.asked < call.asked;
      if (!begun || key.first != document + "/lock" || tenure.holder != call.caller) continue;
      made_commit ? End(tenure, call) : MayEnd(tenure, call);
    }
  }
}

void LockChecker::MayEnd(Tenure& tenure, const Call& call) {
  tenure.end_asked = std::min(tenure.end_asked, call.asked);
}

void LockChecker::End(Tenure& tenure, const Call& call) {
  MayEnd(tenure, call);
  tenure.end_answered = std::min(tenure.end_answered, call.answered);
}

bool LockChecker::Any(const std::string& document, const std::string& except, bool (Tenure::*is)(const Call&) const,
                      const Call& call) const {
  const std::string name = document + "/lock";
  for (auto at = tenures_.lower_bound({name, {INT64_MIN, 0}}); at != tenures_.end() && at->first.first == name; ++at) {
    if (at->second.holder != except && (at->second.*is)(call)) return true;
  }
  return false;
}

void LockChecker::Judge(const Call& call, bool made_commit) const {
  const std::string refusal = RefusalOf(call.status);
  const std::vector<std::string> kept = KeptByLock(*call.request);
  if (refusal == "FAILED_PRECONDITION DOCUMENT_LOCKED") {
    const bool may_be = std::any_of(kept.begin(), kept.end(), [&](const std::string& document) {
      return Any(document, call.caller, &Tenure::MayBeIn, call);
    });
    if (!may_be) findings_.Add(Describe(call) + "\nbut nobody else can have had it");
  }
  if (refusal == "NOT_FOUND LOCK_NOT_FOUND" && Any(DocumentOf(*call.request), "", &Tenure::IsAllThrough, call)) {
    findings_.Add(Describe(call) + "\nbut somebody had it all the time");
  }
  const auto* lock = As<v1::Lock>(call.answer.get());
  const bool took = lock != nullptr && !lock->released() && lock->request_id() == RequestIdOf(*call.request) &&
                    lock->holder() == call.caller;
  for (const std::string& document : kept) {
    if ((made_commit || took) && Any(document, call.caller, &Tenure::IsAllThrough, call)) {
      findings_.Add(Describe(call) + "\nalthough another one had it all the time");
    }
  }
  if (As<v1::GetLockRequest>(call.request.get()) != nullptr && lock != nullptr) JudgeListed(*lock, call);
  const auto* list = As<v1::ListLocksResponse>(call.answer.get());
  if (list == nullptr) return;
  std::set<Key> listed;
  for (const v1::Lock& one : list->locks()) {
    listed.insert(KeyOf(one));
    JudgeListed(one, call);
  }
  for (const auto& [key, tenure] : tenures_) {
    if (key.first.starts_with("projects/" + call.project + "/") && tenure.IsAllThrough(call) && !listed.contains(key)) {
      findings_.Add(Describe(call) + "\nbut somebody had all the time " + key.first);
    }
  }
}

void LockChecker::JudgeListed(const v1::Lock& lock, const Call& call) const {
  const auto found = tenures_.find(KeyOf(lock));
  if (found == tenures_.end() || found->second.holder != lock.holder() || !found->second.MayBeIn(call)) {
    findings_.Add(Describe(call) + "\nbut nobody can have had that lock: " + lock.ShortDebugString());
  }
}

}  // namespace greffe::model
