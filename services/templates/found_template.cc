#include "services/templates/found_template.h"

#include <algorithm>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/store/document_acts.h"

namespace greffe {

absl::StatusOr<FoundTemplate> FindTemplate(const Store& store, const std::string& name, const std::string& project,
                                           const v1::AsOf& as_of) {
  GREFFE_ASSIGN_OR_RETURN(VersionName parsed, ParseDocumentOrVersionName(name, "template"));
  if (parsed.project != project && (as_of.has_sequence() || as_of.has_baseline())) {
    return InvalidField("as_of", "FIELD_INVALID",
                        "'" + name + "' is of another project: only a time is a moment of both");
  }
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(parsed.project, as_of));
  FoundTemplate found;
  found.project = parsed.project;
  GREFFE_ASSIGN_OR_RETURN(found.document, view.GetDocument(parsed.number));
  GREFFE_RETURN_IF_ERROR(CheckActive(found.document));
  if (found.document.type() != "template") {
    return Error(absl::StatusCode::kFailedPrecondition, "NOT_A_TEMPLATE",
                 "document '" + parsed.number + "' is of type '" + found.document.type() + "', not 'template'",
                 {{"document", found.document.name()}, {"type", found.document.type()}});
  }
  if (parsed.version == 0 && parsed.alias == VersionName::Alias::kNone) {
    parsed.alias = found.document.released_version() > 0 ? VersionName::Alias::kReleased : VersionName::Alias::kLatest;
  }
  GREFFE_ASSIGN_OR_RETURN(found.version, view.ResolveVersion(parsed));
  return found;
}

absl::StatusOr<std::unique_ptr<TemplateFile>> OpenTemplate(const Runtime& runtime, const FoundTemplate& found) {
  const TemplateLimits& limits = runtime.limits.templates;
  const v1::File& file = found.version.main_file();
  const std::int64_t most = std::max(limits.text_bytes, limits.file_bytes);
  if (file.size() > most) return TemplateTooLarge("the template", "file_bytes", most);
  GREFFE_ASSIGN_OR_RETURN(std::string content, runtime.store.ReadContent(found.project, file));
  return TemplateFile::Open(std::move(content), limits);
}

}  // namespace greffe
