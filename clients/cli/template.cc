// greffe template ls, fields, new, outdated: templates, and documents made from them.
#include <memory>

#include "clients/cli/attribute_values.h"
#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/moment.h"
#include "clients/cli/planning.h"
#include "clients/cli/read.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct TemplateOptions {
  std::string document;
  std::int64_t version = 0;
  bool latest = false;
  std::string path;
  std::string title;
  std::string type;
  std::string owner;
  std::string number;
  std::vector<std::string> labels;
  std::vector<std::string> attributes;
  std::vector<std::string> fields;
  std::string comment;
  std::string as_of;
};

constexpr char kTemplateHelp[] = "Number or path of a template, or a whole name, of another project's too";

// The name of what the options mean: the document alone for the released version, or else the latest one. A path
// is that of `as_of`; unset: of now.
absl::StatusOr<std::string> TemplateName(Session& session, const TemplateOptions& options, const v1::AsOf& as_of = {}) {
  std::string name = options.document;
  if (name.rfind("projects/", 0) != 0) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, name, as_of));
    name = document.name();
  }
  if (options.version > 0) return name + "/versions/" + std::to_string(options.version);
  return options.latest ? name + "/versions/latest" : name;
}

// "TPL-0001 version 2" of a version's name.
std::string TemplateVersion(const std::string& name) {
  const std::size_t versions = name.rfind("/versions/");
  return IdOf(name.substr(0, versions)) + " version " + name.substr(versions + 10);
}

template <typename Map>
absl::Status SetFields(const TemplateOptions& options, Map& fields) {
  return ParsePairs(options.fields, "--field",
                    [&](const std::string& name, const std::string& value) { fields[name] = value; });
}

// What is said of the new document.
absl::StatusOr<v1::Document> NewDocument(Session& session, const std::string& parent, const TemplateOptions& options) {
  v1::Document document;
  document.set_path(Normalized(options.path));
  document.set_title(options.title);
  document.set_type(options.type);
  document.set_owner(options.owner);
  GREFFE_CLIENT_RETURN_IF_ERROR(
      ParsePairs(options.labels, "--label",
                 [&](const std::string& key, const std::string& value) { (*document.mutable_labels())[key] = value; }));
  if (!options.attributes.empty()) {
    GREFFE_CLIENT_RETURN_IF_ERROR(SetAttributes(session, parent, options.attributes, *document.mutable_attributes()));
  }
  return document;
}

absl::Status ListTemplates(Session& session, const TemplateOptions& options) {
  v1::ListDocumentsRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  request.set_filter("type = \"template\"");
  request.set_page_size(1000);
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  Table table({"TEMPLATE", "RELEASED", "LATEST", "PATH", "TITLE"});
  GREFFE_CLIENT_RETURN_IF_ERROR(
      ForEachDocument(session, request, [&](const v1::Document& document) {
        if (session.json()) {
          session.PrintJson(document);
        } else {
          table.Add({IdOf(document.name()),
                     document.released_version() == 0 ? "-" : std::to_string(document.released_version()),
                     std::to_string(document.latest_version().number()), document.path(), document.title()});
        }
        return absl::OkStatus();
      }).status());
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

absl::Status Fields(Session& session, const TemplateOptions& options) {
  v1::GetTemplateFieldsRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_template_(), TemplateName(session, options, request.as_of()));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_document(), NewDocument(session, request.parent(), options));
  GREFFE_CLIENT_RETURN_IF_ERROR(SetFields(options, *request.mutable_fields()));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::TemplateFields answer, session.client().GetTemplateFields(request));
  if (session.json()) {
    session.PrintJson(answer);
    return absl::OkStatus();
  }
  Table table({"FIELD", "FILLED", "VALUE"});
  for (const v1::TemplateField& field : answer.fields()) {
    table.Add({field.name(), field.missing() ? "no" : "yes", OrDash(field.value())});
  }
  table.Print(session);
  session.Note(TemplateVersion(answer.template_()) + ", " + EnumText(answer.format()));
  return absl::OkStatus();
}

