#include "storage/base/traffic_light.h"

#include <algorithm>

#include "absl/strings/substitute.h"
#include "storage/base/amounts.h"

namespace greffe {
namespace {

constexpr int kLatePercent = 10;     // of open deliverables
constexpr int kOverduePercent = 20;  // of open actions
constexpr int kSlipDays = 30;
constexpr int kHighScore = 15;
constexpr int kCriticalScore = 20;
constexpr double kLowIndex = 0.95;
constexpr double kCriticalIndex = 0.85;

struct ReasonWords {
  v1::StatusReasonKind kind;
  const char* english;
  const char* french;
};

// $0 count, $1 total, $2 days, $3 currency, $4 value.
constexpr ReasonWords kWords[] = {
    {v1::STATUS_REASON_KIND_DELIVERABLES_LATE, "late deliverables: $0 of $1 open",
     "livrables en retard\u00a0: $0 sur $1 ouverts"},
    {v1::STATUS_REASON_KIND_MILESTONES_LATE, "late or missed milestones: $0 of $1",
     "jalons en retard ou manqués\u00a0: $0 sur $1"},
    {v1::STATUS_REASON_KIND_MILESTONES_SLIPPED, "open milestones that slipped: $0, by up to $2 days",
     "jalons ouverts décalés\u00a0: $0, de $2 jours au plus"},
    {v1::STATUS_REASON_KIND_REVIEWS_OVERDUE, "overdue reviews: $0 of $1 open",
     "revues en retard\u00a0: $0 sur $1 ouvertes"},
    {v1::STATUS_REASON_KIND_ACTIONS_OVERDUE, "overdue actions: $0 of $1 open",
     "actions en retard\u00a0: $0 sur $1 ouvertes"},
    {v1::STATUS_REASON_KIND_HIGH_RISKS, "open risks with a score of 15 or more: $0 of $1 open",
     "risques ouverts de criticité 15 ou plus\u00a0: $0 sur $1 ouverts"},
    {v1::STATUS_REASON_KIND_SEVERE_ISSUES, "open issues of high or critical severity: $0 of $1 open",
     "problèmes ouverts de gravité élevée ou critique\u00a0: $0 sur $1 ouverts"},
    {v1::STATUS_REASON_KIND_LINKS_SUSPECT, "suspect or broken links: $0 of $1",
     "liens suspects ou rompus\u00a0: $0 sur $1"},
    {v1::STATUS_REASON_KIND_COST, "cost performance index in $3: $4",
     "indice de performance des coûts en $3\u00a0: $4"},
    {v1::STATUS_REASON_KIND_SCHEDULE, "schedule performance index in $3: $4",
     "indice de performance des délais en $3\u00a0: $4"},
};

class Reasons {
 public:
  // The reason that was added, to be completed.
  v1::StatusReason& Add(v1::StatusReasonKind kind, v1::TrafficLight light, std::int64_t count, std::int64_t total) {
    v1::StatusReason reason;
    reason.set_kind(kind);
    reason.set_light(light);
    reason.set_count(count);
    reason.set_total(total);
    return all_.emplace_back(std::move(reason));
  }

  std::vector<v1::StatusReason> Take() {
    std::stable_sort(all_.begin(), all_.end(),
                     [](const v1::StatusReason& a, const v1::StatusReason& b) { return a.light() > b.light(); });
    for (v1::StatusReason& reason : all_) reason.set_text(ReasonText(reason, Language::kEnglish));
    return std::move(all_);
  }

