#include "services/templates/office_part.h"

#include <algorithm>
#include <pugixml.hpp>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

// Documents are written by many programs, with prefixes of their own.
std::string_view LocalName(const pugi::xml_node& node) {
  const std::string_view name = node.name();
  return name.substr(name.find(':') + 1);  // npos + 1 is 0
}

// Calls `visit` with each node below `root`, in order; it returns false for one whose inside is passed over. Without
// recursion: the depth of a document is its author's.
template <typename Visit>
absl::Status Walk(const pugi::xml_node& root, Visit visit) {
  int depth = 1;
  pugi::xml_node node = root.first_child();
  while (node) {
    GREFFE_ASSIGN_OR_RETURN(const bool enter, visit(node, depth));
    if (enter && node.first_child()) {
      node = node.first_child();
      ++depth;
      continue;
    }
    while (node != root && !node.next_sibling()) {
      node = node.parent();
      --depth;
    }
    if (node == root) break;
    node = node.next_sibling();
  }
  return absl::OkStatus();
}

// A stretch of a text: a run of characters with one formatting, most often.
struct Piece {
  pugi::xml_node node;
  pugi::xml_attribute attribute;  // instead of the node, when it is there
  std::size_t begin = 0;
  std::size_t size = 0;
};

// What a person sees as one text.
struct Text {
  std::vector<Piece> pieces;
  std::string whole;
  std::vector<FieldMark> marks;
  bool doubles_ampersands = false;  // '&' begins a code in it
};

void AddPiece(Text& text, const pugi::xml_node& node) {
  const std::string_view value = node.value();
  text.pieces.push_back({node, {}, text.whole.size(), value.size()});
  text.whole += value;
}

void AddPieces(Text& text, const pugi::xml_node& element) {
  for (const pugi::xml_node& child : element.children()) {
    if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata) AddPiece(text, child);
  }
}

bool IsSheetHeader(std::string_view name) {
  return name == "oddHeader" || name == "oddFooter" || name == "evenHeader" || name == "evenFooter" ||
         name == "firstHeader" || name == "firstFooter";
}

bool HasElements(const pugi::xml_node& node) {
  const auto children = node.children();
  return std::any_of(children.begin(), children.end(),
                     [](const pugi::xml_node& child) { return child.type() == pugi::node_element; });
}

class Writer final : public pugi::xml_writer {
 public:
  explicit Writer(std::int64_t limit) : limit_(static_cast<std::size_t>(std::max<std::int64_t>(limit, 0))) {}
  void write(const void* data, std::size_t size) override {
    full_ = full_ || xml_.size() + size > limit_;
    if (!full_) xml_.append(static_cast<const char*>(data), size);
  }
  bool full() const { return full_; }
  std::string& xml() { return xml_; }

 private:
  const std::size_t limit_;
  std::string xml_;
  bool full_ = false;
};

class PugiPart final : public OfficePart {
 public:
  PugiPart(std::string name, std::string xml, PartKind kind)
      : name_(std::move(name)), source_(std::move(xml)), kind_(kind) {}

  absl::Status Load(int max_depth) {
    constexpr unsigned kFlags = pugi::parse_default | pugi::parse_ws_pcdata | pugi::parse_declaration |
                                pugi::parse_comments | pugi::parse_pi | pugi::parse_doctype;
    const pugi::xml_parse_result parsed = document_.load_buffer_inplace(source_.data(), source_.size(), kFlags);
    if (!parsed) {
      return TemplateDamaged(name_, absl::StrCat("is no XML: ", parsed.description(), " at byte ", parsed.offset));
    }
    GREFFE_RETURN_IF_ERROR(Walk(document_, [&](const pugi::xml_node& node, int depth) -> absl::StatusOr<bool> {
      if (node.type() == pugi::node_doctype)
        return TemplateDamaged(name_, "has a document type, which may hold anything");
      if (depth > max_depth) return TemplateTooLarge("the depth of '" + name_ + "'", "xml_depth", max_depth);
      return true;
    }));
    return Walk(document_, [this](const pugi::xml_node& node, int) -> absl::StatusOr<bool> {
      if (node.type() == pugi::node_element) GREFFE_RETURN_IF_ERROR(Look(node));
      return true;
    });
  }

  const std::set<std::string>& fields() const override { return fields_; }
  std::size_t mark_count() const override { return mark_count_; }

  absl::StatusOr<std::string> Fill(const FieldValues& values, std::int64_t limit) override {
    GREFFE_RETURN_IF_ERROR(CheckValues(values, limit));
    for (const Text& text : texts_) FillText(text, values);
    if (const pugi::xml_node declaration = document_.first_child();
        declaration.type() == pugi::node_declaration && declaration.attribute("encoding")) {
      declaration.attribute("encoding").set_value("UTF-8");
    }
    Writer writer(limit);
    document_.save(writer, "", pugi::format_raw | pugi::format_no_declaration, pugi::encoding_utf8);
    if (writer.full()) return TooLarge(limit);
    return std::move(writer.xml());
  }

