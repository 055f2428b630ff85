#include "storage/base/tally_rules.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "google/protobuf/descriptor.h"
#include "greffe/v1/budget_lines.pb.h"
#include "greffe/v1/deliverables.pb.h"
#include "greffe/v1/issues.pb.h"
#include "greffe/v1/milestones.pb.h"
#include "greffe/v1/review.pb.h"
#include "greffe/v1/risks.pb.h"
#include "greffe/v1/trace.pb.h"
#include "greffe/v1/transmittals.pb.h"
#include "greffe/v1/versions.pb.h"
#include "storage/base/civil_date.h"
#include "storage/base/clock.h"
#include "storage/base/deliverable_rules.h"
#include "storage/base/milestone_rules.h"
#include "storage/base/record_fields.h"
#include "storage/base/register_entry.h"
#include "storage/base/register_rules.h"

namespace greffe {
namespace {

using google::protobuf::Descriptor;
using google::protobuf::FieldDescriptor;
using google::protobuf::Message;

// Adds to the topics of one collection.
class Counter {
 public:
  explicit Counter(const std::string& topic) : topic_(topic) {}

  void Add(const std::string& key, std::int64_t amount = 1) {
    if (amount != 0) counts_.push_back({topic_, key, amount});
  }
  void AddInMonth(const std::string& month, const std::string& key, std::int64_t amount = 1) {
    if (amount != 0) counts_.push_back({MonthTopic(topic_, month), key, amount});
  }
  std::vector<TallyCount> Take() { return std::move(counts_); }

