#include "services/templates/template_file.h"

#include <utility>
#include <vector>

#include "storage/base/errors.h"
#include "storage/base/utf8.h"

namespace greffe {
namespace {

class TextTemplate final : public TemplateFile {
 public:
  TextTemplate(std::string text, std::vector<FieldMark> marks, std::int64_t limit)
      : text_(std::move(text)), marks_(std::move(marks)), limit_(limit) {
    AddFieldNames(marks_, fields_);
  }

  v1::TemplateFormat format() const override { return v1::TEMPLATE_FORMAT_TEXT; }
  const std::set<std::string>& fields() const override { return fields_; }
  absl::StatusOr<std::string> Fill(const FieldValues& values) override {
    return FillFields(text_, marks_, values, limit_);
  }

 private:
  const std::string text_;
  const std::vector<FieldMark> marks_;
  const std::int64_t limit_;
  std::set<std::string> fields_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<TemplateFile>> TemplateFile::Open(std::string content, const TemplateLimits& limits) {
  if (content.starts_with("PK\3\4") || content.starts_with("PK\5\6")) {
    return OpenOfficeTemplate(content, limits);
  }
  if (!IsUtf8(content) || content.find('\0') != std::string::npos) {
    return Error(absl::StatusCode::kFailedPrecondition, "TEMPLATE_FORMAT_UNSUPPORTED",
                 "the template is neither UTF-8 text nor a docx nor an xlsx");
  }
  if (static_cast<std::int64_t>(content.size()) > limits.text_bytes) {
    return TemplateTooLarge("the template", "text_bytes", limits.text_bytes);
  }
  GREFFE_ASSIGN_OR_RETURN(std::vector<FieldMark> marks, FindFields(content));
  auto file = std::make_unique<TextTemplate>(std::move(content), std::move(marks), limits.text_bytes);
  GREFFE_RETURN_IF_ERROR(CheckFieldNames(file->fields()));
  return file;
}

}  // namespace greffe
