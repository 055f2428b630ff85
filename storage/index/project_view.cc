#include "storage/index/project_view.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/number_order.h"
#include "storage/base/page_bytes.h"
#include "storage/base/paths.h"
#include "storage/base/utf8.h"
#include "storage/index/coverage_lister.h"
#include "storage/index/document_lister.h"
#include "storage/index/impact.h"
#include "storage/index/keys.h"
#include "storage/index/record_row.h"
#include "storage/index/state.h"
#include "storage/index/status_figures.h"
#include "storage/index/versioned_walk.h"

namespace greffe {
namespace {

absl::Status NoDocument(std::string_view project, const std::string& what, std::string_view key) {
  return Error(absl::StatusCode::kNotFound, "DOCUMENT_NOT_FOUND",
               "project '" + std::string(project) + "' has no document with " + what + " '" +
                   PrintableUtf8(key.substr(0, 200)) + "' at this moment",
               {{"project", std::string(project)}, {"key", PrintableUtf8(key.substr(0, 200))}});
}

absl::Status NoProject(std::string_view project) {
  return Error(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND",
               "there is no project '" + std::string(project) + "' at this moment",
               {{"project", std::string(project)}});
}

// Neither the latest nor the released version of a withdrawn document is in force.
absl::Status CheckInForce(const v1::Document& document) {
  if (document.state() != v1::DOCUMENT_STATE_WITHDRAWN) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "DOCUMENT_WITHDRAWN",
               "document '" + LastSegment(document.name()) + "' is withdrawn; its versions can be asked for by number",
               {{"document", document.name()}});
}

std::int64_t SequenceIn(const v1::Document& document) { return document.sequence(); }
std::int64_t SequenceIn(const DocumentHead& head) { return head.sequence; }

}  // namespace

absl::StatusOr<ProjectView> ProjectView::Open(const Index& index, std::string_view project, const v1::AsOf& as_of) {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> mark, index.FindMark(project));
  if (!mark) return NoProject(project);
  if (as_of.has_baseline()) return OpenBaseline(index, project, as_of.baseline());
  std::int64_t sequence = mark->sequence;
  if (as_of.has_sequence()) {
    if (as_of.sequence() < 1) {
      return InvalidField("as_of.sequence", "SEQUENCE_INVALID",
                          "'" + std::to_string(as_of.sequence()) + "': sequences begin at 1");
    }
    if (as_of.sequence() > sequence) {
      return Error(absl::StatusCode::kOutOfRange, "SEQUENCE_UNKNOWN",
                   "'" + std::to_string(as_of.sequence()) + "': the project is at " + std::to_string(sequence),
                   {{"sequence", std::to_string(sequence)}});
    }
    sequence = as_of.sequence();
  } else if (as_of.has_time()) {
    if (!IsTimestamp(as_of.time())) {
      return InvalidField("as_of.time", "TIME_INVALID",
                          "'" + std::to_string(as_of.time().seconds()) + "' seconds: years are 1 to 9999");
    }
    const std::string prefix = keys::ProjectPrefix(keys::kTime, project);
    const auto row = index.state_->NewIterator(nullptr);
    row->SeekForPrev(keys::TimeKey(project, ToMicros(as_of.time()), INT64_MAX));
    // Commits that came before an imported history have times after it.
    for (; row->Valid() && ToView(row->key()).starts_with(prefix); row->Prev()) {
      const std::string_view key = ToView(row->key());
      sequence = keys::ReadBigEndian(key.substr(key.size() - 8));
      if (sequence >= mark->first_dated_sequence) return ProjectView(index, std::string(project), sequence);
    }
    GREFFE_RETURN_IF_ERROR(index.state_->Check(row->status()));
    return NoProject(project);
  }
  return ProjectView(index, std::string(project), sequence);
}

