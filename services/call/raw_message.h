// Messages as gRPC carries them: for methods that make or take the bytes themselves.
#pragma once

#include <grpcpp/support/byte_buffer.h>

#include <memory>
#include <string>

#include "google/protobuf/message_lite.h"

namespace greffe {

// The bytes' owner goes with the buffer.
grpc::ByteBuffer OwnedBuffer(std::unique_ptr<std::string> bytes);

// False: the bytes are no such message.
bool ParseBuffer(const grpc::ByteBuffer& buffer, google::protobuf::MessageLite& message);

}  // namespace greffe
