// Calls about reviews, at random; bad ones among them.
#pragma once

#include "tests/model/operations.h"

namespace greffe::model {

Request CreateReview(Dice& dice, const Board::Knowledge& known);
// Most often one that is awaited of the caller.
Request SubmitDecision(Dice& dice, const Board::Knowledge& known);
Request AddReviewComment(Dice& dice, const Board::Knowledge& known);
Request DelegateReview(Dice& dice, const Board::Knowledge& known);
Request ChangeReviewStep(Dice& dice, const Board::Knowledge& known);
Request AbortReview(Dice& dice, const Board::Knowledge& known);
Request GetReview(Dice& dice, const Board::Knowledge& known);
Request ListReviews(Dice& dice, const Board::Knowledge& known);
Request GetReviewStatement(Dice& dice, const Board::Knowledge& known);

}  // namespace greffe::model
