#include "services/registers/registers_service.h"

#include <utility>

#include "services/call/due.h"
#include "services/call/records.h"
#include "storage/base/register_entry.h"
#include "storage/base/utf8.h"
#include "storage/store/register_acts.h"

namespace greffe {
namespace {

using google::protobuf::Message;

struct EntryName {
  std::string project;
  const RecordKind* kind;
  std::string id;
};

absl::StatusOr<EntryName> ParseEntryName(const std::string& name, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(RecordName parsed, ParseRecordName(name, field));
  GREFFE_ASSIGN_OR_RETURN(const RecordKind* kind, FindRegister(parsed.collection, field));
  return EntryName{std::move(parsed.project), kind, std::move(parsed.id)};
}

// `projects/{project}/{collection}`.
absl::StatusOr<EntryName> ParseRegisterName(const std::string& name, const std::string& field) {
  const std::size_t slash = name.rfind('/');
  if (slash == std::string::npos) {
    return InvalidField(field, "NAME_INVALID",
                        "'" + PrintableUtf8(name.substr(0, 200)) + "': expected projects/{project}/{collection}");
  }
  GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(std::string_view(name).substr(0, slash), field));
  GREFFE_ASSIGN_OR_RETURN(const RecordKind* kind, FindRegister(name.substr(slash + 1), field));
  return EntryName{std::move(project), kind, ""};
}

void Fill(v1::Entry& entry, const RecordKind& kind, const Message& record) { SetEntry(entry, kind)->CopyFrom(record); }

// The entry that the write put: of that id, or (empty: it was created) the last of its kind, since what its minutes put
// comes before a meeting.
const Message* FindPut(const WriteResult& result, const EntryName& name) {
  const Message* found = nullptr;
  for (const RecordPtr& record : result.records) {
    if (record->GetDescriptor() != name.kind->prototype->GetDescriptor()) continue;
    if (name.id.empty() || IdOfRecord(*record) == name.id) found = record.get();
  }
  return found;
}

grpc::ServerUnaryReactor* AnswerAfterEntryWrite(const Runtime& runtime, grpc::CallbackServerContext* context,
                                                const char* method, absl::StatusOr<WriteRequest> write,
                                                absl::StatusOr<EntryName> name, v1::Entry* response) {
  return AnswerAfterWrite(runtime, context, method, std::move(write),
                          [&runtime, name = std::move(name), response](const WriteResult& result) -> absl::Status {
                            if (const Message* put = FindPut(result, *name)) {
                              Fill(*response, *name->kind, *put);
                              return absl::OkStatus();
                            }
                            GREFFE_ASSIGN_OR_RETURN(const ProjectView view,
                                                    runtime.store.View(name->project, result.Seen()));
                            GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, view.GetRecord(*name->kind, name->id));
                            Fill(*response, *name->kind, *record);
                            return absl::OkStatus();
                          });
}

}  // namespace

grpc::ServerUnaryReactor* RegistersService::CreateEntry(grpc::CallbackServerContext* context,
                                                        const v1::CreateEntryRequest* request, v1::Entry* response) {
  EntryName name;
  const auto write = [&]() -> absl::StatusOr<WriteRequest> {
    GREFFE_ASSIGN_OR_RETURN(name.project, ParseProjectName(request->parent(), "parent"));
    GREFFE_ASSIGN_OR_RETURN(const Message* given, EntryIn(request->entry(), "entry"));
    name.kind = &KindOf(*given->GetDescriptor());
    GREFFE_ASSIGN_OR_RETURN(WriteRequest made, NewWrite(*context, name.project, *request));
    made.act = [request = *request](Transaction& transaction) -> absl::Status {
      GREFFE_ASSIGN_OR_RETURN(const Message* values, EntryIn(request.entry(), "entry"));
      const std::string field = "entry." + EntryFieldName(KindOf(*values->GetDescriptor()));
      return AddEntry(transaction, *values, request.entry_id(), field).status();
    };
    return made;
  };
  absl::StatusOr<WriteRequest> made = write();
  return AnswerAfterEntryWrite(runtime_, context, "Registers.CreateEntry", std::move(made), std::move(name), response);
}

