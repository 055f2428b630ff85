#include "storage/store/uploads.h"

#include <openssl/rand.h>

#include <filesystem>
#include <mutex>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/escaping.h"
#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/store/upload_sessions.h"
#include "storage/store/upload_writer.h"

namespace greffe {
namespace {

std::string RandomId() {
  unsigned char bytes[12];
  RAND_bytes(bytes, sizeof bytes);
  return absl::BytesToHexString(std::string(reinterpret_cast<char*>(bytes), sizeof bytes));
}

}  // namespace

Uploads::Uploads(const UploadOptions& options, Journal& journal, const Clock& clock, ContentSeals& seals, Admit admit)
    : state_(std::make_unique<State>(options, journal, clock, seals, std::move(admit))) {}
Uploads::~Uploads() = default;

absl::Status Uploads::Recover() {
  GREFFE_RETURN_IF_ERROR(MakeDirectories(state_->options.directory));
  std::set<std::string> known;
  GREFFE_ASSIGN_OR_RETURN(const auto rows, state_->journal.ScanState(State::kRows, "", 1 << 30));
  for (const auto& [key, row] : rows) {
    std::optional<State::Session> session = State::Load(row);
    const std::string place = key.substr(sizeof State::kRows - 1);
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
    state_->Insert(id, std::make_shared<State::Session>(*std::move(session)));
  }
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(state_->options.directory));
  for (const std::string& name : names) {
    const std::string path = state_->options.directory + "/" + name;
    std::error_code error;
    const bool is_file = std::filesystem::is_regular_file(std::filesystem::symlink_status(path, error));
    // What is none nobody here made: a disk's own "lost+found", say.
    if (is_file && !known.contains(path)) GREFFE_RETURN_IF_ERROR(RemoveFile(path));
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Upload> Uploads::Create(std::string_view project, std::int64_t size, std::string_view sha256,
                                           std::string_view request_id, std::string_view caller) {
  if (size < 1 || size > state_->options.max_size) {
    return InvalidField(
        "size", "SIZE_INVALID",
        "'" + std::to_string(size) + "' bytes; allowed are 1 to " + std::to_string(state_->options.max_size));
  }
  if (!sha256.empty() && !Sha256::FromHex(sha256)) {
    return InvalidField("sha256", "FIELD_INVALID", "is not 64 hexadecimal digits");
  }
  const absl::Status space = state_->CheckSpace(size);
  const State::Key key(project, RandomId());
  auto session = std::make_shared<State::Session>();
  session->upload.set_name(ProjectName(project) + "/uploads/" + key.second);
  session->upload.set_size(size);
  session->upload.set_sha256(absl::AsciiStrToLower(std::string(sha256)));
  session->request_id = request_id;
  session->caller = caller;
  session->touched = state_->clock.Now();
  session->busy = true;
  {
    const std::lock_guard lock(state_->mutex);
    GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Upload> former, state_->FindRequest(project, *session));
    if (former) return *former;  // has its space already
    GREFFE_RETURN_IF_ERROR(space);
    GREFFE_RETURN_IF_ERROR(state_->CheckShare(project));
    state_->Insert(key, session);
  }
  const absl::Status saved = state_->Save(*session, key);
  const std::lock_guard lock(state_->mutex);
  session->busy = false;
  session->durable = saved.ok();
  if (!saved.ok()) {
    state_->Erase(key);
    return saved;
  }
  return state_->Answer(*session);
}

absl::StatusOr<v1::Upload> Uploads::Get(std::string_view project, std::string_view id) const {
  const std::lock_guard lock(state_->mutex);
  GREFFE_ASSIGN_OR_RETURN(const auto session, state_->Find(project, id));
  return state_->Answer(*session);
}

std::vector<v1::Upload> Uploads::List(std::string_view project, std::string_view after, int limit) const {
  std::vector<v1::Upload> uploads;
  const std::lock_guard lock(state_->mutex);
  for (auto it = state_->sessions.upper_bound(State::Key(project, after));
       it != state_->sessions.end() && it->first.first == project && static_cast<int>(uploads.size()) < limit; ++it) {
    if (it->second->durable) uploads.push_back(state_->Answer(*it->second));  // others are still being opened
  }
  return uploads;
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
  // From here on the session is ours.
  std::unique_ptr<Writer> writer = NewUploadWriter(*state_, State::Key(project, id), session);
  if (session->writer == nullptr || session->received == 0) {
    const std::string path = state_->Path(project, id);
    absl::StatusOr<std::unique_ptr<LooseObjectWriter>> file =
        session->received == 0 ? LooseObjectWriter::Create(path, session->upload.size())
                               : LooseObjectWriter::Resume(path, session->upload.size(), session->received);
    if (!file.ok()) return file.status();
    session->writer = *std::move(file);
  }
  return writer;
}

absl::StatusOr<StagedContent> Uploads::Take(std::string_view project, std::string_view id) const {
  const std::lock_guard lock(state_->mutex);
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
  return State::kRows + std::string(project) + "/" + std::string(id);
}

void Uploads::Forget(std::string_view project, std::string_view id) {
  {
    const std::lock_guard lock(state_->mutex);
    state_->Erase(State::Key(project, id));
  }
  // The object has its place in the repository; a leftover name is swept at the next start.
  RemoveFile(state_->Path(project, id)).IgnoreError();
}

int Uploads::RemoveExpired(Micros now) {
  const Micros oldest = now - state_->options.max_age;
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
