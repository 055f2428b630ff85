#include "tests/model/entry_filters.h"

#include <algorithm>
#include <cstdio>
#include <ctime>

#include "google/protobuf/timestamp.pb.h"

namespace greffe::model {
namespace {

std::string Value(const std::map<std::string, std::string>& labels, const std::string& key) {
  const auto found = labels.find(key);
  return found == labels.end() ? "" : found->second;
}

std::string PhaseOf(const Message& entry) { return Value(LabelsOf(entry), "phase"); }

std::string Place(const Message& entry) {
  const auto attributes = AttributesOf(entry);
  const auto found = attributes.find("place");
  return found == attributes.end() ? "" : found->second.text();
}

std::string State(const Message& entry) { return ShortName(*StateOf(entry)); }

int Score(const Message& entry) { return dynamic_cast<const v1::Risk&>(entry).score(); }

std::string Id(const Message& entry) { return IdOf(Text(entry, "name")); }

const std::vector<EntryFilter>& AllFilters() {
  static const std::vector<EntryFilter> filters = {
      {"", nullptr, [](const Message&) { return true; }},
      {"owner = grace", nullptr, [](const Message& e) { return Text(e, "owner") == "grace"; }},
      {"NOT owner = ada", nullptr, [](const Message& e) { return Text(e, "owner") != "ada"; }},
      {"owner = ada AND", nullptr, nullptr},
      {"labels.phase = \"l1\"", nullptr, [](const Message& e) { return PhaseOf(e) == "l1"; }},
      {"labels.phase : * AND owner != grace", nullptr,
       [](const Message& e) { return !PhaseOf(e).empty() && Text(e, "owner") != "grace"; }},
      {"attributes.place = \"north\"", nullptr, [](const Message& e) { return Place(e) == "north"; }},
      {"attributes.place != north", nullptr, [](const Message& e) { return Place(e) != "north"; }},
      {"title >= \"Title 3\"", nullptr, [](const Message& e) { return Text(e, "title") >= "Title 3"; }},
      {"title : \"Title\" AND id != \"X-3\"", nullptr,
       [](const Message& e) { return Text(e, "title").starts_with("Title") && Id(e) != "X-3"; }},
      {"outcome : \"Reason\"", nullptr, [](const Message& e) { return Text(e, "outcome").starts_with("Reason"); }},
      {"state = CLOSED", "risks", [](const Message& e) { return State(e) == "CLOSED"; }},
      {"state != IDENTIFIED AND owner = ada", "risks",
       [](const Message& e) { return State(e) != "IDENTIFIED" && Text(e, "owner") == "ada"; }},
      {"score >= 6", "risks", [](const Message& e) { return Score(e) >= 6; }},
      {"open_score > 0 AND owner = grace", "risks",
       [](const Message& e) { return !IsClosed(e) && Score(e) > 0 && Text(e, "owner") == "grace"; }},
      {"state = OPEN", "issues", [](const Message& e) { return State(e) == "OPEN"; }},
      {"state = IN_PROGRESS AND labels.phase : *", "issues",
       [](const Message& e) { return State(e) == "IN_PROGRESS" && !PhaseOf(e).empty(); }},
      {"state = DONE", "actions", [](const Message& e) { return State(e) == "DONE"; }},
      {"state = TAKEN", "decisions", [](const Message& e) { return State(e) == "TAKEN"; }},
      {"state = SUBMITTED", "changeRequests", [](const Message& e) { return State(e) == "SUBMITTED"; }},
      {"state = RECORDED", "lessons", [](const Message& e) { return State(e) == "RECORDED"; }},
      {"state != HELD", "meetings", [](const Message& e) { return State(e) != "HELD"; }},
      {"state = RETIRED", "checklists", [](const Message& e) { return State(e) == "RETIRED"; }},
      {"failed > 0", "checklistRuns",
       [](const Message& e) { return dynamic_cast<const v1::ChecklistRun&>(e).failed() > 0; }},
      {"state = APPROVED", "budgetLines", [](const Message& e) { return State(e) == "APPROVED"; }},
  };
  return filters;
}

}  // namespace

std::vector<EntryFilter> EntryFilters(const std::string& collection) {
  std::vector<EntryFilter> some;
  for (const EntryFilter& filter : AllFilters()) {
    if (filter.collection == nullptr || filter.collection == collection) some.push_back(filter);
  }
  return some;
}

const EntryFilter& EntryFilterOf(const std::string& text) {
  return *std::find_if(AllFilters().begin(), AllFilters().end(), [&](const auto& f) { return f.text == text; });
}

std::vector<std::string> EntryOrders(const Register& entries) {
  std::vector<std::string> orders = {"", "id desc"};
  for (const char* field :
       {"title", "owner", "state", "update_time", "open_due_date", "score", "schedule_impact_days"}) {
    if (entries.type->FindFieldByName(field) == nullptr) continue;
    orders.emplace_back(field);
    orders.push_back(std::string(field) + " desc");
  }
  return orders;
}

EntryOrder EntryOrderOf(const std::string& text) {
  const std::string field = text.substr(0, text.find(' '));
  return {field == "id" ? "" : field, text.ends_with(" desc")};
}

std::string KeyOf(const EntryOrder& order, const Message& entry) {
  const FieldDescriptor* field = entry.GetDescriptor()->FindFieldByName(order.field);
  if (field == nullptr) return "";
  char text[60];
  switch (field->cpp_type()) {
    case FieldDescriptor::CPPTYPE_ENUM: {
      const auto* value = entry.GetReflection()->GetEnum(entry, field);
      return value->number() == 0 ? "" : ShortName(*value);
    }
    case FieldDescriptor::CPPTYPE_INT32:
      std::snprintf(text, sizeof text, "%020d", entry.GetReflection()->GetInt32(entry, field) + 1'000'000);
      return text;
    case FieldDescriptor::CPPTYPE_INT64:
      std::snprintf(text, sizeof text, "%020lld",
                    static_cast<long long>(entry.GetReflection()->GetInt64(entry, field)) + 1'000'000);
      return text;
    case FieldDescriptor::CPPTYPE_MESSAGE: {
      const auto& time =
          dynamic_cast<const google::protobuf::Timestamp&>(entry.GetReflection()->GetMessage(entry, field));
      std::snprintf(text, sizeof text, "%020lld.%09d", static_cast<long long>(time.seconds()), time.nanos());
      return text;
    }
    default:
      return entry.GetReflection()->GetString(entry, field);
  }
}

std::string DayAt(std::int64_t seconds) {
  const auto time = static_cast<std::time_t>(seconds);
  std::tm day = {};
  gmtime_r(&time, &day);
  char text[40];
  std::snprintf(text, sizeof text, "%04d-%02d-%02d", day.tm_year + 1900, day.tm_mon + 1, day.tm_mday);
  return text;
}

std::string DayIn(int days) { return DayAt(SecondsIn(days)); }

std::int64_t SecondsIn(int days) { return std::time(nullptr) + static_cast<std::int64_t>(days) * 86400; }

const std::vector<std::string>& Days() {
  static const std::vector<std::string> days = {DayIn(-100), DayIn(100), DayIn(7300)};
  return days;
}

bool IsDue(const std::string& day, bool late, bool soon, const v1::AsOf& as_of) {
  const std::int64_t now = as_of.has_time() ? as_of.time().seconds() : SecondsIn(0);
  const bool is_late = day < DayAt(now);
  const bool is_soon = !is_late && day <= DayAt(now + static_cast<std::int64_t>(kSoonDays) * 86400);
  return !day.empty() && ((late && is_late) || (soon && is_soon));
}

}  // namespace greffe::model
