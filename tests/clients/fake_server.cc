#include "tests/clients/fake_server.h"

#include <chrono>
#include <thread>

#include "clients/cpp/checksums.h"
#include "clients/cpp/options.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/error_info.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server_builder.h"

namespace greffe::client {
namespace {

grpc::Status TakeFault(std::map<std::string, std::deque<grpc::Status>>& faults, const std::string& method) {
  auto& waiting = faults[method];
  if (waiting.empty()) return grpc::Status::OK;
  grpc::Status status = waiting.front();
  waiting.pop_front();
  return status;
}

class FakeProjects : public v1::Projects::Service {
 public:
  explicit FakeProjects(FakeState& state) : state_(state) {}

  grpc::Status CreateProject(grpc::ServerContext* context, const v1::CreateProjectRequest* request,
                             v1::Project* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "CreateProject", request->request_id());
    if (!begun.ok()) return begun;
    if (const auto it = state_.answered.find(request->request_id()); it != state_.answered.end()) {
      response->ParseFromString(it->second);
      return grpc::Status::OK;
    }
    const std::string name = "projects/" + request->project_id();
    if (state_.projects.count(name) > 0) {
      return ServerError(grpc::StatusCode::ALREADY_EXISTS, "PROJECT_EXISTS",
                         "project \"" + request->project_id() + "\" exists");
    }
    *response = request->project();
    response->set_name(name);
    response->set_sequence(1);
    if (response->time_zone().empty()) response->set_time_zone("UTC");
    state_.projects[name] = *response;
    state_.answered[request->request_id()] = response->SerializeAsString();
    return EndCall(state_, "CreateProject");
  }

  grpc::Status GetProject(grpc::ServerContext* context, const v1::GetProjectRequest* request,
                          v1::Project* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "GetProject");
    if (!begun.ok()) return begun;
    const auto it = state_.projects.find(request->name());
    if (it == state_.projects.end()) {
      return ServerError(grpc::StatusCode::NOT_FOUND, "PROJECT_NOT_FOUND", "no \"" + request->name() + "\"");
    }
    *response = it->second;
    return grpc::Status::OK;
  }

  grpc::Status ListProjects(grpc::ServerContext* context, const v1::ListProjectsRequest*,
                            v1::ListProjectsResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "ListProjects");
    if (!begun.ok()) return begun;
    for (const auto& [name, project] : state_.projects) *response->add_projects() = project;
    return grpc::Status::OK;
  }

  grpc::Status UpdateProject(grpc::ServerContext* context, const v1::UpdateProjectRequest* request,
                             v1::Project* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "UpdateProject", request->request_id());
    if (!begun.ok()) return begun;
    state_.project_update = *request;
    v1::Project& project = state_.projects[request->project().name()];
    for (const std::string& field : request->update_mask().paths()) {
      if (field == "title") project.set_title(request->project().title());
      if (field == "stage") project.set_stage(request->project().stage());
      if (field == "signing_keys") *project.mutable_signing_keys() = request->project().signing_keys();
    }
    *response = project;
    return grpc::Status::OK;
  }

 private:
  FakeState& state_;
};

class FakeChanges : public v1::Changes::Service {
 public:
  explicit FakeChanges(FakeState& state) : state_(state) {}

  grpc::Status WatchChanges(grpc::ServerContext* context, const v1::WatchChangesRequest* request,
                            grpc::ServerWriter<v1::WatchChangesResponse>* writer) override {
    std::unique_lock lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "WatchChanges");
    if (!begun.ok()) return begun;
    if (std::exchange(state_.silent_watch, false)) {
      lock.unlock();
      while (!context->IsCancelled()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
      return grpc::Status::CANCELLED;
    }
    const std::int64_t limit = std::exchange(state_.break_watch_at, 0);
    // What was sent last comes again after a resumption, as a feed over all projects may do.
    const std::int64_t from = request->has_cursor() ? std::stoll(request->cursor().substr(1)) : 1;
    std::int64_t place = 0;
    std::int64_t sent = 0;
    for (const v1::Change& change : state_.changes) {
      if (++place < from || (!request->has_cursor() && change.sequence() <= request->after_sequence())) continue;
      if (limit > 0 && sent++ == limit) return {grpc::StatusCode::UNAVAILABLE, "broken"};
      v1::WatchChangesResponse response;
      response.set_cursor("c" + std::to_string(place));
      *response.mutable_change() = change;
      writer->Write(response);
    }
    v1::WatchChangesResponse mark;
    mark.set_cursor("c" + std::to_string(state_.changes.size()));
    writer->Write(mark);
    return grpc::Status::OK;
  }

