#include "storage/git/tree_editor.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/git/object_format.h"

namespace greffe {
namespace {

// The first part of `path`, which is cut off it with its '/'.
std::string_view TakePart(std::string_view& path) {
  const std::size_t slash = path.find('/');
  const std::string_view part = path.substr(0, slash);
  path.remove_prefix(slash == std::string_view::npos ? path.size() : slash + 1);
  return part;
}

}  // namespace

struct TreeEditor::Node {
  Oid oid;  // as last written; zero: never
  bool loaded = false;
  bool dirty = false;
  std::vector<TreeEntry> entries;               // in git's order
  std::vector<std::unique_ptr<Node>> children;  // of the same positions; of trees that were looked into

  std::size_t Position(std::string_view name, bool is_tree) const {
    const auto position = std::lower_bound(entries.begin(), entries.end(), name,
                                           [is_tree](const TreeEntry& entry, std::string_view sought) {
                                             return TreeNameLess(entry.name, entry.IsTree(), sought, is_tree);
                                           });
    return static_cast<std::size_t>(position - entries.begin());
  }

  std::optional<std::size_t> Find(std::string_view name, bool is_tree) const {
    const std::size_t position = Position(name, is_tree);
    if (position == entries.size() || entries[position].name != name || entries[position].IsTree() != is_tree) {
      return std::nullopt;
    }
    return position;
  }

  void Erase(std::size_t position) {
    entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(position));
    children.erase(children.begin() + static_cast<std::ptrdiff_t>(position));
  }

  std::size_t Insert(std::string_view name, bool is_tree) {
    const std::size_t position = Position(name, is_tree);
    const auto offset = static_cast<std::ptrdiff_t>(position);
    entries.insert(entries.begin() + offset, TreeEntry{is_tree ? kModeTree : kModeFile, std::string(name), {}});
    children.insert(children.begin() + offset, nullptr);
    return position;
  }

  // The tree at that position, to be loaded when it was not yet looked into.
  Node& Child(std::size_t position) {
    std::unique_ptr<Node>& child = children[position];
    if (child == nullptr) {
      child = std::make_unique<Node>();
      child->oid = entries[position].oid;
      child->loaded = child->oid.IsZero();
    }
    return *child;
  }
};

TreeEditor::TreeEditor(const Oid& root, ObjectReader reader)
    : reader_(std::move(reader)), root_(std::make_unique<Node>()) {
  root_->oid = root;
  root_->loaded = root.IsZero();
  root_->dirty = root.IsZero();
}

TreeEditor::~TreeEditor() = default;

absl::Status TreeEditor::Load(Node& node) {
  if (node.loaded) return absl::OkStatus();
  GREFFE_ASSIGN_OR_RETURN(const GitObject object, reader_(node.oid));
  if (object.type != ObjectType::kTree) return Damaged("object " + node.oid.Hex(), "it is not a tree");
  GREFFE_ASSIGN_OR_RETURN(node.entries, ParseTree(object.data));
  node.children.resize(node.entries.size());
  node.loaded = true;
  entry_count_ += static_cast<std::int64_t>(node.entries.size());
  return absl::OkStatus();
}

absl::StatusOr<Oid> TreeEditor::Set(std::string_view path, const Oid& blob) {
  Node* node = root_.get();
  while (true) {
    GREFFE_RETURN_IF_ERROR(Load(*node));
    node->dirty = true;
    const std::string_view part = TakePart(path);
    const bool is_tree = !path.empty();
    std::optional<std::size_t> position = node->Find(part, is_tree);
    if (!position) {
      if (const auto other = node->Find(part, !is_tree)) {
        node->Erase(*other);
        --entry_count_;
      }
      position = node->Insert(part, is_tree);
      ++entry_count_;
    }
    if (!is_tree) return std::exchange(node->entries[*position].oid, blob);
    node = &node->Child(*position);
  }
}

absl::Status TreeEditor::Remove(std::string_view path) {
  std::vector<std::pair<Node*, std::size_t>> way;
  Node* node = root_.get();
  while (true) {
    GREFFE_RETURN_IF_ERROR(Load(*node));
    const std::string_view part = TakePart(path);
    const std::optional<std::size_t> position = node->Find(part, !path.empty());
    if (!position) return absl::OkStatus();
    way.emplace_back(node, *position);
    if (path.empty()) break;
    node = &node->Child(*position);
  }
  bool erase = true;
  for (auto step = way.rbegin(); step != way.rend(); ++step) {
    Node& parent = *step->first;
    parent.dirty = true;
    if (!erase) continue;
    parent.Erase(step->second);
    --entry_count_;
    erase = parent.entries.empty();
  }
  return absl::OkStatus();
}

absl::StatusOr<Oid> TreeEditor::Find(std::string_view path) {
  Node* node = root_.get();
  while (true) {
    GREFFE_RETURN_IF_ERROR(Load(*node));
    const std::string_view part = TakePart(path);
    const std::optional<std::size_t> position = node->Find(part, !path.empty());
    if (!position) return Oid{};
    if (path.empty()) return node->entries[*position].oid;
    node = &node->Child(*position);
  }
}

void TreeEditor::Serialize(Node& node, std::vector<NewTree>& changed) {
  if (!node.dirty) return;
  for (std::size_t position = 0; position < node.entries.size(); ++position) {
    if (node.children[position] == nullptr) continue;
    Serialize(*node.children[position], changed);
    node.entries[position].oid = node.children[position]->oid;
  }
  std::string data = SerializeTree(node.entries);
  const Oid oid = HashObject(ObjectType::kTree, data);
  node.dirty = false;
  if (oid == node.oid) return;
  changed.push_back({oid, std::move(data), node.oid});
  node.oid = oid;
}

absl::StatusOr<Oid> TreeEditor::Write(std::vector<NewTree>& changed) {
  Serialize(*root_, changed);
  return root_->oid;
}

std::int64_t TreeEditor::entry_count() const { return entry_count_; }

}  // namespace greffe
