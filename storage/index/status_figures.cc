#include "storage/index/status_figures.h"

#include <algorithm>
#include <map>
#include <span>
#include <string_view>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "google/protobuf/descriptor.h"
#include "greffe/v1/budget_lines.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/issues.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "greffe/v1/review.pb.h"
#include "greffe/v1/risks.pb.h"
#include "greffe/v1/versions.pb.h"
#include "storage/base/amounts.h"
#include "storage/base/civil_date.h"
#include "storage/base/currencies.h"
#include "storage/base/errors.h"
#include "storage/base/record_fields.h"
#include "storage/base/register_rules.h"
#include "storage/base/tally_rules.h"
#include "storage/index/project_view.h"

namespace greffe {
namespace {

using google::protobuf::EnumDescriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Those that begin with `prefix`.
std::span<const Tally::Entry> Below(const Tally& tally, std::string_view prefix) {
  const auto first = tally.LowerBound(prefix);
  auto last = first;
  while (last != tally.counts.end() && last->first.starts_with(prefix)) ++last;
  return {first, last};
}

constexpr std::string_view kDue = "due/";

std::int64_t NumberIn(const std::string& text) {
  std::int64_t number = 0;
  return absl::SimpleAtoi(text, &number) ? number : 0;
}

// Adds the counts of `prefix`<value>, in the order of the enum, under the values' short names.
template <typename Counts>
void AddByValue(const Tally& tally, std::string_view prefix, const EnumDescriptor& type, Counts* counts) {
  std::vector<std::pair<int, const Tally::Entry*>> found;  // by number
  for (const Tally::Entry& entry : Below(tally, prefix)) {
    const auto* value = FindEnumValue(type, entry.first.substr(prefix.size()));
    found.emplace_back(value == nullptr ? 0 : value->number(), &entry);
  }
  std::sort(found.begin(), found.end());
  for (const auto& [number, entry] : found) {
    auto& added = *counts->Add();
    added.set_state(entry->first.substr(prefix.size()));
    added.set_count(entry->second);
  }
}

const EnumDescriptor& StatesOf(const RecordKind& kind) {
  return *kind.prototype->GetDescriptor()->FindFieldByName("state")->enum_type();
}

double Ratio(std::int64_t part, std::int64_t whole) {
  return whole == 0 ? 0 : static_cast<double>(part) / static_cast<double>(whole);
}

// The sums of one currency.
struct Budget {
  std::map<std::string, std::int64_t> sums;
  std::int64_t planned_value = 0;
};

v1::BudgetFigures FiguresOf(const std::string& currency, Budget& budget) {
  const int decimals = CurrencyDecimals(currency).value_or(2);
  auto& sums = budget.sums;
  const auto text = [decimals](std::int64_t units) { return FormatAmount(units, decimals); };
  v1::BudgetFigures figures;
  figures.set_currency(currency);
  figures.set_planned(text(sums["planned"]));
  figures.set_committed(text(sums["committed"]));
  figures.set_actual(text(sums["actual"]));
  figures.set_forecast(text(sums["forecast"]));
  figures.set_planned_value(text(budget.planned_value));
  figures.set_earned_value(text(sums["earned"]));
  figures.set_variance(text(SubtractUnits(sums["forecast"], sums["planned"])));
  figures.set_cost_variance(text(SubtractUnits(sums["earned"], sums["actual"])));
  figures.set_schedule_variance(text(SubtractUnits(sums["scheduled_earned"], budget.planned_value)));
  figures.set_cpi(Ratio(sums["earned"], sums["actual"]));
  figures.set_spi(Ratio(sums["scheduled_earned"], budget.planned_value));
  return figures;
}

v1::DueItem ItemOf(const Message& record, const std::string& due_date) {
  v1::DueItem item;
  item.set_name(NameOf(record));
  item.set_due_date(due_date);
  item.set_state(StateText(record));
  const auto text = [&record](const char* name) -> std::string {
    const FieldDescriptor* field = record.GetDescriptor()->FindFieldByName(name);
    if (field == nullptr) return "";
    const std::vector<std::string> texts = FieldTexts(record, *field);
    return texts.empty() ? "" : texts.front();
  };
  item.set_title(text("title"));
  for (const char* who : {"owner", "responsible", "pending_reviewers", "unanswered"}) {
    if (item.owner().empty()) item.set_owner(text(who));
  }
  return item;
}

}  // namespace

DueDays::DueDays(Tallies& tallies, const RecordKind& kind, const Tally& tally)
    : tallies_(tallies), kind_(kind), tally_(tally) {}

absl::StatusOr<const Tally*> DueDays::DaysOf(const std::string& month) {
  return tallies_.Get(MonthTopic(kind_.collection, month));
}

absl::StatusOr<std::int64_t> DueDays::Count(const std::string& from, const std::string& until) {
  std::int64_t count = 0;
  for (const Tally::Entry& entry : Below(tally_, kDue)) {
    const std::string month = entry.first.substr(kDue.size());
    if (month > MonthOf(until)) break;
    if (month < MonthOf(from)) continue;
    if (month + "-01" >= from && month < MonthOf(until)) {
      count += entry.second;
      continue;
    }
    GREFFE_ASSIGN_OR_RETURN(const Tally* days, DaysOf(month));
    for (const Tally::Entry& day : days->counts) {
      const std::string date = month + "-" + day.first;
      if (date >= from && date < until) count += day.second;
    }
  }
  return count;
}

absl::StatusOr<std::vector<std::string>> DueDays::List(const std::string& from, const std::string& until, int limit) {
  std::vector<std::string> dates;
  std::int64_t count = 0;
  for (const Tally::Entry& entry : Below(tally_, kDue)) {
    const std::string month = entry.first.substr(kDue.size());
    if (count >= limit || month > MonthOf(until)) break;
    if (month < MonthOf(from)) continue;
    GREFFE_ASSIGN_OR_RETURN(const Tally* days, DaysOf(month));
    for (const Tally::Entry& day : days->counts) {
      const std::string date = month + "-" + day.first;
      if (count >= limit || date < from || date >= until) continue;
      dates.push_back(date);
      count += day.second;
    }
  }
  return dates;
}

StatusCounter::StatusCounter(Tallies& tallies, std::string day, int due_within_days)
    : tallies_(tallies), day_(std::move(day)), soon_(PastDay(AddDays(day_, due_within_days))) {}

absl::StatusOr<v1::StatusFigures> StatusCounter::Count() {
  GREFFE_ASSIGN_OR_RETURN(const Tally* documents, tallies_.Get(kDocumentsTopic));
  CountDocuments(*documents);
  for (const RecordKind& kind : RecordKinds()) {
    if (!IsCounted(kind)) continue;
    GREFFE_ASSIGN_OR_RETURN(const Tally* tally, tallies_.Get(kind.collection));
    if (!tally->counts.empty()) GREFFE_RETURN_IF_ERROR(CountCollection(kind, *tally));
  }
  return std::move(figures_);
}

void StatusCounter::CountDocuments(const Tally& tally) {
  for (const auto& [key, count] : tally.counts) {
    const std::size_t slash = key.rfind('/');
    if (slash == std::string::npos) continue;
    v1::DocumentCount& added = *figures_.add_documents();
    added.set_type(key.substr(0, slash));
    v1::VersionState state = v1::VERSION_STATE_UNSPECIFIED;
    v1::VersionState_Parse("VERSION_STATE_" + key.substr(slash + 1), &state);
    added.set_state(state);
    added.set_count(count);
    figures_.set_document_count(figures_.document_count() + count);
  }
  std::sort(figures_.mutable_documents()->begin(), figures_.mutable_documents()->end(),
            [](const v1::DocumentCount& a, const v1::DocumentCount& b) {
              return std::make_pair(std::string_view(a.type()), a.state()) <
                     std::make_pair(std::string_view(b.type()), b.state());
            });
  figures_.set_withdrawn_count(tally["withdrawn"]);
  figures_.set_released_count(tally["released"]);
}

absl::Status StatusCounter::CountCollection(const RecordKind& kind, const Tally& tally) {
  v1::CollectionFigures& figures = *figures_.add_collections();
  figures.set_collection(kind.collection);
  AddByValue(tally, "state/", StatesOf(kind), figures.mutable_states());
  figures.set_open_count(tally["open"]);
  DueDays due(tallies_, kind, tally);
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t late, due.Count("", day_));
  figures.set_late_count(late);
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t soon, due.Count(day_, soon_));
  figures.set_due_soon_count(soon);
  if (&kind == &KindOf<v1::Deliverable>()) CountDeliverables(tally);
  if (&kind == &KindOf<v1::Milestone>()) CountMilestones(tally);
  if (&kind == &KindOf<v1::Review>()) CountReviews(tally);
  if (&kind == &KindOf<v1::Risk>()) CountRisks(tally);
  if (&kind == &KindOf<v1::Issue>()) {
    AddByValue(tally, "severity/", *v1::Severity_descriptor(), figures_.mutable_issues());
  }
  if (&kind == &KindOf<v1::BudgetLine>()) return CountBudget(kind, tally);
  return absl::OkStatus();
}

