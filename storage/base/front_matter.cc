#include "storage/base/front_matter.h"

#include "absl/strings/ascii.h"

namespace greffe {
namespace {

constexpr std::string_view kMark = "---";

std::string_view TakeLine(std::string_view& text) {
  const std::size_t end = text.find('\n');
  std::string_view line = text.substr(0, end);
  text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
  while (!line.empty() && absl::ascii_isspace(static_cast<unsigned char>(line.back()))) line.remove_suffix(1);
  return line;
}

std::string_view Stripped(std::string_view text) {
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.front()))) text.remove_prefix(1);
  while (!text.empty() && absl::ascii_isspace(static_cast<unsigned char>(text.back()))) text.remove_suffix(1);
  return text;
}

std::string_view Unquoted(std::string_view text) {
  text = Stripped(text);
  if (text.size() >= 2 && (text.front() == '"' || text.front() == '\'') && text.back() == text.front()) {
    text = Stripped(text.substr(1, text.size() - 2));
  }
  return text;
}

void AddValues(std::string_view key, std::string_view text, std::vector<FrontMatterValue>& values) {
  text = text.substr(0, text.find(" #"));
  text = Stripped(text);
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']') text = text.substr(1, text.size() - 2);
  while (!text.empty()) {
    const std::size_t comma = text.find(',');
    const std::string_view value = Unquoted(text.substr(0, comma));
    if (!value.empty()) values.push_back({std::string(key), std::string(value)});
    text.remove_prefix(comma == std::string_view::npos ? text.size() : comma + 1);
  }
}

}  // namespace

std::size_t FrontMatterLines(std::string_view text) {
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  if (TakeLine(text) != kMark) return 0;
  for (std::size_t lines = 2; !text.empty(); ++lines) {
    if (TakeLine(text) == kMark) return lines;
  }
  return 0;
}

std::vector<FrontMatterValue> ParseFrontMatter(std::string_view text) {
  std::vector<FrontMatterValue> values;
  const std::size_t count = FrontMatterLines(text);
  std::string_view key;
  for (std::size_t i = 0; i + 1 < count; ++i) {
    const std::string_view line = TakeLine(text);
    if (i == 0 || line.empty() || line.front() == '#') continue;
    const std::string_view content = Stripped(line);
    if (content.starts_with("- ") && !key.empty()) {
      AddValues(key, content.substr(2), values);
      continue;
    }
    const std::size_t colon = line.find(':');
    if (content.size() != line.size() || colon == std::string_view::npos) continue;  // goes on with something else
    key = Stripped(line.substr(0, colon));
    AddValues(key, line.substr(colon + 1), values);
  }
  return values;
}

}  // namespace greffe
