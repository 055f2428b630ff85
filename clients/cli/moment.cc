#include "clients/cli/moment.h"

#include <algorithm>

#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

bool IsDigits(const std::string& text) {
  return !text.empty() && text.size() <= 18 &&
         std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

v1::AsOf AtTime(absl::Time time) {
  v1::AsOf result;
  const std::int64_t micros = absl::ToUnixMicros(time);
  const std::int64_t rest = ((micros % 1'000'000) + 1'000'000) % 1'000'000;
  result.mutable_time()->set_seconds((micros - rest) / 1'000'000);
  result.mutable_time()->set_nanos(static_cast<std::int32_t>(rest * 1000));
  return result;
}

absl::StatusOr<absl::TimeZone> ProjectZone(Session& session) {
  v1::GetProjectRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), session.Parent());
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Project project, session.client().GetProject(request));
  absl::TimeZone zone;
  const std::string name = project.time_zone().empty() ? "UTC" : project.time_zone();
  if (!absl::LoadTimeZone(name, &zone)) {
    return client::MakeError(absl::StatusCode::kInvalidArgument, "MOMENT_INVALID",
                             "time zone \"" + name + "\" of the project is not known here");
  }
  return zone;
}

}  // namespace

absl::StatusOr<v1::AsOf> ParseMoment(const std::string& text, const ZoneSource& zone) {
  if (text.empty()) return v1::AsOf();
  if (IsDigits(text)) {
    v1::AsOf result;
    result.set_sequence(std::stoll(text));
    return result;
  }
  absl::Time time;
  std::string error;
  if (absl::ParseTime(absl::RFC3339_full, text, &time, &error)) return AtTime(time);
  for (const char* format : {"%Y-%m-%dT%H:%M%Ez", "%Y-%m-%d %H:%M%Ez", "%Y-%m-%d %H:%M:%E*S%Ez"}) {
    if (absl::ParseTime(format, text, &time, &error)) return AtTime(time);
  }
  for (const char* format :
       {"%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%E*S", "%Y-%m-%d %H:%M", "%Y-%m-%d %H:%M:%E*S"}) {
    // Tried without a zone first: the zone costs a call.
    if (!absl::ParseTime(format, text, &time, &error)) continue;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const absl::TimeZone where, zone());
    if (std::string(format) == "%Y-%m-%d") {
      const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
      return AtTime(absl::FromCivil(day + 1, where) - absl::Microseconds(1));
    }
    absl::ParseTime(format, text, where, &time, &error);
    return AtTime(time);
  }
  return client::MakeError(absl::StatusCode::kInvalidArgument, "MOMENT_INVALID",
                           "\"" + text + "\" is neither a sequence nor a time nor a date");
}

absl::StatusOr<v1::AsOf> MomentOf(Session& session, const std::string& text) {
  constexpr std::string_view kBaseline = "baseline:";
  if (text.rfind(kBaseline, 0) == 0) {
    v1::AsOf frozen;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string parent, session.Parent());
    frozen.set_baseline(parent + "/baselines/" + text.substr(kBaseline.size()));
    return frozen;
  }
  return ParseMoment(text, [&] { return ProjectZone(session); });
}

absl::StatusOr<std::string> SinceOf(Session& session, const std::string& text) {
  absl::Time time;
  std::string error;
  if (!absl::ParseTime("%Y-%m-%d", text, &time, &error)) return text;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const absl::TimeZone zone, ProjectZone(session));
  const absl::CivilDay day = absl::ToCivilDay(time, absl::UTCTimeZone());
  return absl::FormatTime("%Y-%m-%d%ET%H:%M:%SZ", absl::FromCivil(day, zone), absl::UTCTimeZone());
}

CLI::Option* AddAsOf(CLI::App* command, std::string& moment) {
  return command
      ->add_option_function<std::string>(
          "--as-of",
          [&moment](const std::string& text) {
            if (text.empty()) throw CLI::ValidationError("--as-of", "is empty");
            moment = text;
          },
          "As it was: after a sequence (57), at a time (2026-03-31T12:00, RFC 3339), or at the end of a day "
          "(2026-03-31), without an offset in the project's time zone; or as a baseline froze it (baseline:G2)")
      ->type_name("TEXT");
}

}  // namespace greffe::cli
