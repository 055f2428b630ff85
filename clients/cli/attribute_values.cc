#include "clients/cli/attribute_values.h"

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "clients/cli/commands.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {
namespace {

absl::Status NotOfType(const std::string& id, const std::string& text) {
  return OptionInvalid("--attribute: \"" + text + "\" is no value for \"" + id + "\"");
}

// `text` as the type of the definition says.
absl::StatusOr<v1::AttributeValue> ValueOf(const v1::AttributeDefinition& definition, const std::string& text) {
  v1::AttributeValue value;
  std::int64_t integer = 0;
  double number = 0;
  switch (definition.type()) {
    case v1::ATTRIBUTE_TYPE_INTEGER:
      if (!absl::SimpleAtoi(text, &integer)) return NotOfType(definition.id(), text);
      value.set_integer(integer);
      break;
    case v1::ATTRIBUTE_TYPE_NUMBER:
      if (!absl::SimpleAtod(text, &number)) return NotOfType(definition.id(), text);
      value.set_number(number);
      break;
    case v1::ATTRIBUTE_TYPE_BOOLEAN:
      if (text != "true" && text != "false") return NotOfType(definition.id(), text);
      value.set_boolean(text == "true");
      break;
    case v1::ATTRIBUTE_TYPE_DATE:
      value.set_date(text);
      break;
    default:
      value.set_text(text);
  }
  return value;
}

}  // namespace

absl::Status SetAttributes(Session& session, const std::string& project_name, const std::vector<std::string>& pairs,
                           Attributes& attributes) {
  v1::GetProjectRequest request;
  request.set_name(project_name);
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Project project, session.client().GetProject(request));
  absl::Status status;
  GREFFE_CLIENT_RETURN_IF_ERROR(ParsePairs(pairs, "--attribute", [&](const std::string& id, const std::string& text) {
    if (text.empty()) {
      attributes.erase(id);
      return;
    }
    v1::AttributeDefinition definition;  // one that the project has not is the server's to refuse
    definition.set_id(id);
    for (const auto& one : project.attribute_definitions()) {
      if (one.id() == id) definition = one;
    }
    const absl::StatusOr<v1::AttributeValue> value = ValueOf(definition, text);
    if (value.ok()) {
      attributes[id] = *value;
    } else {
      status = value.status();
    }
  }));
  return status;
}

std::string AttributeText(const v1::AttributeValue& value) {
  switch (value.value_case()) {
    case v1::AttributeValue::kText:
      return value.text();
    case v1::AttributeValue::kInteger:
      return absl::StrCat(value.integer());
    case v1::AttributeValue::kNumber:
      return absl::StrCat(value.number());
    case v1::AttributeValue::kBoolean:
      return value.boolean() ? "true" : "false";
    case v1::AttributeValue::kDate:
      return value.date();
    default:
      return {};
  }
}

}  // namespace greffe::cli
