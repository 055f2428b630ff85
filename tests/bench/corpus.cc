#include "tests/bench/corpus.h"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <random>

namespace greffe {
namespace {

constexpr double kMiddle = 2048;  // bytes: half of the documents are smaller
constexpr double kSpread = 1.2;   // of the logarithm of their size
constexpr double kLargest = 256 << 10;

}  // namespace

Corpus::Corpus(const std::string& folder) {
  std::error_code error;
  std::vector<std::string> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder, error)) {
    if (entry.is_regular_file() && !entry.is_symlink()) files.push_back(entry.path());
  }
  std::sort(files.begin(), files.end());
  for (const std::string& file : files) {
    std::ifstream in(file);
    const std::string text((std::istreambuf_iterator<char>(in)), {});
    for (std::size_t begin = 0; begin < text.size();) {
      const std::size_t end = std::min(text.find("\n\n", begin), text.size());
      if (end - begin > 40) paragraphs_.push_back(text.substr(begin, end - begin) + "\n\n");
      begin = end + 2;
    }
  }
  if (!paragraphs_.empty()) return;
  std::cerr << "no text in '" << folder << "'\n";
  std::exit(1);
}

std::string Corpus::Document(std::uint64_t seed, int version) const {
  std::mt19937_64 random(seed);
  // Not std::lognormal_distribution, which another library may draw otherwise.
  const double u = (static_cast<double>(random() >> 11) + 0.5) / 9007199254740992.0;
  const double v = static_cast<double>(random() >> 11) / 9007199254740992.0;
  const double normal = std::sqrt(-2 * std::log(u)) * std::cos(2 * M_PI * v);
  const auto size = static_cast<std::size_t>(std::min(kLargest, kMiddle * std::exp(kSpread * normal)));
  std::vector<std::size_t> chosen;
  for (std::size_t sum = 0; chosen.empty() || sum < size;) {
    chosen.push_back(random() % paragraphs_.size());
    sum += paragraphs_[chosen.back()].size();
  }
  for (int i = 0; i < version; ++i) {
    const std::size_t place = random() % chosen.size();
    chosen[place] = random() % paragraphs_.size();
  }
  std::string text = "# Document " + std::to_string(seed) + ", issue " + std::to_string(version + 1) + "\n\n";
  for (const std::size_t paragraph : chosen) text += paragraphs_[paragraph];
  return text;
}

}  // namespace greffe
