// Contents: see contents.proto.
#pragma once

#include "greffe/v1/contents.grpc.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// Raw methods: FetchContent's answer, most often, is bytes that lie ready in the index; DownloadContent's pieces are
// sent from where they were read to; a message of WriteUpload that is none must not pass for the stream's end.
class ContentsService final
    : public v1::Contents::WithRawCallbackMethod_FetchContent<v1::Contents::WithRawCallbackMethod_DownloadContent<
          v1::Contents::WithRawCallbackMethod_WriteUpload<v1::Contents::CallbackService>>> {
 public:
  explicit ContentsService(const Runtime& runtime) : runtime_(runtime) {}

  grpc::ServerUnaryReactor* CheckIn(grpc::CallbackServerContext* context, const v1::CheckInRequest* request,
                                    v1::CheckInResponse* response) override;
  grpc::ServerUnaryReactor* BatchCheckIn(grpc::CallbackServerContext* context, const v1::BatchCheckInRequest* request,
                                         v1::BatchCheckInResponse* response) override;
  grpc::ServerUnaryReactor* CreateUpload(grpc::CallbackServerContext* context, const v1::CreateUploadRequest* request,
                                         v1::Upload* response) override;
  grpc::ServerUnaryReactor* GetUpload(grpc::CallbackServerContext* context, const v1::GetUploadRequest* request,
                                      v1::Upload* response) override;
  grpc::ServerUnaryReactor* ListUploads(grpc::CallbackServerContext* context, const v1::ListUploadsRequest* request,
                                        v1::ListUploadsResponse* response) override;
  grpc::ServerReadReactor<grpc::ByteBuffer>* WriteUpload(grpc::CallbackServerContext* context,
                                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* DeleteUpload(grpc::CallbackServerContext* context, const v1::DeleteUploadRequest* request,
                                         google::protobuf::Empty* response) override;
  grpc::ServerUnaryReactor* FetchContent(grpc::CallbackServerContext* context, const grpc::ByteBuffer* request,
                                         grpc::ByteBuffer* response) override;
  grpc::ServerUnaryReactor* BatchFetchContents(grpc::CallbackServerContext* context,
                                               const v1::BatchFetchContentsRequest* request,
                                               v1::BatchFetchContentsResponse* response) override;
  grpc::ServerWriteReactor<grpc::ByteBuffer>* DownloadContent(grpc::CallbackServerContext* context,
                                                              const grpc::ByteBuffer* request) override;

 private:
  const Runtime& runtime_;
};

}  // namespace greffe
