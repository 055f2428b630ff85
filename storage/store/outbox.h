// Webhooks, and what waits to be delivered to them. Subscriptions and deliveries are state rows of the journal; when
// which delivery is due is kept in memory.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/notifications.pb.h"
#include "greffe/v1/webhooks.pb.h"
#include "storage/base/clock.h"
#include "storage/journal/journal.h"
#include "storage/store/webhook_rows.h"

namespace greffe {

struct OutboxLimits {
  int webhooks = 1000;               // of the server
  std::int64_t deliveries = 10'000;  // of one webhook; above it the oldest dead letter goes, then what waits longest
  int dead_days = 90;                // after which a dead letter goes
};

// A delivery whose time has come.
struct DueDelivery {
  v1::Webhook webhook;
  v1::Delivery delivery;
};

// Thread-safe. Ids are those of names: "WHK-0001". What it does to webhooks is in outbox_webhooks.cc, to dead letters
// in outbox_dead_letters.cc.
class Outbox {
 public:
  // Both outlive it.
  Outbox(const OutboxLimits& limits, Journal& journal, const Clock& clock)
      : limits_(limits), journal_(journal), clock_(clock) {}

  absl::Status Load();

  // How many bytes the deliveries of the notification take in an append.
  std::int64_t BytesFor(const v1::Notification& notification) const;
  // Appends `group` and with it, as one, a delivery of each notification to each webhook that wants it.
  absl::Status Append(CommitGroup group, const std::vector<v1::Notification>& notifications);

  // Makes a webhook of it, with the next id. `made_by` again, when not empty: the one that it made, without a secret
  // that it has only since. INVALID_ARGUMENT (REQUEST_ID_REUSED) when that was asked something else; RESOURCE_EXHAUSTED
  // (TOO_MANY_WEBHOOKS).
  absl::StatusOr<v1::Webhook> Create(v1::Webhook webhook, const std::string& made_by);
  // Has `change` change it. `changed_by` again, while it is among the last kRememberedChanges: nothing is changed;
  // otherwise as in Create. The answer has no secret. NOT_FOUND (WEBHOOK_NOT_FOUND).
  absl::StatusOr<v1::Webhook> Update(const std::string& id, const std::string& changed_by,
                                     const std::function<absl::Status(v1::Webhook&)>& change);
  absl::Status Delete(const std::string& id);
  // With counts, without its secret.
  absl::StatusOr<v1::Webhook> Find(const std::string& id) const;
  std::vector<v1::Webhook> List(const std::string& after, int limit) const;

  // Takes away dead letters that are older than the limit at `now`.
  absl::Status RemoveOld(Micros now);

  // Dead letters by webhook and number, above `after`, which is (webhook, number); `id` "": of all webhooks.
  absl::StatusOr<std::vector<v1::Delivery>> ListDead(const std::string& id,
                                                     const std::pair<std::string, std::int64_t>& after,
                                                     int limit) const;
  // Makes dead letters wait again, from a first attempt on; all of them without numbers. NOT_FOUND (WEBHOOK_NOT_FOUND,
  // DELIVERY_NOT_FOUND).
  absl::StatusOr<std::int64_t> Retry(const std::string& id, const std::vector<std::int64_t>& numbers);

  // Deliveries that are due now, of webhooks that have none under way, one each, at most `limit`, what is due longest
  // first. They are under way until one of the two below is called. None waits longer than `longest_wait` from now:
  // what is due later has its time from a clock that was ahead, and is due. Of webhooks whose latest attempt failed
  // at most 48 are under way: many behind one host that hangs leave places to the others.
  absl::StatusOr<std::vector<DueDelivery>> TakeDue(int limit, Micros longest_wait);
  // The receiver has it.
  absl::Status Delivered(const DueDelivery& due);
  // It failed: again at `next`; nullopt: it is dead.
  absl::Status Failed(const DueDelivery& due, const v1::DeliveryAttempt& attempt, std::optional<Micros> next);
  // When the next one is due of a webhook that has none under way, by the same rule; nullopt: none waits.
  std::optional<Micros> NextTime(Micros longest_wait) const;
  // Called, from any thread, when something came that may be due; null: nobody is told. It is short, and calls nothing
  // here.
  void OnChange(std::function<void()> wake);

 private:
  struct Entry {
    Subscription subscription;
    std::map<std::int64_t, Micros> waiting;         // number -> due
    std::set<std::pair<Micros, std::int64_t>> due;  // the same the other way
    std::set<std::int64_t> dead;
    std::int64_t under_way = 0;  // number; 0: none

    void Wait(std::int64_t number, Micros time);
    void EndWait(std::int64_t number);
    bool IsReady() const { return under_way == 0 && !subscription.webhook.paused() && !due.empty(); }
    // What is next of those that wait, of which there are some: when, from now on at the earliest, and its number.
    std::pair<Micros, std::int64_t> Next(Micros now, Micros longest_wait) const;
  };

  static absl::Status NoWebhook(const std::string& id);
  static v1::Webhook Described(const Entry& entry);
  // (webhook, number) of dead letters, as in ListDead.
  absl::StatusOr<std::vector<std::pair<std::string, std::int64_t>>> DeadAfter(
      const std::string& id, const std::pair<std::string, std::int64_t>& after, int limit) const;
  static absl::StatusOr<v1::Delivery> ParseDelivery(const std::string& id, std::int64_t number, const std::string& row);
  absl::StatusOr<v1::Delivery> ReadDelivery(const std::string& id, std::int64_t number) const;

  // All with `mutex_` held.
  absl::StatusOr<Entry*> FindEntry(const std::string& id);
  // The numbers of its oldest deliveries that go when `more` come.
  std::vector<std::int64_t> Excess(const Entry& entry, std::int64_t more) const;
  absl::Status RemoveOldOf(const std::string& id, Entry& entry, Micros now);
  absl::Status AppendRow(std::string key, std::optional<std::string> value);
  // What became of a delivery, with what that says of its webhook.
  absl::Status AppendOutcome(const std::string& id, const Subscription& subscription, StateChange delivery);
  // Of webhooks whose latest attempt failed.
  int CountFailingUnderWay() const;
  void Wake() const;

  const OutboxLimits limits_;
  Journal& journal_;
  const Clock& clock_;
  mutable std::mutex mutex_;  // held over appends: rows and memory agree
  std::int64_t last_ = 0;     // number of the last id that was given
  // Held beside `mutex_` where entries change, and alone by those who only look: never over an append, nor over a read
  // of rows, so that nobody who looks waits for a disk.
  mutable std::mutex entries_mutex_;
  std::map<std::string, Entry> entries_;
  std::function<void()> wake_;
};

}  // namespace greffe