void StatusCounter::CountDeliverables(const Tally& tally) {
  figures_.set_decided_deliverable_count(tally["decided"]);
  figures_.set_first_time_accepted_count(tally["first"]);
  figures_.set_first_time_reserved_count(tally["first_reserved"]);
  figures_.set_first_time_acceptance(Ratio(tally["first"], tally["decided"]));
  v1::SlipFigures& slips = *figures_.mutable_deliverable_slips();
  slips.set_slipped_count(tally["slipped"]);
  slips.set_slip_days(tally["slip_days"]);
  slips.set_open_slipped_count(tally["open_slipped"]);
}

void StatusCounter::CountMilestones(const Tally& tally) {
  v1::SlipFigures& slips = *figures_.mutable_milestone_slips();
  slips.set_slipped_count(tally["slipped"]);
  slips.set_slip_days(tally["slip_days"]);
  constexpr std::string_view kSlip = "slip/";
  for (const Tally::Entry& slip : Below(tally, kSlip)) {
    const std::int64_t days = NumberIn(slip.first.substr(kSlip.size()));
    slips.set_open_slipped_count(slips.open_slipped_count() + slip.second);
    slips.set_largest_open_slip_days(std::max(slips.largest_open_slip_days(), days));
  }
}

void StatusCounter::CountReviews(const Tally& tally) {
  figures_.set_decided_review_count(tally["decided"]);
  figures_.set_review_turnaround_hours(Ratio(tally["turnaround"], tally["decided"]) / 3600);
}

