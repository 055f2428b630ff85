// Holds what clients saw against the model.
//
// Linearizable means: each call can be given one moment between its asking and its answering, so that the answers are
// those of the calls made one after the other in the order of these moments. The search for such an order is hard in
// general; here the server names it. Each commit has a dense sequence and the id of its request, so the order of what
// changed anything is given, and the state after each sequence follows by replaying the requests in that order (their
// answers are held against it). What is left is to place each other call (reads, refusals, repetitions, writes that
// changed nothing) after a sequence `k` whose state gives its answer, such that calls of which one was answered before
// the other was asked are in order. Going through the calls by time and always taking the least `k` that fits is exact:
// a larger one only narrows what is left to later calls. A commit must lie after all that was answered before it was
// asked; a read before each commit that was asked after its answer. Projects share nothing, and linearizability is
// composed of that of its objects, so each project is checked by itself, with all of its documents at once: that paths
// are unique and that numbers are not used again are then matters of the replayed state.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/model/lock_checker.h"
#include "tests/model/rules.h"
#include "tests/torture/gate.h"

namespace greffe::model {

class Checker {
 public:
  explicit Checker(Findings& findings) : rules_(MakeRules()), findings_(findings), locks_(findings) {}

  // All calls on a project since the last time, while nothing else happened to it, and the changes that its feed tells
  // since then.
  void Take(const std::string& project, const std::vector<v1::Change>& changes, const std::vector<Call>& calls);

  const ProjectModel& project(const std::string& id) { return Model(id); }

 private:
  ProjectModel& Model(const std::string& id);
  // The sequence of the commit that each call made.
  std::map<const Call*, std::int64_t> Replay(ProjectModel& model, const std::vector<v1::Change>& changes,
                                             const std::vector<Call>& calls);
  void Place(const ProjectModel& model, std::int64_t from, const std::vector<Call>& calls,
             const std::map<const Call*, std::int64_t>& makers);
  // A lock is no commit, which would tell of a repetition: whether an earlier call of the same id was answered the
  // same.
  void LearnLocks(const std::vector<Call>& calls);
  bool RepeatsALock(const Call& call) const;
  bool MayReuseTheIdOfALock(const Call& call) const;
  // "" unless an earlier call of the same id was answered before this one was asked.
  std::string WrongBehindALock(const Call& call) const;
  // The same of requests that changed nothing, whatever came since; a request of another content is refused.
  void LearnUnchanged(const ProjectModel& model, const std::vector<Call>& calls);
  bool RepeatsWhatChangedNothing(const Call& call) const;
  // "" when the call could have been answered so right after the moment; else what is wrong.
  std::string Difference(const Moment& moment, const Call& call) const;

  const Rules rules_;
  Findings& findings_;
  LockChecker locks_;
  std::map<std::string, ProjectModel> models_;
  struct LockAnswer {
    Clock::time_point asked;
    Clock::time_point answered;
    std::string fingerprint;
    std::string bytes;
  };
  std::map<std::string, LockAnswer> lock_answers_;  // the first one of each project and request id
  struct LockUse {
    std::string fingerprint;
    Clock::time_point asked;
  };
  // By project and request id, what may be remembered: another request of that id is refused then.
  std::multimap<std::string, LockUse> lock_uses_;
  struct UnchangedAnswer {
    Clock::time_point asked;
    std::string fingerprint;
    std::string bytes;
  };
  std::map<std::string, UnchangedAnswer> unchanged_answers_;  // the first one of each project and request id
};

}  // namespace greffe::model
