// Rules of check-ins, and of what reads contents.
#include "clients/cpp/checksums.h"
#include "storage/base/hashing.h"
#include "tests/model/draft.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

v1::File FileOf(const v1::FileSource& source, v1::FileRole role, const std::string& name) {
  v1::File file;
  file.set_role(role);
  file.set_file_name(name);
  file.set_media_type(source.media_type());
  file.set_size(static_cast<std::int64_t>(source.data().size()));
  file.set_sha256(client::Sha256Of(source.data()));
  file.set_oid(HashObject(ObjectType::kBlob, source.data()).Hex());
  return file;
}

struct Item {
  std::string name;  // of the document
  bool unchanged = false;
};

Item CheckInOne(Draft& draft, const Moment& moment, const v1::CheckInItem& item, const std::string& comment,
                const std::string& caller, Refusals& refusals) {
  Item done{item.document()};
  std::set<std::string> names;
  for (const v1::FileSource& companion : item.companions()) {
    if (!names.insert(companion.file_name()).second) refusals.insert("INVALID_ARGUMENT FIELD_INVALID");
  }
  if (item.has_new_document()) {
    const std::string number = Create(draft, moment, item.new_document(), item.document_id(), caller, refusals);
    if (!refusals.empty()) return done;
    done.name = "projects/" + moment.project().id() + "/documents/" + number;
  }
  const v1::Document* before = Open(draft, moment, done.name, item.etag(), false, refusals);
  if (before == nullptr) return done;
  v1::Document document = *before;
  const std::int64_t latest = before->latest_version().number();
  if (item.expected_version() != 0 && item.expected_version() != latest) refusals.insert("ABORTED VERSION_MISMATCH");
  if (before->path().empty()) refusals.insert("FAILED_PRECONDITION NO_PATH");
  v1::Version version;
  *version.mutable_main_file() = FileOf(item.main_file(), v1::FILE_ROLE_MAIN, "");
  for (const v1::FileSource& companion : item.companions()) {
    *version.add_companions() = FileOf(companion, companion.role(), companion.file_name());
  }
  version.set_comment(comment);
  if (!refusals.empty()) return done;
  done.unchanged = !draft.PutVersion(*before, version, item.allow_identical(), refusals);
  if (done.unchanged || !refusals.empty()) return done;
  draft.PutContent(version.main_file().sha256(), item.main_file().data());
  for (int i = 0; i < item.companions_size(); ++i) {
    draft.PutContent(version.companions(i).sha256(), item.companions(i).data());
  }
  return done;
}

Expected BatchCheckIn(const Moment& moment, const v1::BatchCheckInRequest& request, const Made* made) {
  Draft draft(moment, made);
  const std::string caller = made == nullptr ? "" : made->change.author().id();
  std::vector<Item> items;
  for (const v1::CheckInItem& item : request.items()) {
    Refusals refusals;
    if (!moment.exists()) refusals.insert("NOT_FOUND PROJECT_NOT_FOUND");
    if (refusals.empty()) items.push_back(CheckInOne(draft, moment, item, request.comment(), caller, refusals));
    if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  }
  Expected expected;
  draft.Finish(expected);
  auto response = std::make_shared<v1::BatchCheckInResponse>();
  const std::vector<v1::Document> documents = draft.Documents();
  for (const Item& item : items) {
    v1::CheckInResponse& result = *response->add_results();
    result.set_unchanged(item.unchanged);
    if (const auto* before = moment.Find<v1::Document>(item.name)) *result.mutable_document() = *before;
    for (const v1::Document& document : documents) {
      if (document.name() == item.name) *result.mutable_document() = document;
    }
  }
  if (made != nullptr) {
    response->set_commit(made->change.commit());
    response->set_sequence(made->change.sequence());
  }
  expected.answer = std::move(response);
  return expected;
}

Expected CheckIn(const Moment& moment, const v1::CheckInRequest& request, const Made* made) {
  v1::BatchCheckInRequest batch;
  *batch.add_items() = request.item();
  batch.set_comment(request.comment());
  Expected expected = BatchCheckIn(moment, batch, made);
  if (expected.answer == nullptr) return expected;
  expected.answer =
      std::make_shared<v1::CheckInResponse>(static_cast<v1::BatchCheckInResponse&>(*expected.answer).results(0));
  return expected;
}

// The version that is asked for; nullptr: refused.
const v1::Version* FindVersion(const Moment& moment, const v1::FetchContentRequest& request, Refusals& refusals) {
  const auto* document = moment.Find<v1::Document>(DocumentNameIn(request.name()));
  if (document == nullptr) {
    refusals.insert("NOT_FOUND DOCUMENT_NOT_FOUND");
    return nullptr;
  }
  const std::string name = document->name() == request.name() ? request.name() + "/versions/latest" : request.name();
  const bool in_force = name.ends_with("/latest") || name.ends_with("/released");
  if (in_force && document->state() == v1::DOCUMENT_STATE_WITHDRAWN) {
    refusals.insert("FAILED_PRECONDITION DOCUMENT_WITHDRAWN");
  }
  const FoundVersion found = FindVersion(moment, *document, name);
  if (found.version == nullptr) refusals.insert(found.refusal);
  return refusals.empty() ? found.version : nullptr;
}

Expected FetchContent(const Moment& now, const v1::FetchContentRequest& request, const Made*) {
  Refusals refusals;
  if (request.has_as_of() && TellsNumber(request.name())) {
    return Expected::Refused({"INVALID_ARGUMENT FIELD_INVALID"});
  }
  const auto moment = now.At(request.as_of(), refusals);
  if (!moment) return Expected::Refused(std::move(refusals));
  const v1::Version* version = FindVersion(*moment, request, refusals);
  if (version == nullptr) return Expected::Refused(std::move(refusals));
  const v1::File* file = request.companion().empty() ? &version->main_file() : nullptr;
  for (const v1::File& companion : version->companions()) {
    if (file == nullptr && companion.file_name() == request.companion()) file = &companion;
  }
  if (file == nullptr) return Expected::Refused({"NOT_FOUND FILE_NOT_FOUND"});
  auto response = std::make_shared<v1::FetchContentResponse>();
  *response->mutable_version() = *version;
  *response->mutable_file() = *file;
  response->set_etag(file->sha256());
  response->set_not_modified(request.if_none_match() == file->sha256());
  if (!response->not_modified())
    response->set_content(moment->Find<v1::FileSource>("contents/" + file->sha256())->data());
  Expected expected;
  expected.answer = std::move(response);
  return expected;
}

}  // namespace

void AddContentRules(Rules& rules) {
  rules.Add<v1::CheckInRequest>(CheckIn);
  rules.Add<v1::BatchCheckInRequest>(BatchCheckIn);
  rules.Add<v1::FetchContentRequest>(FetchContent);
}

}  // namespace greffe::model