absl::StatusOr<v1::Project> ProjectView::GetProject() const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                          index_->state_->GetAt(keys::ProjectPrefix(keys::kProject, project_), sequence_));
  if (!row) return NoProject(project_);
  GREFFE_ASSIGN_OR_RETURN(v1::Project project, index_->state_->CheckRow(ParseRow<v1::Project>(*row)));
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> change_row,
                          index_->state_->Get(index_->state_->rows, keys::ChangeKey(project_, sequence_)));
  if (!change_row) {
    return index_->state_->CheckRow(DamagedRow("change " + std::to_string(sequence_) + " of '" + project_ + "'"));
  }
  GREFFE_ASSIGN_OR_RETURN(const ChangeRow change, index_->state_->CheckRow(ChangeRow::DecodeHead(*change_row)));
  project.set_sequence(sequence_);
  project.set_commit(change.change.commit());
  *project.mutable_update_time() = change.change.effective_time();
  project.set_document_count(change.document_count);
  project.set_version_count(change.version_count);
  return project;
}

absl::StatusOr<v1::Document> ProjectView::GetDocument(std::string_view number) const {
  absl::StatusOr<v1::Document> document = DocumentAt(number, &ParseRow<v1::Document>);
  if (document.ok() && !baseline_.empty()) GREFFE_RETURN_IF_ERROR(Freeze(number, *document));
  return document;
}

absl::StatusOr<DocumentHead> ProjectView::GetDocumentHead(std::string_view number) const {
  if (!baseline_.empty()) GREFFE_RETURN_IF_ERROR(FrozenVersion(number).status());
  return DocumentAt(number, &DocumentHead::Decode);
}

template <typename Document>
absl::StatusOr<Document> ProjectView::DocumentAt(std::string_view number,
                                                 absl::StatusOr<Document> (*decode)(std::string_view)) const {
  // The newest state is one look-up, and most often the answer.
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> current,
                          index_->state_->GetCurrent(keys::Point(keys::kCurrentDocument, project_, number)));
  if (!current) return NoDocument(project_, "number", number);
  GREFFE_ASSIGN_OR_RETURN(Document document, index_->state_->CheckRow(decode(*current)));
  if (SequenceIn(document) <= sequence_) return document;
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                          index_->state_->GetAt(keys::DocumentPrefix(project_, number), sequence_));
  if (!row) return NoDocument(project_, "number", number);
  return index_->state_->CheckRow(decode(*row));
}

absl::StatusOr<v1::Document> ProjectView::FindByNumberOrAlternate(std::string_view number) const {
  if (ValidateDocumentNumber(number, "number").ok()) {
    absl::StatusOr<v1::Document> document = GetDocument(number);
    if (!absl::IsNotFound(document.status()) || ReasonOf(document.status()) == kNotInBaseline) return document;
  }
  return FindByAlternate(number);
}

absl::StatusOr<v1::Document> ProjectView::FindByAlternate(std::string_view number) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> holder,
                          index_->state_->GetAt(keys::AlternatePrefix(project_, number), sequence_));
  if (!holder || holder->empty()) return NoDocument(project_, "number", number);
  return GetDocument(*holder);
}

absl::StatusOr<v1::Document> ProjectView::FindByPath(std::string_view path) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> holder,
                          index_->state_->GetAt(keys::PathPrefix(project_, NormalizePath(path)), sequence_));
  if (!holder || holder->empty()) return NoDocument(project_, "path", path);
  return GetDocument(*holder);
}

absl::StatusOr<v1::Version> ProjectView::GetVersion(std::string_view number, std::int64_t version) const {
  absl::StatusOr<v1::Version> found = VersionAt(number, version);
  if (found.ok()) GREFFE_RETURN_IF_ERROR(CheckFrozen(number, version));
  return found;
}

