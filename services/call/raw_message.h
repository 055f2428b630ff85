// Messages as gRPC carries them: for methods that make or take the bytes themselves.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>

#include "google/protobuf/message_lite.h"

namespace greffe {

// The bytes' owner goes with the buffer.
grpc::ByteBuffer OwnedBuffer(std::unique_ptr<std::string> bytes);

// The message's bytes.
grpc::ByteBuffer SerializedBuffer(const google::protobuf::MessageLite& message);

// False: the bytes are no such message. What came in several slices is not put together first.
bool ParseBuffer(const grpc::ByteBuffer& buffer, google::protobuf::MessageLite& message);

}  // namespace greffe
