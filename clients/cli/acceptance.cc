// greffe deliverable start, submit, accept, reject, archive: a deliverable's way from work to acceptance.
#include <memory>

#include "clients/cli/deliverable.h"
#include "clients/cli/planning.h"
#include "clients/cli/text.h"

namespace greffe::cli {
namespace {

struct AcceptanceOptions {
  std::string id;
  std::vector<std::string> versions;
  std::vector<std::string> reservations;
  std::string language;
  std::string path;
  std::string date;
  std::string comment;
  std::string etag;
};

absl::StatusOr<std::string> NameOf(Session& session, const AcceptanceOptions& options) {
  return RecordNameOf(session, "deliverables", options.id);
}

// `SPC-0001@2`, or a document, whose latest version it is.
absl::StatusOr<std::string> VersionNamed(Session& session, const std::string& text) {
  const std::size_t at = text.rfind('@');
  const bool numbered = at != std::string::npos && at + 1 < text.size() &&
                        text.find_first_not_of("0123456789", at + 1) == std::string::npos;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document,
                                 FindDocument(session, numbered ? text.substr(0, at) : text));
  if (numbered) return document.name() + "/versions/" + text.substr(at + 1);
  const std::int64_t latest = document.latest_version().number();
  return document.name() + "/versions/" + (latest > 0 ? std::to_string(latest) : "latest");
}

// `OWNER:DATE:TITLE`.
absl::Status AddReservation(const std::string& text, v1::AcceptDeliverableRequest& request) {
  const std::size_t first = text.find(':');
  const std::size_t second = first == std::string::npos ? first : text.find(':', first + 1);
  if (second == std::string::npos) {
    return OptionInvalid("--reservation: \"" + text + "\" is not of the form OWNER:DATE:WHAT");
  }
  v1::Reservation& reservation = *request.add_reservations();
  reservation.set_owner(text.substr(0, first));
  reservation.set_due_date(text.substr(first + 1, second - first - 1));
  reservation.set_title(text.substr(second + 1));
  return absl::OkStatus();
}

absl::Status Submit(Session& session, const AcceptanceOptions& options) {
  v1::SubmitDeliverableRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), NameOf(session, options));
  std::vector<std::string> named = options.versions;
  if (named.empty()) {
    v1::GetDeliverableRequest get;
    get.set_name(request.name());
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Deliverable deliverable, session.client().GetDeliverable(get));
    named.assign(deliverable.documents().begin(), deliverable.documents().end());
  }
  for (const std::string& text : named) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.add_versions(), VersionNamed(session, text));
  }
  request.set_date(options.date);
  request.set_comment(options.comment);
  return PrintStep(session, "submitted", session.client().SubmitDeliverable(request));
}

absl::Status Accept(Session& session, const AcceptanceOptions& options) {
  v1::AcceptDeliverableRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), NameOf(session, options));
  for (const std::string& text : options.reservations) {
    GREFFE_CLIENT_RETURN_IF_ERROR(AddReservation(text, request));
  }
  request.set_language(options.language);
  request.set_date(options.date);
  request.set_comment(options.comment);
  request.set_etag(options.etag);
  if (!options.path.empty()) request.mutable_acceptance_record()->set_path(options.path);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Deliverable accepted, session.client().AcceptDeliverable(request));
  GREFFE_CLIENT_RETURN_IF_ERROR(PrintStep<v1::Deliverable>(session, "accepted", accepted));
  if (session.json()) return absl::OkStatus();
  const v1::Acceptance& acceptance = accepted.submissions().rbegin()->acceptance();
  session.out() << "record  " << IdOf(acceptance.record().substr(0, acceptance.record().rfind("/versions/"))) << "\n";
  for (const std::string& action : acceptance.reservations()) session.out() << "action  " << IdOf(action) << "\n";
  return absl::OkStatus();
}

absl::Status Reject(Session& session, const AcceptanceOptions& options) {
  v1::RejectDeliverableRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), NameOf(session, options));
  request.set_date(options.date);
  request.set_comment(options.comment);
  request.set_etag(options.etag);
  return PrintStep(session, "rejected", session.client().RejectDeliverable(request));
}

}  // namespace

void AddAcceptanceCommands(Program& program, CLI::App* group) {
  Session& session = program.session;
  using Act = absl::Status (*)(Session&, const AcceptanceOptions&);
  const auto add = [&](const char* name, const char* help, Act act, std::shared_ptr<AcceptanceOptions> options) {
    CLI::App* const command = group->add_subcommand(name, std::string(help) + "; JSON: Deliverable");
    command->add_option("ID", options->id, "Id of a deliverable")->required();
    OnCall(program, command, [&session, options, act] { return act(session, *options); });
    return command;
  };
  const Step begin{"start", "Say that work on it has begun", "started", ""};
  AddStep(program, group, "deliverables", begin, &client::Client::StartDeliverable, [](auto&, const StepOptions&) {});

  const auto submitted = std::make_shared<AcceptanceOptions>();
  CLI::App* const submit = add("submit", "Hand exact versions over for acceptance", Submit, submitted);
  submit->add_option("VERSION", submitted->versions,
                     "DOCUMENT@NUMBER, or a document, whose latest version it is; default: those of its documents");
  submit->add_option("--date", submitted->date, "Day on which it was; default: today");
  submit->add_option("-m,--message", submitted->comment, "What there is to say");

  const auto accepted = std::make_shared<AcceptanceOptions>();
  CLI::App* const accept =
      add("accept", "Accept what was submitted, and write the acceptance record", Accept, accepted);
  AddList(accept, "--reservation", accepted->reservations,
          "OWNER:DATE:WHAT still has to be done; becomes an action; may be given several times");
  accept->add_option("--language", accepted->language, "Language of the acceptance record: en or fr; default: en");
  accept->add_option("--path", accepted->path, "Path of the acceptance record; default: acceptance/ID-acceptance.md");
  accept->add_option("--date", accepted->date, "Day of the acceptance; default: today");
  accept->add_option("-m,--message", accepted->comment, "What there is to say");
  accept->add_option("--etag", accepted->etag, "Only if this is its etag")->check(kNotEmpty);

  const auto rejected = std::make_shared<AcceptanceOptions>();
  CLI::App* const reject = add("reject", "Reject what was submitted", Reject, rejected);
  reject->add_option("-m,--message", rejected->comment, "Why")->required();
  reject->add_option("--date", rejected->date, "Day of the decision; default: today");
  reject->add_option("--etag", rejected->etag, "Only if this is its etag")->check(kNotEmpty);

  const Step archive{"archive", "Close it for good", "archived", "Why; required of one that was not accepted"};
  AddStep(program, group, "deliverables", archive, &client::Client::ArchiveDeliverable,
          FillComment<v1::ArchiveDeliverableRequest>);
}

}  // namespace greffe::cli
