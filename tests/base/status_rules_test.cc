// What things count for, traffic lights, and the words of reports.
#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "greffe/v1/registers.pb.h"
#include "greffe/v1/review.pb.h"
#include "storage/base/amounts.h"
#include "storage/base/civil_date.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/language.h"
#include "storage/base/progress_report.h"
#include "storage/base/record_fields.h"
#include "storage/base/register_rules.h"
#include "storage/base/tally_rules.h"
#include "storage/base/traffic_light.h"

namespace greffe {
namespace {

bool Has(const std::vector<TallyCount>& counts, const TallyCount& count) {
  return std::find(counts.begin(), counts.end(), count) != counts.end();
}

TEST(TallyRulesTest, ADocumentCountsByTypeAndStateUntilItIsWithdrawn) {
  v1::Document document;
  document.set_type("plan");
  document.set_state(v1::DOCUMENT_STATE_ACTIVE);
  EXPECT_EQ(CountsOf(document), (std::vector<TallyCount>{{"documents", "plan/NONE", 1}}));
  document.mutable_latest_version()->set_state(v1::VERSION_STATE_RELEASED);
  document.set_released_version(1);
  EXPECT_EQ(CountsOf(document),
            (std::vector<TallyCount>{{"documents", "plan/RELEASED", 1}, {"documents", "released", 1}}));
  document.set_state(v1::DOCUMENT_STATE_WITHDRAWN);
  EXPECT_EQ(CountsOf(document), (std::vector<TallyCount>{{"documents", "withdrawn", 1}}));
}

TEST(TallyRulesTest, AnOpenEntryCountsByItsDueDay) {
  v1::Action action;
  action.set_state(v1::ACTION_STATE_OPEN);
  action.set_open_due_date("2026-03-07");
  EXPECT_EQ(CountsOf(KindOf<v1::Action>(), action), (std::vector<TallyCount>{{"actions", "state/OPEN", 1},
                                                                             {"actions", "open", 1},
                                                                             {"actions", "due/2026-03", 1},
                                                                             {"actions/2026-03", "07", 1}}));
  action.set_state(v1::ACTION_STATE_DONE);
  action.clear_open_due_date();
  EXPECT_EQ(CountsOf(KindOf<v1::Action>(), action), (std::vector<TallyCount>{{"actions", "state/DONE", 1}}));
}

TEST(TallyRulesTest, ABudgetLineCountsInItsCurrencyAndMonthUntilItIsCancelled) {
  v1::BudgetLine line;
  line.set_state(v1::BUDGET_LINE_STATE_APPROVED);
  line.set_currency("EUR");
  line.set_planned("100.50");
  line.set_percent_complete(50);
  EXPECT_TRUE(Has(CountsOf(KindOf<v1::BudgetLine>(), line), {"budgetLines", "EUR/earned", 5025}));
  EXPECT_FALSE(Has(CountsOf(KindOf<v1::BudgetLine>(), line), {"budgetLines", "EUR/scheduled_earned", 5025}));
  line.set_start_date("2026-03-01");
  line.set_end_date("2026-04-30");
  EXPECT_TRUE(
      Has(CountsOf(KindOf<v1::BudgetLine>(), line), {"budgetLines/2026-03", "EUR 2026-03-01 2026-04-30", 10050}));
  EXPECT_TRUE(Has(CountsOf(KindOf<v1::BudgetLine>(), line), {"budgetLines", "EUR/scheduled_earned", 5025}));
  line.set_state(v1::BUDGET_LINE_STATE_CANCELLED);
  EXPECT_EQ(CountsOf(KindOf<v1::BudgetLine>(), line).size(), 1u);
}

TEST(TallyRulesTest, ReviewsCountBySecondsUntilTheirOutcome) {
  v1::Review review;
  review.set_state(v1::REVIEW_STATE_OPEN);
  *review.mutable_create_time() = ToTimestamp(1'000'000);
  EXPECT_TRUE(Has(CountsOf(KindOf<v1::Review>(), review), {"reviews", "open", 1}));
  review.set_state(v1::REVIEW_STATE_APPROVED);
  *review.mutable_end()->mutable_time() = ToTimestamp(61'000'000);
  EXPECT_TRUE(Has(CountsOf(KindOf<v1::Review>(), review), {"reviews", "turnaround", 60}));
  review.set_state(v1::REVIEW_STATE_ABORTED);
  EXPECT_EQ(CountsOf(KindOf<v1::Review>(), review), (std::vector<TallyCount>{{"reviews", "state/ABORTED", 1}}));
}

TEST(PlannedValueTest, GoesByInEqualPartsADay) {
  EXPECT_EQ(PlannedValue(1000, "2026-03-01", "2026-03-10", "2026-02-28"), 0);
  EXPECT_EQ(PlannedValue(1000, "2026-03-01", "2026-03-10", "2026-03-01"), 100);
  EXPECT_EQ(PlannedValue(1000, "2026-03-01", "2026-03-10", "2026-03-10"), 1000);
  EXPECT_EQ(PlannedValue(-100, "2026-03-01", "2026-03-03", "2026-03-01"), -33) << "towards 0";
}

TEST(AmountsTest, WhatNoNumberOfUnitsHoldsIsNone) {
  EXPECT_EQ(ParseAmount("922337203685477", 4), 9'223'372'036'854'770'000);
  EXPECT_EQ(ParseAmount("922337203685478", 4), std::nullopt);
  EXPECT_EQ(ParseAmount("-999999999999999", 4), std::nullopt);
  EXPECT_EQ(ParseAmount("99999999999999.9", 4), 999'999'999'999'999'000);
  EXPECT_EQ(ParseAmount("999999999999999", 3), 999'999'999'999'999'000);
}

TEST(AmountsTest, WhatHasNoRoomWrapsAndComesBack) {
  const std::int64_t most = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(SubtractUnits(AddUnits(most, kMaxAmount), kMaxAmount), most);
  EXPECT_EQ(FormatAmount(std::numeric_limits<std::int64_t>::min(), 3), "-9223372036854775.808");
}

TEST(EndOfDayTest, IsTheLastMicrosecondInTheZone) {
  const Micros end = EndOfDay("2026-03-29", "Europe/Paris");  // clocks go forward on that day
  EXPECT_EQ(DateAt(end, "Europe/Paris"), "2026-03-29");
  EXPECT_EQ(DateAt(end + 1, "Europe/Paris"), "2026-03-30");
}

class TrafficLightTest : public testing::Test {
 protected:
  v1::CollectionFigures& Collection(const std::string& name, std::int64_t open, std::int64_t late = 0) {
    v1::CollectionFigures& of = *figures_.add_collections();
    of.set_collection(name);
    of.set_open_count(open);
    of.set_late_count(late);
    return of;
  }
  v1::TrafficLight Light() const { return LightOf(ReasonsOf(figures_)); }

  v1::StatusFigures figures_;
};

TEST_F(TrafficLightTest, IsGreenWithoutAReason) {
  Collection("deliverables", 10);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_GREEN);
}

TEST_F(TrafficLightTest, LateDeliverablesAreAmberUpToATenth) {
  v1::CollectionFigures& deliverables = Collection("deliverables", 10, 1);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_AMBER);
  deliverables.set_late_count(2);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_RED);
}

TEST_F(TrafficLightTest, OverdueActionsAreAmberUpToAFifth) {
  v1::CollectionFigures& actions = Collection("actions", 10, 2);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_AMBER);
  actions.set_late_count(3);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_RED);
}

