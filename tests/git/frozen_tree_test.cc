#include "storage/git/frozen_tree.h"

#include <gtest/gtest.h>

#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/git/tree_editor.h"

namespace greffe {
namespace {

Oid Blob(const std::string& text) { return HashObject(ObjectType::kBlob, text); }

TEST(FrozenTreeTest, ItIsTheTreeThatAnEditorMakes) {
  const std::vector<std::string> paths = {
      "a.md", "a/b/c.md", "a/b.md", "a.b/x", "z", "a/b-c/d", ".greffe/baseline.json"};
  std::vector<FrozenFile> files;
  TreeEditor editor(Oid{}, [](const Oid&) -> absl::StatusOr<GitObject> { return absl::NotFoundError("none"); });
  for (const std::string& path : paths) {
    files.push_back({path, Blob(path)});
    ASSERT_TRUE(editor.Set(path, Blob(path)).ok());
  }
  std::vector<TreeEditor::NewTree> trees;
  const auto expected = editor.Write(trees);
  const auto frozen = BuildFrozenTree(files);
  ASSERT_TRUE(frozen.ok()) << frozen.status();
  EXPECT_EQ(frozen->root, *expected);
  EXPECT_EQ(frozen->trees.size(), trees.size());
  EXPECT_EQ(frozen->trees.back().first, frozen->root);
}

TEST(FrozenTreeTest, FilesThatClashAreNamed) {
  for (const auto& [first, second] : {std::pair("a/b", "a/b"), std::pair("a", "a/b"), std::pair("x/a/b", "x/a")}) {
    const auto frozen = BuildFrozenTree({{first, Blob("1")}, {"a.b", Blob("2")}, {second, Blob("3")}});
    EXPECT_EQ(ReasonOf(frozen.status()), "PATHS_CLASH") << first << " " << second;
  }
}

}  // namespace
}  // namespace greffe
