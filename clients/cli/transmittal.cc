// greffe transmittal create, ls, show, ack, changes, download: versions that were sent, and what became of them.
#include <cerrno>
#include <filesystem>
#include <memory>

#include "clients/cli/document_ref.h"
#include "clients/cli/progress.h"
#include "clients/cli/record_commands.h"
#include "clients/cli/text.h"
#include "clients/cpp/atomic_file.h"
#include "clients/cpp/download.h"

namespace greffe::cli {
namespace {

constexpr char kTransmittals[] = "transmittals";

struct TransmittalOptions {
  std::string id;
  std::string title;
  std::string reason;
  std::string message;
  std::vector<std::string> recipients;
  std::vector<std::string> documents;
  std::string due;
  std::string recipient;
  std::string before;
  std::string as_of;
  std::string output;
  bool force = false;
  bool released = false;
  bool responded = false;
  bool open = false;
};

// "SPC-0001 version 2" of a version's name.
std::string ItemText(const v1::TransmittalItem& item) {
  const std::string& name = item.version();
  const std::size_t versions = name.rfind("/versions/");
  return IdOf(name.substr(0, versions)) + " version " + name.substr(versions + 10);
}

template <typename Strings>
std::string Joined(const Strings& strings) {
  std::string text;
  for (const std::string& each : strings) text += (text.empty() ? "" : ", ") + each;
  return text;
}

void AddTransmittalLines(Sheet& sheet, const v1::Transmittal& transmittal) {
  sheet.Add("Transmittal", IdOf(transmittal.name()));
  sheet.Add("Title", transmittal.title());
  sheet.Add("Reason", EnumText(transmittal.reason()));
  sheet.Add("Message", transmittal.message());
  sheet.Add("Sent", LongTime(transmittal.create_time()) + " by " + transmittal.sender());
  sheet.Add("State", EnumText(transmittal.state()));
  for (const v1::TransmittalRecipient& recipient : transmittal.recipients()) {
    std::string text = recipient.id();
    if (!recipient.display_name().empty()) text = recipient.display_name() + " <" + text + ">";
    if (!recipient.organisation().empty()) text += ", " + recipient.organisation();
    sheet.Add("To", text);
  }
  sheet.Add("Answer due", transmittal.response_due());
  sheet.Add("Not received", Joined(transmittal.unacknowledged()));
  sheet.Add("Not answered", Joined(transmittal.unanswered()));
  for (const v1::TransmittalItem& item : transmittal.items()) {
    sheet.Add("Document", ItemText(item) + (item.revision().empty() ? "" : ", revision " + item.revision()) + ", " +
                              EnumText(item.state()) + ", " + item.path());
  }
  for (const v1::TransmittalAcknowledgement& each : transmittal.acknowledgements()) {
    sheet.Add(each.responded() ? "Answered" : "Received",
              LongTime(each.time()) + "  " + each.recipient() + (each.comment().empty() ? "" : ": " + each.comment()));
  }
}

absl::Status CreateTransmittal(Session& session, const TransmittalOptions& options) {
  v1::CreateTransmittalRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  v1::Transmittal& transmittal = *request.mutable_transmittal();
  transmittal.set_title(options.title);
  transmittal.set_message(options.message);
  transmittal.set_response_due(options.due);
  if (!options.reason.empty()) {
    std::string name = "TRANSMITTAL_REASON_";
    for (const char c : options.reason) name += static_cast<char>(c >= 'a' && c <= 'z' ? c - 'a' + 'A' : c);
    v1::TransmittalReason reason = v1::TRANSMITTAL_REASON_UNSPECIFIED;
    v1::TransmittalReason_Parse(name, &reason);
    transmittal.set_reason(reason);
  }
  for (const std::string& recipient : options.recipients) transmittal.add_recipients()->set_id(recipient);
  for (const std::string& text : options.documents) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, text));
    request.add_versions(document.name() + (options.released ? "/versions/released" : "/versions/latest"));
  }
  return PrintRecord(session, session.client().CreateTransmittal(request), AddTransmittalLines);
}

