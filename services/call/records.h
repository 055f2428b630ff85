// What the services of records (reviews, deliverables, ...) share: reading one, listing, and writing about one.
#pragma once

#include <string>
#include <type_traits>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"
#include "google/protobuf/unknown_field_set.h"
#include "services/call/asked_page.h"
#include "services/call/unary.h"
#include "storage/base/names.h"
#include "storage/base/record_filter.h"

namespace greffe {

// The number of the repeated field of `message` that has messages of `type`; anything else is a mistake of the program.
int RepeatedFieldOf(const google::protobuf::Descriptor& message, const google::protobuf::Descriptor& type);

// For a request with `name` and `as_of`.
template <typename Record, typename Request>
absl::Status AnswerRecord(const Runtime& runtime, const Request& request, Record* response) {
  GREFFE_ASSIGN_OR_RETURN(const RecordName name, ParseRecordName(KindOf<Record>(), request.name()));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(name.project, request.as_of()));
  GREFFE_ASSIGN_OR_RETURN(*response, view.template GetRecord<Record>(name.id));
  return absl::OkStatus();
}

// Adds a serialized message to the response's repeated field of that type, without parsing it: as an unknown field,
// which is the same to who parses the answer. Who reads `response` itself does not see it.
template <typename Response>
void AddSerialized(Response& response, const google::protobuf::Descriptor& type, std::string message) {
  static const int number = RepeatedFieldOf(*Response::descriptor(), type);
  response.GetReflection()->MutableUnknownFields(&response)->AddLengthDelimited(number)->swap(message);
}

// AnswerPageOf for the page `asked`, of what matches `filter`. The position in the next page's token comes after
// `prefix`, which is the caller's.
template <typename Request, typename Response, typename Add>
absl::Status AnswerPageFrom(const Runtime& runtime, const RecordKind& kind, const std::string& project,
                            const Request& request, const AskedPage& asked, const std::string& prefix,
                            const RecordFilter& filter, const std::string& order_by, Response* response, Add add) {
  const google::protobuf::Descriptor& type = *kind.prototype->GetDescriptor();
  GREFFE_ASSIGN_OR_RETURN(const RecordOrdering ordering, ParseRecordOrdering(order_by, type));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project, asked.Moment(request.as_of())));
  std::string next;
  if constexpr (std::is_invocable_v<Add, google::protobuf::Message&>) {
    GREFFE_ASSIGN_OR_RETURN(RecordPage page,
                            view.ListRecords(kind, filter, ordering, asked.size, asked.begin.position));
    for (const RecordPtr& record : page.records) add(*record);
    next = std::move(page.next);
  } else {
    GREFFE_ASSIGN_OR_RETURN(RowPage page, view.ListRows(kind, filter, ordering, asked.size, asked.begin.position));
    for (std::string& row : page.rows) add(std::move(row));
    next = std::move(page.next);
  }
  response->set_sequence(view.sequence());
  if (!next.empty()) {
    response->set_next_page_token(NextPageToken(runtime, asked, view.sequence(), prefix + next));
  }
  return absl::OkStatus();
}

// A page of the project's records of a kind, by a request with `page_size`, `page_token`, `as_of`: those that match
// `filter`, in `order_by`. `add` takes each, as a std::string when it is sent on as the index has it, or as a Message&;
// the response has `next_page_token` and `sequence`.
template <typename Request, typename Response, typename Add>
absl::Status AnswerPageOf(const Runtime& runtime, const RecordKind& kind, const std::string& project,
                          const Request& request, const std::string& filter, const std::string& order_by,
                          Response* response, Add add) {
  GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime, request));
  GREFFE_ASSIGN_OR_RETURN(const RecordFilter parsed, ParseRecordFilter(filter, *kind.prototype->GetDescriptor()));
  return AnswerPageFrom(runtime, kind, project, request, asked, "", parsed, order_by, response, add);
}

// The same for records of one type, which the response has a repeated field of, by a request with `parent`.
template <typename Record, typename Request, typename Response>
absl::Status AnswerPage(const Runtime& runtime, const Request& request, Response* response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  return AnswerPageOf(runtime, KindOf<Record>(), project, request, request.filter(), request.order_by(), response,
                      [&](std::string row) { AddSerialized(*response, *Record::descriptor(), std::move(row)); });
}

// A write about the record that `name` names: `act(transaction, id)` does it.
template <typename Record, typename Request, typename Act>
absl::StatusOr<WriteRequest> WriteAboutRecord(const grpc::CallbackServerContext& context, const Request& request,
                                              const std::string& name, const std::string& field, Act act) {
  GREFFE_ASSIGN_OR_RETURN(RecordName parsed, ParseRecordName(KindOf<Record>(), name, field));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, std::move(parsed.project), request));
  write.act = [id = std::move(parsed.id), act = std::move(act)](Transaction& transaction) {
    return act(transaction, id);
  };
  return write;
}

// The same, in which `text`, the request's field of that name, says why: at least `least` characters of it.
template <typename Record, typename Request, typename Act>
absl::StatusOr<WriteRequest> WriteWithReason(const grpc::CallbackServerContext& context, const Request& request,
                                             const std::string& text, const std::string& field, int least, Act act) {
  constexpr int kMaxReason = 2000;
  GREFFE_RETURN_IF_ERROR(ValidateText(text, field, least, kMaxReason, true));
  return WriteAboutRecord<Record>(context, request, request.name(), "name", std::move(act));
}

// Answers with the first record of that type that the write put; as it is, when nothing changed. `name` may be empty
// for what the write creates.
template <typename Record>
grpc::ServerUnaryReactor* AnswerAfterRecordWrite(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                 const char* method, absl::StatusOr<WriteRequest> write,
                                                 const std::string& name, Record* response) {
  return AnswerAfterWrite(runtime, context, method, std::move(write),
                          [&runtime, name, response](const WriteResult& result) -> absl::Status {
                            if (const Record* record = result.FindRecord<Record>()) {
                              *response = *record;
                              return absl::OkStatus();
                            }
                            GREFFE_ASSIGN_OR_RETURN(const RecordName parsed, ParseRecordName(KindOf<Record>(), name));
                            GREFFE_ASSIGN_OR_RETURN(const ProjectView view,
                                                    runtime.store.View(parsed.project, result.Seen()));
                            GREFFE_ASSIGN_OR_RETURN(*response, view.template GetRecord<Record>(parsed.id));
                            return absl::OkStatus();
                          });
}

}  // namespace greffe
