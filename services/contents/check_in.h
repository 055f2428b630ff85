// Check-ins, one and many, as a write.
#pragma once

#include <grpcpp/server_context.h>

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "greffe/v1/contents.pb.h"
#include "services/call/runtime.h"

namespace greffe {

// What becomes of each item: filled in by the act, read by the answer.
struct CheckInPlan {
  struct Item {
    std::string number;  // of an existing document from the beginning; of a new one once it is registered
    bool is_new = false;
    std::optional<v1::Document> unchanged;  // the document as it stands, when no version was made
  };
  std::string project;
  std::vector<Item> items;
};

// Hashes the contents (not on the committer's thread) and makes the write. `field_of(i)` is the path of the i-th item.
absl::StatusOr<WriteRequest> NewCheckIn(const Runtime& runtime, const grpc::CallbackServerContext& context,
                                        const v1::CheckInRequest& request, std::shared_ptr<CheckInPlan> plan);
absl::StatusOr<WriteRequest> NewBatchCheckIn(const Runtime& runtime, const grpc::CallbackServerContext& context,
                                             const v1::BatchCheckInRequest& request, std::shared_ptr<CheckInPlan> plan);

// One outcome an item, in order; also for the answer of an earlier request of the same id, whose act did not run.
absl::StatusOr<std::vector<v1::CheckInResponse>> OutcomesOf(const Store& store, const CheckInPlan& plan,
                                                            WriteResult& result);

// Leaves of the last ones what names the document and its version when all of them are more than a message holds: the
// write is durable, and must be answered.
void ShortenToFit(std::vector<v1::CheckInResponse>& outcomes);

}  // namespace greffe
