// Templates that are Office Open XML packages (ECMA-376, part 2): which of their files have texts is said by
// `[Content_Types].xml`, and not by their names.
#include <map>
#include <pugixml.hpp>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "services/templates/office_archive.h"
#include "services/templates/office_part.h"
#include "services/templates/template_file.h"
#include "storage/base/errors.h"

namespace greffe {
namespace {

constexpr char kContentTypes[] = "[Content_Types].xml";
constexpr char kOpenXml[] = "application/vnd.openxmlformats-";

// What a content type, after kOpenXml, says of a file.
struct PartType {
  PartKind kind = PartKind::kParagraphs;
  v1::TemplateFormat format = v1::TEMPLATE_FORMAT_UNSPECIFIED;  // of the package, where this is its main file
  bool has_texts = true;
};

const PartType* FindPartType(std::string_view content_type) {
  static const std::map<std::string, PartType, std::less<>> kTypes = {
      {"officedocument.wordprocessingml.document.main+xml", {PartKind::kParagraphs, v1::TEMPLATE_FORMAT_DOCX}},
      {"officedocument.wordprocessingml.header+xml", {}},
      {"officedocument.wordprocessingml.footer+xml", {}},
      {"officedocument.wordprocessingml.footnotes+xml", {}},
      {"officedocument.wordprocessingml.endnotes+xml", {}},
      {"officedocument.drawing+xml", {}},
      {"officedocument.spreadsheetml.sheet.main+xml", {PartKind::kStrings, v1::TEMPLATE_FORMAT_XLSX, false}},
      {"officedocument.spreadsheetml.sharedStrings+xml", {PartKind::kStrings}},
      {"officedocument.spreadsheetml.worksheet+xml", {PartKind::kSheet}},
      {"officedocument.spreadsheetml.table+xml", {PartKind::kTable}},
      {"package.core-properties+xml", {PartKind::kProperties}},
  };
  if (!content_type.starts_with(kOpenXml)) return nullptr;
  const auto found = kTypes.find(content_type.substr(std::string_view(kOpenXml).size()));
  return found == kTypes.end() ? nullptr : &found->second;
}

// The content types of a package's files; names compare without case.
class ContentTypes {
 public:
  absl::Status Read(const std::string& xml) {
    pugi::xml_document document;
    const pugi::xml_parse_result parsed = document.load_buffer(xml.data(), xml.size());
    if (!parsed) return TemplateDamaged(kContentTypes, parsed.description());
    for (const pugi::xml_node& node : document.document_element().children()) {
      const std::string type = node.attribute("ContentType").value();
      if (std::string_view(node.name()) == "Default") {
        by_extension_[absl::AsciiStrToLower(node.attribute("Extension").value())] = type;
      } else if (std::string_view(node.name()) == "Override") {
        by_name_[absl::AsciiStrToLower(node.attribute("PartName").value())] = type;
      }
    }
    return absl::OkStatus();
  }

  const PartType* Find(const std::string& name) const {
    const std::string folded = absl::AsciiStrToLower(name);
    if (const auto found = by_name_.find("/" + folded); found != by_name_.end()) return FindPartType(found->second);
    const auto found = by_extension_.find(folded.substr(folded.rfind('.') + 1));
    return found == by_extension_.end() ? nullptr : FindPartType(found->second);
  }

 private:
  std::map<std::string, std::string> by_name_;
  std::map<std::string, std::string> by_extension_;
};

class OfficeTemplate final : public TemplateFile {
 public:
  explicit OfficeTemplate(const TemplateLimits& limits) : limits_(limits) {}

