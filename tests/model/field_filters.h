// The filters and orders that lists of milestones and of other planned things are asked for, and what they mean for
// the fields of a record (ListEntriesRequest.filter).
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "tests/model/any_values.h"
#include "tests/model/registers.h"

namespace greffe::model {

// nullopt: it is refused. Of filters as they are asked for here: a space around each word.
std::optional<std::function<bool(const Message&)>> ReadFilter(const google::protobuf::Descriptor& type,
                                                              const std::string& text);
// Now and then one that is refused.
std::string AnyFilter(Dice& dice, const Knowledge& known, const google::protobuf::Descriptor& type);

// Whether a list can be ordered so.
bool IsOrder(const google::protobuf::Descriptor& type, const std::string& text);
std::string AnyOrder(Dice& dice, const google::protobuf::Descriptor& type);

}  // namespace greffe::model
