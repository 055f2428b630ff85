// The entry of `greffe`.
#include <unistd.h>

#include <cstdlib>
#include <iostream>

#include "clients/cli/app.h"
#include "clients/cpp/temporary_path.h"

namespace {

bool ShowsColours() {
  const char* const no_color = std::getenv("NO_COLOR");
  const char* const term = std::getenv("TERM");
  return isatty(STDOUT_FILENO) == 1 && (no_color == nullptr || *no_color == '\0') && term != nullptr &&
         std::string(term) != "dumb";
}

}  // namespace

int main(int argc, char** argv) {
  std::ios::sync_with_stdio(false);
  greffe::client::RemoveTemporariesOnSignals();
  const greffe::cli::Streams streams{std::cout, std::cerr, ShowsColours(), isatty(STDERR_FILENO) == 1};
  return greffe::cli::Run(std::vector<std::string>(argv + 1, argv + argc), streams);
}
