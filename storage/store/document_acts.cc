#include "storage/store/document_acts.h"

#include <algorithm>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "google/protobuf/util/message_differencer.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/field_value.h"
#include "storage/base/hashing.h"
#include "storage/base/lifecycle_rules.h"
#include "storage/base/media_type.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/project_rules.h"
#include "storage/base/record_fields.h"
#include "storage/base/record_kinds.h"
#include "storage/base/tally_rules.h"
#include "storage/store/anchor_acts.h"
#include "storage/store/lock_acts.h"
#include "storage/store/record_edits.h"
#include "storage/store/review_acts.h"

namespace greffe {
namespace {

using google::protobuf::util::MessageDifferencer;

constexpr std::size_t kMaxCompanions = 50;

const char* RoleName(v1::FileRole role) {
  switch (role) {
    case v1::FILE_ROLE_RENDITION:
      return "RENDITION";
    case v1::FILE_ROLE_ATTACHMENT:
      return "ATTACHMENT";
    default:
      return "MAIN";
  }
}

std::string ManifestSha256(const v1::Version& version) {
  std::string lines;
  const auto add = [&lines](const v1::File& file) {
    absl::StrAppend(&lines, RoleName(file.role()), " ", file.sha256(), " ", file.size(), " ", file.file_name(), "\n");
  };
  add(version.main_file());
  for (const v1::File& file : version.companions()) add(file);
  return Sha256Of(lines).Hex();
}

// So that the same files are the same version, in whatever order they came.
void SortCompanions(v1::Version& version) {
  std::sort(version.mutable_companions()->pointer_begin(), version.mutable_companions()->pointer_end(),
            [](const v1::File* a, const v1::File* b) {
              return std::pair(a->role(), std::string_view(a->file_name())) <
                     std::pair(b->role(), std::string_view(b->file_name()));
            });
}

// The manifest as it would be now: older versions have their companions as they came.
std::string SortedManifestSha256(const v1::Version& version) {
  if (version.companions_size() < 2) return version.manifest_sha256();
  v1::Version sorted;
  *sorted.mutable_main_file() = version.main_file();
  *sorted.mutable_companions() = version.companions();
  SortCompanions(sorted);
  return ManifestSha256(sorted);
}

// Whether `version` brings nothing new. The main file's name follows the document's path: a move alone is no content.
bool HasSameContent(v1::Version version, const v1::Version& before) {
  version.mutable_main_file()->set_file_name(before.main_file().file_name());
  return before.number() > 0 && ManifestSha256(version) == SortedManifestSha256(before);
}

// The main file and the companions as the version will say them.
absl::Status CheckFiles(CheckInAct& act, const std::string& path, const std::string& field) {
  v1::File& main_file = act.main_file.file;
  main_file.set_role(v1::FILE_ROLE_MAIN);
  main_file.set_file_name(std::string(LastPart(path)));
  GREFFE_RETURN_IF_ERROR(CheckCompanionCount(act.companions.size(), field));
  std::set<std::string> names;  // a companion is read by its name alone
  for (std::size_t i = 0; i < act.companions.size(); ++i) {
    const v1::File& file = act.companions[i].file;
    const std::string place = absl::StrCat(field, ".companions[", i, "]");
    if (file.role() != v1::FILE_ROLE_RENDITION && file.role() != v1::FILE_ROLE_ATTACHMENT) {
      return InvalidField(
          place + ".role", "FIELD_INVALID",
          absl::StrCat("'", v1::FileRole_Name(file.role()), "': a companion is RENDITION or ATTACHMENT"));
    }
    GREFFE_RETURN_IF_ERROR(ValidateFileName(file.file_name(), place + ".file_name"));
    // What is restored may be of an older server, which took a rendition and an attachment of one name.
    if (!act.contents_kept && !names.insert(FoldPath(file.file_name())).second) {
      return InvalidField(place + ".file_name", "FIELD_INVALID",
                          QuotedValue(file.file_name()) + ": another companion has that name");
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<v1::Document> OpenDocument(Transaction& transaction, const std::string& number,
                                          const std::string& etag) {
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, transaction.GetDocument(number));
  GREFFE_RETURN_IF_ERROR(CheckEtag(etag, document.etag(), document.name()));
  return document;
}

// Refuses a type by whose rule what the document has would not have been approved or released; see
// Documents.UpdateDocument.
absl::Status CheckRetyping(const Transaction& transaction, const v1::Project& project, const v1::Document& document,
                           const std::string& type) {
  // By the rule of a type that is gone nothing is approved or released.
  if (!CheckTypeKnown(project, document).ok()) return absl::OkStatus();
  if (MessageDifferencer::Equals(LifecycleRuleOf(project, document.type()), LifecycleRuleOf(project, type))) {
    return absl::OkStatus();
  }
  const auto refused = [&](std::int64_t number, v1::VersionState state) {
    const std::string version = FormatVersionName(transaction.project_id(), NumberOf(document), number);
    const std::string name = ShortEnumName(*v1::VersionState_descriptor(), state);
    return Error(absl::StatusCode::kFailedPrecondition, "TYPE_CHANGE_NOT_ALLOWED",
                 "'" + version + "' is " + name + ", and versions of type '" + type + "' are released by another rule",
                 {{"version", version}, {"state", name}, {"type", document.type()}});
  };
  if (document.released_version() > 0) return refused(document.released_version(), v1::VERSION_STATE_RELEASED);
  const v1::Version& latest = document.latest_version();
  if (latest.state() != v1::VERSION_STATE_DRAFT && latest.state() != v1::VERSION_STATE_UNSPECIFIED) {
    return refused(latest.number(), latest.state());
  }
  // One that was approved before the latest came can still be released.
  for (std::int64_t number = latest.number() - 1; number > 0; --number) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Version> version,
                            transaction.FindRecord<v1::Version>(absl::StrCat(NumberOf(document), "/", number)));
    if (version && version->state() == v1::VERSION_STATE_APPROVED) return refused(number, version->state());
  }
  return absl::OkStatus();
}

// With its type a document would lose the rule by which it is released.
absl::Status CheckTypesKept(const Transaction& transaction, const v1::Project& before, const v1::Project& after) {
  for (const v1::DocumentType& type : before.document_types()) {
    if (FindDocumentType(after, type.id()) != nullptr) continue;
    GREFFE_ASSIGN_OR_RETURN(const Tally documents, transaction.FindTally(kDocumentsTopic));
    const std::string head = type.id() + "/";
    const auto found = documents.LowerBound(head);
    if (found == documents.counts.end() || !found->first.starts_with(head)) continue;
    return Error(absl::StatusCode::kFailedPrecondition, "TYPE_IN_USE",
                 "project.document_types: there are documents of type '" + type.id() + "', which would be gone",
                 {{"field", "project.document_types"}, {"type", type.id()}});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status CheckCompanionCount(std::size_t count, const std::string& field) {
  if (count <= kMaxCompanions) return absl::OkStatus();
  return InvalidField(field + ".companions", "FIELD_INVALID",
                      absl::StrCat(count, " of them; at most ", kMaxCompanions, " are allowed"));
}

std::string NumberOf(const v1::Document& document) { return LastSegment(document.name()); }

absl::Status CheckEtag(const std::string& expected, const std::string& current, const std::string& resource) {
  if (expected.empty() || expected == current || FaultIsOn("etag-ignored")) return absl::OkStatus();
  return Error(absl::StatusCode::kAborted, "ETAG_MISMATCH",
               "'" + resource + "' has changed: its etag is '" + current + "', not " + QuotedValue(expected),
               {{"resource", resource}, {"current_etag", current}});
}

absl::Status CheckActive(const v1::Document& document) {
  if (document.state() != v1::DOCUMENT_STATE_WITHDRAWN) return absl::OkStatus();
  return Error(absl::StatusCode::kFailedPrecondition, "DOCUMENT_WITHDRAWN",
               "document '" + NumberOf(document) + "' is withdrawn", {{"document", document.name()}});
}

absl::Status PutDocumentRecord(Transaction& transaction, v1::Document document, const std::string& field) {
  ClearOutputFields(document);  // a record in git has no unknown fields, so that the index may not
  return transaction.PutDocument(std::move(document), field);
}

absl::StatusOr<std::string> CreateDocument(Transaction& transaction, v1::Document document, const std::string& number,
                                           const std::string& caller, const std::string& field,
                                           const std::string& number_field, SaidBy said_by) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  document.set_path(NormalizePath(document.path()));
  if (!document.path().empty()) GREFFE_RETURN_IF_ERROR(ValidatePath(document.path(), field + ".path"));
  FillDocumentDefaults(document, caller);
  document.set_state(v1::DOCUMENT_STATE_ACTIVE);
  document.clear_latest_version();
  document.clear_released_version();
  document.clear_revision();
  document.clear_template_();
  GREFFE_RETURN_IF_ERROR(ValidateDocument(*project, document, field, {}, said_by));
  const v1::DocumentType& type = *FindDocumentType(*project, document.type());
  std::string chosen = number;
  if (chosen.empty()) {
    GREFFE_ASSIGN_OR_RETURN(chosen, transaction.NextNumber(*project, type));
  } else {
    GREFFE_RETURN_IF_ERROR(ValidateChosenNumber(*project, type, chosen, number_field));
    GREFFE_ASSIGN_OR_RETURN(const bool taken, transaction.HasNumber(chosen));
    if (taken) {
      return Error(absl::StatusCode::kAlreadyExists, "NUMBER_TAKEN",
                   number_field + " '" + chosen + "' is taken in project '" + transaction.project_id() + "'",
                   {{"number", chosen}});
    }
  }
  document.set_name(FormatDocumentName(transaction.project_id(), chosen));
  // In a project that went back to an older state, of the document that had the number there.
  if (std::optional<v1::Lock> lock = transaction.FindLockRow(chosen)) {
    lock->set_released(true);
    transaction.PutLock(chosen, *std::move(lock));
  }
  transaction.SetSubject("Register " + chosen + ": " + document.title());
  GREFFE_RETURN_IF_ERROR(PutDocumentRecord(transaction, std::move(document), field));
  return chosen;
}

absl::StatusOr<bool> CheckIn(Transaction& transaction, CheckInAct act, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, OpenDocument(transaction, act.number, act.etag));
  GREFFE_RETURN_IF_ERROR(CheckActive(document));
  GREFFE_RETURN_IF_ERROR(transaction.CheckLock(act.number));
  const v1::Version& before = document.latest_version();
  if (act.expected_version != 0 && act.expected_version != before.number()) {
    return Error(
        absl::StatusCode::kAborted, "VERSION_MISMATCH",
        absl::StrCat("document '", act.number, "' is at version ", before.number(), ", not ", act.expected_version),
        {{"document", document.name()}, {"current_version", std::to_string(before.number())}});
  }
  if (document.path().empty()) {
    return Error(absl::StatusCode::kFailedPrecondition, "NO_PATH",
                 "document '" + act.number + "' has no path; move it to one first", {{"document", document.name()}});
  }
  if (act.media_type_by_path) {
    act.main_file.file.set_media_type(MediaTypeOf(LastPart(document.path()), *act.main_file.data));
  }
  GREFFE_RETURN_IF_ERROR(CheckFiles(act, document.path(), field));
  GREFFE_RETURN_IF_ERROR(ValidateText(act.comment, "comment", 0, 1 << 20, true));
  v1::Version version;
  version.set_number(before.number() + 1);
  *version.mutable_main_file() = act.main_file.file;
  for (const StagedContent& companion : act.companions) *version.add_companions() = companion.file;
  SortCompanions(version);
  version.set_manifest_sha256(ManifestSha256(version));
  version.set_comment(act.comment);
  version.set_state(v1::VERSION_STATE_DRAFT);
  if (!act.allow_identical && HasSameContent(version, before)) {
    if (act.release_lock) ReleaseOwnLock(transaction, act.number);
    transaction.GiveUp(std::move(act.main_file));
    for (StagedContent& companion : act.companions) transaction.GiveUp(std::move(companion));
    return false;
  }
  GREFFE_RETURN_IF_ERROR(VoidOpenReview(transaction, document, absl::StrCat("version ", version.number())));
  const std::size_t line = act.comment.find('\n');
  if (act.comment.empty()) {
    transaction.SetSubject(
        absl::StrCat("Check in ", act.number, " version ", version.number(), ": ", document.title()));
  } else {
    transaction.SetSubject(act.comment.substr(0, line));
    if (line != std::string::npos) transaction.SetBody(act.comment.substr(line + 1));
  }
  *document.mutable_latest_version() = std::move(version);
  GREFFE_RETURN_IF_ERROR(UpdateAnchors(transaction, document, act.main_file.data.get()));
  GREFFE_RETURN_IF_ERROR(PutDocumentRecord(transaction, std::move(document), field));
  if (act.release_lock) ReleaseOwnLock(transaction, act.number);
  if (act.contents_kept) return true;
  transaction.AddContent(std::move(act.main_file));
  for (StagedContent& companion : act.companions) transaction.AddContent(std::move(companion));
  return true;
}

absl::Status UpdateDocument(Transaction& transaction, const v1::Document& values, const std::vector<std::string>& paths,
                            const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(const DocumentName name, ParseDocumentName(values.name(), field + ".name"));
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, OpenDocument(transaction, name.number, values.etag()));
  GREFFE_RETURN_IF_ERROR(CheckActive(document));
  const v1::Document before = document;
  static const std::vector<std::string> kAll = {"title",  "type",       "owner",           "alternate_numbers",
                                                "labels", "attributes", "confidentiality", "retention_class"};
  GREFFE_RETURN_IF_ERROR(ReplaceFields(document, values, paths, kAll));
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* project, transaction.GetProject());
  GREFFE_RETURN_IF_ERROR(ValidateDocument(*project, document, field, before));
  if (document.type() != before.type()) {
    GREFFE_RETURN_IF_ERROR(CheckRetyping(transaction, *project, before, document.type()));
  }
  if (MessageDifferencer::Equals(document, before)) return absl::OkStatus();
  transaction.SetSubject("Update " + name.number + ": " + document.title());
  return PutDocumentRecord(transaction, std::move(document), field);
}

