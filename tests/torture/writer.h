// A client that writes, and knows what the server owes it.
#pragma once

#include <atomic>
#include <cstdint>
#include <mutex>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include "tests/faults/trace_model.h"
#include "tests/torture/gate.h"

namespace greffe {

// Owns its documents: nobody else writes them, so a model of one thread says what each must be. Contents are kept as
// their SHA-256.
class Writer {
 public:
  Writer(int id, std::uint64_t seed, Gate& gate, Findings& findings)
      : base_(id * 1'000'000), random_(seed), connection_(gate), findings_(findings) {}

  // Makes one write after the other until `stop`, each inside `quiet` while its outcome is open.
  void Run(Quiet& quiet, const std::atomic<bool>& stop);

  // A document as it was acknowledged.
  struct Sample {
    std::string name;
    std::vector<std::string> sha256;  // by version
  };
  std::optional<Sample> AnyDocument(std::mt19937_64& random) const;
  // For checks, while nothing is under way.
  TraceState state() const;

  struct Counts {
    std::int64_t acknowledged = 0;
    std::int64_t refused = 0;    // as the model says
    std::int64_t repeated = 0;   // asked again with the same request id after the server went away
    std::int64_t abandoned = 0;  // not asked again, but looked up
    std::int64_t there = 0;      // of these, those that were there
  };
  Counts counts() const;

 private:
  // False: no server comes any more.
  bool Step();
  absl::StatusOr<std::vector<v1::Document>> Send(client::Client& client, const TraceStep& step,
                                                 const std::string& request_id);
  absl::StatusOr<std::vector<v1::Document>> CheckIn(client::Client& client, const TraceStep& step,
                                                    const std::string& request_id);
  // The documents of a step as the server has them.
  absl::StatusOr<TraceState> Look(client::Client& client, const TraceStep& step);
  void Keep(const TraceState& part);

  const int base_;  // of its numbers
  int next_ = 0;
  std::mt19937_64 random_;
  Connection connection_;
  Findings& findings_;
  std::vector<std::string> uploads_;  // complete ones of the step under way
  mutable std::mutex mutex_;          // of what follows
  TraceState state_{{"apollo", {}}, {"borealis", {}}};
  Counts counts_;
};

}  // namespace greffe
