#include "tests/model/checker.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <tuple>

#include "google/protobuf/util/message_differencer.h"
#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/locks.pb.h"
#include "greffe/v1/trace.pb.h"
#include "tests/model/draft.h"
#include "tests/model/registers.h"
#include "tests/model/table_answers.h"

namespace greffe::model {
namespace {

// Whether the call can have made the commit; a repetition of the one that did so is answered alike.
bool CanHaveMade(const Call& call, const v1::Change& change) {
  if (!call.status.ok() || call.caller != change.author().id()) return false;
  if (const auto* one = dynamic_cast<const v1::CheckInResponse*>(call.answer.get())) {
    return !one->unchanged() && one->document().sequence() == change.sequence();
  }
  // These do not say which commit they made; they are never answered without one.
  if (dynamic_cast<const v1::Version*>(call.answer.get()) != nullptr) return true;
  if (dynamic_cast<const v1::Lock*>(call.answer.get()) != nullptr) {
    return dynamic_cast<const v1::ForceUnlockDocumentRequest*>(call.request.get()) != nullptr;
  }
  if (dynamic_cast<const v1::DeleteLinkRequest*>(call.request.get()) != nullptr) return true;
  if (const auto* links = dynamic_cast<const v1::BatchCreateLinksResponse*>(call.answer.get())) {
    return links->links(0).sequence() == change.sequence();
  }
  const auto* entry = dynamic_cast<const v1::Entry*>(call.answer.get());
  return SequenceOf(entry == nullptr ? *call.answer : *EntryIn(*entry)) == change.sequence();
}

std::string DifferenceOf(const google::protobuf::Message& expected, const google::protobuf::Message& actual) {
  if (expected.GetDescriptor() != actual.GetDescriptor()) return "an answer of another type\n";
  if (BytesOf(expected) == BytesOf(actual)) return "";
  if (IsAboutTable(actual) && BytesOf(*Foretold(expected)) == BytesOf(*Foretold(actual))) return "";
  std::string text;
  google::protobuf::util::MessageDifferencer differencer;
  differencer.ReportDifferencesToString(&text);
  differencer.Compare(expected, actual);
  return text.empty() ? "other bytes\n" : text;
}

bool IsReplayed(const Call& call) {
  const auto* import = dynamic_cast<const v1::ImportTableResponse*>(call.answer.get());
  return import != nullptr && import->replayed();
}

// What is the same when the call is repeated.
std::string AnswerOf(const Call& call) {
  return BytesOf(IsAboutTable(*call.answer) ? *Foretold(*call.answer) : *call.answer);
}

// Whether the server knows the call again by its id, though it changed nothing.
bool IsRemembered(const Call& call) {
  if (RequestIdOf(*call.request).empty() || !call.status.ok()) return false;
  const auto* import = dynamic_cast<const v1::ImportTableResponse*>(call.answer.get());
  return import != nullptr ? import->applied() : dynamic_cast<const v1::Lock*>(call.answer.get()) == nullptr;
}

// The sequence that a write tells to have looked at, where it was to look at the newest one; nullopt: it tells none.
std::optional<std::int64_t> LookedAt(const Call& call) {
  const auto* request = dynamic_cast<const v1::CreateBaselineRequest*>(call.request.get());
  const auto* baseline = dynamic_cast<const v1::Baseline*>(call.answer.get());
  if (request == nullptr || baseline == nullptr || request->has_as_of()) return std::nullopt;
  return baseline->frozen_sequence();
}

std::tuple<std::int64_t, int> TimeOf(const v1::Change& change) {
  return {change.effective_time().seconds(), change.effective_time().nanos()};
}

std::string Joined(const std::set<std::string>& texts) {
  std::string all;
  for (const std::string& text : texts) all += (all.empty() ? "" : " or ") + text;
  return all;
}

}  // namespace

ProjectModel& Checker::Model(const std::string& id) { return models_.try_emplace(id, id).first->second; }

void Checker::Take(const std::string& project, const std::vector<v1::Change>& changes, const std::vector<Call>& calls) {
  ProjectModel& model = Model(project);
  const std::int64_t from = model.sequence();
  const auto makers = Replay(model, changes, calls);
  if (makers.size() != changes.size()) return;
  LearnLocks(calls);
  LearnUnchanged(model, calls);
  Place(model, from, calls, makers);
  locks_.Take(project, calls, makers);
}

std::map<const Call*, std::int64_t> Checker::Replay(ProjectModel& model, const std::vector<v1::Change>& changes,
                                                    const std::vector<Call>& calls) {
  std::map<const Call*, std::int64_t> makers;
  std::multimap<std::string, const Call*> by_id;
  for (const Call& call : calls) {
    if (const std::string id = RequestIdOf(*call.request); !id.empty()) by_id.emplace(id, &call);
  }
  for (const v1::Change& change : changes) {
    const std::string what = model.id() + " " + std::to_string(change.sequence()) + ": ";
    // Of several that can have made it the one that was asked first may count as its maker: if it was another one, that
    // lies between the first one's asking and its answering as well.
    const Call* found = nullptr;
    for (auto [at, end] = by_id.equal_range(change.request_id()); at != end; ++at) {
      if (!CanHaveMade(*at->second, change)) continue;
      // One that says that it was a repetition was none, where no other one was answered.
      const auto order = [](const Call& call) { return std::tuple(IsReplayed(call), call.asked); };
      if (found == nullptr || order(*at->second) < order(*found)) found = at->second;
    }
    if (change.sequence() != model.sequence() + 1 || found == nullptr) {
      findings_.Add(what + "no call made this commit, or its sequence is not the next: " + change.ShortDebugString());
      return makers;
    }
    const Call& maker = *found;
    const Made made{change, *maker.answer};
    const Expected expected = rules_.Of(model.Newest(), maker, &made);
    std::string wrong;
    if (!expected.refusals.empty()) {
      wrong = "should have been refused: " + Joined(expected.refusals);
    } else if (expected.entries.empty()) {
      wrong = "should have changed nothing";
    } else {
      if (expected.answer != nullptr) wrong = DifferenceOf(*expected.answer, *maker.answer);
      v1::Change told = change;
      told.clear_entries();
      for (const v1::ChangeEntry& entry : expected.entries) *told.add_entries() = entry;
      wrong += DifferenceOf(told, change);
      if (model.sequence() > 0 && TimeOf(change) < TimeOf(model.change(model.sequence()))) wrong += "time goes back";
    }
    if (!wrong.empty()) {
      findings_.Add(what + Describe(maker) + "\n" + wrong);
      return makers;
    }
    model.Add(change, maker, expected.puts);
    makers[&maker] = change.sequence();
  }
  return makers;
}

void Checker::Place(const ProjectModel& model, std::int64_t from, const std::vector<Call>& calls,
                    const std::map<const Call*, std::int64_t>& makers) {
  struct Event {
    Clock::time_point time;
    bool answer;
    const Call* call;
  };
  std::vector<Event> events;
  for (const Call& call : calls) {
    events.push_back({call.asked, false, &call});
    events.push_back({call.answered, true, &call});
  }
  // What falls on the same tick counts as at the same time: asked before the other was answered.
  std::sort(events.begin(), events.end(),
            [](const Event& a, const Event& b) { return std::tie(a.time, a.answer) < std::tie(b.time, b.answer); });
  std::set<std::int64_t> unasked;
  for (const auto& [call, sequence] : makers) unasked.insert(sequence);
  std::map<const Call*, std::int64_t> least;  // of the calls under way
  std::int64_t answered = from;
  for (const Event& event : events) {
    const auto maker = makers.find(event.call);
    if (!event.answer) {
      least[event.call] = answered;
      if (maker == makers.end()) continue;
      unasked.erase(maker->second);
      if (maker->second <= answered) {
        findings_.Add(Describe(*event.call) + "\nbut what was answered before saw commit " + std::to_string(answered));
        return;
      }
      continue;
    }
    const std::int64_t first = least[event.call];
    least.erase(event.call);
    if (maker != makers.end()) {
      if (LookedAt(*event.call).value_or(first) < first) {
        findings_.Add(Describe(*event.call) + "\nbut what was answered before saw commit " + std::to_string(first));
        return;
      }
      answered = std::max(answered, maker->second);
      continue;
    }
    const std::int64_t last = unasked.empty() ? model.sequence() : *unasked.begin() - 1;
    std::int64_t at = first;
    std::string wrong = "there is no moment for it";
    while (at <= last && !(wrong = Difference(model.At(at), *event.call)).empty()) ++at;
    if (!wrong.empty()) {
      findings_.Add(Describe(*event.call) + "\nfits none of the moments " + std::to_string(first) + " to " +
                    std::to_string(last) + "; at the last one: " + wrong);
      return;
    }
    answered = std::max(answered, at);
  }
}

void Checker::LearnLocks(const std::vector<Call>& calls) {
  for (const Call& call : calls) {
    const std::string id = RequestIdOf(*call.request);
    const bool about_lock = dynamic_cast<const v1::LockDocumentRequest*>(call.request.get()) != nullptr ||
                            dynamic_cast<const v1::UnlockDocumentRequest*>(call.request.get()) != nullptr;
    if (about_lock && !id.empty() && (call.status.ok() || call.unanswered > 0)) {
      lock_uses_.emplace(call.project + "/" + id, LockUse{FingerprintOf(call), call.asked});
    }
    if (id.empty() || !call.status.ok() || dynamic_cast<const v1::Lock*>(call.answer.get()) == nullptr) continue;
    const LockAnswer answer = {call.asked, call.answered, FingerprintOf(call), BytesOf(*call.answer)};
    const auto [first, made] = lock_answers_.try_emplace(call.project + "/" + id, answer);
    if (!made && call.asked < first->second.asked) first->second = answer;
  }
}

bool Checker::RepeatsALock(const Call& call) const {
  if (!call.status.ok() || dynamic_cast<const v1::Lock*>(call.answer.get()) == nullptr) return false;
  const auto first = lock_answers_.find(call.project + "/" + RequestIdOf(*call.request));
  return first != lock_answers_.end() && first->second.asked < call.asked &&
         first->second.bytes == BytesOf(*call.answer);
}

bool Checker::MayReuseTheIdOfALock(const Call& call) const {
  const std::string fingerprint = FingerprintOf(call);
  const auto [first, last] = lock_uses_.equal_range(call.project + "/" + RequestIdOf(*call.request));
  return std::any_of(first, last, [&](const auto& use) {
    return use.second.fingerprint != fingerprint && use.second.asked < call.answered;
  });
}

std::string Checker::WrongBehindALock(const Call& call) const {
  const auto first = lock_answers_.find(call.project + "/" + RequestIdOf(*call.request));
  if (first == lock_answers_.end() || first->second.answered >= call.asked) return "";
  if (first->second.fingerprint != FingerprintOf(call)) {
    return call.status.ok() ? "the id is that of a request about a lock" : "";
  }
  return RepeatsALock(call) ? "" : "an earlier call of that id was answered with a lock";
}

void Checker::LearnUnchanged(const ProjectModel& model, const std::vector<Call>& calls) {
  for (const Call& call : calls) {
    const std::string id = RequestIdOf(*call.request);
    if (!IsRemembered(call) || model.Newest().MadeBy(id) > 0) continue;
    const UnchangedAnswer answer = {call.asked, FingerprintOf(call), AnswerOf(call)};
    const auto [first, made] = unchanged_answers_.try_emplace(call.project + "/" + id, answer);
    if (!made && call.asked < first->second.asked) first->second = answer;
  }
}

bool Checker::RepeatsWhatChangedNothing(const Call& call) const {
  const auto first = unchanged_answers_.find(call.project + "/" + RequestIdOf(*call.request));
  if (first == unchanged_answers_.end() || first->second.asked >= call.asked) return false;
  const bool same = first->second.fingerprint == FingerprintOf(call);
  if (!call.status.ok()) return !same && RefusalOf(call.status) == "INVALID_ARGUMENT REQUEST_ID_REUSED";
  return same && first->second.bytes == AnswerOf(call);
}

std::string Checker::Difference(const Moment& moment, const Call& call) const {
  // What has become of the document since is no matter.
  if (std::string wrong = WrongBehindALock(call); !wrong.empty()) return wrong;
  if (RepeatsALock(call) || RepeatsWhatChangedNothing(call)) return "";
  const Expected expected = rules_.Of(moment, call);
  if (!call.status.ok()) {
    const std::string refusal = RefusalOf(call.status);
    if (refusal == "FAILED_PRECONDITION DOCUMENT_LOCKED" || refusal == "NOT_FOUND LOCK_NOT_FOUND") {
      return "";  // for the LockChecker
    }
    if (refusal == "INVALID_ARGUMENT REQUEST_ID_REUSED" && MayReuseTheIdOfALock(call)) return "";
    if (expected.refusals.contains(refusal)) return "";
    return expected.refusals.empty() ? "should not have been refused"
                                     : "should have been refused: " + Joined(expected.refusals);
  }
  if (!expected.refusals.empty()) return "should have been refused: " + Joined(expected.refusals);
  if (!expected.entries.empty()) return "should have made a commit";
  if (expected.answer == nullptr) return "";
  return DifferenceOf(*expected.answer, *call.answer);
}

}  // namespace greffe::model
