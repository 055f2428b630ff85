// Rows of the journal: a damaged one is refused, or says only what lies within it.
#include "storage/journal/encoding.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view row = AsText(data, size);
  if (const auto manifest = journal_encoding::DecodeManifest("apollo", 7, row); manifest.ok()) {
    std::size_t bytes = 0;
    for (const journal_encoding::ObjectPlace& object : manifest->objects) {
      FUZZ_REQUIRE(object.offset <= row.size() && object.size <= row.size() - object.offset);
      bytes += object.size;
    }
    FUZZ_REQUIRE(static_cast<std::int64_t>(bytes) == manifest->bytes);
  }
  (void)journal_encoding::DecodeHead(journal_encoding::HeadKey("apollo", "refs/heads/main"), row);
  const std::size_t half = size / 2;
  (void)journal_encoding::DecodeHead(row.substr(0, half), row.substr(half));
  return 0;
}
