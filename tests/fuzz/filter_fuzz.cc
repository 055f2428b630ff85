// Filters and orders of lists: parsed, then asked of a document.
#include "storage/base/filter.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const v1::Document document = [] {
    v1::Document made;
    made.set_name("projects/apollo/documents/SPC-0007");
    made.set_title("Pump");
    made.set_type("specification");
    made.set_path("a/pump.md");
    made.set_state(v1::DOCUMENT_STATE_ACTIVE);
    (*made.mutable_labels())["site"] = "Brest";
    (*made.mutable_attributes())["pages"].set_integer(12);
    (*made.mutable_attributes())["due"].set_date("2026-11-24");
    (*made.mutable_attributes())["cost"].set_number(1.5);
    return made;
  }();
  const std::string_view text = AsText(data, size);
  if (const auto filter = ParseDocumentFilter(text); filter.ok()) {
    FUZZ_REQUIRE(!filter->terms.empty());
    const bool matches = Matches(*filter, document);
    // All terms must hold: each alone does where they all do.
    for (const FilterTerm& term : filter->terms) {
      if (matches) FUZZ_REQUIRE(Matches(DocumentFilter{{term}}, document));
    }
    (void)filter->FindEquality("type");
  }
  if (const auto ordering = ParseDocumentOrdering(text); ordering.ok()) {
    FUZZ_REQUIRE(!SortKey(ordering->order, document).empty());
  }
  return 0;
}
