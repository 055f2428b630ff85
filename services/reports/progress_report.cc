#include "services/reports/progress_report.h"

#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "greffe/v1/trace.pb.h"
#include "services/call/due.h"
#include "services/call/wanted.h"
#include "services/reports/project_status.h"
#include "services/reports/status_series.h"
#include "storage/base/civil_date.h"
#include "storage/base/names.h"
#include "storage/base/number_order.h"
#include "storage/base/progress_lines.h"
#include "storage/base/progress_report.h"
#include "storage/base/tally_rules.h"

namespace greffe {
namespace {

constexpr int kReportDays = 6;
constexpr int kPage = 16;  // of changes, of which one may have 100,000 entries

// What changes touched; ids in the order in which lists have them.
struct Touched {
  std::map<std::string, std::string> documents;                             // number by its order
  std::map<const RecordKind*, std::map<std::string, std::string>> records;  // id by its order
};

void Note(const std::string& resource, Touched& touched) {
  if (const absl::StatusOr<DocumentName> document = ParseDocumentName(resource); document.ok()) {
    touched.documents.emplace(NumberOrder(document->number), document->number);
    return;
  }
  const absl::StatusOr<RecordName> record = ParseRecordName(resource, "resource");
  if (!record.ok()) return;  // the project itself
  const RecordKind* kind = FindRecordKind(record->collection);
  // Links change by the thousand, and are told of as figures alone.
  if (IsCounted(*kind) && kind != &KindOf<v1::Link>())
    touched.records[kind].emplace(NumberOrder(record->id), record->id);
}

absl::StatusOr<Touched> TouchedBetween(const ProjectView& view, std::int64_t after, const std::function<bool()>& gone) {
  Touched touched;
  while (true) {
    GREFFE_RETURN_IF_ERROR(CheckWanted(gone));
    GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::Change> changes, view.ListChanges(after, kPage));
    for (const v1::Change& change : changes) {
      for (const v1::ChangeEntry& entry : change.entries()) Note(entry.resource(), touched);
      after = change.sequence();
    }
    if (static_cast<int>(changes.size()) < kPage) return touched;
  }
}

absl::StatusOr<std::optional<v1::Document>> DocumentIn(const ProjectView& view, const std::string& number) {
  absl::StatusOr<v1::Document> document = view.GetDocument(number);
  if (absl::IsNotFound(document.status())) return std::nullopt;
  GREFFE_RETURN_IF_ERROR(document.status());
  return *std::move(document);
}

// `before` is empty when there was no project. What is not shown is not kept: a report may cover a whole history.
absl::Status AddChanges(const std::optional<ProjectView>& before, const ProjectView& after, Language language,
                        const std::function<bool()>& gone, ProgressFacts& facts) {
  GREFFE_ASSIGN_OR_RETURN(const Touched touched, TouchedBetween(after, before ? before->sequence() : 0, gone));
  for (const auto& [order, number] : touched.documents) {
    GREFFE_RETURN_IF_ERROR(CheckWanted(gone));
    std::optional<v1::Document> then;
    if (before) {
      GREFFE_ASSIGN_OR_RETURN(then, DocumentIn(*before, number));
    }
    GREFFE_ASSIGN_OR_RETURN(const v1::Document now, after.GetDocument(number));
    facts.documents.Add(LineOf(then ? &*then : nullptr, now, language));
  }
  for (const auto& [kind, ids] : touched.records) {
    ProgressLines& lines = facts.records[kind->collection];
    for (const auto& [order, id] : ids) {
      GREFFE_RETURN_IF_ERROR(CheckWanted(gone));
      RecordPtr then;
      if (before) {
        GREFFE_ASSIGN_OR_RETURN(then, before->FindRecord(*kind, id));
      }
      GREFFE_ASSIGN_OR_RETURN(const RecordPtr now, after.FindRecord(*kind, id));
      if (now != nullptr) lines.Add(LineOf(then.get(), *now, language));
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status GetProgressReport(const Runtime& runtime, const v1::GetProgressReportRequest& request,
                               const std::function<bool()>& gone, v1::ProgressReport* response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.name()));
  GREFFE_ASSIGN_OR_RETURN(const Language language, ParseLanguage(request.language(), "language"));
  StatusQuery query;
  query.item_limit = kMaxReportLines;
  if (request.has_due_within_days()) query.due_within_days = request.due_within_days();
  GREFFE_RETURN_IF_ERROR(ValidateStatusQuery(query, kMaxReportLines));
  GREFFE_ASSIGN_OR_RETURN(const Days days,
                          DaysOf(runtime, project, request.from_date(), request.to_date(), kReportDays));
  ProgressFacts facts;
  facts.from = days.from;
  facts.to = days.to;
  facts.due_within_days = query.due_within_days;
  GREFFE_ASSIGN_OR_RETURN(const ProjectView after, runtime.store.View(project, AtEndOf(days.to, days.time_zone)));
  GREFFE_ASSIGN_OR_RETURN(facts.project, after.GetProject());
  GREFFE_ASSIGN_OR_RETURN(facts.after, StatusOf(after, facts.project, days.to, query));

  const std::string day_before = AddDays(days.from, -1);
  std::optional<ProjectView> before;
  if (day_before < days.from) {  // else there is no day before
    absl::StatusOr<ProjectView> then = runtime.store.View(project, AtEndOf(day_before, days.time_zone));
    if (then.ok()) {
      before = *std::move(then);
      GREFFE_ASSIGN_OR_RETURN(const v1::Project record, before->GetProject());
      GREFFE_ASSIGN_OR_RETURN(facts.before, StatusOf(*before, record, day_before, {query.due_within_days, 0}));
    } else if (!absl::IsNotFound(then.status())) {
      return then.status();
    }
  }
  GREFFE_RETURN_IF_ERROR(AddChanges(before, after, language, gone, facts));

  response->set_markdown(ProgressReportText(facts, language));
  response->set_from_date(days.from);
  response->set_to_date(days.to);
  response->set_from_sequence(before ? before->sequence() : 0);
  response->set_to_sequence(after.sequence());
  response->mutable_status()->Swap(&facts.after);
  return absl::OkStatus();
}

}  // namespace greffe