 private:
  FakeState& state_;
};

class FakeWebhooks : public v1::Webhooks::Service {
 public:
  explicit FakeWebhooks(FakeState& state) : state_(state) {}

  grpc::Status DeleteWebhook(grpc::ServerContext* context, const v1::DeleteWebhookRequest* request,
                             google::protobuf::Empty*) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "DeleteWebhook");
    if (!begun.ok()) return begun;
    if (state_.webhooks.erase(request->name()) == 0) {
      return ServerError(grpc::StatusCode::NOT_FOUND, "WEBHOOK_NOT_FOUND", "no \"" + request->name() + "\"");
    }
    return EndCall(state_, "DeleteWebhook");
  }

  grpc::Status RetryDeadLetters(grpc::ServerContext* context, const v1::RetryDeadLettersRequest* request,
                                v1::RetryDeadLettersResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "RetryDeadLetters");
    if (!begun.ok()) return begun;
    for (const std::string& name : request->names()) {
      if (state_.dead_letters.erase(name) == 0) {
        return ServerError(grpc::StatusCode::NOT_FOUND, "DELIVERY_NOT_FOUND", "no \"" + name + "\"");
      }
      response->set_retried_count(response->retried_count() + 1);
    }
    return EndCall(state_, "RetryDeadLetters");
  }

 private:
  FakeState& state_;
};

class FakeAdmin : public v1::Admin::Service {
 public:
  explicit FakeAdmin(FakeState& state) : state_(state) {}

  grpc::Status GetServerStatus(grpc::ServerContext* context, const v1::GetServerStatusRequest*,
                               v1::ServerStatus* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "GetServerStatus");
    if (!begun.ok()) return begun;
    response->set_version("9.9.9");
    response->set_writable(true);
    response->mutable_scrub()->set_bytes_per_second(1);
    v1::ScrubFinding& finding = *response->mutable_scrub()->mutable_latest_round()->add_findings();
    finding.set_resource("projects/apollo/documents/SPC-0001/versions/2");
    finding.set_description("repositories/apollo.git/objects/pack/pack-1.pack is damaged: its checksum does not fit");
    return grpc::Status::OK;
  }

  grpc::Status StartScrub(grpc::ServerContext* context, const v1::StartScrubRequest*,
                          v1::StartScrubResponse* response) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "StartScrub");
    if (!begun.ok()) return begun;
    response->mutable_scrub()->set_bytes_per_second(1);
    response->mutable_scrub()->mutable_current_round()->set_commit_count(4711);
    return grpc::Status::OK;
  }

 private:
  FakeState& state_;
};

}  // namespace

grpc::Status ServerError(grpc::StatusCode code, const std::string& reason, const std::string& message,
                         const std::map<std::string, std::string>& metadata, const std::string& field) {
  google::rpc::Status rich;
  rich.set_code(code);
  rich.set_message(message);
  google::rpc::ErrorInfo info;
  info.set_domain("greffe");
  info.set_reason(reason);
  info.mutable_metadata()->insert(metadata.begin(), metadata.end());
  rich.add_details()->PackFrom(info);
  if (!field.empty()) {
    google::rpc::BadRequest request;
    auto* violation = request.add_field_violations();
    violation->set_field(field);
    violation->set_description(message);
    rich.add_details()->PackFrom(request);
  }
  return {code, message, rich.SerializeAsString()};
}

grpc::Status BeginCall(FakeState& state, const grpc::ServerContext& context, const std::string& method,
                       const std::string& request_id) {
  ++state.calls[method];
  if (!request_id.empty()) state.request_ids.push_back(request_id);
  auto principal = context.client_metadata().find(kPrincipalIdKey);
  if (principal == context.client_metadata().end()) principal = context.client_metadata().find(kPrincipalIdBinaryKey);
  if (principal != context.client_metadata().end()) {
    state.principals.emplace_back(principal->second.data(), principal->second.size());
  }
  if (state.on_call) state.on_call(method);
  return TakeFault(state.faults, method);
}

grpc::Status EndCall(FakeState& state, const std::string& method) { return TakeFault(state.faults_after, method); }

