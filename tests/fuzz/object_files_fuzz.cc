// Packs with their idx, and loose objects, as files that others may have damaged. The input is the pack's length (four
// bytes, big-endian), the pack, and the idx; or all of it as a loose object.
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>

#include "storage/base/durable_file.h"
#include "storage/git/consolidate.h"
#include "storage/git/loose_object.h"
#include "storage/git/pack_reader.h"
#include "storage/git/verify_objects.h"
#include "tests/fuzz/fuzz.h"
#include "tests/temporary_directory.h"

using namespace greffe;

namespace {

void WriteFile(const std::string& path, std::string_view bytes) {
  std::ofstream(path, std::ios::binary | std::ios::trunc)
      .write(bytes.data(), static_cast<std::streamsize>(bytes.size()));
}

void TryPack(const std::string& base) {
  const auto pack = PackReader::Open(base);
  if (!pack.ok()) return;
  for (const bool keeps : {true, false}) {
    int left = 100;
    std::map<Oid, GitObject> kept;
    const auto known = [&](const Oid& oid) -> const GitObject* {
      const auto found = kept.find(oid);
      return found == kept.end() ? nullptr : &found->second;
    };
    const absl::Status walked = (*pack)->Scan(known, [&](const Oid& oid, const absl::StatusOr<PackedObject>& packed) {
      if (--left < 0) return absl::CancelledError();
      if (packed.ok() && keeps) kept.emplace(oid, packed->object);
      const auto object = (*pack)->Read(oid);
      // Found by walking: it is in there, whatever else it is.
      if (object.ok()) FUZZ_REQUIRE(object->has_value() || !(*pack)->Contains(oid).value_or(true));
      return absl::OkStatus();
    });
    FUZZ_REQUIRE(walked.ok() || absl::IsCancelled(walked));
  }
  if (const auto merged = MergePacks(base.substr(0, base.rfind('/')), {*pack}, [] { return false; });
      merged.ok() && merged->damage.ok()) {
    const auto again = PackReader::Open(merged->base);
    FUZZ_REQUIRE(again.ok());
    const absl::Status sound = VerifyPack(
        **again, [] { return true; }, FullSpeed, [](const absl::Status&) { FUZZ_REQUIRE(false); },
        [](const Oid&, const auto&) {});
    FUZZ_REQUIRE(sound.ok());
    if (merged->base != base) {
      FUZZ_REQUIRE(RemoveFile(merged->base + ".pack").ok());
      FUZZ_REQUIRE(RemoveFile(merged->base + ".idx").ok());
    }
  }
  const absl::Status verified = VerifyPack(
      **pack, [] { return true; }, FullSpeed, [](const absl::Status&) {}, [](const Oid&, const auto&) {});
  (void)verified;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const TemporaryDirectory directory;
  const std::string_view bytes = AsText(data, size);
  if (size >= 4) {
    const std::size_t length =
        std::size_t{data[0]} << 24 | std::size_t{data[1]} << 16 | std::size_t{data[2]} << 8 | data[3];
    const std::string_view files = bytes.substr(4);
    const std::string base = directory.path() + "/pack";
    WriteFile(base + ".pack", files.substr(0, std::min(length, files.size())));
    WriteFile(base + ".idx", files.substr(std::min(length, files.size())));
    TryPack(base);
  }
  const std::string loose = directory.path() + "/loose";
  WriteFile(loose, bytes);
  if (const auto reader = LooseObjectReader::Open(loose); reader.ok()) {
    const std::int64_t all = (*reader)->size();
    FUZZ_REQUIRE(all >= 0 && all <= static_cast<std::int64_t>(size));
    std::string buffer(static_cast<std::size_t>(all), '\0');
    (void)(*reader)->Read(0, all, buffer.data());
    FUZZ_REQUIRE(!(*reader)->Read(all, 1, buffer.data()).ok());
  }
  return 0;
}
