// What the rows of a table are about: documents, deliverables, or entries of a register.
#pragma once

#include <memory>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/table_values.h"
#include "storage/store/transaction.h"

namespace greffe {

class TableTarget {
 public:
  // Of the schema's collection; all that is given outlives it. `reason`: why dates of deliverables move.
  static std::unique_ptr<TableTarget> Make(Transaction& transaction, const TableSchema& schema,
                                           const std::string& reason);
  virtual ~TableTarget() = default;

  // nullptr: there is none.
  virtual absl::StatusOr<RecordPtr> Find(const std::string& id) = 0;

  // Makes a new one, and takes it to the row's state. Gives its id.
  virtual absl::StatusOr<std::string> Create(const TableValues& row) = 0;

  // Changes `before` to `after`, which has the row's values, and takes it to the row's state, where that is another.
  virtual absl::Status Change(const google::protobuf::Message& before, google::protobuf::Message& after,
                              const TableValues& row) = 0;
};

}  // namespace greffe
