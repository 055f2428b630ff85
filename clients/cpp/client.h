// The calls of a Greffe server, one method each.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/error.h"
#include "clients/cpp/options.h"
#include "greffe/v1/admin.pb.h"
#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/changes.pb.h"
#include "greffe/v1/contents.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/imports.pb.h"
#include "greffe/v1/locks.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "greffe/v1/notifications.pb.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/registers.pb.h"
#include "greffe/v1/reports.pb.h"
#include "greffe/v1/reviews.pb.h"
#include "greffe/v1/tables.pb.h"
#include "greffe/v1/templates.pb.h"
#include "greffe/v1/trace.pb.h"
#include "greffe/v1/transmittals.pb.h"
#include "greffe/v1/versions.pb.h"
#include "greffe/v1/webhooks.pb.h"

// The headers of gRPC and its stubs take seconds to compile; most who call need none of them.
namespace grpc {
class Channel;
class ClientContext;
}  // namespace grpc

namespace greffe::client {

struct Stubs;

// A connection to one server. Each method makes one unary call, whose meaning and errors the proto tells, and
//  - fills an empty request id of a mutation in (NextRequestId), with the same for all attempts;
//  - makes the call again, after a growing wait, while it fails with what IsRetryable names, and attempts and time are
//  left;
//  - ends with DEADLINE_EXCEEDED when `timeout` has passed;
//  - keeps the error's details (DetailsOf).
// What streams is in upload.h, download.h, watch.h, import_stream.h and tables.h. Thread-safe.
class Client {
 public:
  // Connects with the first call; nothing is encrypted.
  explicit Client(const ClientOptions& options);
  // Over a channel of the caller's; `options.server` is not used.
  Client(const std::shared_ptr<grpc::Channel>& channel, const ClientOptions& options);
  ~Client();

  absl::StatusOr<v1::Project> CreateProject(v1::CreateProjectRequest request);
  absl::StatusOr<v1::Project> GetProject(v1::GetProjectRequest request);
  absl::StatusOr<v1::ListProjectsResponse> ListProjects(v1::ListProjectsRequest request);
  absl::StatusOr<v1::Project> UpdateProject(v1::UpdateProjectRequest request);

  absl::StatusOr<v1::Document> CreateDocument(v1::CreateDocumentRequest request);
  absl::StatusOr<v1::Document> GetDocument(v1::GetDocumentRequest request);
  absl::StatusOr<v1::Document> LookupDocument(v1::LookupDocumentRequest request);
  absl::StatusOr<v1::ListDocumentsResponse> ListDocuments(v1::ListDocumentsRequest request);
  absl::StatusOr<v1::Document> UpdateDocument(v1::UpdateDocumentRequest request);
  absl::StatusOr<v1::Document> MoveDocument(v1::MoveDocumentRequest request);
  absl::StatusOr<v1::Document> WithdrawDocument(v1::WithdrawDocumentRequest request);
  absl::StatusOr<v1::Document> ReinstateDocument(v1::ReinstateDocumentRequest request);

  absl::StatusOr<v1::ListVersionsResponse> ListVersions(v1::ListVersionsRequest request);
  absl::StatusOr<v1::Version> GetVersion(v1::GetVersionRequest request);
  absl::StatusOr<v1::CompareVersionsResponse> CompareVersions(v1::CompareVersionsRequest request);
  absl::StatusOr<v1::Version> ApproveVersion(v1::ApproveVersionRequest request);
  absl::StatusOr<v1::Version> RevokeApproval(v1::RevokeApprovalRequest request);
  absl::StatusOr<v1::Version> ReleaseVersion(v1::ReleaseVersionRequest request);
  absl::StatusOr<v1::Version> ObsoleteVersion(v1::ObsoleteVersionRequest request);
  absl::StatusOr<v1::Version> RestoreVersion(v1::RestoreVersionRequest request);

