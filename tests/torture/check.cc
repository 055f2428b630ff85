#include "tests/torture/check.h"

#include <algorithm>
#include <filesystem>

#include "tests/shell.h"

namespace greffe {
namespace {

absl::StatusOr<std::vector<v1::Version>> AllVersions(client::Client& client, const std::string& document) {
  std::vector<v1::Version> versions;
  v1::ListVersionsRequest request;
  request.set_parent(document);
  request.set_page_size(1000);
  do {
    const auto page = client.ListVersions(request);
    if (!page.ok()) return page.status();
    versions.insert(versions.end(), page->versions().begin(), page->versions().end());
    request.set_page_token(page->next_page_token());
  } while (!request.page_token().empty());
  return versions;
}

absl::StatusOr<TraceState> Dump(client::Client& client) {
  TraceState state;
  for (const std::string project : {"apollo", "borealis"}) {
    state[project];
    for (const std::string filter : {"", "state = WITHDRAWN"}) {
      v1::ListDocumentsRequest request;
      request.set_parent("projects/" + project);
      request.set_page_size(500);
      request.set_filter(filter);
      do {
        const auto page = client.ListDocuments(request);
        if (!page.ok()) return page.status();
        for (const v1::Document& listed : page->documents()) {
          TraceDocument& document = state[project].documents[listed.name().substr(listed.name().rfind('/') + 1)];
          document.path = listed.path();
          document.title = listed.title();
          document.withdrawn = listed.state() == v1::DOCUMENT_STATE_WITHDRAWN;
          const auto versions = AllVersions(client, listed.name());
          if (!versions.ok()) return versions.status();
          // Newest first.
          for (auto version = versions->rbegin(); version != versions->rend(); ++version) {
            document.contents.push_back(version->main_file().sha256());
          }
        }
        request.set_page_token(page->next_page_token());
      } while (!request.page_token().empty());
    }
  }
  return state;
}

absl::Status CheckCommits(client::Client& client, const Watcher& watcher, Findings& findings) {
  for (const auto& [project, told] : watcher.commits()) {
    v1::ListChangesRequest request;
    request.set_parent(project);
    request.set_page_size(1000);
    while (request.after_sequence() < static_cast<std::int64_t>(told.size())) {
      const auto page = client.ListChanges(request);
      if (!page.ok()) return page.status();
      if (page->changes().empty()) {
        findings.Add(project + " ends at " + std::to_string(request.after_sequence()) + "; the feed told of " +
                     std::to_string(told.size()));
        break;
      }
      for (const v1::Change& change : page->changes()) {
        const auto at = static_cast<std::size_t>(request.after_sequence());
        if (change.sequence() != request.after_sequence() + 1) {
          findings.Add(project + " has no commit " + std::to_string(at + 1));
        } else if (at < told.size() && change.commit() != told[at]) {
          findings.Add(project + " has another commit " + std::to_string(at + 1) + " than the feed told");
        }
        request.set_after_sequence(change.sequence());
      }
    }
  }
  return absl::OkStatus();
}

}  // namespace

void CheckAnswers(client::Client& client, const std::vector<Writer*>& writers, const Watcher& watcher,
                  std::size_t contents, std::mt19937_64& random, Findings& findings) {
  TraceState expected{{"apollo", {}}, {"borealis", {}}};
  std::vector<std::pair<std::string, std::string>> versions;  // name, SHA-256
  for (const Writer* writer : writers) {
    for (const auto& [name, project] : writer->state()) {
      for (const auto& [number, document] : project.documents) {
        expected[name].documents[number] = document;
        for (std::size_t i = 0; i < document.contents.size(); ++i) {
          versions.emplace_back("projects/" + name + "/documents/" + number + "/versions/" + std::to_string(i + 1),
                                document.contents[i]);
        }
      }
    }
  }
  const auto dump = Dump(client);
  if (!dump.ok()) return findings.Add("a list: " + dump.status().ToString());
  const std::string difference = Difference(expected, *dump);
  if (!difference.empty()) findings.Add(difference);
  if (contents > 0) {
    std::shuffle(versions.begin(), versions.end(), random);
    versions.resize(std::min(contents, versions.size()));
  }
  for (const auto& [name, sha256] : versions) {
    const auto fetched = FetchedSha256(client, name, nullptr);
    if (!fetched.ok()) findings.Add(name + ": " + fetched.status().ToString());
    if (fetched.ok() && *fetched != sha256) findings.Add(name + " has other content than was checked in");
  }
  const absl::Status status = CheckCommits(client, watcher, findings);
  if (!status.ok()) findings.Add("the changes: " + status.ToString());
}

void CheckFiles(const std::string& data, Findings& findings) {
  const ShellResult verified = Shell(std::string(GREFFE_BIN) + "/greffe-admin --data " + data + " verify");
  if (verified.exit_code != 0) findings.Add("greffe-admin verify: " + verified.output);
  for (const auto& entry : std::filesystem::directory_iterator(data + "/repositories")) {
    if (entry.path().extension() != ".git") continue;
    // Large content that had its place when the server died, before the commit that it was for, stays there.
    const ShellResult fsck = Shell("git -C " + entry.path().string() + " fsck --full --strict --no-dangling");
    if (fsck.exit_code != 0 || !fsck.output.empty()) findings.Add(entry.path().string() + ": git fsck: " + fsck.output);
  }
}

}  // namespace greffe
