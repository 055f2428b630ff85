// Tables out of the server, and back into it.
#pragma once

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "tests/services/service_fixture.h"

namespace greffe {

class TablesTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
  }

  static v1::ImportTableRequest Request(const std::string& collection, const std::string& bytes) {
    v1::ImportTableRequest request;
    request.set_parent("projects/apollo/" + collection);
    request.set_data(bytes);
    return request;
  }
  v1::ImportTableResponse Import(const std::string& collection, const std::string& bytes) {
    return Send({Request(collection, bytes)});
  }
  v1::ImportTableResponse Send(const std::vector<v1::ImportTableRequest>& messages) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    v1::ImportTableResponse response;
    const auto stream = tables_->ImportTable(&context, &response);
    for (const v1::ImportTableRequest& message : messages) {
      if (!stream->Write(message)) break;
    }
    stream->WritesDone();
    status_ = stream->Finish();
    return response;
  }

  static v1::ExportTableRequest ExportRequest(const std::string& collection,
                                              const std::vector<std::string>& columns = {}) {
    v1::ExportTableRequest request;
    request.set_parent("projects/apollo/" + collection);
    for (const std::string& column : columns) request.add_columns(column);
    return request;
  }
  std::string Export(const v1::ExportTableRequest& request) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(120));
    const auto stream = tables_->ExportTable(&context, request);
    std::string bytes;
    rows_ = 0;
    v1::ExportTableResponse piece;
    while (stream->Read(&piece)) {
      bytes += piece.data();
      rows_ += piece.row_count();
    }
    status_ = stream->Finish();
    return bytes;
  }
  std::string Export(const std::string& collection, const std::vector<std::string>& columns = {}) {
    return Export(ExportRequest(collection, columns));
  }

  std::int64_t Sequence() {
    v1::GetProjectRequest get;
    get.set_name("projects/apollo");
    return Call(*projects_, &v1::Projects::Stub::GetProject, get).sequence();
  }
  v1::Risk Risk(const std::string& id) {
    v1::GetEntryRequest request;
    request.set_name("projects/apollo/risks/" + id);
    return Call(*registers_, &v1::Registers::Stub::GetEntry, request).risk();
  }
  void Define(const std::string& collection, const std::string& id, v1::AttributeType type) {
    v1::UpdateProjectRequest request;
    request.mutable_project()->set_name("projects/apollo");
    v1::AttributeDefinition& definition = *request.mutable_project()->add_attribute_definitions();
    definition.set_id(id);
    definition.set_type(type);
    definition.add_collections(collection);
    request.mutable_update_mask()->add_paths("attribute_definitions");
    Call(*projects_, &v1::Projects::Stub::UpdateProject, request);
  }

  // "3 title TEXT_INVALID" of each finding.
  static std::vector<std::string> Told(const v1::ImportTableResponse& response) {
    std::vector<std::string> told;
    for (const v1::TableRow& row : response.rows()) {
      for (const v1::RowFinding& finding : row.findings()) {
        told.push_back(std::to_string(row.row()) + " " + finding.column() + " " + finding.reason());
      }
    }
    return told;
  }
  using Strings = std::vector<std::string>;

  int rows_ = 0;
};

inline std::string Replaced(std::string text, const std::string& from, const std::string& to) {
  const std::size_t at = text.find(from);
  EXPECT_NE(at, std::string::npos) << from << " in " << text;
  return at == std::string::npos ? text : text.replace(at, from.size(), to);
}

}  // namespace greffe