  absl::StatusOr<v1::Lock> LockDocument(v1::LockDocumentRequest request);
  absl::StatusOr<v1::Lock> UnlockDocument(v1::UnlockDocumentRequest request);
  absl::StatusOr<v1::Lock> ForceUnlockDocument(v1::ForceUnlockDocumentRequest request);
  absl::StatusOr<v1::Lock> GetLock(v1::GetLockRequest request);
  absl::StatusOr<v1::ListLocksResponse> ListLocks(v1::ListLocksRequest request);

  absl::StatusOr<v1::Review> CreateReview(v1::CreateReviewRequest request);
  absl::StatusOr<v1::Review> GetReview(v1::GetReviewRequest request);
  absl::StatusOr<v1::ListReviewsResponse> ListReviews(v1::ListReviewsRequest request);
  absl::StatusOr<v1::ReviewStatement> GetReviewStatement(v1::GetReviewStatementRequest request);
  absl::StatusOr<v1::Review> SubmitDecision(v1::SubmitDecisionRequest request);
  absl::StatusOr<v1::Review> AddReviewComment(v1::AddReviewCommentRequest request);
  absl::StatusOr<v1::Review> DelegateReview(v1::DelegateReviewRequest request);
  absl::StatusOr<v1::Review> ChangeReviewStep(v1::ChangeReviewStepRequest request);
  absl::StatusOr<v1::Review> AbortReview(v1::AbortReviewRequest request);
  absl::StatusOr<v1::Deliverable> CreateDeliverable(v1::CreateDeliverableRequest request);
  absl::StatusOr<v1::Deliverable> GetDeliverable(v1::GetDeliverableRequest request);
  absl::StatusOr<v1::ListDeliverablesResponse> ListDeliverables(v1::ListDeliverablesRequest request);
  absl::StatusOr<v1::Deliverable> UpdateDeliverable(v1::UpdateDeliverableRequest request);
  absl::StatusOr<v1::Deliverable> PlanDeliverable(v1::PlanDeliverableRequest request);
  absl::StatusOr<v1::Deliverable> ForecastDeliverable(v1::ForecastDeliverableRequest request);
  absl::StatusOr<v1::Deliverable> StartDeliverable(v1::StartDeliverableRequest request);
  absl::StatusOr<v1::Deliverable> SubmitDeliverable(v1::SubmitDeliverableRequest request);
  absl::StatusOr<v1::Deliverable> AcceptDeliverable(v1::AcceptDeliverableRequest request);
  absl::StatusOr<v1::Deliverable> RejectDeliverable(v1::RejectDeliverableRequest request);
  absl::StatusOr<v1::Deliverable> ArchiveDeliverable(v1::ArchiveDeliverableRequest request);
  absl::StatusOr<v1::SlipTrend> GetSlipTrend(v1::GetSlipTrendRequest request);

  absl::StatusOr<v1::Milestone> CreateMilestone(v1::CreateMilestoneRequest request);
  absl::StatusOr<v1::Milestone> GetMilestone(v1::GetMilestoneRequest request);
  absl::StatusOr<v1::ListMilestonesResponse> ListMilestones(v1::ListMilestonesRequest request);
  absl::StatusOr<v1::Milestone> UpdateMilestone(v1::UpdateMilestoneRequest request);
  absl::StatusOr<v1::Milestone> PlanMilestone(v1::PlanMilestoneRequest request);
  absl::StatusOr<v1::Milestone> ForecastMilestone(v1::ForecastMilestoneRequest request);
  absl::StatusOr<v1::Milestone> AchieveMilestone(v1::AchieveMilestoneRequest request);
  absl::StatusOr<v1::Milestone> MissMilestone(v1::MissMilestoneRequest request);
  absl::StatusOr<v1::Milestone> CancelMilestone(v1::CancelMilestoneRequest request);

