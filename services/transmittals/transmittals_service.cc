#include "services/transmittals/transmittals_service.h"

#include <memory>
#include <utility>
#include <vector>

#include "services/call/piece_stream.h"
#include "services/call/records.h"
#include "services/call/unary.h"
#include "services/transmittals/package.h"
#include "storage/base/names.h"
#include "storage/base/transmittal_rules.h"
#include "storage/store/transmittal_acts.h"

namespace greffe {
namespace {

absl::StatusOr<WriteRequest> NewCreateTransmittal(const grpc::CallbackServerContext& context,
                                                  const v1::CreateTransmittalRequest& request) {
  GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request.parent(), "parent"));
  GREFFE_RETURN_IF_ERROR(ValidateTransmittal(request.transmittal(), "transmittal"));
  if (request.versions_size() < 1 || request.versions_size() > kMaxTransmittalItems) {
    return InvalidField("versions", "FIELD_INVALID",
                        std::to_string(request.versions_size()) + " of them; allowed are 1 to 1,000");
  }
  std::vector<VersionName> versions;
  for (const std::string& name : request.versions()) {
    GREFFE_ASSIGN_OR_RETURN(VersionName parsed, ParseVersionName(name, "versions"));
    if (parsed.project != project) {
      return InvalidField("versions", "FIELD_INVALID", "'" + name + "': is of another project");
    }
    versions.push_back(std::move(parsed));
  }
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, std::move(project), request));
  write.act = [asked = request.transmittal(), versions = std::move(versions)](Transaction& transaction) {
    return greffe::CreateTransmittal(transaction, asked, versions);
  };
  return write;
}

absl::StatusOr<WriteRequest> NewAcknowledge(const grpc::CallbackServerContext& context,
                                            const v1::AcknowledgeTransmittalRequest& request) {
  GREFFE_RETURN_IF_ERROR(ValidateText(request.comment(), "comment", 0, kMaxTransmittalText, true));
  if (!request.recipient().empty()) GREFFE_RETURN_IF_ERROR(ValidatePrincipalId(request.recipient(), "recipient"));
  return WriteAboutRecord<v1::Transmittal>(
      context, request, request.name(), "name",
      [recipient = request.recipient(), comment = request.comment(), responded = request.responded()](
          Transaction& transaction, const std::string& id) {
        return greffe::AcknowledgeTransmittal(transaction, id, recipient, comment, responded);
      });
}

absl::Status AddChange(const ProjectView& view, const v1::TransmittalItem& item,
                       v1::CompareTransmittalResponse& response) {
  GREFFE_ASSIGN_OR_RETURN(const VersionName name, ParseVersionName(item.version()));
  GREFFE_ASSIGN_OR_RETURN(const v1::Document document, view.GetDocument(name.number));
  GREFFE_ASSIGN_OR_RETURN(const v1::Version sent, view.GetVersion(name.number, name.version));
  v1::TransmittalChange& change = *response.add_changes();
  *change.mutable_item() = item;
  change.set_kind(ChangeOf(document, sent));
  change.set_latest_version(document.latest_version().number());
  change.set_released_version(document.released_version());
  change.set_state(sent.state());
  change.set_path(document.path());
  if (change.kind() != v1::TRANSMITTAL_CHANGE_KIND_CURRENT) response.set_changed_count(response.changed_count() + 1);
  return absl::OkStatus();
}

class PackageStream final : public PieceStreamOf<v1::DownloadTransmittalRequest, v1::DownloadTransmittalResponse> {
 public:
  PackageStream(const Runtime& runtime, CrcTable& crcs, grpc::CallbackServerContext* context,
                const grpc::ByteBuffer& request)
      : PieceStreamOf(runtime, context, "Transmittals.DownloadTransmittal", request), crcs_(crcs) {}

