// The entry of `greffe`.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "clients/cli/app.h"
#include "clients/cpp/temporary_path.h"
#include "google/protobuf/stubs/logging.h"

namespace {

// Of a terminal.
bool ShowsColours() {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  return (no_color == nullptr || *no_color == '\0') && term != nullptr && std::string(term) != "dumb";
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  greffe::client::RemoveTemporariesOnSignals();
  // What is wrong is told once, and in the form that was asked for.
  google::protobuf::SetLogHandler(nullptr);
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  const greffe::cli::Streams streams{.out = std::cout,
                                     .err = std::cerr,
                                     .colour = terminal && ShowsColours(),
                                     .progress = isatty(STDERR_FILENO) == 1,
                                     .terminal = terminal};
  return greffe::cli::Run(std::vector<std::string>(argv + 1, argv + argc), streams);
}
