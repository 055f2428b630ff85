#include <gtest/gtest.h>
#include <libdeflate.h>

#include <memory>
#include <random>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/git/consolidate.h"
#include "storage/git/deflater.h"
#include "storage/git/pack_file.h"
#include "storage/git/pack_reader.h"
#include "storage/git/pack_writer.h"
#include "storage/git/verify_objects.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

std::string RandomText(std::mt19937& random, std::size_t size) {
  std::string text;
  while (text.size() < size) text += static_cast<char>("abcdefgh \n"[random() % 10]);
  return text;
}

TEST(PackFileTest, OneThatLacksWhatItWasMadeForIsNotFinished) {
  const TemporaryDirectory directory;
  {
    const auto file = PackFile::Create(directory.path(), 2);
    ASSERT_TRUE(file.ok()) << file.status();
    ASSERT_TRUE((*file)->Append(HashObject(ObjectType::kBlob, "one"), "an entry").ok());
    EXPECT_EQ(ReasonOf((*file)->Finish().status()), "PACK_INCOMPLETE");
  }
  EXPECT_EQ(Shell("ls " + directory.path()).output, "");
}

TEST(DeltaTest, RestoresTheTargetForRandomEdits) {
  std::mt19937 random(7);
  int deltas = 0;
  for (int round = 0; round < 2000; ++round) {
    const std::string base = RandomText(random, random() % 3000);
    std::string target = base;
    const std::size_t at = base.empty() ? 0 : random() % base.size();
    target.replace(at, random() % 50, RandomText(random, random() % 50));
    const std::string delta = MakeDelta(base, target);
    if (delta.empty()) continue;
    ++deltas;
    const auto restored = ApplyDelta(base, delta);
    ASSERT_TRUE(restored.ok()) << restored.status();
    ASSERT_EQ(*restored, target);
  }
  EXPECT_GT(deltas, 1000);
}

TEST(DeltaTest, RefusesDamageWithoutReadingBeyond) {
  std::mt19937 random(8);
  const std::string base = RandomText(random, 1000);
  std::string target = base;
  target.replace(500, 3, "xyz");
  const std::string delta = MakeDelta(base, target);
  ASSERT_FALSE(delta.empty());
  int refused = 0;
  for (int round = 0; round < 1000; ++round) {
    std::string damaged = delta;
    damaged[random() % damaged.size()] = static_cast<char>(random());
    refused += ApplyDelta(base, damaged).ok() ? 0 : 1;
  }
  EXPECT_GT(refused, 200);
  EXPECT_FALSE(ApplyDelta("", delta).ok());
  EXPECT_FALSE(ApplyDelta(base, "").ok());
}

TEST(DeflaterTest, EveryStreamInflatesAndIsNeverLargerThanStored) {
  std::mt19937 random(10);
  Deflater deflater;
  std::string bytes(200000, '\0');
  for (char& c : bytes) c = static_cast<char>(random());
  const std::string text = RandomText(random, bytes.size());
  const std::unique_ptr<libdeflate_decompressor, decltype(&libdeflate_free_decompressor)> inflater(
      libdeflate_alloc_decompressor(), libdeflate_free_decompressor);
  std::string runs(bytes.size(), '\0');
  for (std::size_t i = 0; i < runs.size(); ++i)
    runs[i] = i / 3000 % 3 == 0 ? '\0' : i / 3000 % 3 == 1 ? '\xff' : bytes[i];
  for (std::size_t size = 0; size <= bytes.size(); size += 1 + size / 20) {
    for (const std::string* all :
         {static_cast<const std::string*>(&bytes), &text, static_cast<const std::string*>(&runs)}) {
      const std::string_view data = std::string_view(*all).substr(0, size);
      for (const bool store : {false, true}) {
        const std::string_view stream = store ? deflater.Store(data) : deflater.Deflate(data);
        ASSERT_LE(stream.size(), size + size / 1000 + 16);
        if (!store && all == &text && size > 500) {
          ASSERT_LT(stream.size(), size * 2 / 3);
        }
        std::string again(size, '\0');
        std::size_t made = 0;
        ASSERT_EQ(libdeflate_zlib_decompress(inflater.get(), stream.data(), stream.size(), again.data(), size, &made),
                  LIBDEFLATE_SUCCESS)
            << size;
        ASSERT_EQ(made, size);
        ASSERT_EQ(again, data);
      }
    }
  }
}

