// Calls about transmittals, at random; bad ones among them.
#pragma once

#include "tests/model/operations.h"

namespace greffe::model {

Request CreateTransmittal(Dice& dice, const Board::Knowledge& known);
Request AcknowledgeTransmittal(Dice& dice, const Board::Knowledge& known);
Request GetTransmittal(Dice& dice, const Board::Knowledge& known);
Request ListTransmittals(Dice& dice, const Board::Knowledge& known);
Request CompareTransmittal(Dice& dice, const Board::Knowledge& known);

}  // namespace greffe::model
