// One act on a project: what it reads is the newest state, with the acts before it in the same group; what it puts
// becomes one commit.
#pragma once

#include <cstdint>
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
#include "storage/index/index_batch.h"
#include "storage/store/staged_content.h"

namespace greffe {

// Lives during the act only, on the committer's thread: an act is short, does no I/O of its own and does not block.
class Transaction {
 public:
  Transaction(const IndexBatch& state, std::string project, Micros record_time);

  const std::string& project_id() const { return project_id_; }
  // The time that the commit will be recorded at.
  Micros record_time() const { return record_time_; }

  // NOT_FOUND (PROJECT_NOT_FOUND) when there is none, unless this act put it.
  absl::StatusOr<const v1::Project*> GetProject();
  absl::StatusOr<bool> HasProject();
  // Where an import from that source stands; nullopt: never imported from.
  absl::StatusOr<std::optional<v1::ImportSource>> FindImportSource(std::string_view source) const;

  // With output-only fields as before this act. NOT_FOUND (DOCUMENT_NOT_FOUND).
  absl::StatusOr<v1::Document> GetDocument(std::string_view number);
  absl::StatusOr<bool> HasDocument(std::string_view number);
  // True when it is the number of a document, or an alternate number.
  absl::StatusOr<bool> HasNumber(const std::string& number);
  // The active document that lies at exactly this path; nullopt: none.
  absl::StatusOr<std::optional<std::string>> FindByPath(std::string_view path);
  // The next number of a prefix that is free.
  absl::StatusOr<std::string> NextNumber(const v1::Project& project, const v1::DocumentType& type);

  void PutProject(v1::Project record);
  // Puts the record. ALREADY_EXISTS (PATH_TAKEN, NUMBER_TAKEN; metadata name the other document) naming `field` when
  // its path or one of its alternate numbers clashes with another document's.
  absl::Status PutDocument(v1::Document record, const std::string& field);
  // Content that a put document names by oid and that is new to the repository.
  void AddContent(StagedContent content);

  // First line of the commit's message; the default tells what the act did.
  void SetSubject(std::string subject) { subject_ = std::move(subject); }
  void SetBody(std::string body) { body_ = std::move(body); }

  // What the act did, for the commit.
  struct Effects {
    std::optional<v1::Project> project;
    std::vector<v1::Document> documents;                // in the order of their first put
    std::vector<std::optional<v1::Document>> previous;  // of each, before the act
    std::vector<StagedContent> contents;
    std::string subject;
    std::string body;
  };
  Effects TakeEffects();
  bool HasEffects() const { return project_.has_value() || !documents_.empty(); }

 private:
  // What this act changed of who holds which place; each sees through to the state.
  absl::StatusOr<std::string> HolderOf(const std::string& folded) const;  // number, or ""
  absl::StatusOr<FolderClaim> FolderAt(const std::string& folded) const;
  absl::Status ClaimAll(const v1::Document& before, const v1::Document& record, const std::string& number,
                        const std::string& field);
  absl::Status Claim(const std::string& place, const std::string& number, const std::string& field);
  absl::Status CountFolders(const std::string& place, int by);
  absl::Status ClaimAlternate(const std::string& alternate, const std::string& number, const std::string& field);

  const IndexBatch& state_;
  std::string project_id_;
  Micros record_time_;
  std::optional<v1::Project> known_project_;
  std::optional<v1::Project> project_;
  std::vector<v1::Document> documents_;
  std::vector<std::optional<v1::Document>> previous_;
  absl::flat_hash_map<std::string, std::size_t> by_number_;
  struct Claims {
    absl::flat_hash_map<std::string, std::string> paths;  // folded path -> number; "" when given up
    absl::flat_hash_map<std::string, FolderClaim> folders;
    absl::flat_hash_map<std::string, std::string> alternates;  // as paths
  };
  Claims claims_;
  absl::flat_hash_map<std::string, std::int64_t> counters_;
  std::vector<StagedContent> contents_;
  std::string subject_;
  std::string body_;
};

}  // namespace greffe
