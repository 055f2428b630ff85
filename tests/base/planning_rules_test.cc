// Rules of deliverables, milestones and what they leave behind.
#include <gtest/gtest.h>

#include "storage/base/acceptance_record.h"
#include "storage/base/deliverable_rules.h"
#include "storage/base/due_dates.h"
#include "storage/base/errors.h"
#include "storage/base/slip_trend.h"

namespace greffe {
namespace {

v1::Deliverable Planned(const std::string& date) {
  v1::Deliverable deliverable;
  deliverable.set_name("projects/apollo/deliverables/DLV-0001");
  deliverable.set_title("Pumps");
  deliverable.set_responsible("ada");
  deliverable.set_planned_date(date);
  return deliverable;
}

v1::DateChange On(const std::string& date) {
  v1::DateChange change;
  change.set_date(date);
  return change;
}

TEST(DueDatesTest, TheDaysOfAllSlipsAddUpToTheWholeDelay) {
  v1::Deliverable deliverable = Planned("2026-03-01");
  deliverable.set_state(v1::DELIVERABLE_STATE_IN_PROGRESS);
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_FORECAST, "2026-03-11", On("2026-02-01")).ok());
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_PLANNED, "2026-03-11", On("2026-02-08")).ok());
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_FORECAST, "2026-03-09", On("2026-02-15")).ok());
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_FORECAST, "", On("2026-02-16")).ok());
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_ACTUAL, "2026-03-13", On("2026-03-14")).ok());
  ComputeDeliverable(deliverable);
  ASSERT_EQ(deliverable.slips_size(), 5);
  EXPECT_EQ(deliverable.slips(1).days(), 0) << "the plan came to where the forecast was";
  EXPECT_EQ(deliverable.slips(1).from(), "2026-03-01");
  EXPECT_EQ(deliverable.slips(4).from(), "2026-03-11") << "what was due";
  EXPECT_EQ(deliverable.slip_days(), 12);
  EXPECT_EQ(deliverable.slip_marks_size(), 4) << "what did not move is not counted";
  EXPECT_EQ(deliverable.slip_marks(0), "2026-02-01 1 10");
  EXPECT_EQ(deliverable.slip_marks(1), "2026-02-15 3 -2");
}

TEST(DueDatesTest, FirstDatesAreNoSlips) {
  v1::Deliverable deliverable = Planned("");
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_FORECAST, "2026-03-11", On("2026-02-01")).ok());
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_PLANNED, "2026-03-11", On("2026-02-01")).ok());
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_FORECAST, "2026-03-11", On("2026-02-02")).ok());
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_ACTUAL, "2026-03-11", On("2026-03-12")).ok());
  EXPECT_EQ(deliverable.slips_size(), 0);
}

TEST(DueDatesTest, AFirstPlanAfterTheForecastIsASlip) {
  v1::Deliverable deliverable = Planned("");
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_FORECAST, "2027-01-01", On("2026-02-01")).ok());
  ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_PLANNED, "2027-03-01", On("2026-02-02")).ok());
  ASSERT_EQ(deliverable.slips_size(), 1);
  EXPECT_EQ(deliverable.slips(0).from(), "2027-01-01") << "what was due";
  EXPECT_EQ(deliverable.slips(0).days(), 59);
}

TEST(DueDatesTest, ADateThatCameBackCountsFromWhatWasDueBefore) {
  v1::Deliverable deliverable = Planned("");
  for (const char* forecast : {"2026-01-10", "", "2026-06-10"}) {
    ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_FORECAST, forecast, On("2026-01-01")).ok());
  }
  ComputeDeliverable(deliverable);
  EXPECT_EQ(deliverable.slip_days(), 151);
  ASSERT_EQ(deliverable.slips_size(), 2);
  EXPECT_EQ(deliverable.slips(0).from(), "2026-01-10");
  EXPECT_EQ(deliverable.slips(0).to(), "");
}

