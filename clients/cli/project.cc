// greffe project: create, ls, show, update.
#include <algorithm>
#include <array>
#include <memory>

#include "clients/cli/commands.h"
#include "clients/cli/moment.h"
#include "clients/cli/read_input.h"
#include "clients/cli/table.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"

namespace greffe::cli {
namespace {

// What create and update have in common.
struct ProjectFields {
  std::string id;
  std::map<std::string, std::string> texts;  // by field
  std::vector<std::string> labels;
  std::vector<std::string> signing_keys;
  std::string file;
  std::string etag;
};

// Field and what --help says of its option, whose name has '-' for '_'.
constexpr std::array<std::pair<const char*, const char*>, 7> kProjectTexts = {{
    {"title", "Name shown to people"},
    {"code", "The office's own code"},
    {"sponsor", "Principal id of the sponsor"},
    {"manager", "Principal id of the project manager"},
    {"stage", "Stage in the project's own words"},
    {"time_zone", "IANA time zone of civil dates"},
    {"currency", "ISO 4217 code"},
}};

std::string ProjectOption(const std::string& field) {
  std::string option = "--" + field;
  for (char& c : option) c = c == '_' ? '-' : c;
  return option;
}

constexpr char kFileHelp[] =
    "Fields as the JSON of a Project: document types, numbering, notification and other rules, attribute definitions "
    "too; "
    "options go before";

void AddProjectFields(CLI::App* command, ProjectFields& fields) {
  for (const auto& [field, help] : kProjectTexts) command->add_option(ProjectOption(field), fields.texts[field], help);
  AddList(command, "--label", fields.labels, "KEY=VALUE; may be given several times; an update replaces all");
  AddList(
      command, "--signing-key", fields.signing_keys,
      "PRINCIPAL=FILE: the public key (ssh-ed25519) in FILE is the one by which PRINCIPAL signs; PRINCIPAL= takes it "
      "away; other principals' keys stay")
      ->type_name(kLocalPath);
  command->add_option("--file", fields.file, kFileHelp)->type_name(kLocalPath);
}

// `given` receives the mask paths of what the file names, be it empty.
absl::StatusOr<v1::Project> ReadProject(const std::string& path, google::protobuf::FieldMask& given) {
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string text, ReadInput(path));
  v1::Project project;
  google::protobuf::Struct keys;
  auto parsed = google::protobuf::util::JsonStringToMessage(text, &project);
  if (parsed.ok()) parsed = google::protobuf::util::JsonStringToMessage(text, &keys);
  if (!parsed.ok()) {
    return client::MakeError(absl::StatusCode::kInvalidArgument, "FILE_INVALID",
                             "\"" + path + "\" is not the JSON of a project: " + parsed.message().as_string());
  }
  for (int i = 0; i < project.GetDescriptor()->field_count(); ++i) {
    const auto* field = project.GetDescriptor()->field(i);
    if (!keys.fields().contains(field->json_name()) && !keys.fields().contains(field->name())) continue;
    // Of what `project show --output json` prints, the part that can be written.
    if (field->number() < 20 && field->name() != "name") given.add_paths(field->name());
  }
  return project;
}

// The project that file and options describe; `given` receives the mask paths of what they set.
absl::StatusOr<v1::Project> DescribedProject(const CLI::App& command, const ProjectFields& fields,
                                             google::protobuf::FieldMask& given) {
  v1::Project project;
  if (!fields.file.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(project, ReadProject(fields.file, given));
  }
  for (const auto& [field, text] : fields.texts) {
    if (command.count(ProjectOption(field)) == 0) continue;
    project.GetReflection()->SetString(&project, project.GetDescriptor()->FindFieldByName(field), text);
    given.add_paths(field);
  }
  if (!fields.labels.empty()) {
    project.clear_labels();
    GREFFE_CLIENT_RETURN_IF_ERROR(ParsePairs(
        fields.labels, "--label",
        [&](const std::string& key, const std::string& value) { (*project.mutable_labels())[key] = value; }));
    given.add_paths("labels");
  }
  return project;
}

// Gives each principal that the options name the key of its file, in place of those that `project` has for it.
absl::Status SetSigningKeys(const std::vector<std::string>& options, v1::Project& project) {
  google::protobuf::RepeatedPtrField<v1::SigningKey> keys;
  std::map<std::string, std::string> files;
  GREFFE_CLIENT_RETURN_IF_ERROR(
      ParsePairs(options, "--signing-key",
                 [&](const std::string& principal, const std::string& file) { files[principal] = file; }));
  for (const v1::SigningKey& key : project.signing_keys()) {
    if (files.count(key.principal()) == 0) *keys.Add() = key;
  }
  for (const auto& [principal, file] : files) {
    if (file.empty()) continue;
    v1::SigningKey& key = *keys.Add();
    key.set_principal(principal);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*key.mutable_public_key(), ReadFirstLine(file));
  }
  project.mutable_signing_keys()->Swap(&keys);
  return absl::OkStatus();
}

