#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <random>
#include <tuple>

#include "google/protobuf/util/json_util.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/amounts.h"
#include "storage/base/civil_date.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_kinds.h"
#include "storage/base/register_entry.h"
#include "storage/base/register_rules.h"
#include "tests/scenario/fake_clock.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

using google::protobuf::Message;
using google::protobuf::util::MessageDifferencer;

constexpr Micros kDay = Micros{24} * 3600 * 1'000'000;

class ReportsTest : public ServiceFixture {
 protected:
  using Stub = v1::Reports::Stub;

  void SetUp() override {
    clock_ = &clock_of_test_;
    ServiceFixture::SetUp();
    MakeProject();
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  void NextDays(int days) { clock_of_test_.Set(clock_of_test_.Now() + days * kDay); }
  std::string Today() { return DateAt(clock_of_test_.Now(), "UTC"); }

  v1::Entry Add(const std::string& json) {
    v1::CreateEntryRequest request;
    request.set_parent(kProject);
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(json, request.mutable_entry()).ok()) << json;
    v1::Entry entry = Call(*registers_, &v1::Registers::Stub::CreateEntry, request);
    EXPECT_TRUE(status_.ok()) << status_.error_message() << " in " << json;
    return entry;
  }
  void Move(const std::string& id, const std::string& state) {
    v1::TransitionEntryRequest request;
    request.set_name(std::string(kProject) + "/" + id);
    request.set_state(state);
    request.set_comment("because");
    Call(*registers_, &v1::Registers::Stub::TransitionEntry, request);
  }
  v1::Deliverable Plan(const std::string& title, const std::string& date) {
    v1::CreateDeliverableRequest request;
    request.set_parent(kProject);
    request.mutable_deliverable()->set_title(title);
    request.mutable_deliverable()->set_planned_date(date);
    return Call(*deliverables_, &v1::Deliverables::Stub::CreateDeliverable, request);
  }
  void Forecast(const std::string& id, const std::string& date) {
    v1::ForecastDeliverableRequest request;
    request.set_name(std::string(kProject) + "/deliverables/" + id);
    request.set_forecast_date(date);
    request.set_reason("the supplier is late");
    Call(*deliverables_, &v1::Deliverables::Stub::ForecastDeliverable, request);
  }
  void Submit(const std::string& id, const std::string& document) {
    v1::StartDeliverableRequest begin;
    begin.set_name(std::string(kProject) + "/deliverables/" + id);
    Call(*deliverables_, &v1::Deliverables::Stub::StartDeliverable, begin);
    v1::SubmitDeliverableRequest request;
    request.set_name(begin.name());
    request.add_versions(document + "/versions/latest");
    Call(*deliverables_, &v1::Deliverables::Stub::SubmitDeliverable, request);
  }
  void Accept(const std::string& id) {
    v1::AcceptDeliverableRequest request;
    request.set_name(std::string(kProject) + "/deliverables/" + id);
    Call(*deliverables_, &v1::Deliverables::Stub::AcceptDeliverable, request);
  }
  void Reject(const std::string& id) {
    v1::RejectDeliverableRequest request;
    request.set_name(std::string(kProject) + "/deliverables/" + id);
    request.set_comment("not complete");
    Call(*deliverables_, &v1::Deliverables::Stub::RejectDeliverable, request);
  }
  void Release(const std::string& document) {
    v1::ReleaseVersionRequest request;
    request.set_name(document + "/versions/latest");
    Call(*versions_, &v1::Versions::Stub::ReleaseVersion, request);
  }

  v1::ProjectStatus Status(const v1::AsOf& as_of = {}, int items = 10) {
    v1::GetProjectStatusRequest request;
    request.set_name(kProject);
    *request.mutable_as_of() = as_of;
    request.set_item_limit(items);
    return Call(*reports_, &Stub::GetProjectStatus, request);
  }
  v1::ProjectStatus StatusAt(std::int64_t sequence) {
    v1::AsOf as_of;
    as_of.set_sequence(sequence);
    return Status(as_of);
  }
  v1::ProgressReport Report(const std::string& from, const std::string& to, const std::string& language = "en") {
    v1::GetProgressReportRequest request;
    request.set_name(kProject);
    request.set_from_date(from);
    request.set_to_date(to);
    request.set_language(language);
    return Call(*reports_, &Stub::GetProgressReport, request);
  }
  std::int64_t Sequence() {
    v1::GetProjectRequest request;
    request.set_name(kProject);
    return Call(*projects_, &v1::Projects::Stub::GetProject, request).sequence();
  }