  absl::Status Load(const std::string& content) {
    if (static_cast<std::int64_t>(content.size()) > limits_.file_bytes) {
      return TemplateTooLarge("the template", "file_bytes", limits_.file_bytes);
    }
    GREFFE_ASSIGN_OR_RETURN(archive_, OfficeArchive::Open(content, limits_));
    ContentTypes types;
    GREFFE_RETURN_IF_ERROR(ReadTypes(types));
    const std::vector<std::string>& names = archive_->names();
    std::vector<std::pair<std::size_t, PartKind>> with_texts;
    for (std::size_t i = 0; i < names.size(); ++i) {
      const PartType* const type = types.Find(names[i]);
      if (type == nullptr) continue;
      if (type->format != v1::TEMPLATE_FORMAT_UNSPECIFIED) format_ = type->format;
      if (type->has_texts) with_texts.emplace_back(i, type->kind);
    }
    if (format_ == v1::TEMPLATE_FORMAT_UNSPECIFIED) return Unsupported();
    for (const auto& [index, kind] : with_texts) GREFFE_RETURN_IF_ERROR(Look(index, kind));
    return CheckFieldNames(fields_);
  }

  v1::TemplateFormat format() const override { return format_; }
  const std::set<std::string>& fields() const override { return fields_; }

  absl::StatusOr<std::string> Fill(const FieldValues& values) override {
    std::int64_t left = limits_.xml_bytes;
    for (auto& [index, part] : parts_) {
      GREFFE_ASSIGN_OR_RETURN(std::string xml, part->Fill(values, left));
      left -= static_cast<std::int64_t>(xml.size());
      part.reset();
      GREFFE_RETURN_IF_ERROR(archive_->Replace(index, std::move(xml)));
    }
    GREFFE_ASSIGN_OR_RETURN(std::string filled, archive_->Finish());
    if (static_cast<std::int64_t>(filled.size()) > limits_.file_bytes) {
      return TemplateTooLarge("the filled file", "file_bytes", limits_.file_bytes);
    }
    return filled;
  }

 private:
  static absl::Status Unsupported() {
    return Error(absl::StatusCode::kFailedPrecondition, "TEMPLATE_FORMAT_UNSUPPORTED",
                 "the template is a zip file, but neither a docx nor an xlsx");
  }

  // A file's bytes, out of what is left for all that are looked into.
  absl::StatusOr<std::string> Read(std::size_t index) {
    if (archive_->SizeOf(index) > limits_.xml_bytes - looked_into_) {
      return TemplateTooLarge("'" + archive_->names()[index] + "', with the other files that have texts,", "xml_bytes",
                              limits_.xml_bytes);
    }
    return archive_->Read(index);
  }

  absl::Status ReadTypes(ContentTypes& types) {
    const std::vector<std::string>& names = archive_->names();
    for (std::size_t i = 0; i < names.size(); ++i) {
      if (names[i] != kContentTypes) continue;
      GREFFE_ASSIGN_OR_RETURN(const std::string xml, Read(i));
      return types.Read(xml);
    }
    return Unsupported();
  }

  absl::Status Look(std::size_t index, PartKind kind) {
    GREFFE_ASSIGN_OR_RETURN(std::string xml, Read(index));
    if (!OfficePart::MayHaveFields(xml)) return absl::OkStatus();
    looked_into_ += static_cast<std::int64_t>(xml.size());
    GREFFE_ASSIGN_OR_RETURN(std::unique_ptr<OfficePart> part,
                            OfficePart::Parse(archive_->names()[index], std::move(xml), kind, limits_.xml_depth));
    fields_.insert(part->fields().begin(), part->fields().end());
    mark_count_ += part->mark_count();
    if (mark_count_ > kMaxFieldMarks) return TooManyFieldMarks(archive_->names()[index]);
    if (part->mark_count() > 0) parts_.emplace_back(index, std::move(part));
    return absl::OkStatus();
  }

  const TemplateLimits limits_;
  std::unique_ptr<OfficeArchive> archive_;
  v1::TemplateFormat format_ = v1::TEMPLATE_FORMAT_UNSPECIFIED;
  std::int64_t looked_into_ = 0;                                            // bytes of files that were parsed
  std::vector<std::pair<std::size_t, std::unique_ptr<OfficePart>>> parts_;  // those with fields
  std::set<std::string> fields_;
  std::size_t mark_count_ = 0;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TemplateFile>> OpenOfficeTemplate(const std::string& content,
                                                                 const TemplateLimits& limits) {
  auto file = std::make_unique<OfficeTemplate>(limits);
  GREFFE_RETURN_IF_ERROR(file->Load(content));
  return file;
}

}  // namespace greffe