TEST(DueDatesTest, AsManySlipsAsAreKept) {
  v1::Deliverable deliverable = Planned("2026-01-01");
  for (int i = 0; i < kMaxSlips; ++i) {
    ASSERT_TRUE(MoveDate(deliverable, v1::DATE_KIND_FORECAST, AddDays("2026-01-02", i), On("2026-01-01")).ok());
  }
  EXPECT_EQ(ReasonOf(MoveDate(deliverable, v1::DATE_KIND_FORECAST, "2031-01-01", On("2026-01-01"))), "TOO_MANY_SLIPS");
  EXPECT_TRUE(MoveDate(deliverable, v1::DATE_KIND_ACTUAL, "2032-01-01", On("2026-01-01")).ok()) << "it can be closed";
  ASSERT_EQ(deliverable.slips_size(), kMaxSlips + 1);
  EXPECT_EQ(deliverable.slips(kMaxSlips).kind(), v1::DATE_KIND_ACTUAL);
}

TEST(DueDatesTest, LongReasonsStopBeforeTheRecordIsFull) {
  v1::Deliverable deliverable = Planned("2026-01-01");
  v1::DateChange change = On("2026-01-01");
  change.set_reason(std::string(8000, 'x'));
  absl::Status moved;
  int slips = 0;
  for (; slips < kMaxSlips && moved.ok(); ++slips) {
    moved = MoveDate(deliverable, v1::DATE_KIND_FORECAST, AddDays("2026-01-02", slips), change);
  }
  EXPECT_EQ(ReasonOf(moved), "RECORD_FULL");
  EXPECT_GT(slips, 150);
  EXPECT_TRUE(MoveDate(deliverable, v1::DATE_KIND_ACTUAL, "2027-01-01", change).ok()) << "it can be closed";
}

TEST(DeliverableRulesTest, LimitsAreNamed) {
  const auto field_of = [](const v1::Deliverable& deliverable) {
    return std::string(ValidateDeliverable(deliverable, "apollo", "deliverable").message());
  };
  v1::Deliverable deliverable = Planned("2026-03-01");
  EXPECT_TRUE(ValidateDeliverable(deliverable, "apollo", "deliverable").ok());
  deliverable.add_documents("projects/apollo/documents/SPC-0001");
  deliverable.add_documents("projects/apollo/documents/SPC-0001");
  EXPECT_NE(field_of(deliverable).find("is there twice"), std::string::npos);
  deliverable.clear_documents();
  for (int i = 0; i < 51; ++i) deliverable.add_acceptance_criteria("works");
  EXPECT_NE(field_of(deliverable).find("51 of them"), std::string::npos);
  deliverable.clear_acceptance_criteria();
  deliverable.clear_title();
  EXPECT_FALSE(ValidateDeliverable(deliverable, "apollo", "deliverable").ok());
}

TEST(DeliverableRulesTest, AnArchivedOneStaysAccepted) {
  v1::Deliverable deliverable = Planned("2026-03-01");
  deliverable.set_state(v1::DELIVERABLE_STATE_ARCHIVED);
  EXPECT_FALSE(IsAccepted(deliverable));
  deliverable.add_submissions()->mutable_acceptance()->set_outcome(v1::ACCEPTANCE_OUTCOME_REJECTED);
  EXPECT_FALSE(IsAccepted(deliverable));
  deliverable.add_submissions()->mutable_acceptance()->set_outcome(v1::ACCEPTANCE_OUTCOME_ACCEPTED);
  EXPECT_TRUE(IsAccepted(deliverable));
}

TEST(SlipTrendTest, CountsByWeekAndMonth) {
  EXPECT_EQ(StartOfPeriod("2026-03-04", v1::SLIP_PERIOD_WEEK), "2026-03-02");
  EXPECT_EQ(StartOfPeriod("2026-03-02", v1::SLIP_PERIOD_UNSPECIFIED), "2026-03-02");
  EXPECT_EQ(StartOfPeriod("2026-03-01", v1::SLIP_PERIOD_WEEK), "2026-02-23");
  EXPECT_EQ(StartOfPeriod("2026-03-31", v1::SLIP_PERIOD_MONTH), "2026-03-01");
  auto counter = SlipTrendCounter::Make("2026-01-31", "2026-03-01", v1::SLIP_PERIOD_MONTH);
  ASSERT_TRUE(counter.ok()) << counter.status();
  counter->Count("2026-01-31 1 5", "DLV-0001");
  counter->Count("2026-01-31 2 -3", "DLV-0001");
  counter->Count("2026-01-31 9 1", "DLV-0002");
  counter->Count("2026-03-01 4 7", "DLV-0001");
  const v1::SlipTrend trend = counter->Finish();
  ASSERT_EQ(trend.periods_size(), 3);
  EXPECT_EQ(trend.periods(0).slip_count(), 3);
  EXPECT_EQ(trend.periods(0).deliverable_count(), 2);
  EXPECT_EQ(trend.periods(0).days_lost(), 6);
  EXPECT_EQ(trend.periods(0).days_gained(), 3);
  EXPECT_EQ(trend.periods(1).start_date(), "2026-02-01");
  EXPECT_EQ(trend.periods(1).slip_count(), 0);
  EXPECT_EQ(trend.periods(2).days_lost(), 7);
}

