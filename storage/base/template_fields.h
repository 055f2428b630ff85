// Fields in the text of a template, `{{ name }}`, and what they are filled with. Grammar and names: templates.proto.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

namespace greffe {

// Of one template. Each takes a dozen times the memory of its text.
inline constexpr std::size_t kMaxFieldMarks = 100'000;

// Of different names: an answer tells them all.
inline constexpr std::size_t kMaxFieldNames = 5'000;

// What a template may be like: a small file can hold a large one.
struct TemplateLimits {
  std::int64_t text_bytes = 1 << 20;        // a template that is text, and what is made of it
  std::int64_t file_bytes = 16 << 20;       // a docx or xlsx, and what is made of it
  int entries = 5000;                       // files in a docx or xlsx
  std::int64_t unpacked_bytes = 256 << 20;  // of those files together
  int ratio = 200;                          // unpacked to packed bytes of one above 1 MiB
  std::int64_t xml_bytes = 16 << 20;        // of those that fields are looked for in, together; also once filled
  int xml_depth = 256;                      // elements inside each other
};

// A field, or an escape, in a text.
struct FieldMark {
  std::size_t begin = 0;  // of its first byte
  std::size_t size = 0;
  std::string name;  // "" for an escape, which stands for "{{"
};

using FieldValues = std::map<std::string, std::string, std::less<>>;

// In the order of the text. FAILED_PRECONDITION (TEMPLATE_INVALID; metadata `line`) for a "{{" that begins no field,
// and for more than kMaxFieldMarks: `where` ("word/document.xml") is part of the message.
absl::StatusOr<std::vector<FieldMark>> FindFields(std::string_view text, const std::string& where = "");

// What a mark stands for. Every name has a value; a field is not looked for in a value.
const std::string& TextOf(const FieldMark& mark, const FieldValues& values);

// The text with all marks replaced; FAILED_PRECONDITION (TEMPLATE_TOO_LARGE) when it has more than `limit` bytes.
absl::StatusOr<std::string> FillFields(std::string_view text, const std::vector<FieldMark>& marks,
                                       const FieldValues& values, std::int64_t limit);

// Adds the names to `names`.
void AddFieldNames(const std::vector<FieldMark>& marks, std::set<std::string>& names);

// FAILED_PRECONDITION (TEMPLATE_INVALID) for more than kMaxFieldNames.
absl::Status CheckFieldNames(const std::set<std::string>& names);

// FAILED_PRECONDITION (TEMPLATE_INVALID; metadata `part`, where there is one).
absl::Status TooManyFieldMarks(const std::string& part);
// FAILED_PRECONDITION (TEMPLATE_TOO_LARGE) naming the limit, as in `limits: templates.<name>`.
absl::Status TemplateTooLarge(const std::string& what, const std::string& limit_name, std::int64_t limit);
// FAILED_PRECONDITION (TEMPLATE_DAMAGED; metadata `part`).
absl::Status TemplateDamaged(const std::string& part, const std::string& finding);

}  // namespace greffe
