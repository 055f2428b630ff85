// Streams of bytes that need not be messages.
#pragma once

#include <grpcpp/generic/generic_stub.h>
#include <grpcpp/grpcpp.h>

#include <chrono>
#include <string>
#include <vector>

namespace greffe {

// Sends each as a message of `method` ("/greffe.v1.Contents/WriteUpload"), until the server ends the call; gives its
// status.
inline grpc::Status SendRaw(const std::string& address, const std::string& method,
                            const std::vector<std::string>& messages) {
  grpc::GenericStub stub(grpc::CreateChannel(address, grpc::InsecureChannelCredentials()));
  grpc::CompletionQueue queue;
  const auto done = [&queue] {
    void* tag = nullptr;
    bool ok = false;
    return queue.Next(&tag, &ok) && ok;
  };
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(60));
  const auto stream = stub.PrepareCall(&context, method, &queue);
  stream->StartCall(nullptr);
  bool open = done();
  for (const std::string& message : messages) {
    if (!open) break;
    const grpc::Slice slice(message);
    stream->Write(grpc::ByteBuffer(&slice, 1), nullptr);
    open = done();
  }
  if (open) {
    stream->WritesDone(nullptr);
    done();
  }
  grpc::ByteBuffer answer;
  do {
    stream->Read(&answer, nullptr);
  } while (done());
  grpc::Status status;
  stream->Finish(&status, nullptr);
  done();
  return status;
}

}  // namespace greffe
