#include "clients/cli/progress.h"

#include <algorithm>

#include "clients/cli/text.h"

namespace greffe::cli {

Progress::Progress(Session& session, std::string label, std::int64_t total, std::string unit)
    : session_(session),
      label_(std::move(label)),
      unit_(std::move(unit)),
      total_(total),
      next_(start_ + std::chrono::milliseconds(500)) {}

void Progress::Update(std::int64_t done) {
  if (!session_.streams().progress) return;
  const auto now = Clock::now();
  if (now < next_) return;
  next_ = now + std::chrono::milliseconds(100);
  const auto amount = [&](std::int64_t value) {
    return unit_.empty() ? SizeText(value) : std::to_string(value) + " " + unit_;
  };
  const double seconds = std::chrono::duration<double>(now - start_).count();
  std::string line = Printable(label_) + "  ";
  if (total_ > 0) {
    constexpr std::int64_t kBar = 24;
    const std::int64_t filled = std::clamp<std::int64_t>(done * kBar / total_, 0, kBar);
    line += "[" + std::string(static_cast<std::size_t>(filled), '#') +
            std::string(static_cast<std::size_t>(kBar - filled), '.') + "] " + std::to_string(done * 100 / total_) +
            "%  ";
  }
  line += amount(done) + "  " + amount(static_cast<std::int64_t>(static_cast<double>(done) / seconds)) + "/s";
  session_.streams().err << "\r\x1b[K" << line << std::flush;
  drawn_ = true;
}

void Progress::Clear() {
  if (!drawn_) return;
  session_.streams().err << "\r\x1b[K" << std::flush;
  drawn_ = false;
}

}  // namespace greffe::cli
