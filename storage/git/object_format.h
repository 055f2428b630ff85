// Git's own formats of trees and commits, written and read without libgit2: a commit of ours touches ten trees, and
// these are a sort and a copy.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "storage/base/clock.h"
#include "storage/base/oid.h"

namespace greffe {

inline constexpr std::uint32_t kModeFile = 0100644;
inline constexpr std::uint32_t kModeTree = 040000;

// The pack format's number of a delta whose base is named by its distance (gitformat-pack(5), OBJ_OFS_DELTA).
inline constexpr int kOfsDelta = 6;

// Larger objects lie loose; one that claims to be larger in a pack is damaged.
inline constexpr std::int64_t kMaxPackedObjectBytes = std::int64_t{2} << 30;

struct TreeEntry {
  std::uint32_t mode = kModeFile;
  std::string name;
  Oid oid;

  bool IsTree() const { return mode == kModeTree; }
};

// Git's order of names in a tree: bytes, a tree's name as if it ended in '/'.
bool TreeNameLess(std::string_view a, bool a_is_tree, std::string_view b, bool b_is_tree);

// `entries` must be in that order.
std::string SerializeTree(const std::vector<TreeEntry>& entries);
absl::StatusOr<std::vector<TreeEntry>> ParseTree(std::string_view data);

// An entry where it lies in a tree's data.
struct TreeEntryView {
  std::uint32_t mode = kModeFile;
  std::string_view name;
  std::string_view raw_oid;  // Oid::kSize bytes

  bool IsTree() const { return mode == kModeTree; }
};
// Takes the first entry off `data`, which must not be empty; DATA_LOSS when it is not in git's format.
absl::StatusOr<TreeEntryView> TakeTreeEntry(std::string_view& data);

// Who and when, as a commit says it.
struct Signature {
  std::string name;   // without '<', '>', '\n'
  std::string email;  // for native commits the principal's id
  std::int64_t seconds = 0;
  int utc_offset_minutes = 0;
};

struct CommitObject {
  Oid tree;
  std::vector<Oid> parents;
  Signature author;
  Signature committer;
  std::string message;
};

// An annotated tag of a commit.
struct TagObject {
  Oid target;
  std::string name;  // "baselines/G2"
  Signature tagger;
  std::string message;
};

std::string SerializeTag(const TagObject& tag);
// Of a tag of a commit; DATA_LOSS for any other.
absl::StatusOr<TagObject> ParseTag(std::string_view data);

std::string SerializeCommit(const CommitObject& commit);
absl::StatusOr<CommitObject> ParseCommit(std::string_view data);
// The first parent alone; nullopt: it has none.
absl::StatusOr<std::optional<Oid>> FirstParent(std::string_view commit);

// A message's trailers (the last paragraph, when each of its lines is `Key: value`), in order. FORMAT.md names ours.
using Trailers = std::vector<std::pair<std::string, std::string>>;
// Subject, blank line, body (when not empty), blank line, trailers. Line feeds in the subject and in trailer values
// become spaces.
std::string FormatMessage(std::string_view subject, std::string_view body, const Trailers& trailers);
struct ParsedMessage {
  std::string subject;
  std::string body;
  Trailers trailers;
};
ParsedMessage ParseMessage(std::string_view message);
// The first value of that key.
std::optional<std::string> FindTrailer(const Trailers& trailers, std::string_view key);

}  // namespace greffe
