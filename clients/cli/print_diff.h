// Unified diffs on terminals and in pipes.
#pragma once

#include <string>

#include "clients/cli/session.h"

namespace greffe::cli {

// To a terminal with nothing in it that could steer it, in colours where it shows them; else as it is.
void PrintDiff(Session& session, const std::string& diff);

}  // namespace greffe::cli
