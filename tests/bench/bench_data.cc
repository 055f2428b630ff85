#include "tests/bench/bench_data.h"

#include <random>

namespace greffe {

std::string Text(std::uint64_t seed, std::size_t size) {
  static const char* kWords[] = {"the",  "pump", "shall", "level", "within", "risk", "date", "report", "of",   "cost",
                                 "test", "unit", "and",   "phase", "client", "plan", "flow", "is",     "site", "by"};
  std::mt19937_64 random(seed);
  std::string text;
  text.reserve(size + 16);
  while (text.size() < size) {
    const std::uint64_t r = random();
    text += kWords[r % 20];
    text += r % 7 == 0 ? std::to_string(r % 100003) + "\n" : " ";
  }
  text.resize(size);
  return text;
}

std::string ProjectOf(int i) { return "projects/bench-" + std::to_string(i); }

std::string NumberOf(int i) {
  std::string digits = std::to_string(i + 1);
  return "REC-" + std::string(digits.size() < 4 ? 4 - digits.size() : 0, '0') + digits;
}

std::string PathOf(int i) {
  return "d" + std::to_string(i / 500) + "/e" + std::to_string(i / 25 % 20) + "/" + std::to_string(i) + ".md";
}

}  // namespace greffe
