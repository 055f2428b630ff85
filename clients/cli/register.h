// The registers as commands.
#pragma once

#include <string>
#include <vector>

#include "clients/cli/session.h"
#include "google/protobuf/message.h"

namespace greffe::cli {

// A command that takes an entry to a state.
struct RegisterVerb {
  const char* name;
  const char* state;
  const char* help;
};

struct RegisterCommand {
  const char* name;                            // "risk"
  const char* collection;                      // "risks"
  const google::protobuf::Message* prototype;  // its default instance
  const char* help;
  std::vector<const char*> columns;  // fields; "id" first, the title last
  std::vector<RegisterVerb> verbs;
  bool own_add = false;  // a command of its own makes new ones
};

const std::vector<RegisterCommand>& RegisterCommands();

// The message of the register inside an Entry.
const google::protobuf::Message& EntryOf(const v1::Entry& entry);
google::protobuf::Message& MutableEntryOf(v1::Entry& entry, const google::protobuf::Message& prototype);

// "done  ACT-0001  done  due 2026-03-31  Call the supplier", or the entry as JSON.
void PrintOutcome(Session& session, const std::string& what, const v1::Entry& entry);

}  // namespace greffe::cli
