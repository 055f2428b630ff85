#include "clients/cpp/client.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "clients/cpp/error.h"
#include "clients/cpp/request_id.h"
#include "clients/cpp/retry.h"
#include "clients/cpp/stubs.h"
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
  // A server that restarts is met again as soon as our own backoff asks.
  const int soonest = static_cast<int>(options.retry.initial_backoff.count());
  arguments.SetInt(GRPC_ARG_INITIAL_RECONNECT_BACKOFF_MS, soonest);
  arguments.SetInt(GRPC_ARG_MIN_RECONNECT_BACKOFF_MS, 1000);
  arguments.SetInt(GRPC_ARG_MAX_RECONNECT_BACKOFF_MS, static_cast<int>(options.retry.max_backoff.count()));
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

void Client::Prepare(grpc::ClientContext& context) const {
  const std::string& id = options_.principal_id;
  if (!id.empty()) context.AddMetadata(IsPrintableAscii(id) ? kPrincipalIdKey : kPrincipalIdBinaryKey, id);
  if (!options_.principal_name.empty()) context.AddMetadata(kPrincipalNameKey, options_.principal_name);
}

template <typename Stub, typename Request, typename Response, typename Result>
absl::StatusOr<Response> Client::Call(Stub& stub,
                                      Result (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                      Request& request, int* attempts) const {
  if constexpr (requires { request.set_request_id(std::string()); }) {
    if (request.request_id().empty()) request.set_request_id(NewRequestId());
  }
  const auto deadline = Backoff::Clock::now() + options_.timeout;
  Backoff backoff(options_.retry, deadline);
  if (answered_) backoff.Reset();  // a server that was there and is away is most likely starting again
  while (true) {
    grpc::ClientContext context;
    Prepare(context);
    context.set_deadline(deadline);
    if (attempts != nullptr) ++*attempts;
    Response response;
    const absl::Status status = FromGrpc((stub.*method)(&context, request, &response));
    if (status.ok() || !ReasonOf(status).empty()) answered_ = true;
    if (status.ok()) return response;
    if (!IsRetryable(status) || !backoff.Wait()) return status;
  }
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

absl::StatusOr<v1::Review> Client::CreateReview(v1::CreateReviewRequest request) {
  return Call(*stubs_->reviews, &v1::Reviews::Stub::CreateReview, request);
}
absl::StatusOr<v1::Review> Client::GetReview(v1::GetReviewRequest request) {
  return Call(*stubs_->reviews, &v1::Reviews::Stub::GetReview, request);
}
absl::StatusOr<v1::ListReviewsResponse> Client::ListReviews(v1::ListReviewsRequest request) {
  return Call(*stubs_->reviews, &v1::Reviews::Stub::ListReviews, request);
}
absl::StatusOr<v1::ReviewStatement> Client::GetReviewStatement(v1::GetReviewStatementRequest request) {
  return Call(*stubs_->reviews, &v1::Reviews::Stub::GetReviewStatement, request);
}
absl::StatusOr<v1::Review> Client::SubmitDecision(v1::SubmitDecisionRequest request) {
  return Call(*stubs_->reviews, &v1::Reviews::Stub::SubmitDecision, request);
}
absl::StatusOr<v1::Review> Client::AddReviewComment(v1::AddReviewCommentRequest request) {
  return Call(*stubs_->reviews, &v1::Reviews::Stub::AddReviewComment, request);
}
absl::StatusOr<v1::Review> Client::DelegateReview(v1::DelegateReviewRequest request) {
  return Call(*stubs_->reviews, &v1::Reviews::Stub::DelegateReview, request);
}
absl::StatusOr<v1::Review> Client::ChangeReviewStep(v1::ChangeReviewStepRequest request) {
  return Call(*stubs_->reviews, &v1::Reviews::Stub::ChangeReviewStep, request);
}
absl::StatusOr<v1::Review> Client::AbortReview(v1::AbortReviewRequest request) {
  return Call(*stubs_->reviews, &v1::Reviews::Stub::AbortReview, request);
}

absl::StatusOr<v1::Deliverable> Client::CreateDeliverable(v1::CreateDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::CreateDeliverable, request);
}
absl::StatusOr<v1::Deliverable> Client::GetDeliverable(v1::GetDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::GetDeliverable, request);
}
absl::StatusOr<v1::ListDeliverablesResponse> Client::ListDeliverables(v1::ListDeliverablesRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::ListDeliverables, request);
}
absl::StatusOr<v1::Deliverable> Client::UpdateDeliverable(v1::UpdateDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::UpdateDeliverable, request);
}
absl::StatusOr<v1::Deliverable> Client::PlanDeliverable(v1::PlanDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::PlanDeliverable, request);
}
absl::StatusOr<v1::Deliverable> Client::ForecastDeliverable(v1::ForecastDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::ForecastDeliverable, request);
}
absl::StatusOr<v1::Deliverable> Client::StartDeliverable(v1::StartDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::StartDeliverable, request);
}
absl::StatusOr<v1::Deliverable> Client::SubmitDeliverable(v1::SubmitDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::SubmitDeliverable, request);
}
absl::StatusOr<v1::Deliverable> Client::AcceptDeliverable(v1::AcceptDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::AcceptDeliverable, request);
}
absl::StatusOr<v1::Deliverable> Client::RejectDeliverable(v1::RejectDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::RejectDeliverable, request);
}
absl::StatusOr<v1::Deliverable> Client::ArchiveDeliverable(v1::ArchiveDeliverableRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::ArchiveDeliverable, request);
}
absl::StatusOr<v1::SlipTrend> Client::GetSlipTrend(v1::GetSlipTrendRequest request) {
  return Call(*stubs_->deliverables, &v1::Deliverables::Stub::GetSlipTrend, request);
}

