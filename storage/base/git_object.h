// What a git object is, for all who carry one without looking inside.
#pragma once

#include <cstdint>
#include <string>

namespace greffe {

// The numbers are those of git's pack format.
enum class ObjectType : std::uint8_t { kCommit = 1, kTree = 2, kBlob = 3, kTag = 4 };

// An object as git hashes it, without its header.
struct GitObject {
  ObjectType type = ObjectType::kBlob;
  std::string data;
};

}  // namespace greffe
