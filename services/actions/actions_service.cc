#include "services/actions/actions_service.h"

#include <utility>

#include "services/call/due.h"
#include "services/call/records.h"
#include "storage/store/action_acts.h"

namespace greffe {

grpc::ServerUnaryReactor* ActionsService::CreateAction(grpc::CallbackServerContext* context,
                                                       const v1::CreateActionRequest* request, v1::Action* response) {
  const auto write = [&]() -> absl::StatusOr<WriteRequest> {
    GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(WriteRequest made, NewWrite(*context, std::move(project), *request));
    made.act = [request = *request](Transaction& transaction) {
      return greffe::CreateAction(transaction, request.action());
    };
    return made;
  };
  return AnswerAfterRecordWrite(runtime_, context, "Actions.CreateAction", write(), "", response);
}

grpc::ServerUnaryReactor* ActionsService::GetAction(grpc::CallbackServerContext* context,
                                                    const v1::GetActionRequest* request, v1::Action* response) {
  return AnswerNow(context, "Actions.GetAction", [&] { return AnswerRecord(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* ActionsService::ListActions(grpc::CallbackServerContext* context,
                                                      const v1::ListActionsRequest* request,
                                                      v1::ListActionsResponse* response) {
  return AnswerFromPool(runtime_, context, "Actions.ListActions", [this, request, response] {
    return AnswerDuePage<v1::Action>(runtime_, *request, response,
                                     [response](v1::Action& action) { *response->add_actions() = std::move(action); });
  });
}

grpc::ServerUnaryReactor* ActionsService::UpdateAction(grpc::CallbackServerContext* context,
                                                       const v1::UpdateActionRequest* request, v1::Action* response) {
  auto write = WriteAboutRecord<v1::Action>(
      *context, *request, request->action().name(), "action.name",
      [request = *request](Transaction& transaction, const std::string& id) {
        const auto& paths = request.update_mask().paths();
        return greffe::UpdateAction(transaction, request.action(), id, {paths.begin(), paths.end()});
      });
  return AnswerAfterRecordWrite(runtime_, context, "Actions.UpdateAction", std::move(write), request->action().name(),
                                response);
}

grpc::ServerUnaryReactor* ActionsService::StartAction(grpc::CallbackServerContext* context,
                                                      const v1::StartActionRequest* request, v1::Action* response) {
  auto write = WriteAboutRecord<v1::Action>(*context, *request, request->name(), "name",
                                            [request = *request](Transaction& transaction, const std::string& id) {
                                              return greffe::StartAction(transaction, id);
                                            });
  return AnswerAfterRecordWrite(runtime_, context, "Actions.StartAction", std::move(write), request->name(), response);
}

grpc::ServerUnaryReactor* ActionsService::CompleteAction(grpc::CallbackServerContext* context,
                                                         const v1::CompleteActionRequest* request,
                                                         v1::Action* response) {
  auto write = WriteWithReason<v1::Action>(*context, *request, request->comment(), "comment", 0,
                                           [request = *request](Transaction& transaction, const std::string& id) {
                                             return greffe::CompleteAction(transaction, id, request.comment());
                                           });
  return AnswerAfterRecordWrite(runtime_, context, "Actions.CompleteAction", std::move(write), request->name(),
                                response);
}

grpc::ServerUnaryReactor* ActionsService::CancelAction(grpc::CallbackServerContext* context,
                                                       const v1::CancelActionRequest* request, v1::Action* response) {
  auto write = WriteWithReason<v1::Action>(*context, *request, request->comment(), "comment", 1,
                                           [request = *request](Transaction& transaction, const std::string& id) {
                                             return greffe::CancelAction(transaction, id, request.comment());
                                           });
  return AnswerAfterRecordWrite(runtime_, context, "Actions.CancelAction", std::move(write), request->name(), response);
}

}  // namespace greffe