  // All records of a collection at a sequence, by the lists of its service.
  std::vector<RecordPtr> ListAt(const RecordKind& kind, std::int64_t sequence) {
    std::vector<RecordPtr> records;
    const auto take = [&records](const Message& message) {
      records.emplace_back(message.New());
      records.back()->CopyFrom(message);
    };
    const auto ask = [sequence](auto request, const std::string& parent) {
      request.set_parent(parent);
      request.set_page_size(1000);
      request.mutable_as_of()->set_sequence(sequence);
      return request;
    };
    if (IsRegister(kind)) {
      const auto request = ask(v1::ListEntriesRequest(), std::string(kProject) + "/" + kind.collection);
      const auto page = Call(*registers_, &v1::Registers::Stub::ListEntries, request);
      for (const v1::Entry& entry : page.entries()) take(**EntryIn(entry, ""));
    } else if (kind.collection == "deliverables") {
      const auto request = ask(v1::ListDeliverablesRequest(), kProject);
      const auto page = Call(*deliverables_, &v1::Deliverables::Stub::ListDeliverables, request);
      for (const auto& one : page.deliverables()) take(one);
    } else if (kind.collection == "milestones") {
      const auto request = ask(v1::ListMilestonesRequest(), kProject);
      const auto page = Call(*milestones_, &v1::Milestones::Stub::ListMilestones, request);
      for (const auto& one : page.milestones()) take(one);
    } else if (kind.collection == "reviews") {
      const auto request = ask(v1::ListReviewsRequest(), kProject);
      const auto page = Call(*reviews_, &v1::Reviews::Stub::ListReviews, request);
      for (const auto& one : page.reviews()) take(one);
    } else if (kind.collection == "links") {
      const auto request = ask(v1::ListLinksRequest(), kProject);
      const auto page = Call(*trace_, &v1::Trace::Stub::ListLinks, request);
      for (const auto& one : page.links()) take(one);
    }
    return records;
  }

  static std::string DueOf(const Message& record) {
    const auto* field = record.GetDescriptor()->FindFieldByName("open_due_date");
    return field == nullptr ? "" : record.GetReflection()->GetString(record, field);
  }

  // Holds the status at a sequence against what the lists say.
  void CheckAgainstLists(std::int64_t sequence) {
    SCOPED_TRACE("sequence " + std::to_string(sequence));
    const v1::ProjectStatus status = StatusAt(sequence);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    const std::string soon = AddDays(status.date(), 15);
    v1::ListDocumentsRequest request;
    request.set_parent(kProject);
    request.set_page_size(1000);
    request.mutable_as_of()->set_sequence(sequence);
    std::map<std::pair<std::string, int>, std::int64_t> documents;
    std::int64_t released = 0;
    const v1::ListDocumentsResponse page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
    for (const v1::Document& document : page.documents()) {
      ++documents[{document.type(), document.latest_version().state()}];
      released += document.released_version() > 0 ? 1 : 0;
    }
    std::map<std::pair<std::string, int>, std::int64_t> told;
    for (const auto& count : status.figures().documents()) told[{count.type(), count.state()}] = count.count();
    EXPECT_EQ(told, documents);
    EXPECT_EQ(status.figures().released_count(), released);
    request.set_filter("state = WITHDRAWN");
    const int withdrawn = Call(*documents_, &v1::Documents::Stub::ListDocuments, request).documents_size();
    EXPECT_EQ(status.figures().withdrawn_count(), withdrawn);

    std::vector<std::tuple<std::string, std::string>> late_items;
    std::vector<std::tuple<std::string, std::string>> soon_items;
    for (const RecordKind& kind : RecordKinds()) {
      std::map<std::string, std::int64_t> states;
      std::int64_t late = 0;
      std::int64_t due_soon = 0;
      const std::vector<RecordPtr> records = ListAt(kind, sequence);
      for (const RecordPtr& record : records) {
        ++states[StateText(*record)];
        const std::string due = DueOf(*record);
        if (due.empty()) continue;
        if (due < status.date()) {
          ++late;
          late_items.emplace_back(due, NameOf(*record));
        } else if (due < soon) {
          ++due_soon;
          soon_items.emplace_back(due, NameOf(*record));
        }
      }
      const auto& collections = status.figures().collections();
      const auto found = std::find_if(collections.begin(), collections.end(),
                                      [&kind](const auto& of) { return of.collection() == kind.collection; });
      EXPECT_EQ(found != collections.end(), !records.empty()) << kind.collection;
      if (found == collections.end()) continue;
      std::map<std::string, std::int64_t> told_states;
      for (const auto& count : found->states()) told_states[count.state()] = count.count();
      EXPECT_EQ(told_states, states) << kind.collection;
      EXPECT_EQ(found->late_count(), late) << kind.collection;
      EXPECT_EQ(found->due_soon_count(), due_soon) << kind.collection;
      if (kind.collection == "deliverables") CheckDeliverables(records, status.figures());
      if (kind.collection == "risks") CheckRisks(records, status.figures());
      if (kind.collection == "budgetLines") CheckBudget(records, status);
      if (kind.collection == "reviews") CheckReviews(records, status.figures());
    }
    CheckItems(status.late(), late_items);
    CheckItems(status.due_soon(), soon_items);
  }

