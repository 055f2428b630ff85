#include "storage/git/tree_editor.h"

#include <gtest/gtest.h>

#include <map>
#include <random>

#include "storage/base/hashing.h"
#include "storage/git/object_format.h"
#include "storage/git/repository.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

// Random edits, and after each round the same tree made by stock git out of the paths alone.
TEST(TreeEditorTest, WritesTheTreesThatStockGitWould) {
  ASSERT_TRUE(InitializeGit().ok());
  TemporaryDirectory directory;
  const auto repository = GitRepository::Open(directory.path() + "/p.git");
  ASSERT_TRUE(repository.ok());
  std::map<Oid, std::string> store;
  const ObjectReader reader = [&](const Oid& oid) -> absl::StatusOr<GitObject> {
    return GitObject{ObjectType::kTree, store.at(oid)};
  };
  std::vector<std::string> blobs = {"one", "two", "three"};
  std::vector<PackInput> inputs;
  for (const std::string& blob : blobs) {
    inputs.push_back({HashObject(ObjectType::kBlob, blob), ObjectType::kBlob, blob, Oid{}});
  }
  ASSERT_TRUE((*repository)->WritePack(inputs).ok());

  std::mt19937 random(3);
  std::map<std::string, Oid> files;
  auto editor = std::make_unique<TreeEditor>(Oid{}, reader);
  for (int round = 0; round < 40; ++round) {
    for (int edit = 0; edit < 8; ++edit) {
      // Names that sort differently as file and as folder.
      static const char* kParts[] = {"a", "a-b", "a.b", "a0", "b", "z"};
      std::string path = kParts[random() % 6];
      for (unsigned depth = random() % 3; depth > 0; --depth) path += std::string("/") + kParts[random() % 6];
      if (random() % 4 == 0) {
        ASSERT_TRUE(editor->Remove(path).ok());
        files.erase(path);
        continue;
      }
      bool clash = false;
      for (const auto& [other, oid] : files) {
        clash = clash || other.starts_with(path + "/") || path.starts_with(other + "/");
      }
      if (clash) continue;
      const Oid blob = inputs[random() % 3].oid;
      ASSERT_TRUE(editor->Set(path, blob).ok());
      files[path] = blob;
    }
    std::vector<TreeEditor::NewTree> changed;
    const auto root = editor->Write(changed);
    ASSERT_TRUE(root.ok());
    for (const auto& tree : changed) store[tree.oid] = tree.data;
    std::string listing;
    for (const auto& [path, oid] : files) listing += "100644 blob " + oid.Hex() + "\t" + path + "\n";
    const std::string git = "git -C " + (*repository)->path();
    const ShellResult stock =
        Shell("export GIT_INDEX_FILE=" + directory.path() + "/index; rm -f $GIT_INDEX_FILE; printf '%s' '" + listing +
              "' | " + git + " update-index --add --index-info && " + git + " write-tree");
    ASSERT_EQ(stock.exit_code, 0) << stock.output;
    ASSERT_EQ(stock.output.substr(0, 40), root->Hex()) << listing;
    if (round % 10 == 9) editor = std::make_unique<TreeEditor>(*root, reader);  // from what was written
  }
}

}  // namespace
}  // namespace greffe
