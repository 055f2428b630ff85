#include "storage/store/scrubber.h"

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_replace.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/base/this_thread.h"
#include "storage/store/state_keys.h"
#include "storage/store/throttle.h"
#include "storage/store/unknown_repositories.h"

namespace greffe {
namespace {

constexpr char kLatestKey[] = "scrub/latest";
constexpr char kAskedKey[] = "scrub/asked";  // for a round that has not ended
constexpr int kMostFindings = 100;           // that a round keeps; it counts all
// Starting is work enough.
constexpr Micros kFirstDelay = Micros{10} * 60 * 1'000'000;
// Clocks are set.
constexpr Micros kLongestWait = Micros{3600} * 1'000'000;

}  // namespace

Scrubber::Scrubber(ScrubOptions options, Parts parts) : options_(options), parts_(std::move(parts)) {}

Scrubber::~Scrubber() { Stop(); }

void Scrubber::Start() {
  if (options_.bytes_per_second == 0) return;
  latest_ = LoadLatest();
  due_ = parts_.clock.Now() + kFirstDelay;
  if (latest_.has_end_time() && !WasAsked()) {
    due_ = std::max(due_, ToMicros(latest_.end_time()) + std::chrono::microseconds(options_.pause).count());
  }
  thread_ = std::thread([this] { Run(); });
}

void Scrubber::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    event_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

absl::Status Scrubber::BeginNow() {
  if (options_.bytes_per_second == 0) {
    return Error(absl::StatusCode::kFailedPrecondition, "SCRUB_OFF", "the server is configured to have no scrub");
  }
  {
    const std::lock_guard lock(mutex_);
    if (under_way_ || asked_) return absl::OkStatus();
  }
  CommitGroup group = NewServerGroup();
  group.state.push_back({kAskedKey, ""});
  GREFFE_RETURN_IF_ERROR(parts_.journal.Append(group));
  const std::lock_guard lock(mutex_);
  asked_ = true;
  event_.notify_all();
  return absl::OkStatus();
}

v1::ScrubStatus Scrubber::Status() const {
  v1::ScrubStatus status;
  status.set_bytes_per_second(options_.bytes_per_second);
  const std::lock_guard lock(mutex_);
  if (latest_.has_end_time()) *status.mutable_latest_round() = latest_;
  if (options_.bytes_per_second == 0) return status;
  if (under_way_) {
    *status.mutable_current_round() = current_;
  } else {
    *status.mutable_next_start_time() = ToTimestamp(asked_ ? parts_.clock.Now() : NextDue());
  }
  return status;
}

Micros Scrubber::NextDue() const {
  const Micros pause = std::chrono::microseconds(options_.pause).count();
  return std::min(due_, parts_.clock.Now() + std::max(pause, kFirstDelay));
}

void Scrubber::Run() {
  NameThisThread("scrubber");
  YieldToOthers();
  std::unique_lock lock(mutex_);
  while (!stopping_) {
    due_ = NextDue();
    const Micros left = due_ - parts_.clock.Now();
    if (!asked_ && left > 0) {
      event_.wait_for(lock, std::chrono::microseconds(std::min(left, kLongestWait)),
                      [this] { return stopping_ || asked_; });
      continue;
    }
    asked_ = false;
    under_way_ = true;
    current_.Clear();
    *current_.mutable_start_time() = ToTimestamp(parts_.clock.Now());
    lock.unlock();
    parts_.log("scrub: a round begins");
    const absl::Status status = ReadEverything();
    lock.lock();
    if (!status.ok()) {  // it was stopped
      under_way_ = false;
      continue;
    }
    v1::ScrubRound round = current_;
    lock.unlock();
    *round.mutable_end_time() = ToTimestamp(parts_.clock.Now());
    SaveLatest(round);  // as one that is under way: nobody asks for the next one meanwhile
    lock.lock();
    under_way_ = false;
    due_ = ToMicros(round.end_time()) + std::chrono::microseconds(options_.pause).count();
    latest_ = round;
    lock.unlock();
    parts_.log("scrub: a round ended: " + std::to_string(round.project_count()) + " projects, " +
               std::to_string(round.commit_count()) + " commits, " + std::to_string(round.object_count()) +
               " objects, " + std::to_string(round.byte_count()) + " bytes, " + std::to_string(round.finding_count()) +
               " findings");
    lock.lock();
  }
}

absl::Status Scrubber::ReadEverything() {
  Throttle throttle(options_.bytes_per_second, [this](std::chrono::microseconds time) { return Wait(time); });
  VerifyCounts counts;
  const VerifyCalls calls{[this](const VerifyFinding& finding) { Found(finding); }, [](const std::string&) {},
                          [&](std::int64_t bytes) {
                            Tell(counts);
                            return throttle.Take(bytes);
                          }};
  // One at a time: there is no list that would be old by the time that its end is reached.
  for (std::string after;;) {
    const absl::StatusOr<std::vector<Head>> next = parts_.journal.ListHeads(after, 1);
    if (!next.ok()) Found({"", std::string(next.status().message())});
    if (!next.ok() || next->empty()) break;
    after = next->front().repository;
    // A head that is listed while it is appended has no objects to be read yet; this one has.
    const absl::StatusOr<std::optional<Head>> head = parts_.journal.ReadHead(after, kMainRef);
    if (!head.ok()) Found({ProjectName(after), std::string(head.status().message())});
    if (head.ok() && *head) {
      GREFFE_RETURN_IF_ERROR(VerifyProject(parts_.journal, parts_.objects, **head, counts, calls));
    }
    if (!Wait(std::chrono::microseconds(0))) return absl::CancelledError("it was stopped");
  }
  GREFFE_RETURN_IF_ERROR(ReadUnknown(counts, calls));
  Tell(counts);
  return absl::OkStatus();
}

absl::Status Scrubber::ReadUnknown(VerifyCounts& counts, const VerifyCalls& calls) {
  const auto find = [this]() -> absl::StatusOr<std::map<std::string, absl::Status>> {
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> repositories, ListRepositories(parts_.directory));
    return FindUnknownRepositories(parts_.directory, repositories, parts_.journal);
  };
  const absl::StatusOr<std::map<std::string, absl::Status>> unknown = find();
  if (!unknown.ok()) {
    Found({"", std::string(unknown.status().message())});
    return absl::OkStatus();
  }
  for (const auto& [project, why] : *unknown) {
    GREFFE_RETURN_IF_ERROR(VerifyUnknownRepository(parts_.objects, project, why, counts, calls));
  }
  return absl::OkStatus();
}

