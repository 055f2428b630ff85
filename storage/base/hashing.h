// Hash functions: git object ids, SHA-256, CRC32C.
#pragma once

#include <cstdint>
#include <memory>
#include <string_view>

#include "storage/base/git_object.h"
#include "storage/base/oid.h"

namespace greffe {

// The id of an object that we wrote ourselves (tree, commit, record). Content that came from outside goes through
// storage/git's HashForeignBlob, which detects SHA-1 collision attacks.
Oid HashObject(ObjectType type, std::string_view data);

Sha256 Sha256Of(std::string_view data);

// CRC32C (Castagnoli, RFC 3720).
std::uint32_t Crc32c(std::string_view data);
std::uint32_t ExtendCrc32c(std::uint32_t crc, std::string_view data);

// Both hashes of a blob whose size is known before its bytes. Not thread-safe.
class BlobHasher {
 public:
  explicit BlobHasher(std::int64_t size);
  ~BlobHasher();
  BlobHasher(BlobHasher&&) noexcept;
  BlobHasher& operator=(BlobHasher&&) noexcept;

  void Update(std::string_view data);

  struct Result {
    Oid oid;
    Sha256 sha256;
  };
  // Once, after exactly `size` bytes.
  Result Finish();

 private:
  struct Contexts;
  std::unique_ptr<Contexts> contexts_;
};

// SHA-256 of bytes that arrive in pieces. Not thread-safe.
class Sha256Hasher {
 public:
  Sha256Hasher();
  ~Sha256Hasher();
  Sha256Hasher(Sha256Hasher&&) noexcept;
  Sha256Hasher& operator=(Sha256Hasher&&) noexcept;

  void Update(std::string_view data);
  Sha256 Finish();

 private:
  struct Context;
  std::unique_ptr<Context> context_;
};

}  // namespace greffe
