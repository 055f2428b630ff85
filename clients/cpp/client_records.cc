// The client's calls about records beside documents: reviews, plans, registers, links, baselines, dispatches,
// templates.
#include "clients/cpp/client_call.h"

namespace greffe::client {

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

}  // namespace greffe::client