// What of its notification rule is not the default.
void AddRule(const v1::NotificationRule& rule, Sheet& sheet) {
  std::string days;
  for (const int day : rule.due_in_days()) days += (days.empty() ? "" : ", ") + std::to_string(day);
  sheet.Add("Due told", days.empty() ? "" : days + " days before");
  sheet.Add("Lock told", rule.lock_minutes() == 0 ? "" : std::to_string(rule.lock_minutes()) + " minutes before");
  std::string off;
  for (int i = 0; i < rule.off_size(); ++i) off += (off.empty() ? "" : ", ") + EnumText(rule.off(i));
  sheet.Add("Not told", off);
  for (const v1::NotificationRecipients& also : rule.also()) {
    std::string who = also.manager() ? "manager" : "";
    if (also.sponsor()) who += who.empty() ? "sponsor" : ", sponsor";
    for (const std::string& principal : also.principals()) who += (who.empty() ? "" : ", ") + principal;
    sheet.Add("Told too", EnumText(also.kind()) + ": " + who);
  }
}

void PrintProject(Session& session, const v1::Project& project) {
  if (session.json()) {
    session.PrintJson(project);
    return;
  }
  Sheet sheet;
  sheet.Add("Project", IdOf(project.name()));
  sheet.Add("Title", project.title());
  sheet.Add("Code", project.code());
  sheet.Add("Sponsor", project.sponsor());
  sheet.Add("Manager", project.manager());
  sheet.Add("Stage", project.stage());
  sheet.Add("Time zone", project.time_zone());
  sheet.Add("Currency", project.currency());
  for (const auto& [key, value] :
       std::map<std::string, std::string>(project.labels().begin(), project.labels().end())) {
    sheet.Add("Label", key + "=" + value);
  }
  for (const auto& type : project.document_types()) {
    sheet.Add("Type", type.id() + " (" + type.prefix() + ") " + type.title());
  }
  for (const auto& attribute : project.attribute_definitions()) {
    sheet.Add("Attribute", attribute.id() + " " + attribute.title());
  }
  for (const auto& key : project.signing_keys()) {
    sheet.Add("Signing key", key.principal() + " " + key.public_key());
  }
  AddRule(project.notification_rule(), sheet);
  sheet.Add("Documents", std::to_string(project.document_count()));
  sheet.Add("Versions", std::to_string(project.version_count()));
  sheet.Add("Sequence", std::to_string(project.sequence()));
  sheet.Add("Commit", project.commit());
  sheet.Add("Created", LongTime(project.create_time()));
  sheet.Add("Updated", LongTime(project.update_time()));
  sheet.Add("Etag", project.etag());
  sheet.Print(session);
}

absl::Status ListProjects(Session& session) {
  Table table({"PROJECT", "TITLE", "DOCUMENTS", "VERSIONS", "SEQUENCE", "UPDATED"});
  v1::ListProjectsRequest request;
  request.set_page_size(1000);
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::ListProjectsResponse page, session.client().ListProjects(request));
    for (const v1::Project& project : page.projects()) {
      if (session.json()) {
        session.PrintJson(project);
        continue;
      }
      table.Add({IdOf(project.name()), project.title(), std::to_string(project.document_count()),
                 std::to_string(project.version_count()), std::to_string(project.sequence()),
                 ShortTime(project.update_time())});
    }
    for (const std::string& project : page.damaged_projects()) {
      session.Note(Printable(IdOf(project)) + ": its data are damaged, nothing can be said of it");
    }
    if (page.next_page_token().empty()) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

}  // namespace

