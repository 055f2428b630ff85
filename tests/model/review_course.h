// How a review goes, as the contract promises it (reviews.proto): whose decision is awaited, and what decisions make of
// it.
#pragma once

#include <set>
#include <string>

#include "greffe/v1/review.pb.h"
#include "tests/model/rules.h"

namespace greffe::model {

bool Approves(v1::ReviewOutcome outcome);
// The states of an open review's steps, and its own, after the decisions so far.
void Settle(v1::Review& review);
// The end of a review whose state is how it ended; `made` is the commit that ends it.
void EndReview(v1::Review& review, const Made* made, const std::string& reason);
// The output-only fields that follow from the others.
void CompleteReview(v1::Review& review);

// What a reviewer signs (ReviewStatement.text).
std::string StatementOf(const v1::Review& review, int step, const std::string& reviewer, v1::ReviewOutcome outcome);

// Whether it has no outcome yet, and its steps may change.
bool IsOpen(const v1::Review& review);
bool MayChange(const v1::ReviewStep& step);

// Where somebody's decision is awaited.
struct Seat {
  v1::ReviewStep* step = nullptr;
  v1::Reviewer* reviewer = nullptr;
  int number = 0;  // of the step, from 1 on
};
// The first one of the principal, in that step or in any (0); with `ahead`, where it will be awaited too. No step, with
// `refusals`, when there is none.
Seat FindSeat(v1::Review& review, const std::string& principal, int step, bool ahead, std::set<std::string>& refusals);

// What a step's quorum and due date, and those of the others, may be.
void CheckStep(const v1::Review& review, int index, std::set<std::string>& refusals);

}  // namespace greffe::model
