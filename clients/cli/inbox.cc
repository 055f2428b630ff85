// greffe inbox: what the caller was told.
#include <limits>
#include <memory>

#include "absl/time/clock.h"
#include "clients/cli/commands.h"
#include "clients/cli/notification_text.h"
#include "clients/cli/print_text.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"
#include "clients/cpp/watch.h"
#include "google/protobuf/util/time_util.h"

namespace greffe::cli {
namespace {

using google::protobuf::util::TimeUtil;

struct InboxOptions {
  bool all = false;
  bool only_project = false;
  std::vector<std::string> kinds;
  std::int64_t limit = 0;
  std::string cursor;
  bool stop_at_end = false;
  std::vector<std::string> numbers;
  std::string up_to;
  int days = 1;
  bool unread = false;
  std::string language;
};

std::string NameOfNumber(const std::string& number) {
  return number.find('/') == std::string::npos ? "notifications/" + number : number;
}

std::vector<std::string> RowOf(const v1::Notification& notification) {
  std::string about = notification.title();
  const auto add = [&about](const std::string& text) {
    if (!text.empty()) about += ", " + text;
  };
  if (!notification.due_date().empty()) add("due " + notification.due_date());
  add(notification.state());
  add(notification.detail());
  return {IdOf(notification.name()),
          ShortTime(notification.create_time()),
          IdOf(notification.project()),
          EnumText(notification.kind()),
          ResourceText(notification),
          FirstLine(about),
          notification.has_acknowledge_time() ? "yes" : ""};
}

absl::Status ListNotifications(Session& session, const InboxOptions& options) {
  v1::ListNotificationsRequest request;
  request.set_unread(!options.all);
  if (options.only_project) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_project(), session.Parent());
  }
  for (const std::string& kind : options.kinds) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::NotificationKind parsed, ParseKind(kind));
    request.add_kinds(parsed);
  }
  request.set_page_size(options.limit > 0 && options.limit < 1000 ? static_cast<int>(options.limit) : 1000);
  Table table({"NUMBER", "TIME", "PROJECT", "KIND", "RESOURCE", "ABOUT", "READ"});
  std::int64_t count = 0;
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto page, session.client().ListNotifications(request));
    for (const v1::Notification& notification : page.notifications()) {
      if (options.limit > 0 && count++ == options.limit) break;
      session.json() ? session.PrintJson(notification) : table.Add(RowOf(notification));
    }
    if (page.next_page_token().empty() || (options.limit > 0 && count >= options.limit)) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

void PrintLine(Session& session, const v1::Notification& notification) {
  const std::vector<std::string> row = RowOf(notification);
  session.out() << Coloured(session, row[0], "33") << "  " << row[1] << "  " << Printable(row[2]) << "  " << row[3]
                << "  " << Printable(row[4]) << "  " << row[5] << "\n";
  session.out().flush();
}

absl::Status WatchInbox(Session& session, const InboxOptions& options) {
  v1::WatchNotificationsRequest request;
  if (!options.cursor.empty()) {
    request.set_cursor(options.cursor);
  } else if (!options.all) {
    request.set_from_now(true);
  }
  request.set_stop_at_end(options.stop_at_end);
  std::int64_t count = 0;
  return client::WatchNotifications(session.client(), request, [&](const v1::WatchNotificationsResponse& message) {
    if (!message.has_notification()) return session.out().good();
    session.json() ? session.PrintJson(message) : PrintLine(session, message.notification());
    return session.out().good() && ++count != options.limit;
  });
}

