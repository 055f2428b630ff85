// greffe webhook: HTTP receivers that are told what people are told.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/notification_text.h"
#include "clients/cli/read_input.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct WebhookOptions {
  std::string id;
  std::string url;
  std::string title;
  std::string secret_file;
  std::vector<std::string> kinds;
  bool only_project = false;
  std::string recipient;
  std::vector<std::string> numbers;
};

std::string NameOfWebhook(const std::string& id) { return id.find('/') == std::string::npos ? "webhooks/" + id : id; }

std::string FailureText(const v1::Webhook& webhook) {
  if (!webhook.has_failure()) return "";
  return ShortTime(webhook.failure().time()) + " " + webhook.failure().reason();
}

std::string KindsText(const v1::Webhook& webhook) {
  std::string text;
  for (const int kind : webhook.kinds()) {
    text += (text.empty() ? "" : ", ") + EnumText(static_cast<v1::NotificationKind>(kind));
  }
  return text.empty() ? "all" : text;
}

void PrintWebhook(Session& session, const v1::Webhook& webhook) {
  if (session.json()) {
    session.PrintJson(webhook);
    return;
  }
  Sheet sheet;
  sheet.Add("Webhook", IdOf(webhook.name()));
  sheet.Add("Title", webhook.title());
  sheet.Add("URL", webhook.url());
  sheet.Add("Secret", webhook.secret());
  sheet.Add("Kinds", KindsText(webhook));
  sheet.Add("Project", IdOf(webhook.project()));
  sheet.Add("Recipient", webhook.recipient());
  sheet.Add("Paused", webhook.paused() ? "yes" : "");
  sheet.Add("Waiting", std::to_string(webhook.waiting_count()));
  sheet.Add("Dead", std::to_string(webhook.dead_count()));
  sheet.Add("Dropped", webhook.dropped_count() == 0 ? "" : std::to_string(webhook.dropped_count()));
  sheet.Add("Failure", FailureText(webhook));
  sheet.Print(session);
}

absl::Status CreateWebhook(Session& session, const WebhookOptions& options) {
  v1::CreateWebhookRequest request;
  v1::Webhook& webhook = *request.mutable_webhook();
  webhook.set_url(options.url);
  webhook.set_title(options.title);
  webhook.set_recipient(options.recipient);
  if (options.only_project) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*webhook.mutable_project(), session.Parent());
  }
  for (const std::string& kind : options.kinds) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::NotificationKind parsed, ParseKind(kind));
    webhook.add_kinds(parsed);
  }
  if (!options.secret_file.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*webhook.mutable_secret(), ReadFirstLine(options.secret_file));
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Webhook made, session.client().CreateWebhook(request));
  PrintWebhook(session, made);
  return absl::OkStatus();
}

absl::Status ShowWebhook(Session& session, const WebhookOptions& options) {
  v1::GetWebhookRequest request;
  request.set_name(NameOfWebhook(options.id));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Webhook webhook, session.client().GetWebhook(request));
  PrintWebhook(session, webhook);
  return absl::OkStatus();
}

absl::Status ListWebhooks(Session& session) {
  v1::ListWebhooksRequest request;
  request.set_page_size(1000);
  Table table({"WEBHOOK", "URL", "KINDS", "PROJECT", "RECIPIENT", "WAITING", "DEAD", "FAILURE"});
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto page, session.client().ListWebhooks(request));
    for (const v1::Webhook& webhook : page.webhooks()) {
      if (session.json()) {
        session.PrintJson(webhook);
        continue;
      }
      table.Add({IdOf(webhook.name()), webhook.url() + (webhook.paused() ? " (paused)" : ""), KindsText(webhook),
                 IdOf(webhook.project()), webhook.recipient(), std::to_string(webhook.waiting_count()),
                 std::to_string(webhook.dead_count()), FailureText(webhook)});
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

absl::Status Remove(Session& session, const WebhookOptions& options) {
  v1::DeleteWebhookRequest request;
  request.set_name(NameOfWebhook(options.id));
  GREFFE_CLIENT_RETURN_IF_ERROR(session.client().DeleteWebhook(request));
  if (!session.json()) session.out() << "removed  " << Printable(IdOf(request.name())) << "\n";
  return absl::OkStatus();
}

absl::Status Pause(Session& session, const WebhookOptions& options, bool paused) {
  v1::UpdateWebhookRequest request;
  request.mutable_webhook()->set_name(NameOfWebhook(options.id));
  request.mutable_webhook()->set_paused(paused);
  request.mutable_update_mask()->add_paths("paused");
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Webhook webhook, session.client().UpdateWebhook(request));
  PrintWebhook(session, webhook);
  return absl::OkStatus();
}

