#include "storage/store/uploads.h"

#include <openssl/rand.h>

#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/git/loose_object.h"
#include "storage/store/given_up_uploads.h"

namespace greffe {
namespace {

constexpr char kKind[] = "uploads/";

std::string RandomId() {
  unsigned char bytes[12];
  RAND_bytes(bytes, sizeof bytes);
  return absl::BytesToHexString(std::string(reinterpret_cast<char*>(bytes), sizeof bytes));
}

}  // namespace

struct Uploads::State {
  // `upload` is the state row; what is only in memory goes beside it.
  struct Session {
    v1::Upload upload;          // received_size: as far as it is synced; sha256: as announced until complete
    std::int64_t received = 0;  // in the file
    std::string oid;            // once complete
    std::string request_id;
    Micros touched = 0;
    bool durable = false;  // its row was written
    bool busy = false;     // someone's alone: who set it may change the fields, and read them without the lock
    std::unique_ptr<LooseObjectWriter> writer;
  };
  using Key = std::pair<std::string, std::string>;  // project, id

  UploadOptions options;
  Journal& journal;
  const Clock& clock;
  ContentSeals& seals;
  const Admit admit;
  mutable std::mutex mutex;  // never held over I/O
  std::map<Key, std::shared_ptr<Session>> sessions;
  GivenUpUploads given_up;

  State(UploadOptions upload_options, Journal& the_journal, const Clock& the_clock, ContentSeals& the_seals,
        Admit the_admit)
      : options(std::move(upload_options)),
        journal(the_journal),
        clock(the_clock),
        seals(the_seals),
        admit(std::move(the_admit)) {}

  std::string Path(std::string_view project, std::string_view id) const {
    return options.directory + "/" + std::string(project) + "_" + std::string(id);
  }

  // The row: oid, request id and when it was touched travel as lines before the message.
  absl::Status Save(v1::Upload upload, const std::string& oid, const Session& session, const Key& key) {
    *upload.mutable_expire_time() = ToTimestamp(session.touched);
    CommitGroup group;
    group.repository = key.first;
    group.state.push_back(
        {StateKey(key.first, key.second), oid + "\n" + session.request_id + "\n" + upload.SerializeAsString()});
    return journal.Append(group);
  }
  absl::Status Save(const Session& session, const Key& key) { return Save(session.upload, session.oid, session, key); }

  static std::optional<Session> Load(const std::string& row) {
    const std::size_t first = row.find('\n');
    const std::size_t second = first == std::string::npos ? first : row.find('\n', first + 1);
    Session session;
    if (second == std::string::npos || !session.upload.ParseFromString(row.substr(second + 1))) return std::nullopt;
    session.oid = row.substr(0, first);
    session.request_id = row.substr(first + 1, second - first - 1);
    session.touched = ToMicros(session.upload.expire_time());
    session.received = session.upload.received_size();
    session.durable = true;
    return session;
  }

  v1::Upload Answer(const Session& session) const {
    v1::Upload upload = session.upload;
    upload.set_received_size(session.received);
    if (!upload.complete()) upload.clear_sha256();
    *upload.mutable_expire_time() = ToTimestamp(session.touched + options.max_age);
    return upload;
  }

  absl::StatusOr<std::shared_ptr<Session>> Find(std::string_view project, std::string_view id) const {
    const auto found = sessions.find(Key(project, id));
    if (found == sessions.end()) return NotFound(project, id);
    return found->second;
  }

  // The upload that this request made before; under the lock.
  absl::StatusOr<std::optional<v1::Upload>> FindRequest(std::string_view project, std::string_view request_id,
                                                        std::int64_t size, const std::string& sha256) const {
    if (request_id.empty()) return std::nullopt;
    for (const auto& [key, session] : sessions) {
      if (key.first != project || session->request_id != request_id) continue;
      if (session->upload.size() != size || (!sha256.empty() && session->upload.sha256() != sha256)) {
        return InvalidField("request_id", "REQUEST_ID_REUSED",
                            "'" + std::string(request_id) + "' was used for an upload of another content");
      }
      if (!session->durable) {
        return Error(absl::StatusCode::kAborted, "REQUEST_UNDER_WAY",
                     "request '" + std::string(request_id) + "' is being done; ask again");
      }
      return Answer(*session);
    }
    return std::nullopt;
  }

  // Whether the project may open one more, so that what it leaves lying about closes uploads for no other; under the
  // lock.
  absl::Status CheckShare(std::string_view project) const {
    const auto of_project = [&](const auto& session) { return session.first.first == project; };
    const auto open = std::count_if(sessions.begin(), sessions.end(), of_project);
    if (open < (options.max_sessions + 1) / 2) return absl::OkStatus();
    const std::string name = ProjectName(project);
    return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_UPLOADS",
                 std::to_string(open) + " uploads of '" + name + "' are open; finish or delete some",
                 {{"project", name}});
  }

