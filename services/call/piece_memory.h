// Memory of pieces that were sent, for those to come: fresh memory would be mapped, and cleared, for each.
#pragma once

#include <grpcpp/support/slice.h>

#include <cstddef>
#include <memory>
#include <mutex>
#include <utility>
#include <vector>

namespace greffe {

// Thread-safe. Owned by shared pointers: gRPC may hold a slice longer than its stream lives.
class PieceMemory : public std::enable_shared_from_this<PieceMemory> {
 public:
  explicit PieceMemory(std::size_t size) : size_(size) {}

  using Bytes = std::unique_ptr<char[]>;

  Bytes Take() {
    const std::lock_guard lock(mutex_);
    if (free_.empty()) return Bytes(new char[size_]);
    Bytes bytes = std::move(free_.back());
    free_.pop_back();
    return bytes;
  }

  // The first `length` bytes; the memory comes back when gRPC has sent them.
  grpc::Slice ToSlice(Bytes bytes, std::size_t length) {
    struct Loan {
      std::shared_ptr<PieceMemory> memory;
      Bytes bytes;
    };
    auto* loan = new Loan{shared_from_this(), std::move(bytes)};
    return grpc::Slice(
        loan->bytes.get(), length,
        [](void* lent) {
          const std::unique_ptr<Loan> back(static_cast<Loan*>(lent));
          back->memory->Return(std::move(back->bytes));
        },
        loan);
  }

 private:
  void Return(Bytes bytes) {
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(bytes));
  }

  const std::size_t size_;
  std::mutex mutex_;
  std::vector<Bytes> free_;
};

}  // namespace greffe
