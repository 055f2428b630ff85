// What every command shares: where it writes, whom it asks, how it answers.
#pragma once

#include <memory>
#include <ostream>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/client.h"
#include "google/protobuf/message.h"

namespace greffe::cli {

// Where the program writes.
struct Streams {
  std::ostream& out;
  std::ostream& err;
  bool colour = false;    // `out` is a terminal that shows colours
  bool progress = false;  // `err` is a terminal
  bool terminal = false;  // `out` is one, of whatever kind
};

// One run of the program. Not thread-safe.
class Session {
 public:
  explicit Session(const Streams& streams) : streams_(streams) {}

  // Bound to the options of the command line; constant once it is parsed.
  std::string server = "127.0.0.1:7433";
  std::string project;
  std::string output = "table";
  std::string principal;
  std::string request_id;  // empty: each write gets one
  double timeout_seconds = 60;

  // The server; made with the first call.
  client::Client& client();

  // `projects/{id}` of --project, which may be given as a whole name too. INVALID_ARGUMENT when there is none.
  absl::StatusOr<std::string> Parent() const;

  bool json() const { return output == "json"; }
  // One line of JSON (of an Entry: of the message inside it): proto3 JSON, all fields present, names in lowerCamelCase,
  // 64-bit numbers as strings.
  void PrintJson(const google::protobuf::Message& message);

  const Streams& streams() const { return streams_; }
  std::ostream& out() { return streams_.out; }
  // A remark for people, which is no part of the result.
  void Note(const std::string& text) { streams_.err << text << "\n"; }

 private:
  const Streams streams_;
  std::unique_ptr<client::Client> client_;
};

// The name in a passwd entry's comment field, as a principal's display name may be: UTF-8 without control characters,
// 200 characters at most. What is not is replaced or cut.
std::string NameOfGecos(const std::string& gecos);

// `projects/{id}` -> `{id}`; the last part of any resource name.
std::string IdOf(const std::string& name);

}  // namespace greffe::cli
