#include "services/contents/check_in.h"

#include <set>
#include <unordered_map>
#include <utility>

#include "absl/strings/cord.h"
#include "absl/strings/str_cat.h"
#include "google/rpc/error_info.pb.h"
#include "services/call/unary.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/page_bytes.h"
#include "storage/base/paths.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

constexpr int kMaxItems = 1000;

constexpr std::size_t kItemsOfBulk = 16;  // from which on others do not wait for a batch

struct PreparedItem {
  CheckInAct act;
  std::optional<v1::Document> new_document;
  std::string document_id;
  std::string field;
};

class Preparation {
 public:
  Preparation(const Runtime& runtime, std::string project) : runtime_(runtime), project_(std::move(project)) {}

  absl::StatusOr<PreparedItem> Prepare(const v1::CheckInItem& item, const std::string& comment,
                                       const std::string& field, CheckInPlan::Item& planned) {
    PreparedItem prepared;
    prepared.field = field;
    if (item.has_new_document() == !item.document().empty()) {
      return InvalidField(field, "FIELD_REQUIRED", "exactly one of document and new_document is required");
    }
    std::string path = item.new_document().path();
    if (item.has_new_document()) {
      prepared.new_document = item.new_document();
      prepared.document_id = item.document_id();
      planned.is_new = true;
      if (path.empty()) return InvalidField(field + ".new_document.path", "FIELD_REQUIRED", "is required");
    } else {
      GREFFE_ASSIGN_OR_RETURN(DocumentName name, ParseDocumentName(item.document(), field + ".document"));
      if (name.project != project_) {
        return InvalidValue(field + ".document", item.document(), "is of another project");
      }
      if (!item.document_id().empty()) {
        return InvalidValue(field + ".document_id", item.document_id(), "goes with new_document alone");
      }
      planned.number = prepared.act.number = std::move(name.number);
      // For the media type alone, which the act tells when it has the bytes at hand.
      if (item.main_file().has_upload() && item.main_file().media_type().empty()) {
        GREFFE_ASSIGN_OR_RETURN(path, PathOf(planned.number));
      }
    }
    if (!item.has_main_file()) return InvalidField(field + ".main_file", "FIELD_REQUIRED", "is required");
    GREFFE_ASSIGN_OR_RETURN(prepared.act.main_file,
                            Stage(item.main_file(), std::string(LastPart(path)), field + ".main_file"));
    // The act says so too, but each takes memory and time until then.
    GREFFE_RETURN_IF_ERROR(CheckCompanionCount(static_cast<std::size_t>(item.companions_size()), field));
    for (int i = 0; i < item.companions_size(); ++i) {
      const v1::FileSource& source = item.companions(i);
      const std::string place = absl::StrCat(field, ".companions[", i, "]");
      GREFFE_ASSIGN_OR_RETURN(StagedContent companion, Stage(source, source.file_name(), place));
      companion.file.set_role(source.role());
      companion.file.set_file_name(source.file_name());
      prepared.act.companions.push_back(std::move(companion));
    }
    prepared.act.media_type_by_path = item.main_file().has_data() && item.main_file().media_type().empty();
    prepared.act.comment = comment;
    prepared.act.etag = item.etag();
    prepared.act.expected_version = item.expected_version();
    prepared.act.allow_identical = item.allow_identical();
    prepared.act.release_lock = item.release_lock();
    return prepared;
  }

  std::int64_t bytes() const { return bytes_; }
  bool has_uploads() const { return has_uploads_; }
  // Uploads that are not there: consumed, perhaps, when the same request was made before.
  const absl::Status& missing() const { return missing_; }

 private:
  // A document that is not there is the act's to refuse.
  absl::StatusOr<std::string> PathOf(const std::string& number) {
    if (!view_) {
      GREFFE_ASSIGN_OR_RETURN(view_, runtime_.store.View(project_));
    }
    const absl::StatusOr<v1::Document> document = view_->GetDocument(number);
    if (absl::IsNotFound(document.status())) return std::string();
    if (!document.ok()) return document.status();
    return document->path();
  }

