// New documents from templates: a first act finds out whether the document may be, and takes its number; then the
// content is made, in nobody's way, since it may have the number in it; a second act makes the commit.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/template_fields.h"
#include "storage/store/staged_content.h"
#include "storage/store/transaction.h"

namespace greffe {

struct NewFromTemplate {
  v1::Document document;  // its path may have the fields `number` and `date`
  std::string document_id;
  std::string date;  // what fills the latter; empty: the day in the project's time zone
};

struct PlannedDocument {
  v1::Document document;                           // with its name, and what creation fills in
  std::string document_id;                         // as asked for
  v1::Project project;                             // at that moment
  std::string date;                                // as asked for, or the day
  std::shared_ptr<const ReservedNumber> reserved;  // the number that the server gives; null when one was asked for
};

// What CreateDocument would make. Leaves nothing in the transaction's commit: the act must not end with OK. Errors are
// CreateDocument's, and INVALID_ARGUMENT (PATH_INVALID, FIELD_REQUIRED) naming "new_document.path".
absl::StatusOr<PlannedDocument> PlanFromTemplate(Transaction& transaction, const NewFromTemplate& asked);

// Registers the planned document and checks its first version in. `template_version` is the name of the version that
// `main_file` was made from.
absl::Status CreateFromTemplate(Transaction& transaction, const PlannedDocument& planned, StagedContent main_file,
                                const std::string& template_version, const std::string& comment);

}  // namespace greffe
