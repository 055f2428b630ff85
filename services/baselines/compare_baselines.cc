#include "services/baselines/compare_baselines.h"

#include <algorithm>
#include <functional>
#include <iterator>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "greffe/v1/annotations.pb.h"
#include "services/call/asked_page.h"
#include "services/call/file_difference.h"
#include "services/call/unary.h"
#include "services/call/wanted.h"
#include "storage/base/baseline_rules.h"
#include "storage/base/names.h"
#include "storage/base/number_order.h"
#include "storage/base/record_fields.h"
#include "storage/store/baseline_acts.h"

namespace greffe {
namespace {

constexpr int kChangesPage = 16;  // one may have 100,000 entries
constexpr int kMaxCollections = 20;
constexpr std::size_t kMaxNames = 10'000;  // of records, held at a time; a page is less

v1::AsOf At(std::int64_t sequence) {
  v1::AsOf as_of;
  as_of.set_sequence(sequence);
  return as_of;
}

// What is compared.
struct Sides {
  std::string project;
  std::string base_id;
  v1::Baseline base;
  std::string target_id;               // "": now
  std::optional<v1::Baseline> target;  // nullopt: now
  std::int64_t target_sequence = 0;    // that the target froze; of now, the one looked at
  AskedPage page;
};

template <typename Request>
absl::StatusOr<Sides> ReadSides(const Runtime& runtime, const Request& request) {
  Sides sides;
  GREFFE_ASSIGN_OR_RETURN(RecordName base, ParseRecordName(KindOf<v1::Baseline>(), request.base(), "base"));
  GREFFE_ASSIGN_OR_RETURN(sides.page, AskPage(runtime, request));
  sides.project = std::move(base.project);
  sides.base_id = std::move(base.id);
  GREFFE_ASSIGN_OR_RETURN(const ProjectView now, runtime.store.View(sides.project));
  GREFFE_ASSIGN_OR_RETURN(sides.base, now.GetRecord<v1::Baseline>(sides.base_id));
  if (request.target().empty()) {
    sides.target_sequence = sides.page.first ? now.sequence() : sides.page.begin.sequence;
    return sides;
  }
  GREFFE_ASSIGN_OR_RETURN(RecordName target, ParseRecordName(KindOf<v1::Baseline>(), request.target(), "target"));
  if (target.project != sides.project) {
    return InvalidField("target", "FIELD_INVALID", "'" + request.target() + "': is of another project than base");
  }
  sides.target_id = std::move(target.id);
  GREFFE_ASSIGN_OR_RETURN(sides.target, now.GetRecord<v1::Baseline>(sides.target_id));
  sides.target_sequence = sides.target->frozen_sequence();
  return sides;
}

class Comparison {
 public:
  Comparison(const Runtime& runtime, const v1::CompareBaselinesRequest& request, const std::function<bool()>& gone,
             v1::CompareBaselinesResponse& response)
      : runtime_(runtime), request_(request), gone_(gone), response_(response) {}

