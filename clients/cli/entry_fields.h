// Fields of entries of registers as options, cells and lines: what there are is said by the contract.
#pragma once

#include <CLI/App.hpp>
#include <map>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "clients/cli/session.h"
#include "google/protobuf/message.h"

namespace greffe::cli {

// What was given for fields of an entry.
struct EntryFields {
  std::map<std::string, std::string> values;              // by field
  std::map<std::string, std::vector<std::string>> lists;  // of repeated ones
  std::vector<std::string> labels;
  std::vector<std::string> attributes;
};

// An option for each field that callers may set (on creation: immutable ones too) and that is text, a number, an enum
// or a list of texts; but for the title, which is a positional.
void AddFieldOptions(CLI::App* command, const google::protobuf::Message& prototype, bool create, EntryFields& fields);

// Sets in `entry` what was given, and tells which fields those are. INVALID_ARGUMENT (OPTION_INVALID). `project`:
// its name.
absl::Status SetFields(Session& session, const CLI::App& command, const std::string& project, const EntryFields& fields,
                       google::protobuf::Message& entry, std::vector<std::string>& paths);

// A field's value in a cell; "-" for none.
std::string Cell(const google::protobuf::Message& entry, const std::string& field);

// All that is set, a line a field.
void PrintEntry(Session& session, const std::string& title, const google::protobuf::Message& entry);

std::string TextField(const google::protobuf::Message& entry, const std::string& field);

}  // namespace greffe::cli
