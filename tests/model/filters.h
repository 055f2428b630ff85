// The filters and orders that lists are asked for, each beside what it means.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "greffe/v1/documents.pb.h"

namespace greffe::model {

struct Filter {
  std::string text;
  bool (*matches)(const v1::Document&);
};
const std::vector<Filter>& Filters();

struct Order {
  std::string text;
  // Ties are broken by number; numbers here have the same count of digits.
  std::string (*key)(const v1::Document&);
  bool descending;
};
const std::vector<Order>& Orders();

}  // namespace greffe::model
