// Resource names and ids: what is taken reads back as itself.
#include "storage/base/names.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = AsText(data, size);
  if (const auto project = ParseProjectName(text); project.ok()) FUZZ_REQUIRE(ProjectName(*project) == text);
  if (const auto name = ParseDocumentName(text); name.ok()) {
    FUZZ_REQUIRE(FormatDocumentName(name->project, name->number) == text);
    FUZZ_REQUIRE(ValidateDocumentNumber(name->number, "number").ok());
  }
  if (const auto name = ParseDocumentOrVersionName(text); name.ok()) {
    using Alias = VersionName::Alias;
    std::string again = FormatDocumentName(name->project, name->number);
    if (name->version != 0) again = FormatVersionName(name->project, name->number, name->version);
    if (name->alias == Alias::kLatest) again += "/versions/latest";
    if (name->alias == Alias::kReleased) again += "/versions/released";
    if (name->alias == Alias::kRevision) again += "/revisions/" + name->revision;
    FUZZ_REQUIRE(again == text);
    FUZZ_REQUIRE(name->version == 0 || name->alias == Alias::kNone);
    FUZZ_REQUIRE(ParseVersionName(text).ok() == (name->version != 0 || name->alias != Alias::kNone));
  }
  if (const auto name = ParseChildName(text, "uploads"); name.ok()) {
    FUZZ_REQUIRE(ProjectName(name->project) + "/uploads/" + name->id == text);
  }
  (void)ValidateAlternateNumber(text, "alternate_numbers");
  (void)ValidatePrincipalId(text, "principal");
  (void)ValidateRequestId(text, "request_id");
  (void)ValidateImportSourceId(text, "source");
  (void)ValidateText(text, "title", 1, 200, true);
  return 0;
}
