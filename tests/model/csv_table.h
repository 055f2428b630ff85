// Tables as text (RFC 4180), read strictly.
#pragma once

#include <optional>
#include <string>
#include <vector>

namespace greffe::model {

using TableRows = std::vector<std::vector<std::string>>;  // the headings first

// nullopt: it is no such table.
std::optional<TableRows> ReadTable(const std::string& text);
// Every cell in quotes.
std::string WriteTable(const TableRows& rows);

}  // namespace greffe::model