TEST(SlipTrendTest, RangesAreBounded) {
  const auto reason = [](const std::string& from, const std::string& to) {
    return ReasonOf(SlipTrendCounter::Make(from, to, v1::SLIP_PERIOD_WEEK).status());
  };
  EXPECT_EQ(reason("2026-03-02", "2026-03-01"), "DATES_OUT_OF_ORDER");
  EXPECT_EQ(reason("2006-03-02", "2026-03-01"), "RANGE_TOO_LARGE");
  EXPECT_EQ(reason("x", "2026-03-01"), "DATE_INVALID");
  auto weeks = SlipTrendCounter::Make("9999-12-19", "9999-12-31", v1::SLIP_PERIOD_WEEK);
  ASSERT_TRUE(weeks.ok()) << weeks.status();
  const v1::SlipTrend last = weeks->Finish();  // time ends there
  ASSERT_EQ(last.periods_size(), 3);
  EXPECT_EQ(last.periods(2).start_date(), "9999-12-27");
  auto months = SlipTrendCounter::Make("9999-12-01", "9999-12-31", v1::SLIP_PERIOD_MONTH);
  ASSERT_TRUE(months.ok()) << months.status();
  EXPECT_EQ(months->Finish().periods_size(), 1);
}

TEST(AcceptanceRecordTest, SaysWhatWasAcceptedByWhomAndHow) {
  v1::Project project;
  project.set_name("projects/apollo");
  project.set_title("Apollo *1*");
  v1::Deliverable deliverable = Planned("2026-03-01");
  deliverable.add_acceptance_criteria("works\nwell");
  v1::Submission& submission = *deliverable.add_submissions();
  submission.set_date("2026-02-27");
  submission.set_principal("ada");
  v1::SubmittedVersion& version = *submission.add_versions();
  version.set_version("projects/apollo/documents/SPC-0001/versions/3");
  version.set_manifest_sha256("abc");
  version.set_title("Pump | flow");
  version.set_revision("B");
  submission.mutable_acceptance()->set_date("2026-03-02");
  v1::Principal acceptor;
  acceptor.set_id("grace");
  acceptor.set_display_name("Grace Hopper");
  EXPECT_EQ(AcceptanceRecordText(project, deliverable, acceptor, {}, Language::kEnglish),
            "# Acceptance record: Pumps\n"
            "\n"
            "- Project: apollo, Apollo \\*1\\*\n"
            "- Deliverable: DLV-0001, Pumps\n"
            "- Submitted: 2026-02-27, by ada\n"
            "- Accepted: 2026-03-02, by Grace Hopper (grace)\n"
            "- Outcome: **accepted**\n"
            "\n"
            "## Versions\n"
            "\n"
            "| Document | Version | Revision | Title | SHA-256 of the manifest |\n"
            "| --- | --- | --- | --- | --- |\n"
            "| SPC-0001 | 3 | B | Pump \\| flow | abc |\n"
            "\n"
            "## Acceptance criteria\n"
            "\n"
            "- works well\n"
            "\n"
            "## Reservations\n"
            "\n"
            "None.\n");
  EXPECT_EQ(AcceptanceRecordTitle(deliverable, Language::kFrench), "Procès-verbal de recette\u00a0: Pumps");
  EXPECT_EQ(ReasonOf(ParseLanguage("de", "language").status()), "LANGUAGE_UNKNOWN");
}

}  // namespace
}  // namespace greffe
