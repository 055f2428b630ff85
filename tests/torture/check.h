// What must hold between two moments of a torture run, while nobody writes.
#pragma once

#include <random>
#include <string>
#include <vector>

#include "tests/torture/gate.h"
#include "tests/torture/reader.h"
#include "tests/torture/writer.h"

namespace greffe {

// Holds every answer about every document and version against what the writers know, the commits against what the feed
// told, and the contents of `contents` documents by chance (0: of all) against their SHA-256.
void CheckAnswers(client::Client& client, const std::vector<Writer*>& writers, const Watcher& watcher,
                  std::size_t contents, std::mt19937_64& random, Findings& findings);

// Over a data directory that no server has open: `greffe-admin verify`, and `git fsck --full --strict`.
void CheckFiles(const std::string& data, Findings& findings);

}  // namespace greffe
