#include "storage/base/project_rules.h"

#include <re2/re2.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/civil_time.h"
#include "storage/base/anchors.h"
#include "storage/base/errors.h"
#include "storage/base/lifecycle_rules.h"
#include "storage/base/names.h"
#include "storage/base/signing_keys.h"
#include "storage/base/time_zone.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr int kMaxDocumentTypes = 200;
constexpr int kMaxAttributeDefinitions = 200;
constexpr int kMaxLabels = 64;
constexpr int kMaxPatternCharacters = 500;
constexpr std::int64_t kMaxPatternMemory = 1 << 20;

bool IsLower(char c) { return c >= 'a' && c <= 'z'; }
bool IsUpper(char c) { return c >= 'A' && c <= 'Z'; }
bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Cut, so that a hostile value does not make an error that no transport carries.
std::string Shown(std::string_view value) {
  constexpr std::size_t kShown = 100;
  return PrintableUtf8(value.substr(0, kShown)) + (value.size() > kShown ? "..." : "");
}

std::string Quote(std::string_view value) { return "'" + Shown(value) + "'"; }

std::string Entry(const std::string& field, std::string_view key) { return field + "[" + Shown(key) + "]"; }

absl::Status Invalid(const std::string& field, std::string_view value, const std::string& expectation) {
  return InvalidField(field, "FIELD_INVALID", Quote(value) + ": " + expectation);
}

template <typename Allowed>
bool Consists(const std::string& text, std::size_t minimum, std::size_t maximum, Allowed allowed) {
  return text.size() >= minimum && text.size() <= maximum && std::all_of(text.begin(), text.end(), allowed);
}

absl::Status ValidateLabels(const google::protobuf::Map<std::string, std::string>& labels, const std::string& field) {
  if (labels.size() > kMaxLabels) return Invalid(field, std::to_string(labels.size()), "at most 64 labels are allowed");
  for (const auto& [key, value] : labels) {
    const std::string place = Entry(field, key);
    if (!Consists(key, 1, 63, [](char c) { return IsLower(c) || IsDigit(c) || c == '-' || c == '_' || c == '.'; })) {
      return Invalid(place, key, "a label's key is 1 to 63 characters of a-z, 0-9, '-', '_' and '.'");
    }
    GREFFE_RETURN_IF_ERROR(ValidateText(value, place, 0, 200));
  }
  return absl::OkStatus();
}

absl::Status ValidateTypes(const v1::Project& project, const std::string& field) {
  if (project.document_types_size() > kMaxDocumentTypes) {
    return Invalid(field + ".document_types", std::to_string(project.document_types_size()),
                   "at most 200 document types are allowed");
  }
  std::set<std::string> ids;
  std::set<std::string> prefixes;
  for (int i = 0; i < project.document_types_size(); ++i) {
    const v1::DocumentType& type = project.document_types(i);
    const std::string place = absl::StrCat(field, ".document_types[", i, "]");
    if (!Consists(type.id(), 1, 63, [](char c) { return IsLower(c) || IsDigit(c) || c == '-'; })) {
      return Invalid(place + ".id", type.id(), "a type's id is 1 to 63 characters of a-z, 0-9 and '-'");
    }
    GREFFE_RETURN_IF_ERROR(ValidateText(type.title(), place + ".title", 0, 200));
    if (!Consists(type.prefix(), 1, 16, [](char c) { return IsUpper(c) || IsDigit(c); })) {
      return Invalid(place + ".prefix", type.prefix(), "a prefix is 1 to 16 characters of A-Z and 0-9");
    }
    if (!ids.insert(type.id()).second) return Invalid(place + ".id", type.id(), "is there twice");
    if (!prefixes.insert(type.prefix()).second) return Invalid(place + ".prefix", type.prefix(), "is there twice");
  }
  return absl::OkStatus();
}

absl::Status ValidateNumberingRule(const v1::NumberingRule& rule, const std::string& field) {
  static const std::set<std::string> kSeparators = {"-", "_", ".", ""};
  if (!kSeparators.contains(rule.separator())) {
    return Invalid(field + ".separator", rule.separator(), "a separator is '-', '_', '.' or empty");
  }
  if (rule.digits() < 1 || rule.digits() > 12) {
    return Invalid(field + ".digits", std::to_string(rule.digits()), "allowed are 1 to 12");
  }
  if (rule.pattern().empty()) return absl::OkStatus();
  GREFFE_RETURN_IF_ERROR(ValidateText(rule.pattern(), field + ".pattern", 0, kMaxPatternCharacters));
  RE2::Options options;
  options.set_log_errors(false);
  options.set_max_mem(kMaxPatternMemory);
  const RE2 pattern(rule.pattern(), options);
  if (!pattern.ok()) return Invalid(field + ".pattern", rule.pattern(), pattern.error());
  return absl::OkStatus();
}

