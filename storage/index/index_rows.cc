// All rows of an index: to be compared with another one's, and dumped.
#include <utility>

#include "absl/strings/escaping.h"
#include "storage/base/errors.h"
#include "storage/index/index.h"
#include "storage/index/state.h"

namespace greffe {

absl::StatusOr<std::int64_t> Index::CompareWith(const Index& other,
                                                const std::function<void(const std::string&)>& difference) const {
  std::int64_t rows = 0;
  const auto report = [&](std::string_view key, const char* finding) {
    difference("row " + absl::CHexEscape(std::string(key)) + ": " + finding);
  };
  const std::pair<rocksdb::ColumnFamilyHandle*, rocksdb::ColumnFamilyHandle*> families[] = {
      {state_->rows, other.state_->rows}, {state_->current, other.state_->current}};
  for (const auto& [ours, theirs] : families) {
    const auto a = state_->NewIterator(ours, nullptr);
    const auto b = other.state_->NewIterator(theirs, nullptr);
    a->SeekToFirst();
    b->SeekToFirst();
    while (a->Valid() || b->Valid()) {
      ++rows;
      const int order = !a->Valid() ? 1 : !b->Valid() ? -1 : a->key().compare(b->key());
      if (order < 0) {
        report(ToView(a->key()), "the history does not give it");
        a->Next();
      } else if (order > 0) {
        report(ToView(b->key()), "is missing");
        b->Next();
      } else {
        if (a->value() != b->value()) report(ToView(a->key()), "has another value");
        a->Next();
        b->Next();
      }
    }
    GREFFE_RETURN_IF_ERROR(state_->Check(a->status()));
    GREFFE_RETURN_IF_ERROR(other.state_->Check(b->status()));
  }
  return rows;
}

absl::Status Index::ForEachRow(
    const std::function<absl::Status(std::string_view key, std::string_view value)>& visit) const {
  for (rocksdb::ColumnFamilyHandle* family : {state_->rows, state_->current}) {
    const auto row = state_->NewIterator(family, nullptr);
    for (row->SeekToFirst(); row->Valid(); row->Next()) {
      GREFFE_RETURN_IF_ERROR(visit(ToView(row->key()), ToView(row->value())));
    }
    GREFFE_RETURN_IF_ERROR(state_->Check(row->status()));
  }
  return absl::OkStatus();
}

}  // namespace greffe
