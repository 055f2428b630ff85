// Seals of large contents: what each MiB of a content looked like when its SHA-256 was known to be right.
//
// SHA-256 of a whole file takes longer than all else that a download does, and says so only at the end. A seal is a
// GMAC of one block under a key that this process drew and nobody else knows, taken of the very bytes that went into
// the SHA-256: at an upload, or at the first read since the start. Who reads later holds each block against its seal
// before it goes out, ranges too. It is as hard to forge as SHA-256 for whoever can write to the disk, and four times
// as fast.
#pragma once

#include <array>
#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace greffe {

inline constexpr std::int64_t kSealedBlockBytes = std::int64_t{1} << 20;

// The seals of one content. Thread-safe.
class ContentSeal {
 public:
  // Whether `data` is block `block` as it was sealed: bytes from block x kSealedBlockBytes, up to the next block or the
  // content's end.
  bool Matches(std::int64_t block, std::string_view data) const;

 private:
  friend class ContentSealer;
  using Mark = std::array<unsigned char, 16>;
  std::uint64_t number_ = 0;  // no two contents have the same: a GMAC's nonce is used once
  std::vector<Mark> marks_;
};

// Makes one out of the content from front to back. Not thread-safe.
class ContentSealer {
 public:
  ContentSealer();
  ~ContentSealer();
  ContentSealer(ContentSealer&&) noexcept;
  ContentSealer& operator=(ContentSealer&&) noexcept;

  void Update(std::string_view data);
  // Once. When the SHA-256 of the same bytes is as it should be.
  std::shared_ptr<const ContentSeal> Finish();

 private:
  struct Context;
  void EndBlock();

  std::shared_ptr<ContentSeal> seal_;
  std::unique_ptr<Context> context_;
  std::int64_t in_block_ = 0;
};

// The newest-used seals, by the content's SHA-256 in hexadecimal; of 64 GiB of contents, each of which
// counts as a block at least. Thread-safe.
class ContentSeals {
 public:
  void Put(const std::string& sha256, std::int64_t size, std::shared_ptr<const ContentSeal> seal);
  // nullptr: not known.
  std::shared_ptr<const ContentSeal> Find(const std::string& sha256);

  // What a reader found damaged in its place: whoever opens it next looks for a sound copy.
  void MarkDamaged(const std::string& sha256);
  // Whether it was marked, which it is no longer.
  bool TakeDamaged(const std::string& sha256);

 private:
  struct Entry {
    std::string sha256;
    std::int64_t size = 0;
    std::shared_ptr<const ContentSeal> seal;
  };

  std::mutex mutex_;
  std::list<Entry> recent_;  // newest use first
  std::unordered_map<std::string, std::list<Entry>::iterator> by_sha256_;
  std::int64_t bytes_ = 0;
  std::set<std::string> damaged_;
};

}  // namespace greffe
