#include <cstdint>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"
#include "storage/base/filter.h"
#include "storage/base/number_order.h"
#include "storage/base/paths.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

void AppendTime(std::string& key, Micros time) {
  const auto bits = static_cast<std::uint64_t>(time) ^ (std::uint64_t{1} << 63);
  for (int shift = 56; shift >= 0; shift -= 8) key += static_cast<char>(bits >> shift);
}

}  // namespace

absl::StatusOr<DocumentOrdering> ParseDocumentOrdering(std::string_view text) {
  std::string field(absl::StripAsciiWhitespace(std::string(text)));
  DocumentOrdering ordering;
  if (field.ends_with(" desc")) {
    ordering.descending = true;
    field = std::string(absl::StripAsciiWhitespace(field.substr(0, field.size() - 5)));
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
                        absl::StrCat("'", PrintableUtf8(text.substr(0, 100)),
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
  return key + NumberOrder(LastPart(document.name()));
}

}  // namespace greffe
