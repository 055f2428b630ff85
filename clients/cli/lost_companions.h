// Renditions and attachments that a new version came without.
#pragma once

#include "clients/cli/session.h"

namespace greffe::cli {

// A note of the companions that `former` has, and the latest version of `document`, which was made behind it, has not.
void NoteLostCompanions(Session& session, const v1::Version& former, const v1::Document& document);

}  // namespace greffe::cli
