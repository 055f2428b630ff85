// The typed attributes that a project defines, and free labels: what documents and entries of registers may carry.
#pragma once

#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "google/protobuf/map.h"
#include "google/protobuf/message.h"
#include "greffe/v1/common.pb.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/filter_parser.h"

namespace greffe {

using Labels = google::protobuf::Map<std::string, std::string>;
using Attributes = google::protobuf::Map<std::string, v1::AttributeValue>;

// Those of a message that has fields `labels` and `attributes`.
Labels LabelsOf(const google::protobuf::Message& resource);
Attributes AttributesOf(const google::protobuf::Message& resource);

// As Project.labels says. INVALID_ARGUMENT naming `field` and the key.
absl::Status ValidateLabels(const Labels& labels, const std::string& field);

// The project's definitions themselves.
absl::Status ValidateAttributeDefinitions(const v1::Project& project, const std::string& field);

// Who says what a resource carries. The server, which makes entries of reservations and minutes and documents of
// imports, has nothing to say, so it is not asked for what the project requires.
enum class SaidBy { kCaller, kServer };

// Typed as the project defines for that collection ("documents", "risks"), those that it requires present. A value that
// is in `before` too is not held to its definition, which may have changed since: it stops no other change.
// INVALID_ARGUMENT: ATTRIBUTE_INVALID, ATTRIBUTE_REQUIRED, ATTRIBUTE_UNKNOWN.
absl::Status ValidateAttributes(const v1::Project& project, std::string_view collection, const Attributes& attributes,
                                const Attributes& before, SaidBy said_by, const std::string& field);

// Whether resources of the collection may carry it.
bool AppliesTo(const v1::AttributeDefinition& definition, std::string_view collection);

// The text by which a posting holds an attribute's value, as a filter writes it.
std::string AttributeText(const v1::AttributeValue& value);

// Whether a filter's value is written as AttributeText writes it, so that the posting of that text holds all matches:
// numbers are written in more than one way, the posting has one.
bool IsAttributeText(std::string_view value);

// Compares as the attribute's type says: dates and numbers by value, text by bytes; a value of another type is unequal.
bool CompareAttribute(FilterOperator op, const v1::AttributeValue& attribute, const std::string& value);

}  // namespace greffe