void Scrubber::Found(const VerifyFinding& finding) {
  const std::string description = absl::StrReplaceAll(finding.description, {{parts_.directory + "/", ""}});
  {
    const std::lock_guard lock(mutex_);
    current_.set_finding_count(current_.finding_count() + 1);
    if (current_.findings_size() == kMostFindings) return;
    v1::ScrubFinding& kept = *current_.add_findings();
    kept.set_resource(finding.resource);
    kept.set_description(description);
  }
  parts_.log_finding("scrub: " + finding.resource + ": " + description);
}

void Scrubber::Tell(const VerifyCounts& counts) {
  const std::lock_guard lock(mutex_);
  current_.set_project_count(counts.projects);
  current_.set_commit_count(counts.commits);
  current_.set_content_count(counts.contents);
  current_.set_object_count(counts.objects);
  current_.set_byte_count(counts.bytes);
}

bool Scrubber::Wait(std::chrono::microseconds time) {
  std::unique_lock lock(mutex_);
  return !event_.wait_for(lock, time, [this] { return stopping_; });
}

v1::ScrubRound Scrubber::LoadLatest() {
  v1::ScrubRound round;
  const absl::StatusOr<std::optional<std::string>> row = parts_.journal.ReadState(kLatestKey);
  if (row.ok() && *row) round.ParseFromString(**row);
  return round;
}

bool Scrubber::WasAsked() {
  const absl::StatusOr<std::optional<std::string>> row = parts_.journal.ReadState(kAskedKey);
  return row.ok() && row->has_value();
}

void Scrubber::SaveLatest(const v1::ScrubRound& round) {
  CommitGroup group = NewServerGroup();
  group.state.push_back({kLatestKey, round.SerializeAsString()});
  group.state.push_back({kAskedKey, std::nullopt});
  const absl::Status status = parts_.journal.Append(group);
  if (!status.ok()) parts_.log("scrub: the round is not remembered: " + std::string(status.message()));
}

}  // namespace greffe
