// Calls of a server by name of who makes them.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"

namespace greffe {

template <typename Service>
class Caller {
 public:
  using Stub = typename Service::Stub;
  explicit Caller(const std::shared_ptr<grpc::Channel>& channel) : stub_(Service::NewStub(channel)) {}

  // A call that succeeds.
  template <typename Request, typename Response>
  Response Do(const std::string& who, grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
              const Request& request) {
    Response response;
    const grpc::Status status = Try(who, method, request, response);
    EXPECT_TRUE(status.ok()) << who << ": " << request.GetTypeName() << ": " << status.error_message();
    return response;
  }

  // The reason why a call is refused; "" when it is not.
  template <typename Request, typename Response>
  std::string Refused(const std::string& who,
                      grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                      const Request& request) {
    Response response;
    const grpc::Status status = Try(who, method, request, response);
    google::rpc::Status details;
    details.ParseFromString(status.error_details());
    google::rpc::ErrorInfo info;
    for (const auto& detail : details.details()) {
      if (detail.UnpackTo(&info)) break;
    }
    return info.reason();
  }

 private:
  template <typename Request, typename Response>
  grpc::Status Try(const std::string& who,
                   grpc::Status (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                   const Request& request, Response& response) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
    context.AddMetadata("greffe-principal", who);
    return (stub_.get()->*method)(&context, request, &response);
  }

  const std::unique_ptr<Stub> stub_;
};

}  // namespace greffe
