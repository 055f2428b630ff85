// What reads of records are answered that are read and listed alike.
#pragma once

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "tests/model/entry_filters.h"
#include "tests/model/field_filters.h"
#include "tests/model/rules.h"

namespace greffe::model {

template <typename Record, typename Request>
Expected GetRecord(const Moment& now, const Request& request, const Made*) {
  std::set<std::string> refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const auto* record = moment->template Find<Record>(request.name());
  if (record == nullptr) return Expected::Refused({"NOT_FOUND RECORD_NOT_FOUND"});
  Expected expected;
  expected.answer = std::make_shared<Record>(*record);
  return expected;
}

template <typename Record, typename Response, typename Request>
Expected ListRecords(const Moment& now, const Request& request, const Made*) {
  std::set<std::string> refusals;
  const auto moment = now.At(request.as_of(), refusals);
  const auto matches = ReadFilter(*Record::descriptor(), request.filter());
  if (!matches) refusals.insert("INVALID_ARGUMENT FILTER_INVALID");
  if (!IsOrder(*Record::descriptor(), request.order_by())) refusals.insert("INVALID_ARGUMENT ORDER_INVALID");
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  bool late = false;
  bool soon = false;
  if constexpr (requires { request.late(); }) {
    late = request.late();
    soon = request.has_due_within_days();
  }
  const bool by_due = late || soon;
  const EntryOrder order = EntryOrderOf(by_due && request.order_by().empty() ? "open_due_date" : request.order_by());
  std::vector<std::pair<std::string, const Record*>> chosen;
  for (const Record* record : moment->template All<Record>()) {
    if (by_due && !IsDue(Text(*record, "open_due_date"), late, soon, request.as_of())) continue;
    if (!(*matches)(*record)) continue;
    chosen.emplace_back(KeyOf(order, *record) + '\0' + IdOf(record->name()), record);
  }
  std::sort(chosen.begin(), chosen.end());
  if (order.descending) std::reverse(chosen.begin(), chosen.end());
  auto response = std::make_shared<Response>();
  for (int i = 0; i < Response::descriptor()->field_count(); ++i) {
    const FieldDescriptor* field = Response::descriptor()->field(i);
    if (field->message_type() != Record::descriptor()) continue;
    for (const auto& [key, record] : chosen) {
      response->GetReflection()->AddMessage(response.get(), field)->CopyFrom(*record);
    }
  }
  response->set_sequence(moment->sequence());
  Expected expected;
  expected.answer = std::move(response);
  return expected;
}

}  // namespace greffe::model
