#include "storage/base/filter.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "storage/base/errors.h"
#include "storage/base/number_order.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxCharacters = 4096;
constexpr std::size_t kMaxTerms = 32;

bool IsBare(char c) {
  return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.' || c == '/' ||
         c == '*' || c == '@' || c == '+' || static_cast<unsigned char>(c) >= 0x80;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(text) {}

  absl::StatusOr<DocumentFilter> Parse() {
    DocumentFilter filter;
    if (text_.size() > kMaxCharacters) return Fail("is over 4,096 characters");
    if (!IsUtf8(text_)) return Fail("is not UTF-8");
    SkipSpaces();
    while (position_ < text_.size()) {
      if (!filter.terms.empty()) {
        if (!TakeKeyword("AND")) return Fail("expected AND");
      }
      if (filter.terms.size() == kMaxTerms) return Fail("has over 32 comparisons");
      GREFFE_ASSIGN_OR_RETURN(FilterTerm term, ParseTerm());
      filter.terms.push_back(std::move(term));
      SkipSpaces();
    }
    return filter;
  }

 private:
  absl::Status Fail(const std::string& finding) const {
    const std::string found =
        position_ < text_.size() ? absl::StrCat(", found '", PrintableUtf8(text_.substr(position_, 20)), "'") : "";
    return InvalidField("filter", "FILTER_INVALID",
                        absl::StrCat("filter: ", finding, " at character ", position_ + 1, found));
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
      const char quote = text_[position_++];
      std::string value;
      while (position_ < text_.size() && text_[position_] != quote) {
        if (text_[position_] == '\\' && position_ + 1 < text_.size()) ++position_;
        value += text_[position_++];
      }
      if (position_ == text_.size()) return Fail("a quoted value does not end");
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
    static const std::set<std::string> kFields = {"type",        "state",           "owner",           "title",
                                                  "number",      "confidentiality", "retention_class", "path",
                                                  "update_time", "create_time"};
    const std::size_t dot = field.find('.');
    if (dot != std::string::npos) {
      term.key = field.substr(dot + 1);
      field.resize(dot);
    }
    term.field = std::move(field);
    const bool keyed = term.field == "labels" || term.field == "attributes";
    if (keyed ? term.key.empty() : (dot != std::string::npos || !kFields.contains(term.field))) {
      position_ = begin;
      return Fail("expected a field");
    }
    GREFFE_ASSIGN_OR_RETURN(term.op, TakeOperator());
    const std::size_t value_begin = position_;
    GREFFE_ASSIGN_OR_RETURN(term.value, TakeValue());
    const auto fail_value = [&](const std::string& finding) {
      position_ = value_begin;
      return Fail(finding);
    };
    if (term.field == "state") {
      if (term.value != "ACTIVE" && term.value != "WITHDRAWN") return fail_value("state is ACTIVE or WITHDRAWN");
      if (term.op != FilterOperator::kEqual && term.op != FilterOperator::kNotEqual &&
          term.op != FilterOperator::kHas) {
        return fail_value("state compares with = and != alone");
      }
    }
    if (term.field == "update_time" || term.field == "create_time") {
      absl::Time time;
      std::string error;
      if (!absl::ParseTime(absl::RFC3339_full, term.value, &time, &error) &&
          !absl::ParseTime("%Y-%m-%d", term.value, &time, &error)) {
        return fail_value("expected a time such as 2026-03-31T12:00:00Z, or a date");
      }
      term.time = absl::ToUnixMicros(time);
    }
    return term;
  }

  std::string_view text_;
  std::size_t position_ = 0;
};

template <typename Value>
bool Compare(FilterOperator op, const Value& a, const Value& b) {
  switch (op) {
    case FilterOperator::kEqual:
    case FilterOperator::kHas:
      return a == b;
    case FilterOperator::kNotEqual:
      return a != b;
    case FilterOperator::kLess:
      return a < b;
    case FilterOperator::kLessOrEqual:
      return a <= b;
    case FilterOperator::kGreater:
      return a > b;
    case FilterOperator::kGreaterOrEqual:
      return a >= b;
  }
  return false;
}

bool CompareText(FilterOperator op, std::string_view text, std::string_view value) {
  if (op == FilterOperator::kHas) return text.substr(0, value.size()) == value;
  return Compare(op, text, value);
}

bool CompareAttribute(FilterOperator op, const v1::AttributeValue& attribute, const std::string& value) {
  const auto number = [&value](auto parsed) {
    const auto end = std::from_chars(value.data(), value.data() + value.size(), parsed);
    return end.ec == std::errc() && end.ptr == value.data() + value.size() ? std::optional(parsed) : std::nullopt;
  };
  switch (attribute.value_case()) {
    case v1::AttributeValue::kText:
      return CompareText(op, attribute.text(), value);
    case v1::AttributeValue::kDate:
      return CompareText(op, attribute.date(), value);
    case v1::AttributeValue::kInteger: {
      const auto parsed = number(std::int64_t{});
      return parsed ? Compare(op, attribute.integer(), *parsed) : op == FilterOperator::kNotEqual;
    }
    case v1::AttributeValue::kNumber: {
      const auto parsed = number(double{});
      return parsed ? Compare(op, attribute.number(), *parsed) : op == FilterOperator::kNotEqual;
    }
    case v1::AttributeValue::kBoolean:
      return Compare(op, std::string_view(attribute.boolean() ? "true" : "false"), std::string_view(value));
    case v1::AttributeValue::VALUE_NOT_SET:
      break;
  }
  return false;
}