  // Whether `size` more bytes leave what writes need.
  absl::Status CheckSpace(std::int64_t size) const {
    GREFFE_ASSIGN_OR_RETURN(const std::int64_t free, FreeSpace(options.directory));
    if (free - size >= options.reserve_bytes) return absl::OkStatus();
    return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL",
                 std::to_string(size) + " bytes do not fit: " + std::to_string(free) + " are free, and " +
                     std::to_string(options.reserve_bytes) + " of them are kept for other writes");
  }

  // Of a session that the caller made busy.
  absl::Status Remove(const Key& key) {
    CommitGroup group;
    group.repository = key.first;
    group.state.push_back({StateKey(key.first, key.second), std::nullopt});
    const absl::Status removed = journal.Append(group);
    {
      const std::lock_guard lock(mutex);
      if (removed.ok()) sessions.erase(key);
      if (const auto kept = sessions.find(key); kept != sessions.end()) kept->second->busy = false;
    }
    if (!removed.ok()) return removed;
    return RemoveFile(Path(key.first, key.second));
  }
};

namespace {

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
    GREFFE_RETURN_IF_ERROR(state_.CheckSpace(0));
    return SaveProgress();
  }

  absl::StatusOr<v1::Upload> Finish() override {
    if (session_->received == session_->upload.size()) {
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
  std::optional<ContentSealer> sealer_;  // when it began with this stream
};

}  // namespace

Uploads::Uploads(const UploadOptions& options, Journal& journal, const Clock& clock, ContentSeals& seals, Admit admit)
    : state_(std::make_unique<State>(options, journal, clock, seals, std::move(admit))) {}
Uploads::~Uploads() = default;

absl::Status Uploads::Recover() {
  GREFFE_RETURN_IF_ERROR(MakeDirectories(state_->options.directory));
  std::set<std::string> known;
  GREFFE_ASSIGN_OR_RETURN(const auto rows, state_->journal.ScanState(kKind, "", 1 << 30));
  for (const auto& [key, row] : rows) {
    std::optional<State::Session> session = State::Load(row);
    const std::string place = key.substr(sizeof kKind - 1);
    const std::size_t slash = place.find('/');
    if (!session || slash == std::string::npos) continue;
    const State::Key id(place.substr(0, slash), place.substr(slash + 1));
    const std::string path = state_->Path(id.first, id.second);
    if (!FileExists(path)) {
      if (session->upload.complete()) {
        GREFFE_RETURN_IF_ERROR(state_->Remove(id));
        continue;
      }
      session->received = 0;
      session->upload.set_received_size(0);
    }
    known.insert(path);
    state_->sessions[id] = std::make_shared<State::Session>(*std::move(session));
  }
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(state_->options.directory));
  for (const std::string& name : names) {
    const std::string path = state_->options.directory + "/" + name;
    if (!known.contains(path)) GREFFE_RETURN_IF_ERROR(RemoveFile(path));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Upload> Uploads::Create(std::string_view project, std::int64_t size, std::string_view sha256,
                                           std::string_view request_id) {
  if (size < 1 || size > state_->options.max_size) {
    return InvalidField(
        "size", "SIZE_INVALID",
        "'" + std::to_string(size) + "' bytes; allowed are 1 to " + std::to_string(state_->options.max_size));
  }
  if (!sha256.empty() && !Sha256::FromHex(sha256)) {
    return InvalidField("sha256", "FIELD_INVALID", "is not 64 hexadecimal digits");
  }
  GREFFE_RETURN_IF_ERROR(state_->CheckSpace(size));
  const State::Key key(project, RandomId());
  auto session = std::make_shared<State::Session>();
  session->upload.set_name(ProjectName(project) + "/uploads/" + key.second);
  session->upload.set_size(size);
  session->upload.set_sha256(absl::AsciiStrToLower(std::string(sha256)));
  session->request_id = request_id;
  session->touched = state_->clock.Now();
  session->busy = true;
  {
    const std::lock_guard lock(state_->mutex);
    GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Upload> former,
                            state_->FindRequest(project, request_id, size, session->upload.sha256()));
    if (former) return *former;
    if (static_cast<int>(state_->sessions.size()) >= state_->options.max_sessions) {
      return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_UPLOADS",
                   std::to_string(state_->sessions.size()) + " uploads are open; finish or delete some");
    }
    GREFFE_RETURN_IF_ERROR(state_->CheckShare(project));
    state_->sessions[key] = session;
  }
  const absl::Status saved = state_->Save(*session, key);
  const std::lock_guard lock(state_->mutex);
  session->busy = false;
  session->durable = saved.ok();
  if (!saved.ok()) {
    state_->sessions.erase(key);
    return saved;
  }
  return state_->Answer(*session);
}

