// Registers on their way to a spreadsheet and back.
#pragma once

#include <grpcpp/grpcpp.h>

#include <memory>
#include <string>

#include "greffe/v1/tables.grpc.pb.h"

namespace greffe {

class Spreadsheet {
 public:
  explicit Spreadsheet(const std::shared_ptr<grpc::Channel>& channel) : tables_(v1::Tables::NewStub(channel)) {}

  // The table of a collection, as a French spreadsheet opens it; at a moment that is not set: now.
  std::string Export(const std::string& collection, const v1::AsOf& as_of = {});
  // What became of such a table.
  v1::ImportTableResponse Import(const std::string& collection, const std::string& bytes, const std::string& comment);

 private:
  const std::unique_ptr<v1::Tables::Stub> tables_;
};

}  // namespace greffe
