#include "storage/base/table_lists.h"

#include <utility>

namespace greffe {
namespace {

bool IsBlank(char c) { return c == ' ' || c == '\n' || c == '\t'; }

}  // namespace

std::string JoinList(const std::vector<std::string>& values) {
  std::string cell;
  for (const std::string& value : values) {
    if (!cell.empty()) cell += "; ";
    for (std::size_t i = 0; i < value.size(); ++i) {
      const char c = value[i];
      const bool at_end = i == 0 || i + 1 == value.size();
      if (c == ';' || c == '\\' || (at_end && IsBlank(c))) cell += '\\';
      cell += c;
    }
  }
  return cell;
}

std::vector<std::string> SplitList(std::string_view cell) {
  std::vector<std::string> values;
  std::string value;
  std::size_t kept = 0;  // up to where blanks are part of the value
  const auto end = [&] {
    value.resize(kept);
    if (!value.empty()) values.push_back(std::move(value));
    value.clear();
    kept = 0;
  };
  for (std::size_t i = 0; i < cell.size(); ++i) {
    const bool escaped =
        cell[i] == '\\' && i + 1 < cell.size() && (cell[i + 1] == ';' || cell[i + 1] == '\\' || IsBlank(cell[i + 1]));
    if (escaped) {
      value += cell[++i];
      kept = value.size();
    } else if (cell[i] == ';') {
      end();
    } else if (!IsBlank(cell[i])) {
      value += cell[i];
      kept = value.size();
    } else if (!value.empty()) {
      value += cell[i];
    }
  }
  end();
  return values;
}

}  // namespace greffe
