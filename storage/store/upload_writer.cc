#include "storage/store/upload_writer.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/hashing.h"

namespace greffe {
namespace {

constexpr std::int64_t kRoomBytes = 1 << 20;

class SessionWriter final : public Uploads::Writer {
 public:
  using Session = Uploads::State::Session;

  SessionWriter(Uploads::State& state, Uploads::State::Key key, std::shared_ptr<Session> session)
      : state_(state), key_(std::move(key)), session_(std::move(session)) {
    if (session_->received == 0) sealer_.emplace();
  }

  // What has come is made durable; an idle session holds neither file nor buffer.
  ~SessionWriter() override {
    SaveProgress().IgnoreError();
    session_->writer.reset();
    const std::lock_guard lock(state_.mutex);
    session_->busy = false;
  }

  absl::StatusOr<bool> TakeUp(std::int64_t most) override { return session_->writer->TakeUp(most); }

  absl::Status Append(std::int64_t offset, std::string_view data, std::uint32_t crc32c) override {
    if (offset != session_->received) {
      return Error(
          absl::StatusCode::kOutOfRange, "UPLOAD_OFFSET_MISMATCH",
          "offset '" + std::to_string(offset) + "': the next byte expected is " + std::to_string(session_->received),
          {{"received_size", std::to_string(session_->received)}});
    }
    if (Crc32c(data) != crc32c) {
      return Error(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH",
                   "crc32c '" + std::to_string(crc32c) + "' at offset " + std::to_string(offset) +
                       ": the bytes that arrived have " + std::to_string(Crc32c(data)),
                   {{"received_size", std::to_string(session_->received)}});
    }
    GREFFE_RETURN_IF_ERROR(TakeUp(session_->received).status());
    GREFFE_RETURN_IF_ERROR(MakeRoom(static_cast<std::int64_t>(data.size())));
    if (absl::Status appended = session_->writer->Append(data); !appended.ok()) {
      if (!absl::IsOutOfRange(appended)) GoBack();  // more than announced was not even looked at
      return appended;
    }
    if (sealer_) sealer_->Update(data);
    {
      const std::lock_guard lock(state_.mutex);
      session_->received += static_cast<std::int64_t>(data.size());
      session_->touched = state_.clock.Now();
    }
    if (session_->received - session_->upload.received_size() < state_.options.sync_every) return absl::OkStatus();
    return SaveProgress();
  }

  absl::StatusOr<v1::Upload> Finish() override {
    if (session_->received == session_->upload.size()) {
      GREFFE_RETURN_IF_ERROR(TakeUp(session_->received).status());
      const absl::StatusOr<BlobHasher::Result> finished = session_->writer->Finish();
      if (!finished.ok()) {
        GoBack();
        return finished.status();
      }
      const BlobHasher::Result& hashes = *finished;
      session_->writer.reset();
      const std::string announced = session_->upload.sha256();
      if (!announced.empty() && announced != hashes.sha256.Hex()) {
        {
          const std::lock_guard lock(state_.mutex);
          session_->received = 0;
          session_->upload.set_received_size(0);
        }
        GREFFE_RETURN_IF_ERROR(state_.Save(*session_, key_));
        return Error(absl::StatusCode::kDataLoss, "CHECKSUM_MISMATCH",
                     "sha256 '" + announced + "' was announced, the bytes that arrived have " + hashes.sha256.Hex(),
                     {{"received_size", "0"}});
      }
      GREFFE_RETURN_IF_ERROR(state_.admit(key_.first, hashes));
      if (sealer_) state_.seals.Put(hashes.sha256.Hex(), session_->received, sealer_->Finish());
      // Complete for others only once it is durable: a check-in of it deletes the row.
      v1::Upload complete = session_->upload;
      complete.set_received_size(session_->received);
      complete.set_sha256(hashes.sha256.Hex());
      complete.set_complete(true);
      GREFFE_RETURN_IF_ERROR(state_.Save(complete, hashes.oid.Hex(), *session_, key_));
      const std::lock_guard lock(state_.mutex);
      session_->upload = std::move(complete);
      session_->oid = hashes.oid.Hex();
    }
    GREFFE_RETURN_IF_ERROR(SaveProgress());
    const std::lock_guard lock(state_.mutex);
    return state_.Answer(*session_);
  }

 private:
  // There was room for each upload when it began; others took of that since. Asks for some bytes at a time.
  absl::Status MakeRoom(std::int64_t size) {
    if (room_ < size) {
      const std::int64_t left = session_->upload.size() - session_->received;
      const std::int64_t next = std::max(size, std::min(left, kRoomBytes));
      GREFFE_RETURN_IF_ERROR(state_.CheckSpace(next));
      room_ = next;
    }
    room_ -= size;
    return absl::OkStatus();
  }

  absl::Status SaveProgress() {
    if (session_->writer == nullptr || session_->received == session_->upload.received_size()) return absl::OkStatus();
    v1::Upload upload = session_->upload;
    upload.set_received_size(session_->received);
    absl::Status status = session_->writer->Sync();
    if (status.ok()) status = state_.Save(upload, session_->oid, *session_, key_);
    if (!status.ok()) {
      GoBack();
      return status;
    }
    const std::lock_guard lock(state_.mutex);
    session_->upload = std::move(upload);
    return absl::OkStatus();
  }

  // After a failed write or sync nobody knows what the file has beyond what was synced, and the writer's hashes ran
  // ahead: the next stream begins there.
  void GoBack() {
    session_->writer.reset();
    const std::lock_guard lock(state_.mutex);
    session_->received = session_->upload.received_size();
  }

  Uploads::State& state_;
  const Uploads::State::Key key_;
  const std::shared_ptr<Session> session_;
  std::int64_t room_ = 0;                // that was there when it was last asked for, less what came since
  std::optional<ContentSealer> sealer_;  // when it began with this stream
};

}  // namespace

std::unique_ptr<Uploads::Writer> NewUploadWriter(Uploads::State& state, Uploads::State::Key key,
                                                 std::shared_ptr<Uploads::State::Session> session) {
  return std::make_unique<SessionWriter>(state, std::move(key), std::move(session));
}

}  // namespace greffe
