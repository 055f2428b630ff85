#include "storage/store/transaction.h"

#include <algorithm>
#include <utility>

#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/project_rules.h"
#include "storage/base/record_bytes.h"
#include "storage/base/record_filter.h"
#include "storage/index/places.h"
#include "storage/index/project_view.h"
#include "storage/index/record_writer.h"

namespace greffe {
namespace {

// Elements of `all` that `others` has not. Both are short.
template <typename List>
std::vector<std::string> Without(const List& all, const List& others) {
  std::vector<std::string> rest;
  for (const std::string& element : all) {
    if (std::find(others.begin(), others.end(), element) == others.end()) rest.push_back(element);
  }
  return rest;
}

}  // namespace

Transaction::Transaction(const IndexBatch& state, const GroupLocks& locks, NumberReservations& reservations,
                         std::string project, v1::Principal caller, Micros record_time, Micros now)
    : state_(state),
      group_locks_(locks),
      reservations_(reservations),
      project_id_(std::move(project)),
      caller_(std::move(caller)),
      record_time_(record_time),
      now_(now) {}

absl::StatusOr<bool> Transaction::HasProject() {
  if (project_ || known_project_) return true;
  GREFFE_ASSIGN_OR_RETURN(known_project_, state_.FindProject(project_id_));
  return known_project_ != nullptr;
}

absl::StatusOr<const v1::Project*> Transaction::GetProject() {
  GREFFE_ASSIGN_OR_RETURN(const bool there, HasProject());
  if (!there) {
    return Error(absl::StatusCode::kNotFound, "PROJECT_NOT_FOUND", "there is no project '" + project_id_ + "'",
                 {{"project", project_id_}});
  }
  return project_ ? &*project_ : &*known_project_;
}

absl::StatusOr<ProjectView> Transaction::ViewOfIndex() const { return state_.ViewOfIndex(project_id_); }

absl::StatusOr<std::optional<v1::ImportSource>> Transaction::FindImportSource(std::string_view source) const {
  return state_.FindImportSource(project_id_, source);
}

absl::StatusOr<v1::Document> Transaction::GetDocument(std::string_view number) {
  if (const auto found = by_number_.find(std::string(number)); found != by_number_.end()) {
    return documents_[found->second];
  }
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<const v1::Document> document, state_.FindDocument(project_id_, number));
  if (document) return *document;
  GREFFE_RETURN_IF_ERROR(GetProject().status());
  return Error(absl::StatusCode::kNotFound, "DOCUMENT_NOT_FOUND",
               "project '" + project_id_ + "' has no document '" + std::string(number) + "'",
               {{"project", project_id_}, {"key", std::string(number)}});
}

absl::StatusOr<bool> Transaction::HasDocument(std::string_view number) {
  if (by_number_.contains(std::string(number))) return true;
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<const v1::Document> document, state_.FindDocument(project_id_, number));
  return document != nullptr;
}

bool Transaction::IsHeld(const std::string& number) const {
  return (reserved_ == nullptr || reserved_->number() != number) && reservations_.IsReserved(project_id_, number);
}

absl::StatusOr<bool> Transaction::HasNumber(const std::string& number) {
  if (IsHeld(number)) return true;
  GREFFE_ASSIGN_OR_RETURN(const bool document, HasDocument(number));
  if (document) return true;
  if (const std::string* holder = FindClaim(&Claims::alternates, number)) return !holder->empty();
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> alternate, state_.FindAlternate(project_id_, number));
  return alternate.has_value();
}

absl::StatusOr<std::optional<std::string>> Transaction::FindByPath(std::string_view path) {
  GREFFE_ASSIGN_OR_RETURN(std::string holder, HolderOf(FoldPath(path)));
  if (holder.empty()) return std::nullopt;
  GREFFE_ASSIGN_OR_RETURN(const v1::Document document, GetDocument(holder));
  if (document.path() != path) return std::nullopt;  // a companion's folder, or another spelling
  return holder;
}

absl::StatusOr<bool> Transaction::IsFree(std::string_view path) const {
  const std::string folded = FoldPath(path);
  GREFFE_ASSIGN_OR_RETURN(const std::string holder, HolderOf(folded));
  if (!holder.empty()) return false;
  GREFFE_ASSIGN_OR_RETURN(const FolderClaim inside, FolderAt(folded));
  return inside.count <= 0 || inside.path != path;
}

