#include "clients/cli/link_text.h"

#include <algorithm>

#include "clients/cli/commands.h"
#include "clients/cli/document_ref.h"
#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {

absl::StatusOr<LinkEndName> FindLinkEnd(Session& session, const std::string& text, const v1::AsOf& as_of) {
  LinkEndName end;
  std::string thing = text;
  const std::size_t hash = thing.rfind('#');
  if (hash != std::string::npos) {
    end.anchor = thing.substr(hash + 1);
    thing.resize(hash);
    if (end.anchor.empty()) return OptionInvalid("\"" + text + "\" has no anchor after '#'");
  }
  const std::size_t colon = thing.find(':');
  if (colon != std::string::npos && thing.find('/') == std::string::npos) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const std::string parent, session.Parent());
    end.name = parent + "/" + thing.substr(0, colon) + "/" + thing.substr(colon + 1);
    return end;
  }
  std::string version;
  const std::size_t at = thing.rfind('@');
  if (at != std::string::npos && at + 1 < thing.size() &&
      thing.find_first_not_of("0123456789", at + 1) == std::string::npos) {
    version = "/versions/" + thing.substr(at + 1);
    thing.resize(at);
  }
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const v1::Document document, FindDocument(session, thing, as_of));
  end.name = document.name() + version;
  return end;
}

std::string LinkEndText(const std::string& name, const std::string& anchor) {
  // projects/{p}/{collection}/{id}[/versions/{n}]
  const std::size_t collection = name.find('/', name.find('/') + 1) + 1;
  const std::size_t id = name.find('/', collection) + 1;
  std::string text = name.substr(id);
  const std::size_t version = text.find("/versions/");
  if (version != std::string::npos) text = text.substr(0, version) + "@" + text.substr(version + 10);
  const std::string kind = name.substr(collection, id - collection - 1);
  if (kind != "documents") text = kind + ":" + text;
  return anchor.empty() ? text : text + "#" + anchor;
}

absl::StatusOr<v1::LinkType> ParseLinkType(const std::string& text) {
  std::string name = text;
  for (char& c : name) c = c == '-' ? ' ' : c;
  std::string known;
  const auto* types = v1::LinkType_descriptor();
  for (int i = 1; i < types->value_count(); ++i) {
    std::string type = EnumValueText(*types, types->value(i)->number());
    if (type == name) return static_cast<v1::LinkType>(types->value(i)->number());
    std::replace(type.begin(), type.end(), ' ', '-');
    known += (known.empty() ? "" : ", ") + type;
  }
  return OptionInvalid("\"" + text + "\" is no type of links: " + known);
}

absl::StatusOr<v1::CoverageAxis> ParseAxis(const std::string& text) {
  v1::CoverageAxis axis;
  const std::size_t hash = text.find('#');
  if (text.ends_with(':')) {
    axis.set_collection(text.substr(0, text.size() - 1));
    return axis;
  }
  axis.set_document_type(text.substr(0, hash));
  if (hash == std::string::npos) return axis;
  const std::string kind = text.substr(hash + 1);
  if (kind == "requirements") {
    axis.set_anchors(v1::ANCHOR_KIND_REQUIREMENT);
  } else if (kind == "headings") {
    axis.set_anchors(v1::ANCHOR_KIND_HEADING);
  } else {
    return OptionInvalid("\"" + text + "\": after '#' comes requirements or headings");
  }
  return axis;
}

}  // namespace greffe::cli
