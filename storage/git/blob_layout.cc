#include "storage/git/blob_layout.h"

#include <fcntl.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/pace.h"
#include "storage/git/inflate_loose.h"
#include "storage/git/loose_object.h"
#include "storage/git/verify_objects.h"

namespace greffe {
namespace {

constexpr std::size_t kMostBlobHeader = 32;
constexpr std::int64_t kRoomBytes = 1 << 20;  // written between two looks for room
constexpr std::size_t kMostLost = 1000;       // that are remembered

// Writes raw bytes of a blob, its header first, to a file of our layout.
class RawBlobWriter {
 public:
  RawBlobWriter(std::string path, std::string subject) : path_(std::move(path)), subject_(std::move(subject)) {}
  ~RawBlobWriter() { RemoveFile(path_).IgnoreError(); }

  absl::Status Take(std::string_view raw) {
    if (writer_ == nullptr) {
      head_ += raw;
      const std::size_t zero = head_.find('\0');
      if (zero == std::string::npos && head_.size() <= kMostBlobHeader) return absl::OkStatus();
      GREFFE_RETURN_IF_ERROR(Begin(std::string_view(head_).substr(0, std::min(zero, head_.size()))));
      return Append(std::string_view(head_).substr(zero + 1));
    }
    return Append(raw);
  }

  absl::StatusOr<BlobHasher::Result> Finish() {
    if (writer_ == nullptr || writer_->received() != writer_->size()) {
      return Damaged(subject_, "it has fewer bytes than its header says");
    }
    return writer_->Finish();
  }

 private:
  absl::Status Begin(std::string_view header) {
    constexpr std::string_view kBlob = "blob ";
    std::int64_t size = -1;
    if (header.starts_with(kBlob)) {
      const auto [end, error] = std::from_chars(header.data() + kBlob.size(), header.data() + header.size(), size);
      if (error != std::errc() || end != header.data() + header.size()) size = -1;
    }
    if (size < 0) return Damaged(subject_, "it has no header of a blob");
    GREFFE_ASSIGN_OR_RETURN(writer_, LooseObjectWriter::Create(path_, size));
    return absl::OkStatus();
  }

  absl::Status Append(std::string_view data) {
    if (writer_->received() + static_cast<std::int64_t>(data.size()) > writer_->size()) {
      return Damaged(subject_, "it has more bytes than its header says");
    }
    return writer_->Append(data);
  }

  const std::string path_;
  const std::string subject_;
  std::string head_;
  std::unique_ptr<LooseObjectWriter> writer_;
};

absl::Status NotThere(const Oid& oid) {
  return Error(absl::StatusCode::kNotFound, "OBJECT_NOT_FOUND", "object " + oid.Hex() + " is not there");
}

}  // namespace

absl::Status BlobLayout::LayOut(const Oid& oid, const Sha256& sha256, const Room& room, bool anew) {
  const auto mine = std::make_shared<Writing>();
  mine->sha256 = sha256;
  mine->anew = anew;
  {
    std::unique_lock lock(mutex_);
    for (auto other = being_written_.find(oid); other != being_written_.end(); other = being_written_.find(oid)) {
      const std::shared_ptr<Writing> writing = other->second;
      written_.wait(lock, [&] { return writing->ended; });
      if (writing->sha256 == sha256 && (writing->anew || !anew)) return writing->status;
    }
    being_written_[oid] = mine;
  }
  const bool there = !anew && LooseObjectReader::Open(places_.PathOf(oid)).ok();
  absl::Status status = there ? absl::OkStatus() : LayOutUnlessLost(oid, sha256, room);
  const std::lock_guard lock(mutex_);
  mine->ended = true;
  mine->status = status;
  being_written_.erase(oid);
  written_.notify_all();
  return status;
}

absl::Status BlobLayout::LayOutUnlessLost(const Oid& oid, const Sha256& sha256, const Room& room) {
  const FileStamp place = StampOf(places_.PathOf(oid));
  {
    const std::lock_guard lock(mutex_);
    const auto lost = lost_.find(oid);
    const bool is_lost = lost != lost_.end() && lost->second.sha256 == sha256 && lost->second.place == place &&
                         std::chrono::steady_clock::now() < lost->second.until;
    if (is_lost) return lost->second.why;
  }
  absl::Status status = LayOutAlone(oid, sha256, room);
  const std::lock_guard lock(mutex_);
  if (!absl::IsDataLoss(status)) return status;
  if (lost_.size() >= kMostLost) lost_.clear();  // each is found again
  lost_[oid] = {sha256, place, status, std::chrono::steady_clock::now() + lost_for_};
  return status;
}

absl::Status BlobLayout::LayOutOwn(const Oid& oid, const Sha256& sha256, const Room& room) {
  const std::string path = places_.PathOf(oid);
  // Gigabytes that rotted are not written again to find that out.
  if (LooseObjectReader::Open(path).ok()) GREFFE_RETURN_IF_ERROR(VerifyLooseObject(path, oid, FullSpeed).status());
  return WriteAndPlace(oid, sha256, room, [&](const Take& take) -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const FileHandle file, OpenFile(path, O_RDONLY));
    return InflateLoose(path, file, FullSpeed, take);
  });
}

