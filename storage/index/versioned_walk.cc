#include "storage/index/versioned_walk.h"

#include "storage/base/errors.h"
#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {

absl::Status VersionedWalk::Forwards(const std::string& prefix, const std::string& from, const std::string& until,
                                     const VisitRow& visit) const {
  const std::string end = until.empty() ? keys::PrefixEnd(prefix) : prefix + until;
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = index_.state_->NewIterator(&upper);
  row->Seek(prefix + from);
  std::string key;
  while (row->Valid()) {
    if (keys::SequenceOf(ToView(row->key())) > sequence_) {
      // A long history of one key is skipped by a seek.
      key = keys::WithoutSequence(ToView(row->key()));
      row->Seek(keys::AtSequence(key, sequence_));
      continue;
    }
    key = keys::WithoutSequence(ToView(row->key()));
    GREFFE_ASSIGN_OR_RETURN(const bool more, visit(key, ToView(row->value())));
    if (!more) return absl::OkStatus();
    row->Next();
    if (row->Valid() && keys::WithoutSequence(ToView(row->key())) == key) {
      row->Seek(keys::AtSequence(key, 0) + '\0');  // past its oldest row
    }
  }
  return index_.state_->Check(row->status());
}

absl::Status VersionedWalk::Backwards(const std::string& prefix, const std::string& from, const std::string& before,
                                      const VisitRow& visit) const {
  const std::string first = prefix + from;
  const std::string end = before.empty() ? keys::PrefixEnd(prefix) : prefix + before;
  const auto row = index_.state_->NewIterator(nullptr);
  std::string key;
  for (row->SeekForPrev(end); row->Valid() && ToView(row->key()) >= first; row->SeekForPrev(key)) {
    key = keys::WithoutSequence(ToView(row->key()));
    if (key >= end) continue;
    row->Seek(keys::AtSequence(key, sequence_));
    if (!row->Valid() || keys::WithoutSequence(ToView(row->key())) != key) continue;
    GREFFE_ASSIGN_OR_RETURN(const bool more, visit(key, ToView(row->value())));
    if (!more) return absl::OkStatus();
  }
  return index_.state_->Check(row->status());
}

}  // namespace greffe
