#include "storage/store/unchanged_requests.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr std::string_view kUnchanged = "unchanged/";
constexpr int kUnchangedAtOnce = 1000;

std::string UnchangedKey(std::string_view project, std::string_view request_id) {
  std::string key(kUnchanged);
  key += project;
  key += '/';
  key += request_id;
  return key;
}

std::string UnchangedRow(const UnchangedRequest& request) {
  return absl::StrCat(request.sequence, "\n", request.time, "\n", request.digest, request.lock.empty() ? "" : "\n",
                      request.lock);
}

std::optional<UnchangedRequest> ParseUnchangedRow(const std::string& row) {
  const std::vector<std::string> lines = absl::StrSplit(row, absl::MaxSplits('\n', 3));
  UnchangedRequest request;
  if (lines.size() < 3 || !absl::SimpleAtoi(lines[0], &request.sequence) ||
      !absl::SimpleAtoi(lines[1], &request.time)) {
    return std::nullopt;
  }
  request.digest = lines[2];
  if (lines.size() > 3) request.lock = lines[3];
  return request;
}

}  // namespace

absl::Status UnchangedRequests::Load(const Journal& journal, Micros now) {
  std::string after;
  while (true) {
    GREFFE_ASSIGN_OR_RETURN(auto rows, journal.ScanState(kUnchanged, after, kUnchangedAtOnce));
    const std::lock_guard guard(mutex_);
    for (auto& [key, row] : rows) {
      after = key;
      if (!Put({key, std::move(row)}, now + kMicrosPerDay)) return Damaged("request '" + key + "'", "is none");
    }
    if (static_cast<int>(rows.size()) < kUnchangedAtOnce) return absl::OkStatus();
  }
}

std::optional<UnchangedRequest> UnchangedRequests::Find(std::string_view project, std::string_view request_id) const {
  const std::lock_guard guard(mutex_);
  const auto found = requests_.find(UnchangedKey(project, request_id));
  if (found == requests_.end()) return std::nullopt;
  return found->second;
}

StateChange UnchangedRequests::Row(std::string_view project, std::string_view request_id,
                                   const UnchangedRequest& request) {
  return {UnchangedKey(project, request_id), UnchangedRow(request)};
}

// Groups of two projects may name the same oldest ones, and more come in than go: the next ones make up for that.
std::vector<StateChange> UnchangedRequests::Oldest(std::size_t more) const {
  std::vector<StateChange> changes;
  const std::lock_guard guard(mutex_);
  auto oldest = by_time_.begin();
  for (std::size_t left = requests_.size() + more; left > most_ && oldest != by_time_.end(); --left, ++oldest) {
    changes.push_back({oldest->second, std::nullopt});
  }
  return changes;
}

void UnchangedRequests::Put(const std::vector<StateChange>& appended) {
  const std::lock_guard guard(mutex_);
  for (const StateChange& change : appended) Put(change);
}

bool UnchangedRequests::Put(const StateChange& change, Micros newest) {
  if (const auto former = requests_.find(change.key); former != requests_.end()) {
    const auto [first, last] = by_time_.equal_range(former->second.time);
    by_time_.erase(std::find_if(first, last, [&](const auto& entry) { return entry.second == change.key; }));
    requests_.erase(former);
  }
  if (!change.value) return true;
  std::optional<UnchangedRequest> request = ParseUnchangedRow(*change.value);
  if (!request) return false;
  if (request->time > newest) request->time = 0;
  by_time_.emplace(request->time, change.key);
  requests_.emplace(change.key, *std::move(request));
  return true;
}

}  // namespace greffe
