// One call to the server as a client saw it.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "google/protobuf/message.h"

namespace greffe::model {

using Clock = std::chrono::steady_clock;

struct Call {
  std::string project;                                       // its id
  std::string caller;                                        // principal id
  std::shared_ptr<const google::protobuf::Message> request;  // without page token; a listing is one call
  absl::Status status;
  std::shared_ptr<const google::protobuf::Message> answer;  // of all pages together; nullptr: refused
  Clock::time_point asked;                                  // before the first byte went out
  // After the last one came in; of a listing, that of its first page, which fixes the moment.
  Clock::time_point answered;
  // Servers that went away under it; the one after them was asked again, to the letter.
  int unanswered = 0;
};

// "ABORTED ETAG_MISMATCH", or "" for OK.
std::string RefusalOf(const absl::Status& status);
// For people: what, of what, and the answer.
std::string Describe(const Call& call);
// The same bytes for equal messages.
std::string BytesOf(const google::protobuf::Message& message);
// The request's id; "" for reads.
std::string RequestIdOf(const google::protobuf::Message& request);
// What a repetition must have in common with the first: the caller, and everything but the id.
std::string FingerprintOf(const Call& call);

}  // namespace greffe::model
