// Texts of documents: what is found in them lies in them, is unique, and is text.
#include <algorithm>
#include <set>
#include <string>

#include "storage/base/anchors.h"
#include "storage/base/front_matter.h"
#include "storage/base/utf8.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = AsText(data, size);
  v1::TraceRule rule;
  rule.set_requirement_pattern("[A-Z]+-\\d+");
  rule.set_headings(true);
  static const AnchorFinder& finder = *new AnchorFinder(rule);
  const auto lines = std::count(text.begin(), text.end(), '\n') + 1;
  std::set<std::string> ids;
  for (const v1::Anchor& anchor : finder.Find(text)) {
    FUZZ_REQUIRE(ids.insert(anchor.id()).second);
    FUZZ_REQUIRE(!anchor.id().empty() && anchor.id().size() <= 200 && IsUtf8(anchor.id()));
    FUZZ_REQUIRE(IsUtf8(anchor.title()));
    FUZZ_REQUIRE(anchor.line() >= 1 && anchor.line() <= lines);
    FUZZ_REQUIRE(anchor.sha256().size() == 64);
  }
  FUZZ_REQUIRE(FrontMatterLines(text) <= static_cast<std::size_t>(lines));
  for (const FrontMatterValue& value : ParseFrontMatter(text)) {
    FUZZ_REQUIRE(!value.value.empty());
    FUZZ_REQUIRE(text.find(value.value) != std::string_view::npos);
  }
  return 0;
}
