#include "storage/base/filter_parser.h"

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxCharacters = 4096;
constexpr std::size_t kMaxTerms = 32;

bool IsBare(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' || c == '/' ||
         c == '*' || c == '@' || c == '+' || static_cast<unsigned char>(c) >= 0x80;
}

// absl::ParseTime alone takes spaces around, single digits and "infinite-future" too.
std::optional<absl::Time> ParseTime(const std::string& text) {
  const auto digit = [&](std::size_t i) { return absl::ascii_isdigit(static_cast<unsigned char>(text[i])); };
  if (text.size() < 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  for (const std::size_t i : {0, 1, 2, 3, 5, 6, 8, 9}) {
    if (!digit(i)) return std::nullopt;
  }
  absl::Time time;
  std::string error;
  if (text.size() == 10) return absl::ParseTime("%Y-%m-%d", text, &time, &error) ? std::optional(time) : std::nullopt;
  if (absl::ascii_isspace(static_cast<unsigned char>(text.back()))) return std::nullopt;
  return absl::ParseTime(absl::RFC3339_full, text, &time, &error) ? std::optional(time) : std::nullopt;
}

class Parser {
 public:
  Parser(std::string_view text, const FilterGrammar& grammar) : text_(text), grammar_(grammar) {}

  absl::StatusOr<std::vector<FilterTerm>> Parse() {
    std::vector<FilterTerm> terms;
    if (text_.size() > 4 * kMaxCharacters) return Fail("is over 4,096 characters");
    if (!IsUtf8(text_)) return Fail("is not UTF-8");
    if (CharactersBefore(text_.size()) > kMaxCharacters) return Fail("is over 4,096 characters");
    SkipSpaces();
    while (position_ < text_.size()) {
      if (!terms.empty()) {
        if (!TakeKeyword("AND")) return Fail("expected AND");
      }
      if (terms.size() == kMaxTerms) return Fail("has over 32 comparisons");
      GREFFE_ASSIGN_OR_RETURN(FilterTerm term, ParseTerm());
      terms.push_back(std::move(term));
      SkipSpaces();
    }
    return terms;
  }

 private:
  // Of a text that is UTF-8.
  std::size_t CharactersBefore(std::size_t position) const {
    return static_cast<std::size_t>(
        std::count_if(text_.begin(), text_.begin() + position, [](char c) { return (c & 0xc0) != 0x80; }));
  }

  absl::Status Fail(const std::string& finding) const {
    std::string found = " found the end";
    if (position_ < text_.size()) {
      constexpr int kShown = 20;
      std::string_view rest = text_.substr(position_);
      for (int i = 0; i < kShown && !rest.empty() && TakeCodePoint(rest); ++i) {
      }
      const std::string_view shown = text_.substr(position_, text_.size() - position_ - rest.size());
      found = " found '" + PrintableUtf8(shown) + (rest.empty() ? "'" : "...'");
    }
    const std::string position = std::to_string(CharactersBefore(position_) + 1);
    return InvalidField("filter", "FILTER_INVALID", absl::StrCat(finding, ", at character ", position, found),
                        {{"position", position}});
  }

  void SkipSpaces() {
    while (position_ < text_.size() && absl::ascii_isspace(static_cast<unsigned char>(text_[position_]))) ++position_;
  }

  bool TakeKeyword(std::string_view keyword) {
    SkipSpaces();
    if (text_.substr(position_, keyword.size()) != keyword) return false;
    const std::size_t end = position_ + keyword.size();
    if (end < text_.size() && IsBare(text_[end])) return false;
    position_ = end;
    return true;
  }

  std::string_view TakeBare() {
    SkipSpaces();
    const std::size_t begin = position_;
    while (position_ < text_.size() && IsBare(text_[position_])) ++position_;
    return text_.substr(begin, position_ - begin);
  }

  absl::StatusOr<FilterOperator> TakeOperator() {
    SkipSpaces();
    static constexpr std::pair<std::string_view, FilterOperator> kOperators[] = {
        {"!=", FilterOperator::kNotEqual},
        {"<=", FilterOperator::kLessOrEqual},
        {">=", FilterOperator::kGreaterOrEqual},
        {"=", FilterOperator::kEqual},
        {"<", FilterOperator::kLess},
        {">", FilterOperator::kGreater},
        {":", FilterOperator::kHas},
    };
    for (const auto& [text, op] : kOperators) {
      if (text_.substr(position_, text.size()) != text) continue;
      position_ += text.size();
      return op;
    }
    return Fail("expected an operator = != < <= > >= or :");
  }

  absl::StatusOr<std::string> TakeValue() {
    SkipSpaces();
    if (position_ < text_.size() && (text_[position_] == '"' || text_[position_] == '\'')) {
      const std::size_t begin = position_;
      const char quote = text_[position_++];
      std::string value;
      while (position_ < text_.size() && text_[position_] != quote) {
        if (text_[position_] == '\\' && position_ + 1 < text_.size()) ++position_;
        value += text_[position_++];
      }
      if (position_ == text_.size()) {
        position_ = begin;
        return Fail("a quoted value does not end");
      }
      ++position_;
      return value;
    }
    const std::size_t begin = position_;
    // A time has colons of its own.
    while (position_ < text_.size() && (IsBare(text_[position_]) || text_[position_] == ':')) ++position_;
    if (begin == position_) return Fail("expected a value");
    return std::string(text_.substr(begin, position_ - begin));
  }

  absl::StatusOr<FilterTerm> ParseTerm() {
    FilterTerm term;
    term.negated = TakeKeyword("NOT");
    SkipSpaces();
    const std::size_t begin = position_;
    std::string field(TakeBare());
    const std::size_t dot = field.find('.');
    if (dot != std::string::npos) {
      term.key = field.substr(dot + 1);
      field.resize(dot);
    }
    term.field = std::move(field);
    if (!grammar_.IsField(term)) {
      position_ = begin;
      return Fail("expected a field");
    }
    GREFFE_ASSIGN_OR_RETURN(term.op, TakeOperator());
    const std::size_t value_begin = position_;
    GREFFE_ASSIGN_OR_RETURN(term.value, TakeValue());
    if (const std::optional<std::string> finding = grammar_.CheckValue(term)) {
      position_ = value_begin;
      return Fail(*finding);
    }
    return term;
  }

  std::string_view text_;
  const FilterGrammar& grammar_;
  std::size_t position_ = 0;
};

}  // namespace

absl::StatusOr<std::vector<FilterTerm>> ParseFilterTerms(std::string_view text, const FilterGrammar& grammar) {
  return Parser(text, grammar).Parse();
}

std::optional<Micros> ParseFilterTime(const std::string& text) {
  const std::optional<absl::Time> time = ParseTime(text);
  if (!time) return std::nullopt;
  return absl::ToUnixMicros(*time);
}

}  // namespace greffe