 private:
  // The text that the element is, when it is one.
  absl::Status Look(const pugi::xml_node& element) {
    const std::string_view name = LocalName(element);
    Text text;
    switch (kind_) {
      case PartKind::kTable:
        if (name != "tableColumn") return absl::OkStatus();
        if (pugi::xml_attribute attribute = element.attribute("name")) {
          text.whole = attribute.value();
          text.pieces.push_back({element, attribute, 0, text.whole.size()});
        }
        return Take(std::move(text));
      case PartKind::kProperties:
        if (HasElements(element)) return absl::OkStatus();
        AddPieces(text, element);
        return Take(std::move(text));
      case PartKind::kSheet:
        if (IsSheetHeader(name)) {
          text.doubles_ampersands = true;
          AddPieces(text, element);
          return Take(std::move(text));
        }
        break;
      default:
        break;
    }
    if (!IsContainer(name)) return absl::OkStatus();
    GREFFE_RETURN_IF_ERROR(Walk(element, [&](const pugi::xml_node& node, int) -> absl::StatusOr<bool> {
      const std::string_view inner = LocalName(node);
      if (IsContainer(inner)) {
        text.whole += '\n';  // a text box inside a paragraph is a text of its own
        return false;
      }
      if (inner == "rPh") return false;  // how it is read aloud
      if (inner == "t") {
        AddPieces(text, node);
        return false;
      }
      if (inner == "tab" || inner == "br" || inner == "cr") text.whole += '\n';
      return true;
    }));
    return Take(std::move(text));
  }

  bool IsContainer(std::string_view name) const {
    switch (kind_) {
      case PartKind::kParagraphs:
        return name == "p";
      case PartKind::kStrings:
        return name == "si";
      case PartKind::kSheet:
        return name == "is";
      default:
        return false;
    }
  }

  absl::Status Take(Text text) {
    GREFFE_ASSIGN_OR_RETURN(text.marks, FindFields(text.whole, name_));
    mark_count_ += text.marks.size();
    if (mark_count_ > kMaxFieldMarks) return TooManyFieldMarks(name_);
    AddFieldNames(text.marks, fields_);
    text.whole.shrink_to_fit();
    if (!text.marks.empty()) texts_.push_back(std::move(text));
    return absl::OkStatus();
  }

  // That XML can hold them, and that they do not make it too large, before any memory is taken for that.
  absl::Status CheckValues(const FieldValues& values, std::int64_t limit) const {
    for (const std::string& field : fields_) {
      const auto found = values.find(field);
      if (found == values.end()) continue;
      if (found->second.find("\uFFFE") != std::string::npos || found->second.find("\uFFFF") != std::string::npos) {
        return InvalidField("fields[" + field + "]", "FIELD_INVALID", "has a character that XML does not allow");
      }
    }
    std::int64_t size = 0;
    for (const Text& text : texts_) {
      for (const FieldMark& mark : text.marks) {
        size += static_cast<std::int64_t>(TextOf(mark, values).size());
        if (size > limit) return TooLarge(limit);
      }
    }
    return absl::OkStatus();
  }

  absl::Status TooLarge(std::int64_t limit) const {
    return TemplateTooLarge("'" + name_ + "', filled,", "xml_bytes", limit);
  }

  // A value goes where its field begins, with the formatting there; the rest of the field goes.
  static void FillText(const Text& text, const FieldValues& values) {
    auto first = text.marks.begin();
    for (const Piece& piece : text.pieces) {
      const std::size_t end = piece.begin + piece.size;
      while (first != text.marks.end() && first->begin + first->size <= piece.begin) ++first;
      if (first == text.marks.end()) return;
      if (first->begin >= end) continue;
      std::string filled;
      std::size_t position = piece.begin;
      for (auto mark = first; mark != text.marks.end() && mark->begin < end; ++mark) {
        if (mark->begin > position) filled += text.whole.substr(position, mark->begin - position);
        if (mark->begin >= piece.begin) {
          for (const char c : TextOf(*mark, values)) {
            filled += c;
            if (c == '&' && text.doubles_ampersands) filled += c;
          }
        }
        position = std::min(end, mark->begin + mark->size);
      }
      filled += text.whole.substr(position, end - position);
      Put(piece, filled);
    }
  }

  static void Put(const Piece& piece, const std::string& value) {
    if (piece.attribute) {
      pugi::xml_attribute(piece.attribute).set_value(value.c_str());
      return;
    }
    pugi::xml_node(piece.node).set_value(value.c_str());
    // Spaces at the ends of a run go when nothing says that they count. Drawings have no such attribute.
    pugi::xml_node element = piece.node.parent();
    const std::string_view name = element.name();
    const bool knows_spaces = name == "w:t" || name == "t" || name == "x:t";
    if (knows_spaces && (value.starts_with(' ') || value.ends_with(' ')) && !element.attribute("xml:space")) {
      element.append_attribute("xml:space") = "preserve";
    }
  }

  const std::string name_;
  std::string source_;  // the document points into it
  const PartKind kind_;
  pugi::xml_document document_;
  std::vector<Text> texts_;  // those with fields
  std::set<std::string> fields_;
  std::size_t mark_count_ = 0;
};

}  // namespace

bool OfficePart::MayHaveFields(std::string_view xml) {
  // Not in UTF-8: look closer. A brace may be a reference, and two may be in two runs.
  if (xml.find('\0') != std::string_view::npos || xml.find("&#") != std::string_view::npos) return true;
  for (std::size_t brace = xml.find('{'); brace != std::string_view::npos; brace = xml.find('{', brace + 1)) {
    const char next = brace + 1 < xml.size() ? xml[brace + 1] : '{';
    if (next == '{' || next == '<' || next == ']') return true;
  }
  return false;
}

absl::StatusOr<std::unique_ptr<OfficePart>> OfficePart::Parse(const std::string& name, std::string xml, PartKind kind,
                                                              int max_depth) {
  auto part = std::make_unique<PugiPart>(name, std::move(xml), kind);
  GREFFE_RETURN_IF_ERROR(part->Load(max_depth));
  return part;
}

}  // namespace greffe
