#include "services/call/call_log.h"

#include <spdlog/spdlog.h>

#include <atomic>
#include <random>
#include <string>

namespace greffe {
namespace {

std::string NextCallId() {
  static const std::uint32_t run = std::random_device()();
  static std::atomic<std::uint64_t> count = 0;
  return fmt::format("{:08x}-{}", run, count.fetch_add(1) + 1);
}

bool IsServersFault(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kDataLoss:
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kResourceExhausted:
      return true;
    default:
      return false;
  }
}

}  // namespace

void CallLog::End(const absl::Status& status) const {
  const auto level = !status.ok() && IsServersFault(status.code()) ? spdlog::level::warn : spdlog::level::debug;
  if (status.ok() && !spdlog::should_log(level)) return;
  const auto took = std::chrono::duration_cast<std::chrono::microseconds>(std::chrono::steady_clock::now() - start_);
  const std::string id = NextCallId();
  if (!status.ok()) context_->AddTrailingMetadata("greffe-call-id", id);
  // What follows a unit separator is `name=value`: a field of its own in a JSON log (services/server/logging.cc).
  spdlog::log(level,
              "{}\x1f"
              "call={}\x1fmethod={}\x1f"
              "code={}\x1fmicroseconds={}",
              status.ok() ? "call ended" : std::string(status.message()), id, method_,
              absl::StatusCodeToString(status.code()), took.count());
}

}  // namespace greffe
