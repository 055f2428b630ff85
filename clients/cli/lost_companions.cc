#include "clients/cli/lost_companions.h"

#include <algorithm>
#include <string>

#include "clients/cli/text.h"

namespace greffe::cli {

void NoteLostCompanions(Session& session, const v1::Version& former, const v1::Document& document) {
  const v1::Version& made = document.latest_version();
  if (made.number() <= former.number()) return;  // a repeated request is answered with what it made then
  std::string lost;
  for (const v1::File& file : former.companions()) {
    const bool kept = std::any_of(made.companions().begin(), made.companions().end(),
                                  [&](const v1::File& one) { return one.file_name() == file.file_name(); });
    if (!kept) lost += (lost.empty() ? "" : ", ") + file.file_name();
  }
  if (lost.empty()) return;
  session.Note(Printable(document.path()) + ": version " + std::to_string(made.number()) + " has no " +
               Printable(lost) + ", as version " + std::to_string(former.number()) +
               " has; --rendition and --attachment bring files along");
}

}  // namespace greffe::cli
