#include "services/changes/change_source.h"

#include <algorithm>
#include <charconv>
#include <set>
#include <string_view>
#include <utility>

#include "services/changes/change_page.h"
#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/page_bytes.h"

namespace greffe {
namespace {

absl::Status BadCursor() { return InvalidField("cursor", "CURSOR_INVALID", "is not from a stream over this parent"); }

bool ParseNumber(std::string_view text, std::int64_t& number) {
  const auto parsed = std::from_chars(text.data(), text.data() + text.size(), number);
  return parsed.ec == std::errc() && parsed.ptr == text.data() + text.size() && number >= 0;
}

absl::StatusOr<std::vector<v1::Change>> ReadChange(const Store& store, const Index::RecordedCommit& commit) {
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(commit.project));
  return ListChangePage(view, commit.sequence - 1, 1);
}

}  // namespace

absl::StatusOr<ChangeSource> ChangeSource::Open(Store& store, const v1::WatchChangesRequest& request) {
  std::string project;
  if (request.parent() != "projects/-") {
    GREFFE_ASSIGN_OR_RETURN(project, ParseProjectName(request.parent(), "parent"));
  }
  ChangeSource source(store, std::move(project));
  Micros settled = 0;
  if (source.project_.empty()) {
    settled = store.SettledTime();
    // What was acknowledged may still wait for something older.
    GREFFE_ASSIGN_OR_RETURN(const Micros newest, store.index().NewestRecordTime());
    source.end_ = std::max(settled, newest);
  } else {
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(source.project_));
    source.end_ = view.sequence();
  }
  switch (request.start_case()) {
    case v1::WatchChangesRequest::kAfterSequence:
      if (source.project_.empty() && request.after_sequence() != 0) {
        return InvalidField("after_sequence", "FIELD_INVALID", "goes with one project; over all there are cursors");
      }
      source.position_ = request.after_sequence();
      GREFFE_RETURN_IF_ERROR(source.CheckSequence("after_sequence"));
      break;
    case v1::WatchChangesRequest::kCursor:
      GREFFE_RETURN_IF_ERROR(source.TakeCursor(request.cursor(), settled));
      break;
    case v1::WatchChangesRequest::kFromNow:
      if (!request.from_now()) break;
      source.position_ = source.project_.empty() ? settled : source.end_;
      if (source.project_.empty()) {
        GREFFE_ASSIGN_OR_RETURN(const Micros newest, store.index().NewestRecordTime());
        // A later one may be joined by something older, so it says nothing.
        if (newest <= settled) source.newest_ = newest;
      }
      break;
    case v1::WatchChangesRequest::START_NOT_SET:
      break;
  }
  return source;
}

absl::Status ChangeSource::TakeCursor(const std::string& cursor, Micros settled) {
  std::string_view rest = cursor;
  const std::string prefix = Prefix();
  if (!rest.starts_with(prefix)) return BadCursor();
  rest.remove_prefix(prefix.size());
  if (!project_.empty()) {
    if (!ParseNumber(rest, position_)) return BadCursor();
    return CheckSequence("cursor");
  }
  const std::size_t colon = rest.find(':');
  if (!ParseNumber(rest.substr(0, colon), position_)) return BadCursor();
  if (colon != std::string_view::npos && !ParseNumber(rest.substr(colon + 1), newest_)) return BadCursor();
  if (newest_ > 0) {
    GREFFE_ASSIGN_OR_RETURN(const auto commits, store_->index().ListRecorded(newest_ - 1, 1));
    if (commits.empty() || commits.front().record_time != newest_) {
      return Error(absl::StatusCode::kOutOfRange, "SEQUENCE_UNKNOWN",
                   "cursor '" + cursor + "': the change that it comes after is not here");
    }
  }
  // Between a change and a mark behind it nothing lay when that was given. What comes there now has yet to be sent, as
  // what comes behind a mark that is not settled: once marks had the time of a clock that was ahead.
  position_ = newest_ > 0 ? newest_ : std::min(position_, settled);
  return absl::OkStatus();
}

