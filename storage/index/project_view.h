// A project at one moment. All that a request reads comes through one of these, so that lists, counts and pages agree
// (I7). Holds no resources: rows of a sequence never change.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/baselines.pb.h"
#include "greffe/v1/changes.pb.h"
#include "greffe/v1/common.pb.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "greffe/v1/reports.pb.h"
#include "greffe/v1/versions.pb.h"
#include "storage/base/errors.h"
#include "storage/base/filter.h"
#include "storage/base/names.h"
#include "storage/base/record_filter.h"
#include "storage/base/record_kinds.h"
#include "storage/index/document_head.h"
#include "storage/index/index.h"
#include "storage/index/link_queries.h"
#include "storage/index/tallies.h"

namespace greffe {

struct DocumentPage {
  std::vector<v1::Document> documents;
  std::string next;  // position of the next page; "" at the end
};

struct VersionPage {
  std::vector<std::string> versions;  // serialized, as they lie in the index
  std::string next;
  std::int64_t total_size = 0;
};

struct FrozenPage {
  std::vector<v1::BaselineDocument> documents;
  std::string next;
};

// Reason of NOT_FOUND for what a baseline does not hold.
inline constexpr char kNotInBaseline[] = "NOT_IN_BASELINE";

struct RecordPage {
  std::vector<RecordPtr> records;
  std::string next;
};

struct RowPage {
  std::vector<std::string> rows;  // records, serialized
  std::string next;
};

// Thread-safe; cheap to copy. The index must outlive it.
class ProjectView {
 public:
  // NOT_FOUND (PROJECT_NOT_FOUND) when there is no such project, or not at that time; OUT_OF_RANGE (SEQUENCE_UNKNOWN)
  // for a sequence that is not there yet, INVALID_ARGUMENT for one below 1. As of a baseline, which must be the
  // project's (RECORD_NOT_FOUND), the view holds its documents alone: others, and other versions, are NOT_FOUND
  // (NOT_IN_BASELINE), and the version that was frozen shows as the latest.
  static absl::StatusOr<ProjectView> Open(const Index& index, std::string_view project, const v1::AsOf& as_of = {});

  const std::string& project() const { return project_; }
  std::int64_t sequence() const { return sequence_; }
  // The id of the baseline that this is a view of; "": of none.
  const std::string& baseline() const { return baseline_; }

  // With all output-only fields.
  absl::StatusOr<v1::Project> GetProject() const;
  // NOT_FOUND (DOCUMENT_NOT_FOUND), also for one that came later.
  absl::StatusOr<v1::Document> GetDocument(std::string_view number) const;
  // The same, of which only little is read.
  absl::StatusOr<DocumentHead> GetDocumentHead(std::string_view number) const;
  // NOT_FOUND (DOCUMENT_NOT_FOUND) naming the key.
  absl::StatusOr<v1::Document> FindByNumberOrAlternate(std::string_view number) const;
  absl::StatusOr<v1::Document> FindByAlternate(std::string_view number) const;
  absl::StatusOr<v1::Document> FindByPath(std::string_view path) const;  // active documents only

  // NOT_FOUND (VERSION_NOT_FOUND), also for one that came later.
  absl::StatusOr<v1::Version> GetVersion(std::string_view number, std::int64_t version) const;
  // The document's latest version at this moment. FAILED_PRECONDITION (NO_CONTENT) when it has none.
  absl::StatusOr<v1::Version> GetLatestVersion(std::string_view number) const;
  // The version that a name means. NOT_FOUND (VERSION_NOT_FOUND) when there is no such version or revision code;
  // FAILED_PRECONDITION (NO_CONTENT, NOTHING_RELEASED, DOCUMENT_WITHDRAWN) when an alias names nothing.
  absl::StatusOr<v1::Version> ResolveVersion(const VersionName& name) const;
  // Newest first; `after` is a former page's `next`. This and other pages end after `limit` items, or kPageBytes.
  absl::StatusOr<VersionPage> ListVersions(std::string_view number, int limit, std::string_view after) const;

  absl::StatusOr<DocumentPage> ListDocuments(const DocumentFilter& filter, const DocumentOrdering& ordering, int limit,
                                             std::string_view after) const;

