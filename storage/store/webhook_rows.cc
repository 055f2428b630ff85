#include "storage/store/webhook_rows.h"

#include <charconv>

#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/store/state_keys.h"

namespace greffe {
namespace {

constexpr std::string_view kDeliveries = "deliveries/";
constexpr std::string_view kInName = "/deliveries/";

}  // namespace

std::string WebhookKey(const std::string& id) { return std::string(kWebhookRows) + id; }

std::string DeliveryPrefix(const std::string& id) { return std::string(kDeliveries) + id + "/"; }
std::string DeliveryKey(const std::string& id, std::int64_t number) { return DeliveryPrefix(id) + NumberKey(number); }

std::string IdOfWebhook(const v1::Webhook& webhook) { return webhook.name().substr(kWebhookRows.size()); }

std::string DeliveryName(const std::string& id, std::int64_t number) {
  return WebhookKey(id) + std::string(kInName) + std::to_string(number);
}

std::int64_t NumberInName(std::string_view name) {
  std::int64_t number = 0;
  const std::size_t slash = name.rfind('/');
  std::from_chars(name.data() + slash + 1, name.data() + name.size(), number);
  return number;
}

std::string EncodeSubscription(const Subscription& subscription) {
  return subscription.made_by + "\n" + absl::StrJoin(subscription.changed_by, ",") + "\n" +
         subscription.webhook.SerializeAsString();
}

absl::StatusOr<Subscription> DecodeSubscription(const std::string& key, const std::string& row) {
  Subscription subscription;
  const std::size_t first = row.find('\n');
  const std::size_t second = first == std::string::npos ? first : row.find('\n', first + 1);
  if (second == std::string::npos || !subscription.webhook.ParseFromString(row.substr(second + 1))) {
    return Damaged("webhook '" + key + "'", "is none");
  }
  subscription.made_by = row.substr(0, first);
  const std::string changed_by = row.substr(first + 1, second - first - 1);
  subscription.changed_by = absl::StrSplit(changed_by, ',', absl::SkipEmpty());
  return subscription;
}

absl::StatusOr<std::string> ParseWebhookName(std::string_view name, const std::string& field) {
  if (name.starts_with(kWebhookRows) && ValidateRecordId(name.substr(kWebhookRows.size()), field).ok()) {
    return std::string(name.substr(kWebhookRows.size()));
  }
  return InvalidField(field, "NAME_INVALID", QuotedValue(name) + ": expected webhooks/{id}");
}

absl::StatusOr<std::pair<std::string, std::int64_t>> ParseDeliveryName(std::string_view name,
                                                                       const std::string& field) {
  const std::size_t place = name.find(kInName);
  if (place != std::string_view::npos) {
    GREFFE_ASSIGN_OR_RETURN(std::string id, ParseWebhookName(name.substr(0, place), field));
    const std::int64_t number = NumberInName(name);
    if (number > 0 && name == DeliveryName(id, number)) return std::make_pair(std::move(id), number);
  }
  return InvalidField(field, "NAME_INVALID", QuotedValue(name) + ": expected webhooks/{id}/deliveries/{number}");
}

}  // namespace greffe