 private:
  const std::string& topic_;
  std::vector<TallyCount> counts_;
};

// Of a record that Greffe's rules did not make a date may be anything.
bool IsDate(const std::string& date) { return !date.empty() && ValidateDate(date, "date").ok(); }

bool IsOpenRecord(const RecordKind& kind, const Message& record) {
  const Descriptor* type = record.GetDescriptor();
  if (type == v1::Deliverable::descriptor()) return IsOpen(static_cast<const v1::Deliverable&>(record));
  if (type == v1::Milestone::descriptor()) return IsOpen(static_cast<const v1::Milestone&>(record));
  if (type == v1::Review::descriptor()) {
    return static_cast<const v1::Review&>(record).state() == v1::REVIEW_STATE_OPEN;
  }
  if (type == v1::Transmittal::descriptor()) {
    return static_cast<const v1::Transmittal&>(record).state() != v1::TRANSMITTAL_STATE_CLOSED;
  }
  if (type == v1::Link::descriptor()) {
    return static_cast<const v1::Link&>(record).state() != v1::LINK_STATE_VALID;
  }
  return IsRegister(kind) && !IsClosed(record);
}

void CountReview(const v1::Review& review, Counter& counter) {
  switch (review.state()) {
    case v1::REVIEW_STATE_APPROVED:
    case v1::REVIEW_STATE_APPROVED_WITH_COMMENTS:
    case v1::REVIEW_STATE_REVISE_AND_RESUBMIT:
    case v1::REVIEW_STATE_REJECTED:
      break;
    default:
      return;
  }
  counter.Add("decided");
  counter.Add("turnaround", (ToMicros(review.end().time()) - ToMicros(review.create_time())) / 1'000'000);
}

void CountDeliverable(const v1::Deliverable& deliverable, Counter& counter) {
  const auto first = std::find_if(deliverable.submissions().begin(), deliverable.submissions().end(),
                                  [](const v1::Submission& submission) { return submission.has_acceptance(); });
  if (first != deliverable.submissions().end()) {
    counter.Add("decided");
    const v1::AcceptanceOutcome outcome = first->acceptance().outcome();
    if (outcome != v1::ACCEPTANCE_OUTCOME_REJECTED) counter.Add("first");
    if (outcome == v1::ACCEPTANCE_OUTCOME_ACCEPTED_WITH_RESERVATIONS) counter.Add("first_reserved");
  }
  if (deliverable.slip_days() == 0) return;
  counter.Add("slipped");
  counter.Add("slip_days", deliverable.slip_days());
  if (IsOpen(deliverable)) counter.Add("open_slipped");
}

void CountMilestone(const v1::Milestone& milestone, Counter& counter) {
  if (milestone.slip_days() == 0 || milestone.state() == v1::MILESTONE_STATE_CANCELLED) return;
  counter.Add("slipped");
  counter.Add("slip_days", milestone.slip_days());
  if (IsOpen(milestone)) counter.Add(absl::StrCat("slip/", milestone.slip_days()));
}

void CountBudgetLine(const v1::BudgetLine& line, Counter& counter) {
  if (line.state() == v1::BUDGET_LINE_STATE_CANCELLED) return;
  const EarnedValue value = EarnedValueOf(line, line.end_date());
  const auto add = [&](const char* what, std::int64_t amount) {
    counter.Add(absl::StrCat(line.currency(), "/", what), amount);
  };
  add("planned", value.budget);
  add("committed", value.committed);
  add("actual", value.actual_cost);
  add("forecast", value.forecast);
  add("earned", value.earned_value);
  if (!IsDate(line.start_date()) || !IsDate(line.end_date())) return;
  add("scheduled_earned", value.earned_value);
  const std::string month = MonthOf(line.start_date());
  counter.Add("starts/" + month);
  counter.AddInMonth(month, absl::StrCat(line.currency(), " ", line.start_date(), " ", line.end_date()), value.budget);
}

}  // namespace

std::vector<TallyCount> CountsOf(const v1::Document& document) {
  static const std::string& topic = *new std::string(kDocumentsTopic);
  Counter counter(topic);
  if (document.state() == v1::DOCUMENT_STATE_WITHDRAWN) {
    counter.Add("withdrawn");
    return counter.Take();
  }
  const std::string state = StateText(document.latest_version());
  counter.Add(absl::StrCat(document.type(), "/", state.empty() ? "NONE" : state));
  if (document.released_version() > 0) counter.Add("released");
  return counter.Take();
}

bool IsCounted(const RecordKind& kind) {
  const Descriptor* type = kind.prototype->GetDescriptor();
  return type != v1::Version::descriptor() && type->FindFieldByName("state") != nullptr;
}

std::vector<TallyCount> CountsOf(const RecordKind& kind, const Message& record) {
  if (!IsCounted(kind)) return {};
  Counter counter(kind.collection);
  counter.Add("state/" + StateText(record));
  const bool open = IsOpenRecord(kind, record);
  if (open) counter.Add("open");
  const Descriptor* type = record.GetDescriptor();
  if (const FieldDescriptor* due = type->FindFieldByName("open_due_date")) {
    const std::string date = record.GetReflection()->GetString(record, due);
    if (IsDate(date)) {
      counter.Add("due/" + MonthOf(date));
      counter.AddInMonth(MonthOf(date), date.substr(8));
    }
  }
  if (type == v1::Review::descriptor()) CountReview(static_cast<const v1::Review&>(record), counter);
  if (type == v1::Deliverable::descriptor()) CountDeliverable(static_cast<const v1::Deliverable&>(record), counter);
  if (type == v1::Milestone::descriptor()) CountMilestone(static_cast<const v1::Milestone&>(record), counter);
  if (type == v1::BudgetLine::descriptor()) CountBudgetLine(static_cast<const v1::BudgetLine&>(record), counter);
  if (type == v1::Risk::descriptor() && open) {
    counter.Add(absl::StrFormat("score/%02d", static_cast<const v1::Risk&>(record).score()));
  }
  if (type == v1::Issue::descriptor() && open) {
    const FieldDescriptor& severity = *type->FindFieldByName("severity");
    counter.Add("severity/" + FieldTexts(record, severity).front());
  }
  return counter.Take();
}

std::string MonthOf(const std::string& date) { return date.substr(0, 7); }

std::string MonthTopic(const std::string& collection, const std::string& month) { return collection + "/" + month; }

}  // namespace greffe
