#include "clients/cli/table.h"

#include <algorithm>
#include <string_view>

#include "clients/cli/text.h"

namespace greffe::cli {
namespace {

std::string Padded(const std::string& text, int width) {
  return text + std::string(static_cast<std::size_t>(std::max(0, width - WidthOf(text))), ' ');
}

// A ' stands before what a spreadsheet would take for a formula, also where it begins behind what may be its delimiter.
std::string Guarded(const std::string& text) {
  std::string guarded;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool begins = i == 0 || std::string_view(",;\t").find(text[i - 1]) != std::string_view::npos;
    if (begins && std::string_view("=+-@").find(text[i]) != std::string_view::npos) guarded += '\'';
    guarded += text[i];
  }
  return guarded;
}

}  // namespace

std::string Coloured(const Session& session, const std::string& text, const char* colour) {
  return session.streams().colour ? "\x1b[" + std::string(colour) + "m" + text + "\x1b[0m" : text;
}

void Table::Add(std::vector<std::string> row) {
  for (std::string& cell : row) cell = Printable(cell);
  rows_.push_back(std::move(row));
}

void Table::Print(Session& session) const {
  std::vector<int> widths(headings_.size(), 0);
  const auto measure = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], WidthOf(row[i]));
  };
  measure(headings_);
  for (const auto& row : rows_) measure(row);
  const auto line = [&](const std::vector<std::string>& row, bool heading) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      const std::string cell = i + 1 == row.size() ? row[i] : Padded(row[i], widths[i]) + "  ";
      const char* colour = heading || colour_ == nullptr || i != coloured_column_ ? nullptr : colour_(row[i]);
      text += colour == nullptr ? cell : Coloured(session, cell, colour);
    }
    text.resize(text.find_last_not_of(' ') + 1);
    return text;
  };
  session.out() << Coloured(session, line(headings_, true), "1") << "\n";
  for (const auto& row : rows_) session.out() << line(row, false) << "\n";
}

void Table::PrintCsv(Session& session) const {
  const auto line = [&](const std::vector<std::string>& row) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      std::string cell = Guarded(row[i]);
      if (cell.find_first_of(",;\t\"") != std::string::npos) {
        for (std::size_t at = 0; (at = cell.find('"', at)) != std::string::npos; at += 2) cell.insert(at, 1, '"');
        cell = '"' + cell + '"';
      }
      session.out() << (i == 0 ? "" : ",") << cell;
    }
    session.out() << "\r\n";
  };
  line(headings_);
  for (const auto& row : rows_) line(row);
}

void Sheet::Add(const std::string& name, const std::string& value) {
  for (std::size_t begin = 0; begin < value.size();) {
    const std::size_t end = std::min(value.find('\n', begin), value.size());
    lines_.emplace_back(begin == 0 ? name : "", Printable(value.substr(begin, end - begin)));
    begin = end + 1;
  }
}

void Sheet::Print(Session& session) const {
  int width = 0;
  for (const auto& [name, value] : lines_) width = std::max(width, WidthOf(name));
  for (const auto& [name, value] : lines_) {
    session.out() << Coloured(session, Padded(name, width), "1") << "  " << value << "\n";
  }
}

}  // namespace greffe::cli
