#include "services/changes/change_source.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "services/changes/change_page.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/page_bytes.h"

namespace greffe {
namespace {

// "s:<project>:<sequence>" or "t:<record time>".
absl::StatusOr<std::int64_t> ParseCursor(const std::string& cursor, const std::string& prefix) {
  std::int64_t position = 0;
  const char* end = cursor.data() + cursor.size();
  if (cursor.starts_with(prefix)) {
    const auto parsed = std::from_chars(cursor.data() + prefix.size(), end, position);
    if (parsed.ec == std::errc() && parsed.ptr == end && position >= 0) return position;
  }
  return InvalidField("cursor", "CURSOR_INVALID", "is not from a stream over this parent");
}

}  // namespace

absl::StatusOr<ChangeSource> ChangeSource::Open(Store& store, const v1::WatchChangesRequest& request) {
  std::string project;
  if (request.parent() != "projects/-") {
    GREFFE_ASSIGN_OR_RETURN(project, ParseProjectName(request.parent(), "parent"));
  }
  ChangeSource source(store, std::move(project));
  if (source.project_.empty()) {
    source.end_ = store.SettledTime();
  } else {
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(source.project_));
    source.end_ = view.sequence();
  }
  switch (request.start_case()) {
    case v1::WatchChangesRequest::kAfterSequence:
      if (source.project_.empty() && request.after_sequence() != 0) {
        return InvalidField("after_sequence", "FIELD_INVALID", "goes with one project; over all there are cursors");
      }
      if (request.after_sequence() < 0 || (!source.project_.empty() && request.after_sequence() > source.end_)) {
        return Error(absl::StatusCode::kOutOfRange, "SEQUENCE_UNKNOWN",
                     "after_sequence '" + std::to_string(request.after_sequence()) + "': the project is at " +
                         std::to_string(source.end_),
                     {{"sequence", std::to_string(source.end_)}});
      }
      source.position_ = request.after_sequence();
      break;
    case v1::WatchChangesRequest::kCursor: {
      const std::string prefix = source.project_.empty() ? "t:" : "s:" + source.project_ + ":";
      GREFFE_ASSIGN_OR_RETURN(source.position_, ParseCursor(request.cursor(), prefix));
      break;
    }
    case v1::WatchChangesRequest::kFromNow:
      if (request.from_now()) source.position_ = source.end_;
      break;
    case v1::WatchChangesRequest::START_NOT_SET:
      break;
  }
  return source;
}

absl::StatusOr<std::vector<v1::WatchChangesResponse>> ChangeSource::Next(int limit) {
  return project_.empty() ? NextOfAll(limit) : NextOfProject(limit);
}

std::string ChangeSource::Cursor() const {
  return (project_.empty() ? "t:" : "s:" + project_ + ":") + std::to_string(position_);
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
  std::size_t bytes = 0;
  for (const Index::RecordedCommit& commit : commits) {
    if (commit.record_time > settled) break;
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store_->View(commit.project));
    // Commits of one time are on one page: the position is between times.
    if (bytes > kPageBytes && commit.record_time != position_) break;
    GREFFE_ASSIGN_OR_RETURN(std::vector<v1::Change> changes, ListChangePage(view, commit.sequence - 1, 1));
    position_ = commit.record_time;
    for (v1::Change& change : changes) {
      bytes += change.ByteSizeLong();
      v1::WatchChangesResponse& response = responses.emplace_back();
      *response.mutable_change() = std::move(change);
      response.set_cursor(Cursor());
    }
  }
  if (responses.empty()) position_ = std::max(position_, std::min(settled, end_));
  return responses;
}

}  // namespace greffe
