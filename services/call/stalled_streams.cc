#include "services/call/stalled_streams.h"

#include <grpcpp/server_context.h>
#include <spdlog/spdlog.h>

#include <algorithm>
#include <vector>

namespace greffe {
namespace {

constexpr std::chrono::milliseconds kMostWhenOthersNeedRoom = std::chrono::minutes(1);
constexpr std::chrono::milliseconds kLookInterval{100};  // thousands of streams, and as many who are refused
constexpr std::chrono::milliseconds kMostTick = std::chrono::seconds(10);

}  // namespace

struct StalledStreams::Stream::State {
  // Of `context`. Who cancels has it, so that the context stays until that is over; the stream may go on the same
  // thread, inside of that.
  std::recursive_mutex mutex;
  grpc::CallbackServerContext* context;  // null: gone
  std::atomic<Time> since = Time::max();
  std::atomic<bool> ended = false;
};

StalledStreams::Stream::Stream(StalledStreams& streams, grpc::CallbackServerContext* context)
    : streams_(streams), state_(std::make_shared<State>()) {
  state_->context = context;
  const std::lock_guard lock(streams_.mutex_);
  streams_.streams_.insert(state_);
}

StalledStreams::Stream::~Stream() {
  {
    const std::lock_guard lock(streams_.mutex_);
    streams_.streams_.erase(state_);
  }
  const std::lock_guard lock(state_->mutex);
  state_->context = nullptr;
}

void StalledStreams::Stream::BeginWait() { state_->since = std::chrono::steady_clock::now(); }
void StalledStreams::Stream::EndWait() { state_->since = Time::max(); }

StalledStreams::StalledStreams(std::chrono::milliseconds most) : most_(most), ticker_([this] { Tick(); }) {}

StalledStreams::~StalledStreams() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  event_.notify_all();
  ticker_.join();
}

void StalledStreams::EndLongest() {
  const Time now = std::chrono::steady_clock::now();
  Time since = now - std::min(kMostWhenOthersNeedRoom, most_);
  std::shared_ptr<Stream::State> longest;
  {
    const std::lock_guard lock(mutex_);
    if (now - looked_at_ < kLookInterval) return;
    looked_at_ = now;
    for (const auto& stream : streams_) {
      if (stream->ended || stream->since.load() > since) continue;
      since = stream->since;
      longest = stream;
    }
  }
  if (longest != nullptr) End(*longest, now);
}

void StalledStreams::Tick() {
  std::unique_lock lock(mutex_);
  while (!event_.wait_for(lock, std::min(most_ / 4, kMostTick), [this] { return stopping_; })) {
    const Time now = std::chrono::steady_clock::now();
    std::vector<std::shared_ptr<Stream::State>> stalled;
    for (const auto& stream : streams_) {
      if (!stream->ended && stream->since.load() <= now - most_) stalled.push_back(stream);
    }
    lock.unlock();
    for (const auto& stream : stalled) End(*stream, now);
    stalled.clear();
    lock.lock();
  }
}

// Without the lock, as the stream may go at once.
void StalledStreams::End(Stream::State& stream, Time now) {
  const Time since = stream.since;
  const std::lock_guard lock(stream.mutex);
  if (stream.context == nullptr || since > now || stream.ended.exchange(true)) return;
  spdlog::warn("a stream that waited {} seconds for its caller is ended",
               std::chrono::duration_cast<std::chrono::seconds>(now - since).count());
  stream.context->TryCancel();
}

}  // namespace greffe