absl::Status ValidateDefinitions(const v1::Project& project, const std::string& field) {
  if (project.attribute_definitions_size() > kMaxAttributeDefinitions) {
    return Invalid(field + ".attribute_definitions", std::to_string(project.attribute_definitions_size()),
                   "at most 200 attribute definitions are allowed");
  }
  std::set<std::string> ids;
  for (int i = 0; i < project.attribute_definitions_size(); ++i) {
    const v1::AttributeDefinition& definition = project.attribute_definitions(i);
    const std::string place = absl::StrCat(field, ".attribute_definitions[", i, "]");
    const std::string& id = definition.id();
    if (!Consists(id, 1, 63, [](char c) { return IsLower(c) || IsDigit(c) || c == '_'; }) || !IsLower(id[0])) {
      return Invalid(place + ".id", id,
                     "an attribute's id is 1 to 63 characters of a-z, 0-9 and '_' and begins with a letter");
    }
    if (!ids.insert(id).second) return Invalid(place + ".id", id, "is there twice");
    GREFFE_RETURN_IF_ERROR(ValidateText(definition.title(), place + ".title", 0, 200));
    if (definition.type() == v1::ATTRIBUTE_TYPE_UNSPECIFIED || !v1::AttributeType_IsValid(definition.type())) {
      return Invalid(place + ".type", std::to_string(definition.type()), "is none of the attribute types");
    }
    const bool choice = definition.type() == v1::ATTRIBUTE_TYPE_CHOICE;
    if (choice != (definition.choices_size() > 0) || definition.choices_size() > 200) {
      return Invalid(place + ".choices", std::to_string(definition.choices_size()),
                     "a CHOICE has 1 to 200 choices, other types have none");
    }
    for (int c = 0; c < definition.choices_size(); ++c) {
      GREFFE_RETURN_IF_ERROR(ValidateText(definition.choices(c), absl::StrCat(place, ".choices[", c, "]"), 1, 1000));
    }
  }
  return absl::OkStatus();
}

bool IsCivilDate(const std::string& text) {
  absl::CivilDay day;
  if (text.size() != 10 || !absl::ParseCivilTime(text, &day)) return false;
  return absl::FormatCivilTime(day) == text;
}

absl::Status ValidateAttribute(const v1::AttributeDefinition& definition, const v1::AttributeValue& value,
                               const std::string& field) {
  const auto wrong = [&](const std::string& finding) { return InvalidField(field, "ATTRIBUTE_INVALID", finding); };
  switch (definition.type()) {
    case v1::ATTRIBUTE_TYPE_TEXT:
      if (!value.has_text()) return wrong("must be text");
      if (!ValidateText(value.text(), field, 0, 1000, true).ok()) {
        return wrong(Quote(value.text()) + " is not UTF-8 of at most 1,000 characters without controls");
      }
      return absl::OkStatus();
    case v1::ATTRIBUTE_TYPE_INTEGER:
      return value.has_integer() ? absl::OkStatus() : wrong("must be an integer");
    case v1::ATTRIBUTE_TYPE_NUMBER:
      return value.has_number() && std::isfinite(value.number()) ? absl::OkStatus() : wrong("must be a finite number");
    case v1::ATTRIBUTE_TYPE_BOOLEAN:
      return value.has_boolean() ? absl::OkStatus() : wrong("must be true or false");
    case v1::ATTRIBUTE_TYPE_DATE:
      return value.has_date() && IsCivilDate(value.date())
                 ? absl::OkStatus()
                 : wrong(Quote(value.date()) + " is no date such as 2026-03-31");
    case v1::ATTRIBUTE_TYPE_CHOICE: {
      const auto& choices = definition.choices();
      return value.has_text() && std::find(choices.begin(), choices.end(), value.text()) != choices.end()
                 ? absl::OkStatus()
                 : wrong(Quote(value.text()) + " is none of its choices");
    }
    default:
      return wrong("its definition has no type");
  }
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
    return Invalid(field + ".time_zone", project.time_zone(), "is not in the time zone database");
  }
  if (!project.currency().empty() && !Consists(project.currency(), 3, 3, IsUpper)) {
    return Invalid(field + ".currency", project.currency(), "an ISO 4217 code has three letters A-Z");
  }
  GREFFE_RETURN_IF_ERROR(ValidateTypes(project, field));
  GREFFE_RETURN_IF_ERROR(ValidateNumberingRule(project.numbering_rule(), field + ".numbering_rule"));
  GREFFE_RETURN_IF_ERROR(ValidateDefinitions(project, field));
  GREFFE_RETURN_IF_ERROR(ValidateLifecycleRule(project.lifecycle_rule(), field + ".lifecycle_rule"));
  GREFFE_RETURN_IF_ERROR(ValidateTraceRule(project, field + ".trace_rule"));
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
    if (!IsDigit(c)) return 0;
    counter = counter * 10 + (c - '0');
  }
  return counter;
}