absl::StatusOr<v1::Upload> Uploads::Get(std::string_view project, std::string_view id) const {
  const std::lock_guard lock(state_->mutex);
  GREFFE_ASSIGN_OR_RETURN(const auto session, state_->Find(project, id));
  return state_->Answer(*session);
}

absl::Status Uploads::Delete(std::string_view project, std::string_view id) {
  {
    const std::lock_guard lock(state_->mutex);
    GREFFE_ASSIGN_OR_RETURN(const auto session, state_->Find(project, id));
    if (session->busy) {
      return Error(absl::StatusCode::kAborted, "UPLOAD_BUSY", "upload '" + std::string(id) + "' is being written");
    }
    session->busy = true;
  }
  return state_->Remove(State::Key(project, id));
}

absl::StatusOr<std::unique_ptr<Uploads::Writer>> Uploads::OpenWriter(std::string_view project, std::string_view id) {
  std::shared_ptr<State::Session> session;
  {
    const std::lock_guard lock(state_->mutex);
    GREFFE_ASSIGN_OR_RETURN(session, state_->Find(project, id));
    if (session->busy) {
      return Error(absl::StatusCode::kAborted, "UPLOAD_BUSY",
                   "upload '" + std::string(id) + "' is being written by another stream");
    }
    if (session->upload.complete()) {
      return Error(absl::StatusCode::kFailedPrecondition, "UPLOAD_COMPLETE",
                   "upload '" + std::string(id) + "' is complete");
    }
    session->busy = true;
  }
  // From here on the session is ours; opening may read what is there already.
  auto writer = std::make_unique<SessionWriter>(*state_, State::Key(project, id), session);
  if (session->writer == nullptr || session->received == 0) {
    const std::string path = state_->Path(project, id);
    absl::StatusOr<std::unique_ptr<LooseObjectWriter>> file =
        session->received == 0 ? LooseObjectWriter::Create(path, session->upload.size())
                               : LooseObjectWriter::Resume(path, session->upload.size(), session->received);
    if (!file.ok()) return file.status();
    session->writer = *std::move(file);
  }
  return std::unique_ptr<Writer>(std::move(writer));
}

absl::StatusOr<StagedContent> Uploads::Take(std::string_view project, std::string_view id) const {
  const std::lock_guard lock(state_->mutex);
  if (std::optional<StagedContent> content = state_->given_up.Find(project, id)) return *std::move(content);
  GREFFE_ASSIGN_OR_RETURN(const auto session, state_->Find(project, id));
  if (!session->upload.complete()) {
    return Error(absl::StatusCode::kFailedPrecondition, "UPLOAD_INCOMPLETE",
                 "upload '" + std::string(id) + "' has " + std::to_string(session->received) + " of " +
                     std::to_string(session->upload.size()) + " bytes",
                 {{"received_size", std::to_string(session->received)}});
  }
  StagedContent content;
  content.file.set_size(session->upload.size());
  content.file.set_sha256(session->upload.sha256());
  content.file.set_oid(session->oid);
  content.upload = id;
  return content;
}

std::string Uploads::FilePath(std::string_view project, std::string_view id) const { return state_->Path(project, id); }

absl::Status Uploads::NotFound(std::string_view project, std::string_view id) {
  return Error(absl::StatusCode::kNotFound, "UPLOAD_NOT_FOUND",
               "project '" + std::string(project) + "' has no upload '" + std::string(id) + "'",
               {{"project", std::string(project)}, {"upload", std::string(id)}});
}

std::string Uploads::StateKey(std::string_view project, std::string_view id) {
  return kKind + std::string(project) + "/" + std::string(id);
}

void Uploads::Forget(std::string_view project, std::string_view id) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->sessions.erase(State::Key(project, id));
  }
  // The object has its place in the repository; a leftover name is swept at the next start.
  RemoveFile(state_->Path(project, id)).IgnoreError();
}

void Uploads::Remember(std::string_view project, StagedContent content) {
  const std::lock_guard lock(state_->mutex);
  state_->given_up.Keep(project, std::move(content));
}

int Uploads::RemoveExpired() {
  const Micros oldest = state_->clock.Now() - state_->options.max_age;
  std::vector<State::Key> expired;
  {
    const std::lock_guard lock(state_->mutex);
    for (const auto& [key, session] : state_->sessions) {
      if (session->busy || session->touched >= oldest) continue;
      session->busy = true;
      expired.push_back(key);
    }
  }
  int removed = 0;
  for (const State::Key& key : expired) removed += state_->Remove(key).ok() ? 1 : 0;
  return removed;
}

}  // namespace greffe
