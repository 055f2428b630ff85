#include "storage/index/versioned_walk.h"

#include "storage/base/errors.h"
#include "storage/index/keys.h"
#include "storage/index/state.h"

namespace greffe {
namespace {

// Of a longer history of one key, a seek finds the row that counts sooner than steps do.
constexpr int kFewRows = 8;

}  // namespace

absl::Status VersionedWalk::Forwards(const std::string& prefix, const std::string& from, const std::string& until,
                                     const VisitRow& visit) const {
  const std::string end = until.empty() ? keys::PrefixEnd(prefix) : prefix + until;
  const rocksdb::Slice upper = ToSlice(end);
  const auto row = index_.state_->NewIterator(&upper);
  row->Seek(prefix + from);
  std::string key;
  int looked = 0;     // rows of that key
  bool done = false;  // the one that counts is among them
  while (row->Valid()) {
    const std::string_view here = ToView(row->key());
    if (keys::WithoutSequence(here) != key) {
      key = keys::WithoutSequence(here);
      looked = 0;
      done = false;
    }
    if (!done && keys::SequenceOf(here) <= sequence_) {
      GREFFE_ASSIGN_OR_RETURN(const bool more, index_.state_->CheckRow(visit(key, ToView(row->value()))));
      if (!more) return absl::OkStatus();
      done = true;
    }
    if (++looked < kFewRows) {
      row->Next();
    } else {
      row->Seek(done ? keys::AtSequence(key, 0) + '\0' : keys::AtSequence(key, sequence_));
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
  std::string value;
  row->SeekForPrev(end);
  while (row->Valid() && ToView(row->key()) >= first) {
    key = keys::WithoutSequence(ToView(row->key()));
    bool found = false;
    // The rows of a key come from the oldest to the newest.
    for (int looked = 0; row->Valid() && keys::WithoutSequence(ToView(row->key())) == key; ++looked) {
      if (looked == kFewRows) {
        row->Seek(keys::AtSequence(key, sequence_));
        found = row->Valid() && keys::WithoutSequence(ToView(row->key())) == key;
        if (found) value.assign(row->value().data(), row->value().size());
        row->SeekForPrev(key);
        break;
      }
      if (keys::SequenceOf(ToView(row->key())) <= sequence_) {
        found = true;
        value.assign(row->value().data(), row->value().size());
      }
      row->Prev();
    }
    if (!found || key >= end) continue;
    GREFFE_ASSIGN_OR_RETURN(const bool more, index_.state_->CheckRow(visit(key, value)));
    if (!more) return absl::OkStatus();
  }
  return index_.state_->Check(row->status());
}

}  // namespace greffe