absl::Status ListDead(Session& session, const WebhookOptions& options) {
  v1::ListDeadLettersRequest request;
  request.set_parent(NameOfWebhook(options.id.empty() ? "-" : options.id));
  request.set_page_size(1000);
  Table table({"WEBHOOK", "NUMBER", "KIND", "RESOURCE", "RECIPIENT", "ATTEMPTS", "LAST", "WHY"});
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto page, session.client().ListDeadLetters(request));
    for (const v1::Delivery& delivery : page.deliveries()) {
      if (session.json()) {
        session.PrintJson(delivery);
        continue;
      }
      const v1::DeliveryAttempt last =
          delivery.attempts().empty() ? v1::DeliveryAttempt() : delivery.attempts(delivery.attempts_size() - 1);
      const v1::Notification& notification = delivery.notification();
      const std::string webhook = delivery.name().substr(0, delivery.name().find("/deliveries/"));
      table.Add({IdOf(webhook), IdOf(delivery.name()), EnumText(notification.kind()), ResourceText(notification),
                 notification.recipient(), std::to_string(delivery.attempt_count()), ShortTime(last.time()),
                 last.reason() + ": " + FirstLine(last.description())});
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

absl::Status Redeliver(Session& session, const WebhookOptions& options) {
  v1::RetryDeadLettersRequest request;
  request.set_parent(NameOfWebhook(options.id));
  for (const std::string& number : options.numbers) request.add_names(request.parent() + "/deliveries/" + number);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto answer, session.client().RetryDeadLetters(request));
  if (session.json()) {
    session.PrintJson(answer);
  } else {
    session.out() << "waiting again  " << answer.retried_count() << "\n";
  }
  return absl::OkStatus();
}

}  // namespace

void AddWebhookCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const webhook =
      program.app.add_subcommand("webhook", "HTTP receivers that are told what people are told, signed and repeated");
  webhook->require_subcommand(1);
  constexpr char kIdHelp[] = "Id, such as WHK-0001";

  CLI::App* const create = webhook->add_subcommand("create", "Subscribe a receiver; prints the secret, this once");
  const auto creating = std::make_shared<WebhookOptions>();
  create->footer("Receivers verify as https://www.standardwebhooks.com says. JSON: Webhook.");
  create->add_option("URL", creating->url, "Where to post: http:// or https://")->required();
  create->add_option("--title", creating->title, "What it is for");
  AddList(create, "--kind", creating->kinds, KindsHelp());
  create->add_flag("--only-project", creating->only_project, "Only of the project that --project names");
  create->add_option("--recipient", creating->recipient, "Only what this principal id is told");
  create
      ->add_option("--secret-file", creating->secret_file,
                   "Its first line is the secret, whsec_...; default: a new one")
      ->type_name(kLocalPath);
  OnCall(program, create, [&session, creating] { return CreateWebhook(session, *creating); });

  CLI::App* const list = webhook->add_subcommand("ls", "List receivers, what waits for them and how they do");
  list->footer("JSON: one Webhook a line.");
  OnCall(program, list, [&session] { return ListWebhooks(session); });

  // A command about one webhook.
  const auto about = [&](const char* name, const char* help, auto act) {
    CLI::App* const command = webhook->add_subcommand(name, help);
    const auto options = std::make_shared<WebhookOptions>();
    command->add_option("WEBHOOK", options->id, kIdHelp)->required();
    OnCall(program, command, [&session, options, act] { return act(session, *options); });
    return std::make_pair(command, options);
  };
  about("show", "Show one; JSON: Webhook", ShowWebhook);
  about("rm", "End a subscription; what waits for it is gone", Remove);
  about("pause", "Let what comes wait; JSON: Webhook",
        [](Session& in, const WebhookOptions& options) { return Pause(in, options, true); });
  about("resume", "Deliver again; JSON: Webhook",
        [](Session& in, const WebhookOptions& options) { return Pause(in, options, false); });
  const auto redeliver = about("redeliver", "Try dead letters again; JSON: RetryDeadLettersResponse", Redeliver);
  redeliver.first->add_option("NUMBER", redeliver.second->numbers, "Numbers, as dead tells them; default: all");

  CLI::App* const dead = webhook->add_subcommand("dead", "List what could not be delivered, and why");
  const auto listing = std::make_shared<WebhookOptions>();
  dead->footer("JSON: one Delivery a line.");
  dead->add_option("WEBHOOK", listing->id, std::string(kIdHelp) + "; default: all");
  OnCall(program, dead, [&session, listing] { return ListDead(session, *listing); });
}

}  // namespace greffe::cli
