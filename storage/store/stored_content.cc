#include "storage/store/stored_content.h"

#include <algorithm>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/hashing.h"
#include "storage/git/loose_object.h"

namespace greffe {
namespace {

absl::Status CheckRange(std::int64_t offset, std::int64_t length, std::int64_t size) {
  if (offset >= 0 && length >= 0 && offset <= size && length <= size - offset) return absl::OkStatus();
  return Error(absl::StatusCode::kOutOfRange, "RANGE_INVALID",
               "bytes " + std::to_string(offset) + "+" + std::to_string(length) + " lie beyond the content's " +
                   std::to_string(size));
}

class MemoryReader final : public ContentReader {
 public:
  explicit MemoryReader(std::string data) : data_(std::move(data)) {}
  std::int64_t size() const override { return static_cast<std::int64_t>(data_.size()); }
  std::int64_t held() const override { return size(); }
  absl::StatusOr<bool> Verify(std::int64_t) override { return true; }
  absl::Status Read(std::int64_t offset, std::int64_t length, char* buffer) override {
    GREFFE_RETURN_IF_ERROR(CheckRange(offset, length, size()));
    std::copy_n(data_.data() + offset, length, buffer);
    return absl::OkStatus();
  }

 private:
  const std::string data_;  // was verified as a whole
};

// Holds each block that a range touches against its seal.
class SealedReader final : public ContentReader {
 public:
  SealedReader(std::unique_ptr<LooseObjectReader> reader, std::shared_ptr<const ContentSeal> seal, ContentSeals& seals,
               std::string sha256)
      : reader_(std::move(reader)), seal_(std::move(seal)), seals_(seals), sha256_(std::move(sha256)) {}
  std::int64_t size() const override { return reader_->size(); }
  std::int64_t held() const override { return std::min(kSealedBlockBytes, size()); }
  absl::StatusOr<bool> Verify(std::int64_t) override { return true; }
  absl::Status Read(std::int64_t offset, std::int64_t length, char* buffer) override {
    GREFFE_RETURN_IF_ERROR(CheckRange(offset, length, size()));
    const std::int64_t end = offset + length;
    while (offset < end) {
      const std::int64_t begin = offset - offset % kSealedBlockBytes;
      const std::int64_t block_length = std::min(kSealedBlockBytes, size() - begin);
      const std::int64_t taken = std::min(begin + block_length, end) - offset;
      const bool whole = taken == block_length;
      if (!whole) block_.resize(static_cast<std::size_t>(block_length));
      char* const block = whole ? buffer : block_.data();
      GREFFE_RETURN_IF_ERROR(reader_->Read(begin, block_length, block));
      if (!seal_->Matches(begin / kSealedBlockBytes, {block, static_cast<std::size_t>(block_length)})) {
        seals_.MarkDamaged(sha256_);
        return Damaged("content " + sha256_, "its bytes on disk from " + std::to_string(begin) + " on have changed");
      }
      if (!whole) std::copy_n(block + (offset - begin), taken, buffer);
      buffer += taken;
      offset += taken;
    }
    return absl::OkStatus();
  }

 private:
  const std::unique_ptr<LooseObjectReader> reader_;
  const std::shared_ptr<const ContentSeal> seal_;
  ContentSeals& seals_;
  const std::string sha256_;
  std::string block_;  // one that is asked for in part
};

// Hashes as long as it is read from front to back, and seals what the hash says is right. Before anything else is read
// it hashes the rest by itself, and goes on as a SealedReader.
class HashingReader final : public ContentReader {
 public:
  HashingReader(std::unique_ptr<LooseObjectReader> reader, ContentSeals& seals, std::string sha256)
      : reader_(std::move(reader)), size_(reader_->size()), seals_(seals), sha256_(std::move(sha256)) {}
  std::int64_t size() const override { return size_; }
  std::int64_t held() const override { return std::min(kSealedBlockBytes, size_); }
  absl::StatusOr<bool> Verify(std::int64_t most) override {
    GREFFE_RETURN_IF_ERROR(damage_);
    if (sealed_ != nullptr) return true;
    if (std::shared_ptr<const ContentSeal> seal = seals_.Find(sha256_)) {
      TakeSeal(std::move(seal));
      return true;
    }
    std::string piece;
    while (sealed_ == nullptr && most > 0) {
      const std::int64_t length = std::min(kSealedBlockBytes, size_ - hashed_);
      piece.resize(static_cast<std::size_t>(length));
      GREFFE_RETURN_IF_ERROR(reader_->Read(hashed_, length, piece.data()));
      GREFFE_RETURN_IF_ERROR(Hash(piece));
      most -= length;
    }
    return sealed_ != nullptr;
  }
  absl::Status Read(std::int64_t offset, std::int64_t length, char* buffer) override {
    GREFFE_RETURN_IF_ERROR(CheckRange(offset, length, size_));
    GREFFE_RETURN_IF_ERROR(damage_);
    if (length == 0) return absl::OkStatus();
    if (sealed_ == nullptr && offset == hashed_) {
      GREFFE_RETURN_IF_ERROR(reader_->Read(offset, length, buffer));
      return Hash({buffer, static_cast<std::size_t>(length)});
    }
    GREFFE_RETURN_IF_ERROR(Verify(size_).status());
    return sealed_->Read(offset, length, buffer);
  }

