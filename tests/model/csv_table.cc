#include "tests/model/csv_table.h"

namespace greffe::model {

std::optional<TableRows> ReadTable(const std::string& text) {
  TableRows rows;
  std::size_t at = 0;
  while (at < text.size()) {
    std::vector<std::string>& row = rows.emplace_back();
    for (bool more = true; more;) {
      std::string& cell = row.emplace_back();
      if (text[at] == '"') {
        for (++at; at < text.size() && (text[at] != '"' || text.substr(at, 2) == "\"\""); ++at) {
          if (text[at] == '"') ++at;
          cell += text[at];
        }
        if (at++ >= text.size()) return std::nullopt;
      } else {
        while (at < text.size() && std::string("\",\r\n").find(text[at]) == std::string::npos) cell += text[at++];
      }
      more = text.compare(at, 1, ",") == 0;
      if (more) ++at;
    }
    if (text.compare(at, 2, "\r\n") != 0) return std::nullopt;
    at += 2;
  }
  return rows;
}

std::string WriteTable(const TableRows& rows) {
  std::string text;
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      text += i == 0 ? "\"" : ",\"";
      for (const char c : row[i]) {
        text += c;
        if (c == '"') text += c;
      }
      text += '"';
    }
    text += "\r\n";
  }
  return text;
}

}  // namespace greffe::model
