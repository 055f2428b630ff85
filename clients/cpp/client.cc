#include "clients/cpp/client.h"

#include <algorithm>
#include <chrono>

#include "clients/cpp/client_call.h"
#include "clients/cpp/request_id.h"
#include "google/protobuf/empty.pb.h"
#include "grpcpp/client_context.h"
#include "grpcpp/create_channel.h"
#include "grpcpp/security/credentials.h"
#include "grpcpp/support/channel_arguments.h"

namespace greffe::client {
namespace {

std::shared_ptr<grpc::Channel> NewChannel(const ClientOptions& options) {
  grpc::ChannelArguments arguments;
  // A batch of contents may be as large as the server's operator allows; the server bounds its answers.
  arguments.SetMaxReceiveMessageSize(-1);
  // So that no error of a server, or of a proxy before it, is lost for its length.
  arguments.SetInt(GRPC_ARG_MAX_METADATA_SIZE, 64 << 10);
  // gRPC would have http_proxy, and with it the proxy of a browser, connect to a server on this very machine.
  arguments.SetInt(GRPC_ARG_ENABLE_HTTP_PROXY, 0);
  // A server that restarts is met again as soon as our own backoff asks.
  const int soonest = static_cast<int>(options.retry.initial_backoff.count());
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, soonest);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, static_cast<int>(options.retry.max_backoff.count()));
  // A server, or a network, that is gone without a word is noticed while a call waits long for its answer.
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 30'000);
  arguments.SetInt(GRPC_ARG_KEEPALIVE_TIMEOUT_MS, 20'000);
  arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);  // as many as it takes
  return grpc::CreateCustomChannel(options.server, grpc::InsecureChannelCredentials(), arguments);
}

// What gRPC sends as a header's text; anything else makes it abort the process.
bool IsPrintableAscii(const std::string& text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c >= ' ' && c <= '~'; });
}

}  // namespace

Client::Client(const ClientOptions& options) : Client(NewChannel(options), options) {}

Client::Client(const std::shared_ptr<grpc::Channel>& channel, const ClientOptions& options)
    : options_(options), stubs_(std::make_unique<const Stubs>(channel)) {}

Client::~Client() = default;

std::string Client::NextRequestId() const {
  if (options_.request_id.empty()) return NewRequestId();
  const int number = ++writes_;
  return number == 1 ? options_.request_id : options_.request_id + "-" + std::to_string(number);
}

void Client::Prepare(grpc::ClientContext& context) const {
  const std::string& id = options_.principal_id;
  if (!id.empty()) context.AddMetadata(IsPrintableAscii(id) ? kPrincipalIdKey : kPrincipalIdBinaryKey, id);
  if (!options_.principal_name.empty()) context.AddMetadata(kPrincipalNameKey, options_.principal_name);
}

absl::StatusOr<v1::Project> Client::CreateProject(v1::CreateProjectRequest request) {
  return Call(*stubs_->projects, &v1::Projects::Stub::CreateProject, request);
}
absl::StatusOr<v1::Project> Client::GetProject(v1::GetProjectRequest request) {
  return Call(*stubs_->projects, &v1::Projects::Stub::GetProject, request);
}
absl::StatusOr<v1::ListProjectsResponse> Client::ListProjects(v1::ListProjectsRequest request) {
  return Call(*stubs_->projects, &v1::Projects::Stub::ListProjects, request);
}
absl::StatusOr<v1::Project> Client::UpdateProject(v1::UpdateProjectRequest request) {
  return Call(*stubs_->projects, &v1::Projects::Stub::UpdateProject, request);
}

absl::StatusOr<v1::Document> Client::CreateDocument(v1::CreateDocumentRequest request) {
  return Call(*stubs_->documents, &v1::Documents::Stub::CreateDocument, request);
}
absl::StatusOr<v1::Document> Client::GetDocument(v1::GetDocumentRequest request) {
  return Call(*stubs_->documents, &v1::Documents::Stub::GetDocument, request);
}
absl::StatusOr<v1::Document> Client::LookupDocument(v1::LookupDocumentRequest request) {
  return Call(*stubs_->documents, &v1::Documents::Stub::LookupDocument, request);
}
absl::StatusOr<v1::ListDocumentsResponse> Client::ListDocuments(v1::ListDocumentsRequest request) {
  return Call(*stubs_->documents, &v1::Documents::Stub::ListDocuments, request);
}
absl::StatusOr<v1::Document> Client::UpdateDocument(v1::UpdateDocumentRequest request) {
  return Call(*stubs_->documents, &v1::Documents::Stub::UpdateDocument, request);
}
absl::StatusOr<v1::Document> Client::MoveDocument(v1::MoveDocumentRequest request) {
  return Call(*stubs_->documents, &v1::Documents::Stub::MoveDocument, request);
}
absl::StatusOr<v1::Document> Client::WithdrawDocument(v1::WithdrawDocumentRequest request) {
  return Call(*stubs_->documents, &v1::Documents::Stub::WithdrawDocument, request);
}
absl::StatusOr<v1::Document> Client::ReinstateDocument(v1::ReinstateDocumentRequest request) {
  return Call(*stubs_->documents, &v1::Documents::Stub::ReinstateDocument, request);
}

