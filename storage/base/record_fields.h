// The values of a record's fields as text: what an index keys by, what a filter compares, what a table shows. One text
// for each value, and texts sort as the values do.
#pragma once

#include <string>
#include <vector>

#include "google/protobuf/message.h"

namespace greffe {

// The enum value's name without the enum's own in front: "DELIVERABLE_STATE_PLANNED" -> "PLANNED".
std::string ShortEnumName(const google::protobuf::EnumValueDescriptor& value);
// Of the value of that number; the number itself where the type has none: a record that Greffe's rules did not make may
// hold any.
std::string ShortEnumName(const google::protobuf::EnumDescriptor& type, int number);
// The value of such a name; null: there is none.
const google::protobuf::EnumValueDescriptor* FindEnumValue(const google::protobuf::EnumDescriptor& type,
                                                           const std::string& short_name);

// The texts of a top-level field: one for a singular field, also when it is not set (an unspecified enum is ""), one
// for each element of a repeated one. Whole numbers have 19 digits, times are RFC 3339 with microseconds in UTC,
// booleans "true" and "false". Of a message other than a time: none.
std::vector<std::string> FieldTexts(const google::protobuf::Message& record,
                                    const google::protobuf::FieldDescriptor& field);

// The text of a singular field, for an order: numbers below zero have each digit's complement to nine, so that texts
// compare as they do.
std::string OrderText(const google::protobuf::Message& record, const google::protobuf::FieldDescriptor& field);

// The text of a singular string field; "" where the record has none of that name.
std::string TextField(const google::protobuf::Message& record, const char* field);

// The record's fields that are marked `indexed`.
const std::vector<const google::protobuf::FieldDescriptor*>& IndexedFields(const google::protobuf::Descriptor& record);

// A field whose order is kept among the records of each value of another one (`ordered_within`).
struct OrderedWithin {
  const google::protobuf::FieldDescriptor* within;
  const google::protobuf::FieldDescriptor* field;
};
const std::vector<OrderedWithin>& FieldsOrderedWithin(const google::protobuf::Descriptor& record);

// The `state` of a record that has one, in its short form; "" otherwise.
std::string StateText(const google::protobuf::Message& record);

}  // namespace greffe