TEST_F(TrafficLightTest, AMilestoneThatIsLateOrMissedIsRed) {
  v1::CollectionFigures& milestones = Collection("milestones", 10, 1);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_RED);
  milestones.set_late_count(0);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_GREEN);
  v1::StateCount& missed = *milestones.add_states();
  missed.set_state("MISSED");
  missed.set_count(1);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_RED);
  const v1::StatusReason reason = ReasonsOf(figures_).front();
  EXPECT_EQ(reason.count(), 1);
  EXPECT_EQ(reason.total(), 10) << "a missed one may still come, and so is among the open ones";
}

TEST_F(TrafficLightTest, AMilestoneThatSlipsIsAmberUpToThirtyDays) {
  figures_.mutable_milestone_slips()->set_open_slipped_count(1);
  figures_.mutable_milestone_slips()->set_largest_open_slip_days(30);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_AMBER);
  figures_.mutable_milestone_slips()->set_largest_open_slip_days(31);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_RED);
}

TEST_F(TrafficLightTest, RisksCountByScoreAndIssuesBySeverity) {
  v1::ScoreCount& risk = *figures_.add_risks();
  risk.set_count(1);
  risk.set_score(14);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_GREEN);
  risk.set_score(15);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_AMBER);
  risk.set_score(20);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_RED);
  figures_.clear_risks();
  v1::StateCount& issue = *figures_.add_issues();
  issue.set_count(1);
  issue.set_state("MEDIUM");
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_GREEN);
  issue.set_state("HIGH");
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_AMBER);
  issue.set_state("CRITICAL");
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_RED);
}

TEST_F(TrafficLightTest, IndicesHaveTwoThresholds) {
  v1::BudgetFigures& budget = *figures_.add_budgets();
  budget.set_currency("EUR");
  budget.set_actual("50.00");
  budget.set_planned_value("100.00");
  budget.set_cpi(0.95);
  budget.set_spi(1);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_GREEN);
  budget.set_cpi(0.94);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_AMBER);
  budget.set_spi(0.84);
  const std::vector<v1::StatusReason> reasons = ReasonsOf(figures_);
  ASSERT_EQ(reasons.size(), 2u);
  EXPECT_EQ(reasons[0].kind(), v1::STATUS_REASON_KIND_SCHEDULE) << "the worst comes first";
  EXPECT_EQ(reasons[1].text(), "cost performance index in EUR: 0.94");
  EXPECT_EQ(ReasonText(reasons[1], Language::kFrench), "indice de performance des coûts en EUR\u00a0: 0,94");
}

