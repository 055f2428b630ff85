#include "storage/store/template_acts.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/civil_date.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/project_rules.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

constexpr char kField[] = "new_document";
constexpr char kNumberField[] = "document_id";
constexpr std::size_t kMaxPath = 4096;  // bytes, far above what a path may have

absl::StatusOr<std::string> FilledPath(const std::string& path, const FieldValues& values) {
  const std::string field = std::string(kField) + ".path";
  if (path.size() > kMaxPath) return InvalidField(field, "PATH_INVALID", QuotedValue(path) + ": is over 1,024 bytes");
  const absl::StatusOr<std::vector<FieldMark>> marks = FindFields(path);
  if (!marks.ok()) return InvalidField(field, "PATH_INVALID", std::string(marks.status().message()));
  for (const FieldMark& mark : *marks) {
    if (mark.name.empty() || values.contains(mark.name)) continue;
    return InvalidField(field, "PATH_INVALID",
                        QuotedValue(path) + ": has field '" + mark.name + "'; a path may have number and date");
  }
  absl::StatusOr<std::string> filled = FillFields(path, *marks, values, kMaxPath);
  if (!filled.ok()) return InvalidField(field, "PATH_INVALID", QuotedValue(path) + ": is over 1,024 bytes");
  return filled;
}

}  // namespace

absl::StatusOr<PlannedDocument> PlanFromTemplate(Transaction& transaction, const NewFromTemplate& asked) {
  if (asked.document.path().empty()) {
    return InvalidField(std::string(kField) + ".path", "FIELD_REQUIRED", "is required");
  }
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  PlannedDocument planned;
  planned.document_id = asked.document_id;
  planned.project = *project;
  planned.date = asked.date.empty() ? DateAt(transaction.record_time(), project->time_zone()) : asked.date;
  std::string number = asked.document_id;
  v1::Document document = asked.document;
  const v1::DocumentType* type = FindDocumentType(*project, document.type().empty() ? "record" : document.type());
  // A type that is not there is CreateDocument's to refuse.
  if (number.empty() && type != nullptr) {
    GREFFE_ASSIGN_OR_RETURN(planned.reserved, transaction.ReserveNumber(*project, *type));
    number = planned.reserved->number();
  }
  GREFFE_ASSIGN_OR_RETURN(const std::string path,
                          FilledPath(document.path(), {{"number", number}, {"date", planned.date}}));
  document.set_path(path);
  GREFFE_ASSIGN_OR_RETURN(number, CreateDocument(transaction, std::move(document), asked.document_id,
                                                 transaction.caller().id(), kField, kNumberField));
  GREFFE_ASSIGN_OR_RETURN(planned.document, transaction.GetDocument(number));
  return planned;
}

absl::Status CreateFromTemplate(Transaction& transaction, const PlannedDocument& planned, StagedContent main_file,
                                const std::string& template_version, const std::string& comment) {
  if (planned.reserved != nullptr) transaction.UseReservation(planned.reserved);
  GREFFE_ASSIGN_OR_RETURN(const std::string number, CreateDocument(transaction, planned.document, planned.document_id,
                                                                   transaction.caller().id(), kField, kNumberField));
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, transaction.GetDocument(number));
  document.set_template_(template_version);
  const std::string title = document.title();
  GREFFE_RETURN_IF_ERROR(PutDocumentRecord(transaction, std::move(document), kField));
  CheckInAct act;
  act.number = number;
  act.main_file = std::move(main_file);
  act.comment = comment;
  GREFFE_RETURN_IF_ERROR(CheckIn(transaction, std::move(act), kField).status());
  if (!comment.empty()) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const VersionName source, ParseVersionName(template_version));
  transaction.SetSubject(
      absl::StrCat("Create ", number, " from ", source.number, " version ", source.version, ": ", title));
  return absl::OkStatus();
}

}  // namespace greffe