absl::Status BlobLayout::LayOutAlone(const Oid& oid, const Sha256& sha256, const Room& room) {
  absl::Status status = LayOutOwn(oid, sha256, room);
  const auto may_be_elsewhere = [&] { return absl::IsNotFound(status) || absl::IsDataLoss(status); };
  // What is damaged in one place is told when it is in no other one.
  const auto try_next = [&](const Source& source) {
    const absl::Status next = WriteAndPlace(oid, sha256, room, source);
    if (!absl::IsNotFound(next)) status = next;
  };
  const auto packs = packs_.List();
  for (auto pack = packs->begin(); pack != packs->end() && may_be_elsewhere(); ++pack) {
    try_next([&](const Take& take) -> absl::Status {
      GREFFE_ASSIGN_OR_RETURN(const bool there, (*pack)->StreamBlob(oid, take));
      return there ? absl::OkStatus() : NotThere(oid);
    });
  }
  if (!may_be_elsewhere()) return status;
  try_next([&](const Take& take) -> absl::Status {
    const std::lock_guard lock(whole_);
    GREFFE_ASSIGN_OR_RETURN(const std::optional<GitObject> object, packs_.Read(oid));
    if (!object || object->type != ObjectType::kBlob) return NotThere(oid);
    GREFFE_RETURN_IF_ERROR(take("blob " + std::to_string(object->data.size()) + '\0'));
    return take(object->data);
  });
  return status;
}

absl::Status BlobLayout::WriteAndPlace(const Oid& oid, const Sha256& sha256, const Room& room, const Source& source) {
  const std::string temporary = places_.TemporaryFor("layout_" + oid.Hex());
  const std::string subject = "object " + oid.Hex();
  RawBlobWriter writer(temporary, subject);
  std::int64_t unasked = kRoomBytes;
  const auto take = [&](std::string_view raw) -> absl::Status {
    unasked += static_cast<std::int64_t>(raw.size());
    if (unasked >= kRoomBytes) {
      GREFFE_RETURN_IF_ERROR(room());
      unasked = 0;
    }
    return writer.Take(raw);
  };
  GREFFE_RETURN_IF_ERROR(source(take));
  GREFFE_ASSIGN_OR_RETURN(const BlobHasher::Result hashes, writer.Finish());
  if (hashes.oid != oid) return Damaged(subject, "its bytes are those of " + hashes.oid.Hex());
  if (hashes.sha256 != sha256) {
    return Damaged("content " + sha256.Hex(), subject + " has SHA-256 " + hashes.sha256.Hex());
  }
  // Reads what is there, if anything; Place would, and keep others waiting.
  GREFFE_RETURN_IF_ERROR(places_.Admit(hashes));
  return places_.Place(temporary, hashes).status();
}

}  // namespace greffe
