// What the files of `greffe deliverable` share.
#pragma once

#include <CLI/App.hpp>

#include "clients/cli/commands.h"

namespace greffe::cli {

// start, submit, accept, reject, archive.
void AddAcceptanceCommands(Program& program, CLI::App* group);

}  // namespace greffe::cli