absl::Status ValidateChosenNumber(const v1::Project& project, const v1::DocumentType& type, std::string_view number,
                                  const std::string& field) {
  const auto invalid = [&](const std::string& rule) {
    return InvalidField(field, "NUMBER_INVALID", Quote(number) + ": " + rule,
                        {{"number", Shown(number)}, {"rule", rule}});
  };
  if (!ValidateDocumentNumber(number, field).ok()) {
    return invalid(
        "a number is 1 to 64 characters of A-Z, a-z, 0-9, '-', '_' and '.', begins and ends with a letter or digit and "
        "has no '..'");
  }
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

absl::Status ValidateDocument(const v1::Project& project, const v1::Document& document, const std::string& field) {
  GREFFE_RETURN_IF_ERROR(ValidateText(document.title(), field + ".title", 1, 500));
  if (FindDocumentType(project, document.type()) == nullptr) {
    return InvalidField(field + ".type", "DOCUMENT_TYPE_UNKNOWN",
                        Quote(document.type()) + ": the project has no such document type");
  }
  GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(document.owner(), field + ".owner"));
  if (document.alternate_numbers_size() > 20) {
    return Invalid(field + ".alternate_numbers", std::to_string(document.alternate_numbers_size()),
                   "at most 20 alternate numbers are allowed");
  }
  for (int i = 0; i < document.alternate_numbers_size(); ++i) {
    const std::string& alternate = document.alternate_numbers(i);
    const std::string place = absl::StrCat(field, ".alternate_numbers[", i, "]");
    GREFFE_RETURN_IF_ERROR(ValidateAlternateNumber(alternate, place));
    const auto end = document.alternate_numbers().begin() + i;
    if (std::find(document.alternate_numbers().begin(), end, alternate) != end) {
      return Invalid(place, alternate, "is there twice");
    }
  }
  GREFFE_RETURN_IF_ERROR(ValidateLabels(document.labels(), field + ".labels"));
  GREFFE_RETURN_IF_ERROR(ValidateText(document.confidentiality(), field + ".confidentiality", 0, 64));
  GREFFE_RETURN_IF_ERROR(ValidateText(document.retention_class(), field + ".retention_class", 0, 64));
  std::size_t known = 0;
  for (const v1::AttributeDefinition& definition : project.attribute_definitions()) {
    const auto found = document.attributes().find(definition.id());
    if (found != document.attributes().end()) {
      ++known;
      GREFFE_RETURN_IF_ERROR(
          ValidateAttribute(definition, found->second, Entry(field + ".attributes", definition.id())));
    } else if (definition.required()) {
      return InvalidField(Entry(field + ".attributes", definition.id()), "ATTRIBUTE_REQUIRED",
                          "the project requires it");
    }
  }
  if (known == document.attributes().size()) return absl::OkStatus();
  for (const auto& [id, value] : document.attributes()) {
    const auto& definitions = project.attribute_definitions();
    if (std::none_of(definitions.begin(), definitions.end(), [&id = id](const auto& d) { return d.id() == id; })) {
      return InvalidField(Entry(field + ".attributes", id), "ATTRIBUTE_UNKNOWN", "the project does not define it");
    }
  }
  return absl::OkStatus();
}

}  // namespace greffe
