// Pages of what is linked with what, and of what has no link.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/statusor.h"
#include "storage/index/link_queries.h"
#include "storage/index/link_walk.h"
#include "storage/index/project_view.h"

namespace greffe {

// Of one page.
class CoverageLister {
 public:
  CoverageLister(const Index& index, const ProjectView& view, const CoverageQuery& query);

  // Ends after kPageBytes too: with the rows of one document at least, of which those beyond that have one cell.
  absl::StatusOr<CoveragePage> List();

 private:
  using Row = google::protobuf::RepeatedPtrField<v1::CoverageCell>;
  // Links of a subject to columns: all, or by the anchor that they end at there.
  struct Cells {
    Row all;
    absl::flat_hash_map<std::string, Row> by_anchor;
  };

  absl::Status Look(std::string_view id, std::vector<v1::CoverageRow>& found);
  absl::Status AddAnchors(const DocumentHead& document, Cells& cells, std::vector<v1::CoverageRow>& found);
  void AddRow(const std::string& name, const std::string& title, const std::string& anchor, Row cells,
              std::vector<v1::CoverageRow>& found);
  absl::StatusOr<Cells> CellsOf(std::string_view subject);
  absl::StatusOr<bool> IsColumn(const LinkRow& row);
  absl::StatusOr<bool> IsColumnAnchor(const LinkEnd& end);
  // Whether the document is there, and not withdrawn.
  absl::StatusOr<bool> IsActive(const LinkEnd& document);

  const Index& index_;
  const ProjectView& view_;
  const CoverageQuery& query_;
  const LinkWalk links_;
  absl::flat_hash_map<std::string, absl::flat_hash_set<std::string>> column_anchors_;
  absl::flat_hash_map<std::string, bool> column_active_;  // by subject
  std::size_t bytes_found_ = 0;                           // of the rows that the last look found
};

}  // namespace greffe
