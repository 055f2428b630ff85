// Arguments as people and scripts mean them, where CLI11 would read something else.
#pragma once

#include <CLI/App.hpp>
#include <string>
#include <vector>

namespace greffe::cli {

// `arguments` as `app`, whose commands are all there, must be given them. What follows `--` are names, whatever they
// begin with; `--option=` has an empty value, and not the next argument; a name in brackets, `[old]`, is one name, and
// not a list. Marks them with NUL bytes, which no argument can have.
std::vector<std::string> MarkArguments(const CLI::App& app, const std::vector<std::string>& arguments);

// `text` without such marks.
std::string Unmarked(std::string text);

// Has all options of `app` and its commands take marked arguments, with their marks off, and refuse what is not UTF-8,
// and whole numbers that are not written in decimal digits: with a leading zero CLI11 reads them as octal.
void TakeMarkedArguments(CLI::App& app);

// Whether the last --output among `arguments` is json, also where they could not be read to their end.
bool AskForJson(const std::vector<std::string>& arguments);

}  // namespace greffe::cli