absl::Status New(Session& session, const TemplateOptions& options) {
  v1::CreateFromTemplateRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_template_(), TemplateName(session, options));
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_new_document(), NewDocument(session, request.parent(), options));
  GREFFE_CLIENT_RETURN_IF_ERROR(SetFields(options, *request.mutable_fields()));
  request.set_document_id(options.number);
  request.set_comment(options.comment);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, session.client().CreateFromTemplate(request));
  PrintDocument(session, document);
  return absl::OkStatus();
}

absl::Status Outdated(Session& session, const TemplateOptions& options) {
  v1::ListOutdatedDocumentsRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_template_(), TemplateName(session, options, request.as_of()));
  request.set_page_size(1000);
  return PrintList(
      session, request, 0, Table({"NUMBER", "MADE FROM", "OWNER", "PATH", "TITLE"}),
      [&](const auto& page) { return session.client().ListOutdatedDocuments(page); },
      [](const auto& page) { return page.documents(); },
      [](const v1::Document& document) {
        return std::vector<std::string>{IdOf(document.name()), TemplateVersion(document.template_()), document.owner(),
                                        document.path(), document.title()};
      });
}

void AddTemplate(CLI::App* command, TemplateOptions& options) {
  command->add_option("TEMPLATE", options.document, kTemplateHelp)->required();
  CLI::Option* const version =
      command->add_option("--version", options.version, "This version; default: the released one, or else the latest")
          ->check(kFromOne);
  command->add_flag("--latest", options.latest, "The latest version, released or not")->excludes(version);
}

void AddNewDocument(CLI::App* command, TemplateOptions& options) {
  command->add_option("--title", options.title, "Title of the new document");
  command->add_option("--type", options.type, "Its document type");
  command->add_option("--owner", options.owner, "Principal id of its owner");
  AddList(command, "--label", options.labels, "KEY=VALUE; may be given several times");
  AddList(command, "--attribute", options.attributes, "ID=VALUE; may be given several times");
  AddList(command, "--field", options.fields, "NAME=VALUE for a field that nothing else fills; several times");
}

}  // namespace

void AddTemplateCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const group = program.app.add_subcommand("template", "Templates, and documents made from them");
  group->require_subcommand(1);

  CLI::App* const list = group->add_subcommand("ls", "List templates; JSON: one Document a line");
  const auto listing = std::make_shared<TemplateOptions>();
  AddAsOf(list, listing->as_of);
  OnCall(program, list, [&session, listing] { return ListTemplates(session, *listing); });

  CLI::App* const fields = group->add_subcommand(
      "fields", "Tell which fields a template has, and which of them nothing fills yet; JSON: TemplateFields");
  const auto asking = std::make_shared<TemplateOptions>();
  AddTemplate(fields, *asking);
  AddNewDocument(fields, *asking);
  AddAsOf(fields, asking->as_of);
  OnCall(program, fields, [&session, asking] { return Fields(session, *asking); });

  CLI::App* const create = group->add_subcommand("new", "Make a document from a template; JSON: Document");
  const auto creating = std::make_shared<TemplateOptions>();
  AddTemplate(create, *creating);
  create->add_option("PATH", creating->path, "Where it goes; may have {{ number }} and {{ date }} in it")->required();
  AddNewDocument(create, *creating);
  create->add_option("--number", creating->number, "Its number; default: the next one of its type");
  create->add_option("-m,--message", creating->comment, "Why, for the history");
  OnCall(program, create, [&session, creating] { return New(session, *creating); });

  CLI::App* const outdated = group->add_subcommand(
      "outdated", "List documents made from an older version of a template; JSON: one Document a line");
  const auto comparing = std::make_shared<TemplateOptions>();
  AddTemplate(outdated, *comparing);
  AddAsOf(outdated, comparing->as_of);
  OnCall(program, outdated, [&session, comparing] { return Outdated(session, *comparing); });
}

}  // namespace greffe::cli
