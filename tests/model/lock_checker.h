// Holds what clients saw of locks against each other. A lock is no commit, so no sequence says when it was taken; each
// is known to begin between the asking and the answering of the call that took it, and to end likewise. So nobody may
// have been kept out where no lock of another one can have been, nor let in where one was all the time.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "greffe/v1/locks.pb.h"
#include "tests/model/call.h"
#include "tests/torture/gate.h"

namespace greffe::model {

class LockChecker {
 public:
  explicit LockChecker(Findings& findings) : findings_(findings) {}

  // All calls on a project since the last time, while nothing else happened to it, and those of them that made a
  // commit.
  void Take(const std::string& project, const std::vector<Call>& calls,
            const std::map<const Call*, std::int64_t>& makers);

 private:
  // Who had a document, and when that was.
  struct Tenure {
    std::string holder;
    // It began after the first and before the second of these.
    Clock::time_point asked = Clock::time_point::min();
    Clock::time_point answered = Clock::time_point::max();
    // It ended after the first and before the second of these.
    Clock::time_point end_asked = Clock::time_point::max();
    Clock::time_point end_answered = Clock::time_point::max();

    bool MayBeIn(const Call& call) const { return asked <= call.answered && end_answered >= call.asked; }
    bool IsAllThrough(const Call& call) const { return answered <= call.asked && end_asked >= call.answered; }
  };
  using Key = std::pair<std::string, std::pair<std::int64_t, int>>;  // name of the lock, and when it was taken

  static Key KeyOf(const v1::Lock& lock);
  void LearnBegin(const Call& call);
  void LearnEnd(const Call& call, bool made_commit);
  static void MayEnd(Tenure& tenure, const Call& call);
  static void End(Tenure& tenure, const Call& call);
  void Judge(const Call& call, bool made_commit) const;
  // Whether one of the document's tenures, but those of `except`, is as asked.
  bool Any(const std::string& document, const std::string& except, bool (Tenure::*is)(const Call&) const,
           const Call& call) const;
  void JudgeListed(const v1::Lock& lock, const Call& call) const;

  Findings& findings_;
  std::map<Key, Tenure> tenures_;  // of all projects
};

}  // namespace greffe::model
