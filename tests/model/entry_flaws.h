// What is wrong with an entry's values.
#pragma once

#include <string>
#include <vector>

#include "greffe/v1/projects.pb.h"
#include "tests/model/project_model.h"
#include "tests/model/registers.h"

namespace greffe::model {

struct Flaw {
  std::string refusal;  // "INVALID_ARGUMENT TEXT_INVALID"
  std::string field;    // of the entry; "": none alone
};
using Flaws = std::vector<Flaw>;  // in the order in which they are looked for

// The names that the entry gives of other resources.
void FindForeignNames(const Moment& moment, const Message& entry, Flaws& flaws);
void FindFlaws(const v1::Project& project, const Message& entry, Flaws& flaws);
// Hundredths, of which each currency here has as many; false: it is no amount.
bool ReadAmount(const std::string& text, long long& hundredths);

}  // namespace greffe::model
