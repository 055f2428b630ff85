#include "services/call/raw_message.h"

#include <grpcpp/support/slice.h>

namespace greffe {

grpc::ByteBuffer OwnedBuffer(std::unique_ptr<std::string> bytes) {
  std::string* raw = bytes.release();
  grpc::Slice slice(
      raw->data(), raw->size(), [](void* owner) { delete static_cast<std::string*>(owner); }, raw);
  return grpc::ByteBuffer(&slice, 1);
}

bool ParseBuffer(const grpc::ByteBuffer& buffer, google::protobuf::MessageLite& message) {
  grpc::Slice slice;
  if (buffer.TrySingleSlice(&slice).ok() || buffer.DumpToSingleSlice(&slice).ok()) {
    return message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  }
  return false;
}

}  // namespace greffe
