// Everything that a project answers, as text: two equal dumps are the same answers to the same questions.
#pragma once

#include <grpcpp/grpcpp.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

#include "greffe/v1/changes.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/imports.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/versions.grpc.pb.h"

namespace greffe {

inline std::vector<v1::Document> AllDocuments(const std::shared_ptr<grpc::Channel>& channel, const std::string& project,
                                              const std::string& filter, const std::string& order,
                                              std::int64_t sequence = 0) {
  const auto stub = v1::Documents::NewStub(channel);
  v1::ListDocumentsRequest request;
  request.set_parent("projects/" + project);
  request.set_page_size(500);
  request.set_filter(filter);
  request.set_order_by(order);
  if (sequence > 0) request.mutable_as_of()->set_sequence(sequence);
  std::vector<v1::Document> documents;
  do {
    grpc::ClientContext context;
    v1::ListDocumentsResponse page;
    const grpc::Status status = stub->ListDocuments(&context, request, &page);
    EXPECT_TRUE(status.ok()) << status.error_message();
    if (!status.ok()) break;
    documents.insert(documents.end(), page.documents().begin(), page.documents().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return documents;
}

inline std::vector<v1::Document> EveryDocument(const std::shared_ptr<grpc::Channel>& channel,
                                               const std::string& project) {
  auto documents = AllDocuments(channel, project, "", "");
  const auto withdrawn = AllDocuments(channel, project, "state = WITHDRAWN", "");
  documents.insert(documents.end(), withdrawn.begin(), withdrawn.end());
  return documents;
}

inline std::vector<v1::Version> AllVersions(const std::shared_ptr<grpc::Channel>& channel,
                                            const std::string& document) {
  const auto stub = v1::Versions::NewStub(channel);
  v1::ListVersionsRequest request;
  request.set_parent(document);
  request.set_page_size(1000);
  std::vector<v1::Version> versions;
  do {
    grpc::ClientContext context;
    v1::ListVersionsResponse page;
    EXPECT_TRUE(stub->ListVersions(&context, request, &page).ok());
    versions.insert(versions.end(), page.versions().begin(), page.versions().end());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  return versions;
}

inline std::string Dump(const std::shared_ptr<grpc::Channel>& channel, const std::string& project) {
  std::string dump;
  v1::Project record;
  {
    grpc::ClientContext context;
    v1::GetProjectRequest request;
    request.set_name("projects/" + project);
    EXPECT_TRUE(v1::Projects::NewStub(channel)->GetProject(&context, request, &record).ok());
    dump += record.DebugString();
  }
  for (const char* order : {"", "path", "title desc", "update_time desc"}) {
    for (const auto& document : AllDocuments(channel, project, "", order)) dump += document.DebugString();
  }
  for (const auto& document : EveryDocument(channel, project)) {
    for (const auto& version : AllVersions(channel, document.name())) dump += version.DebugString();
  }
  for (std::int64_t sequence = 1; sequence <= record.sequence(); sequence += 1 + record.sequence() / 7) {
    for (const auto& document : AllDocuments(channel, project, "type = record", "number desc", sequence)) {
      dump += document.DebugString();
    }
  }
  v1::ListChangesRequest request;
  request.set_parent("projects/" + project);
  request.set_page_size(1000);
  while (true) {
    grpc::ClientContext context;
    v1::ListChangesResponse page;
    EXPECT_TRUE(v1::Changes::NewStub(channel)->ListChanges(&context, request, &page).ok());
    if (page.changes().empty()) break;
    for (const auto& change : page.changes()) dump += change.DebugString();
    request.set_after_sequence(page.changes(page.changes_size() - 1).sequence());
  }
  return dump;
}

}  // namespace greffe
