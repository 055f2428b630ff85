// Markdown that programs write: text of people stays what it is.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace greffe {

// Text of one line that Markdown takes for nothing else.
std::string EscapeMarkdown(std::string_view text);

// The head of a table, `columns` as "| Document | Title |".
void AppendTableHead(std::string& text, std::string_view columns);
// A row; cells are escaped.
void AppendTableRow(std::string& text, const std::vector<std::string>& cells);

}  // namespace greffe
