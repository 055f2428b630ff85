#include "storage/base/markdown.h"

#include "absl/strings/str_cat.h"

namespace greffe {

std::string EscapeMarkdown(std::string_view text) {
  constexpr std::string_view kSpecial = "\\`*_[]<>#|";
  std::string escaped;
  for (const char c : text) {
    if (kSpecial.find(c) != std::string_view::npos) escaped += '\\';
    escaped += c == '\n' || c == '\r' || c == '\t' ? ' ' : c;
  }
  return escaped;
}

void AppendTableHead(std::string& text, std::string_view columns) {
  absl::StrAppend(&text, std::string(columns), "\n|");
  for (const char c : columns.substr(1)) {
    if (c == '|') text += " --- |";
  }
  text += '\n';
}

void AppendTableRow(std::string& text, const std::vector<std::string>& cells) {
  for (const std::string& cell : cells) absl::StrAppend(&text, "| ", EscapeMarkdown(cell), " ");
  text += "|\n";
}

}  // namespace greffe