  absl::StatusOr<v1::Entry> CreateEntry(v1::CreateEntryRequest request);
  absl::StatusOr<v1::Entry> GetEntry(v1::GetEntryRequest request);
  absl::StatusOr<v1::ListEntriesResponse> ListEntries(v1::ListEntriesRequest request);
  absl::StatusOr<v1::Entry> UpdateEntry(v1::UpdateEntryRequest request);
  absl::StatusOr<v1::Entry> TransitionEntry(v1::TransitionEntryRequest request);
  absl::StatusOr<v1::ListEntryRevisionsResponse> ListEntryRevisions(v1::ListEntryRevisionsRequest request);
  absl::StatusOr<v1::ProjectStatus> GetProjectStatus(v1::GetProjectStatusRequest request);
  absl::StatusOr<v1::ListPortfolioResponse> ListPortfolio(v1::ListPortfolioRequest request);
  absl::StatusOr<v1::ListStatusSeriesResponse> ListStatusSeries(v1::ListStatusSeriesRequest request);
  absl::StatusOr<v1::ProgressReport> GetProgressReport(v1::GetProgressReportRequest request);

  absl::StatusOr<v1::Link> CreateLink(v1::CreateLinkRequest request);
  absl::StatusOr<v1::BatchCreateLinksResponse> BatchCreateLinks(v1::BatchCreateLinksRequest request);
  absl::StatusOr<v1::Link> GetLink(v1::GetLinkRequest request);
  absl::StatusOr<v1::ListLinksResponse> ListLinks(v1::ListLinksRequest request);
  absl::StatusOr<v1::Link> ConfirmLink(v1::ConfirmLinkRequest request);
  absl::StatusOr<v1::Link> RepointLink(v1::RepointLinkRequest request);
  absl::StatusOr<v1::Link> DeleteLink(v1::DeleteLinkRequest request);
  absl::StatusOr<v1::GetImpactResponse> GetImpact(v1::GetImpactRequest request);
  absl::StatusOr<v1::GetCoverageMatrixResponse> GetCoverageMatrix(v1::GetCoverageMatrixRequest request);
  absl::StatusOr<v1::ListOrphansResponse> ListOrphans(v1::ListOrphansRequest request);
  absl::StatusOr<v1::ListAnchorsResponse> ListAnchors(v1::ListAnchorsRequest request);
  absl::StatusOr<v1::ScanAnchorsResponse> ScanAnchors(v1::ScanAnchorsRequest request);
  absl::StatusOr<v1::ImportFrontMatterLinksResponse> ImportFrontMatterLinks(v1::ImportFrontMatterLinksRequest request);
  absl::StatusOr<v1::Baseline> CreateBaseline(v1::CreateBaselineRequest request);
  absl::StatusOr<v1::Baseline> GetBaseline(v1::GetBaselineRequest request);
  absl::StatusOr<v1::ListBaselinesResponse> ListBaselines(v1::ListBaselinesRequest request);
  absl::StatusOr<v1::ListBaselineDocumentsResponse> ListBaselineDocuments(v1::ListBaselineDocumentsRequest request);
  absl::StatusOr<v1::CompareBaselinesResponse> CompareBaselines(v1::CompareBaselinesRequest request);
  absl::StatusOr<v1::CompareBaselineRecordsResponse> CompareBaselineRecords(v1::CompareBaselineRecordsRequest request);

  absl::StatusOr<v1::Transmittal> CreateTransmittal(v1::CreateTransmittalRequest request);
  absl::StatusOr<v1::Transmittal> GetTransmittal(v1::GetTransmittalRequest request);
  absl::StatusOr<v1::ListTransmittalsResponse> ListTransmittals(v1::ListTransmittalsRequest request);
  absl::StatusOr<v1::Transmittal> AcknowledgeTransmittal(v1::AcknowledgeTransmittalRequest request);
  absl::StatusOr<v1::CompareTransmittalResponse> CompareTransmittal(v1::CompareTransmittalRequest request);

