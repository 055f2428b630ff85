#include "services/reports/portfolio.h"

#include <string>
#include <utility>
#include <vector>

#include "services/call/asked_page.h"
#include "services/call/side_by_side.h"
#include "services/call/unary.h"
#include "services/reports/project_status.h"
#include "storage/base/canonical_json.h"
#include "storage/base/names.h"
#include "storage/base/page_bytes.h"

namespace greffe {

absl::Status ListPortfolio(const Runtime& runtime, const v1::ListPortfolioRequest& request,
                           v1::ListPortfolioResponse* response) {
  constexpr int kMaxItems = 5;
  constexpr int kHelpers = 3;
  if (request.as_of().has_sequence() || request.as_of().has_baseline()) {
    return InvalidField("as_of", "FIELD_INVALID", "a moment of all projects is a time, no sequence and no baseline");
  }
  GREFFE_RETURN_IF_ERROR(ValidateMoment(request.as_of(), request.date()));
  StatusQuery query;
  query.item_limit = request.item_limit();
  if (request.has_due_within_days()) query.due_within_days = request.due_within_days();
  GREFFE_RETURN_IF_ERROR(ValidateStatusQuery(query, kMaxItems));
  GREFFE_ASSIGN_OR_RETURN(const AskedPage asked, AskPage(runtime, request));
  GREFFE_ASSIGN_OR_RETURN(std::vector<std::string> ids,
                          runtime.store.ListProjects(asked.begin.position, asked.size + 1));
  const bool more = static_cast<int>(ids.size()) > asked.size;
  if (more) ids.pop_back();
  const auto end_after = [&](const std::string& id) {
    response->set_next_page_token(NextPageToken(runtime, asked, 0, id));
  };
  if (more) end_after(ids.back());
  std::vector<absl::StatusOr<v1::ProjectStatus>> statuses(ids.size());
  SideBySide(runtime.pool, ids.size(), kHelpers,
             [&](std::size_t i) { statuses[i] = StatusAt(runtime, ids[i], request.as_of(), request.date(), query); });
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < ids.size(); ++i) {
    absl::StatusOr<v1::ProjectStatus>& status = statuses[i];
    if (absl::IsNotFound(status.status())) continue;  // it came later
    if (IsUnreadable(status.status())) {
      // The others are not kept back by one.
      response->add_damaged_projects(ProjectName(ids[i]));
      continue;
    }
    GREFFE_RETURN_IF_ERROR(status.status());
    bytes += status->ByteSizeLong();
    if (bytes > kPageBytes && response->projects_size() > 0) {
      end_after(ids[i - 1]);
      break;
    }
    *response->add_projects() = *std::move(status);
  }
  return absl::OkStatus();
}

}  // namespace greffe
