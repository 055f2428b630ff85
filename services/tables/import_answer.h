// What an import of a table answers.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "greffe/v1/tables.pb.h"
#include "storage/store/store.h"

namespace greffe {

// From what became of each row. `max_rows`: of how many it tells.
void TellRows(const std::vector<v1::TableRow>& rows, int max_rows, v1::ImportTableResponse& response);

// From what the commit of a request that was done before put in that collection; "documents" too.
absl::Status TellReplay(const Store& store, const std::string& project, const std::string& collection,
                        const WriteResult& result, int max_rows, v1::ImportTableResponse& response);

}  // namespace greffe
