#include "services/changes/watch_stream.h"

#include <chrono>
#include <deque>
#include <iterator>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "services/call/call_log.h"
#include "services/call/status.h"
#include "services/changes/change_source.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr int kPage = 100;  // changes held in memory for one stream
constexpr std::chrono::seconds kMarkInterval{9};

// At any moment one of these holds: a write is in flight, a step runs on the pool, or the stream waits to be woken. A
// slow reader thus costs one page of memory and no one's time.
class WatchStream final : public grpc::ServerWriteReactor<v1::WatchChangesResponse> {
 public:
  WatchStream(const Runtime& runtime, Watchers& watchers, grpc::CallbackServerContext* context,
              const v1::WatchChangesRequest& request)
      : runtime_(runtime), watchers_(watchers), log_(context, "Changes.WatchChanges"), request_(request) {
    // Answers with headers at once: the caller then knows that it watches.
    StartSendInitialMetadata();
    runtime_.pool.Continue([this] { Begin(); });
  }

  void OnWriteDone(bool ok) override {
    if (!ok) return End(absl::CancelledError("the caller is gone"));
    if (!page_.empty()) return SendNext();
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
  void Begin() {
    absl::StatusOr<ChangeSource> source = ChangeSource::Open(runtime_.store, request_);
    if (!source.ok()) return End(source.status());
    source_.emplace(*std::move(source));
    watcher_ = watchers_.Join(source_->project(), [this] { Wake(); });
    Advance();
  }

  // On the pool: reads the next page, or waits.
  void Advance() {
    while (true) {
      if (LookAgain()) return End(absl::CancelledError("the caller is gone"));
      if (watchers_.stopping()) {
        return End(Error(absl::StatusCode::kUnavailable, "SHUTTING_DOWN", "the server is stopping"));
      }
      absl::StatusOr<std::vector<v1::WatchChangesResponse>> page = source_->Next(kPage);
      if (!page.ok()) return End(page.status());
      if (!page->empty()) {
        marked_ = false;
        page_.assign(std::make_move_iterator(page->begin()), std::make_move_iterator(page->end()));
        return SendNext();
      }
      if (request_.stop_at_end() && source_->AtEndOfStart() && marked_) return End(absl::OkStatus());
      const auto now = std::chrono::steady_clock::now();
      if (!marked_ || now - marked_at_ >= kMarkInterval) {
        marked_ = true;
        marked_at_ = now;
        v1::WatchChangesResponse mark;
        mark.set_cursor(source_->Cursor());
        page_.push_back(std::move(mark));
        return SendNext();
      }
      const std::lock_guard lock(mutex_);
      if (woken_ || cancelled_) continue;
      waiting_ = true;
      return;
    }
  }

  void SendNext() {
    sent_ = std::move(page_.front());
    page_.pop_front();
    StartWrite(&sent_);
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

  // Before a look at the feed: what wakes from here on asks for another one. True when the caller is gone.
  bool LookAgain() {
    const std::lock_guard lock(mutex_);
    woken_ = false;
    return cancelled_;
  }

  void End(const absl::Status& status) {
    log_.End(absl::IsCancelled(status) ? absl::OkStatus() : status);
    Finish(ToGrpcStatus(status));
  }

  const Runtime& runtime_;
  Watchers& watchers_;
  const CallLog log_;
  const v1::WatchChangesRequest request_;
  std::optional<ChangeSource> source_;
  std::uint64_t watcher_ = 0;
  std::deque<v1::WatchChangesResponse> page_;
  v1::WatchChangesResponse sent_;
  bool marked_ = false;  // the last message was a mark
  std::chrono::steady_clock::time_point marked_at_;
  std::mutex mutex_;
  bool waiting_ = false;
  bool woken_ = false;
  bool cancelled_ = false;
};

}  // namespace

grpc::ServerWriteReactor<v1::WatchChangesResponse>* NewWatchStream(const Runtime& runtime, Watchers& watchers,
                                                                   grpc::CallbackServerContext* context,
                                                                   const v1::WatchChangesRequest& request) {
  return new WatchStream(runtime, watchers, context, request);
}

}  // namespace greffe
