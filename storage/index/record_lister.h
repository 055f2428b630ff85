// One page of records of one kind: chooses the rows that lead to the answer soonest, and looks at few others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_set.h"
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
        after_(after),
        record_(kind.New()) {}

  // At most `limit` and kPageBytes.
  absl::StatusOr<RowPage> List();

 private:
  // Rows that hold candidates: of one value of a field, of a range of its values, or of the collection.
  struct Rows {
    std::string prefix;
    std::string from;
    std::string until;
    bool by_id = true;        // whether they come in the order of ids
    std::uint64_t meets = 0;  // a bit for each comparison of the filter that all of these records meet
  };
  // Whether all records of the rows match the filter, so that none need be looked at for it.
  bool AllMatch(const Rows& rows) const;
  Rows AllRows() const;
  // The rows of an equality of the filter on a field that is indexed, or of a range of one.
  std::optional<Rows> ChosenRows() const;
  Rows RangeRows(const google::protobuf::FieldDescriptor& field) const;
  // Rows of one value of a field among which the order asked for is kept (`ordered_within`).
  std::optional<Rows> OrderedWithinRows() const;
  // Rows that come in the order asked for; nullopt: there are none.
  std::optional<Rows> OrderedRows() const;

  // Ids that rows hold.
  using Ids = absl::flat_hash_set<std::string>;

  absl::Status Walk(const Rows& rows, bool backwards, const VisitRow& visit) const;
  // The record of a row, serialized: a part of `value`, or `held`; nullopt: there is none.
  absl::StatusOr<std::optional<std::string_view>> RecordOf(const Rows& rows, std::string_view key,
                                                           std::string_view value, std::string& held) const;
  // Parses a record into `record_`.
  absl::Status Parse(std::string_view row);
  // Those of `rows` that count now, without a look at records; nullopt when they are more than `most`.
  absl::StatusOr<std::optional<Ids>> IdsOf(const Rows& rows, std::size_t most) const;
  // Looks at the records of `among` (null: of all) in the order of `rows`, and at no more rows than `budget`; false:
  // they were not enough.
  absl::StatusOr<bool> ListInOrder(Rows rows, const Ids* among, std::size_t budget, RowPage& page);
  absl::StatusOr<RowPage> ListSorted(const Rows& rows);
  // Of the record that was parsed last.
  std::string SortKey() const;

  const VersionedWalk walk_;
  const ProjectView& view_;
  const RecordKind& kind_;
  const RecordFilter& filter_;
  const RecordOrdering& ordering_;
  const int limit_;
  const std::string_view after_;
  const RecordPtr record_;  // one for all that are looked at: to parse into it again takes little memory
};

}  // namespace greffe