absl::Status ListTransmittals(Session& session, const TransmittalOptions& options) {
  v1::ListTransmittalsRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_page_size(1000);
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  std::string filter;
  const auto add = [&filter](const std::string& term) { filter += (filter.empty() ? "" : " AND ") + term; };
  if (options.open) add("open_due_date != \"\"");
  if (!options.before.empty()) {
    if (!options.open) add("open_due_date != \"\"");
    add("open_due_date < " + Quoted(options.before));
  }
  if (!options.recipient.empty()) add("unanswered = " + Quoted(options.recipient));
  request.set_filter(filter);
  return PrintList(
      session, request, 0, Table({"TRANSMITTAL", "SENT", "BY", "TO", "REASON", "DOCUMENTS", "STATE", "DUE", "TITLE"}),
      [&session](const auto& page) { return session.client().ListTransmittals(page); },
      [](const auto& page) -> const auto& { return page.transmittals(); },
      [](const v1::Transmittal& transmittal) -> std::vector<std::string> {
        std::string to = transmittal.recipients(0).id();
        if (transmittal.recipients_size() > 1) to += " +" + std::to_string(transmittal.recipients_size() - 1);
        return {IdOf(transmittal.name()),
                ShortTime(transmittal.create_time()),
                transmittal.sender(),
                to,
                EnumText(transmittal.reason()),
                std::to_string(transmittal.items_size()),
                EnumText(transmittal.state()),
                transmittal.open_due_date().empty() ? "-" : transmittal.open_due_date(),
                transmittal.title()};
      });
}

absl::Status AcknowledgeTransmittal(Session& session, const TransmittalOptions& options) {
  v1::AcknowledgeTransmittalRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kTransmittals, options.id));
  request.set_recipient(options.recipient);
  request.set_comment(options.message);
  request.set_responded(options.responded);
  return PrintRecord(session, session.client().AcknowledgeTransmittal(request), AddTransmittalLines);
}

absl::Status Changes(Session& session, const TransmittalOptions& options) {
  v1::CompareTransmittalRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kTransmittals, options.id));
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::CompareTransmittalResponse response,
                                 session.client().CompareTransmittal(request));
  Table table({"DOCUMENT", "SINCE", "LATEST", "RELEASED", "STATE", "PATH"});
  for (const v1::TransmittalChange& change : response.changes()) {
    if (session.json()) {
      session.PrintJson(change);
      continue;
    }
    table.Add({ItemText(change.item()), EnumText(change.kind()), std::to_string(change.latest_version()),
               change.released_version() == 0 ? "-" : std::to_string(change.released_version()),
               EnumText(change.state()), change.path()});
  }
  if (session.json()) return absl::OkStatus();
  table.Print(session);
  session.out() << response.changed_count() << " of " << response.changes_size() << " changed\n";
  return absl::OkStatus();
}

absl::Status Download(Session& session, const TransmittalOptions& options) {
  v1::DownloadTransmittalRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), RecordNameOf(session, kTransmittals, options.id));
  const bool to_stdout = options.output == "-";
  const std::string path = options.output.empty() ? IdOf(request.name()) + ".zip" : options.output;
  std::unique_ptr<client::AtomicFile> file;
  if (options.output.empty()) {
    std::error_code error;
    if (!options.force && std::filesystem::exists(std::filesystem::symlink_status(path, error))) {
      return client::MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_FILE_EXISTS",
                               "\"" + path + "\" is there, and neither --force nor -o is given", {{"path", path}});
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(file, client::AtomicFile::Create(path));
  } else if (!to_stdout) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(file, client::AtomicFile::CreateOrOpen(path));
  }
  const client::ContentSink sink = [&](std::string_view data) -> absl::Status {
    if (!to_stdout) return file->Write(data);
    session.out().write(data.data(), static_cast<std::streamsize>(data.size()));
    return session.out().good() ? absl::OkStatus() : client::FromErrno(EIO, "write", "standard output");
  };
  Progress progress(session, "download " + IdOf(request.name()), 0);
  const auto package =
      client::DownloadTransmittal(session.client(), request, sink, [&](std::int64_t bytes) { progress.Update(bytes); });
  progress.Clear();
  if (!package.ok()) return package.status();
  if (to_stdout) return absl::OkStatus();
  GREFFE_CLIENT_RETURN_IF_ERROR(file->Commit());
  session.Note(path + "  " + SizeText(package->size));
  return absl::OkStatus();
}

}  // namespace

void AddTransmittalCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const transmittal = program.app.add_subcommand("transmittal", "Versions that were sent to recipients");
  transmittal->require_subcommand(1);

  CLI::App* const create = transmittal->add_subcommand("create", "Send versions under a number; JSON: Transmittal");
  const auto creating = std::make_shared<TransmittalOptions>();
  create->add_option("DOCUMENT", creating->documents, kDocumentHelp)->required();
  AddList(create, "--to", creating->recipients, "Recipient's id; may be repeated")->required();
  create->add_option("--title", creating->title, "What it is about")->required();
  create->add_option("-m,--message", creating->message, "A letter to those who receive it");
  create->add_option("--reason", creating->reason, "Why: information, review, approval, use, delivery")
      ->check(CLI::IsMember({"information", "review", "approval", "use", "delivery"}));
  create->add_option("--due", creating->due, "The day by which an answer is asked for, such as 2026-03-31");
  create->add_flag("--released", creating->released, "The released versions; default: the latest ones");
  OnCall(program, create, [&session, creating] { return CreateTransmittal(session, *creating); });

  CLI::App* const list = transmittal->add_subcommand("ls", "List transmittals; JSON: one Transmittal a line");
  const auto listing = std::make_shared<TransmittalOptions>();
  list->add_flag("--open", listing->open, "Only those whose answers are missing");
  list->add_option("--due-before", listing->before, "Only those whose answers are missing and due before this day");
  list->add_option("--waiting-for", listing->recipient, "Only those that this recipient has to answer");
  AddAsOf(list, listing->as_of);
  OnCall(program, list, [&session, listing] { return ListTransmittals(session, *listing); });

  AddShowCommand(program, transmittal, "Show a transmittal", kTransmittals, "TRANSMITTAL", "Its number",
                 &client::Client::GetTransmittal, AddTransmittalLines);

  CLI::App* const acknowledge =
      transmittal->add_subcommand("ack", "Record that a recipient received or answered it; JSON: Transmittal");
  const auto acknowledging = std::make_shared<TransmittalOptions>();
  acknowledge->add_option("TRANSMITTAL", acknowledging->id, "Its number")->required();
  acknowledge->add_option("--for", acknowledging->recipient, "The recipient's id; default: yourself")->check(kNotEmpty);
  acknowledge->add_option("-m,--message", acknowledging->message, "What was said");
  acknowledge->add_flag("--answer", acknowledging->responded, "It is the answer that was asked for");
  OnCall(program, acknowledge, [&session, acknowledging] { return AcknowledgeTransmittal(session, *acknowledging); });

  CLI::App* const changes = transmittal->add_subcommand(
      "changes", "Tell what has changed since it was sent; JSON: one TransmittalChange a line");
  const auto changing = std::make_shared<TransmittalOptions>();
  changes->add_option("TRANSMITTAL", changing->id, "Its number")->required();
  AddAsOf(changes, changing->as_of);
  OnCall(program, changes, [&session, changing] { return Changes(session, *changing); });

  CLI::App* const download = transmittal->add_subcommand("download", "Save its package, a zip file");
  download->footer("A connection that breaks is taken up again where it was. The file appears whole or not at all.");
  const auto downloading = std::make_shared<TransmittalOptions>();
  download->add_option("TRANSMITTAL", downloading->id, "Its number")->required();
  download
      ->add_option("-o,--out", downloading->output, "Where, or - for standard output; default: TRANSMITTAL.zip here")
      ->type_name(kLocalPath);
  download->add_flag("--force", downloading->force, "Also over a file of that name that is here");
  OnCall(program, download, [&session, downloading] { return Download(session, *downloading); });
}

}  // namespace greffe::cli