void StatusCounter::CountRisks(const Tally& tally) {
  constexpr std::string_view kScore = "score/";
  for (const Tally::Entry& score : Below(tally, kScore)) {
    v1::ScoreCount& added = *figures_.add_risks();
    added.set_score(static_cast<std::int32_t>(NumberIn(score.first.substr(kScore.size()))));
    added.set_count(score.second);
  }
  std::reverse(figures_.mutable_risks()->begin(), figures_.mutable_risks()->end());
}

absl::Status StatusCounter::CountBudget(const RecordKind& kind, const Tally& tally) {
  std::map<std::string, Budget> budgets;
  constexpr std::size_t kCode = 3;
  for (const auto& [key, sum] : tally.counts) {
    if (key.size() <= kCode || !absl::ascii_isupper(static_cast<unsigned char>(key.front()))) continue;
    budgets[key.substr(0, kCode)].sums[key.substr(kCode + 1)] = sum;
  }
  constexpr std::string_view kStarts = "starts/";
  for (const Tally::Entry& month : Below(tally, kStarts)) {
    GREFFE_ASSIGN_OR_RETURN(const Tally* lines,
                            tallies_.Get(MonthTopic(kind.collection, month.first.substr(kStarts.size()))));
    for (const auto& [key, sum] : lines->counts) {
      const std::size_t end = key.rfind(' ');
      const std::string start_date = key.substr(kCode + 1, end - kCode - 1);
      Budget& budget = budgets[key.substr(0, kCode)];
      budget.planned_value = AddUnits(budget.planned_value, PlannedValue(sum, start_date, key.substr(end + 1), day_));
    }
  }
  for (auto& [currency, budget] : budgets) *figures_.add_budgets() = FiguresOf(currency, budget);
  return absl::OkStatus();
}

absl::StatusOr<std::vector<v1::DueItem>> ListDue(const ProjectView& view, Tallies& tallies, const std::string& from,
                                                 const std::string& until, int limit) {
  struct Found {
    std::string date;
    const RecordKind* kind;
    std::string id;
  };
  std::vector<Found> found;
  if (limit <= 0) return std::vector<v1::DueItem>{};
  for (const RecordKind& kind : RecordKinds()) {
    if (!IsCounted(kind) || kind.prototype->GetDescriptor()->FindFieldByName("open_due_date") == nullptr) continue;
    GREFFE_ASSIGN_OR_RETURN(const Tally* tally, tallies.Get(kind.collection));
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> days,
                            DueDays(tallies, kind, *tally).List(from, until, limit));
    // Only days on which something is open, so that what was closed long ago costs nothing.
    for (const std::string& day : days) {
      GREFFE_RETURN_IF_ERROR(
          view.VisitValues(kind, "open_due_date", day, PastDay(day), [&](std::string_view value, std::string_view id) {
            found.push_back({std::string(value), &kind, std::string(id)});
            return true;
          }));
    }
  }
  std::stable_sort(found.begin(), found.end(), [](const Found& a, const Found& b) { return a.date < b.date; });
  if (found.size() > static_cast<std::size_t>(limit)) found.resize(static_cast<std::size_t>(limit));
  std::vector<v1::DueItem> items;
  for (const Found& due : found) {
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, view.GetRecord(*due.kind, due.id));
    items.push_back(ItemOf(*record, due.date));
  }
  return items;
}

}  // namespace greffe
