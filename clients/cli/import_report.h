// What an import did, and what it could not keep.
#pragma once

#include <cstdint>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "clients/cli/local_files.h"
#include "clients/cli/session.h"

namespace greffe::cli {

// Thread-safe, but for Print.
class ImportReport {
 public:
  // An answer of the server.
  void Add(const v1::ImportCommitsResponse& response);
  // What the client left out of a commit. A commit that is read again after a broken connection is told once.
  void AddSkipped(const std::string& commit, const std::vector<Skipped>& skipped);
  // A commit without anything to import; the same holds.
  void AddEmpty(const std::string& commit);

  std::int64_t commits() const;
  // `stand`: what the project has of the source by now, also of former runs and of commits whose answers a broken
  // connection lost; null: not known.
  void Print(Session& session, const std::string& source, const v1::ImportSource* stand);

 private:
  struct Left {
    std::string detail;
    std::string first_commit;
    std::int64_t times = 0;
  };
  using LeftOut = std::map<std::pair<std::string, std::string>, Left>;  // by reason and path
  void Count(const std::string& reason, const std::string& path, const std::string& detail, const std::string& commit);
  void PrintJson(Session& session, const std::string& source, const v1::ImportSource* stand);

  mutable std::mutex mutex_;  // guards all below
  LeftOut left_out_;
  std::set<std::string> told_;   // commits of AddSkipped
  std::set<std::string> empty_;  // commits of AddEmpty
  std::int64_t commits_ = 0;
  std::int64_t made_ = 0;  // commits that were made of them here
  std::int64_t created_ = 0;
  std::int64_t versions_ = 0;
  std::int64_t withdrawn_ = 0;
  std::int64_t moved_ = 0;
  std::int64_t untold_ = 0;  // left out by the server, and too many to be told one by one
  std::int64_t sequence_ = 0;
  std::string last_commit_;  // that made one here: the source stands there
};

}  // namespace greffe::cli
