// Records: any JSON may come, from a repository that others wrote; what is taken is written and read as the same.
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/canonical_json.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

namespace {

template <typename Record>
void Try(std::string_view json) {
  Record record;
  if (!FromCanonicalJson(json, record).ok()) return;
  const std::string written = ToCanonicalJson(record);
  Record again;
  FUZZ_REQUIRE(FromCanonicalJson(written, again).ok());
  FUZZ_REQUIRE(ToCanonicalJson(again) == written);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Try<v1::Document>(AsText(data, size));
  Try<v1::Project>(AsText(data, size));
  return 0;
}
