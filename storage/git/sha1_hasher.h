// SHA-1 of bytes as they come, as git has it at the end of packs and their idx.
#pragma once

#include <openssl/evp.h>

#include <memory>
#include <string_view>

#include "storage/base/oid.h"

namespace greffe {

class Sha1Hasher {
 public:
  Sha1Hasher() : context_(EVP_MD_CTX_new(), EVP_MD_CTX_free) { EVP_DigestInit_ex(context_.get(), EVP_sha1(), nullptr); }
  void Update(std::string_view data) { EVP_DigestUpdate(context_.get(), data.data(), data.size()); }
  Oid Finish() {
    Oid digest;
    EVP_DigestFinal_ex(context_.get(), digest.bytes.data(), nullptr);
    return digest;
  }

 private:
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context_;
};

}  // namespace greffe
