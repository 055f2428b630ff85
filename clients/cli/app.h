// The program.
#pragma once

#include <string>
#include <vector>

#include "clients/cli/session.h"

namespace greffe::cli {

// Runs `greffe` with the arguments after the program's name; answers its exit code (exit_code.h).
int Run(const std::vector<std::string>& arguments, const Streams& streams);

}  // namespace greffe::cli