void AddProjectCommands(Program& program) {
  Session& session = program.session;
  CLI::App* const project = program.app.add_subcommand("project", "Create, list, show and update projects");
  project->require_subcommand(1);

  CLI::App* const create = project->add_subcommand("create", "Create a project");
  const auto fields = std::make_shared<ProjectFields>();
  create->add_option("ID", fields->id, "Id: a-z, 0-9 and '-'")->required();
  AddProjectFields(create, *fields);
  OnCall(program, create, [&session, create, fields]() -> absl::Status {
    v1::CreateProjectRequest request;
    google::protobuf::FieldMask given;
    request.set_project_id(fields->id);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_project(), DescribedProject(*create, *fields, given));
    GREFFE_CLIENT_RETURN_IF_ERROR(SetSigningKeys(fields->signing_keys, *request.mutable_project()));
    if (request.project().title().empty()) request.mutable_project()->set_title(fields->id);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Project created, session.client().CreateProject(request));
    PrintProject(session, created);
    return absl::OkStatus();
  });

  OnCall(program, project->add_subcommand("ls", "List projects; JSON: one Project a line"),
         [&session] { return ListProjects(session); });

  CLI::App* const show = project->add_subcommand("show", "Show a project; JSON: Project");
  const auto shown = std::make_shared<std::pair<std::string, std::string>>();
  show->add_option("ID", shown->first, "Project; default: --project");
  AddAsOf(show, shown->second);
  OnCall(program, show, [&session, shown]() -> absl::Status {
    if (!shown->first.empty()) session.project = shown->first;
    v1::GetProjectRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_name(), session.Parent());
    if (!shown->second.empty()) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, shown->second));
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Project found, session.client().GetProject(request));
    PrintProject(session, found);
    return absl::OkStatus();
  });

  CLI::App* const update = project->add_subcommand("update", "Change the fields that are given");
  const auto changed = std::make_shared<ProjectFields>();
  update->add_option("ID", changed->id, "Project; default: --project");
  AddProjectFields(update, *changed);
  update->add_option("--etag", changed->etag, "Only if this is the project's etag; default: that in --file, if any")
      ->check(kNotEmpty);
  OnCall(program, update, [&session, update, changed]() -> absl::Status {
    if (!changed->id.empty()) session.project = changed->id;
    v1::UpdateProjectRequest request;
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_project(),
                                   DescribedProject(*update, *changed, *request.mutable_update_mask()));
    if (update->count("--etag") == 0) changed->etag = request.project().etag();
    const auto& given = request.update_mask().paths();
    const bool keys_of_file = std::find(given.begin(), given.end(), "signing_keys") != given.end();
    if (!changed->signing_keys.empty() && !keys_of_file) {
      GREFFE_CLIENT_RETURN_IF_ERROR(RefuseRequestId(
          session, "--signing-key is merged with the keys that are there, which this changes; --file has all of them"));
      // The others' keys stay: those of now, which the etag makes sure of.
      v1::GetProjectRequest now;
      GREFFE_CLIENT_ASSIGN_OR_RETURN(*now.mutable_name(), session.Parent());
      GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Project current, session.client().GetProject(now));
      *request.mutable_project()->mutable_signing_keys() = current.signing_keys();
      request.mutable_update_mask()->add_paths("signing_keys");
      if (changed->etag.empty()) changed->etag = current.etag();
    }
    GREFFE_CLIENT_RETURN_IF_ERROR(SetSigningKeys(changed->signing_keys, *request.mutable_project()));
    if (request.update_mask().paths().empty()) {
      return client::MakeError(absl::StatusCode::kInvalidArgument, "NOTHING_GIVEN", "no field to change is given");
    }
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_project()->mutable_name(), session.Parent());
    request.mutable_project()->set_etag(changed->etag);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Project updated, session.client().UpdateProject(request));
    PrintProject(session, updated);
    return absl::OkStatus();
  });
}

}  // namespace greffe::cli
