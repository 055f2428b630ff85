// Unified diffs on terminals and in pipes.
#pragma once

#include <string>

#include "clients/cli/session.h"

namespace greffe::cli {

// In colours where the output shows them, and then with nothing in it that could steer a terminal; else as it is.
void PrintDiff(Session& session, const std::string& diff);

}  // namespace greffe::cli
