// Reviews for people.
#pragma once

#include "clients/cli/session.h"
#include "clients/cli/table.h"
#include "greffe/v1/review.pb.h"

namespace greffe::cli {

// Everything: JSON, or a sheet.
void PrintReview(Session& session, const v1::Review& review);

// What was done to it, in one line; JSON: the Review.
void PrintReviewLine(Session& session, const std::string& what, const v1::Review& review);

Table ReviewTable();
void AddReviewRow(Table& table, const v1::Review& review);

}  // namespace greffe::cli
