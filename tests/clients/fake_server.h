// A small server in memory with faults on demand, for tests of clients.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "greffe/v1/admin.grpc.pb.h"
#include "greffe/v1/changes.grpc.pb.h"
#include "greffe/v1/contents.grpc.pb.h"
#include "greffe/v1/documents.grpc.pb.h"
#include "greffe/v1/imports.grpc.pb.h"
#include "greffe/v1/projects.grpc.pb.h"
#include "greffe/v1/review.pb.h"
#include "greffe/v1/trace.grpc.pb.h"
#include "greffe/v1/transmittals.grpc.pb.h"
#include "greffe/v1/versions.grpc.pb.h"
#include "greffe/v1/webhooks.grpc.pb.h"
#include "grpcpp/server.h"

namespace greffe::client {

// A status as a Greffe server sends it.
grpc::Status ServerError(grpc::StatusCode code, const std::string& reason, const std::string& message,
                         const std::map<std::string, std::string>& metadata = {}, const std::string& field = "");

// The fault of a server that may be there the next time.
inline const grpc::Status kUnavailable(grpc::StatusCode::UNAVAILABLE, "away");

// What the fake holds, and the faults that tests ask of it. Tests touch it between calls only.
struct FakeState {
  struct StoredDocument {
    v1::Document document;
    std::vector<v1::Version> versions;
    std::vector<std::string> contents;  // of the main files
  };
  struct StoredUpload {
    v1::Upload upload;
    std::string data;
  };

  std::mutex mutex;
  std::map<std::string, v1::Project> projects;
  std::map<std::string, StoredDocument> documents;  // by name
  std::map<std::string, std::string> companions;    // contents, by `<name of the version>/<file name>`
  std::map<std::string, StoredUpload> uploads;
  std::set<std::string> claimed;                // uploads that a part of an import's commit named
  std::map<std::string, std::string> consumed;  // contents of uploads that a check-in or an import took, by name
  std::set<std::string> webhooks;
  std::set<std::string> dead_letters;
  std::vector<v1::Link> links;
  std::vector<v1::Change> changes;
  std::map<std::string, std::string> answered;  // serialized answers of mutations by request id
  std::vector<v1::ImportCommit> imported;
  v1::ImportHeader import_header;
  std::string text;   // of digests, progress reports and statements of reviews
  v1::Review review;  // whichever is asked for
  int statement_step = 1;
  std::map<std::string, std::string> packages;  // zip files of transmittals, by name
  std::int64_t sequence = 0;
  int next_upload = 1;

  // What arrived: calls by method, and request ids in order.
  std::map<std::string, int> calls;
  std::vector<std::string> request_ids;
  std::vector<std::string> principals;
  std::vector<v1::ListDocumentsRequest> listings;
  std::vector<v1::ListLinksRequest> link_listings;
  std::vector<v1::DownloadContentRequest> downloads;
  std::vector<v1::DownloadTransmittalRequest> package_downloads;
  std::vector<v1::BatchCheckInRequest> batches;
  v1::UpdateDocumentRequest update;  // the last one
  v1::UpdateProjectRequest project_update;

  // Statuses with which the next calls of a method fail before anything is done, or after everything was.
  std::map<std::string, std::deque<grpc::Status>> faults;
  std::map<std::string, std::deque<grpc::Status>> faults_after;
  // The next stream breaks once so many bytes (messages, of a feed; commits, of an import) went over it; 0: never.
  std::int64_t break_upload_at = 0;
  std::int64_t break_download_at = 0;
  std::int64_t break_watch_at = 0;
  std::int64_t break_import_at = 0;
  // So long a stream works on an upload before it goes on with one, and at the end.
  std::chrono::milliseconds upload_check{0};
  bool corrupt_upload = false;                                     // the next chunk of an upload counts as damaged
  bool corrupt_download = false;                                   // the next piece of a download has a wrong checksum
  std::string package_growth;                                      // comes to the end of a package whose download broke
  bool corrupt_content = false;                                    // fetched contents differ from their hash
  bool silent_watch = false;                                       // the next feed sends nothing and stays open
  std::map<std::string, std::deque<grpc::Status>> content_faults;  // of the next fetches, by the name that is asked for
  bool silent_import = false;   // an import is answered once, and its stream then stays open, unread
  bool silent_content = false;  // contents that are fetched never come
  std::function<void(const std::string& method)> on_call;  // what happens while a call is under way
  int versions_at_once = 0;                                // a version is answered once so many were asked for
  int slow_batch = 0;  // contents are fetched too late where one call asks for more than so many; 0: never
  std::int64_t inline_limit = 1 << 20;
  std::int64_t batch_limit = 4 << 20;
  int max_uploads = 1000;  // beside those that an import claims
};

class FakeServer {
 public:
  FakeServer();
  ~FakeServer();

  // `127.0.0.1:port`.
  const std::string& address() const { return address_; }
  FakeState& state() { return *state_; }

  // Puts a document with versions there, as the server would.
  void AddDocument(const std::string& project, const std::string& number, const std::string& path,
                   const std::vector<std::string>& contents);
  // Gives the latest version of a document a companion.
  void AddCompanion(const std::string& document, v1::FileRole role, const std::string& file_name,
                    const std::string& content);

 private:
  const std::unique_ptr<FakeState> state_;
  std::vector<std::unique_ptr<grpc::Service>> services_;
  std::unique_ptr<grpc::Server> server_;
  std::string address_;
};

// Adds a version to a document of the fake, or makes the document; `unchanged` when the content is the latest's.
v1::CheckInResponse CheckInto(FakeState& state, const std::string& project, const v1::CheckInItem& item,
                              const std::string& content, const std::string& comment);

std::unique_ptr<grpc::Service> NewFakeContents(FakeState& state);
std::unique_ptr<grpc::Service> NewFakeDocuments(FakeState& state);
std::unique_ptr<grpc::Service> NewFakeImports(FakeState& state);
std::vector<std::unique_ptr<grpc::Service>> NewFakeTexts(FakeState& state);
std::unique_ptr<grpc::Service> NewFakeTrace(FakeState& state);
std::unique_ptr<grpc::Service> NewFakeTransmittals(FakeState& state);
std::unique_ptr<grpc::Service> NewFakeVersions(FakeState& state);

// Begins a call: counts it, notes its request id and principal, and answers the fault that is due.
grpc::Status BeginCall(FakeState& state, const grpc::ServerContext& context, const std::string& method,
                       const std::string& request_id = "");
// Ends one: answers the fault that is due after it.
grpc::Status EndCall(FakeState& state, const std::string& method);

}  // namespace greffe::client