int FindingsIn(const PackReader& pack) {
  int findings = 0;
  const absl::Status status = VerifyPack(
      pack, [] { return true; }, FullSpeed, [&](const absl::Status&) { ++findings; }, [](const Oid&, const auto&) {});
  EXPECT_TRUE(status.ok()) << status;
  return findings;
}

// The path, without its ending, of a pack that has this blob alone.
std::string PackOfOne(const TemporaryDirectory& directory, const std::string& content) {
  const Oid oid = HashObject(ObjectType::kBlob, content);
  const auto files = WritePackFiles(directory.path(), {{oid, ObjectType::kBlob, content, Oid{}}});
  EXPECT_TRUE(files.ok()) << files.status();
  return files.ok() ? directory.path() + "/" + files->pack_name : "";
}

TEST(PackTest, StockGitAgreesAndEveryObjectReadsBack) {
  TemporaryDirectory directory;
  std::mt19937 random(9);
  std::vector<std::string> contents;
  std::vector<PackInput> inputs;
  Oid before;
  contents.reserve(300);
  std::string text = RandomText(random, 4000);
  for (int i = 0; i < 300; ++i) {
    text.replace(random() % text.size(), 10, RandomText(random, 12));
    if (i % 100 == 99) text = RandomText(random, 200000);
    contents.push_back(text);
    const Oid oid = HashObject(ObjectType::kBlob, contents.back());
    inputs.push_back({oid, ObjectType::kBlob, contents.back(), before});
    before = oid;
  }
  inputs.push_back(inputs.front());  // the same object again
  const auto files = WritePackFiles(directory.path(), inputs);
  ASSERT_TRUE(files.ok()) << files.status();
  EXPECT_EQ(files->object_count, 300);
  const std::string base = directory.path() + "/" + files->pack_name;
  const ShellResult verify = Shell("git verify-pack -v " + base + ".idx");
  EXPECT_EQ(verify.exit_code, 0) << verify.output;
  EXPECT_NE(verify.output.find("chain length = 40"), std::string::npos);
  EXPECT_EQ(verify.output.find("chain length = 41"), std::string::npos);
  const ShellResult index = Shell("git index-pack --strict -o " + directory.path() + "/again.idx " + base +
                                  ".pack && cmp " + directory.path() + "/again.idx " + base + ".idx");
  EXPECT_EQ(index.exit_code, 0) << index.output;

  for (const std::int64_t most_held : {kMostHeldIdx, std::int64_t{0}}) {
    const auto pack = PackReader::Open(base, most_held);
    ASSERT_TRUE(pack.ok()) << pack.status();
    EXPECT_EQ(FindingsIn(**pack), 0);
    for (const PackInput& input : inputs) {
      const auto object = (*pack)->Read(input.oid);
      ASSERT_TRUE(object.ok()) << object.status();
      ASSERT_TRUE(object->has_value());
      ASSERT_EQ((*object)->data, input.data);
    }
    EXPECT_EQ(*(*pack)->Contains(HashObject(ObjectType::kBlob, "not in the pack")), false);
  }
}

