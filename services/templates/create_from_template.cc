#include "services/templates/create_from_template.h"

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "services/call/unary.h"
#include "services/templates/found_template.h"
#include "storage/base/field_value.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/template_values.h"
#include "storage/store/template_acts.h"

namespace greffe {
namespace {

constexpr std::size_t kUploadPiece = 1 << 20;  // of an upload
constexpr std::size_t kMaxNamesTold = 800;     // bytes: an error goes in the trailers of a call

// A file that a program opens by the end of its name.
absl::Status CheckExtension(v1::TemplateFormat format, const std::string& path) {
  const char* extension = format == v1::TEMPLATE_FORMAT_DOCX   ? ".docx"
                          : format == v1::TEMPLATE_FORMAT_XLSX ? ".xlsx"
                                                               : "";
  if (absl::AsciiStrToLower(path).ends_with(extension)) return absl::OkStatus();
  return InvalidField(
      "new_document.path", "PATH_INVALID",
      QuotedValue(path) + ": the template's file is a " + (extension + 1) + ", so the path ends in " + extension);
}

// Of a path that was filled before, so it can be read.
bool PathHas(const std::string& path, const std::string& field) {
  const absl::StatusOr<std::vector<FieldMark>> marks = FindFields(path);
  return marks.ok() &&
         std::any_of(marks->begin(), marks->end(), [&field](const FieldMark& mark) { return mark.name == field; });
}

absl::Status CheckFields(const std::set<std::string>& fields, const v1::CreateFromTemplateRequest& request,
                         const FieldValues& values) {
  std::string missing;
  std::string names;
  std::size_t others = 0;  // GetTemplateFields has them all
  for (const std::string& field : fields) {
    if (values.contains(field)) continue;
    if (names.size() + field.size() > kMaxNamesTold) {
      ++others;
      continue;
    }
    missing += (missing.empty() ? "'" : ", '") + field + "'";
    names += (names.empty() ? "" : ",") + field;
  }
  if (others > 0) missing += absl::StrCat(" and ", others, " others");
  if (!missing.empty()) {
    return InvalidField("fields", "TEMPLATE_FIELD_MISSING", "nothing fills " + missing + " of the template",
                        {{"fields", names}});
  }
  for (const auto& [name, value] : FieldValues(request.fields().begin(), request.fields().end())) {
    if (fields.contains(name) || (name == "date" && PathHas(request.new_document().path(), name))) continue;
    return InvalidField("fields[" + name + "]", "TEMPLATE_FIELD_UNKNOWN", "the template has no such field");
  }
  return absl::OkStatus();
}

// One call under way: on the pool and on committers in turn.
class Making : public std::enable_shared_from_this<Making> {
 public:
  Making(const Runtime& runtime, grpc::CallbackServerContext* context, const v1::CreateFromTemplateRequest* request,
         v1::Document* response)
      : runtime_(runtime),
        log_(context, "Templates.CreateFromTemplate"),
        context_(context),
        request_(request),
        response_(response),
        reactor_(context->DefaultReactor()) {}

  grpc::ServerUnaryReactor* Start() {
    grpc::ServerUnaryReactor* reactor = reactor_;
    if (const absl::Status valid = Validate(); !valid.ok()) {
      Finish(valid);
    } else if (!runtime_.pool.Run([self = shared_from_this()] { self->Plan(); })) {
      Finish(Error(absl::StatusCode::kResourceExhausted, "SERVER_BUSY", "too many requests wait; try again later"));
    }
    return reactor;
  }

 private:
  absl::Status Validate() {
    GREFFE_ASSIGN_OR_RETURN(std::string project, ParseProjectName(request_->parent(), "parent"));
    GREFFE_RETURN_IF_ERROR(ParseDocumentOrVersionName(request_->template_(), "template").status());
    if (!request_->has_new_document()) return InvalidField("new_document", "FIELD_REQUIRED", "is required");
    GREFFE_RETURN_IF_ERROR(ValidateText(request_->comment(), "comment", 0, kMaxComment, true));
    FieldValues none;
    GREFFE_RETURN_IF_ERROR(AddGivenValues(request_->fields(), none));
    GREFFE_ASSIGN_OR_RETURN(write_, NewWrite(*context_, std::move(project), *request_));
    return absl::OkStatus();
  }

  // The first act ends with a refusal, so that it leaves nothing; a request that was done before ends it as done.
  void Plan() {
    WriteRequest write = write_;
    NewFromTemplate asked{request_->new_document(), request_->document_id(), ""};
    if (const auto date = request_->fields().find("date"); date != request_->fields().end()) asked.date = date->second;
    write.act = [self = shared_from_this(), asked = std::move(asked)](Transaction& transaction) -> absl::Status {
      GREFFE_ASSIGN_OR_RETURN(self->planned_, PlanFromTemplate(transaction, asked));
      return absl::CancelledError("planned");
    };
    runtime_.store.Write(std::move(write), [self = shared_from_this()](absl::StatusOr<WriteResult> result) {
      if (absl::IsCancelled(result.status()) && self->planned_) {
        self->runtime_.pool.Continue([self] { self->Make(); });
      } else {
        self->End(std::move(result));
      }
    });
  }

