#include "tests/scenario/spreadsheet.h"

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <chrono>

#include "tests/scenario/views.h"

namespace greffe {
namespace {

void Prepare(grpc::ClientContext& context) {
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  context.AddMetadata("greffe-principal", "marie");
}

}  // namespace

std::string Spreadsheet::Export(const std::string& collection, const v1::AsOf& as_of) {
  v1::ExportTableRequest request;
  request.set_parent(std::string(kStation) + "/" + collection);
  request.mutable_dialect()->set_encoding(v1::TABLE_ENCODING_WINDOWS_1252);
  request.mutable_dialect()->set_delimiter(v1::TABLE_DELIMITER_SEMICOLON);
  request.mutable_dialect()->set_dates(v1::TABLE_DATES_FRENCH);
  request.mutable_dialect()->set_decimals(v1::TABLE_DECIMALS_COMMA);
  if (as_of.moment_case() != v1::AsOf::MOMENT_NOT_SET) *request.mutable_as_of() = as_of;
  grpc::ClientContext context;
  Prepare(context);
  const auto stream = tables_->ExportTable(&context, request);
  std::string bytes;
  v1::ExportTableResponse piece;
  while (stream->Read(&piece)) bytes += piece.data();
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << collection << ": " << status.error_message();
  return bytes;
}

v1::ImportTableResponse Spreadsheet::Import(const std::string& collection, const std::string& bytes,
                                            const std::string& comment) {
  v1::ImportTableRequest request;
  request.set_parent(std::string(kStation) + "/" + collection);
  request.set_data(bytes);
  request.set_comment(comment);
  grpc::ClientContext context;
  Prepare(context);
  v1::ImportTableResponse response;
  const auto stream = tables_->ImportTable(&context, &response);
  EXPECT_TRUE(stream->Write(request));
  stream->WritesDone();
  const grpc::Status status = stream->Finish();
  EXPECT_TRUE(status.ok()) << collection << ": " << status.error_message();
  return response;
}

}  // namespace greffe
