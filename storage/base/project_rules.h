// Rules that a project sets for its documents, and for itself. Functions of the messages alone (and of the
// time zone database).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/attribute_rules.h"

namespace greffe {

// Puts in what creation leaves to the server: time zone UTC, the shipped document types (specification SPC, risk-sheet
// RSK, progress-report RPT, minutes MIN, schedule SCH, budget BUD, plan PLN, procedure PRC, template TPL, checklist
// CHK, record REC; titles in English), the shipped numbering rule. Signing keys get the one form that they are kept in.
void FillProjectDefaults(v1::Project& project);

// Every rule of Project's comments (title, lengths, labels, types and prefixes unique, RE2 pattern compiles within 1
// MiB and 500 characters, attribute definitions, time zone known to the system's tz database, ISO 4217 shape).
// INVALID_ARGUMENT naming the field ("project.document_types[2].prefix").
absl::Status ValidateProject(const v1::Project& project, const std::string& field = "project");

// The type of that id, or nullptr.
const v1::DocumentType* FindDocumentType(const v1::Project& project, std::string_view id);

// `<prefix><separator><digits>` for the counter's value.
std::string FormatDocumentNumber(const v1::Project& project, const v1::DocumentType& type, std::int64_t counter);

// The counter that a number of this project's shape and prefix stands for; 0 when it is not of that shape. Keeps
// numbers given by callers and by the server apart.
std::int64_t CounterOf(const v1::Project& project, const v1::DocumentType& type, std::string_view number);

// OK when a caller may choose this number for a document of `type`; INVALID_ARGUMENT (NUMBER_INVALID) naming `field`,
// number and rule otherwise.
absl::Status ValidateChosenNumber(const v1::Project& project, const v1::DocumentType& type, std::string_view number,
                                  const std::string& field);

// Puts in what a new document's creation leaves to the server: title from its path, type "record", owner `caller`.
void FillDocumentDefaults(v1::Document& document, const std::string& caller);

// Every rule on a document's own fields (title, type known to the project, labels, attributes typed as the project
// defines and the required ones present, alternate numbers valid and not repeated, lengths; not the path, see paths.h).
// INVALID_ARGUMENT naming the field
// ("document.attributes[discipline]"); unknown type: reason DOCUMENT_TYPE_UNKNOWN; attributes: ATTRIBUTE_INVALID,
// ATTRIBUTE_UNKNOWN, ATTRIBUTE_REQUIRED, by what the document carried `before` (a new one: nothing) and by who says
// what it carries; see ValidateAttributes. A type that it had before may be gone.
absl::Status ValidateDocument(const v1::Project& project, const v1::Document& document,
                              const std::string& field = "document", const v1::Document& before = {},
                              SaidBy said_by = SaidBy::kCaller);

}  // namespace greffe
