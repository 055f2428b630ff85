#include "services/call/raw_message.h"

#include <grpcpp/support/proto_buffer_reader.h>
#include <grpcpp/support/slice.h>

namespace greffe {

grpc::ByteBuffer OwnedBuffer(std::unique_ptr<std::string> bytes) {
  std::string* raw = bytes.release();
  grpc::Slice slice(
      raw->data(), raw->size(), [](void* owner) { delete static_cast<std::string*>(owner); }, raw);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer SerializedBuffer(const google::protobuf::MessageLite& message) {
  return OwnedBuffer(std::make_unique<std::string>(message.SerializeAsString()));
}

bool ParseBuffer(const grpc::ByteBuffer& buffer, google::protobuf::MessageLite& message) {
  grpc::Slice slice;
  if (buffer.TrySingleSlice(&slice).ok()) {
    return message.ParseFromArray(slice.begin(), static_cast<int>(slice.size()));
  }
  grpc::ByteBuffer slices = buffer;
  grpc::ProtoBufferReader reader(&slices);
  return reader.status().ok() && message.ParseFromZeroCopyStream(&reader) && reader.status().ok();
}

}  // namespace greffe
