// Texts of several lines on terminals and in pipes.
#pragma once

#include <string>

#include "clients/cli/session.h"

namespace greffe::cli {

// To a terminal with nothing in it that could steer it; else byte for byte.
void PrintText(Session& session, const std::string& text);

}  // namespace greffe::cli
