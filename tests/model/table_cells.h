// Entries of registers as cells of a table, and back.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "tests/model/entry_flaws.h"

namespace greffe::model {

// The columns of a table that was asked for without any.
std::vector<std::string> ColumnsOf(const Register& entries);
// Whether an import reads the column.
bool IsRead(const Register& entries, const std::string& column);
bool IsField(const Register& entries, const std::string& column);  // and sets a field by it, but labels and attributes

std::string CellOf(const Message& entry, const std::string& column);
// Gives the entry what a cell of such a field, of `labels` or an attribute says. "": done; else the reason why not.
std::string TakeCell(const std::string& column, std::string cell, Message& entry);
std::string WithoutGuard(std::string cell);

}  // namespace greffe::model
