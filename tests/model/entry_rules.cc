// Rules of what changes registers' entries one by one, and of what reads them.
#include <algorithm>

#include "tests/model/draft.h"
#include "tests/model/entry_draft.h"
#include "tests/model/entry_filters.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

Expected RefusedFor(const Flaws& flaws) {
  Refusals refusals;
  for (const Flaw& flaw : flaws) refusals.insert(flaw.refusal);
  return Expected::Refused(std::move(refusals));
}

// What the draft puts; the answer is the entry.
Expected OneEntry(const EntryDraft& draft, const std::string& name, const Flaws& flaws) {
  if (!flaws.empty()) return RefusedFor(flaws);
  Expected expected;
  draft.Finish(expected);
  expected.answer = std::make_shared<v1::Entry>(EntryOf(*draft.After(name)));
  return expected;
}

// Why nothing can be done about the entry.
Flaws Open(const Moment& moment, const std::string& name, const std::string& etag) {
  if (!moment.exists()) return {{"NOT_FOUND PROJECT_NOT_FOUND", ""}, {"NOT_FOUND RECORD_NOT_FOUND", ""}};
  const Message* entry = moment.Find(RegisterOf(name)->type, name);
  if (entry == nullptr) return {{"NOT_FOUND RECORD_NOT_FOUND", ""}};
  if (!etag.empty() && etag != Text(*entry, "etag")) return {{"ABORTED ETAG_MISMATCH", "etag"}};
  return {};
}

Expected CreateEntry(const Moment& moment, const v1::CreateEntryRequest& request, const Made* made) {
  if (!moment.exists()) return Expected::Refused({"NOT_FOUND PROJECT_NOT_FOUND"});
  EntryDraft draft(moment, made);
  Flaws flaws;
  const std::string name = draft.Create(*EntryIn(request.entry()), request.entry_id(), flaws);
  return OneEntry(draft, name, flaws);
}

Expected UpdateEntry(const Moment& moment, const v1::UpdateEntryRequest& request, const Made* made) {
  const Message& values = *EntryIn(request.entry());
  EntryDraft draft(moment, made);
  Flaws flaws = Open(moment, Text(values, "name"), Text(values, "etag"));
  const auto& mask = request.update_mask().paths();
  if (flaws.empty()) draft.Update(values, {mask.begin(), mask.end()}, flaws);
  return OneEntry(draft, Text(values, "name"), flaws);
}

Expected TransitionEntry(const Moment& moment, const v1::TransitionEntryRequest& request, const Made* made) {
  EntryDraft draft(moment, made);
  Flaws flaws = Open(moment, request.name(), request.etag());
  if (flaws.empty()) draft.Transition(request.name(), request.state(), request.comment(), flaws);
  return OneEntry(draft, request.name(), flaws);
}

Expected GetEntry(const Moment& now, const v1::GetEntryRequest& request, const Made*) {
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const Message* entry = moment->Find(RegisterOf(request.name())->type, request.name());
  if (entry == nullptr) return Expected::Refused({"NOT_FOUND RECORD_NOT_FOUND"});
  Expected expected;
  expected.answer = std::make_shared<v1::Entry>(EntryOf(*entry));
  return expected;
}

Expected ListEntries(const Moment& now, const v1::ListEntriesRequest& request, const Made*) {
  const Register& entries = *RegisterOf(request.parent());
  const bool due = request.late() || request.has_due_within_days();
  if (due && entries.type->FindFieldByName("open_due_date") == nullptr) {
    return Expected::Refused({"INVALID_ARGUMENT FIELD_INVALID"});
  }
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  const EntryFilter& filter = EntryFilterOf(request.filter());
  if (filter.matches == nullptr) refusals.insert("INVALID_ARGUMENT FILTER_INVALID");
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  const EntryOrder order = EntryOrderOf(request.order_by().empty() && due ? "open_due_date" : request.order_by());
  std::vector<std::pair<std::string, const Message*>> chosen;
  for (const Message* entry : moment->All(entries.type)) {
    const std::string day = Text(*entry, "open_due_date");
    if (due && !IsDue(day, request.late(), request.has_due_within_days(), request.as_of())) continue;
    if (filter.matches(*entry)) {
      chosen.emplace_back(KeyOf(order, *entry) + '\0' + IdOf(Text(*entry, "name")), entry);
    }
  }
  std::sort(chosen.begin(), chosen.end());
  if (order.descending) std::reverse(chosen.begin(), chosen.end());
  auto response = std::make_shared<v1::ListEntriesResponse>();
  for (const auto& [key, entry] : chosen) *response->add_entries() = EntryOf(*entry);
  response->set_sequence(moment->sequence());
  Expected expected;
  expected.answer = std::move(response);
  return expected;
}

Expected ListEntryRevisions(const Moment& now, const v1::ListEntryRevisionsRequest& request, const Made*) {
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const auto history = moment->HistoryOf(RegisterOf(request.name())->type, request.name());
  if (history.empty()) return Expected::Refused({"NOT_FOUND RECORD_NOT_FOUND"});
  auto response = std::make_shared<v1::ListEntryRevisionsResponse>();
  for (auto entry = history.rbegin(); entry != history.rend(); ++entry) *response->add_revisions() = EntryOf(**entry);
  Expected expected;
  expected.answer = std::move(response);
  return expected;
}

}  // namespace

void AddEntryRules(Rules& rules) {
  rules.Add<v1::CreateEntryRequest>(CreateEntry);
  rules.Add<v1::UpdateEntryRequest>(UpdateEntry);
  rules.Add<v1::TransitionEntryRequest>(TransitionEntry);
  rules.Add<v1::GetEntryRequest>(GetEntry);
  rules.Add<v1::ListEntriesRequest>(ListEntries);
  rules.Add<v1::ListEntryRevisionsRequest>(ListEntryRevisions);
}

}  // namespace greffe::model
