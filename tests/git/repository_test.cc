#include "storage/git/repository.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

#include <atomic>
#include <csignal>
#include <fstream>
#include <random>
#include <thread>
#include <vector>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/git/copy_objects.h"
#include "storage/git/loose_object.h"
#include "storage/git/object_format.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

class RepositoryTest : public testing::Test {
 protected:
  void SetUp() override {
    ASSERT_TRUE(InitializeGit().ok());
    auto opened = GitRepository::Open(path_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    repository_ = *std::move(opened);
  }

  // One commit that puts `text` at "folder/file.md".
  Oid Commit(const std::string& text) {
    std::vector<GitObject> objects;
    objects.push_back({ObjectType::kBlob, text});
    const Oid blob = HashObject(ObjectType::kBlob, text);
    objects.push_back({ObjectType::kTree, SerializeTree({{kModeFile, "file.md", blob}})});
    const Oid folder = HashObject(ObjectType::kTree, objects.back().data);
    objects.push_back({ObjectType::kTree, SerializeTree({{kModeTree, "folder", folder}})});
    CommitObject commit;
    commit.tree = HashObject(ObjectType::kTree, objects.back().data);
    if (!head_.IsZero()) commit.parents.push_back(head_);
    commit.author = commit.committer = {"Ada", "ada", 1700000000 + count_++, 90};
    commit.message = FormatMessage("Change", "why", {{"Greffe-Sequence", std::to_string(count_)}});
    objects.push_back({ObjectType::kCommit, SerializeCommit(commit)});
    std::vector<PackInput> inputs;
    for (std::size_t i = 0; i < objects.size(); ++i) {
      inputs.push_back({HashObject(objects[i].type, objects[i].data), objects[i].type, objects[i].data, last_[i]});
      last_[i] = inputs.back().oid;
    }
    last_[3] = Oid{};
    EXPECT_TRUE(repository_->WritePack(inputs).ok());
    head_ = inputs.back().oid;
    EXPECT_TRUE(repository_->MoveRef("refs/heads/main", head_).ok());
    return blob;
  }

  std::string Git(const std::string& arguments) {
    const ShellResult result = Shell("git -C " + path_ + " " + arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return result.output;
  }

  std::vector<std::string> Findings() {
    std::vector<std::string> findings;
    const absl::Status status = repository_->VerifyObjects(
        FullSpeed, [&](const absl::Status& found) { findings.emplace_back(found.message()); },
        [](const Oid&, const auto&) {});
    EXPECT_TRUE(status.ok()) << status;
    return findings;
  }

  TemporaryDirectory directory_;
  const std::string path_ = directory_.path() + "/p.git";
  std::unique_ptr<GitRepository> repository_;
  Oid head_;
  Oid last_[4];
  int count_ = 0;
};

TEST_F(RepositoryTest, StockGitReadsWhatWasWritten) {
  for (int i = 0; i < 20; ++i) Commit("text " + std::to_string(i) + std::string(500, 'x') + "\n");
  EXPECT_EQ(Git("fsck --full --strict"), "");
  EXPECT_EQ(Git("show main:folder/file.md").substr(0, 7), "text 19");
  EXPECT_EQ(Git("log -1 --format='%an <%ae> %ad %s' --date=iso"), "Ada <ada> 2023-11-14 23:43:39 +0130 Change\n");
  EXPECT_EQ(Shell("git clone -q " + path_ + " " + directory_.path() + "/clone").exit_code, 0);
  EXPECT_EQ(*repository_->ReadRef("refs/heads/main"), head_);
  EXPECT_EQ(*repository_->ReadRef("refs/heads/other"), std::nullopt);
}

TEST_F(RepositoryTest, ConsolidationKeepsEveryObjectAndShrinks) {
  std::vector<Oid> blobs;
  for (int i = 0; i < 60; ++i) blobs.push_back(Commit("text " + std::to_string(i) + std::string(3000, 'x') + "\n"));
  const auto before = repository_->Summarize();
  ASSERT_TRUE(before.ok());
  EXPECT_EQ(before->pack_count, 60);
  std::atomic<bool> done = false;
  std::thread reader([&] {
    while (!done) {
      for (const Oid& blob : blobs) {
        const auto object = repository_->ReadObject(blob);
        ASSERT_TRUE(object.ok() && object->has_value());
      }
    }
  });
  EXPECT_TRUE(repository_->Consolidate(false, [] { return false; }).ok());
  done = true;
  reader.join();
  const auto after = repository_->Summarize();
  ASSERT_TRUE(after.ok());
  EXPECT_LE(after->pack_count, 6);
  EXPECT_LT(after->pack_bytes, before->pack_bytes / 2);
  EXPECT_EQ(Git("fsck --full --strict"), "");
  EXPECT_EQ(Git("rev-list --count main"), "60\n");
  EXPECT_TRUE(repository_->Consolidate(true, [] { return true; }).ok()) << "a cancelled one changes nothing";
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

TEST_F(RepositoryTest, ReadsGoOnWhilePacksComeAndGo) {
  Commit("first\n");
  const Oid first = head_;
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::vector<std::thread> readers;
  for (int i = 0; i < 2; ++i) {
    readers.emplace_back([&] {
      while (!done) {
        const auto object = repository_->ReadObject(first);
        if (!object.ok() || !object->has_value() || !repository_->Summarize().ok()) ++failures;
        if (!Findings().empty()) ++failures;
      }
    });
  }
  for (int i = 0; i < 120; ++i) {
    Commit("text " + std::to_string(i) + "\n");
    if (i % 10 == 9) {
      EXPECT_TRUE(repository_->Consolidate(false, [] { return false; }).ok());
    }
  }
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failures, 0);
}

TEST_F(RepositoryTest, OpeningSweepsWhatAKilledProcessLeft) {
  Commit("text\n");
  repository_.reset();
  for (const char* name :
       {"/HEAD.lock", "/refs/heads/main.lock", "/objects/pack/tmp_pack_1.pack",
        "/objects/pack/pack-0000000000000000000000000000000000000000.idx", "/refs/heads/main.tmp_12_0.lock"}) {
    std::ofstream(path_ + name) << "leftover";
  }
  repository_ = *GitRepository::Open(path_);
  EXPECT_EQ(Shell("find " + path_ + " -name '*.lock' -o -name '*tmp_*' -o -name 'pack-0000*'").output, "");
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

TEST_F(RepositoryTest, AnIdxThatWasLostIsMadeAgain) {
  std::vector<Oid> blobs;
  for (int i = 0; i < 30; ++i) blobs.push_back(Commit("text " + std::to_string(i) + std::string(3000, 'x') + "\n"));
  ASSERT_TRUE(repository_->Consolidate(true, [] { return false; }).ok());  // there are deltas now
  blobs.push_back(Commit("the last\n"));
  repository_.reset();
  const std::string kept = directory_.path() + "/kept";
  ASSERT_EQ(Shell("mkdir " + kept + " && mv " + path_ + "/objects/pack/*.idx " + kept).exit_code, 0);
  repository_ = *GitRepository::Open(path_);
  for (const Oid& blob : blobs) {
    const auto object = repository_->ReadObject(blob);
    EXPECT_TRUE(object.ok() && object->has_value()) << object.status();
  }
  EXPECT_EQ(Shell("cd " + kept + " && for f in *; do cmp $f " + path_ + "/objects/pack/$f; done").output, "");
  EXPECT_EQ(Git("fsck --full --strict"), "");
  EXPECT_EQ(Shell("ls " + path_ + "/objects").output, "info\npack\n");
  EXPECT_TRUE(Findings().empty());
}

TEST_F(RepositoryTest, AnIdxThatWasReadyWhenItsProcessWasKilledGetsItsName) {
  const Oid blob = Commit(std::string(3000, 'x'));
  repository_.reset();
  const std::string packs = path_ + "/objects/pack";
  const std::string facts = "cd " + packs + " && stat -c '%n %i' *.idx && sha1sum *.idx";
  const std::string before = Shell(facts).output;
  for (const std::string change :
       {"true", "cp *.idx tmp_idx_1_1 && chmod u+w tmp_idx_1_1 && truncate -s -1 tmp_idx_1_1"}) {
    ASSERT_EQ(Shell("cd " + packs + " && " + change + " && mv *.idx tmp_idx_1_0").exit_code, 0);
    auto opened = GitRepository::Open(path_);
    ASSERT_TRUE(opened.ok()) << opened.status();
    EXPECT_EQ(Shell(facts).output, before) << "the file itself";
    EXPECT_TRUE((*opened)->ReadObject(blob)->has_value());
  }
  // One that is not whole is made again.
  ASSERT_EQ(Shell("cd " + packs + " && chmod u+w *.idx && truncate -s -1 *.idx && mv *.idx tmp_idx_1_0").exit_code, 0);
  auto opened = GitRepository::Open(path_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_TRUE((*opened)->ReadObject(blob)->has_value());
  EXPECT_EQ(Shell("ls " + packs + " | wc -l").output, "2\n");
}

TEST_F(RepositoryTest, WhatACrashLeftOfAMergeGoesWithTheNext) {
  for (int i = 0; i < 3; ++i) Commit("text " + std::to_string(i) + "\n");
  const std::string kept = directory_.path() + "/kept";
  ASSERT_EQ(Shell("cp -r " + path_ + "/objects/pack " + kept).exit_code, 0);
  ASSERT_TRUE(repository_->Consolidate(true, [] { return false; }).ok());
  repository_.reset();
  // It was killed when the new one had no idx yet, or had taken the idx of an old one.
  ASSERT_EQ(Shell("cp " + kept + "/*.pack " + path_ + "/objects/pack && touch " + path_ + "/objects/tmp_idx").exit_code,
            0);
  repository_ = *GitRepository::Open(path_);
  EXPECT_EQ(repository_->Summarize()->pack_count, 4);
  ASSERT_TRUE(repository_->Consolidate(true, [] { return false; }).ok());
  EXPECT_EQ(repository_->Summarize()->pack_count, 1);
  EXPECT_EQ(Shell("ls " + path_ + "/objects/pack | wc -l").output, "2\n");
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

TEST_F(RepositoryTest, APackOfWhichNoIdxCanBeMadeStaysAndIsNamed) {
  Commit("text\n");
  repository_.reset();
  ASSERT_EQ(
      Shell("cd " + path_ + "/objects/pack && rm -f *.idx && chmod u+w *.pack && truncate -s -30 *.pack").exit_code, 0);
  repository_ = *GitRepository::Open(path_);
  const std::string packs = Shell("ls " + path_ + "/objects/pack").output;
  EXPECT_NE(packs.find(".pack\n"), std::string::npos) << packs;
  const std::vector<std::string> findings = Findings();
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_NE(findings[0].find(".pack is damaged: no idx can be made of it"), std::string::npos) << findings[0];
  EXPECT_EQ(Shell("ls " + path_ + "/objects").output, "info\npack\n");
}

TEST_F(RepositoryTest, APackWithoutItsIdxOnAFullDiskIsToldAsSuchAndIndexedWhenThereIsRoom) {
  if (::getuid() != 0) GTEST_SKIP() << "only root can mount a small file system";
  const std::string small = directory_.path() + "/small";
  ASSERT_EQ(Shell("mkdir " + small).exit_code, 0);
  if (Shell("mount -t tmpfs -o size=16m tmpfs " + small).exit_code != 0) GTEST_SKIP() << "tmpfs cannot be mounted";
  const std::string path = small + "/p.git";
  std::string noise;
  std::mt19937 random(1);
  while (noise.size() < std::size_t{3} << 20) noise += static_cast<char>(random());
  const Oid blob = HashObject(ObjectType::kBlob, noise);
  {
    const auto written = GitRepository::Open(path);
    ASSERT_TRUE(written.ok()) << written.status();
    ASSERT_TRUE((*written)->WritePack({{blob, ObjectType::kBlob, noise, Oid{}}}).ok());
  }
  ASSERT_EQ(Shell("rm " + path + "/objects/pack/*.idx").exit_code, 0);
  // Room for some of the copy that libgit2 makes.
  EXPECT_NE(Shell("head -c 20M /dev/zero > " + small + "/fill").exit_code, 0);
  ASSERT_EQ(Shell("truncate -s -1500K " + small + "/fill").exit_code, 0);
  {
    const auto full = GitRepository::Open(path);
    ASSERT_TRUE(full.ok()) << full.status();
    EXPECT_FALSE(*(*full)->ReadObject(blob));
    std::vector<absl::Status> findings;
    const absl::Status verified = (*full)->VerifyObjects(
        FullSpeed, [&](const absl::Status& found) { findings.push_back(found); }, [](const Oid&, const auto&) {});
    EXPECT_TRUE(verified.ok()) << verified;
    ASSERT_EQ(findings.size(), 1u);
    EXPECT_EQ(ReasonOf(findings[0]), "DISK_FULL") << findings[0];
  }
  ASSERT_EQ(Shell("rm " + small + "/fill").exit_code, 0);
  const auto opened = GitRepository::Open(path);
  ASSERT_TRUE(opened.ok()) << opened.status();
  EXPECT_EQ((**(*opened)->ReadObject(blob)).data, noise);
  Shell("umount -l " + small);
}

TEST_F(RepositoryTest, DamageIsNamed) {
  const Oid blob = Commit(std::string(3000, 'x'));
  ASSERT_EQ(Shell("cd " + path_ +
                  "/objects/pack && chmod u+w *.pack && printf 'zzzz' | dd of=$(ls *.pack) bs=1 seek=20 "
                  "conv=notrunc status=none")
                .exit_code,
            0);
  const std::vector<std::string> findings = Findings();
  ASSERT_GE(findings.size(), 2U);
  EXPECT_NE(findings[0].find(".pack is damaged: its checksum does not fit"), std::string::npos) << findings[0];
  EXPECT_NE(findings[1].find("(object "), std::string::npos) << findings[1];
  int lost = 0;
  for (const Oid& oid : {blob, head_, last_[1], last_[2]}) {
    const auto object = repository_->ReadObject(oid);
    if (!object.ok()) {
      ++lost;
      EXPECT_EQ(ReasonOf(object.status()), "DATA_DAMAGED");
    }
  }
  EXPECT_GE(lost, 1);
}

TEST_F(RepositoryTest, ASoundCopyIsReadWhereverTheOtherOneIsDamaged) {
  const std::string text(3000, 'x');
  const Oid blob = HashObject(ObjectType::kBlob, text);
  // In two packs, as it comes when it was checked in as two documents.
  const auto write = [&](const std::string& beside) {
    ASSERT_TRUE(repository_
                    ->WritePack({{blob, ObjectType::kBlob, text, Oid{}},
                                 {HashObject(ObjectType::kBlob, beside), ObjectType::kBlob, beside, Oid{}}})
                    .ok());
  };
  write("first");
  write("second");
  const std::string packs = path_ + "/objects/pack";
  ASSERT_EQ(Shell("mkdir " + path_ + "/whole && cp " + packs + "/* " + path_ + "/whole").exit_code, 0);
  const auto damage = [&](const std::string& which) {
    return Shell("cd " + packs + " && cp -f ../../whole/* . && chmod u+w *.pack && for pack in $(ls *.pack | " + which +
                 "); do printf 'z%.0s' $(seq 40) | dd of=$pack bs=1 seek=13 conv=notrunc status=none; done")
        .exit_code;
  };
  for (const char* which : {"head -1", "tail -1"}) {
    ASSERT_EQ(damage(which), 0);
    const auto object = repository_->ReadObject(blob);
    ASSERT_TRUE(object.ok() && object->has_value()) << which << ": " << object.status();
    EXPECT_EQ((*object)->data, text);
  }
  ASSERT_EQ(damage("cat"), 0);
  const auto lost = repository_->ReadObject(blob);
  EXPECT_EQ(ReasonOf(lost.status()), "DATA_DAMAGED") << lost.status();
  const std::string file = directory_.path() + "/upload";
  const auto writer = LooseObjectWriter::Create(file, static_cast<std::int64_t>(text.size()));
  ASSERT_TRUE(writer.ok() && (*writer)->Append(text).ok());
  ASSERT_TRUE(repository_->PlaceLooseObject(file, *(*writer)->Finish()).ok());
  const auto loose = repository_->ReadObject(blob);
  ASSERT_TRUE(loose.ok() && loose->has_value()) << loose.status();
  EXPECT_EQ((*loose)->data, text);
}

TEST_F(RepositoryTest, OpeningSweepsLocksAndNoTagWhateverItsName) {
  Commit("text\n");
  const std::string tag = "refs/tags/baselines/rel.tmp_2";
  ASSERT_TRUE(repository_->MoveRef(tag, head_).ok());
  ASSERT_EQ(Shell("touch " + path_ + "/" + tag + ".tmp_1_2.lock " + path_ + "/objects/tmp_obj_abc").exit_code, 0);
  auto again = GitRepository::Open(path_);
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(*(*again)->ReadRef(tag), head_);
  EXPECT_EQ(Shell("ls " + path_ + "/refs/tags/baselines").output, "rel.tmp_2\n");
  EXPECT_EQ(Shell("ls " + path_ + "/objects | grep tmp_").output, "");
}

TEST_F(RepositoryTest, AWellFormedObjectWithOtherBytesIsNamedAndNotRead) {
  const std::string file = directory_.path() + "/upload";
  const auto writer = LooseObjectWriter::Create(file, 5);
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Append("bytes").ok());
  const auto hashes = (*writer)->Finish();
  ASSERT_TRUE(hashes.ok());
  const Oid other = HashObject(ObjectType::kBlob, "other");
  ASSERT_TRUE(repository_->PlaceLooseObject(file, {other, hashes->sha256}).ok());
  ASSERT_EQ(Findings().size(), 1U);
  EXPECT_NE(Findings()[0].find(repository_->LooseObjectPath(other)), std::string::npos) << Findings()[0];
  const auto read = repository_->ReadObject(other);
  EXPECT_TRUE(absl::IsDataLoss(read.status()));
  EXPECT_NE(read.status().message().find(other.Hex()), std::string::npos) << read.status();
}

TEST_F(RepositoryTest, ALooseObjectIsVerifiedWholeWhoeverWroteIt) {
  const std::string content(3'000'000, 'c');
  const std::string file = directory_.path() + "/upload";
  const auto writer = LooseObjectWriter::Create(file, static_cast<std::int64_t>(content.size()));
  ASSERT_TRUE(writer.ok());
  ASSERT_TRUE((*writer)->Append(content).ok());
  const auto hashes = (*writer)->Finish();
  ASSERT_TRUE(hashes.ok());
  const auto verified = VerifyLooseObject(file, hashes->oid, FullSpeed);
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(*verified, hashes->sha256);
  // Each of these is a byte that no read of the content would miss, or none at all: the last four are a checksum.
  for (const int at : {3, 9, 70'000, 3'000'270}) {
    ASSERT_EQ(Shell("cp -f " + file + " " + file + ".x && chmod u+w " + file + ".x && printf 'Z' | dd of=" + file +
                    ".x bs=1 seek=" + std::to_string(at) + " conv=notrunc status=none")
                  .exit_code,
              0);
    EXPECT_TRUE(absl::IsDataLoss(VerifyLooseObject(file + ".x", hashes->oid, FullSpeed).status())) << at;
  }
  ASSERT_EQ(
      Shell("cp -f " + file + " " + file + ".x && chmod u+w " + file + ".x && printf more >>" + file + ".x").exit_code,
      0);
  EXPECT_TRUE(absl::IsDataLoss(VerifyLooseObject(file + ".x", hashes->oid, FullSpeed).status()));
  ASSERT_EQ(Shell("truncate -s 2000000 " + file + ".x").exit_code, 0);
  EXPECT_TRUE(absl::IsDataLoss(VerifyLooseObject(file + ".x", hashes->oid, FullSpeed).status()));
  const std::string oid = Git("hash-object -w --stdin </etc/passwd").substr(0, 40);
  const auto stock = VerifyLooseObject(repository_->LooseObjectPath(*Oid::FromHex(oid)), *Oid::FromHex(oid), FullSpeed);
  ASSERT_TRUE(stock.ok()) << stock.status();
  EXPECT_EQ(stock->Hex(), Shell("sha256sum </etc/passwd").output.substr(0, 64));
}

TEST_F(RepositoryTest, ALargeContentThatGitPackedOrMadeLooseIsLaidOutForRanges) {
  std::mt19937_64 random(1);
  std::string first(3'000'000, '\0');
  for (char& c : first) c = static_cast<char>(random());
  std::string second = first;
  second.replace(1'000'000, 10, "other");
  const std::string text(3'000'000, 'x');
  const auto write = [&](const std::string& content, const std::string& level) {
    std::ofstream(directory_.path() + "/content") << content;
    Git("-c core.looseCompression=" + level + " hash-object -w --stdin < " + directory_.path() + "/content");
  };
  const auto pack = [&] {
    Git("cat-file --batch-all-objects --batch-check='%(objectname)' > " + directory_.path() + "/all");
    Git("pack-objects -q --window=10 objects/pack/pack < " + directory_.path() + "/all && git -C " + path_ +
        " prune-packed -q");
  };
  write(first, "1");
  write(text, "9");
  pack();
  ASSERT_EQ(Shell("ls " + path_ + "/objects").output, "info\npack\n");
  repository_ = *GitRepository::Open(path_);
  int looks = 0;
  const auto room = [&looks] {
    ++looks;
    return absl::OkStatus();
  };
  const auto no_room = [] { return Error(absl::StatusCode::kResourceExhausted, "DISK_FULL", "no room"); };
  EXPECT_EQ(ReasonOf(repository_->LayOutBlob(HashObject(ObjectType::kBlob, first), Sha256Of(first), no_room)),
            "DISK_FULL");
  EXPECT_EQ(Shell("find " + path_ + "/objects -name 'tmp_obj_*'").output, "");
  const auto expect_laid_out = [&](const std::string& content) {
    const Oid oid = HashObject(ObjectType::kBlob, content);
    EXPECT_FALSE(LooseObjectReader::Open(repository_->LooseObjectPath(oid)).ok());
    const absl::Status laid_out = repository_->LayOutBlob(oid, Sha256Of(content), room);
    ASSERT_TRUE(laid_out.ok()) << laid_out;
    EXPECT_TRUE(repository_->LayOutBlob(oid, Sha256Of(content), room).ok()) << "it lies so";
    const auto reader = LooseObjectReader::Open(repository_->LooseObjectPath(oid));
    ASSERT_TRUE(reader.ok()) << reader.status();
    ASSERT_EQ((*reader)->size(), static_cast<std::int64_t>(content.size()));
    std::string read(content.size(), '\0');
    ASSERT_TRUE((*reader)->Read(0, (*reader)->size(), read.data()).ok());
    EXPECT_TRUE(read == content);
  };
  const Oid oid = HashObject(ObjectType::kBlob, first);
  EXPECT_EQ(ReasonOf(repository_->LayOutBlob(oid, Sha256Of(second), room)), "DATA_DAMAGED")
      << "its SHA-256 is another one";
  EXPECT_TRUE(
      absl::IsNotFound(repository_->LayOutBlob(HashObject(ObjectType::kBlob, "never"), Sha256Of("never"), room)));
  expect_laid_out(first);  // whole in a pack
  expect_laid_out(text);
  write(second, "1");  // loose, stored for the most part
  expect_laid_out(second);
  // One of the two lies as a delta now.
  ASSERT_EQ(Shell("rm -f " + path_ + "/objects/pack/*").exit_code, 0);
  pack();
  ASSERT_EQ(Shell("ls " + path_ + "/objects").output, "info\npack\n");
  EXPECT_NE(Git("verify-pack -v " + path_ + "/objects/pack/*.idx").find("chain length = 1"), std::string::npos);
  repository_ = *GitRepository::Open(path_);
  expect_laid_out(first);
  expect_laid_out(second);
  EXPECT_GT(looks, 5) << "before each MiB";
  Git("fsck --full --strict");
  EXPECT_EQ(Shell("ls " + path_ + "/objects | grep tmp").output, "");
  EXPECT_TRUE(Findings().empty()) << Findings()[0];
}

TEST_F(RepositoryTest, AnIdxThatWasCutOrIsGoneIsNamedAndEndsNoProcess) {
  const Oid blob = Commit(std::string(3000, 'x'));
  ASSERT_TRUE(repository_->ReadObject(blob).ok());
  ASSERT_EQ(Shell("cd " + path_ + "/objects/pack && chmod u+w *.idx && truncate -s 100 *.idx").exit_code, 0);
  ASSERT_EQ(Findings().size(), 1U);
  EXPECT_NE(Findings()[0].find(".idx"), std::string::npos) << Findings()[0];
  for (const char* change : {"truncate -s 2000", "truncate -s 0"}) {
    ASSERT_EQ(Shell("cd " + path_ + "/objects/pack && " + change + " *.idx").exit_code, 0);
    const auto object = repository_->ReadObject(blob);
    EXPECT_TRUE(object.ok() && object->has_value()) << object.status();
  }
  ASSERT_EQ(Shell("rm -f " + path_ + "/objects/pack/*").exit_code, 0);
  ASSERT_EQ(Findings().size(), 1U) << "nobody of ours took it away";
  EXPECT_NE(Findings()[0].find(".idx"), std::string::npos) << Findings()[0];
}

TEST_F(RepositoryTest, APackThatCannotBeOpenedKeepsNoOtherOneFromBeingRead) {
  const Oid first = Commit("first\n");
  const std::string damaged = Shell("basename -s .pack " + path_ + "/objects/pack/*.pack").output.substr(0, 45);
  const Oid second = Commit("second\n");
  const Oid none = HashObject(ObjectType::kBlob, "never");
  ASSERT_FALSE(*repository_->HasObject(none));
  repository_.reset();
  ASSERT_EQ(Shell("cd " + path_ + "/objects/pack && chmod u+w * && printf X | tee " + damaged +
                  ".pack | dd of=" + damaged + ".idx conv=notrunc status=none")
                .exit_code,
            0);
  auto opened = GitRepository::Open(path_);
  ASSERT_TRUE(opened.ok()) << opened.status();
  repository_ = *std::move(opened);
  const auto object = repository_->ReadObject(second);
  ASSERT_TRUE(object.ok() && object->has_value()) << object.status();
  // Of what is not in the others, nobody knows.
  for (const Oid& oid : {first, none}) {
    const absl::Status read = repository_->ReadObject(oid).status();
    EXPECT_EQ(ReasonOf(read), "DATA_DAMAGED");
    EXPECT_NE(read.message().find(damaged), std::string::npos) << read;
    EXPECT_EQ(repository_->HasObject(oid).status(), read);
  }
  ASSERT_EQ(repository_->ListUnreadPacks().size(), 1U);
  EXPECT_EQ(ReasonOf(repository_->ListUnreadPacks()[0].why), "DATA_DAMAGED");
  ASSERT_EQ(Findings().size(), 1U);
  EXPECT_NE(Findings()[0].find(damaged), std::string::npos) << Findings()[0];
  EXPECT_EQ(Shell("ls " + path_ + "/objects").output, "info\npack\n");
  // It can be written to, and what comes again is there.
  const Oid third = Commit("third\n");
  EXPECT_TRUE(repository_->ReadObject(third).ok());
  last_[0] = last_[1] = last_[2] = Oid{};
  EXPECT_EQ(Commit("first\n"), first);
  EXPECT_TRUE(repository_->ReadObject(first).ok());
  EXPECT_TRUE(repository_->Consolidate(true, [] { return false; }).ok());
}

TEST_F(RepositoryTest, AnIdxThatIsDamagedIsMadeAgainFromItsPackAndKeptAside) {
  const Oid first = Commit("first\n");
  const std::string damaged = Shell("basename -s .idx " + path_ + "/objects/pack/*.idx").output.substr(0, 45) + ".idx";
  const Oid second = Commit("second\n");
  repository_.reset();
  const std::string in_folder = "cd " + path_ + "/objects/pack && ";
  for (const char* change : {"printf X | dd conv=notrunc status=none of=", "truncate -s 0 ", "truncate -s -4 "}) {
    ASSERT_EQ(Shell(in_folder + "cp " + damaged + " ../../kept && chmod u+w * && " + change + damaged + " && cp " +
                    damaged + " ../../aside")
                  .exit_code,
              0);
    const auto before = GitRepository::OpenReadOnly(path_);
    ASSERT_TRUE(before.ok()) << before.status();
    EXPECT_TRUE(absl::IsDataLoss((*before)->ReadObject(first).status())) << change;
    EXPECT_TRUE((*before)->ReadObject(second).ok()) << change;
    repository_ = *GitRepository::Open(path_);
    const auto object = repository_->ReadObject(first);
    ASSERT_TRUE(object.ok() && object->has_value()) << change << object.status();
    EXPECT_TRUE(Findings().empty()) << Findings()[0];
    EXPECT_EQ(Shell(in_folder + "cmp " + damaged + " ../../kept && cmp " + damaged + ".damaged ../../aside").output,
              "");
    EXPECT_EQ(Git("fsck --full --strict"), "");
  }
  ASSERT_TRUE(repository_->Consolidate(true, [] { return false; }).ok());
  repository_ = *GitRepository::Open(path_);
  EXPECT_EQ(Shell("ls " + path_ + "/objects/pack | wc -l").output, "2\n") << "what was kept aside goes with its pack";
}

TEST_F(RepositoryTest, AnIdxWithAFlippedByteBehindItsHeadIsMadeAgainToo) {
  std::vector<PackInput> inputs;
  std::vector<std::string> texts;
  for (int i = 0; i < 500; ++i) texts.push_back("text " + std::to_string(i));
  for (const std::string& text : texts) {
    inputs.push_back({HashObject(ObjectType::kBlob, text), ObjectType::kBlob, text, Oid{}});
  }
  ASSERT_TRUE(repository_->WritePack(inputs).ok());
  repository_.reset();
  const std::string in_folder = "cd " + path_ + "/objects/pack && ";
  ASSERT_EQ(Shell(in_folder + "cp *.idx ../../kept && chmod u+w * && [ $(stat -c %s *.idx) -gt 9000 ] && " +
                  "printf XXXX | dd of=$(ls *.idx) bs=1 seek=9000 conv=notrunc status=none")
                .exit_code,
            0);
  repository_ = *GitRepository::Open(path_);
  for (const std::string& text : texts) {
    const auto object = repository_->ReadObject(HashObject(ObjectType::kBlob, text));
    ASSERT_TRUE(object.ok() && object->has_value()) << text << object.status();
  }
  EXPECT_TRUE(Findings().empty()) << Findings()[0];
  EXPECT_EQ(Shell(in_folder + "cmp *.idx ../../kept; ls *.damaged | wc -l").output, "1\n");
}

TEST_F(RepositoryTest, AContentThatIsTakenBackWhileAllIsCopiedIsNotMissed) {
  Commit("text");
  // It is listed, and is not there.
  ASSERT_EQ(Shell("mkdir " + path_ + "/objects/12 && ln -s /nowhere " + path_ + "/objects/12/" + std::string(38, '3'))
                .exit_code,
            0);
  const std::string to = directory_.path() + "/copy.git";
  ASSERT_TRUE(GitRepository::Open(to).ok());
  const auto copied = CopyObjects(path_, to, Kept::kTrusted);
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_TRUE(copied->loose.empty());
  EXPECT_EQ(copied->packs.size(), 1U);
}

TEST_F(RepositoryTest, APackThatIsMergedWhileItIsCopiedIsNotInTheCopy) {
  for (const char* text : {"one", "two"}) Commit(text);
  const std::string packs = path_ + "/objects/pack";
  ASSERT_EQ(Shell("cp -r " + packs + " " + path_ + "/former").exit_code, 0);
  ASSERT_TRUE(repository_->Consolidate(true, [] { return false; }).ok());
  repository_.reset();
  ASSERT_EQ(Shell("mv " + packs + " " + path_ + "/merged && mv " + path_ + "/former " + packs).exit_code, 0);
  const std::string to = directory_.path() + "/copy.git";
  ASSERT_TRUE(GitRepository::Open(to).ok());
  // Who opens it waits until the lease is given back, and has it then, though its name is gone.
  const std::string former = Shell("ls -d " + packs + "/* | tr '\\n' ' '").output;
  const std::string first = Shell("ls -d " + packs + "/*.pack | head -1 | tr -d '\\n'").output;
  const FileHandle held = *OpenFile(first, O_RDONLY);
  ::signal(SIGIO, SIG_IGN);
  if (::fcntl(held.get(), F_SETLEASE, F_WRLCK) != 0) GTEST_SKIP() << "the file system has no leases";
  std::atomic<bool> done = false;
  std::thread merger([&] {
    while (!done && ::fcntl(held.get(), F_GETLEASE) == F_WRLCK) std::this_thread::yield();
    EXPECT_EQ(Shell("mv " + path_ + "/merged/* " + packs + " && rm -f " + former).exit_code, 0);
    ::fcntl(held.get(), F_SETLEASE, F_UNLCK);
  });
  const auto copied = CopyObjects(path_, to, Kept::kTrusted);
  done = true;
  merger.join();
  ASSERT_TRUE(copied.ok()) << copied.status();
  EXPECT_EQ(copied->packs.size(), 1U);
  EXPECT_EQ(Shell("ls " + to + "/objects/pack").output, Shell("ls " + packs).output);
}

TEST_F(RepositoryTest, MorePacksThanMayBeOpenAreNoDamage) {
  for (int i = 0; i < 6; ++i) Commit("text " + std::to_string(i));
  repository_.reset();
  const std::string before = Shell("ls " + path_ + "/objects/pack").output;
  const FileHandle next = *OpenFile(path_, O_RDONLY);
  rlimit usual{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &usual), 0);
  rlimit few = usual;
  few.rlim_cur = static_cast<rlim_t>(next.get()) + 4;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const auto tidied = RemoveOtherPacks(path_, {});
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &usual), 0);
  EXPECT_EQ(ReasonOf(tidied.status()), "SYSTEM_LIMIT") << tidied.status();
  EXPECT_EQ(Shell("ls " + path_ + "/objects/pack").output, before);
}

TEST_F(RepositoryTest, AnObjectPackedBySomeoneElseIsFoundAfterARefresh) {
  const auto other = GitRepository::OpenReadOnly(path_);
  ASSERT_TRUE(other.ok());
  const Oid blob = Commit("new\n");
  EXPECT_FALSE((*(*other)->ReadObject(blob, false)).has_value());
  EXPECT_TRUE((*(*other)->ReadObject(blob)).has_value());
  EXPECT_FALSE((*(*other)->ReadObject(HashObject(ObjectType::kBlob, "never"))).has_value());
}

}  // namespace
}  // namespace greffe
