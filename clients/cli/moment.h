// The moments that people name: of --as-of, and of --updated-since.
#pragma once

#include <CLI/App.hpp>
#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "clients/cli/session.h"

namespace greffe::cli {

using ZoneSource = std::function<absl::StatusOr<absl::TimeZone>()>;

// A sequence (`57`), a time (RFC 3339; without an offset in the zone of `zone`, which is asked only then), or a date:
// the end of that day there. INVALID_ARGUMENT (MOMENT_INVALID) for anything else. Empty: now, an unset AsOf.
absl::StatusOr<v1::AsOf> ParseMoment(const std::string& text, const ZoneSource& zone);

// ParseMoment in the time zone of the session's project; or `baseline:<id>`.
absl::StatusOr<v1::AsOf> MomentOf(Session& session, const std::string& text);

// A time for a filter: of a date the beginning of that day in the time zone of the session's project; anything else as
// it is.
absl::StatusOr<std::string> SinceOf(Session& session, const std::string& text);

// The option --as-of of `command`. Given, it is not empty: a variable of a script that is not set is not "now".
CLI::Option* AddAsOf(CLI::App* command, std::string& moment);

}  // namespace greffe::cli
