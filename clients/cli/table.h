// Tables and sheets for people.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "clients/cli/session.h"

namespace greffe::cli {

// Rows under headings, columns as wide as their widest cell. Cells are made printable.
class Table {
 public:
  explicit Table(std::vector<std::string> headings) : headings_(std::move(headings)) {}
  void Add(std::vector<std::string> row);
  // Has the cells of a column coloured by what they say, as Coloured does; null: as they are.
  void ColourBy(std::size_t column, const char* (*colour)(const std::string& cell)) {
    coloured_column_ = column;
    colour_ = colour;
  }
  // Nothing but the headings when there are no rows.
  void Print(Session& session) const;
  // As RFC 4180 says, headings first. What a spreadsheet would take for a formula, also behind another delimiter
  // inside a cell, gets a ' in front.
  void PrintCsv(Session& session) const;

 private:
  std::size_t coloured_column_ = 0;
  const char* (*colour_)(const std::string& cell) = nullptr;
  const std::vector<std::string> headings_;
  std::vector<std::vector<std::string>> rows_;
};

// Names and values, one a line; a value that is empty is left out.
class Sheet {
 public:
  void Add(const std::string& name, const std::string& value);
  void Print(Session& session) const;

 private:
  std::vector<std::pair<std::string, std::string>> lines_;
};

// `text` in an SGR colour such as "1" (bold) or "31" (red), where the output is a terminal that shows colours.
std::string Coloured(const Session& session, const std::string& text, const char* colour);

}  // namespace greffe::cli
