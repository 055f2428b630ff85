// The languages that documents are written in, and what they share: words and numbers as people write them.
#pragma once

#include <string>

#include "absl/status/statusor.h"

namespace greffe {

enum class Language { kEnglish, kFrench };
// "en" (or ""), "fr". INVALID_ARGUMENT (LANGUAGE_UNKNOWN) naming `field`.
absl::StatusOr<Language> ParseLanguage(const std::string& language, const std::string& field);

// With two digits behind the point, or behind the comma in French.
std::string DecimalText(double value, Language language);
// A number that has its digits, such as an amount: "1000.00" as "1000,00" in French.
std::string DecimalText(std::string number, Language language);

// A state by its short name: "IN_PROGRESS" as "in progress" or "en cours".
std::string StateWord(const std::string& state, Language language);

}  // namespace greffe
