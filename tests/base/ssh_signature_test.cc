#include "storage/base/ssh_signature.h"

#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <string>

#include "absl/strings/escaping.h"
#include "storage/base/errors.h"
#include "storage/base/signing_keys.h"
#include "tests/shell.h"
#include "tests/temporary_directory.h"

namespace greffe {
namespace {

constexpr char kNamespace[] = "greffe-review";

std::string Read(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(stream), {});
}

class SshSignatureTest : public testing::Test {
 protected:
  void SetUp() override {
    if (Shell("command -v ssh-keygen").exit_code != 0) GTEST_SKIP() << "there is no ssh-keygen (openssh-client)";
    ASSERT_EQ(Shell("ssh-keygen -q -t ed25519 -N '' -C ada@desk -f " + Path("key")).exit_code, 0);
    std::ofstream(Path("text")) << kText;
  }
  std::string Path(const std::string& name) const { return directory_.path() + "/" + name; }

  // What stock ssh-keygen makes of the text.
  std::string Signature(const std::string& options = "", const std::string& key = "key") {
    const ShellResult made = Shell("rm -f " + Path("text.sig") + "; ssh-keygen -q -Y sign " + options + " -n " +
                                   kNamespace + " -f " + Path(key) + " " + Path("text"));
    EXPECT_EQ(made.exit_code, 0) << made.output;
    return Read(Path("text.sig"));
  }

  const std::string kText = "outcome: APPROVED\n";
  TemporaryDirectory directory_;
};

TEST_F(SshSignatureTest, WhatSshKeygenSignsIsVerified) {
  for (const char* options : {"", "-O hashalg=sha256", "-O hashalg=sha512"}) {
    SCOPED_TRACE(options);
    const auto signature = ParseSshSignature(Signature(options), "signature");
    ASSERT_TRUE(signature.ok()) << signature.status();
    EXPECT_TRUE(VerifySshSignature(*signature, kNamespace, kText, "signature").ok());
    EXPECT_EQ(FormatSshPublicKey(signature->public_key) + " ada@desk\n", Read(Path("key.pub")));
    EXPECT_EQ(*ParseSshPublicKey(Read(Path("key.pub")), "key"), signature->public_key);
    EXPECT_FALSE(VerifySshSignature(*signature, kNamespace, kText + " ", "signature").ok());
    EXPECT_FALSE(VerifySshSignature(*signature, "git", kText, "signature").ok());
  }
}

TEST_F(SshSignatureTest, WhatWeArmorSshKeygenVerifies) {
  SshSignature signature = ParseSshSignature(Signature(), "signature").value();
  std::ofstream(Path("again.sig")) << ArmorSshSignature(signature);
  std::ofstream(Path("signers")) << "ada " << FormatSshPublicKey(signature.public_key) << "\n";
  const std::string verify = "ssh-keygen -Y verify -f " + Path("signers") + " -I ada -n greffe-review -s " +
                             Path("again.sig") + " < " + Path("text");
  EXPECT_EQ(Shell(verify).exit_code, 0) << Shell(verify).output;
  signature.signature[10] ^= 1;
  std::ofstream(Path("again.sig"), std::ios::trunc) << ArmorSshSignature(signature);
  EXPECT_NE(Shell(verify).exit_code, 0);
}

// Each byte of the signature counts: changed, it is refused when it is parsed or when it is verified.
TEST_F(SshSignatureTest, ATamperedByteIsFound) {
  const std::string armored = Signature();
  const std::size_t begin = armored.find('\n') + 1;
  std::string blob;
  ASSERT_TRUE(absl::Base64Unescape(armored.substr(begin, armored.find("-----END") - begin), &blob));
  ASSERT_TRUE(ParseSshSignature(blob, "signature").ok()) << "binary is taken too";
  for (std::size_t i = 0; i < blob.size(); ++i) {
    std::string tampered = blob;
    tampered[i] ^= 0x20;
    const auto signature = ParseSshSignature(tampered, "signature");
    const absl::Status status =
        signature.ok() ? VerifySshSignature(*signature, kNamespace, kText, "signature") : signature.status();
    EXPECT_EQ(ReasonOf(status), "SIGNATURE_INVALID") << "byte " << i;
    EXPECT_FALSE(ParseSshSignature(blob.substr(0, i), "signature").ok()) << "cut at " << i;
  }
  EXPECT_FALSE(ParseSshSignature(blob + "x", "signature").ok());
  EXPECT_FALSE(ParseSshSignature(blob + std::string(kMaxSshSignatureBytes, 'x'), "signature").ok());
}

TEST_F(SshSignatureTest, OtherKindsOfKeysAreRefused) {
  ASSERT_EQ(Shell("ssh-keygen -q -t ecdsa -N '' -f " + Path("other")).exit_code, 0);
  EXPECT_EQ(ReasonOf(ParseSshSignature(Signature("", "other"), "signature").status()), "SIGNATURE_INVALID");
  EXPECT_EQ(ReasonOf(ParseSshPublicKey(Read(Path("other.pub")), "key").status()), "SIGNING_KEY_INVALID");
}

TEST(SshPublicKeyTest, OnlyAKeyOfTheRightLengthIsOne) {
  const std::string key(32, '\7');
  const std::string line = FormatSshPublicKey(key);
  EXPECT_EQ(*ParseSshPublicKey(line, "key"), key);
  EXPECT_EQ(*ParseSshPublicKey("  " + line + " ada@desk\n", "key"), key);
  for (const std::string& wrong :
       {std::string(), std::string("ssh-ed25519"), std::string("ssh-ed25519 ????"), "no-pty " + line,
        FormatSshPublicKey(key + "\7"), FormatSshPublicKey(std::string(31, '\7')), std::string("ssh-ed25519 AAAA")}) {
    EXPECT_EQ(ReasonOf(ParseSshPublicKey(wrong, "key").status()), "SIGNING_KEY_INVALID") << wrong;
  }
}

TEST(SigningKeysTest, AKeyBelongsToOnePrincipal) {
  v1::Project project;
  v1::SigningKey& first = *project.add_signing_keys();
  first.set_principal("ada");
  first.set_public_key(FormatSshPublicKey(std::string(32, '\1')) + " ada@desk");
  NormalizeSigningKeys(project);
  EXPECT_EQ(project.signing_keys(0).public_key(), FormatSshPublicKey(std::string(32, '\1')));
  EXPECT_TRUE(ValidateSigningKeys(project, "project").ok());
  EXPECT_TRUE(HasSigningKey(project, "ada", std::string(32, '\1')));
  EXPECT_FALSE(HasSigningKey(project, "bob", std::string(32, '\1')));
  *project.add_signing_keys() = project.signing_keys(0);
  project.mutable_signing_keys(1)->set_principal("bob");
  EXPECT_FALSE(ValidateSigningKeys(project, "project").ok());
}

}  // namespace
}  // namespace greffe
