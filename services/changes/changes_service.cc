#include "services/changes/changes_service.h"

#include <utility>

#include "services/call/asked_page.h"
#include "services/call/unary.h"
#include "services/call/watch_stream.h"
#include "services/changes/change_page.h"
#include "services/changes/change_source.h"
#include "storage/base/names.h"

namespace greffe {

grpc::ServerUnaryReactor* ChangesService::ListChanges(grpc::CallbackServerContext* context,
                                                      const v1::ListChangesRequest* request,
                                                      v1::ListChangesResponse* response) {
  return AnswerFromPool(runtime_, context, "Changes.ListChanges", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(const int size, PageSize(request->page_size()));
    if (request->after_sequence() < 0) {
      return InvalidField("after_sequence", "FIELD_INVALID",
                          "'" + std::to_string(request->after_sequence()) + "': is below 0");
    }
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(project));
    GREFFE_ASSIGN_OR_RETURN(std::vector<v1::Change> changes, ListChangePage(view, request->after_sequence(), size));
    for (v1::Change& change : changes) *response->add_changes() = std::move(change);
    response->set_sequence(view.sequence());
    return absl::OkStatus();
  });
}

grpc::ServerWriteReactor<v1::WatchChangesResponse>* ChangesService::WatchChanges(
    grpc::CallbackServerContext* context, const v1::WatchChangesRequest* request) {
  return NewWatchStream<ChangeSource, v1::WatchChangesResponse>(
      runtime_, watchers_, context, "Changes.WatchChanges",
      [this, asked = *request] { return ChangeSource::Open(runtime_.store, asked); }, request->stop_at_end());
}

}  // namespace greffe
