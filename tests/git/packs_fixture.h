// Packs of a small history, for what makes one of several.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "storage/base/durable_file.h"
#include "storage/base/hashing.h"
#include "storage/git/consolidate.h"
#include "storage/git/object_format.h"
#include "storage/git/pack_reader.h"
#include "storage/git/pack_writer.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {

inline bool Never() { return false; }

// A history of one folder of documents, each commit a line exchanged in one of them, and the packs it is written in.
class PacksFixture : public testing::Test {
 protected:
  static constexpr int kDocuments = 5;

  void SetUp() override {
    ASSERT_EQ(Shell("git init -q --bare -b main " + directory_.path()).exit_code, 0);
    for (int i = 0; i < kDocuments; ++i) texts_.push_back(Line() + Line() + Line() + Line());
  }

  std::string Line() {
    std::string line;
    for (int i = 0; i < 100; ++i) line += static_cast<char>('a' + random_() % 26);
    return line + "\n";
  }

  // A pack of `commits` more.
  void WritePack(int commits) {
    std::vector<PackInput> inputs;
    const auto add = [&](ObjectType type, std::string data, const std::string& place) {
      const Oid oid = HashObject(type, data);
      const auto [kept, fresh] = objects_.try_emplace(oid, GitObject{type, std::move(data)});
      if (fresh) inputs.push_back({oid, type, kept->second.data, place.empty() ? Oid{} : last_[place]});
      if (!place.empty()) last_[place] = oid;
      return oid;
    };
    for (int i = 0; i < commits; ++i) {
      const auto changed = static_cast<std::size_t>(random_() % kDocuments);
      texts_[changed].replace(101, 101, Line());
      std::vector<TreeEntry> entries;
      for (int d = 0; d < kDocuments; ++d) {
        const std::string name = std::to_string(d) + ".md";
        entries.push_back({kModeFile, name, add(ObjectType::kBlob, texts_[static_cast<std::size_t>(d)], name)});
      }
      const Oid folder = add(ObjectType::kTree, SerializeTree(entries), "folder");
      CommitObject commit;
      commit.tree = add(ObjectType::kTree, SerializeTree({{kModeTree, "folder", folder}}), "/");
      if (!head_.IsZero()) commit.parents.push_back(head_);
      commit.author = commit.committer = {"Ada", "ada", 1700000000 + count_++, 0};
      commit.message = FormatMessage("Change", "", {});
      head_ = add(ObjectType::kCommit, SerializeCommit(commit), "");
    }
    const auto files = WritePackFiles(Folder(), inputs);
    ASSERT_TRUE(files.ok()) << files.status();
    Open(Folder() + "/" + files->pack_name);
    ASSERT_TRUE(WriteFileDurably(directory_.path() + "/refs/heads/main", head_.Hex() + "\n").ok());
  }

  void Open(const std::string& base) {
    auto pack = PackReader::Open(base);
    ASSERT_TRUE(pack.ok()) << pack.status();
    packs_.push_back(*std::move(pack));
  }

  // Merges all packs into one, which takes their places.
  void Merge() {
    const auto merged = MergePacks(Folder(), packs_, Never);
    ASSERT_TRUE(merged.ok()) << merged.status();
    ASSERT_EQ(merged->count, packs_.size());
    for (const auto& pack : packs_) {
      ASSERT_EQ(Shell("rm -f " + pack->base() + ".pack " + pack->base() + ".idx").exit_code, 0);
    }
    packs_.clear();
    Open(merged->base);
  }

  // What `git verify-pack -v` says of the only pack; it checks every object and the idx.
  std::string VerifyPack() {
    const ShellResult verified = Shell("git verify-pack -v " + packs_[0]->base() + ".idx");
    EXPECT_EQ(verified.exit_code, 0) << verified.output;
    const ShellResult index =
        Shell("git index-pack --strict -o " + directory_.path() + "/again.idx " + packs_[0]->base() + ".pack && cmp " +
              directory_.path() + "/again.idx " + packs_[0]->base() + ".idx");
    EXPECT_EQ(index.exit_code, 0) << index.output;
    return verified.output;
  }

  void ExpectEveryObject() {
    ASSERT_EQ(packs_.size(), 1U);
    EXPECT_EQ(packs_[0]->object_count(), static_cast<std::int64_t>(objects_.size()));
    for (const auto& [oid, object] : objects_) {
      const auto read = packs_[0]->Read(oid);
      ASSERT_TRUE(read.ok() && read->has_value()) << oid.Hex();
      ASSERT_EQ((*read)->type, object.type);
      ASSERT_EQ((*read)->data, object.data);
    }
  }

  // What the only pack has of each object, or of its delta.
  std::map<Oid, std::string> Streams() {
    std::map<Oid, std::string> streams;
    const absl::Status scanned = packs_[0]->Scan([](const Oid&) { return nullptr; },
                                                 [&](const Oid& oid, const absl::StatusOr<PackedObject>& packed) {
                                                   EXPECT_TRUE(packed.ok()) << packed.status();
                                                   streams[oid] = packed->deflated;
                                                   return absl::OkStatus();
                                                 });
    EXPECT_TRUE(scanned.ok()) << scanned;
    return streams;
  }

  std::string Folder() const { return directory_.path() + "/objects/pack"; }

  TemporaryDirectory directory_;
  std::mt19937 random_{11};
  std::map<Oid, GitObject> objects_;
  std::map<std::string, Oid> last_;  // by place
  std::vector<std::string> texts_;
  Oid head_;
  int count_ = 0;
  std::vector<std::shared_ptr<const PackReader>> packs_;
};

}  // namespace greffe
