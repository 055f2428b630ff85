// Names of records that were heard of, at random.
#pragma once

#include <string>
#include <vector>

#include "tests/model/any_values.h"

namespace greffe::model {

// One of those that `wanted` says so of, most often; now and then one that is not there. "" for none, most often.
template <typename Record, typename Wanted>
std::string AnyRecordName(Dice& dice, const Knowledge& known, const std::string& absent, Wanted wanted) {
  std::vector<std::string> all;
  std::vector<std::string> best;
  for (const auto& record : known.All<Record>()) {
    all.push_back(record->name());
    if (wanted(*record)) best.push_back(record->name());
  }
  if (all.empty() || dice.OneIn(50)) return Parent(known) + "/" + absent;
  return best.empty() || dice.OneIn(8) ? dice.Of(all) : dice.Of(best);
}

template <typename Record>
const Record* HeardOf(const Knowledge& known, const std::string& name) {
  const auto found = known.records.find(name);
  return found == known.records.end() ? nullptr : dynamic_cast<const Record*>(found->second.get());
}

// Its etag, or another one; most often none.
template <typename Record>
std::string AnyRecordEtag(Dice& dice, const Knowledge& known, const std::string& name) {
  if (!dice.OneIn(4)) return "";
  const Record* record = HeardOf<Record>(known, name);
  return record == nullptr || dice.OneIn(6) ? std::string(40, '0') : record->etag();
}

}  // namespace greffe::model
