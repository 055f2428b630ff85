#include "services/webhooks/webhooks_service.h"

#include <set>
#include <utility>
#include <vector>

#include "services/call/asked_page.h"
#include "services/call/page_bytes.h"
#include "services/call/unary.h"
#include "services/webhooks/post.h"
#include "services/webhooks/signature.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/notice_rules.h"
#include "storage/store/outbox.h"
#include "storage/store/record_edits.h"

namespace greffe {
namespace {

constexpr int kMaxDeliveries = 1000;

// What a caller may set, in the order of UpdateWebhookRequest.update_mask; the secret last.
const std::vector<std::string>& Fields() {
  static const auto& fields =
      *new std::vector<std::string>{"url", "title", "kinds", "project", "recipient", "paused", "secret"};
  return fields;
}

// "<id> <digest>"; "" without an id.
template <typename Request>
std::string MarkOf(const v1::Principal& caller, const Request& request) {
  if (request.request_id().empty()) return "";
  return request.request_id() + " " + CallersDigest(caller, RequestDigest(request));
}

}  // namespace

absl::Status WebhooksService::Validate(const v1::Webhook& webhook, const std::string& former_project) const {
  GREFFE_RETURN_IF_ERROR(ValidateUrl(webhook.url(), "webhook.url"));
  GREFFE_RETURN_IF_ERROR(ValidateText(webhook.title(), "webhook.title", 0, 200));
  GREFFE_RETURN_IF_ERROR(WebhookSecretBytes(webhook.secret(), "webhook.secret").status());
  std::set<int> kinds;
  for (int i = 0; i < webhook.kinds_size(); ++i) {
    const std::string place = "webhook.kinds[" + std::to_string(i) + "]";
    GREFFE_RETURN_IF_ERROR(CheckNotificationKind(webhook.kinds(i), place));
    if (!kinds.insert(webhook.kinds(i)).second) {
      return InvalidValue(place, v1::NotificationKind_Name(webhook.kinds(i)), "is there twice");
    }
  }
  if (!webhook.recipient().empty()) {
    GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(webhook.recipient(), "webhook.recipient"));
  }
  // One that cannot be opened any more keeps nobody from pausing what hears of it.
  if (webhook.project() == former_project || webhook.project().empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(webhook.project(), "webhook.project"));
  return runtime_.store.View(project).status();
}

grpc::ServerUnaryReactor* WebhooksService::CreateWebhook(grpc::CallbackServerContext* context,
                                                         const v1::CreateWebhookRequest* request,
                                                         v1::Webhook* response) {
  absl::StatusOr<v1::Principal> caller = CallerOf(*context);
  return AnswerFromPool(runtime_, context, "Webhooks.CreateWebhook",
                        [this, caller = std::move(caller), request, response]() -> absl::Status {
                          GREFFE_RETURN_IF_ERROR(caller.status());
                          GREFFE_RETURN_IF_ERROR(ValidateRequestIdField(request->request_id()));
                          v1::Webhook webhook;
                          GREFFE_RETURN_IF_ERROR(ReplaceFields(webhook, request->webhook(), {}, Fields()));
                          if (webhook.secret().empty()) webhook.set_secret(NewWebhookSecret());
                          webhook.set_creator(caller->id());
                          GREFFE_RETURN_IF_ERROR(Validate(webhook, ""));
                          GREFFE_ASSIGN_OR_RETURN(
                              *response, runtime_.store.outbox().Create(std::move(webhook), MarkOf(*caller, *request)));
                          return absl::OkStatus();
                        });
}

