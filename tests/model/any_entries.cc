#include "tests/model/any_entries.h"

#include <algorithm>
#include <iterator>

#include "tests/model/entry_filters.h"

namespace greffe::model {
namespace {

std::string AnyTitle(Dice& dice) {
  static const std::vector<std::string> rare = {
      "", std::string(501, 'x'), "=SUM(A1:A9)", "'quoted', \"so\"; and so", "-", "@home"};
  return dice.OneIn(12) ? dice.Of(rare) : "Title " + std::to_string(dice.Below(6));
}

std::string AnyNote(Dice& dice) {
  static const std::vector<std::string> notes = {"", "", "A note", "Two\nlines, \"of\" them; one\\two", "'tis"};
  return dice.Of(notes);
}

std::string AnyDay(Dice& dice) {
  if (dice.OneIn(40)) return "2026-02-30";
  return dice.OneIn(4) ? "" : dice.Of(Days());
}

std::string AnyAmount(Dice& dice) {
  static const std::vector<std::string> amounts = {"", "0", "100", "1250.50", "-20.25", "0.5"};
  return dice.OneIn(30) ? (dice.OneIn(2) ? "1.255" : "much") : dice.Of(amounts);
}

// Where it comes from: something that is there, most often.
std::string AnySource(Dice& dice, const Knowledge& known) {
  if (!dice.OneIn(4)) return "";
  if (dice.OneIn(20)) return "projects/elsewhere/documents/REC-0001";
  if (!known.records.empty() && dice.OneIn(3)) {
    return std::next(known.records.begin(), dice.Below(static_cast<std::int64_t>(known.records.size())))->first;
  }
  return dice.OneIn(2) ? AnyName(dice, known) : AnyEntryName(dice, known);
}

// The name of one of that collection; now and then of another one.
std::string NameIn(Dice& dice, const Knowledge& known, const std::string& collection) {
  std::vector<std::string> names;
  for (const auto& [name, states] : known.entries) {
    if (RegisterOf(name)->collection == collection) names.push_back(name);
  }
  return names.empty() || dice.OneIn(12) ? AnyEntryName(dice, known) : dice.Of(names);
}

std::string AnyText(Dice& dice, const Knowledge& known, const FieldDescriptor& field) {
  const std::string name(field.name());
  switch (field.options().GetExtension(v1::rule).kind()) {
    case v1::VALUE_KIND_TEXT:
      if (name == "title") return AnyTitle(dice);
      if (name == "requester") return dice.OneIn(3) ? "" : "The customer";
      return dice.OneIn(3) ? "" : "word " + std::to_string(dice.Below(3));
    case v1::VALUE_KIND_NOTE:
      return AnyNote(dice);
    case v1::VALUE_KIND_DATE:
      return AnyDay(dice);
    case v1::VALUE_KIND_TIME_OF_DAY:
      return dice.OneIn(40) ? "25:00" : dice.OneIn(3) ? "" : dice.OneIn(2) ? "09:30" : "14:00";
    case v1::VALUE_KIND_PRINCIPAL:
      return dice.OneIn(40) ? "<ada>" : dice.OneIn(8) ? "" : dice.OneIn(2) ? "ada" : "grace";
    case v1::VALUE_KIND_CURRENCY:
      return dice.OneIn(30) ? "ZZZ" : dice.OneIn(2) ? "" : dice.OneIn(2) ? "USD" : "EUR";
    case v1::VALUE_KIND_AMOUNT:
      return AnyAmount(dice);
    case v1::VALUE_KIND_RESOURCE:
      if (name == "checklist") return NameIn(dice, known, "checklists");
      if (name == "previous_meeting") return dice.OneIn(2) ? "" : NameIn(dice, known, "meetings");
      return AnySource(dice, known);
    default:
      return "";
  }
}

int AnyNumber(Dice& dice, const FieldDescriptor& field) {
  const v1::ValueRule& rule = field.options().GetExtension(v1::rule);
  if (dice.OneIn(40)) return static_cast<int>(rule.max()) + 1;
  if (rule.min() < 0) return static_cast<int>(dice.Below(40)) - 20;
  return static_cast<int>(dice.Below(rule.max() + 1));
}

void FillFields(Dice& dice, const Knowledge& known, Message& entry) {
  const auto& reflection = *entry.GetReflection();
  for (int i = 0; i < entry.GetDescriptor()->field_count(); ++i) {
    const FieldDescriptor& field = *entry.GetDescriptor()->field(i);
    const v1::FieldBehavior behavior = BehaviorOf(field);
    if (behavior == v1::FIELD_BEHAVIOR_OUTPUT_ONLY || field.name() == "name") continue;
    // What the server sets is given, too, now and then: it is ignored.
    if (behavior == v1::FIELD_BEHAVIOR_SERVER_SET && !dice.OneIn(10)) continue;
    switch (field.cpp_type()) {
      case FieldDescriptor::CPPTYPE_STRING:
        if (!field.is_repeated()) {
          reflection.SetString(&entry, &field, AnyText(dice, known, field));
        } else if (behavior == v1::FIELD_BEHAVIOR_UNSPECIFIED) {
          for (std::int64_t count = dice.Below(3); count > 0; --count) {
            reflection.AddString(&entry, &field, dice.OneIn(4) ? "a; b\\c" : "guest " + std::to_string(count));
          }
        }
        break;
      case FieldDescriptor::CPPTYPE_INT32:
        reflection.SetInt32(&entry, &field, AnyNumber(dice, field));
        break;
      case FieldDescriptor::CPPTYPE_ENUM:
        reflection.SetEnumValue(&entry, &field, static_cast<int>(dice.Below(field.enum_type()->value_count())));
        break;
      default:
        break;
    }
  }
}

void FillMinutes(Dice& dice, const Knowledge& known, v1::Meeting& meeting) {
  const auto found = known.entries.find(meeting.name());
  if (found != known.entries.end()) {
    const auto& states = found->second;
    *meeting.mutable_minutes() =
        dynamic_cast<const v1::Meeting&>(dice.OneIn(4) ? *states.front() : *states.back()).minutes();
    if (meeting.minutes_size() > 3) meeting.mutable_minutes()->DeleteSubrange(0, 2);
  }
  for (std::int64_t count = dice.Below(3); count > 0; --count) {
    v1::MinutesItem& item = *meeting.add_minutes();
    item.set_kind(static_cast<v1::MinutesKind>(1 + dice.Below(3)));
    item.set_text(dice.OneIn(30) ? "" : "Said " + std::to_string(dice.Below(9)));
    if (item.kind() != v1::MINUTES_KIND_ACTION) continue;
    if (dice.OneIn(2)) item.set_owner("grace");
    item.set_due_date(dice.Of(Days()));
  }
}

void FillItems(Dice& dice, v1::Checklist& checklist) {
  for (std::int64_t count = dice.OneIn(20) ? 0 : 1 + dice.Below(3); count > 0; --count) {
    v1::ChecklistItem& item = *checklist.add_items();
    if (dice.OneIn(3)) item.set_id(std::to_string(1 + dice.Below(4)));
    item.set_text("Is it so?");
    item.set_required(dice.OneIn(2));
  }
}

void FillAnswers(Dice& dice, v1::ChecklistRun& run) {
  for (std::int64_t count = dice.Below(3); count > 0; --count) {
    v1::ChecklistAnswer& answer = *run.add_answers();
    answer.set_id(std::to_string(1 + dice.Below(3)));
    answer.set_result(static_cast<v1::ChecklistResult>(dice.Below(4)));
    if (dice.OneIn(3)) answer.set_comment("As \"seen\"");
  }
}

void FillLists(Dice& dice, const Knowledge& known, Message& entry) {
  if (auto* meeting = dynamic_cast<v1::Meeting*>(&entry)) FillMinutes(dice, known, *meeting);
  if (auto* checklist = dynamic_cast<v1::Checklist*>(&entry)) FillItems(dice, *checklist);
  if (auto* run = dynamic_cast<v1::ChecklistRun*>(&entry)) FillAnswers(dice, *run);
}

}  // namespace

const Register& AnyRegister(Dice& dice) { return dice.Of(Registers()); }

std::string AnyEntryName(Dice& dice, const Knowledge& known) {
  if (known.entries.empty() || dice.OneIn(40)) {
    return Parent(known) + "/" + AnyRegister(dice).collection + "/NONE-" + std::to_string(dice.Below(3));
  }
  return std::next(known.entries.begin(), dice.Below(static_cast<std::int64_t>(known.entries.size())))->first;
}

std::string AnyEntryEtag(Dice& dice, const Knowledge& known, const std::string& name) {
  if (!dice.OneIn(3)) return "";
  const auto found = known.entries.find(name);
  if (found == known.entries.end() || dice.OneIn(10)) return std::string(40, '0');
  return Text(dice.OneIn(3) ? *found->second.front() : *found->second.back(), "etag");
}

EntryPtr AnyEntry(Dice& dice, const Knowledge& known, const Register& entries, const std::string& name) {
  EntryPtr entry = NewEntry(entries);
  SetText(*entry, "name", name);
  FillFields(dice, known, *entry);
  FillLists(dice, known, *entry);
  std::map<std::string, std::string> labels;
  if (dice.OneIn(2)) labels["phase"] = "l" + std::to_string(dice.Below(3));
  if (dice.OneIn(6)) labels["second"] = "a=b; c";
  if (dice.OneIn(60)) labels["Bad"] = "x";
  SetLabels(*entry, labels);
  std::map<std::string, v1::AttributeValue> attributes;
  if (dice.OneIn(2)) attributes["place"].set_text(dice.OneIn(2) ? "north" : "south");
  if (dice.OneIn(60)) attributes["discipline"].set_text("of documents alone");
  if (dice.OneIn(60)) attributes["place"].set_integer(7);
  SetAttributes(*entry, attributes);
  return entry;
}

std::string AnyChosenId(Dice& dice, const Register& entries) {
  if (!dice.OneIn(4)) return "";
  if (dice.OneIn(20)) return "no id";
  return dice.OneIn(4) ? "X-" + std::to_string(dice.Below(9))
                       : entries.prefix + "-00" + std::to_string(10 + dice.Below(60));
}

}  // namespace greffe::model