absl::StatusOr<std::string> Transaction::NextNumber(const v1::Project& project, const v1::DocumentType& type) {
  if (reserved_ != nullptr) return reserved_->number();
  std::int64_t counter = 0;
  if (const auto found = counters_.find(type.prefix()); found != counters_.end()) {
    counter = found->second;
  } else {
    GREFFE_ASSIGN_OR_RETURN(counter, state_.FindCounter(project_id_, type.prefix()));
  }
  while (true) {
    std::string number = FormatDocumentNumber(project, type, ++counter);
    GREFFE_ASSIGN_OR_RETURN(const bool taken, HasNumber(number));
    if (taken) continue;
    given_ = {type.prefix(), number, counter};
    return number;
  }
}

absl::StatusOr<std::shared_ptr<const ReservedNumber>> Transaction::ReserveNumber(const v1::Project& project,
                                                                                 const v1::DocumentType& type) {
  GREFFE_ASSIGN_OR_RETURN(const std::string number, NextNumber(project, type));
  // The acts of a project follow each other, so nobody can have taken it since.
  reserved_ = reservations_.Reserve(project_id_, number);
  if (reserved_ == nullptr) return absl::InternalError("number '" + number + "' is reserved twice");
  return reserved_;
}

absl::StatusOr<RecordPtr> Transaction::FindRecord(const RecordKind& kind, std::string_view id) const {
  if (const auto found = by_record_.find(kind.collection + "/" + std::string(id)); found != by_record_.end()) {
    return records_[found->second].record;
  }
  return state_.FindRecord(kind, project_id_, id);
}

absl::StatusOr<RecordPtr> Transaction::GetRecord(const RecordKind& kind, std::string_view id) const {
  GREFFE_ASSIGN_OR_RETURN(RecordPtr record, FindRecord(kind, id));
  if (record == nullptr) return NoRecord(kind, id);
  return record;
}

absl::Status Transaction::NoRecord(const RecordKind& kind, std::string_view id) const {
  const std::string name = FormatRecordName(project_id_, kind.collection, id);
  return Error(absl::StatusCode::kNotFound, "RECORD_NOT_FOUND", "there is no '" + name + "'", {{"resource", name}});
}

absl::StatusOr<v1::Version> Transaction::GetVersion(std::string_view number, std::int64_t version) {
  const std::string id = std::string(number) + "/" + std::to_string(version);
  GREFFE_ASSIGN_OR_RETURN(std::optional<v1::Version> found, FindRecord<v1::Version>(id));
  if (found) return *std::move(found);
  GREFFE_ASSIGN_OR_RETURN(v1::Document document, GetDocument(number));
  if (document.latest_version().number() == version && version > 0) {
    return std::move(*document.mutable_latest_version());
  }
  GREFFE_ASSIGN_OR_RETURN(found, state_.FindVersion(project_id_, number, version));
  if (found) return *std::move(found);
  return Error(absl::StatusCode::kNotFound, "VERSION_NOT_FOUND",
               "document '" + std::string(number) + "' has no version " + std::to_string(version),
               {{"document", document.name()}, {"version", std::to_string(version)}});
}

absl::StatusOr<std::string> Transaction::NextRecordId(const RecordKind& kind, const std::string& prefix) {
  const std::string counter_key = RecordCounter(kind.collection, prefix);
  std::int64_t counter = 0;
  if (const auto found = counters_.find(counter_key); found != counters_.end()) {
    counter = found->second;
  } else {
    GREFFE_ASSIGN_OR_RETURN(counter, state_.FindCounter(project_id_, counter_key));
  }
  while (true) {
    std::string digits = std::to_string(++counter);
    if (digits.size() < 4) digits.insert(0, 4 - digits.size(), '0');
    std::string id = prefix + "-" + digits;
    // The counter knows neither what this act chose nor all of what has many digits.
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr taken, FindRecord(kind, id));
    if (taken != nullptr) continue;
    counters_[counter_key] = counter;
    return id;
  }
}

std::optional<v1::Lock> Transaction::FindLockRow(const std::string& number) const {
  if (const auto found = locks_.find(number); found != locks_.end()) return found->second;
  return group_locks_.Find(project_id_, number);
}

absl::StatusOr<std::optional<v1::Lock>> Transaction::FindLock(const std::string& number) const {
  std::optional<v1::Lock> lock = FindLockRow(number);
  if (!lock || !IsInForce(*lock, now_)) return std::nullopt;
  return lock;
}

absl::Status Transaction::CheckLock(const std::string& number) const {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::Lock> lock, FindLock(number));
  if (!lock || lock->holder() == caller_.id() || FaultIsOn("lock-ignored")) return absl::OkStatus();
  return LockedByAnother(FormatDocumentName(project_id_, number), *lock);
}

void Transaction::PutLock(const std::string& number, v1::Lock lock) { locks_[number] = std::move(lock); }

