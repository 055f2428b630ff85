// What a write puts of registers' entries, act by act.
#pragma once

#include <string>
#include <vector>

#include "tests/model/entry_flaws.h"
#include "tests/model/record_draft.h"

namespace greffe::model {

class EntryDraft : public RecordDraft {
 public:
  using RecordDraft::RecordDraft;

  // The name; "" with `flaws`.
  std::string Create(const Message& values, const std::string& chosen, Flaws& flaws);
  // The fields that `paths` name; all that may be, where there are none. Nothing is put where that changes nothing.
  void Update(const Message& values, const std::vector<std::string>& paths, Flaws& flaws);
  void Transition(const std::string& name, const std::string& state, const std::string& comment, Flaws& flaws);
};

}  // namespace greffe::model
