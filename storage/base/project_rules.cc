#include "storage/base/project_rules.h"

#include <re2/re2.h>

#include <algorithm>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "storage/base/anchors.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/currencies.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/lifecycle_rules.h"
#include "storage/base/names.h"
#include "storage/base/notice_rules.h"
#include "storage/base/paths.h"
#include "storage/base/signing_keys.h"
#include "storage/base/time_zone.h"

namespace greffe {
namespace {

constexpr int kMaxDocumentTypes = 200;
constexpr int kMaxPatternCharacters = 500;
constexpr std::int64_t kMaxPatternMemory = 1 << 20;

absl::Status ValidateTypes(const v1::Project& project, const std::string& field) {
  if (project.document_types_size() > kMaxDocumentTypes) {
    return InvalidValue(field + ".document_types", std::to_string(project.document_types_size()),
                        "at most 200 document types are allowed");
  }
  std::set<std::string> ids;
  std::set<std::string> prefixes;
  for (int i = 0; i < project.document_types_size(); ++i) {
    const v1::DocumentType& type = project.document_types(i);
    const std::string place = absl::StrCat(field, ".document_types[", i, "]");
    if (!ConsistsOf(type.id(), 1, 63,
                    [](char c) { return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '-'; })) {
      return InvalidValue(place + ".id", type.id(), "a type's id is 1 to 63 characters of a-z, 0-9 and '-'");
    }
    GREFFE_RETURN_IF_ERROR(ValidateText(type.title(), place + ".title", 0, 200));
    if (!ConsistsOf(type.prefix(), 1, 16, [](char c) { return absl::ascii_isupper(c) || absl::ascii_isdigit(c); })) {
      return InvalidValue(place + ".prefix", type.prefix(), "a prefix is 1 to 16 characters of A-Z and 0-9");
    }
    if (!ids.insert(type.id()).second) return InvalidValue(place + ".id", type.id(), "is there twice");
    if (!prefixes.insert(type.prefix()).second) return InvalidValue(place + ".prefix", type.prefix(), "is there twice");
  }
  return absl::OkStatus();
}

absl::Status ValidateNumberingRule(const v1::NumberingRule& rule, const std::string& field) {
  static const std::set<std::string> kSeparators = {"-", "_", ".", ""};
  if (!kSeparators.contains(rule.separator())) {
    return InvalidValue(field + ".separator", rule.separator(), "a separator is '-', '_', '.' or empty");
  }
  if (rule.digits() < 1 || rule.digits() > 12) {
    return InvalidValue(field + ".digits", std::to_string(rule.digits()), "allowed are 1 to 12");
  }
  if (rule.pattern().empty()) return absl::OkStatus();
  GREFFE_RETURN_IF_ERROR(ValidateText(rule.pattern(), field + ".pattern", 0, kMaxPatternCharacters));
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  const RE2 pattern(rule.pattern(), options);
  if (!pattern.ok()) return InvalidValue(field + ".pattern", rule.pattern(), pattern.error());
  return absl::OkStatus();
}

}  // namespace

void FillProjectDefaults(v1::Project& project) {
  if (project.time_zone().empty()) project.set_time_zone("UTC");
  if (project.document_types().empty()) {
    static constexpr const char* kTypes[][3] = {{"specification", "Specification", "SPC"},
                                                {"risk-sheet", "Risk sheet", "RSK"},
                                                {"progress-report", "Progress report", "RPT"},
                                                {"minutes", "Minutes", "MIN"},
                                                {"schedule", "Schedule", "SCH"},
                                                {"budget", "Budget", "BUD"},
                                                {"plan", "Plan", "PLN"},
                                                {"procedure", "Procedure", "PRC"},
                                                {"template", "Template", "TPL"},
                                                {"checklist", "Checklist", "CHK"},
                                                {"record", "Record", "REC"}};
    for (const auto& [id, title, prefix] : kTypes) {
      v1::DocumentType& type = *project.add_document_types();
      type.set_id(id);
      type.set_title(title);
      type.set_prefix(prefix);
    }
  }
  if (!project.has_numbering_rule()) {
    project.mutable_numbering_rule()->set_separator("-");
    project.mutable_numbering_rule()->set_digits(4);
  }
  NormalizeSigningKeys(project);
}

absl::Status ValidateProject(const v1::Project& project, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(project.title(), field + ".title", 1, 200));
  GREFFE_RETURN_IF_ERROR(ValidateText(project.code(), field + ".code", 0, 64));
  if (!project.sponsor().empty()) GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(project.sponsor(), field + ".sponsor"));
  if (!project.manager().empty()) GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(project.manager(), field + ".manager"));
  GREFFE_RETURN_IF_ERROR(ValidateText(project.stage(), field + ".stage", 0, 64));
  if (!IsTimeZoneName(project.time_zone())) {
    return InvalidValue(field + ".time_zone", project.time_zone(), "is not in the time zone database");
  }
  if (!project.currency().empty() && !CurrencyDecimals(project.currency()))
    return NoCurrency(project.currency(), field + ".currency");
  GREFFE_RETURN_IF_ERROR(ValidateTypes(project, field));
  GREFFE_RETURN_IF_ERROR(ValidateNumberingRule(project.numbering_rule(), field + ".numbering_rule"));
  GREFFE_RETURN_IF_ERROR(ValidateAttributeDefinitions(project, field));
  GREFFE_RETURN_IF_ERROR(ValidateLifecycleRule(project.lifecycle_rule(), field + ".lifecycle_rule"));
  GREFFE_RETURN_IF_ERROR(ValidateTraceRule(project, field + ".trace_rule"));
  GREFFE_RETURN_IF_ERROR(ValidateNotificationRule(project.notification_rule(), field + ".notification_rule"));
  for (int i = 0; i < project.document_types_size(); ++i) {
    GREFFE_RETURN_IF_ERROR(ValidateLifecycleRule(project.document_types(i).lifecycle_rule(),
                                                 absl::StrCat(field, ".document_types[", i, "].lifecycle_rule")));
  }
  GREFFE_RETURN_IF_ERROR(ValidateSigningKeys(project, field));
  return ValidateLabels(project.labels(), field + ".labels");
}

