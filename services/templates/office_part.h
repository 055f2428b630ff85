// One XML file of a docx or xlsx: the fields in it, and the file with them filled.
#pragma once

#include <cstdint>
#include <memory>
#include <set>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "storage/base/template_fields.h"

namespace greffe {

// Where texts are in it.
enum class PartKind {
  kParagraphs,  // a text document's body, headers, notes; drawings
  kStrings,     // a workbook's shared strings
  kSheet,       // inline strings, headers and footers
  kTable,       // names of columns, which the cells above them repeat
  kProperties,  // any element without others inside
};

// Not thread-safe.
class OfficePart {
 public:
  // Whether a file could have fields at all; most sheets and drawings could not, and need not be parsed.
  static bool MayHaveFields(std::string_view xml);

  // FAILED_PRECONDITION (TEMPLATE_DAMAGED, TEMPLATE_INVALID, TEMPLATE_TOO_LARGE) naming the part `name`. Nothing is
  // ever read from anywhere else: a document type is refused, and entities are not resolved.
  static absl::StatusOr<std::unique_ptr<OfficePart>> Parse(const std::string& name, std::string xml, PartKind kind,
                                                           int max_depth);
  virtual ~OfficePart() = default;

  // In any of its texts.
  virtual const std::set<std::string>& fields() const = 0;
  // That Fill changes.
  virtual std::size_t mark_count() const = 0;
  // FAILED_PRECONDITION (TEMPLATE_TOO_LARGE) above `limit` bytes. Once.
  virtual absl::StatusOr<std::string> Fill(const FieldValues& values, std::int64_t limit) = 0;
};

}  // namespace greffe
