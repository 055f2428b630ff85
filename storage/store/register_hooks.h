// What single registers do beside what all do.
#pragma once

#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"
#include "storage/store/transaction.h"

namespace greffe {

// A new entry, named, before it is validated: a meeting carries open actions over and puts its minutes' decisions and
// actions; a run takes the items of its checklist.
absl::Status BeforeCreate(Transaction& transaction, google::protobuf::Message& entry, const std::string& field);

// An entry with its new values, before they are validated.
absl::Status BeforeUpdate(Transaction& transaction, const google::protobuf::Message& before,
                          google::protobuf::Message& entry, const std::string& field);

// An entry in its new state: a decision that is taken has a day and deciders; a run that is complete has all answers.
absl::Status BeforeTransition(Transaction& transaction, google::protobuf::Message& entry);

}  // namespace greffe
