// Clients that read while others write and the server dies.
#pragma once

#include <atomic>
#include <cstdint>
#include <map>
#include <mutex>
#include <random>
#include <string>
#include <vector>

#include "tests/torture/gate.h"
#include "tests/torture/writer.h"

namespace greffe {

// Reads documents of any writer: what was acknowledged before the question must be in the answer.
class Reader {
 public:
  Reader(std::uint64_t seed, const std::vector<Writer*>& writers, Gate& gate, Findings& findings)
      : random_(seed), writers_(writers), connection_(gate), findings_(findings) {}

  void Run(const std::atomic<bool>& stop);
  std::int64_t count() const { return count_.load(); }

 private:
  // An error: none, or one that says that the server went away.
  absl::Status Read(client::Client& client, const Writer::Sample& sample);

  std::mt19937_64 random_;
  const std::vector<Writer*>& writers_;
  Connection connection_;
  Findings& findings_;
  std::atomic<std::int64_t> count_{0};
};

// Follows the feed over all projects: no gap within a project, and what was told once is never told otherwise.
class Watcher {
 public:
  Watcher(Gate& gate, Findings& findings) : connection_(gate), findings_(findings) {}

  // Until no server comes any more.
  void Run();
  // Commits by project, in order of sequence, from 1 on.
  std::map<std::string, std::vector<std::string>> commits() const;

 private:
  void Take(const v1::Change& change);

  Connection connection_;
  Findings& findings_;
  mutable std::mutex mutex_;  // of what follows
  std::map<std::string, std::vector<std::string>> commits_;
};

// The SHA-256 of a file's content as it comes over the wire; `name` is of a document or a version.
absl::StatusOr<std::string> FetchedSha256(client::Client& client, const std::string& name, std::int64_t* version);

}  // namespace greffe
