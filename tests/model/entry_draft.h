// What a write puts of registers' entries, act by act, on top of a moment; and what the server adds to that.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "tests/model/entry_flaws.h"
#include "tests/model/rules.h"

namespace greffe::model {

class EntryDraft {
 public:
  EntryDraft(const Moment& moment, const Made* made) : moment_(moment), made_(made) {}

  // As the draft has it; nullptr: it is not there.
  const Message* Find(const std::string& name) const;
  // The name; "" with `flaws`.
  std::string Create(const Message& values, const std::string& chosen, Flaws& flaws);
  // The fields that `paths` name; all that may be, where there are none. Nothing is put where that changes nothing.
  void Update(const Message& values, const std::vector<std::string>& paths, Flaws& flaws);
  void Transition(const std::string& name, const std::string& state, const std::string& comment, Flaws& flaws);
  void Put(const Message& entry);

  // Who asks, and on what day; "" where no commit was made yet.
  std::string Caller() const;
  std::string Today() const;
  const Moment& moment() const { return moment_; }

  // The entry as it is after the commit, with what the server adds.
  v1::Entry Answer(const std::string& name) const;
  // The commit's puts and entries for `expected`.
  void Finish(Expected& expected) const;

 private:
  std::string NextId(const Register& entries);
  EntryPtr Stamped(const Message& entry) const;

  const Moment& moment_;
  const Made* const made_;
  std::vector<EntryPtr> entries_;
  std::map<std::string, int> given_;  // the largest number given so far, by prefix
};

}  // namespace greffe::model