absl::StatusOr<v1::Milestone> Client::CreateMilestone(v1::CreateMilestoneRequest request) {
  return Call(*stubs_->milestones, &v1::Milestones::Stub::CreateMilestone, request);
}
absl::StatusOr<v1::Milestone> Client::GetMilestone(v1::GetMilestoneRequest request) {
  return Call(*stubs_->milestones, &v1::Milestones::Stub::GetMilestone, request);
}
absl::StatusOr<v1::ListMilestonesResponse> Client::ListMilestones(v1::ListMilestonesRequest request) {
  return Call(*stubs_->milestones, &v1::Milestones::Stub::ListMilestones, request);
}
absl::StatusOr<v1::Milestone> Client::UpdateMilestone(v1::UpdateMilestoneRequest request) {
  return Call(*stubs_->milestones, &v1::Milestones::Stub::UpdateMilestone, request);
}
absl::StatusOr<v1::Milestone> Client::PlanMilestone(v1::PlanMilestoneRequest request) {
  return Call(*stubs_->milestones, &v1::Milestones::Stub::PlanMilestone, request);
}
absl::StatusOr<v1::Milestone> Client::ForecastMilestone(v1::ForecastMilestoneRequest request) {
  return Call(*stubs_->milestones, &v1::Milestones::Stub::ForecastMilestone, request);
}
absl::StatusOr<v1::Milestone> Client::AchieveMilestone(v1::AchieveMilestoneRequest request) {
  return Call(*stubs_->milestones, &v1::Milestones::Stub::AchieveMilestone, request);
}
absl::StatusOr<v1::Milestone> Client::MissMilestone(v1::MissMilestoneRequest request) {
  return Call(*stubs_->milestones, &v1::Milestones::Stub::MissMilestone, request);
}
absl::StatusOr<v1::Milestone> Client::CancelMilestone(v1::CancelMilestoneRequest request) {
  return Call(*stubs_->milestones, &v1::Milestones::Stub::CancelMilestone, request);
}

absl::StatusOr<v1::Entry> Client::CreateEntry(v1::CreateEntryRequest request) {
  return Call(*stubs_->registers, &v1::Registers::Stub::CreateEntry, request);
}
absl::StatusOr<v1::Entry> Client::GetEntry(v1::GetEntryRequest request) {
  return Call(*stubs_->registers, &v1::Registers::Stub::GetEntry, request);
}
absl::StatusOr<v1::ListEntriesResponse> Client::ListEntries(v1::ListEntriesRequest request) {
  return Call(*stubs_->registers, &v1::Registers::Stub::ListEntries, request);
}
absl::StatusOr<v1::Entry> Client::UpdateEntry(v1::UpdateEntryRequest request) {
  return Call(*stubs_->registers, &v1::Registers::Stub::UpdateEntry, request);
}
absl::StatusOr<v1::Entry> Client::TransitionEntry(v1::TransitionEntryRequest request) {
  return Call(*stubs_->registers, &v1::Registers::Stub::TransitionEntry, request);
}
absl::StatusOr<v1::ListEntryRevisionsResponse> Client::ListEntryRevisions(v1::ListEntryRevisionsRequest request) {
  return Call(*stubs_->registers, &v1::Registers::Stub::ListEntryRevisions, request);
}

absl::StatusOr<v1::ProjectStatus> Client::GetProjectStatus(v1::GetProjectStatusRequest request) {
  return Call(*stubs_->reports, &v1::Reports::Stub::GetProjectStatus, request);
}
absl::StatusOr<v1::ListPortfolioResponse> Client::ListPortfolio(v1::ListPortfolioRequest request) {
  return Call(*stubs_->reports, &v1::Reports::Stub::ListPortfolio, request);
}
absl::StatusOr<v1::ListStatusSeriesResponse> Client::ListStatusSeries(v1::ListStatusSeriesRequest request) {
  return Call(*stubs_->reports, &v1::Reports::Stub::ListStatusSeries, request);
}
absl::StatusOr<v1::ProgressReport> Client::GetProgressReport(v1::GetProgressReportRequest request) {
  return Call(*stubs_->reports, &v1::Reports::Stub::GetProgressReport, request);
}

