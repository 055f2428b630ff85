// One act on a project: what it reads is the newest state, with the acts before it in the same group; what it puts
// becomes one commit.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/documents.pb.h"
#include "greffe/v1/projects.pb.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/record_kinds.h"
#include "storage/git/frozen_tree.h"
#include "storage/git/object_format.h"
#include "storage/index/index_batch.h"
#include "storage/index/link_ends.h"
#include "storage/store/lock_table.h"
#include "storage/store/number_reservations.h"
#include "storage/store/staged_content.h"

namespace greffe {

// An annotated tag on a commit of its own, beside main.
struct FrozenTag {
  std::string name;  // "baselines/G2"
  Oid parent;        // the commit of main that was frozen
  FrozenTree tree;   // its blobs are in the repository, or come with the act's records
  std::string subject;
  std::string body;
  Trailers trailers;
};

// Lives during the act only, on the committer's thread: an act is short, does no I/O of its own and does not block.
class Transaction {
 public:
  // `locks` and `reservations` outlive it.
  Transaction(const IndexBatch& state, const GroupLocks& locks, NumberReservations& reservations, std::string project,
              v1::Principal caller, Micros record_time, Micros now);

  const std::string& project_id() const { return project_id_; }
  // Who asks.
  const v1::Principal& caller() const { return caller_; }
  // The time that the commit will be recorded at.
  Micros record_time() const { return record_time_; }
  // What the clock says, which may go back; locks go by it.
  Micros now() const { return now_; }

  // NOT_FOUND (PROJECT_NOT_FOUND) when there is none, unless this act put it.
  absl::StatusOr<const v1::Project*> GetProject();
  absl::StatusOr<bool> HasProject();
  // Where an import from that source stands; nullopt: never imported from.
  absl::StatusOr<std::optional<v1::ImportSource>> FindImportSource(std::string_view source) const;

  // With output-only fields as before this act. NOT_FOUND (DOCUMENT_NOT_FOUND).
  absl::StatusOr<v1::Document> GetDocument(std::string_view number);
  absl::StatusOr<bool> HasDocument(std::string_view number);
  // True when it is the number of a document, or an alternate number, or held for another act.
  absl::StatusOr<bool> HasNumber(const std::string& number);
  // The active document that lies at exactly this path; nullopt: none.
  absl::StatusOr<std::optional<std::string>> FindByPath(std::string_view path);
  // Nothing lies at the path, in whatever spelling, and nothing under it as it is spelled.
  absl::StatusOr<bool> IsFree(std::string_view path) const;
  // The next number of a prefix that is free; the same again until a document of that number is put.
  absl::StatusOr<std::string> NextNumber(const v1::Project& project, const v1::DocumentType& type);
  // The same, held for a later act; this one uses it too.
  absl::StatusOr<std::shared_ptr<const ReservedNumber>> ReserveNumber(const v1::Project& project,
                                                                      const v1::DocumentType& type);
  // NextNumber gives this one, which an earlier act reserved.
  void UseReservation(std::shared_ptr<const ReservedNumber> reserved) { reserved_ = std::move(reserved); }

