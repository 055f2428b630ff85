#include "services/baselines/baselines_service.h"

#include <memory>
#include <utility>

#include "services/baselines/compare_baselines.h"
#include "services/call/records.h"
#include "services/call/unary.h"
#include "storage/base/baseline_rules.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/store/baseline_acts.h"

namespace greffe {
namespace {

// A creation under way: on the pool the documents are chosen, a committer makes the commit, and on the pool again the
// repository is brought to it.
class Creation : public std::enable_shared_from_this<Creation> {
 public:
  Creation(const Runtime& runtime, grpc::CallbackServerContext* context, const v1::CreateBaselineRequest* request,
           v1::Baseline* response)
      : runtime_(runtime),
        log_(context, "Baselines.CreateBaseline"),
        context_(context),
        request_(request),
        response_(response),
        reactor_(context->DefaultReactor()) {}

  grpc::ServerUnaryReactor* Start() {
    grpc::ServerUnaryReactor* reactor = reactor_;
    if (const absl::Status valid = Validate(); !valid.ok()) {
      Finish(valid);
    } else if (!runtime_.pool.Run([self = shared_from_this()] { self->Write(); })) {
      Finish(Error(absl::StatusCode::kResourceExhausted, "SERVER_BUSY", "too many requests wait; try again later"));
    }
    return reactor;
  }

 private:
  absl::Status Validate() {
    GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request_->parent(), "parent"));
    GREFFE_RETURN_IF_ERROR(ValidateBaselineId(request_->baseline_id(), "baseline_id"));
    GREFFE_RETURN_IF_ERROR(ValidateBaseline(request_->baseline(), "baseline"));
    GREFFE_ASSIGN_OR_RETURN(write_, NewWrite(*context_, std::move(project), *request_));
    return absl::OkStatus();
  }

  absl::StatusOr<PreparedBaseline> Prepare() const {
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(write_.project, request_->as_of()));
    return PrepareBaseline(view, request_->baseline_id(), request_->baseline());
  }

  void Write() {
    auto prepared = std::make_shared<absl::StatusOr<PreparedBaseline>>(Prepare());
    if (prepared->ok()) write_.bytes += static_cast<std::int64_t>((*prepared)->record.ByteSizeLong());
    // What cannot be chosen is told by the act: a request that was done before gets its answer first.
    write_.act = [prepared](Transaction& transaction) -> absl::Status {
      if (!prepared->ok()) return prepared->status();
      return greffe::CreateBaseline(transaction, *std::move(*prepared));
    };
    runtime_.store.Write(std::move(write_), [self = shared_from_this()](absl::StatusOr<WriteResult> written) {
      WhenRead(self->runtime_, std::move(written),
               [self](const absl::StatusOr<WriteResult>& result) { self->Answer(result); });
    });
  }

  void Answer(const absl::StatusOr<WriteResult>& result) {
    if (!result.ok()) {
      Finish(result.status());
      return;
    }
    const v1::Baseline* made = result->FindRecord<v1::Baseline>();
    if (made != nullptr) *response_ = *made;
    runtime_.pool.Continue([self = shared_from_this()] { self->Flush(); });
  }

  // A baseline is what one clones: the repository does not trail behind it.
  void Flush() {
    absl::StatusOr<std::string> project = ParseProjectName(request_->parent(), "parent");
    runtime_.store.FlushRepositories(*project, [self = shared_from_this()](const absl::StatusOr<FlushResult>& flushed) {
      self->Finish(flushed.ok() ? absl::OkStatus() : Trails(self->response_->name(), flushed.status()));
    });
  }

  // One code for all that can go wrong from here on: another one would say that there is no baseline.
  static absl::Status Trails(const std::string& name, const absl::Status& why) {
    return Error(absl::StatusCode::kUnavailable, "REPOSITORY_TRAILS",
                 "baseline '" + name + "' is made; the repository could not follow: " + std::string(why.message()),
                 {{"resource", name}});
  }

  void Finish(const absl::Status& status) {
    log_.End(status);
    reactor_->Finish(ToGrpcStatus(status));
  }

  const Runtime& runtime_;
  const CallLog log_;
  grpc::CallbackServerContext* context_;
  const v1::CreateBaselineRequest* request_;
  v1::Baseline* response_;
  grpc::ServerUnaryReactor* reactor_;
  WriteRequest write_;
};

}  // namespace

grpc::ServerUnaryReactor* BaselinesService::CreateBaseline(grpc::CallbackServerContext* context,
                                                           const v1::CreateBaselineRequest* request,
                                                           v1::Baseline* response) {
  return std::make_shared<Creation>(runtime_, context, request, response)->Start();
}

grpc::ServerUnaryReactor* BaselinesService::GetBaseline(grpc::CallbackServerContext* context,
                                                        const v1::GetBaselineRequest* request, v1::Baseline* response) {
  return AnswerNow(context, "Baselines.GetBaseline", [&] { return AnswerRecord(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* BaselinesService::ListBaselines(grpc::CallbackServerContext* context,
                                                          const v1::ListBaselinesRequest* request,
                                                          v1::ListBaselinesResponse* response) {
  return AnswerFromPool(runtime_, context, "Baselines.ListBaselines",
                        [this, request, response] { return AnswerPage<v1::Baseline>(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* BaselinesService::ListBaselineDocuments(grpc::CallbackServerContext* context,
                                                                  const v1::ListBaselineDocumentsRequest* request,
                                                                  v1::ListBaselineDocumentsResponse* response) {
  return AnswerFromPool(
      runtime_, context, "Baselines.ListBaselineDocuments", [this, request, response]() -> absl::Status {
        GREFFE_ASSIGN_OR_RETURN(const RecordName name,
                                ParseRecordName(KindOf<v1::Baseline>(), request->parent(), "parent"));
        GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request));
        GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project));
        GREFFE_ASSIGN_OR_RETURN(const v1::Baseline baseline, view.GetRecord<v1::Baseline>(name.id));
        GREFFE_ASSIGN_OR_RETURN(FrozenPage page, view.ListFrozen(name.id, asked.size, asked.begin.position));
        for (v1::BaselineDocument& document : page.documents) *response->add_documents() = std::move(document);
        response->set_total_size(baseline.document_count());
        if (!page.next.empty()) {
          response->set_next_page_token(NextPageToken(runtime_, asked, view.sequence(), std::move(page.next)));
        }
        return absl::OkStatus();
      });
}

grpc::ServerUnaryReactor* BaselinesService::CompareBaselines(grpc::CallbackServerContext* context,
                                                             const v1::CompareBaselinesRequest* request,
                                                             v1::CompareBaselinesResponse* response) {
  return AnswerFromPool(runtime_, context, "Baselines.CompareBaselines", [this, context, request, response] {
    return greffe::CompareBaselines(
        runtime_, *request, [context] { return context->IsCancelled(); }, *response);
  });
}

grpc::ServerUnaryReactor* BaselinesService::CompareBaselineRecords(grpc::CallbackServerContext* context,
                                                                   const v1::CompareBaselineRecordsRequest* request,
                                                                   v1::CompareBaselineRecordsResponse* response) {
  return AnswerFromPool(runtime_, context, "Baselines.CompareBaselineRecords", [this, context, request, response] {
    return greffe::CompareBaselineRecords(
        runtime_, *request, [context] { return context->IsCancelled(); }, *response);
  });
}

}  // namespace greffe
