// Circles in a graph of links.
#pragma once

#include <cstddef>
#include <vector>

namespace greffe {

// By node, the nodes that it has an edge to.
using LinkGraph = std::vector<std::vector<std::size_t>>;

// One circle for each group of nodes that reach each other (a strongly connected component of more than one node, or a
// node with an edge to itself): a shortest one through the group's first node, which stands at both ends. At most
// `limit`, in the order of their first nodes.
std::vector<std::vector<std::size_t>> FindCycles(const LinkGraph& graph, std::size_t limit);

}  // namespace greffe