  // The newest record of that id; nullopt: none.
  template <typename Record>
  absl::StatusOr<std::optional<Record>> FindRecord(std::string_view id) const {
    GREFFE_ASSIGN_OR_RETURN(const RecordPtr record, FindRecord(KindOf<Record>(), id));
    if (record == nullptr) return std::nullopt;
    return static_cast<const Record&>(*record);
  }
  // NOT_FOUND (RECORD_NOT_FOUND).
  template <typename Record>
  absl::StatusOr<Record> GetRecord(std::string_view id) const {
    GREFFE_ASSIGN_OR_RETURN(std::optional<Record> record, FindRecord<Record>(id));
    if (!record) return NoRecord(KindOf<Record>(), id);
    return *std::move(record);
  }
  // The same of any kind; nullptr: none.
  absl::StatusOr<RecordPtr> FindRecord(const RecordKind& kind, std::string_view id) const;
  absl::StatusOr<RecordPtr> GetRecord(const RecordKind& kind, std::string_view id) const;
  // The version as it is now, its state included. NOT_FOUND (VERSION_NOT_FOUND).
  absl::StatusOr<v1::Version> GetVersion(std::string_view number, std::int64_t version);
  // The number of the document's version that had the revision code before this act; nullopt: none.
  absl::StatusOr<std::optional<std::int64_t>> FindRevision(std::string_view number, std::string_view revision) const {
    return state_.FindRevision(project_id_, number, revision);
  }
  // What was counted under the topic before this act; see storage/base/tally_rules.h.
  absl::StatusOr<Tally> FindTally(std::string_view topic) const { return state_.FindTally(project_id_, topic); }
  // For what an act has to list: the project as it is in the index, and the ids of the kind's records that former acts
  // put and that may not be there yet. Together they know all.
  absl::StatusOr<ProjectView> ViewOfIndex() const;
  std::vector<std::string> ListUnderWay(const RecordKind& kind) const {
    return state_.ListHeldRecords(kind, project_id_);
  }
  // "<prefix>-0001" and so on: the next one that is free.
  absl::StatusOr<std::string> NextRecordId(const RecordKind& kind, const std::string& prefix);

  // Links as they were before this act; see IndexBatch.
  absl::StatusOr<std::vector<IndexBatch::FoundLink>> ListLinks(std::string_view subject) const {
    return state_.ListLinks(project_id_, subject);
  }
  absl::StatusOr<std::optional<std::string>> FindLinkByKey(std::string_view key) const {
    return state_.FindLinkByKey(project_id_, key);
  }
  // What an end of a link was before this act.
  absl::StatusOr<EndFacts> FindEnd(const LinkEnd& end) const { return greffe::FindEnd(state_, project_id_, end); }

  // The document's lock that is in force; nullopt: nobody has it checked out.
  absl::StatusOr<std::optional<v1::Lock>> FindLock(const std::string& number) const;
  // The lock as it lies in the state, in force or not.
  std::optional<v1::Lock> FindLockRow(const std::string& number) const;
  // OK when nobody but the caller has the document checked out; FAILED_PRECONDITION (DOCUMENT_LOCKED).
  absl::Status CheckLock(const std::string& number) const;
  void PutLock(const std::string& number, v1::Lock lock);
  // What the request is answered, the next time too.
  void AnswerWithLock(v1::Lock lock) { asked_lock_ = std::move(lock); }
  // Makes the release a commit, for the history.
  void AddForcedLock(const std::string& number) { forced_locks_.push_back(number); }

  // Puts a record, by its `name`; the latest put of one record counts.
  void PutRecord(const google::protobuf::Message& record);
  // Puts one that is new. ALREADY_EXISTS (ID_TAKEN) when there is one of its name, in this act too.
  absl::Status AddRecord(const google::protobuf::Message& record);
  void DeleteRecord(const RecordKind& kind, const std::string& id);

  // The tag is made with the act's commit, which must put a record.
  void PutTag(FrozenTag tag) { tags_.push_back(std::move(tag)); }

  void PutProject(v1::Project record);
  // Puts the record. ALREADY_EXISTS (PATH_TAKEN, NUMBER_TAKEN; metadata name the other document, and of a path the
  // `clash`: where that or the folder lies) naming `field` when its path or one of its alternate numbers clashes with
  // another document's.
  absl::Status PutDocument(v1::Document record, const std::string& field);
  // Content that a put document names by oid and that is new to the repository.
  void AddContent(StagedContent content);

  // Content that nothing names, since the repository has its bytes: its upload goes, with the commit or without one.
  void GiveUp(StagedContent content) {
    if (!content.upload.empty()) given_up_.push_back(std::move(content));
  }

  // First line of the commit's message; the default tells what the act did.
  void SetSubject(std::string subject) { subject_ = std::move(subject); }
  void SetBody(std::string body) { body_ = std::move(body); }

