// greffe edit: a document's metadata.
#include <algorithm>
#include <array>
#include <map>
#include <memory>

#include "absl/strings/numbers.h"
#include "clients/cli/attribute_values.h"
#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/read.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

struct EditOptions {
  std::string document;
  std::map<std::string, std::string> texts;  // by field
  std::vector<std::string> alternate_numbers;
  std::vector<std::string> labels;
  std::vector<std::string> attributes;
  std::string comment;
  std::string etag;
};

// Field and what --help says of its option, whose name has '-' for '_'.
constexpr std::array<std::pair<const char*, const char*>, 5> kDocumentTexts = {{
    {"title", "Title shown to people"},
    {"type", "Id of the document type"},
    {"owner", "Principal id of the owner"},
    {"confidentiality", "Confidentiality in the project's words"},
    {"retention_class", "Retention class in the project's words"},
}};

std::string DocumentOption(const std::string& field) {
  std::string option = "--" + field;
  std::replace(option.begin(), option.end(), '_', '-');
  return option;
}

absl::Status Edit(Session& session, const CLI::App& command, const EditOptions& options) {
  v1::UpdateDocumentRequest request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document former, FindDocument(session, options.document));
  // What is asked for, and nothing of what was read: given again with its request id, it is the same request.
  v1::Document& document = *request.mutable_document();
  document.set_name(former.name());
  document.set_etag(options.etag);
  google::protobuf::FieldMask& mask = *request.mutable_update_mask();
  for (const auto& [field, text] : options.texts) {
    if (command.count(DocumentOption(field)) == 0) continue;
    document.GetReflection()->SetString(&document, document.GetDescriptor()->FindFieldByName(field), text);
    mask.add_paths(field);
  }
  if (command.count("--alternate-number") > 0) {
    for (const std::string& number : options.alternate_numbers) {
      if (!number.empty()) document.add_alternate_numbers(number);
    }
    mask.add_paths("alternate_numbers");
  }
  if (!options.labels.empty() || !options.attributes.empty()) {
    GREFFE_CLIENT_RETURN_IF_ERROR(
        RefuseRequestId(session, "--label and --attribute are merged with what is there, which this changes"));
    // They are written whole: over those that were read, or not at all.
    if (options.etag.empty()) document.set_etag(former.etag());
  }
  if (!options.labels.empty()) {
    *document.mutable_labels() = former.labels();
    GREFFE_CLIENT_RETURN_IF_ERROR(
        ParsePairs(options.labels, "--label", [&](const std::string& key, const std::string& value) {
          document.mutable_labels()->erase(key);
          if (!value.empty()) (*document.mutable_labels())[key] = value;
        }));
    mask.add_paths("labels");
  }
  if (!options.attributes.empty()) {
    *document.mutable_attributes() = former.attributes();
    GREFFE_CLIENT_RETURN_IF_ERROR(SetAttributes(session,
                                                document.name().substr(0, document.name().rfind("/documents/")),
                                                options.attributes, *document.mutable_attributes()));
    mask.add_paths("attributes");
  }
  if (mask.paths().empty()) {
    return client::MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_GIVEN", "no field to change is given");
  }
  request.set_comment(options.comment);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document updated, session.client().UpdateDocument(request));
  PrintDocument(session, updated);
  return absl::OkStatus();
}

}  // namespace

void AddEditCommand(Program& program) {
  Session& session = program.session;
  CLI::App* const edit = program.app.add_subcommand("edit", "Change a document's metadata; JSON: Document");
  const auto options = std::make_shared<EditOptions>();
  edit->add_option("DOCUMENT", options->document, kDocumentHelp)->required();
  for (const auto& [field, help] : kDocumentTexts) edit->add_option(DocumentOption(field), options->texts[field], help);
  AddList(edit, "--alternate-number", options->alternate_numbers, "Number by which others call it; replaces all");
  AddList(edit, "--label", options->labels, "KEY=VALUE; without a VALUE it is taken away; may be given several times");
  AddList(edit, "--attribute", options->attributes, "ID=VALUE; without a VALUE it is taken away; several times");
  edit->add_option("-m,--message", options->comment, "Why, for the history");
  edit->add_option("--etag", options->etag, "Only if this is the document's etag")->check(kNotEmpty);
  OnCall(program, edit, [&session, edit, options] { return Edit(session, *edit, *options); });
}

}  // namespace greffe::cli