  // nullptr: there is none at this moment.
  absl::StatusOr<RecordPtr> FindRecord(const RecordKind& kind, std::string_view id) const;
  // The same, serialized and not looked at; nullopt: there is none.
  absl::StatusOr<std::optional<std::string>> FindRow(const RecordKind& kind, std::string_view id) const;
  // NOT_FOUND (RECORD_NOT_FOUND) naming the record.
  absl::StatusOr<RecordPtr> GetRecord(const RecordKind& kind, std::string_view id) const;
  template <typename Record>
  absl::StatusOr<Record> GetRecord(std::string_view id) const {
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, GetRecord(KindOf<Record>(), id));
    return static_cast<const Record&>(*record);
  }
  absl::StatusOr<RecordPage> ListRecords(const RecordKind& kind, const RecordFilter& filter,
                                         const RecordOrdering& ordering, int limit, std::string_view after) const;
  // The same, for who sends them on as they are: what no filter asked to be parsed has not been looked at.
  absl::StatusOr<RowPage> ListRows(const RecordKind& kind, const RecordFilter& filter, const RecordOrdering& ordering,
                                   int limit, std::string_view after) const;

  // The record after each of its changes, newest first. `after` is a former page's `next`. NOT_FOUND (RECORD_NOT_FOUND)
  // for one that is not there at this moment.
  absl::StatusOr<RecordPage> ListRevisions(const RecordKind& kind, std::string_view id, int limit,
                                           std::string_view after) const;

  // The record of a document's anchors; nullptr: there is none. As of a baseline that of the version that was frozen,
  // which a later one may have followed by then; nullptr when that was never looked at. Errors as GetDocument then.
  absl::StatusOr<RecordPtr> FindAnchors(std::string_view number) const;

  // Calls `visit` with each value of the indexed field from `from` on, up to and without `until`, and the id of the
  // record that has it, in the order of values; without a look at the records. It returns false to end.
  absl::Status VisitValues(const RecordKind& kind, std::string_view field, const std::string& from,
                           const std::string& until,
                           const std::function<bool(std::string_view value, std::string_view id)>& visit) const;
  // What is counted, once for all that is asked of it: the figures of the project on a day (see status_figures.h), and
  // what is open and due in [from, until) ("": from the first on), the earliest first.
  absl::StatusOr<Tallies> ReadTallies() const;
  static absl::StatusOr<v1::StatusFigures> CountFigures(Tallies& tallies, const std::string& day, int due_within_days);
  absl::StatusOr<std::vector<v1::DueItem>> ListDue(Tallies& tallies, const std::string& from, const std::string& until,
                                                   int limit) const;
  // What hangs on what, and a page of what is linked with what; see impact.h and coverage_lister.h.
  absl::StatusOr<v1::GetImpactResponse> FindImpact(const ImpactQuery& query) const;
  absl::StatusOr<CoveragePage> ListCoverage(const CoverageQuery& query) const;
  // Of any baseline that is there now, by number. `after` is a former page's `next`; of a baseline that is not there,
  // none.
  absl::StatusOr<FrozenPage> ListFrozen(std::string_view baseline, int limit, std::string_view after) const;

  // In (after, sequence()], oldest first, at most `limit`.
  absl::StatusOr<std::vector<v1::Change>> ListChanges(std::int64_t after, int limit) const;

 private:
  // Puts in the states that these, a page of ListVersions from `newest` down, have at this moment.
  absl::Status CompleteStates(std::string_view number, std::int64_t newest, std::vector<std::string>& versions) const;
  absl::Status NoRecord(const RecordKind& kind, std::string_view id) const;
  // Whatever baseline this is a view of; `Document` is what the row is read as.
  template <typename Document>
  absl::StatusOr<Document> DocumentAt(std::string_view number,
                                      absl::StatusOr<Document> (*decode)(std::string_view)) const;
  absl::StatusOr<v1::Version> VersionAt(std::string_view number, std::int64_t version) const;
  // The baseline's version of a document. NOT_FOUND (NOT_IN_BASELINE).
  absl::StatusOr<std::int64_t> FrozenVersion(std::string_view number) const;
  // Shows the document with the version that was frozen.
  absl::Status Freeze(std::string_view number, v1::Document& document) const;
  absl::Status CheckFrozen(std::string_view number, std::int64_t version) const;
  static absl::StatusOr<ProjectView> OpenBaseline(const Index& index, std::string_view project,
                                                  const std::string& baseline);
  ProjectView(const Index& index, std::string project, std::int64_t sequence, std::string baseline = "")
      : index_(&index), project_(std::move(project)), sequence_(sequence), baseline_(std::move(baseline)) {}

  const Index* index_;
  std::string project_;
  std::int64_t sequence_;
  std::string baseline_;
};

}  // namespace greffe
