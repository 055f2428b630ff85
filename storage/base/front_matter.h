// The front matter of a text: `key: value` lines between two lines of `---` at its very beginning.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace greffe {

struct FrontMatterValue {
  std::string key;
  std::string value;  // never empty
};

// How many lines it takes, the two `---` included; 0: the text has none.
std::size_t FrontMatterLines(std::string_view text);

// Each value of each key, in order: `a, b`, `[a, b]`, and lines of `- a` below the key are several. Quotes around a
// value and comments behind it are taken off.
std::vector<FrontMatterValue> ParseFrontMatter(std::string_view text);

}  // namespace greffe