RecordChange& Transaction::RecordSlot(const RecordKind& kind, const std::string& id) {
  const auto [found, made] = by_record_.try_emplace(kind.collection + "/" + id, records_.size());
  if (made) records_.push_back({kind.collection, id, nullptr, ""});
  return records_[found->second];
}

void Transaction::PutRecord(const google::protobuf::Message& record) {
  const RecordKind& kind = KindOf(*record.GetDescriptor());
  RecordPtr kept = kind.New();
  kept->CopyFrom(record);
  ClearOutputFields(*kept);
  RecordSlot(kind, IdOfRecord(record)).record = std::move(kept);
}

absl::Status Transaction::AddRecord(const google::protobuf::Message& record) {
  const RecordKind& kind = KindOf(*record.GetDescriptor());
  GREFFE_ASSIGN_OR_RETURN(const RecordPtr taken, FindRecord(kind, IdOfRecord(record)));
  if (taken != nullptr) {
    const std::string name = NameOf(record);
    return Error(absl::StatusCode::kAlreadyExists, "ID_TAKEN", "there is a '" + name + "' already",
                 {{"resource", name}});
  }
  PutRecord(record);
  return absl::OkStatus();
}

void Transaction::DeleteRecord(const RecordKind& kind, const std::string& id) { RecordSlot(kind, id).record = nullptr; }

void Transaction::PutProject(v1::Project record) { project_ = std::move(record); }

absl::Status Transaction::PutDocument(v1::Document record, const std::string& field) {
  GREFFE_ASSIGN_OR_RETURN(DocumentName name, ParseDocumentName(record.name()));
  const std::string& number = name.number;
  std::shared_ptr<const v1::Document> stored;
  const auto known = by_number_.find(number);
  if (known == by_number_.end()) {
    GREFFE_ASSIGN_OR_RETURN(stored, state_.FindDocument(project_id_, number));
  }
  const v1::Document none;
  const v1::Document& before = known != by_number_.end() ? documents_[known->second] : stored ? *stored : none;

  if (known != by_number_.end()) {
    const std::shared_ptr<const v1::Document>& former = previous_[known->second];
    const std::int64_t versions = former ? former->latest_version().number() : 0;
    if (record.latest_version().number() > versions + 1) {
      return InvalidField(field, "DOCUMENT_REPEATED", "'" + number + "': has a new version in this commit already");
    }
  }

  // A refusal leaves the act as it was: an import goes on without the file.
  const absl::Status claimed = ClaimAll(before, record, number, field);
  Claims claiming = std::exchange(claiming_, {});
  GREFFE_RETURN_IF_ERROR(claimed);
  const auto keep = [](auto& changed, auto& kept) {
    for (auto& [key, value] : changed) kept.insert_or_assign(key, std::move(value));
  };
  keep(claiming.paths, claims_.paths);
  keep(claiming.folders, claims_.folders);
  keep(claiming.alternates, claims_.alternates);
  if (known != by_number_.end()) {
    documents_[known->second] = std::move(record);
    return absl::OkStatus();
  }
  if (number == given_.number) counters_[given_.prefix] = given_.counter;
  by_number_[number] = documents_.size();
  documents_.push_back(std::move(record));
  previous_.push_back(std::move(stored));
  return absl::OkStatus();
}

absl::Status Transaction::ClaimAll(const v1::Document& before, const v1::Document& record, const std::string& number,
                                   const std::string& field) {
  const std::vector<std::string> old_places = PlacesOf(before);
  const std::vector<std::string> new_places = PlacesOf(record);
  for (const std::string& place : Without(old_places, new_places)) {
    claiming_.paths[FoldPath(place)] = "";
    GREFFE_RETURN_IF_ERROR(CountFolders(place, -1));
  }
  for (const std::string& place : Without(new_places, old_places)) {
    GREFFE_RETURN_IF_ERROR(Claim(place, number, field + ".path"));
  }
  for (const std::string& alternate : Without(before.alternate_numbers(), record.alternate_numbers())) {
    claiming_.alternates[alternate] = "";
  }
  for (const std::string& alternate : Without(record.alternate_numbers(), before.alternate_numbers())) {
    GREFFE_RETURN_IF_ERROR(ClaimAlternate(alternate, number, field + ".alternate_numbers"));
  }
  return absl::OkStatus();
}

void Transaction::AddContent(StagedContent content) { contents_.push_back(std::move(content)); }