grpc::ServerUnaryReactor* WebhooksService::GetWebhook(grpc::CallbackServerContext* context,
                                                      const v1::GetWebhookRequest* request, v1::Webhook* response) {
  return AnswerFromPool(runtime_, context, "Webhooks.GetWebhook", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string id, ParseWebhookName(request->name(), "name"));
    GREFFE_ASSIGN_OR_RETURN(*response, runtime_.store.outbox().Find(id));
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* WebhooksService::ListWebhooks(grpc::CallbackServerContext* context,
                                                        const v1::ListWebhooksRequest* request,
                                                        v1::ListWebhooksResponse* response) {
  return AnswerFromPool(runtime_, context, "Webhooks.ListWebhooks", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request));
    std::vector<v1::Webhook> webhooks = runtime_.store.outbox().List(asked.begin.position, asked.size + 1);
    if (const std::size_t fit = CountThatFit(webhooks, asked.size); fit < webhooks.size()) {
      webhooks.resize(fit);
      GREFFE_ASSIGN_OR_RETURN(std::string last, ParseWebhookName(webhooks.back().name(), "name"));
      response->set_next_page_token(NextPageToken(runtime_, asked, 0, std::move(last)));
    }
    for (v1::Webhook& webhook : webhooks) *response->add_webhooks() = std::move(webhook);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* WebhooksService::UpdateWebhook(grpc::CallbackServerContext* context,
                                                         const v1::UpdateWebhookRequest* request,
                                                         v1::Webhook* response) {
  absl::StatusOr<v1::Principal> caller = CallerOf(*context);
  return AnswerFromPool(
      runtime_, context, "Webhooks.UpdateWebhook",
      [this, caller = std::move(caller), request, response]() -> absl::Status {
        GREFFE_RETURN_IF_ERROR(caller.status());
        GREFFE_RETURN_IF_ERROR(ValidateRequestIdField(request->request_id()));
        GREFFE_ASSIGN_OR_RETURN(const std::string id, ParseWebhookName(request->webhook().name(), "webhook.name"));
        std::vector<std::string> paths(request->update_mask().paths().begin(), request->update_mask().paths().end());
        if (paths.empty() || paths == std::vector<std::string>{"*"}) {
          paths.assign(Fields().begin(), Fields().end() - 1);
        }
        const auto change = [&](v1::Webhook& webhook) -> absl::Status {
          const std::string project = webhook.project();
          GREFFE_RETURN_IF_ERROR(ReplaceFields(webhook, request->webhook(), paths, Fields()));
          return Validate(webhook, project);
        };
        GREFFE_ASSIGN_OR_RETURN(*response, runtime_.store.outbox().Update(id, MarkOf(*caller, *request), change));
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* WebhooksService::DeleteWebhook(grpc::CallbackServerContext* context,
                                                         const v1::DeleteWebhookRequest* request,
                                                         google::protobuf::Empty*) {
  absl::Status caller = CallerOf(*context).status();
  return AnswerFromPool(runtime_, context, "Webhooks.DeleteWebhook",
                        [this, caller = std::move(caller), request]() -> absl::Status {
                          GREFFE_RETURN_IF_ERROR(caller);
                          GREFFE_ASSIGN_OR_RETURN(const std::string id, ParseWebhookName(request->name(), "name"));
                          return runtime_.store.outbox().Delete(id);
                        });
}

grpc::ServerUnaryReactor* WebhooksService::ListDeadLetters(grpc::CallbackServerContext* context,
                                                           const v1::ListDeadLettersRequest* request,
                                                           v1::ListDeadLettersResponse* response) {
  return AnswerFromPool(runtime_, context, "Webhooks.ListDeadLetters", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request));
    std::string id;
    if (request->parent() != "webhooks/-") {
      GREFFE_ASSIGN_OR_RETURN(id, ParseWebhookName(request->parent(), "parent"));
    }
    GREFFE_ASSIGN_OR_RETURN(
        std::vector<v1::Delivery> dead,
        runtime_.store.outbox().ListDead(id, {asked.begin.position, asked.begin.sequence}, asked.size + 1));
    if (const std::size_t fit = CountThatFit(dead, asked.size); fit < dead.size()) {
      dead.resize(fit);
      GREFFE_ASSIGN_OR_RETURN(const auto last, ParseDeliveryName(dead.back().name(), "name"));
      response->set_next_page_token(NextPageToken(runtime_, asked, last.second, last.first));
    }
    for (v1::Delivery& delivery : dead) *response->add_deliveries() = std::move(delivery);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* WebhooksService::RetryDeadLetters(grpc::CallbackServerContext* context,
                                                            const v1::RetryDeadLettersRequest* request,
                                                            v1::RetryDeadLettersResponse* response) {
  absl::Status caller = CallerOf(*context).status();
  return AnswerFromPool(runtime_, context, "Webhooks.RetryDeadLetters",
                        [this, caller = std::move(caller), request, response]() -> absl::Status {
                          GREFFE_RETURN_IF_ERROR(caller);
                          GREFFE_ASSIGN_OR_RETURN(const std::string id, ParseWebhookName(request->parent(), "parent"));
                          if (request->names_size() > kMaxDeliveries) {
                            return InvalidValue("names", std::to_string(request->names_size()),
                                                "at most 1,000 are allowed");
                          }
                          std::vector<std::int64_t> numbers;
                          for (int i = 0; i < request->names_size(); ++i) {
                            const std::string place = "names[" + std::to_string(i) + "]";
                            GREFFE_ASSIGN_OR_RETURN(const auto name, ParseDeliveryName(request->names(i), place));
                            if (name.first != id)
                              return InvalidValue(place, request->names(i), "is of another webhook");
                            numbers.push_back(name.second);
                          }
                          GREFFE_ASSIGN_OR_RETURN(const std::int64_t count, runtime_.store.outbox().Retry(id, numbers));
                          response->set_retried_count(count);
                          return absl::OkStatus();
                        });
}

}  // namespace greffe
