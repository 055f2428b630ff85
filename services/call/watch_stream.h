// A stream that sends what comes, and waits for more.
#pragma once

#include <grpcpp/support/server_callback.h>

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "services/call/call_log.h"
#include "services/call/runtime.h"
#include "services/call/status.h"
#include "services/call/stream_memory.h"
#include "services/call/watchers.h"
#include "storage/base/errors.h"

namespace greffe {

// At any moment one of these holds: a write is in flight, a step runs on the pool, or the stream waits to be woken. A
// slow reader thus costs one page of memory and no one's time. That page has room in the budget of all streams: a
// little from the start on, so that what is small always comes; what is larger comes one by one, or once others have
// read what they hold, which is tried again with each wake. Deletes itself.
//
// `Source` has `Next(limit)`: the next responses, none when there are none now; `Cursor()`: where it stands, for a
// progress mark; `AtEndOfStart()`: whether it has given what was there when it was opened; `Subscribe`, a
// SubscribeWake. It can be copied: what has no room is read again.
template <typename Source, typename Response>
class WatchStream final : public grpc::ServerWriteReactor<Response> {
 public:
  using Open = std::function<absl::StatusOr<Source>()>;

  WatchStream(const Runtime& runtime, Watchers& watchers, grpc::CallbackServerContext* context, const char* method,
              Open open, bool stop_at_end)
      : runtime_(runtime),
        watchers_(watchers),
        log_(context, method),
        open_(std::move(open)),
        stop_at_end_(stop_at_end),
        share_(runtime.stream_memory, context) {
    // Answers with headers at once: the caller then knows that it watches.
    this->StartSendInitialMetadata();
    runtime_.pool.Continue([this] { Begin(); });
  }

  void OnWriteDone(bool ok) override {
    share_.EndWait();
    if (!ok) return End(absl::CancelledError("the caller is gone"));
    if (!page_.empty()) return SendNext();
    sent_ = Response();
    share_.Return(std::exchange(held_, 0));
    runtime_.pool.Continue([this] { Advance(); });
  }

  void OnCancel() override {
    {
      const std::lock_guard lock(mutex_);
      cancelled_ = true;
    }
    Wake();
  }

  void OnDone() override {
    if (watcher_ != 0) watchers_.Leave(watcher_);
    delete this;
  }

 private:
  static constexpr int kPage = 100;  // responses held in memory for one stream
  // And the memory that these take, of one alone more. The budget is for others too, and slow readers may be many.
  static constexpr std::int64_t kMostBytes = 256 << 10;
  static constexpr std::int64_t kOwnBytes = 16 << 10;
  static constexpr std::chrono::seconds kMarkInterval{9};

  void Begin() {
    if (const absl::Status room = share_.Reserve(kOwnBytes); !room.ok()) return End(room);
    absl::StatusOr<Source> source = open_();
    if (!source.ok()) return End(source.status());
    source_.emplace(*std::move(source));
    watcher_ = watchers_.Join([this](std::function<void()> wake) { return source_->Subscribe(std::move(wake)); },
                              [this] { Wake(); });
    Advance();
  }

  // On the pool: reads the next page, or waits.
  void Advance() {
    while (true) {
      if (LookAgain()) return End(absl::CancelledError("the caller is gone"));
      if (watchers_.stopping()) {
        return End(Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the server is stopping"));
      }
      // Before what comes after it is looked for: where that never ends, neither would the stream.
      const bool at_end = stop_at_end_ && source_->AtEndOfStart();
      if (at_end && marked_) return End(absl::OkStatus());
      if (at_end) return SendMark(std::chrono::steady_clock::now());
      bool has_room = true;
      absl::StatusOr<std::vector<Response>> page = Read(has_room);
      if (!page.ok()) return End(page.status());
      if (!page->empty()) {
        marked_ = false;
        page_.assign(std::make_move_iterator(page->begin()), std::make_move_iterator(page->end()));
        return SendNext();
      }
      const auto now = std::chrono::steady_clock::now();
      // The first mark says that there is no more; those behind it that the stream lives.
      if ((!marked_ && has_room) || now - marked_at_ >= kMarkInterval) return SendMark(now);
      const std::lock_guard lock(mutex_);
      if (woken_ || cancelled_) continue;
      waiting_ = true;
      return;
    }
  }

  // What comes next; nothing, too, when the budget has no room for it.
  absl::StatusOr<std::vector<Response>> Read(bool& has_room) {
    while (true) {
      const Source before = *source_;
      absl::StatusOr<std::vector<Response>> page = source_->Next(limit_);
      if (!page.ok()) return page;
      std::int64_t bytes = 0;
      int few = 0;  // that are little enough
      for (const Response& response : *page) {
        bytes += static_cast<std::int64_t>(response.SpaceUsedLong());
        few += bytes <= kMostBytes ? 1 : 0;
      }
      const bool is_page = bytes <= kMostBytes || limit_ == 1;
      const std::int64_t more = std::max(bytes - kOwnBytes, std::int64_t{0});
      if (is_page && (more == 0 || share_.Reserve(more).ok())) {
        held_ = more;
        // Twice as many would be too large, and read again.
        if (bytes <= kMostBytes / 2) limit_ = std::min(2 * limit_, kPage);
        return page;
      }
      *source_ = before;
      if (limit_ == 1) break;
      limit_ = is_page ? 1 : std::clamp(few, 1, limit_ - 1);
    }
    has_room = false;
    return std::vector<Response>();
  }

  void SendMark(std::chrono::steady_clock::time_point now) {
    marked_ = true;
    marked_at_ = now;
    page_.emplace_back().set_cursor(source_->Cursor());
    SendNext();
  }

  void SendNext() {
    sent_ = std::move(page_.front());
    page_.pop_front();
    share_.BeginWait();
    this->StartWrite(&sent_);
  }

  // From any thread: lets a waiting stream look again.
  void Wake() {
    {
      const std::lock_guard lock(mutex_);
      woken_ = true;
      if (!waiting_) return;
      waiting_ = false;
    }
    runtime_.pool.Continue([this] { Advance(); });
  }

  // Before a look at the source: what wakes from here on asks for another one. True when the caller is gone.
  bool LookAgain() {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    return cancelled_;
  }

  void End(const absl::Status& status) {
    log_.End(absl::IsCancelled(status) ? absl::OkStatus() : status);
    this->Finish(ToGrpcStatus(status));
  }

  const Runtime& runtime_;
  Watchers& watchers_;
  const CallLog log_;
  const Open open_;
  const bool stop_at_end_;
  StreamShare share_;
  std::optional<Source> source_;
  std::uint64_t watcher_ = 0;
  int limit_ = kPage;      // less where pages were large, or had no room
  std::int64_t held_ = 0;  // of the share, above kOwnBytes, until the page is sent
  std::deque<Response> page_;
  Response sent_;
  bool marked_ = false;  // the last message was a mark
  std::chrono::steady_clock::time_point marked_at_;
  std::mutex mutex_;
  bool waiting_ = false;
  bool woken_ = false;
  bool cancelled_ = false;
};

template <typename Source, typename Response>
grpc::ServerWriteReactor<Response>* NewWatchStream(const Runtime& runtime, Watchers& watchers,
                                                   grpc::CallbackServerContext* context, const char* method,
                                                   typename WatchStream<Source, Response>::Open open,
                                                   bool stop_at_end) {
  return new WatchStream<Source, Response>(runtime, watchers, context, method, std::move(open), stop_at_end);
}

}  // namespace greffe