absl::Status Transaction::CheckBytes() const {
  if (project_) GREFFE_RETURN_IF_ERROR(CheckRecordBytes(*project_, known_project_.get()));
  for (std::size_t i = 0; i < documents_.size(); ++i) {
    GREFFE_RETURN_IF_ERROR(CheckRecordBytes(documents_[i], previous_[i].get()));
  }
  for (const RecordChange& change : records_) {
    // What was there is looked up for the few that are large.
    if (change.record == nullptr || CheckRecordBytes(*change.record, nullptr).ok()) continue;
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr former,
                            state_.FindRecord(KindOf(*change.record->GetDescriptor()), project_id_, change.id));
    GREFFE_RETURN_IF_ERROR(CheckRecordBytes(*change.record, former.get()));
  }
  return absl::OkStatus();
}

Transaction::Effects Transaction::TakeEffects() {
  return {std::move(project_),    std::move(documents_),    std::move(previous_), std::move(records_),
          std::move(tags_),       std::move(contents_),     std::move(given_up_), std::move(locks_),
          std::move(asked_lock_), std::move(forced_locks_), std::move(subject_),  std::move(body_)};
}

absl::StatusOr<std::string> Transaction::HolderOf(const std::string& folded) const {
  if (const std::string* holder = FindClaim(&Claims::paths, folded)) return *holder;
  GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> holder, state_.FindPathClaim(project_id_, folded));
  return holder.value_or("");
}

absl::StatusOr<FolderClaim> Transaction::FolderAt(const std::string& folded) const {
  if (const FolderClaim* folder = FindClaim(&Claims::folders, folded)) return *folder;
  GREFFE_ASSIGN_OR_RETURN(const std::optional<FolderClaim> folder, state_.FindFolder(project_id_, folded));
  return folder.value_or(FolderClaim{});
}

absl::Status Transaction::Claim(const std::string& place, const std::string& number, const std::string& field) {
  const auto taken = [&](const std::string& what, const std::string& holder, std::string_view where) {
    ErrorMetadata metadata = {{"field", field}, {"path", place}, {"clash", std::string(where)}};
    if (!holder.empty()) metadata.emplace_back("document", FormatDocumentName(project_id_, holder));
    return Error(absl::StatusCode::kAlreadyExists, "PATH_TAKEN", field + " '" + place + "' clashes with " + what,
                 metadata);
  };
  const std::string folded = FoldPath(place);
  GREFFE_ASSIGN_OR_RETURN(const std::string holder, HolderOf(folded));
  if (!holder.empty() && holder != number && !FaultIsOn("clash-ignored"))
    return taken("document '" + holder + "'", holder, place);
  GREFFE_ASSIGN_OR_RETURN(const FolderClaim inside, FolderAt(folded));
  if (inside.count > 0) return taken("folder '" + inside.path + "'", "", inside.path);
  for (const std::string_view folder : ParentFolders(place)) {
    const std::string folded_folder = FoldPath(folder);
    GREFFE_ASSIGN_OR_RETURN(const std::string above, HolderOf(folded_folder));
    if (!above.empty()) {
      return taken("document '" + above + "', which lies at '" + std::string(folder) + "'", above, folder);
    }
    GREFFE_ASSIGN_OR_RETURN(const FolderClaim sibling, FolderAt(folded_folder));
    if (sibling.count > 0 && sibling.path != folder) return taken("folder '" + sibling.path + "'", "", sibling.path);
  }
  claiming_.paths[folded] = number;
  return CountFolders(place, +1);
}

absl::Status Transaction::CountFolders(const std::string& place, int by) {
  for (const std::string_view folder : ParentFolders(place)) {
    const std::string folded = FoldPath(folder);
    GREFFE_ASSIGN_OR_RETURN(FolderClaim claim, FolderAt(folded));
    if (claim.count <= 0) claim = {std::string(folder), 0};
    claim.count += by;
    claiming_.folders[folded] = std::move(claim);
  }
  return absl::OkStatus();
}

absl::Status Transaction::ClaimAlternate(const std::string& alternate, const std::string& number,
                                         const std::string& field) {
  std::string holder;
  if (const std::string* claimed = FindClaim(&Claims::alternates, alternate)) {
    holder = *claimed;
  } else {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<std::string> stored, state_.FindAlternate(project_id_, alternate));
    holder = stored.value_or("");
  }
  if (holder.empty()) {
    GREFFE_ASSIGN_OR_RETURN(const bool is_number, HasDocument(alternate));
    if (is_number || IsHeld(alternate) || alternate == number) holder = alternate;
  }
  if (!holder.empty() && (holder != number || alternate == number)) {
    return Error(absl::StatusCode::kAlreadyExists, "NUMBER_TAKEN",
                 field + " '" + alternate + "' is the number of document '" + holder + "'",
                 {{"number", alternate}, {"document", FormatDocumentName(project_id_, holder)}});
  }
  claiming_.alternates[alternate] = number;
  return absl::OkStatus();
}

}  // namespace greffe
