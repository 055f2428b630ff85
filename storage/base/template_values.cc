#include "storage/base/template_values.h"

#include "storage/base/attribute_rules.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"

namespace greffe {
namespace {

constexpr int kMaxGiven = 200;
constexpr int kMaxValue = 10'000;  // characters

}  // namespace

FieldValues ServerValues(const TemplateFacts& facts) {
  FieldValues values;
  const auto add = [&values](const std::string& name, std::string value) {
    if (!value.empty()) values[name] = std::move(value);
  };
  const v1::Document& document = facts.document;
  add("number", std::string(LastPart(document.name())));
  add("title", document.title());
  add("type", document.type());
  add("path", document.path());
  add("owner", document.owner());
  add("confidentiality", document.confidentiality());
  add("retention_class", document.retention_class());
  for (const auto& [id, value] : document.attributes()) add("attributes." + id, AttributeText(value));
  for (const auto& [key, value] : document.labels()) add("labels." + key, value);
  add("author", facts.author.display_name().empty() ? facts.author.id() : facts.author.display_name());
  add("date", facts.date);
  add("project.id", std::string(LastPart(facts.project.name())));
  add("project.title", facts.project.title());
  add("project.code", facts.project.code());
  add("project.sponsor", facts.project.sponsor());
  add("project.manager", facts.project.manager());
  add("project.stage", facts.project.stage());
  add("project.currency", facts.project.currency());
  for (const auto& [key, value] : facts.project.labels()) add("project.labels." + key, value);
  add("template.number", std::string(LastPart(facts.source.name())));
  add("template.title", facts.source.title());
  add("template.version", std::to_string(facts.version.number()));
  add("template.revision", facts.version.revision());
  return values;
}

absl::Status AddGivenValues(const google::protobuf::Map<std::string, std::string>& given, FieldValues& values) {
  if (given.size() > kMaxGiven) {
    return InvalidField("fields", "FIELD_INVALID", std::to_string(given.size()) + " of them; at most 200 are allowed");
  }
  for (const auto& [name, value] : FieldValues(given.begin(), given.end())) {
    GREFFE_RETURN_IF_ERROR(ValidateText(name, "fields", 1, 128));
    const std::string field = MapEntry("fields", name);
    GREFFE_RETURN_IF_ERROR(ValidateText(value, field, 0, kMaxValue));
    if (name != "date" && values.contains(name)) {
      return InvalidField(field, "FIELD_INVALID", QuotedValue(value) + ": the server fills this field");
    }
    values[name] = value;
  }
  return absl::OkStatus();
}

}  // namespace greffe