TEST_F(TrafficLightTest, AnIndexOfZeroIsRedAndOneOfNothingIsUnknown) {
  v1::BudgetFigures& budget = *figures_.add_budgets();
  budget.set_currency("EUR");
  budget.set_actual("0.00");
  budget.set_planned_value("0.00");
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_GREEN);
  budget.set_actual("50.00");  // and nothing is earned
  budget.set_planned_value("100.00");
  const std::vector<v1::StatusReason> reasons = ReasonsOf(figures_);
  ASSERT_EQ(reasons.size(), 2u);
  EXPECT_EQ(reasons[0].light(), v1::TRAFFIC_LIGHT_RED);
  EXPECT_EQ(reasons[0].text(), "cost performance index in EUR: 0.00");
  EXPECT_EQ(reasons[1].light(), v1::TRAFFIC_LIGHT_RED);
}

TEST_F(TrafficLightTest, LinksAndReviewsAreAmber) {
  Collection("links", 1);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_AMBER);
  figures_.clear_collections();
  Collection("reviews", 5, 5);
  EXPECT_EQ(Light(), v1::TRAFFIC_LIGHT_AMBER);
}

TEST_F(TrafficLightTest, EveryReasonHasWordsInBothLanguages) {
  for (int kind = 1; v1::StatusReasonKind_IsValid(kind); ++kind) {
    v1::StatusReason reason;
    reason.set_kind(static_cast<v1::StatusReasonKind>(kind));
    EXPECT_NE(ReasonText(reason, Language::kEnglish), "") << kind;
    EXPECT_NE(ReasonText(reason, Language::kFrench), ReasonText(reason, Language::kEnglish)) << kind;
  }
}

TEST(LanguageTest, EveryStateThatIsCountedHasAFrenchWord) {
  for (const RecordKind& kind : RecordKinds()) {
    if (!IsCounted(kind)) continue;
    const auto& states = *kind.prototype->GetDescriptor()->FindFieldByName("state")->enum_type();
    for (int i = 1; i < states.value_count(); ++i) {
      const std::string state = ShortEnumName(*states.value(i));
      const std::string english = StateWord(state, Language::kEnglish);
      EXPECT_TRUE(StateWord(state, Language::kFrench) != english || state == "SUSPECT") << state;
    }
  }
  EXPECT_EQ(StateWord("IN_PROGRESS", Language::kEnglish), "in progress");
}

TEST(ProgressReportTest, LongListsAreCutAndSaySo) {
  ProgressFacts facts;
  facts.project.set_name("projects/apollo");
  facts.project.set_title("Apollo");
  facts.from = "2026-03-01";
  facts.to = "2026-03-07";
  for (int i = 0; i < kMaxReportLines + 5; ++i) {
    v1::Document document;
    document.set_name("projects/apollo/documents/SPC-" + std::to_string(i));
    facts.documents.Add(LineOf(nullptr, document, Language::kEnglish));
  }
  const std::string text = ProgressReportText(facts, Language::kEnglish);
  EXPECT_NE(text.find("\nAnd 5 more.\n"), std::string::npos) << text;
  EXPECT_EQ(text.find("SPC-100"), std::string::npos);
}

TEST(ProgressReportTest, FrenchNumbersHaveACommaAmountsToo) {
  ProgressFacts facts;
  v1::BudgetFigures& budget = *facts.after.mutable_figures()->add_budgets();
  budget.set_currency("EUR");
  budget.set_planned("1000.50");
  budget.set_cpi(0.625);
  const std::string text = ProgressReportText(facts, Language::kFrench);
  EXPECT_NE(text.find("| EUR | 1000,50 |  |  |  |  | 0,62 | - |"), std::string::npos) << text;
}

TEST(ProgressReportTest, AnIndexOfZeroIsTold) {
  ProgressFacts facts;
  v1::BudgetFigures& budget = *facts.after.mutable_figures()->add_budgets();
  budget.set_currency("EUR");
  budget.set_actual("50.00");
  const std::string text = ProgressReportText(facts, Language::kEnglish);
  EXPECT_NE(text.find("| 0.00 | - |"), std::string::npos) << text;
}

TEST(ProgressReportTest, WhatIsLateIsCountedAlsoWhereItIsNotShown) {
  ProgressFacts facts;
  facts.after.add_late()->set_name("projects/apollo/actions/ACT-1");
  v1::CollectionFigures& actions = *facts.after.mutable_figures()->add_collections();
  actions.set_collection("actions");
  actions.set_late_count(7);
  EXPECT_NE(ProgressReportText(facts, Language::kEnglish).find("\nAnd 6 more.\n"), std::string::npos);
}

}  // namespace
}  // namespace greffe
