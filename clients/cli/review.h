// What the files of `greffe review` share.
#pragma once

#include <CLI/App.hpp>

#include "clients/cli/commands.h"
#include "clients/cli/record_commands.h"

namespace greffe::cli {

inline constexpr char kReviews[] = "reviews";
inline constexpr char kReviewHelp[] = "Id of a review, such as RVW-0001";

// approve, decide, statement.
void AddReviewDecisions(Program& program, CLI::App* review);

// comment, delegate, update, abort.
void AddReviewActs(Program& program, CLI::App* review);

}  // namespace greffe::cli
