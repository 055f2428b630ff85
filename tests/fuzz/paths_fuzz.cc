// Paths: what is taken stays inside its folder, is NFC, and folds part by part.
#include <algorithm>
#include <string>

#include "storage/base/paths.h"
#include "storage/base/utf8.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = AsText(data, size);
  FUZZ_REQUIRE(IsUtf8(PrintableUtf8(text)));
  const std::string normal = NormalizePath(text);
  FUZZ_REQUIRE(NormalizePath(normal) == normal);
  if (!ValidatePath(text, "path").ok()) return 0;
  FUZZ_REQUIRE(normal == text && text.size() <= static_cast<std::size_t>(kMaxPathBytes) && text.front() != '/');
  std::string folded;
  for (std::string_view rest = text; !rest.empty();) {
    const std::size_t slash = std::min(rest.find('/'), rest.size());
    const std::string_view part = rest.substr(0, slash);
    FUZZ_REQUIRE(!part.empty() && part != "." && part != ".." && part.back() != ' ' && part.back() != '.');
    FUZZ_REQUIRE(part.find_first_of("\\:<>\"|?*") == std::string_view::npos);
    FUZZ_REQUIRE(ValidateFileName(part, "file_name").ok());
    const std::string folded_part = FoldPath(part);
    FUZZ_REQUIRE(folded_part != ".git" && folded_part != ".greffe");
    folded += (folded.empty() ? "" : "/") + folded_part;
    rest.remove_prefix(std::min(slash + 1, rest.size()));
  }
  FUZZ_REQUIRE(FoldPath(text) == folded);
  FUZZ_REQUIRE(FoldPath(folded) == folded);
  FUZZ_REQUIRE(ParentFolders(text).size() == static_cast<std::size_t>(std::count(text.begin(), text.end(), '/')));
  return 0;
}