  absl::Status Run() {
    context_lines_ = request_.has_context_lines() ? request_.context_lines() : kDefaultContextLines;
    GREFFE_RETURN_IF_ERROR(ValidateContextLines(context_lines_));
    GREFFE_ASSIGN_OR_RETURN(sides_, ReadSides(runtime_, request_));
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, runtime_.store.View(sides_.project));
    GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::BaselineDocument> base, ReadFrozen(view, sides_.base_id));
    GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::BaselineDocument> target, ReadTarget(view));
    response_.set_base_sequence(sides_.base.frozen_sequence());
    response_.set_target_sequence(sides_.target_sequence);
    Merge(base, target);
    if (!request_.include_diffs()) return absl::OkStatus();
    return AddDiffs(view);
  }

 private:
  absl::StatusOr<std::vector<v1::BaselineDocument>> ReadTarget(const ProjectView& view) const {
    if (sides_.target) return ReadFrozen(view, sides_.target_id);
    GREFFE_ASSIGN_OR_RETURN(const ProjectView then, runtime_.store.View(sides_.project, At(sides_.target_sequence)));
    GREFFE_ASSIGN_OR_RETURN(
        FrozenSet set, ChooseFrozenSet(then, sides_.base.scope(), sides_.base.selection(), ListRule::kWhatThereIs));
    return std::move(set.documents);
  }

  // Both are by number.
  void Merge(const std::vector<v1::BaselineDocument>& base, const std::vector<v1::BaselineDocument>& target) {
    std::size_t i = 0;
    std::size_t j = 0;
    while (i < base.size() || j < target.size()) {
      const std::string left = i < base.size() ? NumberOrder(base[i].number()) : "";
      const std::string right = j < target.size() ? NumberOrder(target[j].number()) : "";
      const bool has_left = i < base.size() && (j == target.size() || left <= right);
      const bool has_right = j < target.size() && (i == base.size() || right <= left);
      Add(has_left ? &base[i] : nullptr, has_right ? &target[j] : nullptr, has_left ? left : right);
      if (has_left) ++i;
      if (has_right) ++j;
    }
  }

  void Add(const v1::BaselineDocument* base, const v1::BaselineDocument* target, const std::string& order) {
    const v1::BaselineDifferenceKind kind = DifferenceOf(base, target);
    Count(kind);
    if (kind == v1::BASELINE_DIFFERENCE_KIND_UNSPECIFIED || order <= sides_.page.begin.position) return;
    if (!response_.next_page_token().empty()) return;
    if (response_.differences_size() == sides_.page.size) {
      EndPage(sides_.page.size);
      return;
    }
    v1::BaselineDifference& difference = *response_.add_differences();
    difference.set_document(FormatDocumentName(sides_.project, (base != nullptr ? base : target)->number()));
    difference.set_kind(kind);
    if (base != nullptr) *difference.mutable_base() = *base;
    if (target != nullptr) *difference.mutable_target() = *target;
  }

  // Behind the first `count` differences, one at least.
  void EndPage(int count) {
    auto& differences = *response_.mutable_differences();
    differences.DeleteSubrange(count, differences.size() - count);
    const std::string last = NumberOrder(LastSegment(differences[count - 1].document()));
    response_.set_next_page_token(NextPageToken(runtime_, sides_.page, sides_.target_sequence, last));
  }

  void Count(v1::BaselineDifferenceKind kind) {
    switch (kind) {
      case v1::BASELINE_DIFFERENCE_KIND_ADDED:
        return response_.set_added_count(response_.added_count() + 1);
      case v1::BASELINE_DIFFERENCE_KIND_REMOVED:
        return response_.set_removed_count(response_.removed_count() + 1);
      case v1::BASELINE_DIFFERENCE_KIND_CHANGED:
        return response_.set_changed_count(response_.changed_count() + 1);
      case v1::BASELINE_DIFFERENCE_KIND_MOVED:
        return response_.set_moved_count(response_.moved_count() + 1);
      case v1::BASELINE_DIFFERENCE_KIND_RESTATED:
        return response_.set_restated_count(response_.restated_count() + 1);
      default:
        return response_.set_unchanged_count(response_.unchanged_count() + 1);
    }
  }

  // The page ends before what a message does not hold beside the others, and before what would take too long to read.
  absl::Status AddDiffs(const ProjectView& view) {
    std::int64_t room = runtime_.limits.message_bytes - kBytesBesideDiffs;
    std::int64_t to_read = runtime_.limits.turn_bytes;
    for (int i = 0; i < response_.differences_size(); ++i) {
      v1::BaselineDifference& difference = *response_.mutable_differences(i);
      room -= static_cast<std::int64_t>(difference.ByteSizeLong());
      bool fits = i == 0 || room >= 0;
      if (fits && difference.kind() == v1::BASELINE_DIFFERENCE_KIND_CHANGED) {
        GREFFE_RETURN_IF_ERROR(CheckWanted(gone_));
        GREFFE_ASSIGN_OR_RETURN(const v1::Version base, VersionOf(view, difference.base()));
        GREFFE_ASSIGN_OR_RETURN(const v1::Version target, VersionOf(view, difference.target()));
        to_read -= BytesToCompare(runtime_.limits, base.main_file(), target.main_file());
        fits = i == 0 || to_read >= 0;
        if (fits) {
          GREFFE_ASSIGN_OR_RETURN(fits, AddDiff(base, target, i == 0, room, difference));
        }
      }
      if (!fits) {
        EndPage(i);
        return absl::OkStatus();
      }
    }
    return absl::OkStatus();
  }

  static absl::StatusOr<v1::Version> VersionOf(const ProjectView& view, const v1::BaselineDocument& document) {
    return view.GetVersion(document.number(), document.version());
  }

  // False when it is larger than `room`, unless it is `alone`: then it is left out.
  absl::StatusOr<bool> AddDiff(const v1::Version& base, const v1::Version& target, bool alone, std::int64_t& room,
                               v1::BaselineDifference& difference) {
    GREFFE_ASSIGN_OR_RETURN(
        FileDifference diff,
        CompareFiles(runtime_.store, runtime_.limits, sides_.project, {base.main_file(), HeaderOf(difference.base())},
                     {target.main_file(), HeaderOf(difference.target())}, context_lines_));
    const auto bytes = static_cast<std::int64_t>(diff.unified.size());
    if (bytes > room && !alone) return false;
    if (bytes > room) {
      diff.omitted = v1::DIFF_OMITTED_TOO_LARGE;
      diff.unified.clear();
    }
    room -= static_cast<std::int64_t>(diff.unified.size());
    difference.set_diff_omitted(diff.omitted);
    difference.set_lines_added(diff.lines_added);
    difference.set_lines_removed(diff.lines_removed);
    difference.set_unified_diff(std::move(diff.unified));
    return true;
  }

  static std::string HeaderOf(const v1::BaselineDocument& document) {
    return absl::StrCat(document.path(), " (", document.number(), " version ", document.version(), ")");
  }

  const Runtime& runtime_;
  const v1::CompareBaselinesRequest& request_;
  const std::function<bool()>& gone_;
  v1::CompareBaselinesResponse& response_;
  int context_lines_ = 0;
  Sides sides_;
};

