#include "tests/model/operations.h"

#include <algorithm>
#include <vector>

#include "greffe/v1/changes.pb.h"
#include "greffe/v1/tables.pb.h"
#include "greffe/v1/versions.pb.h"
#include "tests/model/any_values.h"
#include "tests/model/baseline_operations.h"
#include "tests/model/entry_operations.h"
#include "tests/model/filters.h"
#include "tests/model/link_operations.h"
#include "tests/model/lock_operations.h"
#include "tests/model/plan_operations.h"
#include "tests/model/registers.h"
#include "tests/model/review_operations.h"
#include "tests/model/transmittal_operations.h"
#include "tests/model/version_operations.h"

namespace greffe::model {
namespace {

constexpr std::size_t kDocuments = 40;  // from so many on, new ones are rare

// Unset in most calls.
template <typename Read>
void MaybeAsOf(Dice& dice, const Knowledge& known, Read& read) {
  if (dice.OneIn(3)) *read.mutable_as_of() = AnyMoment(dice, known);
}

v1::CheckInItem AnyItem(Dice& dice, const Knowledge& known) {
  v1::CheckInItem item;
  if (known.documents.empty() || dice.OneIn(known.documents.size() < kDocuments ? 4 : 60)) {
    *item.mutable_new_document() = AnyNewDocument(dice);
    item.set_document_id(AnyChosenNumber(dice));
  } else {
    item.set_document(AnyName(dice, known));
    item.set_etag(AnyEtag(dice, known, item.document()));
    const auto found = known.documents.find(item.document());
    if (found != known.documents.end() && dice.OneIn(4)) {
      item.set_expected_version(found->second.back()->latest_version().number() + (dice.OneIn(6) ? 1 : 0));
    }
  }
  *item.mutable_main_file() = AnySource(dice);
  for (const auto role : {v1::FILE_ROLE_RENDITION, v1::FILE_ROLE_ATTACHMENT}) {
    if (!dice.OneIn(8)) continue;
    v1::FileSource& companion = *item.add_companions();
    companion = AnySource(dice);
    companion.set_role(role);
    companion.set_file_name(dice.OneIn(2) ? "x.txt" : "y.txt");
  }
  item.set_allow_identical(dice.OneIn(10));
  item.set_release_lock(dice.OneIn(3));
  return item;
}

Request CheckIn(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::CheckInRequest>();
  request->set_parent(Parent(known));
  *request->mutable_item() = AnyItem(dice, known);
  if (dice.OneIn(2)) request->set_comment("Comment " + std::to_string(dice.Below(9)));
  return request;
}

Request BatchCheckIn(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::BatchCheckInRequest>();
  request->set_parent(Parent(known));
  std::map<std::string, v1::CheckInItem> items;  // each document once
  const std::int64_t count = 1 + dice.Below(4);
  for (std::int64_t i = 0; i < count; ++i) {
    v1::CheckInItem item = AnyItem(dice, known);
    const std::string key = item.has_new_document() ? "new " + std::to_string(i) : item.document();
    items.try_emplace(key, std::move(item));
  }
  for (auto& [key, item] : items) *request->add_items() = std::move(item);
  return request;
}

Request CreateDocument(Dice& dice, const Knowledge& known) {
  if (known.documents.size() >= kDocuments && !dice.OneIn(8)) return CheckIn(dice, known);
  auto request = std::make_shared<v1::CreateDocumentRequest>();
  request->set_parent(Parent(known));
  *request->mutable_document() = AnyNewDocument(dice);
  if (dice.OneIn(8)) request->mutable_document()->clear_path();
  request->set_document_id(AnyChosenNumber(dice));
  return request;
}

Request UpdateDocument(Dice& dice, const Knowledge& known) {
  static const std::vector<std::string> fields = {"title",  "type",       "owner",          "alternate_numbers",
                                                  "labels", "attributes", "confidentiality"};
  auto request = std::make_shared<v1::UpdateDocumentRequest>();
  *request->mutable_document() = AnyFields(dice);
  request->mutable_document()->set_name(AnyName(dice, known));
  request->mutable_document()->set_etag(AnyEtag(dice, known, request->document().name()));
  const std::int64_t count = dice.Below(3);
  for (std::int64_t i = 0; i < count; ++i) request->mutable_update_mask()->add_paths(dice.Of(fields));
  if (dice.OneIn(50)) request->mutable_update_mask()->add_paths("path");
  return request;
}

Request MoveDocument(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::MoveDocumentRequest>();
  request->set_name(AnyName(dice, known));
  request->set_etag(AnyEtag(dice, known, request->name()));
  request->set_destination_path(dice.OneIn(30) ? "../escaped" : dice.Of(Paths()));
  return request;
}

Request WithdrawDocument(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::WithdrawDocumentRequest>();
  request->set_name(AnyName(dice, known));
  request->set_etag(AnyEtag(dice, known, request->name()));
  return request;
}

Request ReinstateDocument(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ReinstateDocumentRequest>();
  request->set_name(AnyName(dice, known));
  for (const auto& [name, states] : known.documents) {
    if (states.back()->state() == v1::DOCUMENT_STATE_WITHDRAWN && dice.OneIn(3)) request->set_name(name);
  }
  request->set_etag(AnyEtag(dice, known, request->name()));
  if (dice.OneIn(3)) request->set_destination_path(dice.Of(Paths()));
  return request;
}

Request UpdateProject(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::UpdateProjectRequest>();
  request->mutable_project()->set_name(Parent(known));
  request->mutable_project()->set_title("Project " + std::to_string(dice.Below(4)));
  request->mutable_project()->set_stage("stage " + std::to_string(dice.Below(3)));
  if (!known.etags.empty() && dice.OneIn(3)) request->mutable_project()->set_etag(dice.Of(known.etags));
  request->mutable_update_mask()->add_paths(dice.OneIn(2) ? "title" : "stage");
  return request;
}

Request CreateProject(Dice& dice, const Knowledge& known) { return NewProject(dice, known.project, ""); }

Request GetProject(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetProjectRequest>();
  request->set_name(Parent(known));
  MaybeAsOf(dice, known, *request);
  return request;
}

Request GetDocument(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetDocumentRequest>();
  request->set_name(AnyName(dice, known));
  MaybeAsOf(dice, known, *request);
  return request;
}

Request LookupDocument(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::LookupDocumentRequest>();
  request->set_parent(Parent(known));
  const std::string name = AnyName(dice, known);
  const std::string alternate = "ALT-" + std::to_string(dice.Below(30));
  switch (dice.Below(4)) {
    case 0:
      request->set_number(name.substr(name.rfind('/') + 1));
      break;
    case 1:
      request->set_number(alternate);
      break;
    case 2:
      request->set_alternate_number(alternate);
      break;
    default:
      request->set_path(dice.Of(Paths()));
  }
  MaybeAsOf(dice, known, *request);
  return request;
}

Request ListDocuments(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ListDocumentsRequest>();
  request->set_parent(Parent(known));
  request->set_filter(dice.Of(Filters()).text);
  request->set_order_by(dice.Of(Orders()).text);
  request->set_page_size(dice.OneIn(3) ? 3 + static_cast<int>(dice.Below(9)) : 1000);
  MaybeAsOf(dice, known, *request);
  return request;
}

Request ListVersions(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ListVersionsRequest>();
  request->set_parent(AnyName(dice, known));
  request->set_page_size(dice.OneIn(8) ? 30 : 1000);
  MaybeAsOf(dice, known, *request);
  return request;
}

Request GetVersion(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::GetVersionRequest>();
  request->set_name(AnyVersionName(dice, known));
  MaybeAsOf(dice, known, *request);
  return request;
}

Request FetchContent(Dice& dice, const Knowledge& known) {
  auto made = std::make_shared<v1::FetchContentRequest>();
  v1::FetchContentRequest& request = *made;
  if (dice.OneIn(4)) {
    request.set_name(AnyVersionName(dice, known));
    if (dice.OneIn(20)) request.mutable_as_of()->set_sequence(1);
  } else {
    request.set_name(AnyName(dice, known));
    if (dice.OneIn(4)) *request.mutable_as_of() = AnyMoment(dice, known);
  }
  if (dice.OneIn(10)) request.set_companion(dice.OneIn(2) ? "x.txt" : "y.txt");
  const auto found = known.documents.find(request.name());
  if (found != known.documents.end() && dice.OneIn(3)) {
    request.set_if_none_match(dice.Of(found->second)->latest_version().main_file().sha256());
  }
  return made;
}

Request ListChanges(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::ListChangesRequest>();
  request->set_parent(Parent(known));
  request->set_after_sequence(std::max<std::int64_t>(0, known.sequence + 3 - dice.Below(30)));
  request->set_page_size(1 + static_cast<int>(dice.Below(20)));
  return request;
}

Request WatchChanges(Dice& dice, const Knowledge& known) {
  auto request = std::make_shared<v1::WatchChangesRequest>();
  request->set_parent(Parent(known));
  request->set_after_sequence(std::max<std::int64_t>(0, known.sequence - dice.Below(30)));
  request->set_stop_at_end(true);
  return request;
}

struct Operation {
  int weight;
  Request (*make)(Dice&, const Knowledge&);
};
constexpr Operation kOperations[] = {{20, CheckIn},
                                     {6, BatchCheckIn},
                                     {5, CreateDocument},
                                     {9, UpdateDocument},
                                     {7, MoveDocument},
                                     {4, WithdrawDocument},
                                     {5, ReinstateDocument},
                                     {12, ChangeState},
                                     {3, RestoreVersion},
                                     {3, LockDocument},
                                     {4, UnlockDocument},
                                     {3, ForceUnlockDocument},
                                     {3, UpdateProject},
                                     {1, CreateProject},
                                     {3, GetProject},
                                     {9, GetDocument},
                                     {5, LookupDocument},
                                     {5, ListDocuments},
                                     {3, ListVersions},
                                     {4, GetVersion},
                                     {14, FetchContent},
                                     {2, GetLock},
                                     {2, ListLocks},
                                     {3, ListChanges},
                                     {2, WatchChanges},
                                     {12, CreateEntry},
                                     {12, UpdateEntry},
                                     {12, TransitionEntry},
                                     {6, GetEntry},
                                     {8, ListEntries},
                                     {4, ListEntryRevisions},
                                     {7, ExportTable},
                                     {10, ImportTable},
                                     {6, CreateReview},
                                     {26, SubmitDecision},
                                     {4, AddReviewComment},
                                     {6, DelegateReview},
                                     {7, ChangeReviewStep},
                                     {2, AbortReview},
                                     {4, GetReview},
                                     {6, ListReviews},
                                     {2, GetReviewStatement},
                                     {3, ChangeLifecycleRule},
                                     {4, CreateMilestone},
                                     {3, UpdateMilestone},
                                     {8, CreateDeliverable},
                                     {6, UpdateDeliverable},
                                     {10, ChangeDate},
                                     {4, SettleMilestone},
                                     {10, SubmitDeliverable},
                                     {8, DecideOnDeliverable},
                                     {4, StartOrArchiveDeliverable},
                                     {4, GetPlanned},
                                     {7, ListPlanned},
                                     {1, GetSlipTrend},
                                     {5, CreateBaseline},
                                     {2, GetBaseline},
                                     {3, ListBaselines},
                                     {2, ListBaselineDocuments},
                                     {4, CompareBaselines},
                                     {10, CreateLink},
                                     {2, BatchCreateLinks},
                                     {5, ConfirmLink},
                                     {4, RepointLink},
                                     {2, DeleteLink},
                                     {2, GetLink},
                                     {5, ListLinks},
                                     {5, CreateTransmittal},
                                     {6, AcknowledgeTransmittal},
                                     {2, GetTransmittal},
                                     {4, ListTransmittals},
                                     {2, CompareTransmittal}};

void SetRequestId(google::protobuf::Message& request, const std::string& id) {
  const auto* field = request.GetDescriptor()->FindFieldByName("request_id");
  // A dry run does nothing that could be done again.
  const auto* import = dynamic_cast<const v1::ImportTableRequest*>(&request);
  if (field == nullptr || (import != nullptr && import->dry_run())) return;
  request.GetReflection()->SetString(&request, field, id);
}

}  // namespace

Request NewProject(Dice& dice, const std::string& project, const std::string& request_id) {
  auto request = std::make_shared<v1::CreateProjectRequest>();
  request->set_project_id(project);
  request->mutable_project()->set_title("Project " + std::to_string(dice.Below(4)));
  v1::AttributeDefinition& attribute = *request->mutable_project()->add_attribute_definitions();
  attribute.set_id("discipline");
  attribute.set_type(v1::ATTRIBUTE_TYPE_TEXT);
  v1::AttributeDefinition& place = *request->mutable_project()->add_attribute_definitions();
  place.set_id("place");
  place.set_type(v1::ATTRIBUTE_TYPE_TEXT);
  for (const Register& entries : Registers()) place.add_collections(entries.collection);
  request->mutable_project()->set_currency("EUR");
  SetSigningKeys(dice, *request->mutable_project());
  request->set_request_id(request_id);
  return request;
}

Request AnyRequest(Dice& dice, const Knowledge& known, const std::string& request_id) {
  std::string id = request_id;
  if (!known.writes.empty() && dice.OneIn(25)) {
    const auto& former = dice.OneIn(2) ? known.writes.back() : dice.Of(known.writes);
    if (!dice.OneIn(4)) {
      Request again(former->New());
      again->CopyFrom(*former);
      return again;
    }
    id = RequestIdOf(*former);  // for another request
  }
  static const int total = [] {
    int sum = 0;
    for (const Operation& operation : kOperations) sum += operation.weight;
    return sum;
  }();
  std::int64_t at = dice.Below(total);
  const Operation* operation = kOperations;
  while (at >= operation->weight) at -= (operation++)->weight;
  Request request = operation->make(dice, known);
  SetRequestId(*request, id);
  return request;
}

}  // namespace greffe::model
