#include "storage/base/hashing.h"

#include <isa-l/crc.h>
#include <openssl/evp.h>

#include <algorithm>
#include <string>

namespace greffe {
namespace {

struct ContextDeleter {
  void operator()(EVP_MD_CTX* context) const { EVP_MD_CTX_free(context); }
};
using ContextPtr = std::unique_ptr<EVP_MD_CTX, ContextDeleter>;

// Fetched once: OpenSSL 3 looks an algorithm up by name on every EVP_sha1() use otherwise.
const EVP_MD* Sha1Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA1", nullptr);
  return algorithm;
}
const EVP_MD* Sha256Algorithm() {
  static const EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA256", nullptr);
  return algorithm;
}

ContextPtr NewContext(const EVP_MD* algorithm) {
  ContextPtr context(EVP_MD_CTX_new());
  EVP_DigestInit_ex2(context.get(), algorithm, nullptr);
  return context;
}

// One context a thread for whole-buffer hashes: making one costs more than hashing a small record.
EVP_MD_CTX* ThreadContext(const EVP_MD* algorithm) {
  thread_local ContextPtr context(EVP_MD_CTX_new());
  EVP_DigestInit_ex2(context.get(), algorithm, nullptr);
  return context.get();
}

const char* TypeName(ObjectType type) {
  switch (type) {
    case ObjectType::kCommit:
      return "commit";
    case ObjectType::kTree:
      return "tree";
    case ObjectType::kBlob:
      return "blob";
    case ObjectType::kTag:
      return "tag";
  }
  return "blob";
}

std::string ObjectHeader(ObjectType type, std::int64_t size) {
  std::string header = TypeName(type);
  header += ' ';
  header += std::to_string(size);
  header += '\0';
  return header;
}

}  // namespace

Oid HashObject(ObjectType type, std::string_view data) {
  const std::string header = ObjectHeader(type, static_cast<std::int64_t>(data.size()));
  EVP_MD_CTX* context = ThreadContext(Sha1Algorithm());
  EVP_DigestUpdate(context, header.data(), header.size());
  EVP_DigestUpdate(context, data.data(), data.size());
  Oid oid;
  EVP_DigestFinal_ex(context, oid.bytes.data(), nullptr);
  return oid;
}

Sha256 Sha256Of(std::string_view data) {
  EVP_MD_CTX* context = ThreadContext(Sha256Algorithm());
  EVP_DigestUpdate(context, data.data(), data.size());
  Sha256 digest;
  EVP_DigestFinal_ex(context, digest.bytes.data(), nullptr);
  return digest;
}

std::uint32_t Crc32c(std::string_view data) { return ExtendCrc32c(0, data); }

std::uint32_t ExtendCrc32c(std::uint32_t crc, std::string_view data) {
  // ISA-L takes lengths as int and a writable pointer, which it only reads.
  constexpr std::size_t kStep = std::size_t{1} << 30;
  crc = ~crc;
  while (!data.empty()) {
    const std::size_t length = std::min(data.size(), kStep);
    crc = crc32_iscsi(reinterpret_cast<unsigned char*>(const_cast<char*>(data.data())), static_cast<int>(length), crc);
    data.remove_prefix(length);
  }
  return ~crc;
}

struct BlobHasher::Contexts {
  ContextPtr sha1;
  ContextPtr sha256;
};

BlobHasher::BlobHasher(std::int64_t size)
    : contexts_(new Contexts{NewContext(Sha1Algorithm()), NewContext(Sha256Algorithm())}) {
  const std::string header = ObjectHeader(ObjectType::kBlob, size);
  EVP_DigestUpdate(contexts_->sha1.get(), header.data(), header.size());
}
BlobHasher::~BlobHasher() = default;
BlobHasher::BlobHasher(BlobHasher&&) noexcept = default;
BlobHasher& BlobHasher::operator=(BlobHasher&&) noexcept = default;

void BlobHasher::Update(std::string_view data) {
  EVP_DigestUpdate(contexts_->sha1.get(), data.data(), data.size());
  EVP_DigestUpdate(contexts_->sha256.get(), data.data(), data.size());
}

BlobHasher::Result BlobHasher::Finish() {
  Result result;
  EVP_DigestFinal_ex(contexts_->sha1.get(), result.oid.bytes.data(), nullptr);
  EVP_DigestFinal_ex(contexts_->sha256.get(), result.sha256.bytes.data(), nullptr);
  return result;
}

struct Sha256Hasher::Context {
  ContextPtr sha256 = NewContext(Sha256Algorithm());
};

Sha256Hasher::Sha256Hasher() : context_(std::make_unique<Context>()) {}
Sha256Hasher::~Sha256Hasher() = default;
Sha256Hasher::Sha256Hasher(Sha256Hasher&&) noexcept = default;
Sha256Hasher& Sha256Hasher::operator=(Sha256Hasher&&) noexcept = default;

void Sha256Hasher::Update(std::string_view data) { EVP_DigestUpdate(context_->sha256.get(), data.data(), data.size()); }

Sha256 Sha256Hasher::Finish() {
  Sha256 digest;
  EVP_DigestFinal_ex(context_->sha256.get(), digest.bytes.data(), nullptr);
  return digest;
}

}  // namespace greffe