 private:
  absl::Status Hash(std::string_view data) {
    hasher_.Update(data);
    sealer_.Update(data);
    hashed_ += static_cast<std::int64_t>(data.size());
    if (hashed_ < size_) return absl::OkStatus();
    const std::string actual = hasher_.Finish().Hex();
    if (actual != sha256_) {
      seals_.MarkDamaged(sha256_);
      return damage_ = Damaged("content " + sha256_, "its bytes on disk have SHA-256 " + actual);
    }
    std::shared_ptr<const ContentSeal> seal = sealer_.Finish();
    seals_.Put(sha256_, size_, seal);
    TakeSeal(std::move(seal));
    return absl::OkStatus();
  }
  void TakeSeal(std::shared_ptr<const ContentSeal> seal) {
    sealed_ = std::make_unique<SealedReader>(std::move(reader_), std::move(seal), seals_, sha256_);
  }

  std::unique_ptr<LooseObjectReader> reader_;  // until it is sealed_'s
  const std::int64_t size_;
  ContentSeals& seals_;
  const std::string sha256_;
  Sha256Hasher hasher_;
  ContentSealer sealer_;
  std::int64_t hashed_ = 0;
  absl::Status damage_;
  std::unique_ptr<SealedReader> sealed_;
};

absl::StatusOr<std::unique_ptr<ContentReader>> OpenLoose(const std::string& path, ContentSeals& seals,
                                                         const v1::File& file) {
  GREFFE_ASSIGN_OR_RETURN(std::unique_ptr<LooseObjectReader> reader, LooseObjectReader::Open(path));
  if (std::shared_ptr<const ContentSeal> seal = seals.Find(file.sha256())) {
    return std::make_unique<SealedReader>(std::move(reader), std::move(seal), seals, file.sha256());
  }
  return std::make_unique<HashingReader>(std::move(reader), seals, file.sha256());
}

absl::Status LayOut(GitRepository& repository, const Oid& oid, const v1::File& file, const ContentLayout& layout,
                    bool anew) {
  const std::optional<Sha256> sha256 = Sha256::FromHex(file.sha256());
  if (!sha256) return Damaged("version", "its SHA-256 '" + file.sha256() + "' is none");
  const auto check = [&](std::int64_t bytes) -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::int64_t free, FreeSpace(repository.path()));
    if (free - bytes >= layout.reserve_bytes) return absl::OkStatus();
    return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL",
                 std::to_string(free) + " bytes are free, and content " + file.sha256() + " of " +
                     std::to_string(file.size()) + " is to be written so that it can be read by ranges");
  };
  GREFFE_RETURN_IF_ERROR(check(file.size()));
  // Others write meanwhile.
  return repository.LayOutBlob(
      oid, *sha256, [&] { return check(0); }, anew);
}

}  // namespace

absl::StatusOr<std::string> ReadStoredContent(ObjectSource& objects, std::string_view project, const v1::File& file) {
  const std::optional<Oid> oid = Oid::FromHex(file.oid());
  if (!oid) return Damaged("version", "its oid '" + file.oid() + "' is none");
  GREFFE_ASSIGN_OR_RETURN(GitObject object, objects.Read(project, *oid));
  const std::string actual = Sha256Of(object.data).Hex();
  if (actual != file.sha256() && !FaultIsOn("content-unchecked")) {
    return Damaged("content " + file.sha256(), "object " + file.oid() + " has SHA-256 " + actual);
  }
  return std::move(object.data);
}

absl::StatusOr<std::unique_ptr<ContentReader>> OpenStoredContent(ObjectSource& objects, ContentSeals& seals,
                                                                 std::string_view project, const v1::File& file,
                                                                 const ContentLayout& layout) {
  const std::optional<Oid> oid = Oid::FromHex(file.oid());
  if (!oid) return Damaged("version", "its oid '" + file.oid() + "' is none");
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects.FindRepository(project));
  absl::Status damage;
  if (repository != nullptr) {
    // Its place may have been damaged since it came there. Where no copy is sound, the reader says so.
    if (seals.TakeDamaged(file.sha256())) LayOut(*repository, *oid, file, layout, true).IgnoreError();
    absl::StatusOr<std::unique_ptr<ContentReader>> reader = OpenLoose(repository->LooseObjectPath(*oid), seals, file);
    if (reader.ok()) return reader;
    if (absl::IsDataLoss(reader.status())) damage = reader.status();
    if (file.size() > layout.above) {
      const absl::Status laid_out = LayOut(*repository, *oid, file, layout, false);
      if (laid_out.ok()) return OpenLoose(repository->LooseObjectPath(*oid), seals, file);
      if (absl::IsDataLoss(laid_out)) return damage.ok() ? laid_out : damage;
      // It may be in the journal.
      if (!absl::IsNotFound(laid_out) && file.size() > kMostContentInMemory) return laid_out;
    }
  }
  // A pack may have what its own file has not any more.
  absl::StatusOr<std::string> data = ReadStoredContent(objects, project, file);
  if (!data.ok()) return damage.ok() ? data.status() : damage;
  return std::make_unique<MemoryReader>(*std::move(data));
}

}  // namespace greffe
