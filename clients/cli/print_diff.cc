#include "clients/cli/print_diff.h"

#include <algorithm>

#include "clients/cli/table.h"
#include "clients/cli/text.h"

namespace greffe::cli {

void PrintDiff(Session& session, const std::string& diff) {
  for (std::size_t begin = 0; begin < diff.size();) {
    const std::size_t end = std::min(diff.find('\n', begin), diff.size());
    const std::string line = diff.substr(begin, end - begin);
    begin = end + 1;
    if (!session.streams().colour && !session.streams().terminal) {
      session.out() << line << "\n";
      continue;
    }
    // A terminal gets nothing that could steer it; a pipe gets what patch(1) needs.
    const bool heading = line.rfind("---", 0) == 0 || line.rfind("+++", 0) == 0;
    const char* colour = heading          ? "1"
                         : line[0] == '+' ? "32"
                         : line[0] == '-' ? "31"
                         : line[0] == '@' ? "36"
                                          : nullptr;
    const std::string text = PrintableLine(line);
    session.out() << (colour == nullptr ? text : Coloured(session, text, colour)) << "\n";
  }
}

}  // namespace greffe::cli