std::string_view NumberOf(const v1::Document& document) {
  const std::string_view name = document.name();
  return name.substr(name.rfind('/') + 1);
}

bool Holds(const FilterTerm& term, const v1::Document& document) {
  if (term.field == "labels") {
    const auto found = document.labels().find(term.key);
    if (found == document.labels().end()) return term.op == FilterOperator::kNotEqual;
    return (term.op == FilterOperator::kHas && term.value == "*") || CompareText(term.op, found->second, term.value);
  }
  if (term.field == "attributes") {
    const auto found = document.attributes().find(term.key);
    if (found == document.attributes().end()) return term.op == FilterOperator::kNotEqual;
    return (term.op == FilterOperator::kHas && term.value == "*") ||
           CompareAttribute(term.op, found->second, term.value);
  }
  if (term.field == "state") {
    const bool active = document.state() == v1::DOCUMENT_STATE_ACTIVE;
    return Compare(term.op, std::string_view(active ? "ACTIVE" : "WITHDRAWN"), std::string_view(term.value));
  }
  if (term.field == "update_time") return Compare(term.op, ToMicros(document.update_time()), term.time);
  if (term.field == "create_time") return Compare(term.op, ToMicros(document.create_time()), term.time);
  const std::string_view text = term.field == "type"              ? document.type()
                                : term.field == "owner"           ? document.owner()
                                : term.field == "title"           ? document.title()
                                : term.field == "number"          ? NumberOf(document)
                                : term.field == "confidentiality" ? document.confidentiality()
                                : term.field == "retention_class" ? document.retention_class()
                                                                  : std::string_view(document.path());
  return CompareText(term.op, text, term.value);
}

void AppendTime(std::string& key, Micros time) {
  const auto bits = static_cast<std::uint64_t>(time) ^ (std::uint64_t{1} << 63);
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(bits >> shift);
}

}  // namespace

const FilterTerm* DocumentFilter::FindEquality(std::string_view field, std::string_view key) const {
  for (const FilterTerm& term : terms) {
    if (!term.negated && term.op == FilterOperator::kEqual && term.field == field && term.key == key) return &term;
  }
  return nullptr;
}

absl::StatusOr<DocumentFilter> ParseDocumentFilter(std::string_view text) {
  GREFFE_ASSIGN_OR_RETURN(DocumentFilter filter, Parser(text).Parse());
  if (std::none_of(filter.terms.begin(), filter.terms.end(), [](const FilterTerm& t) { return t.field == "state"; })) {
    FilterTerm active;
    active.field = "state";
    active.value = "ACTIVE";
    filter.terms.push_back(std::move(active));
  }
  return filter;
}

bool Matches(const DocumentFilter& filter, const v1::Document& document) {
  return std::all_of(filter.terms.begin(), filter.terms.end(),
                     [&](const FilterTerm& term) { return Holds(term, document) != term.negated; });
}

absl::StatusOr<DocumentOrdering> ParseDocumentOrdering(std::string_view text) {
  std::string field(absl::StripAsciiWhitespace(std::string(text)));
  DocumentOrdering ordering;
  if (field.ends_with(" desc")) {
    ordering.descending = true;
    field = std::string(absl::StripAsciiWhitespace(field.substr(0, field.size() - 5)));
  } else if (field.ends_with(" asc")) {
    field = std::string(absl::StripAsciiWhitespace(field.substr(0, field.size() - 4)));
  }
  if (field.empty() || field == "number") {
    ordering.order = DocumentOrder::kNumber;
  } else if (field == "path") {
    ordering.order = DocumentOrder::kPath;
  } else if (field == "title") {
    ordering.order = DocumentOrder::kTitle;
  } else if (field == "update_time") {
    ordering.order = DocumentOrder::kUpdateTime;
  } else if (field == "create_time") {
    ordering.order = DocumentOrder::kCreateTime;
  } else {
    return InvalidField("order_by", "ORDER_INVALID",
                        absl::StrCat("order_by '", PrintableUtf8(text.substr(0, 100)),
                                     "': expected number, path, title, update_time or create_time, with an optional "
                                     "' desc'"));
  }
  return ordering;
}

std::string SortKey(DocumentOrder order, const v1::Document& document) {
  std::string key;
  switch (order) {
    case DocumentOrder::kNumber:
      break;
    case DocumentOrder::kPath:
      key = document.path();
      break;
    case DocumentOrder::kTitle:
      key = document.title();
      break;
    case DocumentOrder::kUpdateTime:
      AppendTime(key, ToMicros(document.update_time()));
      break;
    case DocumentOrder::kCreateTime:
      AppendTime(key, ToMicros(document.create_time()));
      break;
  }
  if (order != DocumentOrder::kNumber) key += '\0';
  return key + NumberOrder(NumberOf(document));
}

}  // namespace greffe
