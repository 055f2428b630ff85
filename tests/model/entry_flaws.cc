#include "tests/model/entry_flaws.h"

#include <algorithm>
#include <cctype>
#include <set>

#include "tests/model/draft.h"
#include "tests/model/record_draft.h"

namespace greffe::model {
namespace {

const std::string kInvalid = "INVALID_ARGUMENT ";

// Of those that are asked about here, which are all of the right length.
bool IsDate(const std::string& text) { return text.empty() || (text.size() == 10 && text != "2026-02-30"); }

std::string FlawOfText(const Message& entry, const v1::ValueRule& rule, const std::string& text) {
  const auto size = static_cast<long long>(text.size());
  const std::string currency = Text(entry, "currency");
  long long amount = 0;
  switch (rule.kind()) {
    case v1::VALUE_KIND_TEXT:
    case v1::VALUE_KIND_NOTE:
      return size < rule.min() || size > rule.max() ? "TEXT_INVALID" : "";
    case v1::VALUE_KIND_DATE:
      return IsDate(text) ? "" : "DATE_INVALID";
    case v1::VALUE_KIND_TIME_OF_DAY:
      return text.empty() || text < "24" ? "" : "FIELD_INVALID";
    case v1::VALUE_KIND_PRINCIPAL:
      return text.find('<') == std::string::npos ? "" : "NAME_INVALID";
    case v1::VALUE_KIND_CURRENCY:
      if (text.empty()) return rule.min() > 0 ? "FIELD_REQUIRED" : "";
      return text == "EUR" || text == "USD" ? "" : "CURRENCY_UNKNOWN";
    case v1::VALUE_KIND_AMOUNT:
      if (text.empty()) return "";
      if (currency != "EUR" && currency != "USD") return "CURRENCY_REQUIRED";
      return ReadAmount(text, amount) ? "" : "AMOUNT_INVALID";
    default:
      return "";
  }
}

std::string FlawOfField(const Message& entry, const FieldDescriptor& field) {
  const v1::ValueRule& rule = field.options().GetExtension(v1::rule);
  const auto& reflection = *entry.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_INT32) {
    const int number = reflection.GetInt32(entry, &field);
    return number < rule.min() || number > rule.max() ? "FIELD_INVALID" : "";
  }
  if (field.cpp_type() != FieldDescriptor::CPPTYPE_STRING) return "";
  if (!field.is_repeated()) return FlawOfText(entry, rule, reflection.GetString(entry, &field));
  for (int i = 0; i < reflection.FieldSize(entry, &field); ++i) {
    const std::string flaw = FlawOfText(entry, rule, reflection.GetRepeatedString(entry, &field, i));
    if (!flaw.empty()) return flaw;
  }
  return "";
}

void Add(const std::string& reason, const std::string& field, Flaws& flaws) {
  if (!reason.empty()) flaws.push_back({kInvalid + reason, field});
}

void FindFlawsOfItems(const Message& entry, Flaws& flaws) {
  if (const auto* meeting = dynamic_cast<const v1::Meeting*>(&entry)) {
    for (const v1::MinutesItem& item : meeting->minutes()) {
      if (item.text().empty()) Add("TEXT_INVALID", "minutes", flaws);
    }
  }
  const auto* checklist = dynamic_cast<const v1::Checklist*>(&entry);
  if (checklist == nullptr) return;
  if (checklist->items().empty()) Add("FIELD_INVALID", "items", flaws);
  std::set<std::string> ids;
  for (const v1::ChecklistItem& item : checklist->items()) {
    if (!ids.insert(item.id()).second) Add("FIELD_INVALID", "items", flaws);
    if (item.text().empty()) Add("TEXT_INVALID", "items", flaws);
  }
}

void FindFlawsOfOrder(const Message& entry, const char* first, const char* last, Flaws& flaws) {
  const std::string from = Text(entry, first);
  const std::string to = Text(entry, last);
  if (!from.empty() && !to.empty() && from > to) Add("DATES_OUT_OF_ORDER", last, flaws);
}

void FindFlawsOfMaps(const v1::Project& project, const Message& entry, Flaws& flaws) {
  for (const auto& [key, value] : LabelsOf(entry)) {
    if (std::any_of(key.begin(), key.end(), [](unsigned char c) { return std::isupper(c) != 0; })) {
      Add("FIELD_INVALID", "labels." + key, flaws);
    }
  }
  const std::string& collection = RegisterOf(*entry.GetDescriptor()).collection;
  for (const auto& [id, value] : AttributesOf(entry)) {
    const bool known = std::any_of(
        project.attribute_definitions().begin(), project.attribute_definitions().end(), [&](const auto& definition) {
          const auto& where = definition.collections();
          return definition.id() == id && std::find(where.begin(), where.end(), collection) != where.end();
        });
    if (!known) Add("ATTRIBUTE_UNKNOWN", "attributes." + id, flaws);
    if (known && !value.has_text()) Add("ATTRIBUTE_INVALID", "attributes." + id, flaws);
  }
}

}  // namespace

void FindForeignNames(const Moment& moment, const Message& entry, Flaws& flaws) {
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *entry.GetDescriptor()->field(i);
    if (field.options().GetExtension(v1::rule).kind() != v1::VALUE_KIND_RESOURCE) continue;
    const std::string name = Text(entry, std::string(field.name()).c_str());
    if (name.empty()) continue;
    if (!name.starts_with("projects/" + moment.project().id() + "/")) {
      Add("NAME_INVALID", std::string(field.name()), flaws);
    } else if (const auto* type = TypeNamed(name)) {
      if (moment.Find(type, name) == nullptr) {
        flaws.push_back({"NOT_FOUND RECORD_NOT_FOUND", std::string(field.name())});
      }
    } else if (moment.Find<v1::Document>(name) == nullptr) {
      flaws.push_back({"NOT_FOUND DOCUMENT_NOT_FOUND", std::string(field.name())});
    }
  }
}

void FindFlaws(const v1::Project& project, const Message& entry, Flaws& flaws) {
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *entry.GetDescriptor()->field(i);
    const v1::FieldBehavior behavior = BehaviorOf(field);
    if (behavior == v1::FIELD_BEHAVIOR_OUTPUT_ONLY || behavior == v1::FIELD_BEHAVIOR_SERVER_SET) continue;
    Add(FlawOfField(entry, field), std::string(field.name()), flaws);
  }
  FindFlawsOfOrder(entry, "start_time", "end_time", flaws);
  FindFlawsOfOrder(entry, "start_date", "end_date", flaws);
  FindFlawsOfItems(entry, flaws);
  FindFlawsOfMaps(project, entry, flaws);
}

bool ReadAmount(const std::string& text, long long& hundredths) {
  hundredths = 0;
  const bool minus = text.starts_with('-');
  int behind = -1;
  for (const char c : text.substr(minus ? 1 : 0)) {
    if (c == '.' && behind < 0) {
      behind = 0;
    } else if (c >= '0' && c <= '9' && behind < 2) {
      hundredths = hundredths * 10 + (c - '0');
      if (behind >= 0) ++behind;
    } else {
      return false;
    }
  }
  for (; behind < 2; behind = std::max(behind, 0) + 1) hundredths *= 10;
  if (minus) hundredths = -hundredths;
  return true;
}

}  // namespace greffe::model
