// Calls that take versions from state to state, and change the rule by which they go, at random; bad ones among them.
#pragma once

#include "tests/model/operations.h"

namespace greffe::model {

// The keys of most clients.
void SetSigningKeys(Dice& dice, v1::Project& project);
Request ChangeState(Dice& dice, const Board::Knowledge& known);
Request RestoreVersion(Dice& dice, const Board::Knowledge& known);
// Of the project, or of one of its document types; or who manages the project, or by which keys its reviewers sign.
Request ChangeLifecycleRule(Dice& dice, const Board::Knowledge& known);

}  // namespace greffe::model