// So many that the part of the idx for one first byte is more than is read at once.
TEST(PackTest, AnIdxThatIsTooLargeToBeHeldIsReadWhereItIsAskedFor) {
  TemporaryDirectory directory;
  std::vector<std::string> contents;
  std::vector<PackInput> inputs;
  for (int i = 0; i < 80'000; ++i) contents.push_back(std::to_string(i));
  for (const std::string& content : contents) {
    inputs.push_back({HashObject(ObjectType::kBlob, content), ObjectType::kBlob, content, Oid{}});
  }
  const auto files = WritePackFiles(directory.path(), inputs);
  ASSERT_TRUE(files.ok()) << files.status();
  const std::string path = directory.path() + "/" + files->pack_name + ".idx";
  const auto held = PackIndex::Open(path);
  const auto read = PackIndex::Open(path, 0);
  ASSERT_TRUE(held.ok() && read.ok()) << read.status();
  ASSERT_EQ((*read)->count(), 80'000);
  for (std::int64_t position = 0; position < 80'000; position += 7) {
    const Oid oid = *(*held)->OidAt(position);
    ASSERT_EQ(*(*read)->OidAt(position), oid);
    ASSERT_EQ(*(*held)->Find(oid), position);
    ASSERT_EQ(*(*read)->Find(oid), position);
    ASSERT_EQ(*(*held)->OffsetAt(position), *(*read)->OffsetAt(position));
    const Oid other = HashObject(ObjectType::kBlob, std::to_string(-1 - position));
    ASSERT_EQ(*(*held)->Find(other), std::nullopt);
    ASSERT_EQ(*(*read)->Find(other), std::nullopt);
  }
}

TEST(PackTest, AnIdxThatIsCutWhileItIsOpenIsDamageAtMost) {
  TemporaryDirectory directory;
  const std::string content(5000, 'x');
  const Oid oid = HashObject(ObjectType::kBlob, content);
  const std::string base = PackOfOne(directory, content);
  const auto held = PackReader::Open(base);
  const auto read = PackReader::Open(base, 0);
  ASSERT_TRUE(held.ok() && read.ok()) << read.status();
  ASSERT_TRUE((*read)->Read(oid).ok());
  ASSERT_EQ(Shell("chmod u+w " + base + ".idx && truncate -s 0 " + base + ".idx").exit_code, 0);
  const auto object = (*held)->Read(oid);
  ASSERT_TRUE(object.ok() && object->has_value()) << object.status();
  EXPECT_EQ((*object)->data, content);
  EXPECT_EQ(ReasonOf((*read)->Read(oid).status()), "DATA_DAMAGED");
  EXPECT_EQ(ReasonOf((*read)->Contains(oid).status()), "DATA_DAMAGED");
  EXPECT_EQ(ReasonOf((*read)->ContainsAllOf(**held).status()), "DATA_DAMAGED");
  EXPECT_EQ((*held)->IsContainedIn({*read}).value_or(true), false);
  EXPECT_GT(FindingsIn(**held), 0);
  EXPECT_GT(FindingsIn(**read), 0);
  const auto merged = MergePacks(directory.path(), {*read}, [] { return false; });
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_TRUE(absl::IsDataLoss(merged->damage)) << merged->damage;
}

TEST(PackTest, ADeltaWhoseBaseIsNoObjectBeforeItIsRefused) {
  TemporaryDirectory directory;
  const std::string content = "0123456789";
  const Oid oid = HashObject(ObjectType::kBlob, content);
  const std::string base = PackOfOne(directory, content);
  const auto written = ReadWholeFile(base + ".pack", 1 << 20);
  ASSERT_TRUE(written.ok());
  // The object lies at byte 12: as a delta of what lies so many bytes before, or of itself by its id.
  for (const std::string& head :
       {std::string(1, '\x6a') + '\x0c', std::string(1, '\x6a') + '\0',
        std::string(1, '\x6a') + std::string(9, '\xff') + '\x7f', std::string(1, '\x7a') + std::string(oid.Raw())}) {
    const std::string damaged = written->substr(0, 12) + head + written->substr(13);
    ASSERT_EQ(Shell("rm -f " + base + ".pack").exit_code, 0);
    ASSERT_TRUE(WriteFileDurably(base + ".pack", damaged).ok());
    const auto pack = PackReader::Open(base);
    ASSERT_TRUE(pack.ok()) << pack.status();
    EXPECT_EQ((*pack)->Read(oid).status().code(), absl::StatusCode::kDataLoss);
    const auto merged = MergePacks(directory.path(), {*pack}, [] { return false; });
    ASSERT_TRUE(merged.ok()) << merged.status();
    EXPECT_TRUE(absl::IsDataLoss(merged->damage)) << merged->damage;
    EXPECT_GT(FindingsIn(**pack), 0);
  }
}

TEST(PackTest, ABlobThatIsTooLargeToBeHeldIsStreamed) {
  TemporaryDirectory directory;
  const std::string content(100, 'x');
  const Oid oid = HashObject(ObjectType::kBlob, content);
  const std::string base = PackOfOne(directory, content);
  const auto written = ReadWholeFile(base + ".pack", 1 << 20);
  ASSERT_TRUE(written.ok());
  // The head of the only object says 3 GiB; of them there are the first 100 bytes.
  const std::string head = std::string("\xb0\x80\x80\x80\x60", 5);
  ASSERT_EQ(Shell("rm -f " + base + ".pack").exit_code, 0);
  ASSERT_TRUE(WriteFileDurably(base + ".pack", written->substr(0, 12) + head + written->substr(14)).ok());
  const auto pack = PackReader::Open(base);
  ASSERT_TRUE(pack.ok()) << pack.status();
  EXPECT_TRUE(absl::IsDataLoss((*pack)->Read(oid).status())) << "it is not held";
  std::string streamed;
  const auto there = (*pack)->StreamBlob(oid, [&](std::string_view piece) {
    streamed += piece;
    return absl::OkStatus();
  });
  ASSERT_TRUE(there.ok()) << there.status();
  EXPECT_EQ(streamed, "blob 3221225472" + std::string(1, '\0') + content);
  EXPECT_GT(FindingsIn(**pack), 0) << "it has fewer bytes than it says";
  const auto merged = MergePacks(directory.path(), {*pack}, [] { return false; });
  ASSERT_TRUE(merged.ok()) << merged.status();
  EXPECT_TRUE(merged->is_too_large);
}

TEST(PackTest, ABlobAboveWhatVerificationHoldsIsReadInPieces) {
  TemporaryDirectory directory;
  const std::string content(5000, 'x');
  const std::string damaged(3000, 'y');
  const Oid oid = HashObject(ObjectType::kBlob, content);
  const Oid other = HashObject(ObjectType::kBlob, content + "z");
  const auto files = WritePackFiles(
      directory.path(), {{oid, ObjectType::kBlob, content, Oid{}}, {other, ObjectType::kBlob, damaged, Oid{}}});
  ASSERT_TRUE(files.ok());
  const auto pack = PackReader::Open(directory.path() + "/" + files->pack_name);
  ASSERT_TRUE(pack.ok()) << pack.status();
  std::vector<std::string> findings;
  std::vector<Oid> sound;
  const auto find = [&](const absl::Status& status) { findings.emplace_back(status.message()); };
  const auto take = [&](const Oid& found, const std::optional<Sha256>& hash) {
    sound.push_back(found);
    EXPECT_EQ(hash, Sha256Of(content));
  };
  ASSERT_TRUE(VerifyPack(
                  **pack, [] { return true; }, FullSpeed, find, take, 1000)
                  .ok());
  EXPECT_EQ(sound, std::vector<Oid>{oid});
  ASSERT_EQ(findings.size(), 1U);
  EXPECT_NE(findings[0].find(other.Hex()), std::string::npos) << findings[0];
}

TEST(PackTest, DamageIsFoundAndNeverReadBeyondTheFile) {
  TemporaryDirectory directory;
  const std::string content(5000, 'x');
  const Oid oid = HashObject(ObjectType::kBlob, content);
  const std::string base = PackOfOne(directory, content);
  for (const char* suffix : {".idx", ".pack"}) {
    const std::string file = base + suffix;
    ASSERT_EQ(Shell("cp " + file + " " + file + ".kept && chmod u+w " + file).exit_code, 0);
    const auto size = std::stoi(Shell("stat -c %s " + file).output);
    for (int at = 0; at < size; at += 1 + size / 97) {
      ASSERT_EQ(Shell("cat " + file + ".kept > " + file + " && printf '\\377' | dd of=" + file +
                      " bs=1 seek=" + std::to_string(at) + " conv=notrunc status=none")
                    .exit_code,
                0);
      if (Shell("cmp -s " + file + " " + file + ".kept").exit_code == 0) continue;
      const auto pack = PackReader::Open(base);
      if (!pack.ok()) {
        EXPECT_EQ(pack.status().code(), absl::StatusCode::kDataLoss);
        continue;
      }
      EXPECT_GT(FindingsIn(**pack), 0) << suffix << " byte " << at;
      const auto object = (*pack)->Read(oid);  // must not crash
      if (object.ok() && object->has_value()) {
        EXPECT_LE((*object)->data.size(), std::size_t{1} << 31);
      }
    }
    ASSERT_EQ(Shell("cat " + file + ".kept > " + file).exit_code, 0);
  }
}

}  // namespace
}  // namespace greffe
