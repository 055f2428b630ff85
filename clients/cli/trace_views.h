// greffe trace impact, matrix, orphans, anchors: what links tell.
#pragma once

#include <CLI/App.hpp>

#include "clients/cli/commands.h"

namespace greffe::cli {

void AddTraceViews(Program& program, CLI::App* trace);

}  // namespace greffe::cli