  static void CheckItems(const google::protobuf::RepeatedPtrField<v1::DueItem>& told,
                         std::vector<std::tuple<std::string, std::string>> expected) {
    ASSERT_EQ(told.size(), std::min<int>(10, static_cast<int>(expected.size())));
    std::sort(expected.begin(), expected.end());
    for (int i = 0; i < told.size(); ++i) {
      EXPECT_EQ(told[i].due_date(), std::get<0>(expected[static_cast<std::size_t>(i)]));
      EXPECT_NE(std::find(expected.begin(), expected.end(), std::make_tuple(told[i].due_date(), told[i].name())),
                expected.end());
    }
  }
  static void CheckDeliverables(const std::vector<RecordPtr>& records, const v1::StatusFigures& figures) {
    std::int64_t decided = 0;
    std::int64_t first = 0;
    std::int64_t slip_days = 0;
    for (const RecordPtr& record : records) {
      const auto& deliverable = static_cast<const v1::Deliverable&>(*record);
      slip_days += deliverable.slip_days();
      for (const auto& submission : deliverable.submissions()) {
        if (!submission.has_acceptance()) continue;
        ++decided;
        first += submission.acceptance().outcome() != v1::ACCEPTANCE_OUTCOME_REJECTED ? 1 : 0;
        break;
      }
    }
    EXPECT_EQ(figures.decided_deliverable_count(), decided);
    EXPECT_EQ(figures.first_time_accepted_count(), first);
    EXPECT_EQ(figures.deliverable_slips().slip_days(), slip_days);
  }
  static void CheckRisks(const std::vector<RecordPtr>& records, const v1::StatusFigures& figures) {
    std::map<int, std::int64_t> scores;
    for (const RecordPtr& record : records) {
      if (!IsClosed(*record)) ++scores[static_cast<const v1::Risk&>(*record).score()];
    }
    std::map<int, std::int64_t> told;
    for (const auto& score : figures.risks()) told[score.score()] = score.count();
    EXPECT_EQ(told, scores);
  }
  static void CheckBudget(const std::vector<RecordPtr>& records, const v1::ProjectStatus& status) {
    std::map<std::string, EarnedValue> sums;
    for (const RecordPtr& record : records) {
      const auto& line = static_cast<const v1::BudgetLine&>(*record);
      if (line.state() == v1::BUDGET_LINE_STATE_CANCELLED) continue;
      const EarnedValue value = EarnedValueOf(line, status.date());
      EarnedValue& sum = sums[line.currency()];
      sum.budget += value.budget;
      sum.planned_value += value.planned_value;
      sum.earned_value += value.earned_value;
      sum.scheduled_earned_value += value.scheduled_earned_value;
      sum.actual_cost += value.actual_cost;
      sum.forecast += value.forecast;
    }
    for (const v1::BudgetFigures& budget : status.figures().budgets()) {
      const EarnedValue& sum = sums[budget.currency()];
      EXPECT_EQ(budget.planned(), FormatAmount(sum.budget, 2));
      EXPECT_EQ(budget.planned_value(), FormatAmount(sum.planned_value, 2));
      EXPECT_EQ(budget.earned_value(), FormatAmount(sum.earned_value, 2));
      EXPECT_EQ(budget.variance(), FormatAmount(sum.forecast - sum.budget, 2));
      EXPECT_EQ(budget.schedule_variance(), FormatAmount(sum.scheduled_earned_value - sum.planned_value, 2));
      EXPECT_EQ(budget.cost_variance(), FormatAmount(sum.earned_value - sum.actual_cost, 2));
    }
  }
  static void CheckReviews(const std::vector<RecordPtr>& records, const v1::StatusFigures& figures) {
    std::int64_t decided = 0;
    double seconds = 0;
    for (const RecordPtr& record : records) {
      const auto& review = static_cast<const v1::Review&>(*record);
      if (review.state() != v1::REVIEW_STATE_APPROVED && review.state() != v1::REVIEW_STATE_REJECTED) continue;
      ++decided;
      seconds += static_cast<double>(review.end().time().seconds() - review.create_time().seconds());
    }
    EXPECT_EQ(figures.decided_review_count(), decided);
    if (decided > 0) {
      EXPECT_NEAR(figures.review_turnaround_hours(), seconds / 3600 / static_cast<double>(decided), 0.01);
    }
  }

