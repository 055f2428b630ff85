#include "storage/index/coverage_lister.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/number_order.h"
#include "storage/base/page_bytes.h"
#include "storage/index/keys.h"
#include "storage/index/versioned_walk.h"

namespace greffe {
namespace {

constexpr int kMaxCells = 1000;               // of a row
constexpr std::size_t kMaxAnchorRows = 1000;  // before a page ends with the document that it is at
// Behind so many rows of one document keep one cell each: 2,000 of the longest have room in a message then.
constexpr std::size_t kWholeRowBytes = kPageBytes * 2 / 3;

}  // namespace

CoverageLister::CoverageLister(const Index& index, const ProjectView& view, const CoverageQuery& query)
    : index_(index), view_(view), query_(query), links_(index, view.project(), view.sequence()) {}

absl::StatusOr<CoveragePage> CoverageLister::List() {
  const v1::CoverageAxis& axis = query_.rows;
  std::string prefix = keys::ProjectPrefix(keys::kDocument, view_.project());
  if (axis.has_document_type()) prefix = keys::PostingPrefix(view_.project(), "type", axis.document_type());
  if (axis.has_collection()) prefix = keys::CollectionPrefix(view_.project(), axis.collection());
  CoveragePage page;
  // Where gaps are few, a page ends before it has looked at everything.
  int budget = query_.gaps_only ? query_.limit * 2 + 100 : query_.limit;
  std::size_t bytes = 0;
  std::string last;
  const std::string from = query_.after.empty() ? "" : query_.after + '\1';
  const absl::Status walked =
      VersionedWalk(index_, view_.sequence())
          .Forwards(prefix, from, "", [&](std::string_view key, std::string_view value) -> absl::StatusOr<bool> {
            if (value.empty()) return true;
            const std::size_t rows = page.rows.size();
            const bool full = axis.anchors() ? rows >= kMaxAnchorRows : rows >= static_cast<std::size_t>(query_.limit);
            if (budget == 0 || full) {
              page.next = last;
              return false;
            }
            key.remove_suffix(1);
            std::vector<v1::CoverageRow> found;
            GREFFE_RETURN_IF_ERROR(Look(NumberOfOrder(key), found));
            if (!page.rows.empty() && bytes + bytes_found_ > kPageBytes) {
              page.next = last;
              return false;
            }
            --budget;
            bytes += bytes_found_;
            last = key.substr(prefix.size());
            std::move(found.begin(), found.end(), std::back_inserter(page.rows));
            return true;
          });
  GREFFE_RETURN_IF_ERROR(walked);
  return page;
}

absl::Status CoverageLister::Look(std::string_view id, std::vector<v1::CoverageRow>& found) {
  bytes_found_ = 0;
  const bool record = query_.rows.has_collection();
  const std::string subject = absl::StrCat(record ? query_.rows.collection() : "documents", "/", std::string(id));
  GREFFE_ASSIGN_OR_RETURN(Cells cells, CellsOf(subject));
  if (!query_.rows.anchors() && query_.gaps_only && !cells.all.empty()) return absl::OkStatus();
  if (record) {
    AddRow(FormatSubject(view_.project(), subject), "", "", std::move(cells.all), found);
    return absl::OkStatus();
  }
  const absl::StatusOr<DocumentHead> document = view_.GetDocumentHead(id);
  if (ReasonOf(document.status()) == kNotInBaseline) return absl::OkStatus();
  GREFFE_RETURN_IF_ERROR(document.status());
  if (document->state == v1::DOCUMENT_STATE_WITHDRAWN) return absl::OkStatus();
  if (query_.rows.anchors()) return AddAnchors(*document, cells, found);
  AddRow(document->name, document->title, "", std::move(cells.all), found);
  return absl::OkStatus();
}

absl::Status CoverageLister::AddAnchors(const DocumentHead& document, Cells& cells,
                                        std::vector<v1::CoverageRow>& found) {
  const std::string number = LastSegment(document.name);
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, view_.FindAnchors(number));
  if (record == nullptr) return absl::OkStatus();
  for (const v1::Anchor& anchor : static_cast<const v1::Anchors&>(*record).anchors()) {
    if (anchor.kind() != query_.rows.anchors()) continue;
    Row own = std::move(cells.by_anchor[anchor.id()]);
    if (query_.gaps_only && !own.empty()) continue;
    AddRow(document.name, anchor.title(), anchor.id(), std::move(own), found);
  }
  return absl::OkStatus();
}

