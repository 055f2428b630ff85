// Calls about links, at random; bad ones among them.
#pragma once

#include "tests/model/operations.h"

namespace greffe::model {

Request CreateLink(Dice& dice, const Board::Knowledge& known);
Request BatchCreateLinks(Dice& dice, const Board::Knowledge& known);
Request ConfirmLink(Dice& dice, const Board::Knowledge& known);
Request RepointLink(Dice& dice, const Board::Knowledge& known);
Request DeleteLink(Dice& dice, const Board::Knowledge& known);
Request GetLink(Dice& dice, const Board::Knowledge& known);
Request ListLinks(Dice& dice, const Board::Knowledge& known);

}  // namespace greffe::model