v1::CheckInResponse CheckInto(FakeState& state, const std::string& project, const v1::CheckInItem& item,
                              const std::string& content, const std::string& comment) {
  std::string name = item.document();
  if (name.empty()) {
    const std::string number =
        item.document_id().empty() ? "REC-" + std::to_string(state.documents.size() + 1) : item.document_id();
    name = project + "/documents/" + number;
    v1::Document& document = state.documents[name].document;
    document = item.new_document();
    document.set_name(name);
    document.set_state(v1::DOCUMENT_STATE_ACTIVE);
    if (document.title().empty()) document.set_title(document.path().substr(document.path().rfind('/') + 1));
    if (document.type().empty()) document.set_type("record");
  }
  FakeState::StoredDocument& stored = state.documents[name];
  v1::CheckInResponse response;
  if (!stored.contents.empty() && stored.contents.back() == content && !item.allow_identical()) {
    *response.mutable_document() = stored.document;
    response.set_unchanged(true);
    return response;
  }
  v1::Version version;
  version.set_number(static_cast<std::int64_t>(stored.versions.size()) + 1);
  version.set_name(name + "/versions/" + std::to_string(version.number()));
  version.set_comment(comment);
  version.mutable_author()->set_id("ann");
  version.mutable_author()->set_display_name("Ann Author");
  version.mutable_author_time()->set_seconds(1'700'000'000 + 60 * version.number());
  version.set_sequence(++state.sequence);
  version.set_commit(std::string(40, 'c'));
  v1::File& file = *version.mutable_main_file();
  file.set_role(v1::FILE_ROLE_MAIN);
  file.set_file_name(stored.document.path().substr(stored.document.path().rfind('/') + 1));
  file.set_media_type("text/plain");
  file.set_size(static_cast<std::int64_t>(content.size()));
  file.set_sha256(Sha256Of(content));
  stored.versions.push_back(version);
  stored.contents.push_back(content);
  *stored.document.mutable_latest_version() = version;
  stored.document.set_sequence(state.sequence);
  stored.document.set_etag("etag-" + std::to_string(state.sequence));
  *stored.document.mutable_update_time() = version.author_time();
  v1::Change& change = state.changes.emplace_back();
  change.set_project(project);
  change.set_sequence(static_cast<std::int64_t>(state.changes.size()));
  change.set_subject("check in " + stored.document.path());
  v1::ChangeEntry& entry = *change.add_entries();
  entry.set_resource(name);
  entry.set_kind(version.number() == 1 ? v1::CHANGE_KIND_CREATED : v1::CHANGE_KIND_CHECKED_IN);
  entry.set_version(version.number());
  entry.set_path(stored.document.path());
  *response.mutable_document() = stored.document;
  return response;
}

void FakeServer::AddDocument(const std::string& project, const std::string& number, const std::string& path,
                             const std::vector<std::string>& contents) {
  const std::lock_guard lock(state_->mutex);
  const std::string parent = "projects/" + project;
  state_->projects[parent].set_name(parent);
  v1::CheckInItem item;
  item.mutable_new_document()->set_path(path);
  item.set_document_id(number);
  for (const std::string& content : contents) {
    CheckInto(*state_, parent, item, content, "comment");
    item.Clear();
    item.set_document(parent + "/documents/" + number);
    item.set_allow_identical(true);
  }
}

void FakeServer::AddCompanion(const std::string& document, v1::FileRole role, const std::string& file_name,
                              const std::string& content) {
  const std::lock_guard lock(state_->mutex);
  FakeState::StoredDocument& stored = state_->documents[document];
  v1::File& file = *stored.versions.back().add_companions();
  file.set_role(role);
  file.set_file_name(file_name);
  file.set_size(static_cast<std::int64_t>(content.size()));
  file.set_sha256(Sha256Of(content));
  *stored.document.mutable_latest_version() = stored.versions.back();
  state_->companions[stored.versions.back().name() + "/" + file_name] = content;
}

FakeServer::FakeServer() : state_(std::make_unique<FakeState>()) {
  services_.push_back(std::make_unique<FakeProjects>(*state_));
  services_.push_back(std::make_unique<FakeChanges>(*state_));
  services_.push_back(std::make_unique<FakeAdmin>(*state_));
  services_.push_back(std::make_unique<FakeWebhooks>(*state_));
  services_.push_back(NewFakeDocuments(*state_));
  services_.push_back(NewFakeImports(*state_));
  services_.push_back(NewFakeVersions(*state_));
  services_.push_back(NewFakeContents(*state_));
  for (auto& service : NewFakeTexts(*state_)) services_.push_back(std::move(service));
  services_.push_back(NewFakeTrace(*state_));
  services_.push_back(NewFakeTransmittals(*state_));
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  for (const auto& service : services_) builder.RegisterService(service.get());
  server_ = builder.BuildAndStart();
  address_ = "127.0.0.1:" + std::to_string(port);
}

FakeServer::~FakeServer() { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(2)); }

}  // namespace greffe::client
