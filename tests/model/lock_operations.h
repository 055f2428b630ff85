// Calls about locks, at random.
#pragma once

#include "tests/model/operations.h"

namespace greffe::model {

Request LockDocument(Dice& dice, const Board::Knowledge& known);
Request UnlockDocument(Dice& dice, const Board::Knowledge& known);
Request ForceUnlockDocument(Dice& dice, const Board::Knowledge& known);
Request GetLock(Dice& dice, const Board::Knowledge& known);
Request ListLocks(Dice& dice, const Board::Knowledge& known);

}  // namespace greffe::model
