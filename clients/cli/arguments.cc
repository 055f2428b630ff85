#include "clients/cli/arguments.h"

#include <algorithm>
#include <set>
#include <utility>

#include "clients/cli/commands.h"
#include "clients/cpp/utf8.h"

namespace greffe::cli {
namespace {

constexpr char kMark = '\0';

// `-o` and `--option` of all options that have a value, in any command.
void AddNamesWithValue(const CLI::App& app, std::set<std::string>& names) {
  for (const CLI::Option* option : app.get_options()) {
    if (option->get_positional() || option->get_items_expected_min() == 0) continue;
    for (const std::string& name : option->get_snames()) names.insert("-" + name);
    for (const std::string& name : option->get_lnames()) names.insert("--" + name);
  }
  for (const CLI::App* command : app.get_subcommands([](const CLI::App*) { return true; })) {
    AddNamesWithValue(*command, names);
  }
}

// As people write whole numbers, and as 64 bits hold them.
bool IsDecimal(const std::string& text) {
  const std::string digits = text.substr(text.starts_with("-") ? 1 : 0);
  return !digits.empty() && digits.size() <= 18 && digits.find_first_not_of("0123456789") == std::string::npos &&
         (digits.size() == 1 || digits.front() != '0');
}

}  // namespace

std::vector<std::string> MarkArguments(const CLI::App& app, const std::vector<std::string>& arguments) {
  std::set<std::string> with_value;
  AddNamesWithValue(app, with_value);
  std::vector<std::string> marked;
  bool names_only = false;
  bool is_value = false;
  for (const std::string& argument : arguments) {
    const bool was_value = std::exchange(is_value, false);
    if (names_only) {
      marked.push_back(kMark + argument);
    } else if (was_value) {
      marked.push_back(argument);
    } else if (argument == "--") {
      names_only = true;
    } else if (argument.size() > 3 && argument.starts_with("--") && argument.find('=') == argument.size() - 1) {
      marked.push_back(argument + kMark);
    } else if (argument.starts_with("[")) {
      marked.push_back(kMark + argument);
    } else {
      is_value = with_value.contains(argument);
      marked.push_back(argument);
    }
  }
  return marked;
}

std::string Unmarked(std::string text) {
  text.erase(std::remove(text.begin(), text.end(), kMark), text.end());
  return text;
}

void TakeMarkedArguments(CLI::App& app) {
  for (CLI::Option* option : app.get_options([](const CLI::Option*) { return true; })) {
    // Only a positional argument goes on behind its first value; with this, a value in brackets would be a list.
    if (!option->get_positional()) option->allow_extra_args(false);
    const std::string type = option->get_type_name();
    const bool is_number = type.starts_with("INT") || type.starts_with("UINT");
    const bool is_text = !type.starts_with(kLocalPath);
    const auto take = [is_number, is_text](std::string& text) -> std::string {
      text = Unmarked(std::move(text));
      const std::string valid = client::ValidUtf8(text);
      if (is_text && text != valid) return "\"" + valid + "\" is not UTF-8";
      if (is_number && !IsDecimal(text)) {
        return "\"" + valid + "\" is no whole number in decimal digits without leading zeros";
      }
      return "";
    };
    option->transform(CLI::Validator(take, ""));
  }
  for (CLI::App* command : app.get_subcommands([](CLI::App*) { return true; })) TakeMarkedArguments(*command);
}

bool AskForJson(const std::vector<std::string>& arguments) {
  bool json = false;
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (arguments[i] == "--") break;
    if (arguments[i].starts_with("--output=")) json = arguments[i] == "--output=json";
    if (arguments[i] == "--output" && i + 1 < arguments.size()) json = arguments[i + 1] == "json";
  }
  return json;
}

}  // namespace greffe::cli