  // Everything that a project does, some of it refused, over some months.
  void Live(int steps) {
    std::mt19937 random(5);
    const auto below = [&random](int n) { return static_cast<int>(random() % static_cast<unsigned>(n)); };
    const auto day = [&] { return AddDays(Today(), below(120) - 40); };
    const auto later = [&](int days) { return AddDays(Today(), below(days)); };
    const auto id = [&](const char* prefix) {
      const int n = 1 + below(8);
      return std::string(prefix) + "-000" + std::to_string(n);
    };
    int documents = 0;
    const auto document = [&] { return std::string(kProject) + "/documents/" + id("SPC"); };
    const std::vector<std::function<void()>> acts = {
        [&] { CheckIn(NewAt("d" + std::to_string(documents++) + ".md", "one")); },
        [&] { CheckIn(Next(id("SPC"), "text " + std::to_string(below(1000)))); },
        [&] { Release(document()); },
        [&] {
          v1::WithdrawDocumentRequest request;
          request.set_name(document());
          if (below(3) == 0) Call(*documents_, &v1::Documents::Stub::WithdrawDocument, request);
        },
        [&] { Plan("Pump", day()); },
        [&] { Forecast(id("DLV"), day()); },
        [&] { Submit(id("DLV"), document()); },
        [&] { Accept(id("DLV")); },
        [&] { Reject(id("DLV")); },
        [&] {
          v1::CreateMilestoneRequest request;
          request.set_parent(kProject);
          request.mutable_milestone()->set_title("Gate");
          request.mutable_milestone()->set_planned_date(day());
          Call(*milestones_, &v1::Milestones::Stub::CreateMilestone, request);
        },
        [&] {
          v1::ForecastMilestoneRequest request;
          request.set_name(std::string(kProject) + "/milestones/" + id("MST"));
          request.set_forecast_date(day());
          Call(*milestones_, &v1::Milestones::Stub::ForecastMilestone, request);
        },
        [&] {
          v1::CreateReviewRequest request;
          request.set_parent(kProject);
          request.mutable_review()->set_version(document() + "/versions/latest");
          v1::ReviewStep& step = *request.mutable_review()->add_steps();
          step.add_reviewers()->set_principal("bob");
          step.set_due_date(later(20));
          Call(*reviews_, &v1::Reviews::Stub::CreateReview, request);
        },
        [&] {
          v1::SubmitDecisionRequest request;
          request.set_name(std::string(kProject) + "/reviews/" + id("RVW"));
          request.set_outcome(below(3) == 0 ? v1::REVIEW_OUTCOME_REJECTED : v1::REVIEW_OUTCOME_APPROVED);
          request.set_comment("seen");
          principal_ = "bob";
          Call(*reviews_, &v1::Reviews::Stub::SubmitDecision, request);
          principal_ = "ada";
        },
        [&] { Add(R"({"action": {"title": "Call", "dueDate": ")" + day() + R"("}})"); },
        [&] { Move("actions/" + id("ACT"), below(2) == 0 ? "DONE" : "OPEN"); },
        [&] {
          Add(R"({"risk": {"title": "Late", "probability": )" + std::to_string(1 + below(5)) + R"(, "impact": )" +
              std::to_string(1 + below(5)) + "}}");
        },
        [&] { Move("risks/" + id("RISK"), below(2) == 0 ? "CLOSED" : "TREATED"); },
        [&] { Add(R"({"issue": {"title": "Leak", "severity": "SEVERITY_HIGH", "dueDate": ")" + day() + R"("}})"); },
        [&] { Move("issues/" + id("ISS"), "RESOLVED"); },
        [&] {
          // 31 days or none: what has gone by is a whole number of cents.
          const std::string start = AddDays(Today(), below(60) - 30);
          const std::string dates =
              below(2) == 0 ? "" : R"(, "startDate": ")" + start + R"(", "endDate": ")" + AddDays(start, 30) + R"(")";
          Add(R"({"budgetLine": {"title": "Pumps", "currency": ")" + std::string(below(3) == 0 ? "USD" : "EUR") +
              R"(", "planned": ")" + std::to_string(31 * below(100)) + R"(", "actual": ")" +
              std::to_string(below(2000)) + R"(", "percentComplete": )" + std::to_string(below(101)) + dates + "}}");
        },
        [&] { Move("budgetLines/" + id("BGL"), below(4) == 0 ? "CANCELLED" : "APPROVED"); },
        [&] {
          v1::CreateLinkRequest request;
          request.set_parent(kProject);
          request.mutable_link()->set_type(v1::LINK_TYPE_RELATES_TO);
          request.mutable_link()->set_from(document());
          request.mutable_link()->set_to(document());
          Call(*trace_, &v1::Trace::Stub::CreateLink, request);
        },
        [&] { NextDays(1 + below(3)); },
    };
    principal_ = "ada";
    for (int i = 0; i < steps; ++i) acts[static_cast<std::size_t>(below(static_cast<int>(acts.size())))]();
  }

  FakeClock clock_of_test_{FakeClock::MorningOf(2026, 3, 2)};
};

TEST_F(ReportsTest, AnEmptyProjectIsGreen) {
  const v1::ProjectStatus status = Status();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(status.light(), v1::TRAFFIC_LIGHT_GREEN);
  EXPECT_EQ(status.date(), "2026-03-02");
  EXPECT_EQ(status.reasons_size(), 0);
  EXPECT_EQ(status.figures().collections_size(), 0);
}

TEST_F(ReportsTest, FiguresAreWhatTheListsSayAtEverySequenceAndFromAnIndexMadeAnew) {
  Live(320);
  const std::int64_t last = Sequence();
  ASSERT_GT(last, 120);
  for (std::int64_t sequence = 1; sequence <= last; ++sequence) CheckAgainstLists(sequence);
  std::vector<std::string> told;
  for (std::int64_t sequence = 1; sequence <= last; ++sequence) told.push_back(StatusAt(sequence).SerializeAsString());
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  for (std::int64_t sequence = 1; sequence <= last; ++sequence) {
    EXPECT_EQ(StatusAt(sequence).SerializeAsString(), told[static_cast<std::size_t>(sequence - 1)]) << sequence;
  }
}

