#include "tests/model/entry_operations.h"

#include "tests/model/any_entries.h"
#include "tests/model/entry_filters.h"

namespace greffe::model {
namespace {

constexpr std::size_t kManyEntries = 60;  // from so many on, new ones are rare

// The state as it was heard of last, of one that was heard of.
const Message* Known(const Knowledge& known, const std::string& name) {
  const auto found = known.entries.find(name);
  return found == known.entries.end() ? nullptr : found->second.back().get();
}

}  // namespace

Request CreateEntry(Dice& dice, const Knowledge& known) {
  if (known.entries.size() >= kManyEntries && !dice.OneIn(8)) return UpdateEntry(dice, known);
  const Register& entries = AnyRegister(dice);
  auto request = std::make_shared<v1::CreateEntryRequest>();
  request->set_parent(Parent(known));
  *request->mutable_entry() = EntryOf(*AnyEntry(dice, known, entries));
  request->set_entry_id(AnyChosenId(dice, entries));
  return request;
}

Request UpdateEntry(Dice& dice, const Knowledge& known) {
  const std::string name = AnyEntryName(dice, known);
  const Register& entries = *RegisterOf(name);
  const EntryPtr values = AnyEntry(dice, known, entries, name);
  SetText(*values, "etag", AnyEntryEtag(dice, known, name));
  auto request = std::make_shared<v1::UpdateEntryRequest>();
  *request->mutable_entry() = EntryOf(*values);
  const auto& mask = request->mutable_update_mask();
  const std::int64_t count = dice.OneIn(12) ? 0 : 1 + dice.Below(3);
  for (std::int64_t i = 0; i < count; ++i) {
    const FieldDescriptor& field = *entries.type->field(static_cast<int>(dice.Below(entries.type->field_count())));
    // Most often one that can be updated.
    if (BehaviorOf(field) == v1::FIELD_BEHAVIOR_UNSPECIFIED || dice.OneIn(20)) {
      mask->add_paths(std::string(field.name()));
    }
  }
  if (count > 0 && mask->paths().empty()) mask->add_paths("title");
  return request;
}

Request TransitionEntry(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::TransitionEntryRequest>();
  request->set_name(AnyEntryName(dice, known));
  request->set_etag(AnyEntryEtag(dice, known, request->name()));
  const Message* entry = Known(known, request->name());
  const auto& states = *RegisterOf(request->name())->type->FindFieldByName("state")->enum_type();
  if (entry != nullptr && !dice.OneIn(4) && !PolicyOf(*StateOf(*entry)).next().empty()) {
    request->set_state(dice.Of(
        std::vector<std::string>(PolicyOf(*StateOf(*entry)).next().begin(), PolicyOf(*StateOf(*entry)).next().end())));
  } else {
    const int which = dice.OneIn(30) ? 0 : 1 + static_cast<int>(dice.Below(states.value_count() - 1));
    request->set_state(which == 0 ? "NOWHERE" : ShortName(*states.value(which)));
  }
  if (!dice.OneIn(4)) request->set_comment("Reason " + std::to_string(dice.Below(4)));
  return request;
}

Request GetEntry(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetEntryRequest>();
  request->set_name(AnyEntryName(dice, known));
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

Request ListEntries(Dice& dice, const Knowledge& known) {
  const Register& entries = AnyRegister(dice);
  auto request = std::make_shared<v1::ListEntriesRequest>();
  request->set_parent(Parent(known) + "/" + entries.collection);
  request->set_filter(dice.Of(EntryFilters(entries.collection)).text);
  request->set_order_by(dice.Of(EntryOrders(entries)));
  if (dice.OneIn(4)) request->set_late(true);
  if (dice.OneIn(4)) request->set_due_within_days(kSoonDays);
  request->set_page_size(dice.OneIn(3) ? 1 + static_cast<int>(dice.Below(4)) : 1000);
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

Request ListEntryRevisions(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ListEntryRevisionsRequest>();
  request->set_name(AnyEntryName(dice, known));
  request->set_page_size(dice.OneIn(3) ? 2 : 1000);
  if (dice.OneIn(3)) *request->mutable_as_of() = AnyMoment(dice, known);
  return request;
}

}  // namespace greffe::model
