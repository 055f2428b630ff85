#include "storage/index/impact.h"

#include <string_view>
#include <utility>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "storage/base/errors.h"
#include "storage/base/link_cycles.h"
#include "storage/base/names.h"
#include "storage/base/record_kinds.h"
#include "storage/index/link_walk.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxCycles = 100;

class ImpactWalk {
 public:
  ImpactWalk(const Index& index, std::string_view project, std::int64_t sequence, const ImpactQuery& query)
      : walk_(index, project, sequence), project_(project), query_(query) {
    response_.set_sequence(sequence);
    NodeOf(query.subject);
  }

  absl::StatusOr<v1::GetImpactResponse> Run() {
    if (query_.dependents) GREFFE_RETURN_IF_ERROR(Go(LinkSide::kTo, *response_.mutable_dependents()));
    if (query_.dependencies) GREFFE_RETURN_IF_ERROR(Go(LinkSide::kFrom, *response_.mutable_dependencies()));
    std::vector<std::vector<std::size_t>> cycles = FindCycles(depends_on_, kMaxCycles + 1);
    if (cycles.size() > kMaxCycles) {
      cycles.pop_back();
      response_.set_truncated(true);
    }
    for (const std::vector<std::size_t>& cycle : cycles) {
      v1::LinkCycle told;
      for (const std::size_t node : cycle) told.add_path(FormatSubject(project_, subjects_[node]));
      if (!Fits(told)) break;
      *response_.add_cycles() = std::move(told);
    }
    return std::move(response_);
  }

 private:
  // Whether there is room for it in the answer, which is truncated from then on when there is none.
  bool Fits(const google::protobuf::Message& part) {
    bytes_ += part.ByteSizeLong();
    if (bytes_ > query_.max_bytes) response_.set_truncated(true);
    return bytes_ <= query_.max_bytes;
  }

  std::size_t NodeOf(const std::string& subject) {
    const auto [found, made] = nodes_.try_emplace(subject, subjects_.size());
    if (made) {
      subjects_.push_back(subject);
      depends_on_.emplace_back();
    }
    return found->second;
  }

  // From each subject over the links that have it on that side.
  absl::Status Go(LinkSide side, google::protobuf::RepeatedPtrField<v1::ImpactNode>& reached) {
    struct Step {
      std::size_t node;
      int depth;
    };
    std::vector<Step> queue = {{0, 0}};
    absl::flat_hash_map<std::size_t, bool> seen;
    // It begins at an anchor alone, when one is asked for: the document is reached as any other one is.
    if (query_.anchor.empty()) seen[0] = true;
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const Step step = queue[i];
      const std::string subject = subjects_[step.node];
      const auto look = [&](LinkSide, std::string_view id, const LinkRow& row) {
        if (!HasType(query_.types, row.type)) return true;
        if (step.depth == 0 && !query_.anchor.empty() && row.anchor != query_.anchor) return true;
        const auto known = nodes_.find(row.other.subject);
        const bool is_start = row.other.subject == query_.subject && row.other.anchor == query_.anchor;
        const bool is_new = !is_start && (known == nodes_.end() || !seen.contains(known->second));
        if (is_new && (step.depth == query_.max_depth || reached.size() == query_.max_results)) {
          response_.set_truncated(true);
          return true;
        }
        v1::ImpactNode node;
        if (is_new) {
          node.set_name(FormatSubject(project_, row.other.subject));
          node.set_depth(step.depth + 1);
          node.set_via(FormatSubject(project_, subject));
          node.set_link(FormatRecordName(project_, "links", id));
          node.set_type(row.type);
          node.set_state(row.state);
          node.set_anchor(row.other.anchor);
          node.set_version(row.other.version);
          if (!Fits(node)) return true;
        }
        const std::size_t target = NodeOf(row.other.subject);
        const auto [from, to] = side == LinkSide::kTo ? std::pair(target, step.node) : std::pair(step.node, target);
        // Two anchors or versions of one document are no cycle.
        if (from != to) depends_on_[from].push_back(to);
        if (!is_new) return true;
        seen[target] = true;
        queue.push_back({target, step.depth + 1});
        *reached.Add() = std::move(node);
        return true;
      };
      GREFFE_RETURN_IF_ERROR(walk_.Links(subject, side, look));
    }
    return absl::OkStatus();
  }

  const LinkWalk walk_;
  const std::string project_;
  const ImpactQuery& query_;
  std::vector<std::string> subjects_;
  absl::flat_hash_map<std::string, std::size_t> nodes_;
  LinkGraph depends_on_;
  v1::GetImpactResponse response_;
  std::size_t bytes_ = 0;
};

}  // namespace

absl::StatusOr<v1::GetImpactResponse> FindImpact(const Index& index, std::string_view project, std::int64_t sequence,
                                                 const ImpactQuery& query) {
  return ImpactWalk(index, project, sequence, query).Run();
}

}  // namespace greffe