bool IsCompared(const v1::CompareBaselineRecordsRequest& request, const std::string& collection) {
  // Versions are compared with their documents, and baselines never change.
  if (collection == KindOf<v1::Version>().collection || collection == KindOf<v1::Baseline>().collection) return false;
  const auto& asked = request.collections();
  return asked.empty() || std::find(asked.begin(), asked.end(), collection) != asked.end();
}

absl::Status ValidateCollections(const v1::CompareBaselineRecordsRequest& request) {
  if (request.collections_size() > kMaxCollections) {
    return InvalidField("collections", "FIELD_INVALID",
                        std::to_string(request.collections_size()) + " of them; allowed are 20");
  }
  for (const std::string& collection : request.collections()) {
    if (FindRecordKind(collection) != nullptr) continue;
    return InvalidField("collections", "FIELD_INVALID",
                        "'" + collection.substr(0, 100) + "': there is no such collection");
  }
  return absl::OkStatus();
}

// Names of records that the commits in (after, view.sequence()] changed, above `position`: the first kMaxNames.
absl::StatusOr<std::set<std::string>> ChangedRecordNames(const v1::CompareBaselineRecordsRequest& request,
                                                         const ProjectView& view, std::int64_t after,
                                                         const std::string& position,
                                                         const std::function<bool()>& gone) {
  std::set<std::string> names;
  const std::size_t begin = ProjectName(view.project()).size() + 1;
  while (true) {
    GREFFE_RETURN_IF_ERROR(CheckWanted(gone));
    GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::Change> changes, view.ListChanges(after, kChangesPage));
    if (changes.empty()) return names;
    after = changes.back().sequence();
    for (const v1::Change& change : changes) {
      for (const v1::ChangeEntry& entry : change.entries()) {
        if (entry.kind() == v1::CHANGE_KIND_LINK_STATE_CHANGED) continue;  // its record is as it was
        const std::string& name = entry.resource();
        if (name.size() <= begin || name <= position) continue;
        if (names.size() == kMaxNames && name >= *names.rbegin()) continue;
        const std::string collection = name.substr(begin, name.find('/', begin) - begin);
        if (FindRecordKind(collection) != nullptr && IsCompared(request, collection)) names.insert(name);
        if (names.size() > kMaxNames) names.erase(std::prev(names.end()));
      }
    }
  }
}

