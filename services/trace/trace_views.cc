#include "services/trace/trace_views.h"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/call/asked_page.h"
#include "services/call/unary.h"
#include "storage/base/errors.h"
#include "storage/base/link_rules.h"
#include "storage/base/names.h"
#include "storage/base/project_rules.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr int kDefaultResults = 1000;
constexpr int kMaxResults = 10'000;
constexpr int kMaxDepth = 1000;

absl::StatusOr<LinkTypes> TypesOf(const google::protobuf::RepeatedField<int>& types) {
  LinkTypes bits = 0;
  for (int i = 0; i < types.size(); ++i) {
    if (types[i] == v1::LINK_TYPE_UNSPECIFIED || !v1::LinkType_IsValid(types[i])) {
      return InvalidField(absl::StrCat("types[", i, "]"), "LINK_TYPE_UNKNOWN",
                          absl::StrCat("'", types[i], "': is none of the link types"));
    }
    bits |= 1u << types[i];
  }
  return bits;
}

absl::StatusOr<int> Within(int value, int fallback, int maximum, const std::string& field) {
  if (value < 0) return InvalidField(field, "FIELD_INVALID", absl::StrCat("'", value, "': is below 0"));
  return value == 0 ? fallback : std::min(value, maximum);
}

// A page of a listing that goes on at the moment of its first page.
struct OpenPage {
  ProjectView view;
  AskedPage asked;
};
template <typename Request>
absl::StatusOr<OpenPage> Open(const Runtime& runtime, const Request& request, const std::string& project) {
  GREFFE_ASSIGN_OR_RETURN(AskedPage asked, AskPage(runtime, request));
  GREFFE_ASSIGN_OR_RETURN(ProjectView view, runtime.store.View(project, asked.Moment(request.as_of())));
  return OpenPage{std::move(view), std::move(asked)};
}

template <typename Response>
void SetNext(const Runtime& runtime, const OpenPage& page, std::string next, Response& response) {
  if (next.empty()) return;
  response.set_next_page_token(NextPageToken(runtime, page.asked, page.view.sequence(), std::move(next)));
}

absl::Status ValidateAxis(const v1::Project& project, const v1::CoverageAxis& axis, const std::string& field) {
  if (!v1::AnchorKind_IsValid(axis.anchors())) {
    return InvalidField(field + ".anchors", "FIELD_INVALID",
                        absl::StrCat("'", static_cast<int>(axis.anchors()), "': is none of the kinds of anchors"));
  }
  if (axis.has_document_type()) {
    if (FindDocumentType(project, axis.document_type()) != nullptr) return absl::OkStatus();
    return InvalidField(field + ".document_type", "DOCUMENT_TYPE_UNKNOWN",
                        "'" + PrintableUtf8(axis.document_type()) + "': the project has no such document type");
  }
  if (!axis.has_collection()) {
    return InvalidField(field, "FIELD_REQUIRED", "one of document_type and collection is required");
  }
  const std::string& collection = axis.collection();
  if (FindRecordKind(collection) == nullptr || collection == "links" || collection == "anchors" ||
      collection == "versions") {
    return InvalidField(field + ".collection", "COLLECTION_UNKNOWN",
                        "'" + PrintableUtf8(collection) + "': links cannot end at records of such a collection");
  }
  if (axis.anchors() == v1::ANCHOR_KIND_UNSPECIFIED) return absl::OkStatus();
  return InvalidField(field + ".anchors", "FIELD_INVALID", "goes with document_type alone");
}

// The end that a request asks about, which must be there.
absl::Status CheckIsThere(const ProjectView& view, const LinkEnd& end) {
  const std::string_view number = end.DocumentNumber();
  if (end.version > 0) return view.GetVersion(number, end.version).status();
  if (!number.empty()) return view.GetDocument(number).status();
  const std::size_t slash = end.subject.find('/');
  const RecordKind& kind = *FindRecordKind(std::string_view(end.subject).substr(0, slash));
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, view.FindRecord(kind, end.subject.substr(slash + 1)));
  if (record != nullptr) return absl::OkStatus();
  const std::string name = FormatLinkEnd(view.project(), end);
  return Error(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND", "there is no '" + name + "' at this moment",
               {{"resource", name}});
}

// "projects/apollo/..." -> "apollo"; "" for anything else.
std::string ProjectIdOf(std::string_view name) {
  constexpr std::string_view kProjects = "projects/";
  if (!name.starts_with(kProjects)) return "";
  const std::string_view rest = name.substr(kProjects.size());
  return std::string(rest.substr(0, rest.find('/')));
}

}  // namespace

