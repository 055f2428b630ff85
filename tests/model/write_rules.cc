// Rules of what changes projects and documents, but for their contents.
#include "tests/model/draft.h"
#include "tests/model/lifecycle.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

using Refusals = std::set<std::string>;

// The answer of a call that puts one document, or leaves it as it is.
Expected OneDocument(Draft& draft, v1::Document document, const v1::Document* before, Refusals refusals) {
  if (refusals.empty()) refusals = draft.Clashes(document);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  Expected expected;
  if (before != nullptr && BytesOf(document) == BytesOf(*before)) {
    expected.answer = std::make_shared<v1::Document>(*before);
    return expected;
  }
  draft.PutDocument(std::move(document));
  draft.Finish(expected);
  expected.answer = std::make_shared<v1::Document>(draft.Documents().front());
  return expected;
}

Expected CreateDocument(const Moment& moment, const v1::CreateDocumentRequest& request, const Made* made) {
  Draft draft(moment, made);
  Refusals refusals;
  const std::string caller = made == nullptr ? "" : made->change.author().id();
  Create(draft, moment, request.document(), request.document_id(), caller, refusals);
  if (!refusals.empty()) return Expected::Refused(std::move(refusals));
  Expected expected;
  draft.Finish(expected);
  expected.answer = std::make_shared<v1::Document>(draft.Documents().front());
  return expected;
}

// Whether nothing of the document is, or may still be, released by the rule of the type that it has.
bool IsAllDraft(const Moment& moment, const v1::Document& document) {
  if (document.released_version() > 0) return false;
  for (std::int64_t number = 1; number <= document.latest_version().number(); ++number) {
    const v1::VersionState state = moment.Find<v1::Version>(VersionName(document, number))->state();
    const bool is_latest = number == document.latest_version().number();
    if (is_latest ? state != v1::VERSION_STATE_DRAFT : state == v1::VERSION_STATE_APPROVED) return false;
  }
  return true;
}

