// Where a stream of changes stands, and what comes next there.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "greffe/v1/changes.pb.h"
#include "storage/base/clock.h"
#include "storage/store/store.h"

namespace greffe {

// A position over one project is a sequence, over all of them a record time.
class ChangeSource {
 public:
  // INVALID_ARGUMENT (CURSOR_INVALID, ...), NOT_FOUND; OUT_OF_RANGE (SEQUENCE_UNKNOWN) when the caller has seen changes
  // that are not here: the data was restored from before them.
  static absl::StatusOr<ChangeSource> Open(Store& store, const v1::WatchChangesRequest& request);

  // The next changes with the cursor after each, at most `limit`; empty when there are none now. Over all projects,
  // those of damaged ones are passed over, and the projects named. Moves on.
  absl::StatusOr<std::vector<v1::WatchChangesResponse>> Next(int limit);
  // The cursor where it stands.
  std::string Cursor() const;
  // True when it stands at or after where the feed was when this was opened.
  bool AtEndOfStart() const { return position_ >= end_; }
  // See SubscribeWake.
  std::function<void()> Subscribe(std::function<void()> wake) const;

 private:
  ChangeSource(Store& store, std::string project) : store_(&store), project_(std::move(project)) {}
  std::string Prefix() const;  // of its cursors
  // Goes to where a cursor stands; over all projects, to the change that it comes after, or at most to the settled
  // time.
  absl::Status TakeCursor(const std::string& cursor, Micros settled);
  // SEQUENCE_UNKNOWN when the project has not come to where it stands; `field` said so.
  absl::Status CheckSequence(const std::string& field) const;
  absl::StatusOr<std::vector<v1::WatchChangesResponse>> NextOfProject(int limit);
  absl::StatusOr<std::vector<v1::WatchChangesResponse>> NextOfAll(int limit);

  Store* store_;
  std::string project_;
  std::int64_t position_ = 0;
  std::int64_t end_ = 0;
  std::int64_t newest_ = 0;  // over all: the record time of the last change up to `position_`; 0: not known
};

}  // namespace greffe
