#include "storage/base/register_rules.h"

#include <algorithm>
#include <map>

#include "absl/numeric/int128.h"
#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "google/protobuf/descriptor.h"
#include "greffe/v1/checklists.pb.h"
#include "greffe/v1/meetings.pb.h"
#include "greffe/v1/risks.pb.h"
#include "storage/base/amounts.h"
#include "storage/base/attribute_rules.h"
#include "storage/base/checklist_rules.h"
#include "storage/base/civil_date.h"
#include "storage/base/currencies.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/meeting_rules.h"
#include "storage/base/names.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_kinds.h"
#include "storage/base/state_change.h"

namespace greffe {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::EnumValueDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

const FieldDescriptor* Field(const Message& entry, const char* name) {
  return entry.GetDescriptor()->FindFieldByName(name);
}

std::string Text(const Message& entry, const char* name) {
  const FieldDescriptor* field = Field(entry, name);
  return field == nullptr ? std::string() : entry.GetReflection()->GetString(entry, field);
}

const v1::StatePolicy& PolicyOf(const EnumValueDescriptor& state) {
  return state.options().GetExtension(v1::lifecycle);
}

const EnumValueDescriptor* StateOf(const Message& entry) {
  return entry.GetReflection()->GetEnum(entry, Field(entry, "state"));
}

absl::Status ValidateTimeOfDay(const std::string& time, const std::string& field) {
  const auto number = [&time](std::size_t at) {
    const bool digits = absl::ascii_isdigit(time[at]) && absl::ascii_isdigit(time[at + 1]);
    return digits ? (time[at] - '0') * 10 + (time[at + 1] - '0') : 99;
  };
  const bool valid = time.empty() || (time.size() == 5 && time[2] == ':' && number(0) < 24 && number(3) < 60);
  return valid ? absl::OkStatus() : InvalidValue(field, time, "is no time of day such as 14:30");
}

absl::Status ValidateAmountOf(const Message& entry, const std::string& amount, const std::string& field) {
  if (amount.empty()) return absl::OkStatus();
  const std::optional<int> decimals = CurrencyDecimals(Text(entry, "currency"));
  if (!decimals)
    return InvalidField(field, "CURRENCY_REQUIRED",
                        QuotedValue(amount) + ": neither the entry nor the project has a currency");
  const std::optional<std::int64_t> units = ParseAmount(amount, *decimals);
  if (units && *units >= -kMaxAmount && *units <= kMaxAmount) return absl::OkStatus();
  return InvalidField(field, "AMOUNT_INVALID",
                      absl::StrCat(QuotedValue(amount), ": is no decimal number of at most 15 digits with the ",
                                   *decimals, " behind a point that ", Text(entry, "currency"), " has"));
}

absl::Status ValidateString(const Message& entry, const v1::ValueRule& rule, const std::string& value,
                            const std::string& field) {
  const int least = static_cast<int>(rule.min());
  switch (rule.kind()) {
    case v1::VALUE_KIND_TEXT:
    case v1::VALUE_KIND_NOTE:
      return ValidateText(value, field, least, static_cast<int>(rule.max()), rule.kind() == v1::VALUE_KIND_NOTE);
    case v1::VALUE_KIND_DATE:
      return ValidateDate(value, field);
    case v1::VALUE_KIND_TIME_OF_DAY:
      return ValidateTimeOfDay(value, field);
    case v1::VALUE_KIND_PRINCIPAL:
      return value.empty() ? absl::OkStatus() : ValidatePrincipalId(value, field);
    case v1::VALUE_KIND_RESOURCE:
      return least > 0 && value.empty() ? InvalidField(field, "FIELD_REQUIRED", "a name is required")
                                        : absl::OkStatus();
    case v1::VALUE_KIND_CURRENCY:
      if (value.empty() && least == 0) return absl::OkStatus();
      if (value.empty()) {
        return InvalidField(field, "FIELD_REQUIRED", "a currency is required, since the project has none");
      }
      return CurrencyDecimals(value) ? absl::OkStatus() : NoCurrency(value, field);
    case v1::VALUE_KIND_AMOUNT:
      return ValidateAmountOf(entry, value, field);
    default:
      return absl::OkStatus();
  }
}

absl::Status ValidateField(const Message& entry, const FieldDescriptor& described, const std::string& field) {
  const v1::ValueRule& rule = described.options().GetExtension(v1::rule);
  const auto& reflection = *entry.GetReflection();
  switch (described.cpp_type()) {
    case FieldDescriptor::CPPTYPE_STRING: {
      if (!described.is_repeated()) return ValidateString(entry, rule, reflection.GetString(entry, &described), field);
      const int count = reflection.FieldSize(entry, &described);
      if (count > rule.max_items()) {
        return InvalidValue(field, std::to_string(count), absl::StrCat("at most ", rule.max_items(), " are allowed"));
      }
      for (int i = 0; i < count; ++i) {
        GREFFE_RETURN_IF_ERROR(ValidateString(entry, rule, reflection.GetRepeatedString(entry, &described, i),
                                              absl::StrCat(field, "[", i, "]")));
      }
      return absl::OkStatus();
    }
    case FieldDescriptor::CPPTYPE_INT32: {
      const std::int64_t value = reflection.GetInt32(entry, &described);
      if (value >= rule.min() && value <= rule.max()) return absl::OkStatus();
      return InvalidValue(field, std::to_string(value), absl::StrCat("allowed are ", rule.min(), " to ", rule.max()));
    }
    case FieldDescriptor::CPPTYPE_ENUM: {
      const int value = reflection.GetEnumValue(entry, &described);
      if (described.enum_type()->FindValueByNumber(value) != nullptr) return absl::OkStatus();
      return InvalidValue(field, std::to_string(value), "is none of the values of " + described.enum_type()->name());
    }
    default:
      return absl::OkStatus();
  }
}

absl::Status CheckOrder(const Message& entry, const char* first, const char* last, const std::string& field) {
  const std::string from = Text(entry, first);
  const std::string to = Text(entry, last);
  if (from.empty() || to.empty() || from <= to) return absl::OkStatus();
  return InvalidField(absl::StrCat(field, ".", last), "DATES_OUT_OF_ORDER",
                      absl::StrCat("'", to, "' is before ", first, " '", from, "'"));
}

absl::Status ValidateWhole(const Message& entry, const std::string& field) {
  const Descriptor* type = entry.GetDescriptor();
  if (type == v1::Meeting::descriptor()) {
    GREFFE_RETURN_IF_ERROR(CheckOrder(entry, "start_time", "end_time", field));
    return ValidateMinutes(static_cast<const v1::Meeting&>(entry), field);
  }
  if (type == v1::BudgetLine::descriptor()) return CheckOrder(entry, "start_date", "end_date", field);
  if (type == v1::Checklist::descriptor()) return ValidateChecklist(static_cast<const v1::Checklist&>(entry), field);
  if (type == v1::ChecklistRun::descriptor())
    return ValidateAnswers(static_cast<const v1::ChecklistRun&>(entry), field);
  return absl::OkStatus();
}

template <typename Function>
void ForEachDated(const Message& entry, Function function) {
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = entry.GetDescriptor()->field(i);
    if (field->options().GetExtension(v1::rule).due()) function(*field);
  }
}

