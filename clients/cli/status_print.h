// How projects stand, for people.
#pragma once

#include <string>

#include "clients/cli/session.h"
#include "clients/cli/table.h"

namespace greffe::cli {

void PrintStatus(Session& session, const v1::ProjectStatus& status);

// A table of projects, and a row of it.
Table PortfolioTable();
std::vector<std::string> PortfolioRow(const v1::ProjectStatus& status);

// A table of points in time, and a row of it.
Table SeriesTable();
std::vector<std::string> SeriesRow(const v1::StatusPoint& point);

}  // namespace greffe::cli
