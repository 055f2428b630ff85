// Reviews for people.
#pragma once

#include <string>
#include <vector>

#include "clients/cli/session.h"
#include "clients/cli/table.h"
#include "greffe/v1/review.pb.h"

namespace greffe::cli {

// Everything.
void AddReviewLines(Sheet& sheet, const v1::Review& review);

// What was done to it, in one line; JSON: the Review.
void PrintReviewLine(Session& session, const std::string& what, const v1::Review& review);

// Of a list: id, document, version, state, due, who is awaited, opened, title.
std::vector<std::string> ReviewRow(const v1::Review& review);

}  // namespace greffe::cli
