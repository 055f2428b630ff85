// The fake's transmittals: their packages alone.
#include "tests/clients/fake_pieces.h"

namespace greffe::client {
namespace {

class FakeTransmittals : public v1::Transmittals::Service {
 public:
  explicit FakeTransmittals(FakeState& state) : state_(state) {}

  grpc::Status DownloadTransmittal(grpc::ServerContext* context, const v1::DownloadTransmittalRequest* request,
                                   grpc::ServerWriter<v1::DownloadTransmittalResponse>* writer) override {
    const std::lock_guard lock(state_.mutex);
    const grpc::Status begun = BeginCall(state_, *context, "DownloadTransmittal");
    if (!begun.ok()) return begun;
    state_.package_downloads.push_back(*request);
    const auto package = state_.packages.find(request->name());
    if (package == state_.packages.end()) {
      return ServerError(grpc::StatusCode::NOT_FOUND, "RECORD_NOT_FOUND", "no \"" + request->name() + "\"");
    }
    v1::DownloadTransmittalResponse first;
    first.set_file_name("package.zip");
    first.set_size(static_cast<std::int64_t>(package->second.size()));
    const grpc::Status sent = SendPieces(state_, package->second, request->offset(), first, *writer);
    if (!sent.ok()) package->second += state_.package_growth;
    return sent;
  }

 private:
  FakeState& state_;
};

}  // namespace

std::unique_ptr<grpc::Service> NewFakeTransmittals(FakeState& state) {
  return std::make_unique<FakeTransmittals>(state);
}

}  // namespace greffe::client
