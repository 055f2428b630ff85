// The server's log: one line an event on standard error.
#pragma once

#include <string>

namespace greffe {

// `format`: "text" for people, "json" for programs (one object a line: time, level, message). `level` as spdlog names
// it.
void StartLogging(const std::string& format, const std::string& level);

}  // namespace greffe
