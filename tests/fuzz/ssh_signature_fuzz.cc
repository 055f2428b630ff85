// SSH keys and signatures: what is taken has one form, and reads back as itself; nothing made up verifies.
#include "storage/base/ssh_signature.h"
#include "tests/fuzz/fuzz.h"

using namespace greffe;

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = AsText(data, size);
  if (const auto key = ParseSshPublicKey(text, "key"); key.ok()) {
    FUZZ_REQUIRE(key->size() == 32);
    FUZZ_REQUIRE(*ParseSshPublicKey(FormatSshPublicKey(*key), "key") == *key);
  }
  if (const auto signature = ParseSshSignature(text, "signature"); signature.ok()) {
    const std::string armored = ArmorSshSignature(*signature);
    const auto again = ParseSshSignature(armored, "signature");
    FUZZ_REQUIRE(again.ok());
    FUZZ_REQUIRE(again->public_key == signature->public_key && again->signature == signature->signature);
    FUZZ_REQUIRE(ArmorSshSignature(*again) == armored);
    (void)VerifySshSignature(*signature, signature->name_space, text, "signature");
  }
  return 0;
}
