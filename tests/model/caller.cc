#include "tests/model/caller.h"

#include <utility>

#include "clients/cpp/tables.h"
#include "clients/cpp/watch.h"

namespace greffe::model {
namespace {

template <typename Response>
auto& Elements(Response& page) {
  if constexpr (requires { page.mutable_documents(); }) {
    return *page.mutable_documents();
  } else if constexpr (requires { page.mutable_entries(); }) {
    return *page.mutable_entries();
  } else if constexpr (requires { page.mutable_reviews(); }) {
    return *page.mutable_reviews();
  } else if constexpr (requires { page.mutable_milestones(); }) {
    return *page.mutable_milestones();
  } else if constexpr (requires { page.mutable_deliverables(); }) {
    return *page.mutable_deliverables();
  } else if constexpr (requires { page.mutable_baselines(); }) {
    return *page.mutable_baselines();
  } else if constexpr (requires { page.mutable_transmittals(); }) {
    return *page.mutable_transmittals();
  } else if constexpr (requires { page.mutable_links(); }) {
    return *page.mutable_links();
  } else if constexpr (requires { page.mutable_differences(); }) {
    return *page.mutable_differences();
  } else if constexpr (requires { page.mutable_revisions(); }) {
    return *page.mutable_revisions();
  } else {
    return *page.mutable_versions();
  }
}

absl::StatusOr<std::shared_ptr<const google::protobuf::Message>> Watch(client::Client& client,
                                                                       const v1::WatchChangesRequest& request, Call&) {
  auto response = std::make_shared<v1::ListChangesResponse>();
  const absl::Status status = client::WatchChanges(client, request, [&](const v1::WatchChangesResponse& message) {
    if (message.has_change()) *response->add_changes() = message.change();
    return true;
  });
  if (!status.ok()) return status;
  return response;
}

absl::StatusOr<std::shared_ptr<const google::protobuf::Message>> Export(client::Client& client,
                                                                        const v1::ExportTableRequest& request, Call&) {
  auto whole = std::make_shared<v1::ExportTableResponse>();
  const absl::Status status = client::ExportTable(client, request, [&](const v1::ExportTableResponse& piece) {
    whole->mutable_data()->append(piece.data());
    if (whole->sequence() == 0) whole->set_sequence(piece.sequence());
    whole->set_row_count(whole->row_count() + piece.row_count());
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return whole;
}

absl::StatusOr<std::shared_ptr<const google::protobuf::Message>> Import(client::Client& client,
                                                                        const v1::ImportTableRequest& request, Call&) {
  v1::ImportTableRequest rest = request;
  rest.clear_data();
  auto response = client::ImportTable(client, rest, request.data());
  if (!response.ok()) return response.status();
  return std::make_shared<v1::ImportTableResponse>(*std::move(response));
}

}  // namespace

template <typename Request>
void Caller::Add(std::function<absl::StatusOr<Answer>(client::Client&, const Request&, Call&)> make) {
  makers_[Request::descriptor()] = [make = std::move(make)](client::Client& client,
                                                            const google::protobuf::Message& request, Call& call) {
    return make(client, static_cast<const Request&>(request), call);
  };
}

template <typename Request, typename Response>
void Caller::AddUnary(absl::StatusOr<Response> (client::Client::*method)(Request)) {
  Add<Request>([method](client::Client& client, const Request& request, Call&) -> absl::StatusOr<Answer> {
    absl::StatusOr<Response> response = (client.*method)(request);
    if (!response.ok()) return response.status();
    return std::make_shared<Response>(*std::move(response));
  });
}

template <typename Request, typename Response>
void Caller::AddListing(absl::StatusOr<Response> (client::Client::*method)(Request)) {
  Add<Request>([this, method](client::Client& client, const Request& request, Call& call) -> absl::StatusOr<Answer> {
    std::shared_ptr<Response> all;
    Request next = request;
    do {
      absl::StatusOr<Response> page = (client.*method)(next);
      if (!page.ok()) return page.status();
      next.set_page_token(page->next_page_token());
      page->clear_next_page_token();
      if (all == nullptr) {
        call.answered = Clock::now();
        all = std::make_shared<Response>(*std::move(page));
        continue;
      }
      // All but the elements is said of the same moment.
      auto elements = std::move(Elements(*all));
      auto more = std::move(Elements(*page));
      Elements(*all).Clear();
      Elements(*page).Clear();
      if (BytesOf(*all) != BytesOf(*page)) findings_.Add("pages of two moments: " + request.ShortDebugString());
      elements.MergeFrom(more);
      Elements(*all) = std::move(elements);
    } while (!next.page_token().empty());
    return all;
  });
}

Caller::Caller(std::string principal, Gate& gate, Findings& findings)
    : principal_(std::move(principal)), connection_(gate, principal_), findings_(findings) {
  AddUnary(&client::Client::CreateProject);
  AddUnary(&client::Client::GetProject);
  AddUnary(&client::Client::UpdateProject);
  AddUnary(&client::Client::CreateDocument);
  AddUnary(&client::Client::GetDocument);
  AddUnary(&client::Client::LookupDocument);
  AddUnary(&client::Client::UpdateDocument);
  AddUnary(&client::Client::MoveDocument);
  AddUnary(&client::Client::WithdrawDocument);
  AddUnary(&client::Client::ReinstateDocument);
  AddUnary(&client::Client::GetVersion);
  AddUnary(&client::Client::ApproveVersion);
  AddUnary(&client::Client::RevokeApproval);
  AddUnary(&client::Client::ReleaseVersion);
  AddUnary(&client::Client::ObsoleteVersion);
  AddUnary(&client::Client::RestoreVersion);
  AddUnary(&client::Client::CreateReview);
  AddUnary(&client::Client::SubmitDecision);
  AddUnary(&client::Client::AddReviewComment);
  AddUnary(&client::Client::DelegateReview);
  AddUnary(&client::Client::ChangeReviewStep);
  AddUnary(&client::Client::AbortReview);
  AddUnary(&client::Client::GetReview);
  AddUnary(&client::Client::GetReviewStatement);
  AddListing(&client::Client::ListReviews);
  AddUnary(&client::Client::CreateMilestone);
  AddUnary(&client::Client::GetMilestone);
  AddUnary(&client::Client::UpdateMilestone);
  AddUnary(&client::Client::PlanMilestone);
  AddUnary(&client::Client::ForecastMilestone);
  AddUnary(&client::Client::AchieveMilestone);
  AddUnary(&client::Client::MissMilestone);
  AddUnary(&client::Client::CancelMilestone);
  AddListing(&client::Client::ListMilestones);
  AddUnary(&client::Client::CreateDeliverable);
  AddUnary(&client::Client::GetDeliverable);
  AddUnary(&client::Client::UpdateDeliverable);
  AddUnary(&client::Client::PlanDeliverable);
  AddUnary(&client::Client::ForecastDeliverable);
  AddUnary(&client::Client::StartDeliverable);
  AddUnary(&client::Client::SubmitDeliverable);
  AddUnary(&client::Client::AcceptDeliverable);
  AddUnary(&client::Client::RejectDeliverable);
  AddUnary(&client::Client::ArchiveDeliverable);
  AddListing(&client::Client::ListDeliverables);
  AddUnary(&client::Client::GetSlipTrend);
  AddUnary(&client::Client::CreateTransmittal);
  AddUnary(&client::Client::GetTransmittal);
  AddUnary(&client::Client::AcknowledgeTransmittal);
  AddUnary(&client::Client::CompareTransmittal);
  AddListing(&client::Client::ListTransmittals);
  AddUnary(&client::Client::CreateLink);
  AddUnary(&client::Client::BatchCreateLinks);
  AddUnary(&client::Client::GetLink);
  AddUnary(&client::Client::ConfirmLink);
  AddUnary(&client::Client::RepointLink);
  AddUnary(&client::Client::DeleteLink);
  AddListing(&client::Client::ListLinks);
  AddUnary(&client::Client::CreateBaseline);
  AddUnary(&client::Client::GetBaseline);
  AddListing(&client::Client::ListBaselines);
  AddListing(&client::Client::ListBaselineDocuments);
  AddListing(&client::Client::CompareBaselines);
  AddListing(&client::Client::CompareBaselineRecords);
  AddUnary(&client::Client::LockDocument);
  AddUnary(&client::Client::UnlockDocument);
  AddUnary(&client::Client::ForceUnlockDocument);
  AddUnary(&client::Client::GetLock);
  AddUnary(&client::Client::ListLocks);
  AddUnary(&client::Client::CheckIn);
  AddUnary(&client::Client::BatchCheckIn);
  AddUnary(&client::Client::FetchContent);
  AddUnary(&client::Client::ListChanges);
  AddListing(&client::Client::ListDocuments);
  AddListing(&client::Client::ListVersions);
  AddUnary(&client::Client::CreateEntry);
  AddUnary(&client::Client::GetEntry);
  AddUnary(&client::Client::UpdateEntry);
  AddUnary(&client::Client::TransitionEntry);
  AddListing(&client::Client::ListEntries);
  AddListing(&client::Client::ListEntryRevisions);
  Add<v1::ExportTableRequest>(Export);
  Add<v1::ImportTableRequest>(Import);
  Add<v1::WatchChangesRequest>(Watch);
}

Call Caller::Make(const std::string& project, std::shared_ptr<const google::protobuf::Message> request) {
  Call call{project, principal_, std::move(request), {}, nullptr, Clock::now(), {}};
  const auto& make = makers_.at(call.request->GetDescriptor());
  for (client::Client* client = connection_.Get(); client != nullptr; client = connection_.Next()) {
    call.answered = {};
    absl::StatusOr<Answer> answer = make(*client, *call.request, call);
    if (call.answered == Clock::time_point()) call.answered = Clock::now();
    call.status = answer.status();
    if (answer.ok()) call.answer = *std::move(answer);
    if (!absl::IsUnavailable(call.status)) break;
    ++call.unanswered;
  }
  return call;
}

}  // namespace greffe::model
