// The fake's downloads, with the faults that are asked for.
#pragma once

#include <algorithm>
#include <string>
#include <utility>

#include "clients/cpp/checksums.h"
#include "tests/clients/fake_server.h"

namespace greffe::client {

// What `bytes` has from `offset` on. `message`: what the first piece says beside its bytes.
template <typename Response>
grpc::Status SendPieces(FakeState& state, const std::string& bytes, std::int64_t offset, Response message,
                        grpc::ServerWriter<Response>& writer) {
  const std::int64_t limit = std::exchange(state.break_download_at, 0);
  const auto end = static_cast<std::int64_t>(bytes.size());
  while (offset < end) {
    const std::int64_t length = std::min<std::int64_t>(end - offset, 64 << 10);
    message.set_offset(offset);
    message.set_data(bytes.substr(static_cast<std::size_t>(offset), static_cast<std::size_t>(length)));
    message.set_crc32c(Crc32c(message.data()) ^ (std::exchange(state.corrupt_download, false) ? 1U : 0U));
    writer.Write(message);
    message.Clear();
    offset += length;
    if (limit > 0 && offset >= limit) return {grpc::StatusCode::UNAVAILABLE, "broken"};
  }
  return grpc::Status::OK;
}

}  // namespace greffe::client
