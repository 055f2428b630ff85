#include "storage/index/places.h"

#include "storage/base/attribute_rules.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_layout.h"
#include "storage/base/template_order.h"

namespace greffe {

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
    postings.push_back(
        {"version_state", ShortEnumName(*v1::VersionState_descriptor(), document.latest_version().state())});
  }
  if (!document.template_().empty()) postings.push_back({"template", TemplateOrder(document.template_())});
  for (const auto& [key, value] : document.labels()) postings.push_back({"labels." + key, value});
  for (const auto& [id, value] : document.attributes()) postings.push_back({"attributes." + id, AttributeText(value)});
  return postings;
}

}  // namespace greffe
