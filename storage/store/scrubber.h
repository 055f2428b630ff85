// The scrub: reads everything that is stored, again and again and slowly, and holds it against its hashes, so that
// damage is known while there is still a backup without it.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <functional>
#include <mutex>
#include <string>
#include <thread>

#include "absl/status/status.h"
#include "greffe/v1/admin.pb.h"
#include "storage/base/clock.h"
#include "storage/journal/journal.h"
#include "storage/store/object_source.h"
#include "storage/store/verifier.h"

namespace greffe {

struct ScrubOptions {
  std::int64_t bytes_per_second = 8 << 20;    // that are read at most; 0: no scrub
  std::chrono::seconds pause{7 * 24 * 3600};  // from the end of a round to the next one
};

// Thread-safe. Holds no lock while it reads, and opens nothing that the server would not open.
class Scrubber {
 public:
  struct Parts {
    const Clock& clock;
    Journal& journal;
    ObjectSource& objects;
    std::string directory;  // is left out of what findings say
    std::function<void(const std::string& line)> log;
    std::function<void(const std::string& line)> log_finding;
  };
  Scrubber(ScrubOptions options, Parts parts);
  ~Scrubber();

  // The first round begins some minutes after the start, unless the journal says that the latest one was lately, and
  // none that was asked for since has ended.
  void Start();
  // A round under way ends unfinished: it begins anew after the next start.
  void Stop();

  // Begins a round, unless one is under way. FAILED_PRECONDITION (SCRUB_OFF); else what keeps the journal from
  // remembering it. Waits for the disk.
  absl::Status BeginNow();
  v1::ScrubStatus Status() const;

 private:
  void Run();
  // CANCELLED when it was stopped.
  absl::Status ReadEverything();
  // What no start has taken up. The same.
  absl::Status ReadUnknown(VerifyCounts& counts, const VerifyCalls& calls);
  void Found(const VerifyFinding& finding);
  void Tell(const VerifyCounts& counts);
  // With the mutex held. What is later than a whole pause from now has its time from a clock that was ahead.
  Micros NextDue() const;
  // Waits; false when it must stop.
  bool Wait(std::chrono::microseconds time);
  v1::ScrubRound LoadLatest();
  bool WasAsked();  // for a round that has not ended
  void SaveLatest(const v1::ScrubRound& round);

  const ScrubOptions options_;
  const Parts parts_;
  mutable std::mutex mutex_;
  std::condition_variable event_;
  bool stopping_ = false;
  bool asked_ = false;
  bool under_way_ = false;
  Micros due_ = 0;
  v1::ScrubRound current_;
  v1::ScrubRound latest_;  // without an end: there was none
  std::thread thread_;
};

}  // namespace greffe