absl::StatusOr<v1::Link> Client::CreateLink(v1::CreateLinkRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::CreateLink, request);
}
absl::StatusOr<v1::BatchCreateLinksResponse> Client::BatchCreateLinks(v1::BatchCreateLinksRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::BatchCreateLinks, request);
}
absl::StatusOr<v1::Link> Client::GetLink(v1::GetLinkRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::GetLink, request);
}
absl::StatusOr<v1::ListLinksResponse> Client::ListLinks(v1::ListLinksRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::ListLinks, request);
}
absl::StatusOr<v1::Link> Client::ConfirmLink(v1::ConfirmLinkRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::ConfirmLink, request);
}
absl::StatusOr<v1::Link> Client::RepointLink(v1::RepointLinkRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::RepointLink, request);
}
absl::StatusOr<v1::Link> Client::DeleteLink(v1::DeleteLinkRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::DeleteLink, request);
}
absl::StatusOr<v1::GetImpactResponse> Client::GetImpact(v1::GetImpactRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::GetImpact, request);
}
absl::StatusOr<v1::GetCoverageMatrixResponse> Client::GetCoverageMatrix(v1::GetCoverageMatrixRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::GetCoverageMatrix, request);
}
absl::StatusOr<v1::ListOrphansResponse> Client::ListOrphans(v1::ListOrphansRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::ListOrphans, request);
}
absl::StatusOr<v1::ListAnchorsResponse> Client::ListAnchors(v1::ListAnchorsRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::ListAnchors, request);
}
absl::StatusOr<v1::ScanAnchorsResponse> Client::ScanAnchors(v1::ScanAnchorsRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::ScanAnchors, request);
}
absl::StatusOr<v1::ImportFrontMatterLinksResponse> Client::ImportFrontMatterLinks(
    v1::ImportFrontMatterLinksRequest request) {
  return Call(*stubs_->trace, &v1::Trace::Stub::ImportFrontMatterLinks, request);
}

absl::StatusOr<v1::Baseline> Client::CreateBaseline(v1::CreateBaselineRequest request) {
  return Call(*stubs_->baselines, &v1::Baselines::Stub::CreateBaseline, request);
}
absl::StatusOr<v1::Baseline> Client::GetBaseline(v1::GetBaselineRequest request) {
  return Call(*stubs_->baselines, &v1::Baselines::Stub::GetBaseline, request);
}
absl::StatusOr<v1::ListBaselinesResponse> Client::ListBaselines(v1::ListBaselinesRequest request) {
  return Call(*stubs_->baselines, &v1::Baselines::Stub::ListBaselines, request);
}
absl::StatusOr<v1::ListBaselineDocumentsResponse> Client::ListBaselineDocuments(
    v1::ListBaselineDocumentsRequest request) {
  return Call(*stubs_->baselines, &v1::Baselines::Stub::ListBaselineDocuments, request);
}
absl::StatusOr<v1::CompareBaselinesResponse> Client::CompareBaselines(v1::CompareBaselinesRequest request) {
  return Call(*stubs_->baselines, &v1::Baselines::Stub::CompareBaselines, request);
}
absl::StatusOr<v1::CompareBaselineRecordsResponse> Client::CompareBaselineRecords(
    v1::CompareBaselineRecordsRequest request) {
  return Call(*stubs_->baselines, &v1::Baselines::Stub::CompareBaselineRecords, request);
}

absl::StatusOr<v1::Transmittal> Client::CreateTransmittal(v1::CreateTransmittalRequest request) {
  return Call(*stubs_->transmittals, &v1::Transmittals::Stub::CreateTransmittal, request);
}
absl::StatusOr<v1::Transmittal> Client::GetTransmittal(v1::GetTransmittalRequest request) {
  return Call(*stubs_->transmittals, &v1::Transmittals::Stub::GetTransmittal, request);
}
absl::StatusOr<v1::ListTransmittalsResponse> Client::ListTransmittals(v1::ListTransmittalsRequest request) {
  return Call(*stubs_->transmittals, &v1::Transmittals::Stub::ListTransmittals, request);
}
absl::StatusOr<v1::Transmittal> Client::AcknowledgeTransmittal(v1::AcknowledgeTransmittalRequest request) {
  return Call(*stubs_->transmittals, &v1::Transmittals::Stub::AcknowledgeTransmittal, request);
}
absl::StatusOr<v1::CompareTransmittalResponse> Client::CompareTransmittal(v1::CompareTransmittalRequest request) {
  return Call(*stubs_->transmittals, &v1::Transmittals::Stub::CompareTransmittal, request);
}

absl::StatusOr<v1::TemplateFields> Client::GetTemplateFields(v1::GetTemplateFieldsRequest request) {
  return Call(*stubs_->templates, &v1::Templates::Stub::GetTemplateFields, request);
}
absl::StatusOr<v1::Document> Client::CreateFromTemplate(v1::CreateFromTemplateRequest request) {
  return Call(*stubs_->templates, &v1::Templates::Stub::CreateFromTemplate, request);
}
absl::StatusOr<v1::ListOutdatedDocumentsResponse> Client::ListOutdatedDocuments(
    v1::ListOutdatedDocumentsRequest request) {
  return Call(*stubs_->templates, &v1::Templates::Stub::ListOutdatedDocuments, request);
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
  return Call(*stubs_->webhooks, &v1::Webhooks::Stub::RetryDeadLetters, request);
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
