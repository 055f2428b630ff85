// Calls about milestones and deliverables, at random; bad ones among them.
#pragma once

#include "tests/model/operations.h"

namespace greffe::model {

Request CreateMilestone(Dice& dice, const Board::Knowledge& known);
Request UpdateMilestone(Dice& dice, const Board::Knowledge& known);
Request CreateDeliverable(Dice& dice, const Board::Knowledge& known);
Request UpdateDeliverable(Dice& dice, const Board::Knowledge& known);
Request ChangeDate(Dice& dice, const Board::Knowledge& known);       // of either, planned or forecast
Request SettleMilestone(Dice& dice, const Board::Knowledge& known);  // achieved, missed or cancelled
Request SubmitDeliverable(Dice& dice, const Board::Knowledge& known);
Request DecideOnDeliverable(Dice& dice, const Board::Knowledge& known);  // accepted or rejected
Request StartOrArchiveDeliverable(Dice& dice, const Board::Knowledge& known);
Request GetPlanned(Dice& dice, const Board::Knowledge& known);
Request ListPlanned(Dice& dice, const Board::Knowledge& known);
Request GetSlipTrend(Dice& dice, const Board::Knowledge& known);

}  // namespace greffe::model