  absl::StatusOr<StagedContent> Stage(const v1::FileSource& source, const std::string& file_name,
                                      const std::string& field) {
    GREFFE_RETURN_IF_ERROR(ValidateText(source.media_type(), field + ".media_type", 0, 200));
    if (source.has_upload()) {
      has_uploads_ = true;
      GREFFE_ASSIGN_OR_RETURN(const ChildName upload, ParseChildName(source.upload(), "uploads", field + ".upload"));
      if (upload.project != project_) {
        return InvalidField(field + ".upload", "FIELD_INVALID", "'" + source.upload() + "': is of another project");
      }
      absl::StatusOr<StagedContent> staged =
          runtime_.store.StageUpload(project_, upload.id, file_name, source.media_type());
      if (absl::IsNotFound(staged.status())) {
        missing_.Update(staged.status());
        return StagedContent();
      }
      return staged;
    }
    if (!source.has_data()) return InvalidField(field, "FIELD_REQUIRED", "one of data and upload is required");
    bytes_ += static_cast<std::int64_t>(source.data().size());
    if (bytes_ > runtime_.limits.inline_bytes) {
      return InvalidField(field + ".data", "CONTENT_TOO_LARGE",
                          absl::StrCat("the request's contents have over ", runtime_.limits.inline_bytes,
                                       " bytes; larger ones come as uploads"));
    }
    return runtime_.store.Stage(source.data(), file_name, source.media_type(), field + ".data");
  }

  const Runtime& runtime_;
  const std::string project_;
  std::optional<ProjectView> view_;
  std::int64_t bytes_ = 0;
  bool has_uploads_ = false;
  absl::Status missing_;
};

// `refused` for the path of items[at], with the metadata `items` where later items have such paths too: who leaves them
// out need not ask again for each. As `0:COLON,7:DEVICE_NAME`, the first ones, since trailers hold little.
absl::Status WithAllRefused(absl::Status refused, const std::vector<PreparedItem>& items, std::size_t at) {
  constexpr char kErrorInfoUrl[] = "type.googleapis.com/google.rpc.ErrorInfo";
  constexpr std::size_t kMostBytes = 1500;
  google::rpc::ErrorInfo info;
  const auto payload = refused.GetPayload(kErrorInfoUrl);
  if (ReasonOf(refused) != "PATH_INVALID" || !payload || !info.ParseFromString(std::string(*payload))) return refused;
  const std::string first = absl::StrCat(at, ":", ErrorMetadataOf(refused, "rule"));
  std::string all = first;
  for (std::size_t i = at + 1; i < items.size() && all.size() < kMostBytes; ++i) {
    if (!items[i].new_document) continue;
    const absl::Status other = ValidatePath(NormalizePath(items[i].new_document->path()), items[i].field);
    if (!other.ok()) absl::StrAppend(&all, ",", i, ":", ErrorMetadataOf(other, "rule"));
  }
  if (all == first) return refused;
  (*info.mutable_metadata())["items"] = std::move(all);
  refused.SetPayload(kErrorInfoUrl, absl::Cord(info.SerializeAsString()));
  return refused;
}

absl::Status Run(Transaction& transaction, std::vector<PreparedItem>& items, const std::string& caller,
                 CheckInPlan& plan) {
  std::set<std::string> numbers;
  for (std::size_t i = 0; i < items.size(); ++i) {
    PreparedItem& item = items[i];
    if (item.new_document) {
      absl::StatusOr<std::string> number = CreateDocument(transaction, *item.new_document, item.document_id, caller,
                                                          item.field + ".new_document", item.field + ".document_id");
      if (!number.ok()) return WithAllRefused(number.status(), items, i);
      plan.items[i].number = item.act.number = *std::move(number);
    }
    const std::string number = item.act.number;
    if (!numbers.insert(number).second) {
      return InvalidField(item.field + ".document", "FIELD_INVALID", "'" + number + "': is there twice");
    }
    GREFFE_ASSIGN_OR_RETURN(const bool changed, CheckIn(transaction, std::move(item.act), item.field));
    if (!changed) {
      GREFFE_ASSIGN_OR_RETURN(plan.items[i].unchanged, transaction.GetDocument(number));
    }
  }
  return absl::OkStatus();
}

v1::CheckInResponse Shortened(const v1::CheckInResponse& outcome) {
  const v1::Document& document = outcome.document();
  v1::CheckInResponse shortened;
  shortened.set_unchanged(outcome.unchanged());
  v1::Document& named = *shortened.mutable_document();
  named.set_name(document.name());
  named.set_path(document.path());
  named.set_etag(document.etag());
  named.mutable_latest_version()->set_name(document.latest_version().name());
  named.mutable_latest_version()->set_number(document.latest_version().number());
  return shortened;
}

