// Rows on their way into the index: several commits, applied one after another, each seeing what the former ones did.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "greffe/v1/imports.pb.h"
#include "storage/index/commit_facts.h"
#include "storage/index/link_row.h"
#include "storage/index/project_mark.h"
#include "storage/index/tally_writer.h"

namespace rocksdb {
class WriteBatch;
}

namespace greffe {

class Index;
class ProjectView;

// A folder that active documents lie under.
struct FolderClaim {
  std::string path;        // as first spelled
  std::int64_t count = 0;  // claims below it
};

// Not thread-safe. Reads see the index and, over it, what was applied to this batch.
class IndexBatch {
 public:
  // `before` (nullptr: none) is on its way into the index: reads see it too, whether it has arrived or not. Nothing is
  // applied to it any more, and what it was built on has arrived.
  explicit IndexBatch(const Index& index, const IndexBatch* before = nullptr);
  // `before` may go: this one is not read any more, but by those that are built on it.
  void LetGoOfBefore() { before_ = nullptr; }
  // For the whole history of a project that the index knows nothing of: what is not in the batch is nowhere, and rows
  // become visible with Index::Write, in bulk. One at a time.
  static IndexBatch OfWholeHistory(const Index& index);
  ~IndexBatch();
  IndexBatch(IndexBatch&&) noexcept;

  // What of the project is in the index already: all but what this batch, and maybe the one before, hold.
  absl::StatusOr<ProjectView> ViewOfIndex(std::string_view project) const;

  // The newest state. nullopt: there is none.
  absl::StatusOr<std::optional<ProjectMark>> FindMark(std::string_view project) const;
  // These two are parsed once, until they are written again. nullptr: there is none.
  absl::StatusOr<std::shared_ptr<const v1::Project>> FindProject(std::string_view project) const;
  absl::StatusOr<std::shared_ptr<const v1::Document>> FindDocument(std::string_view project,
                                                                   std::string_view number) const;
  // The number of the document whose place covers the folded path itself: its main file, or the folder of its
  // companions.
  absl::StatusOr<std::optional<std::string>> FindPathClaim(std::string_view project, std::string_view folded) const;
  absl::StatusOr<std::optional<FolderClaim>> FindFolder(std::string_view project, std::string_view folded) const;
  absl::StatusOr<std::optional<std::string>> FindAlternate(std::string_view project, std::string_view number) const;
  // The number of the document's version that has the revision code.
  absl::StatusOr<std::optional<std::int64_t>> FindRevision(std::string_view project, std::string_view number,
                                                           std::string_view revision) const;
  // nullptr: there is none, or it was deleted.
  absl::StatusOr<RecordPtr> FindRecord(const RecordKind& kind, std::string_view project, std::string_view id) const;
  // How many ends of links a subject has (see link_rules.h), and which, by side and id.
  absl::StatusOr<std::int64_t> CountLinks(std::string_view project, std::string_view subject) const;
  struct FoundLink {
    std::string id;
    LinkSide side = LinkSide::kFrom;
    LinkRow row;
  };
  absl::StatusOr<std::vector<FoundLink>> ListLinks(std::string_view project, std::string_view subject) const;
  // The id of the link that is the same; see LinkKey.
  absl::StatusOr<std::optional<std::string>> FindLinkByKey(std::string_view project, std::string_view key) const;
  // Ids of the kind's records that this batch, or the one before, put; not in the order of their ids.
  std::vector<std::string> ListHeldRecords(const RecordKind& kind, std::string_view project) const;
  // As it was checked in.
  absl::StatusOr<std::optional<v1::Version>> FindVersion(std::string_view project, std::string_view number,
                                                         std::int64_t version) const;
  // Empty when nothing was ever counted.
  absl::StatusOr<Tally> FindTally(std::string_view project, std::string_view topic) const;
  // The largest counter given under a prefix; 0: none.
  absl::StatusOr<std::int64_t> FindCounter(std::string_view project, std::string_view prefix) const;
  struct RequestRow {
    std::int64_t sequence = 0;
    std::string digest;
  };
  absl::StatusOr<std::optional<RequestRow>> FindRequest(std::string_view project, std::string_view request_id) const;

  absl::StatusOr<std::optional<v1::ImportSource>> FindImportSource(std::string_view project,
                                                                   std::string_view source) const;

  // Adds the rows of one commit, and completes `facts`: the documents' and the project's output-only fields, the
  // change's entries. DATA_LOSS (INDEX_POSITION) when it is not the project's next commit. Of a whole history the
  // documents are taken from it.
  absl::Status Apply(CommitFacts& facts);

  // What its rows take, at least: those that it looks up again it holds twice.
  std::int64_t bytes() const;

  // Content of a latest version, for the row that answers FetchContent in one look-up; see Index::FindLatestContent.
  void PutLatestContent(std::string_view project, std::string_view number, const v1::Version& version,
                        std::string_view content);

 private:
  friend class Index;
  friend class RowWriter;
  friend class RecordWriter;
  friend class LinkWriter;
  friend class TallyWriter;
  friend void PutRecordRow(IndexBatch& batch, std::string_view project, const RecordKind& kind, std::string_view id,
                           std::int64_t sequence, const RecordPtr& record);
  friend void PutRecordPostings(IndexBatch& batch, std::string_view project, const RecordKind& kind,
                                std::string_view id, std::int64_t sequence, const google::protobuf::Message* before,
                                const google::protobuf::Message* after);
  struct Bulk;
  template <typename Message>
  using Parsed = absl::flat_hash_map<std::string, std::shared_ptr<const Message>>;  // by key
  template <typename Message>
  absl::StatusOr<std::shared_ptr<const Message>> FindParsed(std::string key, Parsed<Message>& parsed) const;
  void ForgetParsed(const std::string& key);
  // Takes the documents of a commit whose rows were made, so that its next change need not parse them.
  void KeepParsed(CommitFacts& facts);
  // What this batch, or the one before, holds; nullptr: ask the index. nullopt: deleted.
  const std::optional<std::string>* FindHeld(const std::string& key) const;
  absl::StatusOr<std::optional<std::string>> Get(const std::string& key) const;
  // A row of history, and rows of the newest state.
  void Put(std::string_view key, std::string_view value);
  void PutVersion(const std::string& key, std::string value);
  void WriteCurrent(const std::string& key, const std::string& value);
  void PutCurrent(const std::string& key, std::string value);
  void DeleteCurrent(const std::string& key);
  // Rows of kCurrentLink.
  void PutLink(const std::string& key, std::string value);
  void DeleteLink(const std::string& key);
  void DeleteContent(std::string_view project, std::string_view number);

  const Index& index_;
  const IndexBatch* before_;
  TallyWriter tallies_;  // of the commit that is being applied
  std::unique_ptr<rocksdb::WriteBatch> rows_;
  // Newest-state rows that this batch holds, and rows of versions; nullopt: deleted.
  absl::flat_hash_map<std::string, std::optional<std::string>> overlay_;
  // Rows of kCurrentLink that this batch holds, in order, since they are walked; nullopt: deleted.
  std::map<std::string, std::optional<std::string>> link_overlay_;
  // What was found last; mutable since it is no state.
  mutable Parsed<v1::Project> projects_;
  mutable Parsed<v1::Document> documents_;
  std::unique_ptr<Bulk> bulk_;  // of a whole history: the rows, and those of the overlays, are not in `rows_`
};

}  // namespace greffe
