// Rows of the journal's state that webhooks and their deliveries are, and the names that both have.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "greffe/v1/webhooks.pb.h"

namespace greffe {

inline constexpr std::string_view kWebhookRows = "webhooks/";
// The number of the last id that was given.
inline constexpr char kLastWebhookRow[] = "webhook-ids/last";

// Of the requests that changed a webhook, so many are remembered.
inline constexpr std::size_t kRememberedChanges = 64;

// A webhook, its secret and latest failure included, with the requests that made it (or "") and changed it last, oldest
// first:
// `<id> <digest>`.
struct Subscription {
  v1::Webhook webhook;
  std::string made_by;
  std::vector<std::string> changed_by;
};

std::string EncodeSubscription(const Subscription& subscription);
// DATA_LOSS naming `key`.
absl::StatusOr<Subscription> DecodeSubscription(const std::string& key, const std::string& row);

// The row's key is the webhook's name.
std::string WebhookKey(const std::string& id);
std::string IdOfWebhook(const v1::Webhook& webhook);

// The rows of one webhook's deliveries begin so; they sort by number.
std::string DeliveryPrefix(const std::string& id);
std::string DeliveryKey(const std::string& id, std::int64_t number);
std::string DeliveryName(const std::string& id, std::int64_t number);

// The number at the end of the name of a notification or a delivery.
std::int64_t NumberInName(std::string_view name);

// `webhooks/{id}` -> id. INVALID_ARGUMENT (NAME_INVALID) naming `field`.
absl::StatusOr<std::string> ParseWebhookName(std::string_view name, const std::string& field);
// `webhooks/{id}/deliveries/{number}` -> (id, number).
absl::StatusOr<std::pair<std::string, std::int64_t>> ParseDeliveryName(std::string_view name, const std::string& field);

}  // namespace greffe
