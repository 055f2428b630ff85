// Rules of what reads projects, documents, versions and changes.
#include <algorithm>

#include "greffe/v1/versions.pb.h"
#include "tests/model/draft.h"
#include "tests/model/filters.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

template <typename Answer>
Expected Answered(Answer answer) {
  Expected expected;
  expected.answer = std::make_shared<Answer>(std::move(answer));
  return expected;
}

Expected GetProject(const Moment& now, const v1::GetProjectRequest& request, const Made*) {
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  return moment ? Answered(ProjectAnswer(*moment)) : Expected::Refused(std::move(refusals));
}

Expected GetDocument(const Moment& now, const v1::GetDocumentRequest& request, const Made*) {
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const auto* document = moment->Find<v1::Document>(request.name());
  return document != nullptr ? Answered(*document) : Expected::Refused({"NOT_FOUND DOCUMENT_NOT_FOUND"});
}

bool IsNamedBy(const v1::Document& document, const v1::LookupDocumentRequest& request) {
  const auto& alternates = document.alternate_numbers();
  switch (request.key_case()) {
    case v1::LookupDocumentRequest::kNumber:
      return NumberOf(document) == request.number() ||
             std::find(alternates.begin(), alternates.end(), request.number()) != alternates.end();
    case v1::LookupDocumentRequest::kAlternateNumber:
      return std::find(alternates.begin(), alternates.end(), request.alternate_number()) != alternates.end();
    default:
      return document.state() == v1::DOCUMENT_STATE_ACTIVE && !document.path().empty() &&
             document.path() == request.path();
  }
}

Expected LookupDocument(const Moment& now, const v1::LookupDocumentRequest& request, const Made*) {
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  for (const v1::Document* document : moment->All<v1::Document>()) {
    if (IsNamedBy(*document, request)) return Answered(*document);
  }
  return Expected::Refused({"NOT_FOUND DOCUMENT_NOT_FOUND"});
}

Expected ListDocuments(const Moment& now, const v1::ListDocumentsRequest& request, const Made*) {
  const auto filter =
      std::find_if(Filters().begin(), Filters().end(), [&](const Filter& f) { return f.text == request.filter(); });
  const auto order =
      std::find_if(Orders().begin(), Orders().end(), [&](const Order& o) { return o.text == request.order_by(); });
  if (filter->matches == nullptr) return Expected::Refused({"INVALID_ARGUMENT FILTER_INVALID"});
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  std::vector<std::pair<std::string, const v1::Document*>> chosen;
  for (const v1::Document* document : moment->All<v1::Document>()) {
    if (filter->matches(*document)) chosen.emplace_back(order->key(*document) + '\0' + NumberOf(*document), document);
  }
  std::sort(chosen.begin(), chosen.end());
  if (order->descending) std::reverse(chosen.begin(), chosen.end());
  v1::ListDocumentsResponse response;
  for (const auto& [key, document] : chosen) *response.add_documents() = *document;
  response.set_sequence(moment->sequence());
  return Answered(std::move(response));
}

Expected ListVersions(const Moment& now, const v1::ListVersionsRequest& request, const Made*) {
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const auto* document = moment->Find<v1::Document>(request.parent());
  if (document == nullptr) return Expected::Refused({"NOT_FOUND DOCUMENT_NOT_FOUND"});
  v1::ListVersionsResponse response;
  if (moment->is_frozen()) {
    response.set_total_size(1);
    *response.add_versions() = document->latest_version();
    return Answered(std::move(response));
  }
  response.set_total_size(document->latest_version().number());
  for (std::int64_t number = response.total_size(); number > 0; --number) {
    *response.add_versions() = *moment->Find<v1::Version>(request.parent() + "/versions/" + std::to_string(number));
  }
  return Answered(std::move(response));
}

Expected GetVersion(const Moment& now, const v1::GetVersionRequest& request, const Made*) {
  Refusals refusals;
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const auto* document = moment->Find<v1::Document>(DocumentNameIn(request.name()));
  if (document == nullptr) return Expected::Refused({"NOT_FOUND DOCUMENT_NOT_FOUND"});
  const bool in_force = request.name().ends_with("/latest") || request.name().ends_with("/released");
  if (in_force && document->state() == v1::DOCUMENT_STATE_WITHDRAWN) {
    return Expected::Refused({"FAILED_PRECONDITION DOCUMENT_WITHDRAWN"});
  }
  const FoundVersion found = FindVersion(*moment, *document, request.name());
  return found.version != nullptr ? Answered(*found.version) : Expected::Refused({found.refusal});
}

std::vector<v1::Change> ChangesAfter(const Moment& now, std::int64_t after, std::int64_t limit) {
  std::vector<v1::Change> changes;
  for (std::int64_t at = after + 1; at <= now.sequence() && static_cast<std::int64_t>(changes.size()) < limit; ++at) {
    changes.push_back(now.project().change(at));
  }
  return changes;
}

Expected ListChanges(const Moment& now, const v1::ListChangesRequest& request, const Made*) {
  if (!now.exists()) return Expected::Refused({"NOT_FOUND PROJECT_NOT_FOUND"});
  v1::ListChangesResponse response;
  for (v1::Change& change : ChangesAfter(now, request.after_sequence(), request.page_size())) {
    *response.add_changes() = std::move(change);
  }
  response.set_sequence(now.sequence());
  return Answered(std::move(response));
}

// To the end of what was there; the answer is kept as a page, without a sequence of its own.
Expected WatchChanges(const Moment& now, const v1::WatchChangesRequest& request, const Made*) {
  if (!now.exists()) return Expected::Refused({"NOT_FOUND PROJECT_NOT_FOUND"});
  v1::ListChangesResponse response;
  for (v1::Change& change : ChangesAfter(now, request.after_sequence(), now.sequence())) {
    *response.add_changes() = std::move(change);
  }
  return Answered(std::move(response));
}

}  // namespace

void AddReadRules(Rules& rules) {
  rules.Add<v1::GetProjectRequest>(GetProject);
  rules.Add<v1::GetDocumentRequest>(GetDocument);
  rules.Add<v1::LookupDocumentRequest>(LookupDocument);
  rules.Add<v1::ListDocumentsRequest>(ListDocuments);
  rules.Add<v1::ListVersionsRequest>(ListVersions);
  rules.Add<v1::GetVersionRequest>(GetVersion);
  rules.Add<v1::ListChangesRequest>(ListChanges);
  rules.Add<v1::WatchChangesRequest>(WatchChanges);
}

}  // namespace greffe::model