absl::Status ChangeSource::CheckSequence(const std::string& field) const {
  if (position_ >= 0 && (project_.empty() || position_ <= end_)) return absl::OkStatus();
  return Error(absl::StatusCode::kOutOfRange, "SEQUENCE_UNKNOWN",
               field + " '" + std::to_string(position_) + "': the project is at " + std::to_string(end_),
               {{"sequence", std::to_string(end_)}});
}

absl::StatusOr<std::vector<v1::WatchChangesResponse>> ChangeSource::Next(int limit) {
  return project_.empty() ? NextOfAll(limit) : NextOfProject(limit);
}

// "s:<project>:<sequence>"; "t:<record time>:<record time of the change before>", of which the last part may be
// missing.
std::string ChangeSource::Prefix() const { return project_.empty() ? "t:" : "s:" + project_ + ":"; }

std::string ChangeSource::Cursor() const {
  std::string cursor = Prefix() + std::to_string(position_);
  if (newest_ > 0) cursor += ":" + std::to_string(newest_);
  return cursor;
}

std::function<void()> ChangeSource::Subscribe(std::function<void()> wake) const {
  const std::uint64_t subscription =
      store_->Subscribe(project_, [wake = std::move(wake)](std::string_view) { wake(); });
  return [store = store_, subscription] { store->Unsubscribe(subscription); };
}

absl::StatusOr<std::vector<v1::WatchChangesResponse>> ChangeSource::NextOfProject(int limit) {
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store_->View(project_));
  GREFFE_ASSIGN_OR_RETURN(std::vector<v1::Change> changes, ListChangePage(view, position_, limit));
  std::vector<v1::WatchChangesResponse> responses;
  for (v1::Change& change : changes) {
    position_ = change.sequence();
    v1::WatchChangesResponse& response = responses.emplace_back();
    *response.mutable_change() = std::move(change);
    response.set_cursor(Cursor());
  }
  return responses;
}

absl::StatusOr<std::vector<v1::WatchChangesResponse>> ChangeSource::NextOfAll(int limit) {
  // What is newer may still be joined by something older.
  const Micros settled = store_->SettledTime();
  GREFFE_ASSIGN_OR_RETURN(const auto commits, store_->index().ListRecorded(position_, limit));
  std::vector<v1::WatchChangesResponse> responses;
  std::set<std::string> damaged;
  std::size_t bytes = 0;
  std::string resume;  // where to go on after the commit at hand
  for (std::size_t i = 0; i < commits.size(); ++i) {
    const Index::RecordedCommit& commit = commits[i];
    if (commit.record_time > settled) break;
    // Commits of one time are on one page: the position is between times.
    if (bytes > kPageBytes && commit.record_time != position_) break;
    absl::StatusOr<std::vector<v1::Change>> changes = ReadChange(*store_, commit);
    if (!changes.ok() && !IsUnreadable(changes.status())) return changes.status();
    // Before that time as long as another commit of it is to come: all of it twice rather than one never.
    if (resume.empty() || commit.record_time != position_) resume = Cursor();
    position_ = newest_ = commit.record_time;
    if (i + 1 == commits.size() || commits[i + 1].record_time != commit.record_time) resume = Cursor();
    if (!changes.ok()) {
      // The others are not kept back by one; a page says it once.
      if (!damaged.insert(commit.project).second) continue;
      v1::WatchChangesResponse& response = responses.emplace_back();
      response.set_damaged_project(ProjectName(commit.project));
      response.set_cursor(resume);
      continue;
    }
    for (v1::Change& change : *changes) {
      bytes += change.ByteSizeLong();
      v1::WatchChangesResponse& response = responses.emplace_back();
      *response.mutable_change() = std::move(change);
      response.set_cursor(resume);
    }
  }
  if (responses.empty()) position_ = std::max(position_, std::min(settled, end_));
  return responses;
}

}  // namespace greffe
