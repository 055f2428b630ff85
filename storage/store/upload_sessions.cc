#include "storage/store/upload_sessions.h"

#include <algorithm>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"

namespace greffe {

std::string Uploads::State::Path(std::string_view project, std::string_view id) const {
  return options.directory + "/" + std::string(project) + "_" + std::string(id);
}

// Oid, and request id with whose it is, travel as lines before the message.
absl::Status Uploads::State::Save(v1::Upload upload, const std::string& oid, const Session& session, const Key& key) {
  *upload.mutable_expire_time() = ToTimestamp(session.touched);
  CommitGroup group;
  group.repository = key.first;
  std::string row = oid + "\n" + session.request_id;
  if (!session.caller.empty()) row += " " + session.caller;
  group.state.push_back({StateKey(key.first, key.second), row + "\n" + upload.SerializeAsString()});
  return journal.Append(group);
}

std::optional<Uploads::State::Session> Uploads::State::Load(const std::string& row) {
  const std::size_t first = row.find('\n');
  const std::size_t second = first == std::string::npos ? first : row.find('\n', first + 1);
  Session session;
  if (second == std::string::npos || !session.upload.ParseFromString(row.substr(second + 1))) return std::nullopt;
  session.oid = row.substr(0, first);
  const std::string request = row.substr(first + 1, second - first - 1);
  const std::size_t space = std::min(request.find(' '), request.size());
  session.request_id = request.substr(0, space);
  if (space < request.size()) session.caller = request.substr(space + 1);
  session.touched = ToMicros(session.upload.expire_time());
  session.received = session.upload.received_size();
  session.durable = true;
  return session;
}

v1::Upload Uploads::State::Answer(const Session& session) const {
  v1::Upload upload = session.upload;
  upload.set_received_size(session.received);
  upload.set_creator(session.caller);
  if (!upload.complete()) upload.clear_sha256();
  *upload.mutable_expire_time() = ToTimestamp(session.touched + options.max_age);
  return upload;
}

absl::StatusOr<std::shared_ptr<Uploads::State::Session>> Uploads::State::Find(std::string_view project,
                                                                              std::string_view id) const {
  const auto found = sessions.find(Key(project, id));
  if (found == sessions.end()) return NotFound(project, id);
  return found->second;
}

absl::StatusOr<std::optional<v1::Upload>> Uploads::State::FindRequest(std::string_view project,
                                                                      const Session& asked) const {
  if (asked.request_id.empty()) return std::nullopt;
  const auto found = requests.find(Key(project, asked.request_id));
  if (found == requests.end()) return std::nullopt;
  const Session& session = *sessions.at(Key(project, found->second));
  const std::string& sha256 = asked.upload.sha256();
  const bool is_callers = session.caller.empty() || session.caller == asked.caller;
  if (!is_callers || session.upload.size() != asked.upload.size() ||
      (!sha256.empty() && session.upload.sha256() != sha256)) {
    return InvalidField("request_id", "REQUEST_ID_REUSED",
                        "'" + asked.request_id + "' was used for an upload of another content, or by another caller");
  }
  if (!session.durable) {
    return Error(absl::StatusCode::kAborted, "REQUEST_UNDER_WAY",
                 "request '" + asked.request_id + "' is being done; ask again");
  }
  return Answer(session);
}

void Uploads::State::Insert(const Key& key, std::shared_ptr<Session> session) {
  if (!session->request_id.empty()) requests.insert_or_assign(Key(key.first, session->request_id), key.second);
  ++counts[key.first].open;
  sessions.insert_or_assign(key, std::move(session));
}

void Uploads::State::Erase(const Key& key) {
  const auto found = sessions.find(key);
  if (found == sessions.end()) return;
  const auto request = requests.find(Key(key.first, found->second->request_id));
  if (request != requests.end() && request->second == key.second) requests.erase(request);
  Count& count = counts[key.first];
  --(found->second->claims > 0 ? count.claimed : count.open);
  if (count.open == 0 && count.claimed == 0) counts.erase(key.first);
  sessions.erase(found);
}

absl::Status Uploads::State::CheckShare(std::string_view project) const {
  const int share = (options.max_sessions + 1) / 2;
  int all = 0;
  int own = 0;
  for (const auto& [of, count] : counts) {
    all += std::min(count.open, share);
    if (of == project) own = count.open;
  }
  if (all >= options.max_sessions) {
    return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_UPLOADS",
                 std::to_string(all) + " uploads are open; finish or delete some");
  }
  if (own < share) return absl::OkStatus();
  const std::string name = ProjectName(project);
  return Error(absl::StatusCode::kResourceExhausted, "TOO_MANY_UPLOADS",
               std::to_string(own) + " uploads of '" + name + "' are open; finish or delete some", {{"project", name}});
}

absl::Status Uploads::State::CheckSpace(std::int64_t size) const {
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t free, options.free_space(options.directory));
  if (free - size >= options.reserve_bytes) return absl::OkStatus();
  return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL",
               std::to_string(size) + " bytes do not fit: " + std::to_string(free) + " are free, and " +
                   std::to_string(options.reserve_bytes) + " of them are kept for other writes");
}

absl::Status Uploads::State::Remove(const Key& key) {
  CommitGroup group;
  group.repository = key.first;
  group.state.push_back({StateKey(key.first, key.second), std::nullopt});
  const absl::Status removed = journal.Append(group);
  {
    const std::lock_guard lock(mutex);
    if (removed.ok()) Erase(key);
    if (const auto kept = sessions.find(key); kept != sessions.end()) kept->second->busy = false;
  }
  if (!removed.ok()) return removed;
  return RemoveFile(Path(key.first, key.second));
}

}  // namespace greffe
