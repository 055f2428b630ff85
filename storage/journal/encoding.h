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
std::string CommitKey(std::string_view repository, Sequence sequence);
std::string HeadKey(std::string_view repository, std::string_view ref);

// A commit's row: what this says, and then the bytes of its objects, one after the other.
struct ObjectPlace {
  Oid oid;
  ObjectType type = ObjectType::kBlob;
  Oid predecessor;
  std::size_t offset = 0;  // in the row
  std::size_t size = 0;
};
struct Manifest {
  Sequence sequence = 0;
  Oid commit;
  Micros record_time = 0;
  std::vector<ObjectPlace> objects;
  std::vector<ExternalObject> externals;
  std::int64_t bytes = 0;  // of the objects
};
// The row up to the first object's bytes.
std::string EncodeManifest(const JournalCommit& commit);
// Of a whole row. DATA_LOSS when it is not one, or has not as many bytes as it says.
absl::StatusOr<Manifest> DecodeManifest(std::string_view repository, Sequence sequence, std::string_view row);

std::string EncodeHead(const RefChange& change);
absl::StatusOr<Head> DecodeHead(std::string_view key, std::string_view value);

}  // namespace greffe::journal_encoding
