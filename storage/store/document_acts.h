// What may be done to documents, as acts on a transaction: the one place for the rules that a check-in by a person and
// an import share. Each names the request's fields under `field` ("item.new_document") in its errors.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/attribute_rules.h"
#include "storage/store/transaction.h"

namespace greffe {

// Registers a document without content and gives its number. `number` empty: the next one. Empty title, type and owner
// are filled in (`caller`: principal id). ALREADY_EXISTS (NUMBER_TAKEN), INVALID_ARGUMENT (NUMBER_INVALID, ...).
// `field` is the document's, `number_field` the chosen number's.
absl::StatusOr<std::string> CreateDocument(Transaction& transaction, v1::Document document, const std::string& number,
                                           const std::string& caller, const std::string& field,
                                           const std::string& number_field, SaidBy said_by = SaidBy::kCaller);

// INVALID_ARGUMENT naming `field`.companions when a version would have more than 50.
absl::Status CheckCompanionCount(std::size_t count, const std::string& field);

struct CheckInAct {
  std::string number;
  StagedContent main_file;                // its file_name is set by the act
  std::vector<StagedContent> companions;  // roles and names are checked by the act
  bool media_type_by_path = false;        // nobody said the main file's: told from its bytes and the document's path
  std::string comment;
  std::string etag;                   // empty: any
  std::int64_t expected_version = 0;  // 0: any
  bool allow_identical = false;
  bool contents_kept = false;  // the repository has the files already: they are those of another version
  bool release_lock = false;   // the caller's, when there is one
};
// Adds a version; false when the content equals the latest version's, so that none was made. FAILED_PRECONDITION
// (DOCUMENT_WITHDRAWN, NO_PATH, DOCUMENT_LOCKED), ABORTED (ETAG_MISMATCH, VERSION_MISMATCH).
absl::StatusOr<bool> CheckIn(Transaction& transaction, CheckInAct act, const std::string& field);

// Replaces the fields that `paths` name (all that may change, when empty or "*"); values that are there already make no
// commit. INVALID_ARGUMENT (FIELD_MASK_INVALID)
// for a path that may not be updated.
absl::Status UpdateDocument(Transaction& transaction, const v1::Document& values, const std::vector<std::string>& paths,
                            const std::string& field);
absl::Status MoveDocument(Transaction& transaction, const std::string& number, const std::string& path,
                          const std::string& etag, const std::string& field);
absl::Status WithdrawDocument(Transaction& transaction, const std::string& number, const std::string& etag);
// `path` empty: where it was.
absl::Status ReinstateDocument(Transaction& transaction, const std::string& number, const std::string& path,
                               const std::string& etag, const std::string& field);

// Puts a changed document without its output-only fields.
absl::Status PutDocumentRecord(Transaction& transaction, v1::Document document, const std::string& field);
// FAILED_PRECONDITION (DOCUMENT_WITHDRAWN).
absl::Status CheckActive(const v1::Document& document);
// The last part of its name.
std::string NumberOf(const v1::Document& document);
// ABORTED (ETAG_MISMATCH) when `expected` is given and is another one.
absl::Status CheckEtag(const std::string& expected, const std::string& current, const std::string& resource);

// The same for the project's own record. ALREADY_EXISTS (PROJECT_EXISTS).
absl::Status CreateProject(Transaction& transaction, v1::Project project);
absl::Status UpdateProject(Transaction& transaction, const v1::Project& values, const std::vector<std::string>& paths);

}  // namespace greffe
