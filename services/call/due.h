// What is late, and what is due soon: what the lists of deliverables, milestones and actions share.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/call/records.h"
#include "services/call/runtime.h"

namespace greffe {

// The day of the moment that is asked about, in the project's time zone.
absl::StatusOr<std::string> DayOf(const Runtime& runtime, const std::string& project, const v1::AsOf& as_of);

// The same of a project that was read at that moment.
std::string DayOf(const Runtime& runtime, const v1::Project& project, const v1::AsOf& as_of);

// The moment at the end of a day, which is valid, in a time zone.
v1::AsOf AtEndOf(const std::string& day, const std::string& time_zone);

// What goes before the position of the next page of a list that goes by `day`; "" when it goes by none.
std::string DayMark(const std::string& day);

// The day of the mark before a position, which loses it. INVALID_ARGUMENT (PAGE_TOKEN_INVALID) when there is none.
absl::StatusOr<std::string> TakeDay(std::string& position);

// Adds a comparison of a field of text to what the caller wrote, whose limit it does not count for.
void AddComparison(RecordFilter& filter, std::string field, FilterOperator op, std::string value);

// Adds what `late` and `due_within_days` (below 0: any) ask for on the day `today`.
void AddDue(RecordFilter& filter, bool late, int due_within_days, const std::string& today);

// A page of a list that goes by a day.
struct DatedPage {
  std::string day;
  AskedPage asked;
};

// The day of the list's first page, which tokens carry before the position, so that all pages agree over midnight.
template <typename Request>
absl::StatusOr<DatedPage> DatedPageOf(const Runtime& runtime, const std::string& project, const Request& request) {
  DatedPage page;
  GREFFE_ASSIGN_OR_RETURN(page.asked, AskPage(runtime, request));
  if (page.asked.first) {
    GREFFE_ASSIGN_OR_RETURN(page.day, DayOf(runtime, project, request.as_of()));
    return page;
  }
  GREFFE_ASSIGN_OR_RETURN(page.day, TakeDay(page.asked.begin.position));
  return page;
}

// AnswerPageOf for a request with `filter`, `order_by`, `late` and `due_within_days`.
template <typename Request, typename Response, typename Add>
absl::Status AnswerDuePageOf(const Runtime& runtime, const RecordKind& kind, const std::string& project,
                             const Request& request, Response* response, Add add) {
  constexpr int kMaxDays = 3650;
  const bool soon = request.has_due_within_days();
  if (!soon && !request.late()) {
    return AnswerPageOf(runtime, kind, project, request, request.filter(), request.order_by(), response, add);
  }
  const google::protobuf::Descriptor& type = *kind.prototype->GetDescriptor();
  if (type.FindFieldByName("open_due_date") == nullptr) {
    return InvalidField(soon ? "due_within_days" : "late", "FIELD_INVALID",
                        kind.collection + " have no day by which they are due");
  }
  if (soon && (request.due_within_days() < 0 || request.due_within_days() > kMaxDays)) {
    return InvalidField(
        "due_within_days", "FIELD_INVALID",
        "'" + std::to_string(request.due_within_days()) + "': allowed are 0 to " + std::to_string(kMaxDays));
  }
  GREFFE_ASSIGN_OR_RETURN(RecordFilter filter, ParseRecordFilter(request.filter(), type));
  GREFFE_ASSIGN_OR_RETURN(const DatedPage page, DatedPageOf(runtime, project, request));
  AddDue(filter, request.late(), soon ? request.due_within_days() : -1, page.day);
  return AnswerPageFrom(runtime, kind, project, request, page.asked, DayMark(page.day), filter,
                        request.order_by().empty() ? "open_due_date" : request.order_by(), response, add);
}

// The same for records of one type, which the response has a repeated field of, by a request with `parent`.
template <typename Record, typename Request, typename Response>
absl::Status AnswerDuePage(const Runtime& runtime, const Request& request, Response* response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  return AnswerDuePageOf(runtime, KindOf<Record>(), project, request, response,
                         [&](std::string row) { AddSerialized(*response, *Record::descriptor(), std::move(row)); });
}

}  // namespace greffe
