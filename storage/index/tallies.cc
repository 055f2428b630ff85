#include "storage/index/tallies.h"

#include <algorithm>

#include "storage/base/errors.h"
#include "storage/index/index.h"
#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {

Tallies::Tallies(const Index& index, std::string project, std::int64_t sequence)
    : index_(&index), project_(std::move(project)), sequence_(sequence) {}
Tallies::Tallies(Tallies&&) noexcept = default;
Tallies::~Tallies() = default;

absl::Status Tallies::ReadNewest() {
  const std::string prefix = keys::Point(keys::kCurrentTally, project_, "");
  const std::string end = keys::PrefixEnd(prefix);
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = index_->state_->NewIterator(index_->state_->current, &upper);
  for (row->Seek(prefix); row->Valid(); row->Next()) {
    newest_.emplace_back(ToView(row->key()).substr(prefix.size()), ToView(row->value()));
  }
  return index_->state_->Check(row->status());
}

absl::StatusOr<std::string> Tallies::RowAt(std::string_view topic) {
  const std::string prefix = keys::TallyPrefix(project_, topic);
  if (history_ == nullptr) history_ = index_->state_->NewIterator(index_->state_->rows, nullptr);
  history_->Seek(keys::AtSequence(prefix, sequence_));
  if (history_->Valid() && ToView(history_->key()).starts_with(prefix)) return history_->value().ToString();
  GREFFE_RETURN_IF_ERROR(index_->state_->Check(history_->status()));
  return std::string();
}

absl::StatusOr<const Tally*> Tallies::Get(const std::string& topic) {
  const auto [known, added] = read_.try_emplace(topic);
  Tally& tally = known->second;
  if (!added) return &tally;
  const auto newest = std::lower_bound(newest_.begin(), newest_.end(), topic,
                                       [](const auto& row, const std::string& wanted) { return row.first < wanted; });
  if (newest == newest_.end() || newest->first != topic) return &tally;
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t changed, index_->state_->CheckRow(Tally::SequenceOf(newest->second)));
  std::string row;
  if (changed > sequence_) {
    GREFFE_ASSIGN_OR_RETURN(row, RowAt(topic));
    if (row.empty()) return &tally;
  }
  GREFFE_ASSIGN_OR_RETURN(tally, index_->state_->CheckRow(Tally::Decode(changed > sequence_ ? row : newest->second)));
  return &tally;
}

}  // namespace greffe