absl::StatusOr<v1::Version> ProjectView::VersionAt(std::string_view number, std::int64_t version) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                          index_->state_->Get(index_->state_->rows, keys::VersionKey(project_, number, version)));
  if (row) {
    GREFFE_ASSIGN_OR_RETURN(v1::Version found, index_->state_->CheckRow(ParseRow<v1::Version>(*row)));
    if (found.sequence() <= sequence_) {
      GREFFE_ASSIGN_OR_RETURN(const RecordPtr record,
                              FindRecord(KindOf<v1::Version>(), std::string(number) + "/" + std::to_string(version)));
      return record == nullptr ? found : static_cast<const v1::Version&>(*record);
    }
  }
  GREFFE_RETURN_IF_ERROR(GetDocument(number).status());
  return Error(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND",
               "document '" + std::string(number) + "' has no version " + std::to_string(version) + " at this moment",
               {{"document", FormatDocumentName(project_, number)}, {"version", std::to_string(version)}});
}

absl::StatusOr<v1::Version> ProjectView::GetLatestVersion(std::string_view number) const {
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, GetDocument(number));
  GREFFE_RETURN_IF_ERROR(CheckInForce(document));
  if (!document.has_latest_version()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_CONTENT",
                 "document '" + std::string(number) + "' has no version yet", {{"document", document.name()}});
  }
  return std::move(*document.mutable_latest_version());
}

absl::StatusOr<v1::Version> ProjectView::ResolveVersion(const VersionName& name) const {
  switch (name.alias) {
    case VersionName::Alias::kNone:
      if (name.version > 0) return GetVersion(name.number, name.version);
      return GetLatestVersion(name.number);
    case VersionName::Alias::kLatest:
      return GetLatestVersion(name.number);
    case VersionName::Alias::kReleased: {
      GREFFE_ASSIGN_OR_RETURN(const v1::Document document, GetDocument(name.number));
      GREFFE_RETURN_IF_ERROR(CheckInForce(document));
      if (document.released_version() > 0) return GetVersion(name.number, document.released_version());
      return Error(absl::StatusCode::kFailedPrecondition, "NOTHING_RELEASED",
                   "no version of document '" + name.number + "' is released", {{"document", document.name()}});
    }
    case VersionName::Alias::kRevision:
      break;
  }
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> row,
                          index_->state_->GetAt(keys::RevisionPrefix(project_, name.number, name.revision), sequence_));
  if (row) {
    GREFFE_ASSIGN_OR_RETURN(const std::int64_t version, index_->state_->CheckRow(ParseNumberRow(*row, "revision")));
    return GetVersion(name.number, version);
  }
  GREFFE_RETURN_IF_ERROR(GetDocument(name.number).status());
  return Error(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND",
               "document '" + name.number + "' has no revision '" + name.revision + "' at this moment",
               {{"document", FormatDocumentName(project_, name.number)}, {"revision", name.revision}});
}

absl::Status ProjectView::CompleteStates(std::string_view number, std::int64_t newest,
                                         std::vector<std::string>& versions) const {
  if (versions.empty()) return absl::OkStatus();
  const std::string prefix =
      keys::CollectionPrefix(project_, KindOf<v1::Version>().collection) + NumberOrderPrefix(std::string(number) + "/");
  const std::int64_t oldest = newest - static_cast<std::int64_t>(versions.size()) + 1;
  const auto from = NumberOrderPrefix(std::to_string(oldest));
  // The versions of SPC-7 and SPC-007 lie among each other.
  const std::string names = FormatDocumentName(project_, number) + "/versions/";
  return VersionedWalk(*index_, sequence_)
      .Forwards(prefix, from, "", [&](std::string_view, std::string_view row) -> absl::StatusOr<bool> {
        GREFFE_RETURN_IF_ERROR(RecordRow::TakeSequence(KindOf<v1::Version>(), row).status());
        GREFFE_ASSIGN_OR_RETURN(const v1::Version version, ParseRow<v1::Version>(row));
        if (version.number() > newest) return false;
        if (!version.name().starts_with(names)) return true;
        // Newest first, without gaps.
        versions[static_cast<std::size_t>(newest - version.number())] = row;
        return true;
      });
}