Expected UpdateDocument(const Moment& moment, const v1::UpdateDocumentRequest& request, const Made* made) {
  Draft draft(moment, made);
  Refusals refusals;
  const v1::Document& values = request.document();
  const v1::Document* before = Open(draft, moment, values.name(), values.etag(), false, refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  v1::Document document = *before;
  std::set<std::string> mask(request.update_mask().paths().begin(), request.update_mask().paths().end());
  if (mask.size() < static_cast<std::size_t>(request.update_mask().paths_size())) {
    refusals.insert("INVALID_ARGUMENT FIELD_MASK_INVALID");  // a path is there twice
  }
  if (mask.empty() || mask.contains("*")) {
    mask = {"title",  "type",       "owner",           "alternate_numbers",
            "labels", "attributes", "confidentiality", "retention_class"};
  }
  for (const std::string& path : mask) {
    const auto* field = v1::Document::descriptor()->FindFieldByName(path);
    if (field == nullptr || path == "state" || path == "path") {
      refusals.insert("INVALID_ARGUMENT FIELD_MASK_INVALID");
      continue;
    }
    v1::Document copy = values;
    document.GetReflection()->ClearField(&document, field);
    document.GetReflection()->SwapFields(&document, &copy, {field});
  }
  if (draft.PrefixOf(document.type()).empty()) refusals.insert("INVALID_ARGUMENT DOCUMENT_TYPE_UNKNOWN");
  if (document.type() != before->type() &&
      BytesOf(LifecycleOf(moment, document)) != BytesOf(LifecycleOf(moment, *before)) && !IsAllDraft(moment, *before)) {
    refusals.insert("FAILED_PRECONDITION TYPE_CHANGE_NOT_ALLOWED");
  }
  return OneDocument(draft, std::move(document), before, std::move(refusals));
}

Expected MoveDocument(const Moment& moment, const v1::MoveDocumentRequest& request, const Made* made) {
  Draft draft(moment, made);
  Refusals refusals;
  const v1::Document* before = Open(draft, moment, request.name(), request.etag(), false, refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (request.destination_path().find("..") != std::string::npos) refusals.insert("INVALID_ARGUMENT PATH_INVALID");
  v1::Document document = *before;
  document.set_path(request.destination_path());
  return OneDocument(draft, std::move(document), before, std::move(refusals));
}

Expected WithdrawDocument(const Moment& moment, const v1::WithdrawDocumentRequest& request, const Made* made) {
  Draft draft(moment, made);
  Refusals refusals;
  const v1::Document* before = Open(draft, moment, request.name(), request.etag(), false, refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  v1::Document document = *before;
  draft.VoidReview(document, "the document was withdrawn");
  document.set_state(v1::DOCUMENT_STATE_WITHDRAWN);
  return OneDocument(draft, std::move(document), before, std::move(refusals));
}

Expected ReinstateDocument(const Moment& moment, const v1::ReinstateDocumentRequest& request, const Made* made) {
  Draft draft(moment, made);
  Refusals refusals;
  const v1::Document* before = Open(draft, moment, request.name(), request.etag(), true, refusals);
  if (before == nullptr) return Expected::Refused(std::move(refusals));
  if (before->state() == v1::DOCUMENT_STATE_ACTIVE) refusals.insert("FAILED_PRECONDITION DOCUMENT_ACTIVE");
  v1::Document document = *before;
  if (!request.destination_path().empty()) document.set_path(request.destination_path());
  document.set_state(v1::DOCUMENT_STATE_ACTIVE);
  return OneDocument(draft, std::move(document), before, std::move(refusals));
}

// The answer of a call that puts the project's record.
Expected PutProject(const Moment& moment, v1::Project record, const Made* made) {
  Expected expected;
  const v1::Project* before = ProjectOf(moment);
  if (before != nullptr && BytesOf(record) == BytesOf(*before)) {
    expected.answer = std::make_shared<v1::Project>(ProjectAnswer(moment));
    return expected;
  }
  auto answer = std::make_shared<v1::Project>(before == nullptr ? v1::Project() : ProjectAnswer(moment));
  if (made != nullptr) {
    if (before == nullptr) {
      const auto& answered = static_cast<const v1::Project&>(made->answer);
      *record.mutable_create_time() = made->change.effective_time();
      // What a project begins with is told by its own tests.
      *record.mutable_document_types() = answered.document_types();
      *record.mutable_numbering_rule() = answered.numbering_rule();
      record.set_time_zone(answered.time_zone());
    }
    record.set_etag(EtagOf(record));
    const std::int64_t documents = answer->document_count();
    const std::int64_t versions = answer->version_count();
    *answer = record;
    answer->set_sequence(made->change.sequence());
    answer->set_commit(made->change.commit());
    *answer->mutable_update_time() = made->change.effective_time();
    answer->set_document_count(documents);
    answer->set_version_count(versions);
  }
  v1::ChangeEntry entry;
  entry.set_resource(record.name());
  entry.set_kind(before == nullptr ? v1::CHANGE_KIND_CREATED : v1::CHANGE_KIND_UPDATED);
  expected.entries.push_back(std::move(entry));
  expected.puts.push_back({record.name(), std::make_shared<v1::Project>(record)});
  expected.answer = std::move(answer);
  return expected;
}

Expected CreateProject(const Moment& moment, const v1::CreateProjectRequest& request, const Made* made) {
  if (moment.exists()) return Expected::Refused({"ALREADY_EXISTS PROJECT_EXISTS"});
  v1::Project record = request.project();
  record.set_name("projects/" + request.project_id());
  return PutProject(moment, std::move(record), made);
}

Expected UpdateProject(const Moment& moment, const v1::UpdateProjectRequest& request, const Made* made) {
  if (!moment.exists()) return Expected::Refused({"NOT_FOUND PROJECT_NOT_FOUND"});
  v1::Project record = *ProjectOf(moment);
  if (!request.project().etag().empty() && request.project().etag() != record.etag()) {
    return Expected::Refused({"ABORTED ETAG_MISMATCH"});
  }
  for (const std::string& path : request.update_mask().paths()) {
    v1::Project copy = request.project();
    const auto* field = v1::Project::descriptor()->FindFieldByName(path);
    record.GetReflection()->ClearField(&record, field);
    record.GetReflection()->SwapFields(&record, &copy, {field});
  }
  return PutProject(moment, std::move(record), made);
}

}  // namespace

void AddWriteRules(Rules& rules) {
  rules.Add<v1::CreateProjectRequest>(CreateProject);
  rules.Add<v1::UpdateProjectRequest>(UpdateProject);
  rules.Add<v1::CreateDocumentRequest>(CreateDocument);
  rules.Add<v1::UpdateDocumentRequest>(UpdateDocument);
  rules.Add<v1::MoveDocumentRequest>(MoveDocument);
  rules.Add<v1::WithdrawDocumentRequest>(WithdrawDocument);
  rules.Add<v1::ReinstateDocumentRequest>(ReinstateDocument);
}

}  // namespace greffe::model