absl::Status MoveDocument(Transaction& transaction, const std::string& number, const std::string& path,
                          const std::string& etag, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, OpenDocument(transaction, number, etag));
  GREFFE_RETURN_IF_ERROR(CheckActive(document));
  GREFFE_RETURN_IF_ERROR(transaction.CheckLock(number));
  const std::string destination = NormalizePath(path);
  GREFFE_RETURN_IF_ERROR(ValidatePath(destination, field));
  if (destination == document.path()) return absl::OkStatus();
  transaction.SetSubject("Move " + number + " to " + destination);
  document.set_path(destination);
  return PutDocumentRecord(transaction, std::move(document), field);
}

absl::Status WithdrawDocument(Transaction& transaction, const std::string& number, const std::string& etag) {
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, OpenDocument(transaction, number, etag));
  GREFFE_RETURN_IF_ERROR(CheckActive(document));
  GREFFE_RETURN_IF_ERROR(transaction.CheckLock(number));
  GREFFE_RETURN_IF_ERROR(VoidOpenReview(transaction, document, "the document was withdrawn"));
  document.set_state(v1::DOCUMENT_STATE_WITHDRAWN);
  transaction.SetSubject("Withdraw " + number + ": " + document.title());
  return PutDocumentRecord(transaction, std::move(document), "document");
}