std::int64_t Units(const std::string& amount, int decimals) { return ParseAmount(amount, decimals).value_or(0); }

// Amounts have 15 digits, and days or percents few more: the products fit into 128 bits, not into 64.
std::int64_t Part(std::int64_t amount, std::int64_t of, std::int64_t whole) {
  return static_cast<std::int64_t>(absl::int128(amount) * of / whole);
}

void ComputeRisk(v1::Risk& risk) {
  risk.set_score(risk.probability() * risk.impact());
  risk.set_residual_score(risk.residual_probability() * risk.residual_impact());
  risk.set_open_score(IsClosed(risk) ? 0 : risk.score());
}

void ComputeBudgetLine(v1::BudgetLine& line) {
  const int decimals = CurrencyDecimals(line.currency()).value_or(2);
  const std::int64_t planned = Units(line.planned(), decimals);
  const std::int64_t forecast = line.forecast().empty() ? planned : Units(line.forecast(), decimals);
  line.set_variance(FormatAmount(SubtractUnits(forecast, planned), decimals));
}

}  // namespace

absl::Status ValidateEntry(const v1::Project& project, const Message& entry, const Attributes& before, SaidBy said_by,
                           const std::string& field) {
  const Descriptor& type = *entry.GetDescriptor();
  for (int i = 0; i < type.field_count(); ++i) {
    const FieldDescriptor& described = *type.field(i);
    const v1::FieldBehavior behavior = described.options().GetExtension(v1::behavior);
    if (behavior == v1::FIELD_BEHAVIOR_OUTPUT_ONLY || behavior == v1::FIELD_BEHAVIOR_SERVER_SET) continue;
    GREFFE_RETURN_IF_ERROR(ValidateField(entry, described, field + "." + described.name()));
  }
  GREFFE_RETURN_IF_ERROR(ValidateWhole(entry, field));
  GREFFE_RETURN_IF_ERROR(ValidateLabels(LabelsOf(entry), field + ".labels"));
  return ValidateAttributes(project, KindOf(type).collection, AttributesOf(entry), before, said_by,
                            field + ".attributes");
}

std::vector<std::string> UpdatableFields(const Descriptor& entry) {
  std::vector<std::string> fields;
  for (int i = 0; i < entry.field_count(); ++i) {
    const v1::FieldBehavior behavior = entry.field(i)->options().GetExtension(v1::behavior);
    if (behavior == v1::FIELD_BEHAVIOR_UNSPECIFIED) fields.push_back(entry.field(i)->name());
  }
  return fields;
}