absl::Status AnswerImpact(const Runtime& runtime, const v1::GetImpactRequest& request,
                          v1::GetImpactResponse& response) {
  const std::string project = ProjectIdOf(request.name());
  GREFFE_ASSIGN_OR_RETURN(const LinkEnd end, ParseLinkEnd(project, request.name(), request.anchor(), "name"));
  if (!v1::ImpactDirection_IsValid(request.direction())) {
    return InvalidField("direction", "FIELD_INVALID",
                        absl::StrCat("'", static_cast<int>(request.direction()), "': is no direction"));
  }
  ImpactQuery query;
  query.subject = end.subject;
  query.anchor = end.anchor;
  query.dependents = request.direction() != v1::IMPACT_DIRECTION_DEPENDENCIES;
  query.dependencies = request.direction() != v1::IMPACT_DIRECTION_DEPENDENTS;
  GREFFE_ASSIGN_OR_RETURN(query.types, TypesOf(request.types()));
  GREFFE_ASSIGN_OR_RETURN(query.max_depth, Within(request.max_depth(), kMaxDepth, kMaxDepth, "max_depth"));
  GREFFE_ASSIGN_OR_RETURN(query.max_results,
                          Within(request.max_results(), kDefaultResults, kMaxResults, "max_results"));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime.store.View(project, request.as_of()));
  GREFFE_RETURN_IF_ERROR(CheckIsThere(view, end));
  GREFFE_ASSIGN_OR_RETURN(response, view.FindImpact(query));
  return absl::OkStatus();
}

absl::Status AnswerCoverage(const Runtime& runtime, const v1::GetCoverageMatrixRequest& request,
                            v1::GetCoverageMatrixResponse& response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  GREFFE_ASSIGN_OR_RETURN(OpenPage page, Open(runtime, request, project));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project described, page.view.GetProject());
  GREFFE_RETURN_IF_ERROR(ValidateAxis(described, request.rows(), "rows"));
  GREFFE_RETURN_IF_ERROR(ValidateAxis(described, request.columns(), "columns"));
  CoverageQuery query;
  query.rows = request.rows();
  query.columns = request.columns();
  GREFFE_ASSIGN_OR_RETURN(query.types, TypesOf(request.types()));
  query.gaps_only = request.gaps_only();
  query.limit = page.asked.size;
  query.after = page.asked.begin.position;
  GREFFE_ASSIGN_OR_RETURN(CoveragePage found, page.view.ListCoverage(query));
  for (v1::CoverageRow& row : found.rows) *response.add_rows() = std::move(row);
  response.set_sequence(page.view.sequence());
  SetNext(runtime, page, std::move(found.next), response);
  return absl::OkStatus();
}

absl::Status AnswerOrphans(const Runtime& runtime, const v1::ListOrphansRequest& request,
                           v1::ListOrphansResponse& response) {
  GREFFE_ASSIGN_OR_RETURN(const std::string project, ParseProjectName(request.parent(), "parent"));
  GREFFE_ASSIGN_OR_RETURN(OpenPage page, Open(runtime, request, project));
  if (request.has_of()) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Project described, page.view.GetProject());
    GREFFE_RETURN_IF_ERROR(ValidateAxis(described, request.of(), "of"));
  }
  CoverageQuery query;
  query.rows = request.of();
  GREFFE_ASSIGN_OR_RETURN(query.types, TypesOf(request.types()));
  query.gaps_only = true;
  query.limit = page.asked.size;
  query.after = page.asked.begin.position;
  GREFFE_ASSIGN_OR_RETURN(CoveragePage found, page.view.ListCoverage(query));
  for (v1::CoverageRow& row : found.rows) *response.add_orphans() = std::move(row);
  response.set_sequence(page.view.sequence());
  SetNext(runtime, page, std::move(found.next), response);
  return absl::OkStatus();
}

absl::Status AnswerAnchors(const Runtime& runtime, const v1::ListAnchorsRequest& request,
                           v1::ListAnchorsResponse& response) {
  GREFFE_ASSIGN_OR_RETURN(const DocumentName name, ParseDocumentName(request.parent(), "parent"));
  GREFFE_ASSIGN_OR_RETURN(OpenPage page, Open(runtime, request, name.project));
  GREFFE_RETURN_IF_ERROR(page.view.GetDocument(name.number).status());
  int first = 0;
  if (!page.asked.begin.position.empty() && (!absl::SimpleAtoi(page.asked.begin.position, &first) || first < 0)) {
    return InvalidField("page_token", "PAGE_TOKEN_INVALID", "is not of this listing");
  }
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, page.view.FindAnchors(name.number));
  if (record == nullptr) return absl::OkStatus();
  const auto& anchors = static_cast<const v1::Anchors&>(*record);
  const int end = std::min(anchors.anchors_size(), first + page.asked.size);
  for (int i = first; i < end; ++i) *response.add_anchors() = anchors.anchors(i);
  response.set_version(anchors.version());
  if (end < anchors.anchors_size()) SetNext(runtime, page, std::to_string(end), response);
  return absl::OkStatus();
}

}  // namespace greffe
