#include "storage/git/blob_layout.h"

#include <gtest/gtest.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <string>

#include "storage/base/errors.h"
#include "storage/git/loose_places.h"
#include "storage/git/pack_set.h"
#include "storage/git/repository.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

using std::chrono::hours;
using std::chrono::nanoseconds;

TEST(BlobLayoutTest, WhatWasLostIsSoughtAgainAfterAWhile) {
  ASSERT_TRUE(InitializeGit().ok());
  const TemporaryDirectory directory;
  const std::string path = directory.path() + "/of.git";
  ASSERT_EQ(Shell("git init -q --bare " + path).exit_code, 0);
  const std::string content(100'000, 'x');
  const Oid oid = HashObject(ObjectType::kBlob, content);
  std::ofstream(directory.path() + "/content") << content;
  ASSERT_EQ(Shell("cd " + path + " && git hash-object -w ../content | git pack-objects -q objects/pack/pack").exit_code,
            0);
  // The copy in its place cannot be read, and no other one is known yet.
  LoosePlaces places(path + "/objects");
  ASSERT_TRUE(std::filesystem::exists(places.PathOf(oid)));
  std::filesystem::permissions(places.PathOf(oid), std::filesystem::perms::owner_all);
  std::ofstream(places.PathOf(oid)) << "not what it was";
  PackSet packs(path + "/objects/pack");
  BlobLayout patient(packs, places, hours(1));
  BlobLayout eager(packs, places, nanoseconds(0));
  const auto lay_out = [&](BlobLayout& layout) {
    return layout.LayOut(
        oid, Sha256Of(content), [] { return absl::OkStatus(); }, false);
  };
  EXPECT_EQ(ReasonOf(lay_out(patient)), "DATA_DAMAGED");
  EXPECT_EQ(ReasonOf(lay_out(eager)), "DATA_DAMAGED");

  ASSERT_TRUE(packs.Refresh().ok());
  EXPECT_EQ(ReasonOf(lay_out(patient)), "DATA_DAMAGED") << "it was not to look again yet";
  EXPECT_TRUE(lay_out(eager).ok()) << lay_out(eager);
}

}  // namespace
}  // namespace greffe
