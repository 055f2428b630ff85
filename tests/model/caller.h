// Makes calls and writes down what came of them.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "tests/model/call.h"
#include "tests/torture/gate.h"

namespace greffe::model {

// One client with a principal of its own. Not thread-safe.
class Caller {
 public:
  Caller(std::string principal, Gate& gate, Findings& findings);

  const std::string& principal() const { return principal_; }

  // A listing is read to its end, in pages of the request's size. While the server is away it waits for the next one,
  // and asks that.
  Call Make(const std::string& project, std::shared_ptr<const google::protobuf::Message> request);

 private:
  using Answer = std::shared_ptr<const google::protobuf::Message>;
  template <typename Request>
  void Add(std::function<absl::StatusOr<Answer>(client::Client&, const Request&, Call&)> make);
  template <typename Request, typename Response>
  void AddUnary(absl::StatusOr<Response> (client::Client::*method)(Request));
  template <typename Request, typename Response>
  void AddListing(absl::StatusOr<Response> (client::Client::*method)(Request));

  const std::string principal_;
  Connection connection_;
  Findings& findings_;
  std::map<const google::protobuf::Descriptor*,
           std::function<absl::StatusOr<Answer>(client::Client&, const google::protobuf::Message&, Call&)>>
      makers_;
};

}  // namespace greffe::model
