// Holds all that is stored of a project against its hashes: what `greffe-admin verify` and the scrub do.
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "absl/status/status.h"
#include "storage/base/pace.h"
#include "storage/journal/journal.h"
#include "storage/store/object_source.h"

namespace greffe {

struct VerifyCounts {
  std::int64_t projects = 0;
  std::int64_t commits = 0;
  std::int64_t contents = 0;
  std::int64_t objects = 0;
  std::int64_t bytes = 0;
};

struct VerifyFinding {
  std::string resource;  // what it hits: a project's or a version's name
  std::string description;
};

struct VerifyCalls {
  std::function<void(const VerifyFinding&)> finding;
  std::function<void(const std::string&)> progress;  // a line now and then
  Pace pace;
};

// Packs and idx files against their checksums, the journal's and the repository's objects against their ids, the ref
// against the journal, and the history from `head` back: each commit's chain of sequence and record times, each record
// against its commit's tree, each version's content against its SHA-256 and size. Large contents are read in pieces,
// and no lock is held. Commits may arrive, be packed and be merged meanwhile, when this process does it: `head` is one
// that Journal::ReadHead gave. `counts` grows before each call of `pace`. Damage, and what cannot be read, is a
// finding; an error is that of `pace`.
absl::Status VerifyProject(const Journal& journal, ObjectSource& objects, const Head& head, VerifyCounts& counts,
                           const VerifyCalls& calls);

}  // namespace greffe