  absl::StatusOr<v1::TemplateFields> GetTemplateFields(v1::GetTemplateFieldsRequest request);
  absl::StatusOr<v1::Document> CreateFromTemplate(v1::CreateFromTemplateRequest request);
  absl::StatusOr<v1::ListOutdatedDocumentsResponse> ListOutdatedDocuments(v1::ListOutdatedDocumentsRequest request);

  absl::StatusOr<v1::CheckInResponse> CheckIn(v1::CheckInRequest request);
  absl::StatusOr<v1::BatchCheckInResponse> BatchCheckIn(v1::BatchCheckInRequest request);
  absl::StatusOr<v1::Upload> CreateUpload(v1::CreateUploadRequest request);
  absl::StatusOr<v1::Upload> GetUpload(v1::GetUploadRequest request);
  absl::StatusOr<v1::ListUploadsResponse> ListUploads(v1::ListUploadsRequest request);
  absl::Status DeleteUpload(v1::DeleteUploadRequest request);
  absl::StatusOr<v1::FetchContentResponse> FetchContent(v1::FetchContentRequest request);
  absl::StatusOr<v1::BatchFetchContentsResponse> BatchFetchContents(v1::BatchFetchContentsRequest request);

  absl::StatusOr<v1::ListChangesResponse> ListChanges(v1::ListChangesRequest request);
  absl::StatusOr<v1::ImportSource> GetImportSource(v1::GetImportSourceRequest request);

  absl::StatusOr<v1::ListNotificationsResponse> ListNotifications(v1::ListNotificationsRequest request);
  absl::StatusOr<v1::AcknowledgeNotificationsResponse> AcknowledgeNotifications(
      v1::AcknowledgeNotificationsRequest request);
  absl::StatusOr<v1::Digest> GetDigest(v1::GetDigestRequest request);

  absl::StatusOr<v1::Webhook> CreateWebhook(v1::CreateWebhookRequest request);
  absl::StatusOr<v1::Webhook> GetWebhook(v1::GetWebhookRequest request);
  absl::StatusOr<v1::ListWebhooksResponse> ListWebhooks(v1::ListWebhooksRequest request);
  absl::StatusOr<v1::Webhook> UpdateWebhook(v1::UpdateWebhookRequest request);
  absl::Status DeleteWebhook(v1::DeleteWebhookRequest request);
  absl::StatusOr<v1::ListDeadLettersResponse> ListDeadLetters(v1::ListDeadLettersRequest request);
  absl::StatusOr<v1::RetryDeadLettersResponse> RetryDeadLetters(v1::RetryDeadLettersRequest request);

  absl::StatusOr<v1::ServerStatus> GetServerStatus(v1::GetServerStatusRequest request);
  absl::StatusOr<v1::FlushRepositoriesResponse> FlushRepositories(v1::FlushRepositoriesRequest request);
  absl::StatusOr<v1::StartScrubResponse> StartScrub(v1::StartScrubRequest request);
  absl::StatusOr<v1::ProjectStorage> GetProjectStorage(v1::GetProjectStorageRequest request);

  const ClientOptions& options() const { return options_; }

  // For the next write: see ClientOptions::request_id.
  std::string NextRequestId() const;

  // For the streams.
  void Prepare(grpc::ClientContext& context) const;
  const Stubs& stubs() const { return *stubs_; }  // stubs.h

 private:
  // `attempts`, where it is given, receives how many it took.
  template <typename Stub, typename Request, typename Response, typename Result>
  absl::StatusOr<Response> Call(Stub& stub, Result (Stub::*method)(grpc::ClientContext*, const Request&, Response*),
                                Request& request, int* attempts = nullptr) const;

  const ClientOptions options_;
  mutable std::atomic<int> writes_ = 0;         // that got an id here
  mutable std::atomic<bool> answered_ = false;  // a server has answered, be it with an error of its own
  const std::unique_ptr<const Stubs> stubs_;
};

}  // namespace greffe::client
