#include "storage/base/template_fields.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

constexpr std::size_t kMaxFieldName = 128;
constexpr int kShownCharacters = 40;  // characters of what is no field

bool IsName(std::string_view name) {
  const auto fits = [](char c) {
    return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '_' || c == '-' || c == '.';
  };
  return !name.empty() && name.size() <= kMaxFieldName &&
         absl::ascii_isalpha(static_cast<unsigned char>(name.front())) && name.back() != '.' &&
         std::all_of(name.begin(), name.end(), fits);
}

// Without the spaces around it, those included that word processors put beside brackets by themselves.
std::string_view Trimmed(std::string_view text) {
  constexpr std::string_view kAround[] = {" ", "\t", "\u00a0", "\u202f"};
  for (bool more = true; more;) {
    more = false;
    for (const std::string_view space : kAround) {
      if (text.starts_with(space)) {
        text.remove_prefix(space.size());
        more = true;
      }
      if (text.ends_with(space)) {
        text.remove_suffix(space.size());
        more = true;
      }
    }
  }
  return text;
}

absl::Status NoField(std::string_view text, std::size_t begin, const std::string& where) {
  std::string_view rest = text.substr(begin, text.find('\n', begin) - begin);
  const std::string_view line = rest;
  for (int i = 0; i < kShownCharacters && !rest.empty() && TakeCodePoint(rest); ++i) {
  }
  const std::string number = std::to_string(std::count(text.begin(), text.begin() + begin, '\n') + 1);
  const std::string shown = PrintableUtf8(line.substr(0, line.size() - rest.size()));
  return Error(absl::StatusCode::kFailedPrecondition, "TEMPLATE_INVALID",
               absl::StrCat(where.empty() ? "line " + number : "'" + where + "'", ": '", shown,
                            "' begins no field; a field is {{ name }}, and \\{{ stands for {{"),
               where.empty() ? ErrorMetadata{{"line", number}} : ErrorMetadata{{"part", where}});
}

}  // namespace

absl::StatusOr<std::vector<FieldMark>> FindFields(std::string_view text, const std::string& where) {
  std::vector<FieldMark> marks;
  std::size_t line_end = 0;  // of the line that `begin` is in, once it was looked for
  for (std::size_t begin = text.find("{{"); begin != std::string_view::npos;) {
    FieldMark mark;
    if (begin > 0 && text[begin - 1] == '\\') {
      mark.begin = begin - 1;
      mark.size = 3;
    } else {
      if (line_end <= begin) line_end = std::min(text.find('\n', begin), text.size());
      const std::size_t end = text.substr(0, line_end).find("}}", begin + 2);
      if (end == std::string_view::npos) return NoField(text, begin, where);
      const std::string_view name = Trimmed(text.substr(begin + 2, end - begin - 2));
      if (!IsName(name)) return NoField(text, begin, where);
      mark.begin = begin;
      mark.size = end + 2 - begin;
      mark.name = std::string(name);
    }
    if (marks.size() == kMaxFieldMarks) return TooManyFieldMarks(where);
    begin = text.find("{{", mark.begin + mark.size);
    marks.push_back(std::move(mark));
  }
  return marks;
}

const std::string& TextOf(const FieldMark& mark, const FieldValues& values) {
  static const std::string kBraces = "{{";
  static const std::string kNone;
  if (mark.name.empty()) return kBraces;
  const auto found = values.find(mark.name);
  return found == values.end() ? kNone : found->second;
}

absl::StatusOr<std::string> FillFields(std::string_view text, const std::vector<FieldMark>& marks,
                                       const FieldValues& values, std::int64_t limit) {
  std::size_t size = text.size();
  for (const FieldMark& mark : marks) size += TextOf(mark, values).size() - mark.size;
  if (size > static_cast<std::size_t>(limit)) return TemplateTooLarge("the filled text", "text_bytes", limit);
  std::string filled;
  filled.reserve(size);
  std::size_t position = 0;
  for (const FieldMark& mark : marks) {
    filled += text.substr(position, mark.begin - position);
    filled += TextOf(mark, values);
    position = mark.begin + mark.size;
  }
  filled += text.substr(position);
  return filled;
}

void AddFieldNames(const std::vector<FieldMark>& marks, std::set<std::string>& names) {
  for (const FieldMark& mark : marks) {
    if (!mark.name.empty()) names.insert(mark.name);
  }
}

absl::Status CheckFieldNames(const std::set<std::string>& names) {
  if (names.size() <= kMaxFieldNames) return absl::OkStatus();
  return Error(
      absl::StatusCode::kFailedPrecondition, "TEMPLATE_INVALID",
      absl::StrCat("the template has fields of ", names.size(), " names; at most ", kMaxFieldNames, " are allowed"));
}

absl::Status TooManyFieldMarks(const std::string& part) {
  return Error(absl::StatusCode::kFailedPrecondition, "TEMPLATE_INVALID",
               absl::StrCat(part.empty() ? "the template" : "'" + PrintableUtf8(part) + "'", " has more than ",
                            kMaxFieldMarks, " fields"),
               part.empty() ? ErrorMetadata{} : ErrorMetadata{{"part", PrintableUtf8(part)}});
}

absl::Status TemplateTooLarge(const std::string& what, const std::string& limit_name, std::int64_t limit) {
  return Error(absl::StatusCode::kFailedPrecondition, "TEMPLATE_TOO_LARGE",
               absl::StrCat(what, " is over the limit templates.", limit_name, " of ", limit),
               {{"limit", "templates." + limit_name}, {"maximum", std::to_string(limit)}});
}

absl::Status TemplateDamaged(const std::string& part, const std::string& finding) {
  return Error(absl::StatusCode::kFailedPrecondition, "TEMPLATE_DAMAGED", "'" + PrintableUtf8(part) + "': " + finding,
               {{"part", PrintableUtf8(part)}});
}

}  // namespace greffe
