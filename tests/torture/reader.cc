#include "tests/torture/reader.h"

#include "clients/cpp/checksums.h"
#include "clients/cpp/download.h"
#include "clients/cpp/watch.h"

namespace greffe {

absl::StatusOr<std::string> FetchedSha256(client::Client& client, const std::string& name, std::int64_t* version) {
  v1::FetchContentRequest request;
  request.set_name(name);
  client::Sha256 hash;
  const auto response = client::FetchInto(client, request, [&hash](std::string_view data) {
    hash.Update(data);
    return absl::OkStatus();
  });
  if (!response.ok()) return response.status();
  if (version != nullptr) *version = response->version().number();
  return hash.Finish();
}

void Reader::Run(const std::atomic<bool>& stop) {
  client::Client* client = connection_.Get();
  while (client != nullptr && !stop.load() && findings_.texts().empty()) {
    const auto sample = writers_[random_() % writers_.size()]->AnyDocument(random_);
    if (!sample.has_value()) {
      std::this_thread::yield();
      continue;
    }
    if (!Read(*client, *sample).ok()) client = connection_.Next();
    ++count_;
  }
}

absl::Status Reader::Read(client::Client& client, const Writer::Sample& sample) {
  const auto acknowledged = static_cast<std::int64_t>(sample.sha256.size());
  const bool latest = random_() % 2 == 0;
  const std::int64_t asked = 1 + static_cast<std::int64_t>(random_() % sample.sha256.size());
  const std::string name = latest ? sample.name : sample.name + "/versions/" + std::to_string(asked);
  std::int64_t version = 0;
  const auto sha256 = FetchedSha256(client, name, &version);
  if (absl::IsUnavailable(sha256.status())) return sha256.status();
  if (!sha256.ok()) {
    // Its writer may have withdrawn it since, and has perhaps not heard of that yet.
    if (latest && client::ReasonOf(sha256.status()) == "DOCUMENT_WITHDRAWN") return absl::OkStatus();
    findings_.Add("a read of " + name + ": " + sha256.status().ToString());
    return absl::OkStatus();
  }
  if (latest ? version < acknowledged : version != asked) {
    findings_.Add(name + " was answered with version " + std::to_string(version) + "; " + std::to_string(acknowledged) +
                  " were acknowledged before");
  } else if (version <= acknowledged && *sha256 != sample.sha256[static_cast<std::size_t>(version - 1)]) {
    findings_.Add(name + " was answered with other content than was checked in");
  }
  return absl::OkStatus();
}

void Watcher::Run() {
  v1::WatchChangesRequest request;
  request.set_parent("projects/-");
  for (client::Client* client = connection_.Get(); client != nullptr; client = connection_.Next()) {
    const absl::Status status = client::WatchChanges(*client, request, [&](const v1::WatchChangesResponse& message) {
      if (message.has_change()) Take(message.change());
      if (!message.cursor().empty()) request.set_cursor(message.cursor());
      return true;
    });
    if (!absl::IsUnavailable(status)) findings_.Add("the change feed: " + status.ToString());
  }
}

void Watcher::Take(const v1::Change& change) {
  const std::lock_guard lock(mutex_);
  std::vector<std::string>& commits = commits_[change.project()];
  const auto next = static_cast<std::int64_t>(commits.size()) + 1;
  const std::string what = change.project() + " " + std::to_string(change.sequence());
  if (change.sequence() == next) {
    commits.push_back(change.commit());
  } else if (change.sequence() > next) {
    findings_.Add("the change feed skips from " + std::to_string(next - 1) + " to " + what);
  } else if (commits[static_cast<std::size_t>(change.sequence() - 1)] != change.commit()) {
    findings_.Add("the change feed told another commit of " + what + " before");
  }
}

std::map<std::string, std::vector<std::string>> Watcher::commits() const {
  const std::lock_guard lock(mutex_);
  return commits_;
}

}  // namespace greffe