 private:
  absl::StatusOr<Range> Begin(const v1::DownloadTransmittalRequest& request,
                              v1::DownloadTransmittalResponse& first) override {
    GREFFE_ASSIGN_OR_RETURN(const RecordName name, ParseRecordName(KindOf<v1::Transmittal>(), request.name()));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project));
    GREFFE_ASSIGN_OR_RETURN(const v1::Transmittal transmittal, view.GetRecord<v1::Transmittal>(name.id));
    GREFFE_ASSIGN_OR_RETURN(
        package_, TransmittalPackage::Open(runtime_.store, view, transmittal, crcs_, [this] { return cancelled(); }));
    GREFFE_RETURN_IF_ERROR(CheckOffset(request.offset(), package_->size()));
    first.set_file_name(package_->file_name());
    first.set_size(package_->size());
    return Range{request.offset(), package_->size(), package_->held()};
  }

  absl::StatusOr<std::int64_t> Read(std::int64_t position, std::int64_t length, char* buffer) override {
    return package_->Read(position, length, buffer, runtime_.limits.turn_bytes);
  }

  CrcTable& crcs_;
  std::unique_ptr<TransmittalPackage> package_;
};

}  // namespace

grpc::ServerUnaryReactor* TransmittalsService::CreateTransmittal(grpc::CallbackServerContext* context,
                                                                 const v1::CreateTransmittalRequest* request,
                                                                 v1::Transmittal* response) {
  return AnswerAfterRecordWrite(runtime_, context, "Transmittals.CreateTransmittal",
                                NewCreateTransmittal(*context, *request), "", response);
}

grpc::ServerUnaryReactor* TransmittalsService::GetTransmittal(grpc::CallbackServerContext* context,
                                                              const v1::GetTransmittalRequest* request,
                                                              v1::Transmittal* response) {
  return AnswerNow(context, "Transmittals.GetTransmittal", [&] { return AnswerRecord(runtime_, *request, response); });
}

grpc::ServerUnaryReactor* TransmittalsService::ListTransmittals(grpc::CallbackServerContext* context,
                                                                const v1::ListTransmittalsRequest* request,
                                                                v1::ListTransmittalsResponse* response) {
  return AnswerFromPool(runtime_, context, "Transmittals.ListTransmittals", [this, request, response] {
    return AnswerPage<v1::Transmittal>(runtime_, *request, response);
  });
}

grpc::ServerUnaryReactor* TransmittalsService::AcknowledgeTransmittal(grpc::CallbackServerContext* context,
                                                                      const v1::AcknowledgeTransmittalRequest* request,
                                                                      v1::Transmittal* response) {
  return AnswerAfterRecordWrite(runtime_, context, "Transmittals.AcknowledgeTransmittal",
                                NewAcknowledge(*context, *request), request->name(), response);
}

grpc::ServerUnaryReactor* TransmittalsService::CompareTransmittal(grpc::CallbackServerContext* context,
                                                                  const v1::CompareTransmittalRequest* request,
                                                                  v1::CompareTransmittalResponse* response) {
  return AnswerFromPool(
      runtime_, context, "Transmittals.CompareTransmittal", [this, request, response]() -> absl::Status {
        GREFFE_ASSIGN_OR_RETURN(const RecordName name, ParseRecordName(KindOf<v1::Transmittal>(), request->name()));
        if (request->as_of().has_baseline()) {
          return InvalidField("as_of.baseline", "FIELD_INVALID", "a baseline holds one version of a document");
        }
        GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(name.project, request->as_of()));
        GREFFE_ASSIGN_OR_RETURN(const v1::Transmittal transmittal, view.GetRecord<v1::Transmittal>(name.id));
        for (const v1::TransmittalItem& item : transmittal.items()) {
          GREFFE_RETURN_IF_ERROR(AddChange(view, item, *response));
        }
        response->set_sequence(view.sequence());
        return absl::OkStatus();
      });
}

grpc::ServerWriteReactor<grpc::ByteBuffer>* TransmittalsService::DownloadTransmittal(
    grpc::CallbackServerContext* context, const grpc::ByteBuffer* request) {
  auto* stream = new PackageStream(runtime_, crcs_, context, *request);
  stream->Start();
  return stream;
}

}  // namespace greffe
