#include "storage/store/commit_builder.h"

#include <map>
#include <set>
#include <utility>

#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"

namespace greffe {
namespace {

constexpr char kTreeFormatPath[] = ".greffe/format";

// Where a document's files lie, and which.
std::map<std::string, Oid> FilesOf(const v1::Document& document) {
  std::map<std::string, Oid> files;
  if (document.state() != v1::DOCUMENT_STATE_ACTIVE || !document.has_latest_version()) return files;
  const v1::Version& version = document.latest_version();
  files[document.path()] = Oid::FromHex(version.main_file().oid()).value_or(Oid{});
  for (const v1::File& file : version.companions()) {
    files[ContentPath(document.path(), file)] = Oid::FromHex(file.oid()).value_or(Oid{});
  }
  return files;
}

class Builder {
 public:
  Builder(const std::string& project, CommitIntent intent, Transaction::Effects effects, TreeEditor& editor)
      : intent_(std::move(intent)), effects_(std::move(effects)), editor_(editor) {
    built_.facts.project = project;
  }

  absl::StatusOr<BuiltCommit> Build() {
    if (intent_.parent.IsZero()) {
      GREFFE_RETURN_IF_ERROR(PutBlob(kTreeFormatPath, std::to_string(kRecordFormat) + "\n").status());
    }
    if (effects_.project) {
      GREFFE_ASSIGN_OR_RETURN(intent_.project_record, PutBlob(kProjectRecordPath, ToCanonicalJson(*effects_.project)));
    }
    GREFFE_RETURN_IF_ERROR(PutContents());
    GREFFE_RETURN_IF_ERROR(PutDocuments());
    GREFFE_RETURN_IF_ERROR(PutRecords());
    PutTags();
    std::vector<TreeEditor::NewTree> trees;
    GREFFE_ASSIGN_OR_RETURN(intent_.tree, editor_.Write(trees));
    for (TreeEditor::NewTree& tree : trees) Add(ObjectType::kTree, tree.oid, std::move(tree.data), tree.predecessor);
    return Finish();
  }

 private:
  void Add(ObjectType type, const Oid& oid, std::string data, const Oid& predecessor) {
    if (!added_.insert(oid).second) return;
    built_.commit.objects.push_back({oid, {type, std::move(data)}, predecessor});
  }

  absl::StatusOr<Oid> PutBlob(const std::string& path, std::string data) {
    const Oid oid = HashObject(ObjectType::kBlob, data);
    GREFFE_ASSIGN_OR_RETURN(const Oid before, editor_.Set(path, oid));
    if (before != oid) Add(ObjectType::kBlob, oid, std::move(data), before);
    return oid;
  }

  absl::Status PutContents() {
    // What is left goes first: one document may take the place of another.
    for (std::size_t i = 0; i < effects_.documents.size(); ++i) {
      if (!effects_.previous[i]) continue;
      const std::map<std::string, Oid> now = FilesOf(effects_.documents[i]);
      for (const auto& [path, oid] : FilesOf(*effects_.previous[i])) {
        if (!now.contains(path)) GREFFE_RETURN_IF_ERROR(editor_.Remove(path));
      }
    }
    std::map<Oid, Oid> predecessors;
    for (const v1::Document& document : effects_.documents) {
      for (const auto& [path, oid] : FilesOf(document)) {
        GREFFE_ASSIGN_OR_RETURN(const Oid before, editor_.Set(path, oid));
        if (before != oid) predecessors[oid] = before;
      }
    }
    for (const StagedContent& content : effects_.contents) {
      const Oid oid = Oid::FromHex(content.file.oid()).value_or(Oid{});
      if (content.data != nullptr) {
        Add(ObjectType::kBlob, oid, std::string(*content.data), predecessors[oid]);
      } else if (added_.insert(oid).second) {
        built_.commit.externals.push_back(
            {oid, content.file.size(), Sha256::FromHex(content.file.sha256()).value_or(Sha256{})});
      }
    }
    return absl::OkStatus();
  }

