#include "services/webhooks/courier.h"

#include <curl/curl.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <map>
#include <random>
#include <thread>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/time_util.h"
#include "services/webhooks/post.h"
#include "services/webhooks/signature.h"
#include "storage/base/errors.h"
#include "storage/base/this_thread.h"

namespace greffe {
namespace {

using google::protobuf::util::TimeUtil;

constexpr int kMostAtOnce = 64;
// Clocks are set.
constexpr Micros kLongestWait = Micros{10} * 1'000'000;
constexpr std::chrono::milliseconds kLongestStop{5'000};
constexpr double kGrowth = 4;
constexpr double kJitter = 0.2;

// "NOTIFICATION_KIND_DUE" -> "due".
std::string TypeOf(v1::NotificationKind kind) {
  return absl::AsciiStrToLower(v1::NotificationKind_Name(kind).substr(sizeof("NOTIFICATION_KIND_") - 1));
}

// The same at each attempt.
std::string BodyOf(const v1::Notification& notification) {
  google::protobuf::util::JsonPrintOptions options;
  options.always_print_primitive_fields = true;
  std::string data;
  // A notification is printable: it has no Any.
  if (!google::protobuf::util::MessageToJsonString(notification, &data, options).ok()) data = "{}";
  return absl::StrCat("{\"type\":\"greffe.", TypeOf(notification.kind()), "\",\"timestamp\":\"",
                      TimeUtil::ToString(notification.create_time()), "\",\"data\":", data, "}");
}

}  // namespace

struct Courier::State {
  std::unique_ptr<CURLM, CURLMcode (*)(CURLM*)> multi{curl_multi_init(), curl_multi_cleanup};
  std::atomic<bool> stopping = false;
  std::thread thread;
  std::mt19937_64 random{std::random_device{}()};
  struct UnderWay {
    DueDelivery due;
    std::unique_ptr<Post> post;
  };
  std::map<CURL*, UnderWay> under_way;  // the thread's own
};

Courier::Courier(const CourierOptions& options, Outbox& outbox, const Clock& clock,
                 std::function<void(const std::string&)> log)
    : options_(options), outbox_(outbox), clock_(clock), log_(std::move(log)) {
  static const CURLcode initialized = curl_global_init(CURL_GLOBAL_DEFAULT);
  static_cast<void>(initialized);
  state_ = std::make_unique<State>();
}

Courier::~Courier() { Stop(); }

void Courier::Start() {
  outbox_.OnChange([multi = state_->multi.get()] { curl_multi_wakeup(multi); });
  state_->thread = std::thread([this] { Run(); });
}

void Courier::Stop() {
  if (!state_->thread.joinable()) return;
  outbox_.OnChange(nullptr);
  state_->stopping = true;
  curl_multi_wakeup(state_->multi.get());
  state_->thread.join();
}

void Courier::Run() {
  NameThisThread("courier");
  State& state = *state_;
  CURLM* const multi = state.multi.get();
  const auto longest = static_cast<double>(std::chrono::microseconds(options_.longest_retry).count());
  const auto longest_wait = static_cast<Micros>(longest * (1 + kJitter));
  const PostOptions post_options{options_.connect_timeout, options_.timeout, options_.allow_private};

  const auto begin = [&](DueDelivery due) {
    const std::string body = BodyOf(due.delivery.notification());
    const std::string& id = due.delivery.notification().key();
    const std::int64_t timestamp = clock_.Now() / 1'000'000;
    // What was kept was valid.
    const std::string secret = WebhookSecretBytes(due.webhook.secret(), "secret").value_or("");
    const std::vector<std::string> headers = {"Content-Type: application/json", "Expect:", "webhook-id: " + id,
                                              "webhook-timestamp: " + std::to_string(timestamp),
                                              "webhook-signature: " + SignWebhook(secret, id, timestamp, body)};
    auto post = std::make_unique<Post>(post_options, due.webhook.url(), headers, body);
    CURL* const handle = post->handle();
    curl_multi_add_handle(multi, handle);
    state.under_way.emplace(handle, State::UnderWay{std::move(due), std::move(post)});
  };

  const auto next_time = [&](int failures) -> std::optional<Micros> {
    if (failures >= options_.attempts) return std::nullopt;
    double wait = static_cast<double>(std::chrono::microseconds(options_.first_retry).count());
    for (int i = 1; i < failures && wait < longest; ++i) wait *= kGrowth;
    std::uniform_real_distribution<double> jitter(1 - kJitter, 1 + kJitter);
    return clock_.Now() + static_cast<Micros>(std::min(wait, longest) * jitter(state.random));
  };

  const auto end = [&](CURL* handle, CURLcode result) {
    const auto found = state.under_way.find(handle);
    const DueDelivery& due = found->second.due;
    std::optional<v1::DeliveryAttempt> attempt = found->second.post->Outcome(result);
    absl::Status kept;
    if (attempt) {
      *attempt->mutable_time() = ToTimestamp(clock_.Now());
      const std::optional<Micros> next = next_time(due.delivery.attempt_count() + 1);
      if (!next) {
        log_(absl::StrCat("'", due.delivery.name(), "' is a dead letter: ", attempt->reason(), ": ",
                          attempt->description()));
      }
      kept = outbox_.Failed(due, *attempt, next);
    } else {
      kept = outbox_.Delivered(due);
    }
    if (!kept.ok()) log_("what became of '" + due.delivery.name() + "' is not kept: " + std::string(kept.message()));
    curl_multi_remove_handle(multi, handle);
    state.under_way.erase(found);
  };

  // Whether a transfer ended.
  const auto move_on = [&] {
    int running = 0;
    curl_multi_perform(multi, &running);
    bool ended = false;
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(multi, &left)) {
      if (message->msg != CURLMSG_DONE) continue;
      end(message->easy_handle, message->data.result);
      ended = true;
    }
    return ended;
  };

  while (!state.stopping) {
    absl::StatusOr<std::vector<DueDelivery>> due =
        outbox_.TakeDue(kMostAtOnce - static_cast<int>(state.under_way.size()), longest_wait);
    if (!due.ok()) log_("deliveries cannot be read: " + std::string(due.status().message()));
    if (due.ok()) {
      for (DueDelivery& delivery : *due) begin(std::move(delivery));
    }
    if (move_on()) continue;
    Micros wait = kLongestWait;
    if (const std::optional<Micros> next = outbox_.NextTime(longest_wait); next && due.ok()) {
      wait = std::clamp(*next - clock_.Now(), Micros{0}, kLongestWait);
    }
    // A delivery that is due and has no place waits for one that ends, which wakes this too.
    if (static_cast<int>(state.under_way.size()) == kMostAtOnce) wait = kLongestWait;
    curl_multi_poll(multi, nullptr, 0, static_cast<int>((wait + 999) / 1000), nullptr);
  }
  const auto until = std::chrono::steady_clock::now() + std::min(options_.timeout, kLongestStop);
  while (true) {
    move_on();
    const auto left =
        std::chrono::duration_cast<std::chrono::milliseconds>(until - std::chrono::steady_clock::now()).count();
    if (state.under_way.empty() || left <= 0) break;
    curl_multi_poll(multi, nullptr, 0, static_cast<int>(left), nullptr);
  }
  for (const auto& [handle, under_way] : state.under_way) curl_multi_remove_handle(multi, handle);
  state.under_way.clear();
}

}  // namespace greffe
