// Keys and values of the journal, as FORMAT.md gives them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/journal/journal.h"

namespace greffe::journal_encoding {

// `repository 0`: what all keys of a repository begin with.
std::string RepositoryPrefix(std::string_view repository);
std::string ObjectKey(std::string_view repository, const Oid& oid);
std::string CommitKey(std::string_view repository, Sequence sequence);
std::string HeadKey(std::string_view repository, std::string_view ref);

// An object's value is this header and then its bytes: type, predecessor.
inline constexpr std::size_t kObjectHeader = 1 + Oid::kSize;
std::string ObjectHeader(const JournalObject& object);

// A commit without its objects' bytes.
struct Manifest {
  Sequence sequence = 0;
  Oid commit;
  Micros record_time = 0;
  std::vector<Oid> objects;
  std::vector<ExternalObject> externals;
  std::int64_t bytes = 0;  // of the objects
};
std::string EncodeManifest(const JournalCommit& commit);
absl::StatusOr<Manifest> DecodeManifest(std::string_view repository, Sequence sequence, std::string_view value);

std::string EncodeHead(const RefChange& change);
absl::StatusOr<Head> DecodeHead(std::string_view key, std::string_view value);

}  // namespace greffe::journal_encoding
