// Calls about entries of registers, one by one and as tables, at random; bad ones among them.
#pragma once

#include "tests/model/operations.h"

namespace greffe::model {

Request CreateEntry(Dice& dice, const Board::Knowledge& known);
Request UpdateEntry(Dice& dice, const Board::Knowledge& known);
Request TransitionEntry(Dice& dice, const Board::Knowledge& known);
Request GetEntry(Dice& dice, const Board::Knowledge& known);
Request ListEntries(Dice& dice, const Board::Knowledge& known);
Request ListEntryRevisions(Dice& dice, const Board::Knowledge& known);
Request ExportTable(Dice& dice, const Board::Knowledge& known);
// Of a table that was exported: as it is, or edited.
Request ImportTable(Dice& dice, const Board::Knowledge& known);

}  // namespace greffe::model