  void Make() {
    absl::StatusOr<StagedContent> content = Fill();
    if (!content.ok()) {
      DropUpload();
      Finish(content.status());
      return;
    }
    if (content->data != nullptr) write_.bytes += static_cast<std::int64_t>(content->data->size());
    write_.act = [self = shared_from_this(), staged = *std::move(content)](Transaction& transaction) {
      return greffe::CreateFromTemplate(transaction, *self->planned_, staged, self->version_,
                                        self->request_->comment());
    };
    runtime_.store.Write(std::move(write_), [self = shared_from_this()](absl::StatusOr<WriteResult> result) {
      if (result.ok() && !result->replayed) {
        self->Answer(*result);
        return;
      }
      // Refused, or done by the same request that was asked at the same time.
      self->runtime_.pool.Continue([self, result = std::move(result)]() mutable {
        self->DropUpload();
        self->End(std::move(result));
      });
    });
  }

  absl::StatusOr<StagedContent> Fill() {
    GREFFE_ASSIGN_OR_RETURN(const FoundTemplate found,
                            FindTemplate(runtime_.store, request_->template_(), write_.project, {}));
    version_ = found.version.name();
    GREFFE_ASSIGN_OR_RETURN(const std::unique_ptr<TemplateFile> file, OpenTemplate(runtime_, found));
    GREFFE_RETURN_IF_ERROR(CheckExtension(file->format(), planned_->document.path()));
    FieldValues values = ServerValues(
        {planned_->project, planned_->document, write_.principal, found.document, found.version, planned_->date});
    GREFFE_RETURN_IF_ERROR(AddGivenValues(request_->fields(), values));
    GREFFE_RETURN_IF_ERROR(CheckFields(file->fields(), *request_, values));
    GREFFE_ASSIGN_OR_RETURN(std::string filled, file->Fill(values));
    return Stage(std::move(filled), std::string(LastPart(planned_->document.path())));
  }

  // What is too large for the journal goes the way of what is uploaded.
  absl::StatusOr<StagedContent> Stage(std::string content, const std::string& file_name) {
    Store& store = runtime_.store;
    const auto size = static_cast<std::int64_t>(content.size());
    if (size <= runtime_.limits.inline_bytes) return store.Stage(std::move(content), file_name, "", "template");
    GREFFE_ASSIGN_OR_RETURN(v1::Upload upload, store.uploads().Create(write_.project, size, "", ""));
    GREFFE_ASSIGN_OR_RETURN(const ChildName name, ParseChildName(upload.name(), "uploads"));
    upload_ = name.id;
    GREFFE_ASSIGN_OR_RETURN(const auto writer, store.uploads().OpenWriter(write_.project, upload_));
    for (std::size_t offset = 0; offset < content.size(); offset += kUploadPiece) {
      const std::string_view piece = std::string_view(content).substr(offset, kUploadPiece);
      GREFFE_RETURN_IF_ERROR(writer->Append(static_cast<std::int64_t>(offset), piece, Crc32c(piece)));
    }
    GREFFE_RETURN_IF_ERROR(writer->Finish().status());
    return store.StageUpload(write_.project, upload_, file_name, "");
  }

  // One that stays, since the process ends before, is removed with its age.
  void DropUpload() {
    if (upload_.empty()) return;
    const absl::StatusOr<std::string> project = ParseProjectName(request_->parent());
    if (project.ok()) (void)runtime_.store.uploads().Delete(*project, upload_);
  }

  void End(absl::StatusOr<WriteResult> outcome) {
    WhenRead(runtime_, std::move(outcome), [self = shared_from_this()](absl::StatusOr<WriteResult> result) {
      if (result.ok()) {
        self->Answer(*result);
      } else {
        self->Finish(result.status());
      }
    });
  }

  void Answer(WriteResult& result) {
    if (result.documents.empty()) {
      Finish(absl::InternalError("a document that was made is not in its commit"));
      return;
    }
    *response_ = std::move(result.documents.front());
    Finish(absl::OkStatus());
  }

  void Finish(const absl::Status& status) {
    planned_.reset();  // lets the number go
    log_.End(status);
    reactor_->Finish(ToGrpcStatus(status));
  }

  const Runtime& runtime_;
  const CallLog log_;
  grpc::CallbackServerContext* context_;
  const v1::CreateFromTemplateRequest* request_;
  v1::Document* response_;
  grpc::ServerUnaryReactor* reactor_;
  WriteRequest write_;
  std::optional<PlannedDocument> planned_;  // set by the first act
  std::string version_;                     // of the template
  std::string upload_;
};

}  // namespace

grpc::ServerUnaryReactor* CreateFromTemplate(const Runtime& runtime, grpc::CallbackServerContext* context,
                                             const v1::CreateFromTemplateRequest* request, v1::Document* response) {
  return std::make_shared<Making>(runtime, context, request, response)->Start();
}

}  // namespace greffe
