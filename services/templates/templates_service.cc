#include "services/templates/templates_service.h"

#include <memory>
#include <utility>

#include "services/call/asked_page.h"
#include "services/call/unary.h"
#include "services/templates/create_from_template.h"
#include "services/templates/found_template.h"
#include "storage/base/civil_date.h"
#include "storage/base/names.h"
#include "storage/base/project_rules.h"
#include "storage/base/template_values.h"

namespace greffe {
namespace {

// What only the new document has: its number when it is made, the others at the latest then.
bool IsFilledLater(const std::string& field) { return field == "number" || field == "title" || field == "path"; }

absl::Status AnswerFields(const Runtime& runtime, const v1::Principal& caller,
                          const v1::GetTemplateFieldsRequest& request, v1::TemplateFields& response) {
  GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseDocumentOrVersionName(request.template_(), "template"));
  std::string project = name.project;
  if (!request.parent().empty()) {
    GREFFE_ASSIGN_OR_RETURN(project, ParseProjectName(request.parent(), "parent"));
  }
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project, request.as_of()));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project facts, view.GetProject());
  GREFFE_ASSIGN_OR_RETURN(const FoundTemplate found,
                          FindTemplate(runtime.store, request.template_(), project, request.as_of()));
  GREFFE_ASSIGN_OR_RETURN(const std::unique_ptr<TemplateFile> file, OpenTemplate(runtime, found));
  v1::Document document = request.document();
  document.clear_name();
  FillDocumentDefaults(document, caller.id());
  FieldValues values = ServerValues(
      {facts, document, caller, found.document, found.version, DateAt(runtime.clock.Now(), facts.time_zone())});
  GREFFE_RETURN_IF_ERROR(AddGivenValues(request.fields(), values));
  response.set_template_(found.version.name());
  response.set_format(file->format());
  for (const std::string& field : file->fields()) {
    v1::TemplateField& answer = *response.add_fields();
    answer.set_name(field);
    const auto value = values.find(field);
    if (value != values.end()) answer.set_value(value->second);
    answer.set_missing(value == values.end() && !IsFilledLater(field));
  }
  return absl::OkStatus();
}

// A position is the version of the template, which stays that of the first page, a line feed, and the place in the
// list.
absl::Status AnswerOutdated(const Runtime& runtime, const v1::ListOutdatedDocumentsRequest& request,
                            v1::ListOutdatedDocumentsResponse& response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime, request));
  std::string position = asked.begin.position;
  std::string version;
  if (asked.first) {
    GREFFE_ASSIGN_OR_RETURN(const FoundTemplate found,
                            FindTemplate(runtime.store, request.template_(), project, request.as_of()));
    version = found.version.name();
  } else {
    const std::size_t line = position.find('\n');
    version = position.substr(0, line);
    position.erase(0, line + 1);
  }
  GREFFE_ASSIGN_OR_RETURN(const DocumentFilter filter, ParseDocumentFilter("template < \"" + version + "\""));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project, asked.Moment(request.as_of())));
  GREFFE_ASSIGN_OR_RETURN(DocumentPage page, view.ListDocuments(filter, {}, asked.size, position));
  for (v1::Document& document : page.documents) *response.add_documents() = std::move(document);
  response.set_sequence(view.sequence());
  response.set_template_(version);
  if (!page.next.empty()) {
    response.set_next_page_token(NextPageToken(runtime, asked, view.sequence(), version + "\n" + page.next));
  }
  return absl::OkStatus();
}

}  // namespace

grpc::ServerUnaryReactor* TemplatesService::GetTemplateFields(grpc::CallbackServerContext* context,
                                                              const v1::GetTemplateFieldsRequest* request,
                                                              v1::TemplateFields* response) {
  return AnswerFromPool(runtime_, context, "Templates.GetTemplateFields",
                        [this, request, response, caller = CallerOf(*context)]() -> absl::Status {
                          if (!caller.ok()) return caller.status();
                          return AnswerFields(runtime_, *caller, *request, *response);
                        });
}

grpc::ServerUnaryReactor* TemplatesService::CreateFromTemplate(grpc::CallbackServerContext* context,
                                                               const v1::CreateFromTemplateRequest* request,
                                                               v1::Document* response) {
  return greffe::CreateFromTemplate(runtime_, context, request, response);
}

grpc::ServerUnaryReactor* TemplatesService::ListOutdatedDocuments(grpc::CallbackServerContext* context,
                                                                  const v1::ListOutdatedDocumentsRequest* request,
                                                                  v1::ListOutdatedDocumentsResponse* response) {
  return AnswerFromPool(runtime_, context, "Templates.ListOutdatedDocuments",
                        [this, request, response] { return AnswerOutdated(runtime_, *request, *response); });
}

}  // namespace greffe
