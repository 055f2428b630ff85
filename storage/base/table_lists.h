// Several values in one cell: joined with "; ", what could be mistaken with a backslash in front.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace greffe {

std::string JoinList(const std::vector<std::string>& values);

// Without spaces around the values, and without empty ones.
std::vector<std::string> SplitList(std::string_view cell);

}  // namespace greffe