// Fields of the record that differ.
void AddFields(const google::protobuf::Message& base, const google::protobuf::Message& target,
               v1::RecordDifference& difference) {
  google::protobuf::util::MessageDifferencer differencer;
  const google::protobuf::Descriptor& descriptor = *base.GetDescriptor();
  for (int i = 0; i < descriptor.field_count(); ++i) {
    const google::protobuf::FieldDescriptor* field = descriptor.field(i);
    if (field->options().GetExtension(v1::behavior) == v1::FIELD_BEHAVIOR_OUTPUT_ONLY) continue;
    if (!differencer.CompareWithFields(base, target, {field}, {field})) difference.add_fields(field->name());
  }
}

absl::StatusOr<std::optional<v1::RecordDifference>> CompareRecord(const std::string& name, const ProjectView& base,
                                                                  const ProjectView& target) {
  GREFFE_ASSIGN_OR_RETURN(const RecordName parsed, ParseRecordName(name));
  const RecordKind& kind = *FindRecordKind(parsed.collection);
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr before, base.FindRecord(kind, parsed.id));
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr after, target.FindRecord(kind, parsed.id));
  if (before == nullptr && after == nullptr) return std::nullopt;
  v1::RecordDifference difference;
  difference.set_record(name);
  if (before != nullptr) difference.set_base_state(StateText(*before));
  if (after != nullptr) difference.set_target_state(StateText(*after));
  if (before == nullptr) {
    difference.set_kind(v1::BASELINE_DIFFERENCE_KIND_ADDED);
  } else if (after == nullptr) {
    difference.set_kind(v1::BASELINE_DIFFERENCE_KIND_REMOVED);
  } else {
    difference.set_kind(v1::BASELINE_DIFFERENCE_KIND_CHANGED);
    AddFields(*before, *after, difference);
    if (difference.fields().empty()) return std::nullopt;
  }
  return difference;
}

}  // namespace

absl::Status CompareBaselines(const Runtime& runtime, const v1::CompareBaselinesRequest& request,
                              const std::function<bool()>& gone, v1::CompareBaselinesResponse& response) {
  return Comparison(runtime, request, gone, response).Run();
}

absl::Status CompareBaselineRecords(const Runtime& runtime, const v1::CompareBaselineRecordsRequest& request,
                                    const std::function<bool()>& gone, v1::CompareBaselineRecordsResponse& response) {
  GREFFE_RETURN_IF_ERROR(ValidateCollections(request));
  GREFFE_ASSIGN_OR_RETURN(const Sides sides, ReadSides(runtime, request));
  const std::int64_t base_sequence = sides.base.frozen_sequence();
  response.set_base_sequence(base_sequence);
  response.set_target_sequence(sides.target_sequence);
  GREFFE_ASSIGN_OR_RETURN(const ProjectView base, runtime.store.View(sides.project, At(base_sequence)));
  GREFFE_ASSIGN_OR_RETURN(const ProjectView target, runtime.store.View(sides.project, At(sides.target_sequence)));
  // The base may be the newer one.
  const bool forwards = base_sequence <= sides.target_sequence;
  const ProjectView& newer = forwards ? target : base;
  const std::int64_t older_sequence = std::min(base_sequence, sides.target_sequence);
  for (std::string position = sides.page.begin.position;;) {
    GREFFE_ASSIGN_OR_RETURN(const std::set<std::string> names,
                            ChangedRecordNames(request, newer, older_sequence, position, gone));
    for (const std::string& name : names) {
      GREFFE_RETURN_IF_ERROR(CheckWanted(gone));
      GREFFE_ASSIGN_OR_RETURN(std::optional<v1::RecordDifference> difference, CompareRecord(name, base, target));
      if (!difference) continue;
      if (response.differences_size() == sides.page.size) {
        const std::string& last = response.differences(sides.page.size - 1).record();
        response.set_next_page_token(NextPageToken(runtime, sides.page, sides.target_sequence, last));
        return absl::OkStatus();
      }
      *response.add_differences() = *std::move(difference);
    }
    if (names.size() < kMaxNames) return absl::OkStatus();
    position = *names.rbegin();
  }
}

}  // namespace greffe
