// The registers and their entries, whatever the type: what the contract's messages and their options say of them.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "greffe/v1/annotations.pb.h"
#include "greffe/v1/common.pb.h"
#include "greffe/v1/registers.pb.h"

namespace greffe::model {

using google::protobuf::FieldDescriptor;
using google::protobuf::Message;
using EntryPtr = std::shared_ptr<Message>;

struct Register {
  std::string collection;                    // "risks"
  std::string prefix;                        // "RISK"
  const FieldDescriptor* field;              // of v1::Entry
  const google::protobuf::Descriptor* type;  // of what it keeps
};
const std::vector<Register>& Registers();
// By the collection in a name, `projects/{p}/{collection}/...`; nullptr: there is none.
const Register* RegisterOf(const std::string& name);
const Register& RegisterOf(const google::protobuf::Descriptor& type);

// The message inside; nullptr: none.
const Message* EntryIn(const v1::Entry& entry);
v1::Entry EntryOf(const Message& record);
EntryPtr CopyOf(const Message& record);
EntryPtr NewEntry(const Register& entries);

// "" where the record has no such field.
std::string Text(const Message& record, const char* field);
// Nothing happens then.
void SetText(Message& record, const char* field, const std::string& text);
std::map<std::string, std::string> LabelsOf(const Message& record);
void SetLabels(Message& record, const std::map<std::string, std::string>& labels);
std::map<std::string, v1::AttributeValue> AttributesOf(const Message& record);
void SetAttributes(Message& record, const std::map<std::string, v1::AttributeValue>& attributes);
// Of the commit that last changed it.
std::int64_t SequenceOf(const Message& record);
std::string IdOf(const std::string& name);
v1::FieldBehavior BehaviorOf(const FieldDescriptor& field);
// "IN_PROGRESS".
std::string ShortName(const google::protobuf::EnumValueDescriptor& value);
// The value that has this short name; nullptr: there is none.
const google::protobuf::EnumValueDescriptor* FindValue(const google::protobuf::EnumDescriptor& type,
                                                       const std::string& short_name);
const google::protobuf::EnumValueDescriptor* StateOf(const Message& record);
const v1::StatePolicy& PolicyOf(const google::protobuf::EnumValueDescriptor& state);
bool IsClosed(const Message& record);

}  // namespace greffe::model