std::vector<NamedResource> ResourcesOf(const Message& entry) {
  std::vector<NamedResource> resources;
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor* field = entry.GetDescriptor()->field(i);
    if (field->options().GetExtension(v1::rule).kind() != v1::VALUE_KIND_RESOURCE) continue;
    std::string name = entry.GetReflection()->GetString(entry, field);
    if (!name.empty()) resources.push_back({field->name(), std::move(name)});
  }
  return resources;
}

void SetFirstState(Message& entry) {
  const FieldDescriptor* state = Field(entry, "state");
  entry.GetReflection()->SetEnum(&entry, state, state->enum_type()->FindValueByNumber(1));
}

bool IsClosed(const Message& entry) { return PolicyOf(*StateOf(entry)).closed(); }

absl::Status ChangeState(Message& entry, std::string_view state, const std::string& comment) {
  const FieldDescriptor* field = Field(entry, "state");
  const google::protobuf::EnumDescriptor& states = *field->enum_type();
  const auto find = [&states](std::string_view name) -> const EnumValueDescriptor* {
    for (int i = 1; i < states.value_count(); ++i) {
      if (ShortEnumName(*states.value(i)) == name) return states.value(i);
    }
    return nullptr;
  };
  const EnumValueDescriptor* to = find(state);
  if (to == nullptr) {
    std::string all;
    for (int i = 1; i < states.value_count(); ++i) {
      absl::StrAppend(&all, all.empty() ? "" : ", ", ShortEnumName(*states.value(i)));
    }
    return InvalidValue("state", state, "expected one of " + all);
  }
  std::vector<int> allowed;
  for (const std::string& next : PolicyOf(*StateOf(entry)).next()) allowed.push_back(find(next)->number());
  GREFFE_RETURN_IF_ERROR(CheckStateChange(NameOf(entry), states, StateOf(entry)->number(), to->number(), allowed));
  if (PolicyOf(*to).comment_required() && comment.empty()) {
    return InvalidField("comment", "FIELD_REQUIRED", "a comment is required for state " + ShortEnumName(*to));
  }
  entry.GetReflection()->SetEnum(&entry, field, to);
  return absl::OkStatus();
}

std::vector<std::string> StatesOnTheWay(const Message& entry, std::string_view state) {
  const google::protobuf::EnumDescriptor& states = *Field(entry, "state")->enum_type();
  const auto policy_of = [&states](const std::string& name) -> const v1::StatePolicy& {
    int i = 1;
    while (ShortEnumName(*states.value(i)) != name) ++i;
    return PolicyOf(*states.value(i));
  };
  const std::string first = ShortEnumName(*StateOf(entry));
  std::map<std::string, std::string> from = {{first, ""}};  // each state that was reached, and where from
  std::vector<std::string> reached = {first};
  for (std::size_t i = 0; i < reached.size() && !from.contains(std::string(state)); ++i) {
    const std::string at = reached[i];
    for (const std::string& next : policy_of(at).next()) {
      if (from.emplace(next, at).second) reached.push_back(next);
    }
  }
  std::vector<std::string> way;
  if (!from.contains(std::string(state))) return way;
  for (std::string at(state); at != first; at = from[at]) way.insert(way.begin(), at);
  return way;
}

void ComputeEntry(Message& entry) {
  if (Field(entry, "open_due_date") != nullptr) {
    std::string due;
    const bool open = !IsClosed(entry);
    ForEachDated(entry, [&](const FieldDescriptor& field) {
      if (open) due = entry.GetReflection()->GetString(entry, &field);
    });
    entry.GetReflection()->SetString(&entry, Field(entry, "open_due_date"), due);
  }
  const Descriptor* type = entry.GetDescriptor();
  if (type == v1::Risk::descriptor()) ComputeRisk(static_cast<v1::Risk&>(entry));
  if (type == v1::BudgetLine::descriptor()) ComputeBudgetLine(static_cast<v1::BudgetLine&>(entry));
  if (type == v1::ChecklistRun::descriptor()) CountAnswers(static_cast<v1::ChecklistRun&>(entry));
}

std::int64_t PlannedValue(std::int64_t budget, const std::string& start_date, const std::string& end_date,
                          const std::string& day) {
  if (day >= end_date) return budget;
  if (day < start_date) return 0;
  return Part(budget, DaysBetween(start_date, day) + 1, DaysBetween(start_date, end_date) + 1);
}

EarnedValue EarnedValueOf(const v1::BudgetLine& line, const std::string& day) {
  const int decimals = CurrencyDecimals(line.currency()).value_or(2);
  EarnedValue value;
  value.budget = Units(line.planned(), decimals);
  value.actual_cost = Units(line.actual(), decimals);
  value.committed = Units(line.committed(), decimals);
  value.forecast = line.forecast().empty() ? value.budget : Units(line.forecast(), decimals);
  value.earned_value = Part(value.budget, line.percent_complete(), 100);
  if (line.start_date().empty() || line.end_date().empty()) return value;
  value.planned_value = PlannedValue(value.budget, line.start_date(), line.end_date(), day);
  value.scheduled_earned_value = value.earned_value;
  return value;
}

}  // namespace greffe