absl::Status AcknowledgeNotifications(Session& session, const InboxOptions& options) {
  v1::AcknowledgeNotificationsRequest request;
  for (const std::string& number : options.numbers) request.add_names(NameOfNumber(number));
  if (!options.up_to.empty()) request.set_up_to(NameOfNumber(options.up_to));
  if (options.all) {
    v1::ListNotificationsRequest newest;
    newest.set_unread(true);
    newest.set_page_size(1);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto page, session.client().ListNotifications(newest));
    if (!page.notifications().empty()) request.set_up_to(page.notifications(0).name());
  } else if (request.names().empty() && request.up_to().empty()) {
    return client::MakeError(absl::StatusCode::kInvalidArgument, "OPTION_INVALID",
                             "which ones: numbers, --up-to or --all");
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto answer, session.client().AcknowledgeNotifications(request));
  if (session.json()) {
    session.PrintJson(answer);
  } else {
    session.out() << "acknowledged  " << answer.acknowledged_count() << "  unread  " << answer.unread_count() << "\n";
  }
  return absl::OkStatus();
}

absl::Status Sum(Session& session, const InboxOptions& options) {
  v1::GetDigestRequest request;
  *request.mutable_from() =
      TimeUtil::MicrosecondsToTimestamp(absl::ToUnixMicros(absl::Now() - absl::Hours(24) * options.days));
  request.set_language(options.language);
  request.set_unread(options.unread);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Digest digest, session.client().GetDigest(request));
  if (session.json()) {
    session.PrintJson(digest);
  } else {
    PrintText(session, digest.text());
  }
  return absl::OkStatus();
}

}  // namespace

void AddInboxCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const inbox =
      program.app.add_subcommand("inbox", "What you were told: due, overdue, reviews, releases, ...");
  inbox->require_subcommand(1);

  CLI::App* const list = inbox->add_subcommand("ls", "List what you have not read, newest first");
  const auto listing = std::make_shared<InboxOptions>();
  list->footer("JSON: one Notification a line.");
  list->add_flag("-a,--all", listing->all, "What you have read, too");
  list->add_flag("--only-project", listing->only_project, "Only of the project that --project names");
  AddList(list, "--kind", listing->kinds, KindsHelp());
  list->add_option("-n,--limit", listing->limit, "At most so many")->check(kFromOne);
  OnCall(program, list, [&session, listing] { return ListNotifications(session, *listing); });

  CLI::App* const watch = inbox->add_subcommand("watch", "Follow what you are told, from now on");
  const auto watching = std::make_shared<InboxOptions>();
  watch->footer("JSON: one WatchNotificationsResponse a line; its cursor is where to go on after it.");
  CLI::Option* const all = watch->add_flag("-a,--all", watching->all, "From the oldest on");
  watch->add_option("--cursor", watching->cursor, "After this cursor of an earlier watch")
      ->check(kNotEmpty)
      ->excludes(all);
  watch->add_flag("--stop-at-end", watching->stop_at_end, "End when everything that is there now has been told");
  watch->add_option("-n,--limit", watching->limit, "End after so many")->check(kFromOne);
  OnCall(program, watch, [&session, watching] { return WatchInbox(session, *watching); });

  CLI::App* const acknowledge = inbox->add_subcommand("ack", "Mark as read");
  const auto acknowledging = std::make_shared<InboxOptions>();
  acknowledge->footer("JSON: AcknowledgeNotificationsResponse.");
  acknowledge->add_option("NUMBER", acknowledging->numbers, "Numbers, as ls tells them");
  acknowledge->add_option("--up-to", acknowledging->up_to, "All up to this number");
  acknowledge->add_flag("-a,--all", acknowledging->all, "All there are now");
  OnCall(program, acknowledge, [&session, acknowledging] { return AcknowledgeNotifications(session, *acknowledging); });

  CLI::App* const digest = inbox->add_subcommand("digest", "Sum up what you were told, by project, as Markdown");
  const auto summing = std::make_shared<InboxOptions>();
  digest->footer("JSON: Digest.");
  digest->add_option("--days", summing->days, "Of the last so many days; default: 1")->check(CLI::Range(1, 3650));
  digest->add_option("--language", summing->language, "en or fr; default: en")->check(CLI::IsMember({"en", "fr"}));
  digest->add_flag("--unread", summing->unread, "Only what you have not read");
  OnCall(program, digest, [&session, summing] { return Sum(session, *summing); });
}

}  // namespace greffe::cli