TEST_F(ReportsTest, OnlyBudgetLinesWithDaysAreBehindSchedule) {
  const auto line = [](const std::string& days) {
    return R"({"budgetLine": {"title": "Pumps", "currency": "EUR", "planned": "1000", "percentComplete": 0)" + days +
           "}}";
  };
  Add(line(""));
  Add(R"({"budgetLine": {"title": "Done", "currency": "EUR", "planned": "300", "percentComplete": 100}})");
  v1::ProjectStatus status = Status();
  EXPECT_EQ(status.light(), v1::TRAFFIC_LIGHT_GREEN) << status.ShortDebugString();
  v1::BudgetFigures budget = status.figures().budgets(0);
  EXPECT_EQ(budget.planned_value(), "0.00");
  EXPECT_EQ(budget.schedule_variance(), "0.00");
  EXPECT_EQ(budget.earned_value(), "300.00");
  Add(line(", \"startDate\": \"" + AddDays(Today(), -9) + R"(", "endDate": ")" + AddDays(Today(), -1) + "\""));
  status = Status();
  EXPECT_EQ(status.light(), v1::TRAFFIC_LIGHT_RED);
  ASSERT_EQ(status.reasons_size(), 1) << status.ShortDebugString();
  EXPECT_EQ(status.reasons(0).kind(), v1::STATUS_REASON_KIND_SCHEDULE);
  budget = status.figures().budgets(0);
  EXPECT_EQ(budget.planned_value(), "1000.00");
  EXPECT_EQ(budget.schedule_variance(), "-1000.00") << "what is earned without days makes nothing up";
  EXPECT_EQ(budget.spi(), 0);
}

TEST_F(ReportsTest, WhatIsLateDependsOnTheMoment) {
  Add(R"({"action": {"title": "Call", "dueDate": "2026-03-10", "owner": "bob"}})");
  EXPECT_EQ(Status().due_soon_size(), 1);
  EXPECT_EQ(Status().light(), v1::TRAFFIC_LIGHT_GREEN);
  v1::AsOf later;
  *later.mutable_time() = ToTimestamp(FakeClock::MorningOf(2026, 3, 11));
  const v1::ProjectStatus status = Status(later);
  ASSERT_EQ(status.late_size(), 1);
  EXPECT_EQ(status.late(0).name(), "projects/apollo/actions/ACT-0001");
  EXPECT_EQ(status.late(0).owner(), "bob");
  EXPECT_EQ(status.light(), v1::TRAFFIC_LIGHT_RED) << "all of the open ones are overdue";
  EXPECT_EQ(status.reasons(0).text(), "overdue actions: 1 of 1 open");
  NextDays(9);
  Move("actions/ACT-0001", "DONE");
  EXPECT_EQ(Status().light(), v1::TRAFFIC_LIGHT_GREEN);
  v1::AsOf before;
  *before.mutable_time() = ToTimestamp(FakeClock::MorningOf(2026, 3, 5));
  EXPECT_EQ(Status(before).due_soon_size(), 1);
}

TEST_F(ReportsTest, ADayEndsInEachProjectsTimeZone) {
  v1::CreateProjectRequest tokyo;
  tokyo.set_project_id("tokyo");
  tokyo.mutable_project()->set_title("Tokyo");
  tokyo.mutable_project()->set_time_zone("Asia/Tokyo");
  Call(*projects_, &v1::Projects::Stub::CreateProject, tokyo);
  clock_of_test_.Set(clock_of_test_.Now() + kDay / 3);  // 16:00 UTC on 2 March, the next day in Tokyo
  for (const char* project : {"projects/apollo", "projects/tokyo"}) {
    v1::CreateEntryRequest request;
    request.set_parent(project);
    request.mutable_entry()->mutable_action()->set_title("Call");
    request.mutable_entry()->mutable_action()->set_due_date("2026-03-02");
    Call(*registers_, &v1::Registers::Stub::CreateEntry, request);
  }
  v1::ListPortfolioRequest request;
  request.set_date("2026-03-02");
  v1::ListPortfolioResponse portfolio = Call(*reports_, &Stub::ListPortfolio, request);
  ASSERT_EQ(portfolio.projects_size(), 2) << status_.error_message();
  EXPECT_EQ(portfolio.projects(0).date(), "2026-03-02");
  EXPECT_EQ(portfolio.projects(0).figures().collections_size(), 1);
  EXPECT_EQ(portfolio.projects(1).date(), "2026-03-02");
  EXPECT_EQ(portfolio.projects(1).figures().collections_size(), 0) << "the action came on the day after";
  request.set_date("2026-03-03");
  portfolio = Call(*reports_, &Stub::ListPortfolio, request);
  EXPECT_EQ(portfolio.projects(1).figures().collections(0).late_count(), 1);

  v1::GetProjectStatusRequest one;
  one.set_name("projects/tokyo");
  one.set_date("2026-03-02");
  EXPECT_EQ(Call(*reports_, &Stub::GetProjectStatus, one).sequence(), 1);
  one.mutable_as_of()->set_sequence(1);
  Call(*reports_, &Stub::GetProjectStatus, one);
  EXPECT_EQ(Field(), "date") << "one moment at a time";
  one.clear_as_of();
  one.set_date("2026-02-30");
  Call(*reports_, &Stub::GetProjectStatus, one);
  EXPECT_EQ(Reason(), "DATE_INVALID");
}