absl::StatusOr<v1::ListVersionsResponse> Client::ListVersions(v1::ListVersionsRequest request) {
  return Call(*stubs_->versions, &v1::Versions::Stub::ListVersions, request);
}
absl::StatusOr<v1::Version> Client::GetVersion(v1::GetVersionRequest request) {
  return Call(*stubs_->versions, &v1::Versions::Stub::GetVersion, request);
}
absl::StatusOr<v1::CompareVersionsResponse> Client::CompareVersions(v1::CompareVersionsRequest request) {
  return Call(*stubs_->versions, &v1::Versions::Stub::CompareVersions, request);
}

absl::StatusOr<v1::Version> Client::ApproveVersion(v1::ApproveVersionRequest request) {
  return Call(*stubs_->versions, &v1::Versions::Stub::ApproveVersion, request);
}
absl::StatusOr<v1::Version> Client::RevokeApproval(v1::RevokeApprovalRequest request) {
  return Call(*stubs_->versions, &v1::Versions::Stub::RevokeApproval, request);
}
absl::StatusOr<v1::Version> Client::ReleaseVersion(v1::ReleaseVersionRequest request) {
  return Call(*stubs_->versions, &v1::Versions::Stub::ReleaseVersion, request);
}
absl::StatusOr<v1::Version> Client::ObsoleteVersion(v1::ObsoleteVersionRequest request) {
  return Call(*stubs_->versions, &v1::Versions::Stub::ObsoleteVersion, request);
}
absl::StatusOr<v1::Version> Client::RestoreVersion(v1::RestoreVersionRequest request) {
  return Call(*stubs_->versions, &v1::Versions::Stub::RestoreVersion, request);
}

absl::StatusOr<v1::Lock> Client::LockDocument(v1::LockDocumentRequest request) {
  return Call(*stubs_->locks, &v1::Locks::Stub::LockDocument, request);
}
absl::StatusOr<v1::Lock> Client::UnlockDocument(v1::UnlockDocumentRequest request) {
  return Call(*stubs_->locks, &v1::Locks::Stub::UnlockDocument, request);
}
absl::StatusOr<v1::Lock> Client::ForceUnlockDocument(v1::ForceUnlockDocumentRequest request) {
  return Call(*stubs_->locks, &v1::Locks::Stub::ForceUnlockDocument, request);
}
absl::StatusOr<v1::Lock> Client::GetLock(v1::GetLockRequest request) {
  return Call(*stubs_->locks, &v1::Locks::Stub::GetLock, request);
}
absl::StatusOr<v1::ListLocksResponse> Client::ListLocks(v1::ListLocksRequest request) {
  return Call(*stubs_->locks, &v1::Locks::Stub::ListLocks, request);
}

absl::StatusOr<v1::CheckInResponse> Client::CheckIn(v1::CheckInRequest request) {
  return Call(*stubs_->contents, &v1::Contents::Stub::CheckIn, request);
}
absl::StatusOr<v1::BatchCheckInResponse> Client::BatchCheckIn(v1::BatchCheckInRequest request) {
  return Call(*stubs_->contents, &v1::Contents::Stub::BatchCheckIn, request);
}
absl::StatusOr<v1::Upload> Client::CreateUpload(v1::CreateUploadRequest request) {
  return Call(*stubs_->contents, &v1::Contents::Stub::CreateUpload, request);
}
absl::StatusOr<v1::Upload> Client::GetUpload(v1::GetUploadRequest request) {
  return Call(*stubs_->contents, &v1::Contents::Stub::GetUpload, request);
}
absl::StatusOr<v1::ListUploadsResponse> Client::ListUploads(v1::ListUploadsRequest request) {
  return Call(*stubs_->contents, &v1::Contents::Stub::ListUploads, request);
}
absl::Status Client::DeleteUpload(v1::DeleteUploadRequest request) {
  const absl::Status status = Call(*stubs_->contents, &v1::Contents::Stub::DeleteUpload, request).status();
  // Without a request id a second attempt meets the outcome of the first; what is gone is what was asked for.
  return status.code() == absl::StatusCode::kNotFound ? absl::OkStatus() : status;
}
absl::StatusOr<v1::FetchContentResponse> Client::FetchContent(v1::FetchContentRequest request) {
  return Call(*stubs_->contents, &v1::Contents::Stub::FetchContent, request);
}
absl::StatusOr<v1::BatchFetchContentsResponse> Client::BatchFetchContents(v1::BatchFetchContentsRequest request) {
  return Call(*stubs_->contents, &v1::Contents::Stub::BatchFetchContents, request);
}

