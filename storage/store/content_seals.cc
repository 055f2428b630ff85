#include "storage/store/content_seals.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <cstdlib>

namespace greffe {
namespace {

constexpr std::int64_t kMaxSealedBytes = std::int64_t{64} << 30;  // of contents; their seals have 1 MiB
constexpr std::size_t kMostDamaged = 1000;                        // that are remembered

// What it takes of them: a small content's seal takes as much memory as that of a whole block, and more for its names.
std::int64_t CountedBytes(std::int64_t size) { return std::max(size, kSealedBlockBytes); }

struct CipherDeleter {
  void operator()(EVP_CIPHER_CTX* context) const { EVP_CIPHER_CTX_free(context); }
};
using CipherPtr = std::unique_ptr<EVP_CIPHER_CTX, CipherDeleter>;

// GMAC is GCM without anything to encrypt.
CipherPtr NewKeyedContext() {
  struct Key {
    unsigned char bytes[16];
    // Without randomness there is no key that others do not know.
    Key() {
      if (RAND_bytes(bytes, sizeof bytes) != 1) std::abort();
    }
  };
  static const Key key;
  CipherPtr context(EVP_CIPHER_CTX_new());
  EVP_EncryptInit_ex(context.get(), EVP_aes_128_gcm(), nullptr, key.bytes, nullptr);
  return context;
}

void Begin(EVP_CIPHER_CTX* context, std::uint64_t content, std::uint64_t block) {
  unsigned char nonce[12];
  for (int i = 0; i < 8; ++i) nonce[i] = static_cast<unsigned char>(content >> (8 * i));
  for (int i = 0; i < 4; ++i) nonce[8 + i] = static_cast<unsigned char>(block >> (8 * i));
  EVP_EncryptInit_ex(context, nullptr, nullptr, nullptr, nonce);
}

void Add(EVP_CIPHER_CTX* context, std::string_view data) {
  int unused = 0;
  EVP_EncryptUpdate(context, nullptr, &unused, reinterpret_cast<const unsigned char*>(data.data()),
                    static_cast<int>(data.size()));
}

std::array<unsigned char, 16> End(EVP_CIPHER_CTX* context) {
  std::array<unsigned char, 16> mark{};
  int unused = 0;
  EVP_EncryptFinal_ex(context, nullptr, &unused);
  EVP_CIPHER_CTX_ctrl(context, EVP_CTRL_GCM_GET_TAG, static_cast<int>(mark.size()), mark.data());
  return mark;
}

std::uint64_t NewNumber() {
  static std::atomic<std::uint64_t> newest = 0;
  return ++newest;
}

}  // namespace

bool ContentSeal::Matches(std::int64_t block, std::string_view data) const {
  if (block < 0 || block >= static_cast<std::int64_t>(marks_.size())) return false;
  thread_local const CipherPtr context = NewKeyedContext();
  Begin(context.get(), number_, static_cast<std::uint64_t>(block));
  Add(context.get(), data);
  const Mark mark = End(context.get());
  return CRYPTO_memcmp(mark.data(), marks_[static_cast<std::size_t>(block)].data(), mark.size()) == 0;
}

struct ContentSealer::Context {
  CipherPtr cipher = NewKeyedContext();
};

ContentSealer::ContentSealer() : seal_(std::make_shared<ContentSeal>()), context_(std::make_unique<Context>()) {
  seal_->number_ = NewNumber();
}
ContentSealer::~ContentSealer() = default;
ContentSealer::ContentSealer(ContentSealer&&) noexcept = default;
ContentSealer& ContentSealer::operator=(ContentSealer&&) noexcept = default;

void ContentSealer::Update(std::string_view data) {
  while (!data.empty()) {
    if (in_block_ == 0) Begin(context_->cipher.get(), seal_->number_, seal_->marks_.size());
    const auto taken = std::min(static_cast<std::int64_t>(data.size()), kSealedBlockBytes - in_block_);
    Add(context_->cipher.get(), data.substr(0, static_cast<std::size_t>(taken)));
    data.remove_prefix(static_cast<std::size_t>(taken));
    in_block_ += taken;
    if (in_block_ == kSealedBlockBytes) EndBlock();
  }
}

void ContentSealer::EndBlock() {
  seal_->marks_.push_back(End(context_->cipher.get()));
  in_block_ = 0;
}

std::shared_ptr<const ContentSeal> ContentSealer::Finish() {
  if (in_block_ > 0) EndBlock();
  return std::move(seal_);
}

void ContentSeals::Put(const std::string& sha256, std::int64_t size, std::shared_ptr<const ContentSeal> seal) {
  const std::lock_guard lock(mutex_);
  if (by_sha256_.contains(sha256)) return;
  recent_.push_front({sha256, size, std::move(seal)});
  by_sha256_[sha256] = recent_.begin();
  bytes_ += CountedBytes(size);
  while (bytes_ > kMaxSealedBytes && recent_.size() > 1) {
    bytes_ -= CountedBytes(recent_.back().size);
    by_sha256_.erase(recent_.back().sha256);
    recent_.pop_back();
  }
}

std::shared_ptr<const ContentSeal> ContentSeals::Find(const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  const auto found = by_sha256_.find(sha256);
  if (found == by_sha256_.end()) return nullptr;
  recent_.splice(recent_.begin(), recent_, found->second);
  return recent_.front().seal;
}

void ContentSeals::MarkDamaged(const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  if (damaged_.size() >= kMostDamaged) damaged_.clear();  // each is found again
  damaged_.insert(sha256);
}

bool ContentSeals::TakeDamaged(const std::string& sha256) {
  const std::lock_guard lock(mutex_);
  return damaged_.erase(sha256) > 0;
}

}  // namespace greffe
