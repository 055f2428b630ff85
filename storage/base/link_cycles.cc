#include "storage/base/link_cycles.h"

#include <algorithm>
#include <limits>

namespace greffe {
namespace {

constexpr std::size_t kNone = std::numeric_limits<std::size_t>::max();

// Tarjan's, without recursion: a chain of links may be long. Gives each node its component.
std::vector<std::size_t> Components(const LinkGraph& graph) {
  struct Frame {
    std::size_t node;
    std::size_t next_edge;
  };
  const std::size_t count = graph.size();
  std::vector<std::size_t> component(count, kNone);
  std::vector<std::size_t> index(count, kNone);
  std::vector<std::size_t> low(count, 0);
  std::vector<std::size_t> open;
  std::vector<Frame> frames;
  std::size_t next_index = 0;
  std::size_t next_component = 0;
  for (std::size_t root = 0; root < count; ++root) {
    if (index[root] != kNone) continue;
    frames.push_back({root, 0});
    while (!frames.empty()) {
      Frame& frame = frames.back();
      const std::size_t node = frame.node;
      if (frame.next_edge == 0 && index[node] == kNone) {
        index[node] = low[node] = next_index++;
        open.push_back(node);
      }
      if (frame.next_edge < graph[node].size()) {
        const std::size_t target = graph[node][frame.next_edge++];
        if (index[target] == kNone) {
          frames.push_back({target, 0});
        } else if (component[target] == kNone) {
          low[node] = std::min(low[node], index[target]);
        }
        continue;
      }
      if (low[node] == index[node]) {
        while (true) {
          const std::size_t member = open.back();
          open.pop_back();
          component[member] = next_component;
          if (member == node) break;
        }
        ++next_component;
      }
      frames.pop_back();
      if (!frames.empty()) low[frames.back().node] = std::min(low[frames.back().node], low[node]);
    }
  }
  return component;
}

// A shortest way from `start` back to it within its component; empty: there is none.
std::vector<std::size_t> CycleThrough(const LinkGraph& graph, const std::vector<std::size_t>& component,
                                      std::size_t start) {
  std::vector<std::size_t> queue = {start};
  std::vector<std::size_t> previous(graph.size(), kNone);
  for (std::size_t i = 0; i < queue.size(); ++i) {
    for (const std::size_t target : graph[queue[i]]) {
      if (component[target] != component[start]) continue;
      if (target == start) {
        std::vector<std::size_t> cycle = {start};
        for (std::size_t node = queue[i]; node != start; node = previous[node]) cycle.push_back(node);
        cycle.push_back(start);
        std::reverse(cycle.begin(), cycle.end());
        return cycle;
      }
      if (previous[target] != kNone) continue;
      previous[target] = queue[i];
      queue.push_back(target);
    }
  }
  return {};
}

}  // namespace

std::vector<std::vector<std::size_t>> FindCycles(const LinkGraph& graph, std::size_t limit) {
  const std::vector<std::size_t> component = Components(graph);
  std::vector<std::size_t> size(graph.size(), 0);
  for (const std::size_t c : component) ++size[c];
  std::vector<bool> told(graph.size(), false);
  std::vector<std::vector<std::size_t>> cycles;
  for (std::size_t node = 0; node < graph.size() && cycles.size() < limit; ++node) {
    const std::size_t c = component[node];
    if (told[c]) continue;
    const bool loop = std::find(graph[node].begin(), graph[node].end(), node) != graph[node].end();
    if (size[c] == 1 && !loop) continue;
    told[c] = true;
    cycles.push_back(CycleThrough(graph, component, node));
  }
  return cycles;
}

}  // namespace greffe
