// What the commands about deliverables, milestones and actions share: how people name them, and lists of what is due.
#pragma once

#include <CLI/App.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/moment.h"
#include "clients/cli/record_ref.h"
#include "clients/cli/session.h"
#include "clients/cli/table.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {

// Options of lists of what is due.
struct DueOptions {
  std::string filter;
  std::string order_by;
  std::string state;
  bool late = false;
  int due_within = -1;
  std::int64_t limit = 0;
  std::string as_of;
};
void AddDueOptions(CLI::App* command, DueOptions& options);

// One comparison with a text; "" for an empty value.
std::string Comparison(const std::string& field, const std::string& value);

// A request for the first page of what the options ask for; `comparisons` are added to the filter, empty ones are left
// out.
template <typename Request>
absl::StatusOr<Request> DueRequest(Session& session, const DueOptions& options,
                                   const std::vector<std::string>& comparisons) {
  Request request;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_parent(), session.Parent());
  std::string filter = options.filter;
  const auto add = [&filter](const std::string& part) {
    if (!part.empty()) filter += (filter.empty() ? "" : " AND ") + part;
  };
  if (!options.state.empty()) add("state = " + options.state);
  for (const std::string& comparison : comparisons) add(comparison);
  request.set_filter(filter);
  request.set_order_by(options.order_by);
  request.set_late(options.late);
  if (options.due_within >= 0) request.set_due_within_days(options.due_within);
  request.set_page_size(options.limit > 0 && options.limit < 1000 ? static_cast<int>(options.limit) : 1000);
  if (!options.as_of.empty()) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(*request.mutable_as_of(), MomentOf(session, options.as_of));
  }
  return request;
}

// Prints a list: each record as JSON, or as `row` in `table`. `call(request)` gives a page, `records(page)` what is on
// it.
template <typename Request, typename Call, typename Records, typename Row>
absl::Status PrintList(Session& session, Request request, std::int64_t limit, Table table, Call call, Records records,
                       Row row) {
  std::int64_t count = 0;
  while (true) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const auto page, call(request));
    for (const auto& record : records(page)) {
      if (limit > 0 && count++ == limit) break;
      if (session.json()) {
        session.PrintJson(record);
      } else {
        table.Add(row(record));
      }
    }
    if (page.next_page_token().empty() || (limit > 0 && count >= limit)) break;
    request.set_page_token(page.next_page_token());
  }
  if (!session.json()) table.Print(session);
  return absl::OkStatus();
}

// "-" for what is empty, so that columns stay readable.
std::string OrDash(const std::string& text);

// "+12" or "-3"; "" for 0.
std::string DaysText(std::int64_t days);

// A change of a date in one line: "2026-03-01  forecast 2026-03-31 -> 2026-04-10 (+10) by ada: supplier is late".
std::string SlipText(const v1::DateChange& slip);

}  // namespace greffe::cli
