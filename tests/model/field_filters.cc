#include "tests/model/field_filters.h"

#include <algorithm>
#include <sstream>

#include "tests/model/entry_filters.h"

namespace greffe::model {
namespace {

struct Term {
  bool negated = false;
  std::string field;
  std::string op;
  std::string value;
};

std::vector<Term> TermsOf(const std::string& text) {
  std::vector<Term> terms;
  std::istringstream words(text);
  std::string word;
  while (words >> word) {
    if (word == "AND") continue;
    Term& term = terms.emplace_back();
    term.negated = word == "NOT";
    if (term.negated) words >> word;
    term.field = word;
    words >> term.op >> term.value;
    if (term.value.starts_with('"')) term.value = term.value.substr(1, term.value.size() - 2);
  }
  return terms;
}

template <typename Value>
bool Compares(const std::string& op, const Value& ours, const Value& asked) {
  if (op == "=") return ours == asked;
  if (op == "!=") return ours != asked;
  if (op == "<") return ours < asked;
  if (op == "<=") return ours <= asked;
  if (op == ">") return ours > asked;
  return ours >= asked;
}

bool IsInteger(const FieldDescriptor& field) {
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 || field.cpp_type() == FieldDescriptor::CPPTYPE_INT32;
}

std::int64_t NumberIn(const Message& record, const FieldDescriptor& field) {
  const auto& reflection = *record.GetReflection();
  return field.cpp_type() == FieldDescriptor::CPPTYPE_INT64 ? reflection.GetInt64(record, &field)
                                                            : reflection.GetInt32(record, &field);
}

std::vector<std::string> TextsIn(const Message& record, const FieldDescriptor& field) {
  const auto& reflection = *record.GetReflection();
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    const auto* value = reflection.GetEnum(record, &field);
    return {value->number() == 0 ? "" : ShortName(*value)};
  }
  if (!field.is_repeated()) return {reflection.GetString(record, &field)};
  std::vector<std::string> texts;
  for (int i = 0; i < reflection.FieldSize(record, &field); ++i) {
    texts.push_back(reflection.GetRepeatedString(record, &field, i));
  }
  return texts;
}

bool HoldsForText(const Term& term, const std::string& text) {
  if (term.op != ":") return Compares(term.op, text, term.value);
  return term.value == "*" ? !text.empty() : text.starts_with(term.value);
}

bool Holds(const Term& term, const Message& record) {
  if (term.field == "id") return HoldsForText(term, IdOf(Text(record, "name")));
  const FieldDescriptor& field = *record.GetDescriptor()->FindFieldByName(term.field);
  if (IsInteger(field)) {
    return Compares(term.op, NumberIn(record, field), static_cast<std::int64_t>(std::stoll(term.value)));
  }
  const std::vector<std::string> texts = TextsIn(record, field);
  const auto holds = [&](const std::string& text) { return HoldsForText(term, text); };
  // Of several values "is not" means that none is.
  return term.op == "!=" ? std::all_of(texts.begin(), texts.end(), holds)
                         : std::any_of(texts.begin(), texts.end(), holds);
}

bool IsTerm(const google::protobuf::Descriptor& type, const Term& term) {
  if (term.field == "id") return true;
  const FieldDescriptor* field = type.FindFieldByName(term.field);
  if (field == nullptr || field->cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE) return false;
  if (field->cpp_type() != FieldDescriptor::CPPTYPE_ENUM) return true;
  const auto* value = FindValue(*field->enum_type(), term.value);
  return value != nullptr && value->number() != 0;
}

bool CanOrder(const FieldDescriptor& field) {
  const bool time = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE &&
                    field.message_type()->full_name() == "google.protobuf.Timestamp";
  return !field.is_repeated() && (time || field.cpp_type() != FieldDescriptor::CPPTYPE_MESSAGE);
}

// A value that some record has in the field, perhaps.
std::string AnyValue(Dice& dice, const Knowledge& known, const FieldDescriptor& field) {
  if (field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM) {
    if (dice.OneIn(12)) return "NOWHERE";
    return ShortName(*field.enum_type()->value(1 + static_cast<int>(dice.Below(field.enum_type()->value_count() - 1))));
  }
  if (IsInteger(field)) return std::to_string(dice.OneIn(3) ? 0 : dice.Below(60));
  std::vector<std::string> values;
  for (const auto& [name, record] : known.records) {
    if (record->GetDescriptor() != field.containing_type()) continue;
    for (const std::string& text : TextsIn(*record, field)) {
      if (text.find_first_of("\" \n") == std::string::npos) values.push_back(text);
    }
  }
  return "\"" + (values.empty() || dice.OneIn(8) ? Days()[1] : dice.Of(values)) + "\"";
}

}  // namespace

std::optional<std::function<bool(const Message&)>> ReadFilter(const google::protobuf::Descriptor& type,
                                                              const std::string& text) {
  const std::vector<Term> terms = TermsOf(text);
  if (text.ends_with(" AND")) return std::nullopt;
  for (const Term& term : terms) {
    if (!IsTerm(type, term)) return std::nullopt;
  }
  return [terms](const Message& record) {
    return std::all_of(terms.begin(), terms.end(),
                       [&](const Term& term) { return Holds(term, record) != term.negated; });
  };
}

std::string AnyFilter(Dice& dice, const Knowledge& known, const google::protobuf::Descriptor& type) {
  static const std::vector<std::string> ops = {"=", "=", "=", "!=", "<", "<=", ">", ">="};
  static const std::vector<std::string> text_ops = {"=", "=", "=", "!=", "<", "<=", ">", ">=", ":"};
  if (dice.OneIn(3)) return "";
  std::string text;
  for (std::int64_t count = 1 + dice.Below(2); count > 0; --count) {
    const FieldDescriptor& field = *type.field(static_cast<int>(dice.Below(type.field_count())));
    // Most often one that is found without looking at all records.
    if (!field.options().GetExtension(v1::indexed) && !dice.OneIn(4)) continue;
    const bool is_message = field.cpp_type() == FieldDescriptor::CPPTYPE_MESSAGE;
    if (is_message && !(field.is_repeated() && dice.OneIn(6))) continue;
    if (!text.empty()) text += " AND ";
    if (dice.OneIn(5)) text += "NOT ";
    const bool is_enum = field.cpp_type() == FieldDescriptor::CPPTYPE_ENUM;
    const bool is_text = field.cpp_type() == FieldDescriptor::CPPTYPE_STRING;
    const std::string& op = is_enum   ? ops[static_cast<std::size_t>(dice.Below(4))]
                            : is_text ? dice.Of(text_ops)
                                      : dice.Of(ops);
    text += std::string(field.name()) + " " + op + " " + (is_message ? "x" : AnyValue(dice, known, field));
  }
  return dice.OneIn(60) ? text + " AND" : text;
}

bool IsOrder(const google::protobuf::Descriptor& type, const std::string& text) {
  const std::string field = EntryOrderOf(text).field;
  const FieldDescriptor* found = type.FindFieldByName(field);
  return field.empty() || (found != nullptr && CanOrder(*found));
}

std::string AnyOrder(Dice& dice, const google::protobuf::Descriptor& type) {
  if (dice.OneIn(4)) return dice.OneIn(2) ? "" : "id desc";
  const FieldDescriptor& field = *type.field(static_cast<int>(dice.Below(type.field_count())));
  if (!CanOrder(field) && !dice.OneIn(6)) return "";
  return std::string(field.name()) + (dice.OneIn(2) ? " desc" : "");
}

}  // namespace greffe::model