const v1::DocumentType* FindDocumentType(const v1::Project& project, std::string_view id) {
  for (const v1::DocumentType& type : project.document_types()) {
    if (type.id() == id) return &type;
  }
  return nullptr;
}

std::string FormatDocumentNumber(const v1::Project& project, const v1::DocumentType& type, std::int64_t counter) {
  const v1::NumberingRule& rule = project.numbering_rule();
  return absl::StrFormat("%s%s%0*d", type.prefix(), rule.separator(), rule.digits(), counter);
}

std::int64_t CounterOf(const v1::Project& project, const v1::DocumentType& type, std::string_view number) {
  const v1::NumberingRule& rule = project.numbering_rule();
  const std::string head = type.prefix() + rule.separator();
  if (number.substr(0, head.size()) != head) return 0;
  const std::string_view digits = number.substr(head.size());
  if (digits.size() < static_cast<std::size_t>(rule.digits()) || digits.size() > 18) return 0;
  if (digits.size() > static_cast<std::size_t>(rule.digits()) && digits[0] == '0') return 0;
  std::int64_t counter = 0;
  for (const char c : digits) {
    if (!absl::ascii_isdigit(c)) return 0;
    counter = counter * 10 + (c - '0');
  }
  return counter;
}

absl::Status ValidateChosenNumber(const v1::Project& project, const v1::DocumentType& type, std::string_view number,
                                  const std::string& field) {
  const auto invalid = [&](const std::string& rule) {
    return InvalidField(field, "NUMBER_INVALID", QuotedValue(number) + ": " + rule,
                        {{"number", ShownValue(number)}, {"rule", rule}});
  };
  if (!ValidateDocumentNumber(number, field).ok()) {
    return invalid(
        "a number is 1 to 64 characters of A-Z, a-z, 0-9, '-', '_' and '.', begins and ends with a letter or digit and "
        "has no '..'");
  }
  if (IsDeviceName(number)) return invalid("is a device on Windows, which no file can be called");
  const std::string& pattern = project.numbering_rule().pattern();
  if (pattern.empty()) {
    if (CounterOf(project, type, number) > 0) return absl::OkStatus();
    return invalid(
        absl::StrCat("a number of type '", type.id(), "' looks like '", FormatDocumentNumber(project, type, 7), "'"));
  }
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  if (RE2::FullMatch(re2::StringPiece(number.data(), number.size()), RE2(pattern, options))) return absl::OkStatus();
  return invalid(absl::StrCat("must match the project's pattern '", pattern, "'"));
}

void FillDocumentDefaults(v1::Document& document, const std::string& caller) {
  if (document.title().empty()) document.set_title(std::string(LastPart(document.path())));
  if (document.type().empty()) document.set_type("record");
  if (document.owner().empty()) document.set_owner(caller);
}

absl::Status ValidateDocument(const v1::Project& project, const v1::Document& document, const std::string& field,
                              const v1::Document& before, SaidBy said_by) {
  GREFFE_RETURN_IF_ERROR(ValidateText(document.title(), field + ".title", 1, 500));
  const bool had_type = !before.type().empty() && document.type() == before.type();
  if (!had_type && FindDocumentType(project, document.type()) == nullptr) {
    return InvalidField(field + ".type", "DOCUMENT_TYPE_UNKNOWN",
                        QuotedValue(document.type()) + ": the project has no such document type");
  }
  GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(document.owner(), field + ".owner"));
  if (document.alternate_numbers_size() > 20) {
    return InvalidValue(field + ".alternate_numbers", std::to_string(document.alternate_numbers_size()),
                        "at most 20 alternate numbers are allowed");
  }
  for (int i = 0; i < document.alternate_numbers_size(); ++i) {
    const std::string& alternate = document.alternate_numbers(i);
    const std::string place = absl::StrCat(field, ".alternate_numbers[", i, "]");
    GREFFE_RETURN_IF_ERROR(ValidateAlternateNumber(alternate, place));
    const auto end = document.alternate_numbers().begin() + i;
    if (std::find(document.alternate_numbers().begin(), end, alternate) != end) {
      return InvalidValue(place, alternate, "is there twice");
    }
  }
  GREFFE_RETURN_IF_ERROR(ValidateLabels(document.labels(), field + ".labels"));
  GREFFE_RETURN_IF_ERROR(ValidateText(document.confidentiality(), field + ".confidentiality", 0, 64));
  GREFFE_RETURN_IF_ERROR(ValidateText(document.retention_class(), field + ".retention_class", 0, 64));
  return ValidateAttributes(project, "documents", document.attributes(), before.attributes(), said_by,
                            field + ".attributes");
}

}  // namespace greffe
