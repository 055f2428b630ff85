// Calls about entries of registers, at random; bad ones among them.
#pragma once

#include "tests/model/operations.h"

namespace greffe::model {

Request CreateEntry(Dice& dice, const Board::Knowledge& known);
Request UpdateEntry(Dice& dice, const Board::Knowledge& known);
Request TransitionEntry(Dice& dice, const Board::Knowledge& known);
Request GetEntry(Dice& dice, const Board::Knowledge& known);
Request ListEntries(Dice& dice, const Board::Knowledge& known);
Request ListEntryRevisions(Dice& dice, const Board::Knowledge& known);

}  // namespace greffe::model
