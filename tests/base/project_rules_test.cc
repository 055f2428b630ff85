#include "storage/base/project_rules.h"

#include <gtest/gtest.h>

#include <limits>
#include <string>

#include "storage/base/errors.h"

namespace greffe {
namespace {

v1::Project ShippedProject() {
  v1::Project project;
  project.set_title("Atlas");
  FillProjectDefaults(project);
  return project;
}

v1::AttributeDefinition& Define(v1::Project& project, const std::string& id, v1::AttributeType type) {
  v1::AttributeDefinition& definition = *project.add_attribute_definitions();
  definition.set_id(id);
  definition.set_type(type);
  return definition;
}

v1::Document Specification() {
  v1::Document document;
  document.set_title("Interfaces");
  document.set_type("specification");
  document.set_owner("ada");
  return document;
}

void ExpectInvalid(const absl::Status& status, const std::string& field, const std::string& reason) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << status;
  EXPECT_EQ(ErrorMetadataOf(status, "field"), field) << status;
  EXPECT_EQ(ReasonOf(status), reason) << status;
  EXPECT_LT(status.message().size(), 1000u);
}

TEST(ProjectRulesTest, DefaultsAreAValidProject) {
  const v1::Project project = ShippedProject();
  EXPECT_EQ(project.time_zone(), "UTC");
  EXPECT_EQ(project.document_types_size(), 11);
  ASSERT_NE(FindDocumentType(project, "risk-sheet"), nullptr);
  EXPECT_EQ(FindDocumentType(project, "risk-sheet")->prefix(), "RSK");
  EXPECT_EQ(FindDocumentType(project, "risk"), nullptr);
  EXPECT_EQ(ValidateProject(project), absl::OkStatus());
}

TEST(ProjectRulesTest, DefaultsLeaveWhatIsGiven) {
  v1::Project project;
  project.set_time_zone("Europe/Paris");
  project.mutable_numbering_rule()->set_digits(3);
  v1::DocumentType& type = *project.add_document_types();
  type.set_id("note");
  type.set_prefix("N");
  FillProjectDefaults(project);
  EXPECT_EQ(project.time_zone(), "Europe/Paris");
  ASSERT_EQ(project.document_types_size(), 1);
  EXPECT_EQ(FormatDocumentNumber(project, type, 5), "N005");
}

TEST(ProjectRulesTest, LengthsCountCharactersAndNotBytes) {
  v1::Project project = ShippedProject();
  std::string title;
  for (int i = 0; i < 200; ++i) title += "é";
  project.set_title(title);
  EXPECT_EQ(ValidateProject(project), absl::OkStatus());
  project.set_title(title + "x");
  ExpectInvalid(ValidateProject(project), "project.title", "TEXT_INVALID");
  project.set_title("");
  ExpectInvalid(ValidateProject(project), "project.title", "TEXT_INVALID");
}

TEST(ProjectRulesTest, TypesArePointedAtByPosition) {
  v1::Project project = ShippedProject();
  project.mutable_document_types(2)->set_prefix("SPC");
  ExpectInvalid(ValidateProject(project), "project.document_types[2].prefix", "FIELD_INVALID");
  project.mutable_document_types(2)->set_prefix("spc");
  ExpectInvalid(ValidateProject(project), "project.document_types[2].prefix", "FIELD_INVALID");
  project.mutable_document_types(2)->set_prefix("RPT");
  project.mutable_document_types(3)->set_id("specification");
  ExpectInvalid(ValidateProject(project), "project.document_types[3].id", "FIELD_INVALID");
  project.mutable_document_types(3)->set_id(std::string(1 << 20, 'X'));
  ExpectInvalid(ValidateProject(project), "project.document_types[3].id", "FIELD_INVALID");
}

TEST(ProjectRulesTest, AtMostTwoHundredTypes) {
  v1::Project project = ShippedProject();
  while (project.document_types_size() < 200) {
    v1::DocumentType& type = *project.add_document_types();
    type.set_id("t" + std::to_string(project.document_types_size()));
    type.set_prefix("T" + std::to_string(project.document_types_size()));
  }
  EXPECT_EQ(ValidateProject(project), absl::OkStatus());
  *project.add_document_types() = project.document_types(0);
  ExpectInvalid(ValidateProject(project), "project.document_types", "FIELD_INVALID");
}

TEST(ProjectRulesTest, TimeZoneIsOneOfTheDatabase) {
  v1::Project project = ShippedProject();
  for (const char* name : {"Europe/Paris", "America/Argentina/Buenos_Aires", "Etc/GMT+3", "UTC"}) {
    project.set_time_zone(name);
    EXPECT_EQ(ValidateProject(project), absl::OkStatus()) << name;
  }
  for (const char* name :
       {"", "Mars/Olympus", "Europe", "localtime", "posixrules", "right/Europe/Paris", "/etc/localtime",
        "../zoneinfo/Europe/Paris", "leapseconds", "Fixed/UTC+05:00:00", "Europe//Paris"}) {
    project.set_time_zone(name);
    ExpectInvalid(ValidateProject(project), "project.time_zone", "FIELD_INVALID");
  }
}

TEST(ProjectRulesTest, CurrencyIsOfIso4217) {
  v1::Project project = ShippedProject();
  project.set_currency("EUR");
  EXPECT_EQ(ValidateProject(project), absl::OkStatus());
  for (const char* code : {"eur", "EURO", "E1R"}) {
    project.set_currency(code);
    ExpectInvalid(ValidateProject(project), "project.currency", "CURRENCY_UNKNOWN");
  }
}

TEST(ProjectRulesTest, NumberingRuleIsBounded) {
  v1::Project project = ShippedProject();
  v1::NumberingRule& rule = *project.mutable_numbering_rule();
  rule.set_separator("/");
  ExpectInvalid(ValidateProject(project), "project.numbering_rule.separator", "FIELD_INVALID");
  rule.set_separator("");
  for (const int digits : {0, 13, -1}) {
    rule.set_digits(digits);
    ExpectInvalid(ValidateProject(project), "project.numbering_rule.digits", "FIELD_INVALID");
  }
  rule.set_digits(12);
  EXPECT_EQ(ValidateProject(project), absl::OkStatus());
}

TEST(ProjectRulesTest, PatternMustCompileWithinItsBounds) {
  v1::Project project = ShippedProject();
  std::string& pattern = *project.mutable_numbering_rule()->mutable_pattern();
  pattern = "[A-Z]{3}-[0-9]+";
  EXPECT_EQ(ValidateProject(project), absl::OkStatus());
  pattern = "(";
  ExpectInvalid(ValidateProject(project), "project.numbering_rule.pattern", "FIELD_INVALID");
  pattern = "((a{100}){100}){100}";
  ExpectInvalid(ValidateProject(project), "project.numbering_rule.pattern", "FIELD_INVALID");
  pattern = "(\\pL{1000}){900}";
  ExpectInvalid(ValidateProject(project), "project.numbering_rule.pattern", "FIELD_INVALID");
  pattern = std::string(501, 'a');
  ExpectInvalid(ValidateProject(project), "project.numbering_rule.pattern", "TEXT_INVALID");
}

TEST(ProjectRulesTest, AttributeDefinitionsAreChecked) {
  v1::Project project = ShippedProject();
  v1::AttributeDefinition& definition = Define(project, "discipline", v1::ATTRIBUTE_TYPE_CHOICE);
  ExpectInvalid(ValidateProject(project), "project.attribute_definitions[0].choices", "FIELD_INVALID");
  definition.add_choices("civil");
  EXPECT_EQ(ValidateProject(project), absl::OkStatus());
  definition.set_type(v1::ATTRIBUTE_TYPE_TEXT);
  ExpectInvalid(ValidateProject(project), "project.attribute_definitions[0].choices", "FIELD_INVALID");
  definition.set_type(static_cast<v1::AttributeType>(77));
  ExpectInvalid(ValidateProject(project), "project.attribute_definitions[0].type", "FIELD_INVALID");
  definition.set_type(v1::ATTRIBUTE_TYPE_UNSPECIFIED);
  ExpectInvalid(ValidateProject(project), "project.attribute_definitions[0].type", "FIELD_INVALID");
  definition.set_type(v1::ATTRIBUTE_TYPE_CHOICE);
  for (const char* id : {"", "1st", "_x", "Upper", "a-b", "a.b"}) {
    definition.set_id(id);
    ExpectInvalid(ValidateProject(project), "project.attribute_definitions[0].id", "FIELD_INVALID");
  }
  definition.set_id("lot");
  Define(project, "lot", v1::ATTRIBUTE_TYPE_TEXT);
  ExpectInvalid(ValidateProject(project), "project.attribute_definitions[1].id", "FIELD_INVALID");
}

TEST(ProjectRulesTest, LabelsAreChecked) {
  v1::Project project = ShippedProject();
  auto& labels = *project.mutable_labels();
  labels["a-1_x.y"] = "Große Worte";
  EXPECT_EQ(ValidateProject(project), absl::OkStatus());
  labels["Upper"] = "x";
  ExpectInvalid(ValidateProject(project), "project.labels[Upper]", "FIELD_INVALID");
  labels.erase("Upper");
  labels["long"] = std::string(201, 'v');
  ExpectInvalid(ValidateProject(project), "project.labels[long]", "TEXT_INVALID");
  labels.clear();
  for (int i = 0; i < 65; ++i) labels["k" + std::to_string(i)] = "v";
  ExpectInvalid(ValidateProject(project), "project.labels", "FIELD_INVALID");
}

TEST(ProjectRulesTest, NumbersGrowBeyondTheirDigits) {
  const v1::Project project = ShippedProject();
  const v1::DocumentType& type = *FindDocumentType(project, "specification");
  EXPECT_EQ(FormatDocumentNumber(project, type, 7), "SPC-0007");
  EXPECT_EQ(FormatDocumentNumber(project, type, 12345), "SPC-12345");
  for (const std::int64_t counter : {1ll, 7ll, 9999ll, 10000ll, 123456789012ll}) {
    EXPECT_EQ(CounterOf(project, type, FormatDocumentNumber(project, type, counter)), counter);
  }
}

TEST(ProjectRulesTest, OtherShapesHaveNoCounter) {
  const v1::Project project = ShippedProject();
  const v1::DocumentType& type = *FindDocumentType(project, "specification");
  for (const char* number : {"", "SPC", "SPC-", "SPC-7", "SPC-0000", "SPC-00007", "SPC-000x", "SPC_0007", "RSK-0007",
                             "spc-0007", "SPC-0007.1", "SPC-+007", "SPC-99999999999999999999"}) {
    EXPECT_EQ(CounterOf(project, type, number), 0) << number;
  }
}

TEST(ProjectRulesTest, ChosenNumberHasTheShapeOfItsType) {
  const v1::Project project = ShippedProject();
  const v1::DocumentType& type = *FindDocumentType(project, "specification");
  EXPECT_EQ(ValidateChosenNumber(project, type, "SPC-0042", "document_id"), absl::OkStatus());
  for (const char* number : {"SPC-42", "RSK-0042", "SPC 0042", "", "../x"}) {
    const absl::Status status = ValidateChosenNumber(project, type, number, "document_id");
    ExpectInvalid(status, "document_id", "NUMBER_INVALID");
    EXPECT_EQ(ErrorMetadataOf(status, "number"), number);
    EXPECT_NE(ErrorMetadataOf(status, "rule"), "");
  }
}

TEST(ProjectRulesTest, ChosenNumberMatchesThePatternInFull) {
  v1::Project project = ShippedProject();
  project.mutable_numbering_rule()->set_pattern("[A-Z]+\\.[0-9]{2}|.*");
  const v1::DocumentType& type = project.document_types(0);
  // What the pattern would let pass must still be a document number.
  ExpectInvalid(ValidateChosenNumber(project, type, "a/b", "document_id"), "document_id", "NUMBER_INVALID");
  project.mutable_numbering_rule()->set_pattern("[A-Z]+\\.[0-9]{2}");
  EXPECT_EQ(ValidateChosenNumber(project, type, "CIV.07", "document_id"), absl::OkStatus());
  ExpectInvalid(ValidateChosenNumber(project, type, "CIV.071", "document_id"), "document_id", "NUMBER_INVALID");
  ExpectInvalid(ValidateChosenNumber(project, type, "SPC-0007", "document_id"), "document_id", "NUMBER_INVALID");
}

TEST(ProjectRulesTest, AChosenNumberIsNoDeviceOfWindows) {
  v1::Project project = ShippedProject();
  project.mutable_numbering_rule()->set_pattern(".*");
  const v1::DocumentType& type = project.document_types(0);
  for (const char* number : {"CON", "nul.x", "Com1", "LPT9.a.b"}) {
    ExpectInvalid(ValidateChosenNumber(project, type, number, "document_id"), "document_id", "NUMBER_INVALID");
    EXPECT_TRUE(ValidateDocumentNumber(number, "name").ok()) << "what is there already is read";
  }
  for (const char* number : {"CON-1", "CONSOLE", "COM10", "x.NUL"}) {
    EXPECT_EQ(ValidateChosenNumber(project, type, number, "document_id"), absl::OkStatus()) << number;
  }
}

TEST(ProjectRulesTest, DocumentFieldsAreChecked) {
  const v1::Project project = ShippedProject();
  v1::Document document = Specification();
  EXPECT_EQ(ValidateDocument(project, document), absl::OkStatus());
  document.set_type("novel");
  ExpectInvalid(ValidateDocument(project, document), "document.type", "DOCUMENT_TYPE_UNKNOWN");
  document.set_type(std::string(1 << 20, 'x'));
  ExpectInvalid(ValidateDocument(project, document), "document.type", "DOCUMENT_TYPE_UNKNOWN");
  document = Specification();
  document.set_title(std::string(501, 't'));
  ExpectInvalid(ValidateDocument(project, document, "items[1].document"), "items[1].document.title", "TEXT_INVALID");
  document = Specification();
  document.set_confidentiality(std::string(65, 'c'));
  ExpectInvalid(ValidateDocument(project, document), "document.confidentiality", "TEXT_INVALID");
  document = Specification();
  document.set_retention_class("a\nb");
  ExpectInvalid(ValidateDocument(project, document), "document.retention_class", "TEXT_INVALID");
  document = Specification();
  (*document.mutable_labels())[std::string(1 << 20, 'k')] = "v";
  EXPECT_EQ(ReasonOf(ValidateDocument(project, document)), "FIELD_INVALID");
  EXPECT_LT(ValidateDocument(project, document).message().size(), 1000u);
}

TEST(ProjectRulesTest, AlternateNumbersAreFewAndDifferent) {
  const v1::Project project = ShippedProject();
  v1::Document document = Specification();
  document.add_alternate_numbers("Client 7/b");
  document.add_alternate_numbers("X");
  EXPECT_EQ(ValidateDocument(project, document), absl::OkStatus());
  document.add_alternate_numbers("X");
  ExpectInvalid(ValidateDocument(project, document), "document.alternate_numbers[2]", "FIELD_INVALID");
  document.clear_alternate_numbers();
  for (int i = 0; i < 21; ++i) document.add_alternate_numbers("n" + std::to_string(i));
  ExpectInvalid(ValidateDocument(project, document), "document.alternate_numbers", "FIELD_INVALID");
}

TEST(ProjectRulesTest, AttributesHaveTheTypeOfTheirDefinition) {
  v1::Project project = ShippedProject();
  Define(project, "text", v1::ATTRIBUTE_TYPE_TEXT);
  Define(project, "integer", v1::ATTRIBUTE_TYPE_INTEGER);
  Define(project, "number", v1::ATTRIBUTE_TYPE_NUMBER);
  Define(project, "boolean", v1::ATTRIBUTE_TYPE_BOOLEAN);
  Define(project, "date", v1::ATTRIBUTE_TYPE_DATE);
  Define(project, "choice", v1::ATTRIBUTE_TYPE_CHOICE).add_choices("civil");
  v1::AttributeValue values[6];
  values[0].set_text("two\nlines");
  values[1].set_integer(std::numeric_limits<std::int64_t>::min());
  values[2].set_number(0.5);
  values[3].set_boolean(false);
  values[4].set_date("2024-02-29");
  values[5].set_text("civil");
  for (int definition = 0; definition < 6; ++definition) {
    const std::string& id = project.attribute_definitions(definition).id();
    for (int value = 0; value < 6; ++value) {
      v1::Document document = Specification();
      (*document.mutable_attributes())[id] = values[value];
      const bool fits = definition == value || (definition == 0 && value == 5);
      if (fits) {
        EXPECT_EQ(ValidateDocument(project, document), absl::OkStatus()) << id;
      } else {
        ExpectInvalid(ValidateDocument(project, document), "document.attributes[" + id + "]", "ATTRIBUTE_INVALID");
      }
    }
    v1::Document document = Specification();
    (*document.mutable_attributes())[id];
    ExpectInvalid(ValidateDocument(project, document), "document.attributes[" + id + "]", "ATTRIBUTE_INVALID");
  }
}

TEST(ProjectRulesTest, AttributeValuesAreChecked) {
  v1::Project project = ShippedProject();
  Define(project, "text", v1::ATTRIBUTE_TYPE_TEXT);
  Define(project, "number", v1::ATTRIBUTE_TYPE_NUMBER);
  Define(project, "date", v1::ATTRIBUTE_TYPE_DATE);
  v1::Document document = Specification();
  auto& attributes = *document.mutable_attributes();
  attributes["text"].set_text(std::string(1001, 'x'));
  ExpectInvalid(ValidateDocument(project, document), "document.attributes[text]", "ATTRIBUTE_INVALID");
  attributes.clear();
  for (const double number : {std::numeric_limits<double>::infinity(), std::numeric_limits<double>::quiet_NaN()}) {
    attributes["number"].set_number(number);
    ExpectInvalid(ValidateDocument(project, document), "document.attributes[number]", "ATTRIBUTE_INVALID");
  }
  attributes.clear();
  for (const char* date : {"", "2026-02-29", "2026-13-01", "2026-3-1", "20260331", "2026-03-31 ", " 2026-3-31",
                           "2026-03-31T00:00:00Z", "2026/03/31", "+026-03-31"}) {
    attributes["date"].set_date(date);
    ExpectInvalid(ValidateDocument(project, document), "document.attributes[date]", "ATTRIBUTE_INVALID");
  }
}

TEST(ProjectRulesTest, RequiredAndUnknownAttributesAreToldApart) {
  v1::Project project = ShippedProject();
  Define(project, "discipline", v1::ATTRIBUTE_TYPE_TEXT).set_required(true);
  v1::Document document = Specification();
  ExpectInvalid(ValidateDocument(project, document), "document.attributes[discipline]", "ATTRIBUTE_REQUIRED");
  (*document.mutable_attributes())["discipline"].set_text("civil");
  EXPECT_EQ(ValidateDocument(project, document), absl::OkStatus());
  (*document.mutable_attributes())["phase"].set_text("1");
  ExpectInvalid(ValidateDocument(project, document), "document.attributes[phase]", "ATTRIBUTE_UNKNOWN");
}

}  // namespace
}  // namespace greffe
