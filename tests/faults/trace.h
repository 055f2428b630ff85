// Steps of the trace on a real store.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/store/store.h"
#include "tests/faults/trace_model.h"

namespace greffe {

// 200 steps of all kinds; always the same.
std::vector<TraceStep> MakeTrace();

// The step as the model gets it: contents are their SHA-256.
TraceStep Hashed(TraceStep step);

// A store in which nothing happens by itself: one thread after another does what a step asks for.
class TraceStore {
 public:
  explicit TraceStore(
      std::string directory, StoreLog log = [](Severity, const std::string&) {})
      : directory_(std::move(directory)), log_(std::move(log)) {}

  absl::Status Open();
  absl::Status Close();
  // The sequence of a write, 0 of other steps. The request id of a write is that of its index.
  absl::StatusOr<WriteResult> Do(int index, const TraceStep& step);
  // All that it holds, as the model has it after hashed steps: each content read, and its SHA-256 taken.
  absl::StatusOr<TraceState> Dump() const;
  // The same as lines of text, for a store that is damaged: where an answer is an error, a line says so
  // ("<what>: error: <status>") and the others go on.
  std::vector<std::string> DumpLines() const;

 private:
  absl::StatusOr<WriteResult> Write(int index, const TraceStep& step);
  absl::StatusOr<StagedContent> Upload(int index, const TraceStep& step);

  const std::string directory_;
  const StoreLog log_;
  SystemClock clock_;
  std::unique_ptr<Store> store_;
};

}  // namespace greffe
