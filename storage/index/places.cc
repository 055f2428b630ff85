#include "storage/index/places.h"

#include <charconv>
#include <cmath>

#include "absl/strings/str_cat.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_layout.h"

namespace greffe {
namespace {

// The fewest digits that give the same number back, so that equal numbers are equal texts. Without an exponent up to 21
// digits, as in JSON.
std::string ShortestNumber(double number) {
  char text[400];
  const auto format = std::abs(number) < 1e21 ? std::chars_format::fixed : std::chars_format::scientific;
  const auto end = std::to_chars(text, text + sizeof text, number == 0 ? 0.0 : number, format).ptr;
  return std::string(text, end);
}

}  // namespace

std::vector<std::string> PlacesOf(const v1::Document& document) {
  std::vector<std::string> places;
  if (document.state() == v1::DOCUMENT_STATE_WITHDRAWN || document.path().empty()) return places;
  places.push_back(document.path());
  for (const v1::FileRole role : {v1::FILE_ROLE_RENDITION, v1::FILE_ROLE_ATTACHMENT}) {
    for (const v1::File& file : document.latest_version().companions()) {
      if (file.role() != role) continue;
      places.push_back(CompanionFolder(document.path(), role));
      break;
    }
  }
  return places;
}

Postings PostingsOf(const v1::Document& document) {
  Postings postings;
  postings.push_back({"type", document.type()});
  postings.push_back({"owner", document.owner()});
  if (document.state() == v1::DOCUMENT_STATE_ACTIVE && document.path().empty()) postings.push_back({"path", ""});
  if (document.state() == v1::DOCUMENT_STATE_WITHDRAWN) postings.push_back({"state", "WITHDRAWN"});
  if (document.latest_version().state() > v1::VERSION_STATE_DRAFT) {
    postings.push_back({"version_state", ShortEnumName(*v1::VersionState_descriptor()->FindValueByNumber(
                                             document.latest_version().state()))});
  }
  for (const auto& [key, value] : document.labels()) postings.push_back({"labels." + key, value});
  for (const auto& [id, value] : document.attributes()) postings.push_back({"attributes." + id, AttributeText(value)});
  return postings;
}

std::string AttributeText(const v1::AttributeValue& value) {
  switch (value.value_case()) {
    case v1::AttributeValue::kText:
      return value.text();
    case v1::AttributeValue::kInteger:
      return absl::StrCat(value.integer());
    case v1::AttributeValue::kNumber:
      return ShortestNumber(value.number());
    case v1::AttributeValue::kBoolean:
      return value.boolean() ? "true" : "false";
    case v1::AttributeValue::kDate:
      return value.date();
    case v1::AttributeValue::VALUE_NOT_SET:
      break;
  }
  return {};
}

}  // namespace greffe