  absl::Status PutDocuments() {
    for (std::size_t i = 0; i < effects_.documents.size(); ++i) {
      v1::Document& document = effects_.documents[i];
      const std::string number = LastSegment(document.name());
      GREFFE_ASSIGN_OR_RETURN(const Oid record, PutBlob(DocumentRecordPath(number), ToCanonicalJson(document)));
      const std::int64_t version = document.latest_version().number();
      const std::int64_t version_before = effects_.previous[i] ? effects_.previous[i]->latest_version().number() : 0;
      intent_.documents.push_back({number, record, version > version_before ? version : 0});
      document.set_etag(record.Hex());
    }
    return absl::OkStatus();
  }

  absl::Status PutRecords() {
    for (RecordChange& change : effects_.records) {
      const std::string path = ShardedPath(change.collection, change.id);
      Oid blob;
      if (change.record == nullptr) {
        GREFFE_RETURN_IF_ERROR(editor_.Remove(path));
      } else {
        GREFFE_ASSIGN_OR_RETURN(blob, PutBlob(path, ToCanonicalJson(*change.record)));
        change.etag = blob.Hex();
      }
      intent_.records.push_back({change.collection, change.id, blob});
    }
    return absl::OkStatus();
  }

  void PutTags() {
    for (FrozenTag& tag : effects_.tags) {
      for (auto& [oid, data] : tag.tree.trees) Add(ObjectType::kTree, oid, std::move(data), Oid{});
      CommitObject commit;
      commit.tree = tag.tree.root;
      commit.parents.push_back(tag.parent);
      commit.author = SignatureOf(intent_.principal, intent_.record_time);
      commit.committer = ServerSignature(intent_.record_time);
      commit.message = FormatMessage(tag.subject, tag.body, tag.trailers);
      std::string commit_data = SerializeCommit(commit);
      const Oid commit_oid = HashObject(ObjectType::kCommit, commit_data);
      Add(ObjectType::kCommit, commit_oid, std::move(commit_data), Oid{});
      std::string data = SerializeTag({commit_oid, tag.name, commit.author, FormatMessage(tag.subject, tag.body, {})});
      const Oid oid = HashObject(ObjectType::kTag, data);
      Add(ObjectType::kTag, oid, std::move(data), Oid{});
      intent_.tags.push_back({tag.name, oid});
    }
  }

  absl::StatusOr<BuiltCommit> Finish() {
    intent_.subject = effects_.subject.empty() ? "Change documents" : effects_.subject;
    intent_.body = effects_.body;
    intent_.forced_locks = effects_.forced_locks;
    const std::string data = SerializeCommit(MakeCommit(intent_));
    const Oid oid = HashObject(ObjectType::kCommit, data);
    // The facts are read from the very bytes, so that they are the same when recovery reads them again.
    GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(data));
    ChangedRecords records;
    GREFFE_ASSIGN_OR_RETURN(built_.facts, ReadCommitFacts(built_.facts.project, oid, commit, records));
    built_.facts.documents = std::move(effects_.documents);
    built_.facts.records = std::move(effects_.records);
    built_.contents = std::move(effects_.contents);
    if (effects_.project) {
      built_.facts.project_record = std::move(effects_.project);
      built_.facts.project_record->set_etag(intent_.project_record->Hex());
    }
    built_.commit.sequence = intent_.sequence;
    built_.commit.commit = oid;
    built_.commit.record_time = intent_.record_time;
    Add(ObjectType::kCommit, oid, data, Oid{});
    return std::move(built_);
  }

  CommitIntent intent_;
  Transaction::Effects effects_;
  TreeEditor& editor_;
  BuiltCommit built_;
  std::set<Oid> added_;
};

}  // namespace

absl::StatusOr<BuiltCommit> BuildCommit(const std::string& project, CommitIntent intent, Transaction::Effects effects,
                                        TreeEditor& editor) {
  return Builder(project, std::move(intent), std::move(effects), editor).Build();
}

}  // namespace greffe
