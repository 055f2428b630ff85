// Transmittals: see transmittals.proto.
#pragma once

#include "greffe/v1/transmittals.grpc.pb.h"
#include "services/call/runtime.h"
#include "services/transmittals/crc_table.h"

namespace greffe {

// A raw method: the pieces of DownloadTransmittal are sent from where they were read to.
class TransmittalsService final
    : public v1::Transmittals::WithRawCallbackMethod_DownloadTransmittal<v1::Transmittals::CallbackService> {
 public:
  explicit TransmittalsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CreateTransmittal(grpc::CallbackServerContext* context,
                                              const v1::CreateTransmittalRequest* request,
                                              v1::Transmittal* response) override;
  grpc::ServerUnaryReactor* GetTransmittal(grpc::CallbackServerContext* context,
                                           const v1::GetTransmittalRequest* request,
                                           v1::Transmittal* response) override;
  grpc::ServerUnaryReactor* ListTransmittals(grpc::CallbackServerContext* context,
                                             const v1::ListTransmittalsRequest* request,
                                             v1::ListTransmittalsResponse* response) override;
  grpc::ServerUnaryReactor* AcknowledgeTransmittal(grpc::CallbackServerContext* context,
                                                   const v1::AcknowledgeTransmittalRequest* request,
                                                   v1::Transmittal* response) override;
  grpc::ServerUnaryReactor* CompareTransmittal(grpc::CallbackServerContext* context,
                                               const v1::CompareTransmittalRequest* request,
                                               v1::CompareTransmittalResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* DownloadTransmittal(grpc::CallbackServerContext* context,
                                                                  const grpc::ByteBuffer* request) override;

 private:
  const Runtime& runtime_;
  CrcTable crcs_;
};

}  // namespace greffe