 private:
  std::vector<v1::StatusReason> all_;
};

v1::TrafficLight RedIf(bool red) { return red ? v1::TRAFFIC_LIGHT_RED : v1::TRAFFIC_LIGHT_AMBER; }

bool IsMoreThan(int percent, std::int64_t part, std::int64_t whole) { return part * 100 > whole * percent; }

// `whole`: the amount that the index is a part of; of nothing there is none.
void AddIndex(Reasons& reasons, v1::StatusReasonKind kind, const std::string& currency, double index,
              const std::string& whole) {
  if (IsZeroAmount(whole) || index >= kLowIndex) return;
  v1::StatusReason& reason = reasons.Add(kind, RedIf(index < kCriticalIndex), 0, 0);
  reason.set_currency(currency);
  reason.set_value(index);
}

}  // namespace

const v1::CollectionFigures& FiguresOf(const v1::StatusFigures& figures, const std::string& collection) {
  for (const v1::CollectionFigures& of : figures.collections()) {
    if (of.collection() == collection) return of;
  }
  return v1::CollectionFigures::default_instance();
}

std::int64_t CountIn(const v1::CollectionFigures& figures, const std::string& state) {
  for (const v1::StateCount& count : figures.states()) {
    if (count.state() == state) return count.count();
  }
  return 0;
}

std::vector<v1::StatusReason> ReasonsOf(const v1::StatusFigures& figures) {
  Reasons reasons;
  const v1::CollectionFigures& deliverables = FiguresOf(figures, "deliverables");
  if (deliverables.late_count() > 0) {
    reasons.Add(v1::STATUS_REASON_KIND_DELIVERABLES_LATE,
                RedIf(IsMoreThan(kLatePercent, deliverables.late_count(), deliverables.open_count())),
                deliverables.late_count(), deliverables.open_count());
  }
  const v1::CollectionFigures& milestones = FiguresOf(figures, "milestones");
  const std::int64_t missed = CountIn(milestones, "MISSED");
  if (const std::int64_t late = milestones.late_count() + missed; late > 0) {
    // Missed ones are open.
    reasons.Add(v1::STATUS_REASON_KIND_MILESTONES_LATE, v1::TRAFFIC_LIGHT_RED, late, milestones.open_count());
  }
  if (const v1::SlipFigures& slips = figures.milestone_slips(); slips.open_slipped_count() > 0) {
    reasons
        .Add(v1::STATUS_REASON_KIND_MILESTONES_SLIPPED, RedIf(slips.largest_open_slip_days() > kSlipDays),
             slips.open_slipped_count(), milestones.open_count())
        .set_days(slips.largest_open_slip_days());
  }
  if (const v1::CollectionFigures& reviews = FiguresOf(figures, "reviews"); reviews.late_count() > 0) {
    reasons.Add(v1::STATUS_REASON_KIND_REVIEWS_OVERDUE, v1::TRAFFIC_LIGHT_AMBER, reviews.late_count(),
                reviews.open_count());
  }
  if (const v1::CollectionFigures& actions = FiguresOf(figures, "actions"); actions.late_count() > 0) {
    reasons.Add(v1::STATUS_REASON_KIND_ACTIONS_OVERDUE,
                RedIf(IsMoreThan(kOverduePercent, actions.late_count(), actions.open_count())), actions.late_count(),
                actions.open_count());
  }
  std::int64_t high = 0;
  std::int64_t critical = 0;
  for (const v1::ScoreCount& risk : figures.risks()) {
    if (risk.score() >= kHighScore) high += risk.count();
    if (risk.score() >= kCriticalScore) critical += risk.count();
  }
  if (high > 0) {
    reasons.Add(v1::STATUS_REASON_KIND_HIGH_RISKS, RedIf(critical > 0), high, FiguresOf(figures, "risks").open_count());
  }
  std::int64_t severe = 0;
  bool critical_issue = false;
  for (const v1::StateCount& issue : figures.issues()) {
    if (issue.state() == "HIGH" || issue.state() == "CRITICAL") severe += issue.count();
    critical_issue = critical_issue || issue.state() == "CRITICAL";
  }
  if (severe > 0) {
    reasons.Add(v1::STATUS_REASON_KIND_SEVERE_ISSUES, RedIf(critical_issue), severe,
                FiguresOf(figures, "issues").open_count());
  }
  if (const v1::CollectionFigures& links = FiguresOf(figures, "links"); links.open_count() > 0) {
    reasons.Add(v1::STATUS_REASON_KIND_LINKS_SUSPECT, v1::TRAFFIC_LIGHT_AMBER, links.open_count(),
                links.open_count() + CountIn(links, "VALID"));
  }
  for (const v1::BudgetFigures& budget : figures.budgets()) {
    AddIndex(reasons, v1::STATUS_REASON_KIND_COST, budget.currency(), budget.cpi(), budget.actual());
    AddIndex(reasons, v1::STATUS_REASON_KIND_SCHEDULE, budget.currency(), budget.spi(), budget.planned_value());
  }
  return reasons.Take();
}

v1::TrafficLight LightOf(const std::vector<v1::StatusReason>& reasons) {
  return reasons.empty() ? v1::TRAFFIC_LIGHT_GREEN : reasons.front().light();
}

std::string ReasonText(const v1::StatusReason& reason, Language language) {
  for (const ReasonWords& words : kWords) {
    if (words.kind != reason.kind()) continue;
    return absl::Substitute(language == Language::kFrench ? words.french : words.english, reason.count(),
                            reason.total(), reason.days(), reason.currency(), DecimalText(reason.value(), language));
  }
  return "";
}

}  // namespace greffe