  // Of all that was put, as it is at the end of the act. FAILED_PRECONDITION (RECORD_FULL); see record_bytes.h.
  absl::Status CheckBytes() const;

  // What the act did, for the commit.
  struct Effects {
    std::optional<v1::Project> project;
    std::vector<v1::Document> documents;                        // in the order of their first put
    std::vector<std::shared_ptr<const v1::Document>> previous;  // of each, before the act; nullptr: none
    std::vector<RecordChange> records;                          // in the order of their first put
    std::vector<FrozenTag> tags;
    std::vector<StagedContent> contents;
    std::vector<StagedContent> given_up;  // uploads all
    LockChanges locks;
    std::optional<v1::Lock> asked_lock;
    std::vector<std::string> forced_locks;
    std::string subject;
    std::string body;
  };
  Effects TakeEffects();
  // Whether there is anything for history to keep.
  bool HasCommit() const {
    return project_.has_value() || !documents_.empty() || !records_.empty() || !forced_locks_.empty();
  }
  bool HasEffects() const { return HasCommit() || !locks_.empty() || !given_up_.empty(); }

 private:
  absl::Status NoRecord(const RecordKind& kind, std::string_view id) const;
  // Whether another act holds it.
  bool IsHeld(const std::string& number) const;
  RecordChange& RecordSlot(const RecordKind& kind, const std::string& id);
  // What this act changed of who holds which place; each sees through to the state.
  absl::StatusOr<std::string> HolderOf(const std::string& folded) const;  // number, or ""
  absl::StatusOr<FolderClaim> FolderAt(const std::string& folded) const;
  absl::Status ClaimAll(const v1::Document& before, const v1::Document& record, const std::string& number,
                        const std::string& field);
  absl::Status Claim(const std::string& place, const std::string& number, const std::string& field);
  absl::Status CountFolders(const std::string& place, int by);
  absl::Status ClaimAlternate(const std::string& alternate, const std::string& number, const std::string& field);

  const IndexBatch& state_;
  const GroupLocks& group_locks_;
  NumberReservations& reservations_;
  std::shared_ptr<const ReservedNumber> reserved_;
  std::string project_id_;
  v1::Principal caller_;
  Micros record_time_;
  Micros now_;
  std::shared_ptr<const v1::Project> known_project_;
  std::optional<v1::Project> project_;
  std::vector<v1::Document> documents_;
  std::vector<std::shared_ptr<const v1::Document>> previous_;
  absl::flat_hash_map<std::string, std::size_t> by_number_;
  struct Claims {
    absl::flat_hash_map<std::string, std::string> paths;  // folded path -> number; "" when given up
    absl::flat_hash_map<std::string, FolderClaim> folders;
    absl::flat_hash_map<std::string, std::string> alternates;  // as paths
  };
  Claims claims_;    // of the documents that were put
  Claims claiming_;  // of the one that is being put: a refusal leaves the act as it was
  // In both; null: nothing changed.
  template <typename Value>
  const Value* FindClaim(absl::flat_hash_map<std::string, Value> Claims::*kind, const std::string& key) const {
    for (const Claims* claims : {&claiming_, &claims_}) {
      const auto found = (claims->*kind).find(key);
      if (found != (claims->*kind).end()) return &found->second;
    }
    return nullptr;
  }
  absl::flat_hash_map<std::string, std::int64_t> counters_;
  struct GivenNumber {
    std::string prefix;
    std::string number;
    std::int64_t counter = 0;
  };
  GivenNumber given_;  // by NextNumber, and counted once its document is put
  std::vector<RecordChange> records_;
  absl::flat_hash_map<std::string, std::size_t> by_record_;  // "<collection>/<id>"
  std::vector<FrozenTag> tags_;
  std::vector<StagedContent> given_up_;
  LockChanges locks_;
  std::optional<v1::Lock> asked_lock_;
  std::vector<std::string> forced_locks_;
  std::vector<StagedContent> contents_;
  std::string subject_;
  std::string body_;
};

}  // namespace greffe
