#include "services/trace/trace_service.h"

#include <memory>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/call/records.h"
#include "services/trace/trace_views.h"
#include "services/trace/traced_texts.h"
#include "storage/store/link_acts.h"

namespace greffe {
namespace {

constexpr int kMaxLinks = 1000;

absl::StatusOr<WriteRequest> NewCreation(const grpc::CallbackServerContext& context,
                                         const v1::CreateLinkRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request.parent(), "parent"));
  if (!request.has_link()) return InvalidField("link", "FIELD_REQUIRED", "is required");
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, std::move(project), request));
  write.act = [link = request.link()](Transaction& transaction) { return CreateLink(transaction, link); };
  return write;
}

absl::StatusOr<WriteRequest> NewBatch(const grpc::CallbackServerContext& context,
                                      const v1::BatchCreateLinksRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request.parent(), "parent"));
  if (request.links_size() < 1 || request.links_size() > kMaxLinks) {
    return InvalidField("links", "FIELD_INVALID",
                        absl::StrCat(request.links_size(), " of them; allowed are 1 to 1,000"));
  }
  // The answer says them all again.
  if (const std::size_t bytes = request.ByteSizeLong(); bytes > kPageBytes) {
    return InvalidField("links", "FIELD_INVALID",
                        absl::StrCat("they have ", bytes, " bytes; allowed are ", kPageBytes, " in one request"));
  }
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, std::move(project), request));
  write.bulk = true;
  write.act = [links = std::vector<v1::Link>(request.links().begin(), request.links().end())](
                  Transaction& transaction) { return CreateLinks(transaction, links); };
  return write;
}

v1::Link Shortened(const v1::Link& link) {
  v1::Link shortened;
  shortened.set_name(link.name());
  shortened.set_etag(link.etag());
  return shortened;
}

// All links, the last ones shortened where all are more than a message takes: what the server made of them (hashes,
// times, who) comes on top of what was asked for, and an answer that cannot be sent would hide that they are made.
void SayThoseThatFit(const std::vector<RecordPtr>& records, v1::BatchCreateLinksResponse& response) {
  std::size_t rest = 0;  // the least that those to come take
  for (const RecordPtr& record : records) rest += Shortened(static_cast<const v1::Link&>(*record)).ByteSizeLong();
  std::size_t bytes = 0;
  for (const RecordPtr& record : records) {
    const auto& link = static_cast<const v1::Link&>(*record);
    v1::Link shortened = Shortened(link);
    rest -= shortened.ByteSizeLong();
    const bool fits = bytes + link.ByteSizeLong() + rest <= kPageBytes;
    v1::Link& said = *response.add_links() = fits ? link : std::move(shortened);
    bytes += said.ByteSizeLong();
  }
}

// A write about the link of that name; `act` does it.
template <typename Request, typename Act>
absl::StatusOr<WriteRequest> WriteAboutLink(const grpc::CallbackServerContext& context, const Request& request,
                                            int least_reason, Act act) {
  GREFFE_RETURN_IF_ERROR(ValidateText(request.reason(), "reason", least_reason, kMaxComment, true));
  return WriteAboutRecord<v1::Link>(context, request, request.name(), "name", std::move(act));
}

}  // namespace

grpc::ServerUnaryReactor* TraceService::CreateLink(grpc::CallbackServerContext* context,
                                                   const v1::CreateLinkRequest* request, v1::Link* response) {
  return AnswerAfterRecordWrite(runtime_, context, "Trace.CreateLink", NewCreation(*context, *request), "", response);
}

grpc::ServerUnaryReactor* TraceService::BatchCreateLinks(grpc::CallbackServerContext* context,
                                                         const v1::BatchCreateLinksRequest* request,
                                                         v1::BatchCreateLinksResponse* response) {
  return AnswerAfterWrite(runtime_, context, "Trace.BatchCreateLinks", NewBatch(*context, *request),
                          [response](const WriteResult& result) {
                            SayThoseThatFit(result.records, *response);
                            return absl::OkStatus();
                          });
}

