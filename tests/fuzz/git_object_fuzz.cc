// Trees, commits and messages as git keeps them.
#include "storage/git/object_format.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view bytes = AsText(data, size);
  if (const auto tree = ParseTree(bytes); tree.ok()) {
    const std::string written = SerializeTree(*tree);
    const auto again = ParseTree(written);
    FUZZ_REQUIRE(again.ok() && again->size() == tree->size() && SerializeTree(*again) == written);
  }
  if (const auto commit = ParseCommit(bytes); commit.ok()) {
    const std::string written = SerializeCommit(*commit);
    const auto again = ParseCommit(written);
    FUZZ_REQUIRE(again.ok() && SerializeCommit(*again) == written);
    FUZZ_REQUIRE(again->parents == commit->parents && again->tree == commit->tree);
    const auto parent = FirstParent(written);
    FUZZ_REQUIRE(parent.ok() && parent->value_or(Oid{}) == (commit->parents.empty() ? Oid{} : commit->parents[0]));
  }
  const ParsedMessage message = ParseMessage(bytes);
  for (const auto& [key, value] : message.trailers) FUZZ_REQUIRE(FindTrailer(message.trailers, key).has_value());
  return 0;
}