absl::StatusOr<v1::ListChangesResponse> Client::ListChanges(v1::ListChangesRequest request) {
  return Call(*stubs_->changes, &v1::Changes::Stub::ListChanges, request);
}
absl::StatusOr<v1::ImportSource> Client::GetImportSource(v1::GetImportSourceRequest request) {
  return Call(*stubs_->imports, &v1::Imports::Stub::GetImportSource, request);
}

absl::StatusOr<v1::ListNotificationsResponse> Client::ListNotifications(v1::ListNotificationsRequest request) {
  return Call(*stubs_->notifications, &v1::Notifications::Stub::ListNotifications, request);
}
absl::StatusOr<v1::AcknowledgeNotificationsResponse> Client::AcknowledgeNotifications(
    v1::AcknowledgeNotificationsRequest request) {
  return Call(*stubs_->notifications, &v1::Notifications::Stub::AcknowledgeNotifications, request);
}
absl::StatusOr<v1::Digest> Client::GetDigest(v1::GetDigestRequest request) {
  return Call(*stubs_->notifications, &v1::Notifications::Stub::GetDigest, request);
}

absl::StatusOr<v1::Webhook> Client::CreateWebhook(v1::CreateWebhookRequest request) {
  return Call(*stubs_->webhooks, &v1::Webhooks::Stub::CreateWebhook, request);
}
absl::StatusOr<v1::Webhook> Client::GetWebhook(v1::GetWebhookRequest request) {
  return Call(*stubs_->webhooks, &v1::Webhooks::Stub::GetWebhook, request);
}
absl::StatusOr<v1::ListWebhooksResponse> Client::ListWebhooks(v1::ListWebhooksRequest request) {
  return Call(*stubs_->webhooks, &v1::Webhooks::Stub::ListWebhooks, request);
}
absl::StatusOr<v1::Webhook> Client::UpdateWebhook(v1::UpdateWebhookRequest request) {
  return Call(*stubs_->webhooks, &v1::Webhooks::Stub::UpdateWebhook, request);
}
absl::Status Client::DeleteWebhook(v1::DeleteWebhookRequest request) {
  int attempts = 0;
  const absl::Status status = Call(*stubs_->webhooks, &v1::Webhooks::Stub::DeleteWebhook, request, &attempts).status();
  // Without a request id a second attempt meets the outcome of the first. That a first one finds none is an error: the
  // id may be mistyped.
  return absl::IsNotFound(status) && attempts > 1 ? absl::OkStatus() : status;
}
absl::StatusOr<v1::ListDeadLettersResponse> Client::ListDeadLetters(v1::ListDeadLettersRequest request) {
  return Call(*stubs_->webhooks, &v1::Webhooks::Stub::ListDeadLetters, request);
}
absl::StatusOr<v1::RetryDeadLettersResponse> Client::RetryDeadLetters(v1::RetryDeadLettersRequest request) {
  int attempts = 0;
  absl::StatusOr<v1::RetryDeadLettersResponse> response =
      Call(*stubs_->webhooks, &v1::Webhooks::Stub::RetryDeadLetters, request, &attempts);
  // As above: what was dead at the first attempt waits again.
  if (attempts < 2 || ReasonOf(response.status()) != "DELIVERY_NOT_FOUND") return response;
  v1::RetryDeadLettersResponse done;
  done.set_retried_count(request.names_size());
  return done;
}

absl::StatusOr<v1::ServerStatus> Client::GetServerStatus(v1::GetServerStatusRequest request) {
  return Call(*stubs_->admin, &v1::Admin::Stub::GetServerStatus, request);
}
absl::StatusOr<v1::FlushRepositoriesResponse> Client::FlushRepositories(v1::FlushRepositoriesRequest request) {
  return Call(*stubs_->admin, &v1::Admin::Stub::FlushRepositories, request);
}
absl::StatusOr<v1::StartScrubResponse> Client::StartScrub(v1::StartScrubRequest request) {
  return Call(*stubs_->admin, &v1::Admin::Stub::StartScrub, request);
}
absl::StatusOr<v1::ProjectStorage> Client::GetProjectStorage(v1::GetProjectStorageRequest request) {
  return Call(*stubs_->admin, &v1::Admin::Stub::GetProjectStorage, request);
}

}  // namespace greffe::client
