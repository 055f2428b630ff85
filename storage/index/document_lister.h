// One page of documents: chooses the rows that lead to the answer soonest, and looks at no others.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/index/lister_page.h"
#include "storage/index/project_mark.h"
#include "storage/index/project_view.h"
#include "storage/index/state.h"
#include "storage/index/versioned_walk.h"

namespace greffe {

class DocumentLister {
 public:
  DocumentLister(const Index& index, const ProjectView& view, const DocumentFilter& filter,
                 const DocumentOrdering& ordering, int limit, std::string_view after)
      : index_(index),
        state_(*index.state_),
        walk_(index, view.sequence()),
        view_(view),
        filter_(filter),
        ordering_(ordering),
        limit_(limit),
        after_(after) {}

  // At most `limit` and kPageBytes.
  absl::StatusOr<DocumentPage> List();

 private:
  // Looks at a candidate; false ends the walk.
  using Visit = std::function<absl::StatusOr<bool>(v1::Document document)>;

  // The candidate of that number; passed over when it is not in the view's baseline.
  absl::StatusOr<bool> VisitNumber(std::string_view number, const Visit& visit) const;

  // Rows below the prefix in the direction of the walk: from `after` on, or before it ("": all).
  absl::Status Walk(const std::string& prefix, const std::string& after, const VisitRow& visit) const {
    return backwards_ ? walk_.Backwards(prefix, "", after, visit) : walk_.Forwards(prefix, after, "", visit);
  }

  // Walks that meet candidates, in their order.
  absl::Status WalkNumbers(const std::string& after, const Visit& visit) const;
  absl::Status WalkFrozen(const std::string& after, const Visit& visit) const;
  absl::Status WalkPosting(std::string_view field, std::string_view value, const std::string& after,
                           const Visit& visit) const;
  absl::Status WalkPaths(const std::string& prefix, const std::string& after, const Visit& visit) const;
  // False: there were too many entries of changes to go on; what was visited is of no use then.
  absl::StatusOr<bool> WalkUpdatedSince(Micros time, const Visit& visit) const;
  // The same from the newest on; what an imported history came behind is met whole, in the end.
  absl::StatusOr<bool> WalkNewestUpdates(const Visit& visit) const;
  static std::int64_t EntriesWorthALook(const std::optional<ProjectMark>& mark);

  // In the order of numbers, those that have a path with the prefix, or were made from one of the versions of a
  // template, that the filter names. False: it names none, or there are so many that they are met soon anyway; nothing
  // was visited then.
  absl::StatusOr<bool> WalkNumbersOfPaths(const Visit& visit) const;
  absl::StatusOr<bool> WalkNumbersOfTemplate(const Visit& visit) const;
  absl::StatusOr<bool> WalkOrders(std::vector<std::string> orders, const Visit& visit) const;

  // Whether rows that lie in the order asked for are walked.
  bool IsListedInOrder() const;
  absl::StatusOr<DocumentPage> ListInOrder();
  absl::Status WalkPathsInOrder(const DocumentPage& page, const Visit& visit) const;
  absl::StatusOr<DocumentPage> ListSorted();
  // `by_changes`: a walk over changes may be taken, which may give up (false).
  absl::StatusOr<bool> FillSorted(SortedPage<v1::Document>& best, bool by_changes);

  // The posting that an equality of the filter names; false: none.
  bool ChoosePosting(std::string& field, std::string& value) const;
  // The prefix that all paths of the answer have; false: none is known, or documents without a path may match.
  bool ChoosePathPrefix(std::string& prefix) const;
  // The range of orders of templates' versions that the whole answer lies in; false: none is known.
  struct TemplateRange {
    std::string prefix;
    std::string from;   // after the prefix
    std::string until;  // as `from`; "": to the end
  };
  bool ChooseTemplates(TemplateRange& range) const;
  // Calls `visit` with the order of each number, by versions.
  absl::Status WalkTemplates(const TemplateRange& range,
                             const std::function<absl::StatusOr<bool>(std::string_view order)>& visit) const;
  bool OnlyActive() const;
  // A lower bound of update_time; false: none.
  bool ChooseUpdatedSince(Micros& time) const;

  const Index& index_;
  const Index::State& state_;
  const VersionedWalk walk_;
  const ProjectView& view_;
  const DocumentFilter& filter_;
  const DocumentOrdering& ordering_;
  const int limit_;
  const std::string_view after_;
  bool backwards_ = false;  // walks meet the last first
};

}  // namespace greffe