absl::StatusOr<VersionPage> ProjectView::ListVersions(std::string_view number, int limit,
                                                      std::string_view after) const {
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, GetDocument(number));
  VersionPage page;
  if (!baseline_.empty()) {  // it holds one version
    page.total_size = 1;
    page.versions.push_back(SerializeRow(document.latest_version()));
    return page;
  }
  page.total_size = document.latest_version().number();
  std::int64_t first = page.total_size;
  if (!after.empty()) {
    std::int64_t position = 0;
    const auto parsed = std::from_chars(after.data(), after.data() + after.size(), position);
    if (parsed.ec != std::errc()) {
      return InvalidField("page_token", "PAGE_TOKEN_INVALID", "is not of this listing");
    }
    first = std::min(first, position);
  }
  if (first < 1) return page;
  std::string prefix = keys::Point(keys::kVersion, project_, number);
  prefix += '\0';
  const std::string end = keys::PrefixEnd(prefix);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = index_->state_->NewIterator(&upper);
  PageFill fill(limit);
  for (row->Seek(keys::AtSequence(prefix, first)); row->Valid() && fill.Takes(row->value().size()); row->Next()) {
    page.versions.emplace_back(ToView(row->value()));
  }
  GREFFE_RETURN_IF_ERROR(index_->state_->Check(row->status()));
  GREFFE_RETURN_IF_ERROR(index_->state_->CheckRow(CompleteStates(number, first, page.versions)));
  // With their states some are larger than their rows.
  PageFill complete(limit);
  const auto fit = std::find_if_not(page.versions.begin(), page.versions.end(),
                                    [&](const std::string& version) { return complete.Takes(version.size()); });
  page.versions.erase(fit, page.versions.end());
  // Newest first, without gaps.
  const std::int64_t next = first - static_cast<std::int64_t>(page.versions.size());
  if (!page.versions.empty() && next > 0) page.next = std::to_string(next);
  return page;
}

absl::StatusOr<DocumentPage> ProjectView::ListDocuments(const DocumentFilter& filter, const DocumentOrdering& ordering,
                                                        int limit, std::string_view after) const {
  return DocumentLister(*index_, *this, filter, ordering, limit, after).List();
}

absl::StatusOr<Tallies> ProjectView::ReadTallies() const {
  Tallies tallies(*index_, project_, sequence_);
  GREFFE_RETURN_IF_ERROR(tallies.ReadNewest());
  return tallies;
}

absl::StatusOr<v1::StatusFigures> ProjectView::CountFigures(Tallies& tallies, const std::string& day,
                                                            int due_within_days) {
  return StatusCounter(tallies, day, due_within_days).Count();
}

absl::StatusOr<std::vector<v1::DueItem>> ProjectView::ListDue(Tallies& tallies, const std::string& from,
                                                              const std::string& until, int limit) const {
  return greffe::ListDue(*this, tallies, from, until, limit);
}

absl::StatusOr<v1::GetImpactResponse> ProjectView::FindImpact(const ImpactQuery& query) const {
  return greffe::FindImpact(*index_, project_, sequence_, query);
}

absl::StatusOr<CoveragePage> ProjectView::ListCoverage(const CoverageQuery& query) const {
  return CoverageLister(*index_, *this, query).List();
}

absl::StatusOr<std::vector<v1::Change>> ProjectView::ListChanges(std::int64_t after, int limit) const {
  std::vector<v1::Change> changes;
  if (after >= sequence_) return changes;
  const std::string end = keys::ChangeKey(project_, sequence_ + 1);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = index_->state_->NewIterator(&upper);
  for (row->Seek(keys::ChangeKey(project_, std::max<std::int64_t>(after, 0) + 1));
       row->Valid() && static_cast<int>(changes.size()) < limit; row->Next()) {
    GREFFE_ASSIGN_OR_RETURN(ChangeRow change, index_->state_->CheckRow(ChangeRow::Decode(ToView(row->value()))));
    changes.push_back(std::move(change.change));
  }
  GREFFE_RETURN_IF_ERROR(index_->state_->Check(row->status()));
  return changes;
}

}  // namespace greffe
