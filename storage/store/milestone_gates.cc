#include "storage/store/milestone_gates.h"

#include <algorithm>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "greffe/v1/deliverables.pb.h"
#include "storage/base/deliverable_rules.h"
#include "storage/base/due_dates.h"
#include "storage/base/errors.h"
#include "storage/base/milestone_rules.h"
#include "storage/base/names.h"
#include "storage/base/record_filter.h"
#include "storage/index/project_view.h"
#include "storage/store/record_edits.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxVisited = 2000;  // milestones that a search for a cycle looks at

// nullopt: the gate is a deliverable.
std::optional<std::string> MilestoneId(const std::string& gate) {
  const absl::StatusOr<RecordName> name = ParseRecordName(KindOf<v1::Milestone>(), gate);
  if (!name.ok()) return std::nullopt;
  return name->id;
}

absl::StatusOr<v1::Deliverable> DeliverableOf(Transaction& transaction, const std::string& gate) {
  GREFFE_ASSIGN_OR_RETURN(const RecordName name, ParseRecordName(KindOf<v1::Deliverable>(), gate));
  return transaction.GetRecord<v1::Deliverable>(name.id);
}

// Ids of the kind's records whose field may name that milestone: those that the index knows of, and all that are on
// their way there.
absl::StatusOr<std::vector<std::string>> ListNaming(const Transaction& transaction, const RecordKind& kind,
                                                    const std::string& field, const std::string& name) {
  constexpr int kNamingAtOnce = 100;
  std::vector<std::string> naming = transaction.ListUnderWay(kind);
  const absl::StatusOr<ProjectView> view = transaction.ViewOfIndex();
  if (absl::IsNotFound(view.status())) return naming;  // the project is on its way, too
  GREFFE_RETURN_IF_ERROR(view.status());
  RecordFilter filter;
  FilterTerm& term = filter.terms.emplace_back();
  term.field = field;
  term.op = FilterOperator::kEqual;
  term.value = name;
  RecordPage page;
  do {
    GREFFE_ASSIGN_OR_RETURN(page, view->ListRecords(kind, filter, RecordOrdering(), kNamingAtOnce, page.next));
    for (const RecordPtr& record : page.records) naming.push_back(IdOfRecord(*record));
  } while (!page.next.empty());
  return naming;
}

// Looks for a way back to a milestone along the gates.
class CycleSearch {
 public:
  CycleSearch(Transaction& transaction, const v1::Milestone& start) : transaction_(transaction), start_(start) {}

  absl::Status Run() {
    way_ = {start_.name()};
    return Follow(start_);
  }

 private:
  absl::Status Follow(const v1::Milestone& milestone) {
    for (const std::string& gate : milestone.gates()) {
      const std::optional<std::string> id = MilestoneId(gate);
      if (!id) continue;
      if (gate == start_.name()) return Found();
      if (!visited_.insert(gate).second) continue;
      if (visited_.size() > kMaxVisited) {
        return Error(
            absl::StatusCode::kFailedPrecondition, "TOO_MANY_GATES",
            absl::StrCat("'", start_.name(), "' waits, by way of others, for more than ", kMaxVisited, " milestones"),
            {{"resource", start_.name()}});
      }
      GREFFE_ASSIGN_OR_RETURN(const v1::Milestone next, transaction_.GetRecord<v1::Milestone>(*id));
      way_.push_back(gate);
      GREFFE_RETURN_IF_ERROR(Follow(next));
      way_.pop_back();
    }
    return absl::OkStatus();
  }

  absl::Status Found() const {
    std::string cycle;
    for (const std::string& name : way_) absl::StrAppend(&cycle, LastSegment(name), " -> ");
    absl::StrAppend(&cycle, LastSegment(start_.name()));
    return Error(absl::StatusCode::kFailedPrecondition, "GATE_CYCLE",
                 "'" + start_.name() + "' would wait for itself: " + cycle.substr(0, 2000),
                 {{"resource", start_.name()}, {"cycle", cycle.substr(0, 2000)}});
  }

  Transaction& transaction_;
  const v1::Milestone& start_;
  std::vector<std::string> way_;
  std::set<std::string> visited_;
};

}  // namespace

absl::Status CheckGates(Transaction& transaction, const v1::Milestone& milestone) {
  GREFFE_RETURN_IF_ERROR(CycleSearch(transaction, milestone).Run());
  for (const std::string& gate : milestone.gates()) {
    std::string planned;
    if (const std::optional<std::string> id = MilestoneId(gate)) {
      GREFFE_ASSIGN_OR_RETURN(const v1::Milestone before, transaction.GetRecord<v1::Milestone>(*id));
      if (IsOpen(before)) planned = before.planned_date();
    } else {
      GREFFE_ASSIGN_OR_RETURN(const v1::Deliverable deliverable, DeliverableOf(transaction, gate));
      if (deliverable.milestone() == milestone.name() && IsOpen(deliverable)) planned = deliverable.planned_date();
    }
    GREFFE_RETURN_IF_ERROR(CheckPlannedOrder(gate, planned, milestone.name(), milestone.planned_date()));
  }
  return absl::OkStatus();
}

absl::Status CheckDue(Transaction& transaction, const v1::Milestone& milestone) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                          ListNaming(transaction, KindOf<v1::Deliverable>(), "milestone", milestone.name()));
  for (const std::string& id : ids) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Deliverable due, transaction.GetRecord<v1::Deliverable>(id));
    if (due.milestone() != milestone.name() || !IsOpen(due)) continue;
    GREFFE_RETURN_IF_ERROR(
        CheckPlannedOrder(due.name(), due.planned_date(), milestone.name(), milestone.planned_date()));
  }
  return absl::OkStatus();
}

absl::Status CheckGated(Transaction& transaction, const v1::Milestone& milestone) {
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> ids,
                          ListNaming(transaction, KindOf<v1::Milestone>(), "gates", milestone.name()));
  for (const std::string& id : ids) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Milestone then, transaction.GetRecord<v1::Milestone>(id));
    const bool waits = std::find(then.gates().begin(), then.gates().end(), milestone.name()) != then.gates().end();
    if (!waits || !IsOpen(then)) continue;
    GREFFE_RETURN_IF_ERROR(
        CheckPlannedOrder(milestone.name(), milestone.planned_date(), then.name(), then.planned_date()));
  }
  return absl::OkStatus();
}

absl::Status CheckGatesPassed(Transaction& transaction, const v1::Milestone& milestone) {
  std::vector<std::string> open;
  for (const std::string& gate : milestone.gates()) {
    bool passed = false;
    if (const std::optional<std::string> id = MilestoneId(gate)) {
      GREFFE_ASSIGN_OR_RETURN(const v1::Milestone before, transaction.GetRecord<v1::Milestone>(*id));
      passed = before.state() == v1::MILESTONE_STATE_ACHIEVED;
    } else {
      GREFFE_ASSIGN_OR_RETURN(const v1::Deliverable deliverable, DeliverableOf(transaction, gate));
      passed = IsAccepted(deliverable);
    }
    if (!passed) open.push_back(gate);
  }
  if (open.empty()) return absl::OkStatus();
  const std::string names = JoinNames(open);
  return Error(absl::StatusCode::kFailedPrecondition, "GATES_OPEN",
               "'" + milestone.name() + "' waits for what is not accepted or achieved: " + names,
               {{"resource", milestone.name()}, {"gates", names}});
}

}  // namespace greffe
