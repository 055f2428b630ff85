// The filters and orders that lists of reviews are asked for, each beside what it means.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "greffe/v1/review.pb.h"

namespace greffe::model {

// By their texts; one of them, `document = "..."`, is of the document that a client chooses.
std::vector<std::string> ReviewFilters();
// The text of that one.
std::string FilterByDocument(const std::string& document);
// nullptr: the filter is refused.
std::function<bool(const v1::Review&)> ReviewFilterOf(const std::string& text);
const std::vector<std::string>& ReviewOrders();

}  // namespace greffe::model