grpc::ServerUnaryReactor* TraceService::GetLink(grpc::CallbackServerContext* context, const v1::GetLinkRequest* request,
                                                v1::Link* response) {
  return AnswerNow(context, "Trace.GetLink", [&] { return AnswerRecord<v1::Link>(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* TraceService::ListLinks(grpc::CallbackServerContext* context,
                                                  const v1::ListLinksRequest* request,
                                                  v1::ListLinksResponse* response) {
  return AnswerFromPool(runtime_, context, "Trace.ListLinks",
                        [this, request, response] { return AnswerPage<v1::Link>(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* TraceService::ConfirmLink(grpc::CallbackServerContext* context,
                                                    const v1::ConfirmLinkRequest* request, v1::Link* response) {
  auto write = WriteAboutLink(*context, *request, 1,
                              [reason = request->reason(), etag = request->etag(),
                               expected = ExpectedHashes{request->from_hash(), request->to_hash()}](
                                  Transaction& transaction, const std::string& id) {
                                return greffe::ConfirmLink(transaction, id, reason, etag, expected);
                              });
  return AnswerAfterRecordWrite(runtime_, context, "Trace.ConfirmLink", std::move(write), request->name(), response);
}

grpc::ServerUnaryReactor* TraceService::RepointLink(grpc::CallbackServerContext* context,
                                                    const v1::RepointLinkRequest* request, v1::Link* response) {
  auto write =
      WriteAboutLink(*context, *request, 1,
                     [from = LinkTarget{request->from(), request->from_anchor()},
                      to = LinkTarget{request->to(), request->to_anchor()}, reason = request->reason(),
                      etag = request->etag(), expected = ExpectedHashes{request->from_hash(), request->to_hash()}](
                         Transaction& transaction, const std::string& id) {
                       return greffe::RepointLink(transaction, id, from, to, reason, etag, expected);
                     });
  return AnswerAfterRecordWrite(runtime_, context, "Trace.RepointLink", std::move(write), request->name(), response);
}

grpc::ServerUnaryReactor* TraceService::DeleteLink(grpc::CallbackServerContext* context,
                                                   const v1::DeleteLinkRequest* request, v1::Link* response) {
  auto deleted = std::make_shared<v1::Link>();
  auto write = WriteAboutLink(*context, *request, 0,
                              [deleted, reason = request->reason(), etag = request->etag()](
                                  Transaction& transaction, const std::string& id) -> absl::Status {
                                GREFFE_ASSIGN_OR_RETURN(*deleted, greffe::DeleteLink(transaction, id, reason, etag));
                                return absl::OkStatus();
                              });
  return AnswerAfterWrite(runtime_, context, "Trace.DeleteLink", std::move(write),
                          [this, deleted, request, response](const WriteResult& result) -> absl::Status {
                            if (!result.replayed) {
                              *response = *deleted;
                              return absl::OkStatus();
                            }
                            // Deleted before: as it was until then.
                            v1::GetLinkRequest before;
                            before.set_name(request->name());
                            before.mutable_as_of()->set_sequence(result.sequence - 1);
                            return AnswerRecord<v1::Link>(runtime_, before, response);
                          });
}

grpc::ServerUnaryReactor* TraceService::GetImpact(grpc::CallbackServerContext* context,
                                                  const v1::GetImpactRequest* request,
                                                  v1::GetImpactResponse* response) {
  return AnswerFromPool(runtime_, context, "Trace.GetImpact",
                        [this, request, response] { return AnswerImpact(runtime_, *request, *response); });
}

grpc::ServerUnaryReactor* TraceService::GetCoverageMatrix(grpc::CallbackServerContext* context,
                                                          const v1::GetCoverageMatrixRequest* request,
                                                          v1::GetCoverageMatrixResponse* response) {
  return AnswerFromPool(runtime_, context, "Trace.GetCoverageMatrix",
                        [this, request, response] { return AnswerCoverage(runtime_, *request, *response); });
}

grpc::ServerUnaryReactor* TraceService::ListOrphans(grpc::CallbackServerContext* context,
                                                    const v1::ListOrphansRequest* request,
                                                    v1::ListOrphansResponse* response) {
  return AnswerFromPool(runtime_, context, "Trace.ListOrphans",
                        [this, request, response] { return AnswerOrphans(runtime_, *request, *response); });
}

grpc::ServerUnaryReactor* TraceService::ListAnchors(grpc::CallbackServerContext* context,
                                                    const v1::ListAnchorsRequest* request,
                                                    v1::ListAnchorsResponse* response) {
  return AnswerFromPool(runtime_, context, "Trace.ListAnchors",
                        [this, request, response] { return AnswerAnchors(runtime_, *request, *response); });
}

grpc::ServerUnaryReactor* TraceService::ScanAnchors(grpc::CallbackServerContext* context,
                                                    const v1::ScanAnchorsRequest* request,
                                                    v1::ScanAnchorsResponse* response) {
  return greffe::ScanAnchors(runtime_, context, request, response);
}

grpc::ServerUnaryReactor* TraceService::ImportFrontMatterLinks(grpc::CallbackServerContext* context,
                                                               const v1::ImportFrontMatterLinksRequest* request,
                                                               v1::ImportFrontMatterLinksResponse* response) {
  return greffe::ImportFrontMatterLinks(runtime_, context, request, response);
}

}  // namespace greffe