template <typename Request>
absl::StatusOr<WriteRequest> NewWriteOf(const Runtime& runtime, const grpc::CallbackServerContext& context,
                                        const Request& request, const std::vector<const v1::CheckInItem*>& items,
                                        bool batch, std::shared_ptr<CheckInPlan> plan) {
  GREFFE_ASSIGN_OR_RETURN(plan->project, ParseProjectName(request.parent(), "parent"));
  GREFFE_RETURN_IF_ERROR(ValidateText(request.comment(), "comment", 0, kMaxComment, true));
  GREFFE_ASSIGN_OR_RETURN(WriteRequest write, NewWrite(context, plan->project, request));
  Preparation preparation(runtime, plan->project);
  auto prepared = std::make_shared<std::vector<PreparedItem>>();
  plan->items.resize(items.size());
  std::set<std::string> numbers;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const std::string field = batch ? absl::StrCat("items[", i, "]") : "item";
    GREFFE_ASSIGN_OR_RETURN(PreparedItem item,
                            preparation.Prepare(*items[i], request.comment(), field, plan->items[i]));
    if (!item.act.number.empty() && !numbers.insert(item.act.number).second) {
      return InvalidField(field + ".document", "FIELD_INVALID", "'" + items[i]->document() + "': is there twice");
    }
    prepared->push_back(std::move(item));
  }
  write.bytes = std::max(write.bytes, preparation.bytes());
  write.bulk = preparation.has_uploads() || items.size() > kItemsOfBulk;
  // A request that was made before is answered as then; only another one gets to the act.
  write.act = [prepared, plan, missing = preparation.missing(), caller = write.principal.id(), count = items.size(),
               comment = request.comment()](Transaction& transaction) -> absl::Status {
    GREFFE_RETURN_IF_ERROR(missing);
    GREFFE_RETURN_IF_ERROR(Run(transaction, *prepared, caller, *plan));
    if (count > 1 && comment.empty()) transaction.SetSubject(absl::StrCat("Check in ", count, " documents"));
    return absl::OkStatus();
  };
  return write;
}

}  // namespace

absl::StatusOr<WriteRequest> NewCheckIn(const Runtime& runtime, const grpc::CallbackServerContext& context,
                                        const v1::CheckInRequest& request, std::shared_ptr<CheckInPlan> plan) {
  return NewWriteOf(runtime, context, request, {&request.item()}, false, std::move(plan));
}

absl::StatusOr<WriteRequest> NewBatchCheckIn(const Runtime& runtime, const grpc::CallbackServerContext& context,
                                             const v1::BatchCheckInRequest& request,
                                             std::shared_ptr<CheckInPlan> plan) {
  if (request.items_size() < 1 || request.items_size() > kMaxItems) {
    return InvalidField("items", "FIELD_INVALID",
                        absl::StrCat(request.items_size(), " of them; allowed are 1 to 1,000"));
  }
  std::vector<const v1::CheckInItem*> items;
  for (const v1::CheckInItem& item : request.items()) items.push_back(&item);
  return NewWriteOf(runtime, context, request, items, true, std::move(plan));
}

absl::StatusOr<std::vector<v1::CheckInResponse>> OutcomesOf(const Store& store, const CheckInPlan& plan,
                                                            WriteResult& result) {
  std::unordered_map<std::string, v1::Document*> by_number;
  std::vector<v1::Document*> created;
  for (v1::Document& document : result.documents) {
    by_number[LastSegment(document.name())] = &document;
    if (document.latest_version().number() == 1 &&
        document.create_time().seconds() == document.update_time().seconds() &&
        document.create_time().nanos() == document.update_time().nanos()) {
      created.push_back(&document);
    }
  }
  std::vector<v1::CheckInResponse> outcomes(plan.items.size());
  std::size_t next_created = 0;
  for (std::size_t i = 0; i < plan.items.size(); ++i) {
    const CheckInPlan::Item& item = plan.items[i];
    if (result.replayed && item.is_new) {
      // New documents were registered in the order of their items.
      if (next_created == created.size()) return absl::InternalError("a repeated check-in does not fit its commit");
      *outcomes[i].mutable_document() = std::move(*created[next_created++]);
    } else if (const auto found = by_number.find(item.number); found != by_number.end()) {
      *outcomes[i].mutable_document() = std::move(*found->second);
    } else if (item.unchanged) {
      outcomes[i].set_unchanged(true);
      *outcomes[i].mutable_document() = *item.unchanged;
    } else {
      GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store.View(plan.project, result.Seen()));
      GREFFE_ASSIGN_OR_RETURN(*outcomes[i].mutable_document(), view.GetDocument(item.number));
      outcomes[i].set_unchanged(true);
    }
  }
  return outcomes;
}

void ShortenToFit(std::vector<v1::CheckInResponse>& outcomes) {
  std::vector<v1::CheckInResponse> shortened;
  std::size_t rest = 0;  // the least that those to come take
  for (const v1::CheckInResponse& outcome : outcomes) {
    shortened.push_back(Shortened(outcome));
    rest += shortened.back().ByteSizeLong();
  }
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    rest -= shortened[i].ByteSizeLong();
    if (bytes + outcomes[i].ByteSizeLong() + rest > kPageBytes) outcomes[i] = std::move(shortened[i]);
    bytes += outcomes[i].ByteSizeLong();
  }
}

}  // namespace greffe