TEST_F(ReportsTest, ThePortfolioHasTheSameOfAllProjects) {
  Live(60);
  NextDays(10);
  MakeProject("zeus");
  v1::ListPortfolioRequest request;
  v1::ListPortfolioResponse portfolio = Call(*reports_, &Stub::ListPortfolio, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(portfolio.projects_size(), 2);
  EXPECT_TRUE(MessageDifferencer::Equals(portfolio.projects(0), Status({}, 0)));
  EXPECT_EQ(portfolio.projects(1).project(), "projects/zeus");
  EXPECT_EQ(portfolio.projects(1).light(), v1::TRAFFIC_LIGHT_GREEN);

  request.set_page_size(1);
  portfolio = Call(*reports_, &Stub::ListPortfolio, request);
  ASSERT_EQ(portfolio.projects_size(), 1);
  request.set_page_token(portfolio.next_page_token());
  portfolio = Call(*reports_, &Stub::ListPortfolio, request);
  ASSERT_EQ(portfolio.projects_size(), 1);
  EXPECT_EQ(portfolio.projects(0).project(), "projects/zeus");
  EXPECT_EQ(portfolio.next_page_token(), "");

  request.Clear();
  *request.mutable_as_of()->mutable_time() = ToTimestamp(FakeClock::MorningOf(2026, 3, 2) + 3600);
  portfolio = Call(*reports_, &Stub::ListPortfolio, request);
  ASSERT_EQ(portfolio.projects_size(), 1) << "the other one came later";
  EXPECT_TRUE(MessageDifferencer::Equals(portfolio.projects(0), Status(request.as_of(), 0)));
}

TEST_F(ReportsTest, ASeriesHasTheFiguresOfEachDay) {
  Live(200);
  NextDays(1);
  v1::ListStatusSeriesRequest request;
  request.set_parent(kProject);
  request.set_from_date("2026-02-20");
  request.set_period(v1::STATUS_PERIOD_DAY);
  const v1::ListStatusSeriesResponse series = Call(*reports_, &Stub::ListStatusSeries, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_GT(series.points_size(), 5);
  EXPECT_EQ(series.points(0).date(), "2026-03-02") << "not before the project";
  EXPECT_EQ(series.points().rbegin()->date(), Today());
  for (const v1::StatusPoint& point : series.points()) {
    v1::AsOf as_of;
    *as_of.mutable_time() = ToTimestamp(EndOfDay(point.date(), "UTC"));
    const v1::ProjectStatus status = Status(as_of, 0);
    EXPECT_EQ(status.date(), point.date());
    EXPECT_EQ(status.sequence(), point.sequence());
    EXPECT_EQ(status.light(), point.light());
    EXPECT_TRUE(MessageDifferencer::Equals(status.figures(), point.figures())) << point.date();
  }
  request.clear_period();
  const v1::ListStatusSeriesResponse weeks = Call(*reports_, &Stub::ListStatusSeries, request);
  EXPECT_EQ(weeks.points(0).date(), "2026-03-08") << "a Sunday";
  EXPECT_EQ(weeks.points().rbegin()->date(), Today());
}

TEST_F(ReportsTest, ASeriesHasFourHundredPointsAndNoMore) {
  NextDays(410);
  v1::ListStatusSeriesRequest request;
  request.set_parent(kProject);
  request.set_period(v1::STATUS_PERIOD_DAY);
  request.set_from_date(DateAt(clock_of_test_.Now() - 399 * kDay, "UTC"));
  EXPECT_EQ(Call(*reports_, &Stub::ListStatusSeries, request).points_size(), 400) << status_.error_message();
  request.set_from_date(DateAt(clock_of_test_.Now() - 400 * kDay, "UTC"));
  Call(*reports_, &Stub::ListStatusSeries, request);
  EXPECT_EQ(Reason(), "RANGE_TOO_LARGE");
}

TEST_F(ReportsTest, ASeriesThatNoMessageHoldsIsRefused) {
  v1::UpdateProjectRequest update;
  update.mutable_project()->set_name(kProject);
  for (int i = 0; i < 200; ++i) {
    v1::DocumentType& type = *update.mutable_project()->add_document_types();
    type.set_id(std::string(60, 'a') + std::to_string(100 + i));
    type.set_title("Type");
    type.set_prefix("T" + std::to_string(100 + i));
  }
  update.mutable_update_mask()->add_paths("document_types");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  for (const v1::DocumentType& type : update.project().document_types()) {
    v1::CreateDocumentRequest create;
    create.set_parent(kProject);
    create.mutable_document()->set_title("One");
    create.mutable_document()->set_type(type.id());
    Call(*documents_, &v1::Documents::Stub::CreateDocument, create);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  NextDays(390);
  v1::ListStatusSeriesRequest request;
  request.set_parent(kProject);
  request.set_from_date(DateAt(clock_of_test_.Now() - 389 * kDay, "UTC"));
  request.set_period(v1::STATUS_PERIOD_DAY);
  Call(*reports_, &Stub::ListStatusSeries, request);
  EXPECT_EQ(Reason(), "RANGE_TOO_LARGE") << status_.error_message();
  EXPECT_EQ(Field(), "from_date");
  EXPECT_NE(status_.error_message().find(" of these 390 points"), std::string::npos) << status_.error_message();
  request.set_from_date(DateAt(clock_of_test_.Now() - 100 * kDay, "UTC"));
  EXPECT_EQ(Call(*reports_, &Stub::ListStatusSeries, request).points_size(), 101) << status_.error_message();
}

TEST_F(ReportsTest, AReportTellsWhichReleaseIsObsoleteAndThatAnOlderVersionIsReleased) {
  CheckIn(NewAt("a.md", "one"));
  CheckIn(Next("SPC-0001", "two"));
  Release("projects/apollo/documents/SPC-0001");
  NextDays(7);  // 9 March
  v1::ObsoleteVersionRequest obsolete;
  obsolete.set_name("projects/apollo/documents/SPC-0001/versions/2");
  obsolete.set_comment("dangerous");
  Call(*versions_, &v1::Versions::Stub::ObsoleteVersion, obsolete);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  NextDays(1);
  v1::ReleaseVersionRequest older;
  older.set_name("projects/apollo/documents/SPC-0001/versions/1");
  Call(*versions_, &v1::Versions::Stub::ReleaseVersion, older);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  NextDays(1);
  const auto line = [this](const char* from, const char* to) {
    const std::string report = Report(from, to).markdown();
    const std::size_t begin = report.find("| SPC-0001");
    return begin == std::string::npos ? report : report.substr(begin, report.find('\n', begin) - begin);
  };
  EXPECT_EQ(line("2026-03-09", "2026-03-09"), "| SPC-0001 | a.md | version 2, released as A, is obsolete |");
  EXPECT_EQ(line("2026-03-09", "2026-03-10"), "| SPC-0001 | a.md | version 1 released as B |");
}

TEST_F(ReportsTest, AReportTellsWhatChangedAndNothingElse) {
  CheckIn(NewAt("old.md", "one"));
  Plan("Pumps", "2026-03-20");
  Add(R"({"risk": {"title": "The supplier | is *late*", "probability": 4, "impact": 4}})");
  Add(R"({"decision": {"title": "Two pumps"}})");
  NextDays(7);  // 9 March
  CheckIn(NewAt("new.md", "one"));
  CheckIn(Next("SPC-0002", "two"));
  Release("projects/apollo/documents/SPC-0001");
  Forecast("DLV-0001", "2026-03-25");
  Move("risks/RISK-0001", "CLOSED");
  Move("decisions/DEC-0001", "TAKEN");
  Add(R"({"action": {"title": "Call", "dueDate": "2026-03-12", "owner": "bob"}})");
  Add(R"({"action": {"title": "Write", "dueDate": "2026-03-30"}})");
  NextDays(1);
  Move("actions/ACT-0002", "DONE");
  const v1::ProgressReport report = Report("2026-03-09", "2026-03-09");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(report.markdown(),
            "# Progress report: Project apollo\n"
            "\n"
            "- Project: apollo\n"
            "- Period: 2026-03-09 to 2026-03-09\n"
            "- Status: **green** (before: amber)\n"
            "\n"
            "## Key figures\n"
            "\n"
            "| Figure | Before | Now | Change |\n"
            "| --- | --- | --- | --- |\n"
            "| Documents | 1 | 2 | +1 |\n"
            "| Versions | 1 | 3 | +2 |\n"
            "| Released documents | 0 | 1 | +1 |\n"
            "| Open deliverables | 1 | 1 |  |\n"
            "| Open actions | 0 | 2 | +2 |\n"
            "| Open risks | 1 | 0 | -1 |\n"
            "\n"
            "## Documents\n"
            "\n"
            "| Id | Title | Change |\n"
            "| --- | --- | --- |\n"
            "| SPC-0001 | old.md | version 1 released as A |\n"
            "| SPC-0002 | new.md | new; version 2 |\n"
            "\n"
            "## Deliverables\n"
            "\n"
            "| Id | Title | Change |\n"
            "| --- | --- | --- |\n"
            "| DLV-0001 | Pumps | 2026-03-20 → 2026-03-25 (+5 days): the supplier is late |\n"
            "\n"
            "## Risks\n"
            "\n"
            "| Id | Title | Change |\n"
            "| --- | --- | --- |\n"
            "| RISK-0001 | The supplier \\| is \\*late\\* | identified → closed (because) |\n"
            "\n"
            "## Decisions\n"
            "\n"
            "| Id | Title | Change |\n"
            "| --- | --- | --- |\n"
            "| DEC-0001 | Two pumps | proposed → taken (because) |\n"
            "\n"
            "## Actions\n"
            "\n"
            "| Id | Title | Change |\n"
            "| --- | --- | --- |\n"
            "| ACT-0001 | Call | new: open |\n"
            "| ACT-0002 | Write | new: open |\n"
            "\n"
            "## Due within 14 days\n"
            "\n"
            "| Due | Id | Title | Who |\n"
            "| --- | --- | --- | --- |\n"
            "| 2026-03-12 | ACT-0001 | Call | bob |\n");
  EXPECT_EQ(Report("2026-03-09", "2026-03-09").SerializeAsString(), report.SerializeAsString());
  const std::string french = Report("2026-03-09", "2026-03-09", "fr").markdown();
  EXPECT_NE(french.find("# Rapport d'avancement\u00a0: Project apollo"), std::string::npos) << french;
  EXPECT_NE(french.find("proposé → pris (because)"), std::string::npos) << french;
  EXPECT_NE(Report("2026-03-03", "2026-03-08").markdown().find("Nothing changed."), std::string::npos);
  EXPECT_EQ(Report("2026-02-20", "2026-03-09").from_sequence(), 0) << "from before the project";
}

TEST_F(ReportsTest, WrongRequestsAreNamed) {
  v1::GetProjectStatusRequest status;
  status.set_name("projects/nobody");
  Call(*reports_, &Stub::GetProjectStatus, status);
  EXPECT_EQ(Reason(), "PROJECT_NOT_FOUND");
  status.set_name(kProject);
  status.set_item_limit(101);
  Call(*reports_, &Stub::GetProjectStatus, status);
  EXPECT_EQ(Field(), "item_limit");
  status.set_item_limit(0);
  status.set_due_within_days(-1);
  Call(*reports_, &Stub::GetProjectStatus, status);
  EXPECT_EQ(Field(), "due_within_days");

  v1::ListPortfolioRequest portfolio;
  portfolio.mutable_as_of()->set_sequence(1);
  Call(*reports_, &Stub::ListPortfolio, portfolio);
  EXPECT_EQ(Field(), "as_of");

  v1::ListStatusSeriesRequest series;
  series.set_parent(kProject);
  series.set_to_date("2026-03-03");
  Call(*reports_, &Stub::ListStatusSeries, series);
  EXPECT_EQ(Reason(), "DATE_IN_FUTURE");
  series.set_to_date("2026-02-30");
  Call(*reports_, &Stub::ListStatusSeries, series);
  EXPECT_EQ(Reason(), "DATE_INVALID");
  series.set_to_date("");
  series.set_from_date("2000-01-01");
  Call(*reports_, &Stub::ListStatusSeries, series);
  EXPECT_EQ(Reason(), "RANGE_TOO_LARGE");

  Report("2026-03-02", "2026-03-01");
  EXPECT_EQ(Reason(), "DATES_OUT_OF_ORDER");
  Report("2026-03-01", "2026-03-02", "de");
  EXPECT_EQ(Reason(), "LANGUAGE_UNKNOWN");
}

TEST_F(ReportsTest, TheFirstAndTheLastDaysThatThereAreAreDaysInEachZone) {
  for (const auto& [id, zone] : {std::pair{"paris", "Europe/Paris"}, std::pair{"york", "America/New_York"}}) {
    v1::CreateProjectRequest project;
    project.set_project_id(id);
    project.mutable_project()->set_title(zone);
    project.mutable_project()->set_time_zone(zone);
    Call(*projects_, &v1::Projects::Stub::CreateProject, project);
    const std::string name = std::string("projects/") + id;
    for (const char* due : {"2026-03-10", "2026-03-11", "9999-12-31"}) {
      v1::CreateDeliverableRequest request;
      request.set_parent(name);
      request.mutable_deliverable()->set_title("Pumps");
      request.mutable_deliverable()->set_planned_date(due);
      Call(*deliverables_, &v1::Deliverables::Stub::CreateDeliverable, request);
      ASSERT_TRUE(status_.ok()) << status_.error_message();
    }
    v1::AsOf last;
    last.mutable_time()->set_seconds(253'402'300'799);
    v1::GetProjectStatusRequest status;
    status.set_name(name);
    *status.mutable_as_of() = last;
    status.set_item_limit(10);
    const v1::ProjectStatus told = Call(*reports_, &Stub::GetProjectStatus, status);
    EXPECT_EQ(told.date(), "9999-12-31") << status_.error_message();
    EXPECT_EQ(told.light(), v1::TRAFFIC_LIGHT_RED);
    EXPECT_EQ(told.late_size(), 2);
    EXPECT_EQ(told.due_soon_size(), 1);
    EXPECT_EQ(told.figures().collections(0).due_soon_count(), 1);

    v1::ListDeliverablesRequest list;
    list.set_parent(name);
    list.set_late(true);
    list.set_page_size(1);
    *list.mutable_as_of() = last;
    const auto page = Call(*deliverables_, &v1::Deliverables::Stub::ListDeliverables, list);
    ASSERT_FALSE(page.next_page_token().empty()) << status_.error_message();
    list.set_page_token(page.next_page_token());
    EXPECT_EQ(Call(*deliverables_, &v1::Deliverables::Stub::ListDeliverables, list).deliverables_size(), 1)
        << status_.error_message();

    v1::GetProgressReportRequest report;
    report.set_name(name);
    report.set_from_date("0001-01-01");
    EXPECT_EQ(Call(*reports_, &Stub::GetProgressReport, report).from_sequence(), 0);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
  }
  v1::ListPortfolioRequest portfolio;
  portfolio.set_date("9999-12-31");
  EXPECT_EQ(Call(*reports_, &Stub::ListPortfolio, portfolio).projects_size(), 3) << status_.error_message();
}

}  // namespace
}  // namespace greffe
