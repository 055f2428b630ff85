#include "storage/base/lifecycle_rules.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"

namespace greffe {
namespace {

std::string Next(v1::RevisionScheme scheme, const std::string& last,
                 v1::RevisionStep step = v1::REVISION_STEP_UNSPECIFIED) {
  return NextRevision(scheme, last, step).value_or("refused");
}

TEST(LifecycleRulesTest, RevisionCodesFollowTheirScheme) {
  const auto letters = v1::REVISION_SCHEME_LETTERS;
  EXPECT_EQ(Next(v1::REVISION_SCHEME_UNSPECIFIED, ""), "A");
  EXPECT_EQ(Next(letters, "A"), "B");
  EXPECT_EQ(Next(letters, "Z"), "AA");
  EXPECT_EQ(Next(letters, "AZ"), "BA");
  EXPECT_EQ(Next(letters, "ZZ"), "AAA");
  EXPECT_EQ(Next(letters, "1.3"), "A") << "the scheme was changed";
  EXPECT_EQ(Next(letters, "A", v1::REVISION_STEP_MAJOR), "refused");
  const auto dotted = v1::REVISION_SCHEME_MAJOR_MINOR;
  EXPECT_EQ(Next(dotted, ""), "1.0");
  EXPECT_EQ(Next(dotted, "1.9"), "1.10");
  EXPECT_EQ(Next(dotted, "1.4", v1::REVISION_STEP_MAJOR), "2.0");
  EXPECT_EQ(Next(dotted, "1.4", v1::REVISION_STEP_CONTRACTUAL), "refused");
  const auto iso = v1::REVISION_SCHEME_ISO_19650;
  EXPECT_EQ(Next(iso, ""), "P01");
  EXPECT_EQ(Next(iso, "P09"), "P10");
  EXPECT_EQ(Next(iso, "P03", v1::REVISION_STEP_CONTRACTUAL), "C01");
  EXPECT_EQ(Next(iso, "C01", v1::REVISION_STEP_CONTRACTUAL), "C02");
  EXPECT_EQ(Next(iso, "C99"), "C100");
}

TEST(LifecycleRulesTest, AStateThatIsNotAllowedNamesTheAllowedOnes) {
  v1::LifecycleRule rule;
  v1::Version version;
  version.set_name("projects/p/documents/D-1/versions/1");
  version.set_state(v1::VERSION_STATE_SUPERSEDED);
  const absl::Status refused = CheckTransition(rule, version, v1::VERSION_STATE_RELEASED);
  EXPECT_EQ(ReasonOf(refused), "TRANSITION_NOT_ALLOWED");
  EXPECT_EQ(ErrorMetadataOf(refused, "allowed"), "OBSOLETE");
  version.set_state(v1::VERSION_STATE_DRAFT);
  EXPECT_TRUE(CheckTransition(rule, version, v1::VERSION_STATE_RELEASED).ok());
  rule.set_review_required(true);
  EXPECT_FALSE(CheckTransition(rule, version, v1::VERSION_STATE_RELEASED).ok());
  EXPECT_TRUE(CheckTransition(rule, version, v1::VERSION_STATE_IN_REVIEW).ok());
}

TEST(LifecycleRulesTest, ATypesRuleIsBeforeTheProjects) {
  v1::Project project;
  project.mutable_lifecycle_rule()->set_review_required(true);
  v1::DocumentType& type = *project.add_document_types();
  type.set_id("minutes");
  EXPECT_TRUE(LifecycleRuleOf(project, "minutes").review_required());
  type.mutable_lifecycle_rule()->set_review_required(false);
  EXPECT_FALSE(LifecycleRuleOf(project, "minutes").review_required());
  EXPECT_TRUE(LifecycleRuleOf(project, "budget").review_required());
}

}  // namespace
}  // namespace greffe
