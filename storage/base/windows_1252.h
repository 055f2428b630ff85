// Windows-1252, which spreadsheets of Western Europe write where they do not write UTF-8.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace greffe {

// As UTF-8; nullopt when there is one of the five bytes that stand for nothing.
std::optional<std::string> FromWindows1252(std::string_view bytes);

// nullopt when the text, UTF-8, has a character that Windows-1252 has not.
std::optional<std::string> ToWindows1252(std::string_view text);

}  // namespace greffe
