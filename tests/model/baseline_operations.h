// Calls about baselines, at random; bad ones among them.
#pragma once

#include "tests/model/operations.h"

namespace greffe::model {

Request CreateBaseline(Dice& dice, const Board::Knowledge& known);
Request GetBaseline(Dice& dice, const Board::Knowledge& known);
Request ListBaselines(Dice& dice, const Board::Knowledge& known);
Request ListBaselineDocuments(Dice& dice, const Board::Knowledge& known);
Request CompareBaselines(Dice& dice, const Board::Knowledge& known);  // their documents, or all other records

}  // namespace greffe::model
