// What the files of `greffe deliverable` share.
#pragma once

#include <CLI/App.hpp>
#include <string>

#include "clients/cli/commands.h"

namespace greffe::cli {

// One line about it, or its JSON; the status of a call that failed.
absl::Status PrintDeliverable(Session& session, const std::string& what,
                              const absl::StatusOr<v1::Deliverable>& deliverable);

// start, submit, accept, reject, archive.
void AddAcceptanceCommands(Program& program, CLI::App* group);

}  // namespace greffe::cli
