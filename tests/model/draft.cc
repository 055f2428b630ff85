#include "tests/model/draft.h"

#include <algorithm>
#include <cctype>
#include <cstdio>

#include "clients/cpp/checksums.h"
#include "storage/base/canonical_json.h"
#include "storage/base/hashing.h"
#include "tests/model/registers.h"
#include "tests/model/review_course.h"
#include "tests/model/version_names.h"

namespace greffe::model {
namespace {

std::string Folded(std::string path) {
  for (char& c : path) c = static_cast<char>(std::tolower(c));
  return path;
}

// Whether two paths could not both lie in one checkout, wherever it is.
bool Clash(const std::string& a, const std::string& b) {
  if (Folded(a) == Folded(b)) return true;
  if (Folded(b).starts_with(Folded(a + "/")) || Folded(a).starts_with(Folded(b + "/"))) return true;
  for (std::size_t slash = a.find('/'); slash != std::string::npos; slash = a.find('/', slash + 1)) {
    const std::string folder = a.substr(0, slash + 1);
    const std::string other = b.substr(0, slash + 1);
    if (Folded(folder) == Folded(other) && folder != other) return true;
  }
  return false;
}

std::vector<std::string> PlacesOf(const v1::Document& document) {
  if (document.state() == v1::DOCUMENT_STATE_WITHDRAWN || document.path().empty()) return {};
  std::set<std::string> places{document.path()};
  for (const v1::File& file : document.latest_version().companions()) {
    places.insert(document.path() + (file.role() == v1::FILE_ROLE_RENDITION ? ".renditions" : ".attachments"));
  }
  return {places.begin(), places.end()};
}

v1::ChangeEntry EntryOf(const v1::Document* before, const v1::Document& after) {
  v1::ChangeEntry entry;
  entry.set_resource(after.name());
  entry.set_version(after.latest_version().number());
  entry.set_path(after.path());
  entry.set_kind(v1::CHANGE_KIND_UPDATED);
  if (before == nullptr) {
    entry.set_kind(v1::CHANGE_KIND_CREATED);
    return entry;
  }
  if (before->path() != after.path()) {
    entry.set_previous_path(before->path());
    entry.set_kind(v1::CHANGE_KIND_MOVED);
  }
  if (before->latest_version().number() != after.latest_version().number()) entry.set_kind(v1::CHANGE_KIND_CHECKED_IN);
  if (before->state() != after.state()) {
    entry.set_kind(after.state() == v1::DOCUMENT_STATE_ACTIVE ? v1::CHANGE_KIND_REINSTATED : v1::CHANGE_KIND_WITHDRAWN);
  }
  return entry;
}

std::string ManifestLine(const v1::File& file) {
  const std::string role = v1::FileRole_Name(file.role()).substr(std::string("FILE_ROLE_").size());
  return role + " " + file.sha256() + " " + std::to_string(file.size()) + " " + file.file_name() + "\n";
}

std::string ManifestOf(const v1::Version& version) {
  std::string lines = ManifestLine(version.main_file());
  for (const v1::File& file : version.companions()) lines += ManifestLine(file);
  return client::Sha256Of(lines);
}

}  // namespace

std::string EtagOf(const google::protobuf::Message& record) {
  return HashObject(ObjectType::kBlob, ToCanonicalJson(record)).Hex();
}

std::string NumberOf(const v1::Document& document) { return document.name().substr(document.name().rfind('/') + 1); }

const v1::Project* ProjectOf(const Moment& moment) {
  return moment.Find<v1::Project>("projects/" + moment.project().id());
}

v1::Project ProjectAnswer(const Moment& moment) {
  v1::Project project = *ProjectOf(moment);
  project.set_sequence(moment.sequence());
  project.set_commit(moment.change().commit());
  *project.mutable_update_time() = moment.change().effective_time();
  // Of all documents, also as a baseline froze some.
  for (const v1::Document* document : moment.project().At(moment.sequence()).All<v1::Document>()) {
    if (document->state() == v1::DOCUMENT_STATE_ACTIVE) project.set_document_count(project.document_count() + 1);
    project.set_version_count(project.version_count() + document->latest_version().number());
  }
  return project;
}

std::vector<const v1::Document*> Draft::All() const {
  std::vector<const v1::Document*> all;
  for (const v1::Document* document : moment_.All<v1::Document>()) all.push_back(Find(document->name()));
  for (const v1::Document& document : documents_) {
    if (moment_.Find<v1::Document>(document.name()) == nullptr) all.push_back(&document);
  }
  return all;
}

const v1::Document* Draft::Find(const std::string& name) const {
  for (const v1::Document& document : documents_) {
    if (document.name() == name) return &document;
  }
  return moment_.Find<v1::Document>(name);
}

const v1::Document* Draft::FindNumber(const std::string& number) const {
  return Find("projects/" + moment_.project().id() + "/documents/" + number);
}

bool Draft::HasNumber(const std::string& number) const {
  if (FindNumber(number) != nullptr) return true;
  for (const v1::Document* document : All()) {
    const auto& alternates = document->alternate_numbers();
    if (std::find(alternates.begin(), alternates.end(), number) != alternates.end()) return true;
  }
  return false;
}

std::string Draft::PrefixOf(const std::string& type) const {
  for (const v1::DocumentType& known : ProjectOf(moment_)->document_types()) {
    if (known.id() == type) return known.prefix();
  }
  return "";
}

std::string Draft::NextNumber(const std::string& prefix) {
  int& largest = given_[prefix];
  // What was chosen in this commit does not count before it is made.
  for (const v1::Document* document : moment_.All<v1::Document>()) {
    const std::string number = NumberOf(*document);
    if (number.starts_with(prefix + "-")) largest = std::max(largest, std::stoi(number.substr(prefix.size() + 1)));
  }
  std::string number;
  do {
    char digits[16];
    std::snprintf(digits, sizeof digits, "-%04d", ++largest);
    number = prefix + digits;
  } while (HasNumber(number));
  return number;
}

std::set<std::string> Draft::Clashes(const v1::Document& document) const {
  std::set<std::string> refusals;
  const v1::Document* before = Find(document.name());
  const std::vector<std::string> had = before == nullptr ? std::vector<std::string>{} : PlacesOf(*before);
  for (const std::string& place : PlacesOf(document)) {
    if (std::find(had.begin(), had.end(), place) != had.end()) continue;
    for (const v1::Document* other : All()) {
      if (other->name() == document.name()) continue;
      for (const std::string& taken : PlacesOf(*other)) {
        if (Clash(place, taken)) refusals.insert("ALREADY_EXISTS PATH_TAKEN");
      }
    }
  }
  for (const std::string& alternate : document.alternate_numbers()) {
    if (FindNumber(alternate) != nullptr || alternate == NumberOf(document))
      refusals.insert("ALREADY_EXISTS NUMBER_TAKEN");
    for (const v1::Document* other : All()) {
      const auto& alternates = other->alternate_numbers();
      if (other->name() != document.name() &&
          std::find(alternates.begin(), alternates.end(), alternate) != alternates.end()) {
        refusals.insert("ALREADY_EXISTS NUMBER_TAKEN");
      }
    }
  }
  return refusals;
}

void Draft::PutDocument(v1::Document document) {
  for (v1::Document& put : documents_) {
    if (put.name() == document.name()) {
      put = std::move(document);
      return;
    }
  }
  documents_.push_back(std::move(document));
}

bool Draft::PutVersion(v1::Document document, v1::Version version, bool allow_identical,
                       std::set<std::string>& refusals) {
  const v1::Version& before = document.latest_version();
  version.set_number(before.number() + 1);
  version.set_state(v1::VERSION_STATE_DRAFT);
  version.mutable_main_file()->set_role(v1::FILE_ROLE_MAIN);
  version.mutable_main_file()->set_file_name(document.path().substr(document.path().rfind('/') + 1));
  version.set_manifest_sha256(ManifestOf(version));
  if (!allow_identical && before.number() > 0) {
    // Whatever the main file is called.
    v1::Version named = version;
    named.mutable_main_file()->set_file_name(before.main_file().file_name());
    if (ManifestOf(named) == before.manifest_sha256()) return false;
  }
  VoidReview(document, "version " + std::to_string(version.number()));
  *document.mutable_latest_version() = std::move(version);
  refusals.merge(Clashes(document));
  if (refusals.empty()) PutDocument(std::move(document));
  return true;
}

void Draft::PutState(v1::Document& document, v1::Version version, v1::VersionState state, const std::string& comment) {
  version.set_state(state);
  v1::VersionTransition& transition = *version.add_transitions();
  transition.set_state(state);
  transition.set_comment(comment);
  if (made_ != nullptr) {
    transition.set_principal(made_->change.author().id());
    *transition.mutable_time() = made_->change.record_time();
  }
  if (state == v1::VERSION_STATE_RELEASED) {
    document.set_released_version(version.number());
    document.set_revision(version.revision());
  } else if (document.released_version() == version.number()) {
    document.clear_released_version();
  }
  if (document.latest_version().number() == version.number()) *document.mutable_latest_version() = version;
  records_.push_back(std::make_shared<v1::Version>(std::move(version)));
}

void Draft::PutReview(v1::Review review) { records_.push_back(std::make_shared<v1::Review>(std::move(review))); }

void Draft::VoidReview(v1::Document& document, const std::string& reason) {
  const v1::Version version = document.latest_version();
  if (version.state() != v1::VERSION_STATE_IN_REVIEW) return;
  v1::Review review = *moment_.Find<v1::Review>(version.review());
  review.set_state(v1::REVIEW_STATE_VOIDED);
  EndReview(review, made_, reason);
  PutReview(review);
  PutState(document, version, v1::VERSION_STATE_DRAFT, "review " + IdOf(review.name()) + " voided: " + reason);
}

void Draft::PutContent(const std::string& sha256, const std::string& data) { contents_[sha256] = data; }

void Draft::Stamp(v1::Document& document) const {
  const v1::Change& change = made_->change;
  const v1::Document* before = moment_.Find<v1::Document>(document.name());
  document.set_sequence(change.sequence());
  document.set_commit(change.commit());
  *document.mutable_create_time() = before == nullptr ? change.effective_time() : before->create_time();
  *document.mutable_update_time() = change.effective_time();
  *document.mutable_last_modifier() = change.author();
  const bool new_version =
      document.latest_version().number() > (before == nullptr ? 0 : before->latest_version().number());
  v1::Version& version = *document.mutable_latest_version();
  if (new_version) {
    version.set_name(VersionName(document, version.number()));
    *version.mutable_author() = change.author();
    *version.mutable_author_time() = change.author_time();
    *version.mutable_effective_time() = change.effective_time();
    *version.mutable_record_time() = change.record_time();
    version.set_sequence(change.sequence());
    version.set_commit(change.commit());
  }
  if (version.number() == 0) document.clear_latest_version();
  document.set_etag(EtagOf(document));
}

void Draft::Stamp(v1::Review& review) const {
  CompleteReview(review);
  if (made_ == nullptr) return;
  const v1::Change& change = made_->change;
  const v1::Review* before = moment_.Find<v1::Review>(review.name());
  review.set_sequence(change.sequence());
  review.set_commit(change.commit());
  *review.mutable_create_time() = before == nullptr ? change.effective_time() : before->create_time();
  *review.mutable_update_time() = change.effective_time();
  *review.mutable_last_modifier() = change.author();
  review.set_etag(EtagOf(review));
}

std::vector<v1::Document> Draft::Documents() const {
  std::vector<v1::Document> documents = documents_;
  if (made_ == nullptr) return documents;
  for (v1::Document& document : documents) Stamp(document);
  return documents;
}

std::vector<v1::Review> Draft::Reviews() const {
  std::vector<v1::Review> reviews;
  for (const auto& record : records_) {
    if (const auto* review = dynamic_cast<const v1::Review*>(record.get())) Stamp(reviews.emplace_back(*review));
  }
  return reviews;
}

void Draft::Finish(Expected& expected) const {
  for (const v1::Document& document : Documents()) {
    expected.entries.push_back(EntryOf(moment_.Find<v1::Document>(document.name()), document));
    expected.puts.push_back({document.name(), std::make_shared<v1::Document>(document)});
    const v1::Version& version = document.latest_version();
    if (version.sequence() == document.sequence() && !version.name().empty()) {
      expected.puts.push_back({version.name(), std::make_shared<v1::Version>(version)});
    }
  }
  for (const auto& record : records_) {
    const std::string name = Text(*record, "name");
    const bool is_version = record->GetDescriptor() == v1::Version::descriptor();
    v1::ChangeEntry& entry = expected.entries.emplace_back();
    entry.set_resource(name);
    // A version has a record from its first state on, but is there before.
    const bool was = is_version || moment_.Find<v1::Review>(name) != nullptr;
    entry.set_kind(was ? v1::CHANGE_KIND_UPDATED : v1::CHANGE_KIND_CREATED);
    entry.set_state(ShortName(*StateOf(*record)));
    if (is_version) expected.puts.push_back({name, record});
  }
  for (const v1::Review& review : Reviews()) {
    expected.puts.push_back({review.name(), std::make_shared<v1::Review>(review)});
  }
  if (documents_.empty()) return;
  for (const auto& [sha256, data] : contents_) {
    if (moment_.Find<v1::FileSource>("contents/" + sha256) != nullptr) continue;
    auto content = std::make_shared<v1::FileSource>();
    content->set_data(data);
    expected.puts.push_back({"contents/" + sha256, std::move(content)});
  }
}

const v1::Document* Open(const Draft& draft, const Moment& moment, const std::string& name, const std::string& etag,
                         bool may_be_withdrawn, std::set<std::string>& refusals) {
  if (!moment.exists()) {
    refusals.insert("NOT_FOUND PROJECT_NOT_FOUND");
    return nullptr;
  }
  const v1::Document* document = draft.Find(name);
  if (document == nullptr) {
    refusals.insert("NOT_FOUND DOCUMENT_NOT_FOUND");
    return nullptr;
  }
  if (!etag.empty() && etag != document->etag()) refusals.insert("ABORTED ETAG_MISMATCH");
  if (!may_be_withdrawn && document->state() == v1::DOCUMENT_STATE_WITHDRAWN) {
    refusals.insert("FAILED_PRECONDITION DOCUMENT_WITHDRAWN");
  }
  return document;
}

std::string Create(Draft& draft, const Moment& moment, v1::Document document, const std::string& chosen,
                   const std::string& caller, std::set<std::string>& refusals) {
  if (!moment.exists()) {
    refusals.insert("NOT_FOUND PROJECT_NOT_FOUND");
    return "";
  }
  if (document.title().empty()) document.set_title(document.path().substr(document.path().rfind('/') + 1));
  if (document.type().empty()) document.set_type("record");
  if (document.owner().empty()) document.set_owner(caller);
  document.set_state(v1::DOCUMENT_STATE_ACTIVE);
  const std::string prefix = draft.PrefixOf(document.type());
  if (prefix.empty()) {
    refusals.insert("INVALID_ARGUMENT DOCUMENT_TYPE_UNKNOWN");
    return "";
  }
  // What is chosen here is of the right shape but for its prefix.
  if (!chosen.empty() && chosen.substr(0, chosen.find('-')) != prefix) {
    refusals.insert("INVALID_ARGUMENT NUMBER_INVALID");
  }
  if (!chosen.empty() && draft.HasNumber(chosen)) refusals.insert("ALREADY_EXISTS NUMBER_TAKEN");
  const std::string number = chosen.empty() ? draft.NextNumber(prefix) : chosen;
  document.set_name("projects/" + moment.project().id() + "/documents/" + number);
  refusals.merge(draft.Clashes(document));
  if (!refusals.empty()) return "";
  draft.PutDocument(std::move(document));
  return number;
}

}  // namespace greffe::model
