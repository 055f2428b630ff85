#include "storage/index/tally_writer.h"

#include "storage/base/errors.h"
#include "storage/index/index_batch.h"
#include "storage/index/keys.h"

namespace greffe {

void TallyWriter::Change(std::vector<TallyCount> before, std::vector<TallyCount> after) {
  if (before == after) return;
  for (const TallyCount& count : before) changes_[count.topic].Add(count.key, -count.amount);
  for (const TallyCount& count : after) changes_[count.topic].Add(count.key, count.amount);
}

absl::Status TallyWriter::Write(IndexBatch& batch, std::string_view project, std::int64_t sequence) {
  for (const auto& [topic, changes] : changes_) {
    if (changes.counts.empty()) continue;  // they came to nothing
    GREFFE_ASSIGN_OR_RETURN(Tally tally, batch.FindTally(project, topic));
    for (const auto& [key, by] : changes.counts) tally.Add(key, by);
    tally.sequence = sequence;
    const std::string row = tally.Encode();
    batch.Put(keys::AtSequence(keys::TallyPrefix(project, topic), sequence), row);
    batch.PutCurrent(keys::Point(keys::kCurrentTally, project, topic), row);
  }
  changes_.clear();
  return absl::OkStatus();
}

}  // namespace greffe