grpc::ServerUnaryReactor* RegistersService::GetEntry(grpc::CallbackServerContext* context,
                                                     const v1::GetEntryRequest* request, v1::Entry* response) {
  return AnswerNow(context, "Registers.GetEntry", [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const EntryName name, ParseEntryName(request->name(), "name"));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project, request->as_of()));
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, view.GetRecord(*name.kind, name.id));
    Fill(*response, *name.kind, *record);
    return absl::OkStatus();
  });
}

grpc::ServerUnaryReactor* RegistersService::ListEntries(grpc::CallbackServerContext* context,
                                                        const v1::ListEntriesRequest* request,
                                                        v1::ListEntriesResponse* response) {
  return AnswerFromPool(runtime_, context, "Registers.ListEntries", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const EntryName name, ParseRegisterName(request->parent(), "parent"));
    return AnswerDuePageOf(runtime_, *name.kind, name.project, *request, response, [&](const std::string& row) {
      AddSerialized(*response, *v1::Entry::descriptor(), SerializedEntry(*name.kind, row));
    });
  });
}

grpc::ServerUnaryReactor* RegistersService::UpdateEntry(grpc::CallbackServerContext* context,
                                                        const v1::UpdateEntryRequest* request, v1::Entry* response) {
  EntryName name;
  const auto write = [&]() -> absl::StatusOr<WriteRequest> {
    GREFFE_ASSIGN_OR_RETURN(const Message* given, EntryIn(request->entry(), "entry"));
    const RecordKind& kind = KindOf(*given->GetDescriptor());
    const std::string field = "entry." + EntryFieldName(kind);
    GREFFE_ASSIGN_OR_RETURN(RecordName parsed, ParseRecordName(kind, NameOf(*given), field + ".name"));
    name = {std::move(parsed.project), &kind, std::move(parsed.id)};
    GREFFE_ASSIGN_OR_RETURN(WriteRequest made, NewWrite(*context, name.project, *request));
    made.act = [request = *request, id = name.id, field](Transaction& transaction) -> absl::Status {
      GREFFE_ASSIGN_OR_RETURN(const Message* values, EntryIn(request.entry(), "entry"));
      const auto& paths = request.update_mask().paths();
      return greffe::UpdateEntry(transaction, *values, id, {paths.begin(), paths.end()}, field);
    };
    return made;
  };
  absl::StatusOr<WriteRequest> made = write();
  return AnswerAfterEntryWrite(runtime_, context, "Registers.UpdateEntry", std::move(made), std::move(name), response);
}

grpc::ServerUnaryReactor* RegistersService::TransitionEntry(grpc::CallbackServerContext* context,
                                                            const v1::TransitionEntryRequest* request,
                                                            v1::Entry* response) {
  EntryName name;
  const auto write = [&]() -> absl::StatusOr<WriteRequest> {
    GREFFE_ASSIGN_OR_RETURN(name, ParseEntryName(request->name(), "name"));
    GREFFE_RETURN_IF_ERROR(ValidateText(request->comment(), "comment", 0, kMaxComment, true));
    GREFFE_ASSIGN_OR_RETURN(WriteRequest made, NewWrite(*context, name.project, *request));
    made.act = [request = *request, name](Transaction& transaction) {
      return greffe::TransitionEntry(transaction, *name.kind, name.id, request.state(), request.comment(),
                                     request.etag());
    };
    return made;
  };
  absl::StatusOr<WriteRequest> made = write();
  return AnswerAfterEntryWrite(runtime_, context, "Registers.TransitionEntry", std::move(made), std::move(name),
                               response);
}

grpc::ServerUnaryReactor* RegistersService::ListEntryRevisions(grpc::CallbackServerContext* context,
                                                               const v1::ListEntryRevisionsRequest* request,
                                                               v1::ListEntryRevisionsResponse* response) {
  return AnswerFromPool(runtime_, context, "Registers.ListEntryRevisions", [this, request, response]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const EntryName name, ParseEntryName(request->name(), "name"));
    GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime_, *request));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project, asked.Moment(request->as_of())));
    GREFFE_ASSIGN_OR_RETURN(RecordPage page, view.ListRevisions(*name.kind, name.id, asked.size, asked.begin.position));
    for (const RecordPtr& revision : page.records) Fill(*response->add_revisions(), *name.kind, *revision);
    if (!page.next.empty()) {
      response->set_next_page_token(NextPageToken(runtime_, asked, view.sequence(), std::move(page.next)));
    }
    return absl::OkStatus();
  });
}

}  // namespace greffe
