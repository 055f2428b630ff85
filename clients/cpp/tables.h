// Tables: registers, deliverables and documents as CSV.
#pragma once

#include <functional>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "clients/cpp/client.h"

namespace greffe::client {

// Sends `bytes`, a whole table, as `request` says; its `data` and `size` are set here. Asked again, with the same
// request id, while it fails with what IsRetryable names.
absl::StatusOr<v1::ImportTableResponse> ImportTable(Client& client, v1::ImportTableRequest request,
                                                    std::string_view bytes);

// Gives the pieces of a table to `sink`, whose error ends it. A stream that breaks off goes on where it ended, as often
// as it makes progress: the table is asked for again, as of the sequence that it shows, and what `sink` had passed
// over.
using TableSink = std::function<absl::Status(const v1::ExportTableResponse& piece)>;
absl::Status ExportTable(Client& client, const v1::ExportTableRequest& request, const TableSink& sink);

}  // namespace greffe::client
