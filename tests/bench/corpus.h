// Documents of real text: paragraphs of the licences that every Debian has, so that anybody grows the same ones.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace greffe {

class Corpus {
 public:
  // Reads `folder`; ends the program when there is no text in it.
  explicit Corpus(const std::string& folder = "/usr/share/common-licenses");

  // Of some hundred bytes to 256 KiB, 2 KiB in the middle and 4 on average. Each version has one paragraph of the
  // version before exchanged. Version 0 is the first.
  std::string Document(std::uint64_t seed, int version) const;

 private:
  std::vector<std::string> paragraphs_;
};

}  // namespace greffe
