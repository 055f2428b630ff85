// Rows of a table as one act; see tables.proto.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/tables.pb.h"
#include "storage/base/table_reader.h"
#include "storage/base/table_schema.h"
#include "storage/index/project_view.h"
#include "storage/store/transaction.h"

namespace greffe {

// Reason of the status by which an act of a table leaves nothing behind: a row was refused, or it was a dry run.
inline constexpr char kTableNotApplied[] = "TABLE_NOT_APPLIED";

inline constexpr int kMaxRevisionsRead = 100'000;
using ViewAt = std::function<absl::StatusOr<ProjectView>(std::int64_t sequence)>;

struct TableImport {
  TableSchema schema;
  ReadTable table;
  std::set<std::string> unedited;  // see FindUnedited
  bool dry_run = false;
  std::string comment;
};

// Ids of the table's rows which say what was there when they were exported: those change nothing, also where their etag
// is no longer current when the act comes. `view_at` gives the project at an earlier sequence. For all rows together
// `most` revisions are read; what is older than those has changed meanwhile for all that is known. `check` is called
// between reads; what it refuses ends them.
absl::StatusOr<std::set<std::string>> FindUnedited(const ProjectView& view, const ViewAt& view_at,
                                                   const TableSchema& schema, const ReadTable& table,
                                                   const std::function<absl::Status()>& check,
                                                   int most = kMaxRevisionsRead);

// Does what the rows say, and tells of each what became of it in `rows`. ABORTED (TABLE_NOT_APPLIED), with all rows
// told, when one was refused or it is a dry run; any other error is of the store.
absl::Status ImportTable(Transaction& transaction, const TableImport& import, std::vector<v1::TableRow>& rows);

}  // namespace greffe
