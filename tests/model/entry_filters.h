// The filters and orders that lists of entries are asked for, each beside what it means; and days that are late, soon
// or far away whenever a test runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/model/registers.h"

namespace greffe::model {

struct EntryFilter {
  std::string text;
  const char* collection;  // nullptr: of every register
  bool (*matches)(const Message&);
};
// Those that a register can be asked for.
std::vector<EntryFilter> EntryFilters(const std::string& collection);
const EntryFilter& EntryFilterOf(const std::string& text);

struct EntryOrder {
  std::string field;  // "": by id
  bool descending;
};
std::vector<std::string> EntryOrders(const Register& entries);
EntryOrder EntryOrderOf(const std::string& text);
// Ties are broken by id.
std::string KeyOf(const EntryOrder& order, const Message& entry);

// `2026-03-31`, in UTC, and the seconds of a moment so many days from now.
std::string DayAt(std::int64_t seconds);
std::string DayIn(int days);
std::int64_t SecondsIn(int days);
// Due a hundred days ago, in a hundred days, in twenty years.
const std::vector<std::string>& Days();
constexpr int kSoonDays = 3650;
// Due dates are far from now, so that which day it is matters for a moment in the future alone.
bool IsDue(const std::string& day, bool late, bool soon, const v1::AsOf& as_of);

}  // namespace greffe::model
