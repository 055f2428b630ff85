// greffe mv, withdraw, reinstate.
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct ActOptions {
  std::string document;                // of mv and reinstate
  std::vector<std::string> documents;  // of withdraw
  std::string destination;
  std::string comment;
  std::string etag;
};

void AddActOptions(CLI::App* command, ActOptions& options) {
  command->add_option("-m,--message", options.comment, "Why, for the history");
  command->add_option("--etag", options.etag, "Only if this is the document's etag")->check(kNotEmpty);
}

void PrintAct(Session& session, const std::string& what, const v1::Document& document) {
  if (session.json()) {
    session.PrintJson(document);
  } else {
    session.out() << what << "  " << IdOf(document.name()) << "  " << Printable(document.path()) << "\n";
  }
}

// A path that the act takes away from its document leads to nothing, or to another one, when the command is given
// again.
absl::Status CheckNamedForGood(Session& session, const std::string& text, const v1::Document& document) {
  const bool by_path = document.path() == ProjectPath(text);
  return by_path ? RefuseRequestId(session, "\"" + text + "\" will not be the path of " + IdOf(document.name()) +
                                                " any more when this is done; its number names it again")
                 : absl::OkStatus();
}

absl::Status Move(Session& session, const ActOptions& options) {
  if (options.destination.empty()) return OptionInvalid("PATH: an empty one is no path");
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, options.document));
  GREFFE_CLIENT_RETURN_IF_ERROR(CheckNamedForGood(session, options.document, document));
  v1::MoveDocumentRequest request;
  request.set_name(document.name());
  std::string destination = Normalized(options.destination);
  if (destination.back() == '/') destination += document.path().substr(document.path().rfind('/') + 1);
  request.set_destination_path(destination);
  request.set_etag(options.etag);
  request.set_comment(options.comment);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document moved, session.client().MoveDocument(request));
  PrintAct(session, "moved", moved);
  return absl::OkStatus();
}

absl::Status Withdraw(Session& session, const ActOptions& options) {
  if (options.documents.size() > 1 && !options.etag.empty()) {
    return OptionInvalid("--etag is for one document");
  }
  for (const std::string& name : options.documents) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, name));
    GREFFE_CLIENT_RETURN_IF_ERROR(CheckNamedForGood(session, name, document));
    v1::WithdrawDocumentRequest request;
    request.set_name(document.name());
    request.set_etag(options.etag);
    request.set_comment(options.comment);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document withdrawn, session.client().WithdrawDocument(request));
    PrintAct(session, "withdrawn", withdrawn);
  }
  return absl::OkStatus();
}

absl::Status Reinstate(Session& session, const ActOptions& options) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, options.document));
  v1::ReinstateDocumentRequest request;
  request.set_name(document.name());
  request.set_destination_path(Normalized(options.destination));
  request.set_etag(options.etag);
  request.set_comment(options.comment);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document reinstated, session.client().ReinstateDocument(request));
  PrintAct(session, "reinstated", reinstated);
  return absl::OkStatus();
}

}  // namespace

void AddActCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const mv = program.app.add_subcommand("mv", "Give a document another path; JSON: Document");
  const auto moving = std::make_shared<ActOptions>();
  mv->add_option("DOCUMENT", moving->document, kDocumentHelp)->required();
  mv->add_option("PATH", moving->destination, "The new path; a folder when it ends with '/'")->required();
  AddActOptions(mv, *moving);
  OnCall(program, mv, [&session, moving] { return Move(session, *moving); });

  CLI::App* const withdraw = program.app.add_subcommand(
      "withdraw", "Take documents out of the latest tree, never out of history; JSON: one Document a line");
  const auto withdrawing = std::make_shared<ActOptions>();
  withdraw->add_option("DOCUMENT", withdrawing->documents, kDocumentHelp)->required();
  AddActOptions(withdraw, *withdrawing);
  OnCall(program, withdraw, [&session, withdrawing] { return Withdraw(session, *withdrawing); });

  CLI::App* const reinstate =
      program.app.add_subcommand("reinstate", "Bring a withdrawn document back, by its number; JSON: Document");
  const auto reinstating = std::make_shared<ActOptions>();
  reinstate->add_option("DOCUMENT", reinstating->document, "Number or alternate number of a document")->required();
  reinstate->add_option("--to", reinstating->destination, "Path to bring it back under; default: where it was");
  AddActOptions(reinstate, *reinstating);
  OnCall(program, reinstate, [&session, reinstating] { return Reinstate(session, *reinstating); });
}

}  // namespace greffe::cli