absl::Status ReinstateDocument(Transaction& transaction, const std::string& number, const std::string& path,
                               const std::string& etag, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, OpenDocument(transaction, number, etag));
  if (document.state() != v1::DOCUMENT_STATE_WITHDRAWN) {
    return Error(absl::StatusCode::kFailedPrecondition, "DOCUMENT_ACTIVE", "document '" + number + "' is not withdrawn",
                 {{"document", document.name()}});
  }
  GREFFE_RETURN_IF_ERROR(transaction.CheckLock(number));
  if (!path.empty()) {
    const std::string destination = NormalizePath(path);
    GREFFE_RETURN_IF_ERROR(ValidatePath(destination, field));
    document.set_path(destination);
  }
  document.set_state(v1::DOCUMENT_STATE_ACTIVE);
  transaction.SetSubject("Reinstate " + number + ": " + document.title());
  return PutDocumentRecord(transaction, std::move(document), field);
}

absl::Status CreateProject(Transaction& transaction, v1::Project project) {
  GREFFE_ASSIGN_OR_RETURN(const bool there, transaction.HasProject());
  if (there) {
    return Error(absl::StatusCode::kAlreadyExists, "PROJECT_EXISTS",
                 "project '" + transaction.project_id() + "' exists already", {{"project", transaction.project_id()}});
  }
  FillProjectDefaults(project);
  project.set_name(ProjectName(transaction.project_id()));
  project.clear_etag();
  project.clear_create_time();
  GREFFE_RETURN_IF_ERROR(ValidateProject(project));
  transaction.SetSubject("Create project " + transaction.project_id() + ": " + project.title());
  project.DiscardUnknownFields();
  transaction.PutProject(std::move(project));
  return absl::OkStatus();
}

absl::Status UpdateProject(Transaction& transaction, const v1::Project& values, const std::vector<std::string>& paths) {
  GREFFE_ASSIGN_OR_RETURN(const v1::Project* current, transaction.GetProject());
  GREFFE_RETURN_IF_ERROR(CheckEtag(values.etag(), current->etag(), current->name()));
  v1::Project project = *current;
  static const std::vector<std::string> kAll = {
      "title",     "code",           "sponsor",        "manager",        "stage",
      "time_zone", "currency",       "document_types", "numbering_rule", "attribute_definitions",
      "labels",    "lifecycle_rule", "signing_keys",   "trace_rule",     "notification_rule"};
  GREFFE_RETURN_IF_ERROR(ReplaceFields(project, values, paths, kAll));
  FillProjectDefaults(project);
  GREFFE_RETURN_IF_ERROR(ValidateProject(project));
  GREFFE_RETURN_IF_ERROR(CheckTypesKept(transaction, *current, project));
  if (MessageDifferencer::Equals(project, *current)) return absl::OkStatus();
  transaction.SetSubject("Update project " + transaction.project_id());
  project.DiscardUnknownFields();
  transaction.PutProject(std::move(project));
  return absl::OkStatus();
}

}  // namespace greffe
