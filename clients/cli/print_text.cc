#include "clients/cli/print_text.h"

#include <algorithm>

#include "clients/cli/text.h"

namespace greffe::cli {

void PrintText(Session& session, const std::string& text) {
  if (!session.streams().colour && !session.streams().terminal) {
    session.out() << text;
    return;
  }
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    session.out() << PrintableLine(text.substr(begin, end - begin)) << "\n";
    begin = end + 1;
  }
}

}  // namespace greffe::cli
