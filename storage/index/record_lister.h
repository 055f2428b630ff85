// One page of records of one kind: chooses the rows that lead to the answer soonest, and looks at few others.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/record_filter.h"
#include "storage/base/record_kinds.h"
#include "storage/index/project_view.h"
#include "storage/index/versioned_walk.h"

namespace greffe {

class RecordLister {
 public:
  RecordLister(const Index& index, const ProjectView& view, const RecordKind& kind, const RecordFilter& filter,
               const RecordOrdering& ordering, int limit, std::string_view after)
      : walk_(index, view.sequence()),
        view_(view),
        kind_(kind),
        filter_(filter),
        ordering_(ordering),
        limit_(limit),
        after_(after) {}

  absl::StatusOr<RecordPage> List();

 private:
  // Rows that hold candidates: of one value of a field, of a range of its values, or of the collection.
  struct Rows {
    std::string prefix;
    std::string from;
    std::string until;
    bool by_id = true;  // whether they come in the order of ids
  };
  // Looks at a candidate; false ends the walk.
  using Visit = std::function<absl::StatusOr<bool>(RecordPtr record)>;

  Rows AllRows() const;
  // The rows of an equality of the filter on a field that is indexed, or of a range of one.
  std::optional<Rows> ChosenRows() const;
  std::optional<Rows> RangeRows(const google::protobuf::FieldDescriptor& field) const;
  // Rows that come in the order asked for; nullopt: there are none.
  std::optional<Rows> OrderedRows() const;

  absl::Status Walk(const Rows& rows, bool backwards, const Visit& visit) const;
  // Whether at most `count` rows, of those that count now, are in `rows`; looks at no record.
  absl::StatusOr<bool> AreFew(const Rows& rows, int count) const;
  // Looks at `budget` candidates at most; false: they were not enough.
  absl::StatusOr<bool> ListInOrder(Rows rows, int budget, RecordPage& page) const;
  absl::StatusOr<RecordPage> ListSorted(const Rows& rows) const;
  std::string SortKey(const google::protobuf::Message& record) const;

  const VersionedWalk walk_;
  const ProjectView& view_;
  const RecordKind& kind_;
  const RecordFilter& filter_;
  const RecordOrdering& ordering_;
  const int limit_;
  const std::string_view after_;
};

}  // namespace greffe
