#include "storage/base/baseline_rules.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"

namespace greffe {
namespace {

v1::BaselineDocument Document(std::int64_t version, const std::string& path, const std::string& hash) {
  v1::BaselineDocument document;
  document.set_number("SPC-0001");
  document.set_version(version);
  document.set_path(path);
  document.set_manifest_sha256(hash);
  document.set_state(v1::VERSION_STATE_DRAFT);
  return document;
}

TEST(BaselineRulesTest, AnIdIsWhatGitTakesAsATag) {
  EXPECT_TRUE(ValidateBaselineId("G2", "id").ok());
  EXPECT_TRUE(ValidateBaselineId("2026-03.final_1", "id").ok());
  for (const char* id :
       {"", "a/b", "a..b", ".a", "a.lock", "a b", "a~1", "a^", "-a", "a.", "\xc3\xa9", "NUL", "con.x"}) {
    EXPECT_EQ(ReasonOf(ValidateBaselineId(id, "id")), "NAME_INVALID") << id;
  }
}

TEST(BaselineRulesTest, WhatIsAskedForIsChecked) {
  v1::Baseline baseline;
  EXPECT_FALSE(ValidateBaseline(baseline, "baseline").ok()) << "a reason is needed";
  baseline.set_reason("gate 2");
  EXPECT_TRUE(ValidateBaseline(baseline, "baseline").ok());
  baseline.set_kind("Product");
  EXPECT_EQ(ReasonOf(ValidateBaseline(baseline, "baseline")), "FIELD_INVALID");
  baseline.set_kind("product");
  baseline.mutable_scope()->set_folder("../x");
  EXPECT_EQ(ReasonOf(ValidateBaseline(baseline, "baseline")), "PATH_INVALID");
  v1::BaselineDocumentList& list = *baseline.mutable_scope()->mutable_list();
  EXPECT_FALSE(ValidateBaseline(baseline, "baseline").ok());
  list.add_documents("projects/apollo/documents/SPC-0001");
  EXPECT_TRUE(ValidateBaseline(baseline, "baseline").ok());
  list.add_documents("projects/apollo/documents/SPC-0001");
  EXPECT_FALSE(ValidateBaseline(baseline, "baseline").ok()) << "each once";
}

TEST(BaselineRulesTest, AFolderMayBeSpelledInAnotherNormalForm) {
  v1::Baseline baseline;
  baseline.set_reason("gate 2");
  baseline.mutable_scope()->set_folder("e\xcc\x81tudes");
  EXPECT_EQ(ValidateBaseline(baseline, "baseline"), absl::OkStatus());
  EXPECT_EQ(NormalizeBaseline(baseline).scope().folder(), "\xc3\xa9tudes");
}

TEST(BaselineRulesTest, TheMostThatCanBeSaidOfADifferenceIsSaid) {
  const v1::BaselineDocument base = Document(1, "a.md", "one");
  v1::BaselineDocument target = base;
  EXPECT_EQ(DifferenceOf(&base, &target), v1::BASELINE_DIFFERENCE_KIND_UNSPECIFIED);
  target.set_state(v1::VERSION_STATE_RELEASED);
  EXPECT_EQ(DifferenceOf(&base, &target), v1::BASELINE_DIFFERENCE_KIND_RESTATED);
  target.set_path("b.md");
  EXPECT_EQ(DifferenceOf(&base, &target), v1::BASELINE_DIFFERENCE_KIND_MOVED);
  target.set_manifest_sha256("two");
  EXPECT_EQ(DifferenceOf(&base, &target), v1::BASELINE_DIFFERENCE_KIND_CHANGED);
  EXPECT_EQ(DifferenceOf(nullptr, &target), v1::BASELINE_DIFFERENCE_KIND_ADDED);
  EXPECT_EQ(DifferenceOf(&base, nullptr), v1::BASELINE_DIFFERENCE_KIND_REMOVED);
}

}  // namespace
}  // namespace greffe