void CoverageLister::AddRow(const std::string& name, const std::string& title, const std::string& anchor, Row cells,
                            std::vector<v1::CoverageRow>& found) {
  v1::CoverageRow& row = found.emplace_back();
  row.set_name(name);
  row.set_title(title);
  row.set_anchor(anchor);
  row.set_truncated(cells.size() > kMaxCells);
  if (row.truncated()) cells.DeleteSubrange(kMaxCells, cells.size() - kMaxCells);
  *row.mutable_cells() = std::move(cells);
  std::size_t bytes = row.ByteSizeLong();
  if (bytes_found_ + bytes > kWholeRowBytes && row.cells_size() > 1) {
    row.mutable_cells()->DeleteSubrange(1, row.cells_size() - 1);  // with one it is no gap
    row.set_truncated(true);
    bytes = row.ByteSizeLong();
  }
  bytes_found_ += bytes;
}

absl::StatusOr<CoverageLister::Cells> CoverageLister::CellsOf(std::string_view subject) {
  Cells cells;
  absl::Status looked;
  // A row that is no gap needs no more than one of its cells to be left out.
  const bool anchors = query_.rows.anchors() != v1::ANCHOR_KIND_UNSPECIFIED;
  const bool one_is_enough = query_.gaps_only && !anchors;
  const auto look = [&](LinkSide side, std::string_view id, const LinkRow& row) {
    if (!HasType(query_.types, row.type)) return true;
    const absl::StatusOr<bool> column = IsColumn(row);
    looked = column.status();
    if (!looked.ok()) return false;
    if (!*column) return true;
    v1::CoverageCell& cell = *(anchors ? cells.by_anchor[row.anchor] : cells.all).Add();
    cell.set_name(FormatSubject(view_.project(), row.other.subject));
    cell.set_anchor(row.other.anchor);
    cell.set_link(FormatRecordName(view_.project(), "links", id));
    cell.set_type(row.type);
    cell.set_state(row.state);
    cell.set_outgoing(side == LinkSide::kFrom);
    if (one_is_enough) return false;
    return anchors || cells.all.size() <= kMaxCells;
  };
  GREFFE_RETURN_IF_ERROR(links_.Links(subject, look));
  GREFFE_RETURN_IF_ERROR(looked);
  return cells;
}

absl::StatusOr<bool> CoverageLister::IsColumn(const LinkRow& row) {
  if (!query_.columns) return true;
  const v1::CoverageAxis& axis = *query_.columns;
  if (axis.has_collection()) return row.other.subject.starts_with(axis.collection() + "/");
  if (row.other_type != axis.document_type()) return false;
  GREFFE_ASSIGN_OR_RETURN(const bool active, IsActive(row.other));
  if (!active) return false;
  return axis.anchors() ? IsColumnAnchor(row.other) : true;
}

absl::StatusOr<bool> CoverageLister::IsActive(const LinkEnd& document) {
  const auto [known, is_new] = column_active_.try_emplace(document.subject, true);
  if (is_new) {
    const absl::StatusOr<DocumentHead> head = view_.GetDocumentHead(document.DocumentNumber());
    if (!head.ok() && ReasonOf(head.status()) != kNotInBaseline) return head.status();
    known->second = head.ok() && head->state != v1::DOCUMENT_STATE_WITHDRAWN;
  }
  return known->second;
}

absl::StatusOr<bool> CoverageLister::IsColumnAnchor(const LinkEnd& end) {
  const auto [known, is_new] = column_anchors_.try_emplace(end.subject);
  if (is_new) {
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, view_.FindAnchors(end.DocumentNumber()));
    if (record != nullptr) {
      for (const v1::Anchor& anchor : static_cast<const v1::Anchors&>(*record).anchors()) {
        if (anchor.kind() == query_.columns->anchors()) known->second.insert(anchor.id());
      }
    }
  }
  return known->second.contains(end.anchor);
}

}  // namespace greffe
