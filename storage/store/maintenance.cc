#include "storage/store/maintenance.h"

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <memory>
#include <system_error>
#include <unordered_set>
#include <utility>
#include <vector>

#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/record_layout.h"
#include "storage/git/repository.h"
#include "storage/git/tree_editor.h"
#include "storage/index/index.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/commit_codec.h"
#include "storage/store/data_directory.h"
#include "storage/store/object_source.h"
#include "storage/store/packer.h"
#include "storage/store/recovery.h"
#include "storage/store/stored_content.h"

namespace greffe {
namespace {

constexpr int kOpenRepositories = 64;
constexpr std::int64_t kProgressEvery = 20'000;

// The parts of a data directory, without a server's threads.
struct Parts {
  FileHandle lock;
  std::unique_ptr<Journal> journal;
  std::unique_ptr<ObjectSource> objects;

  static absl::StatusOr<Parts> Open(const std::string& directory) {
    std::error_code error;
    // Looking after what is not there must not make it.
    if (!std::filesystem::exists(directory + "/format", error)) {
      return Error(absl::StatusCode::kNotFound, "DATA_NOT_FOUND", "there is no data directory '" + directory + "'");
    }
    GREFFE_RETURN_IF_ERROR(InitializeGit());
    Parts parts;
    GREFFE_ASSIGN_OR_RETURN(parts.lock, TakeDataDirectory(directory));
    RocksDbJournalOptions options;
    options.directory = directory + "/journal";
    GREFFE_ASSIGN_OR_RETURN(parts.journal, OpenRocksDbJournal(options));
    parts.objects = std::make_unique<ObjectSource>(directory + "/repositories", *parts.journal, kOpenRepositories);
    return parts;
  }
};

absl::StatusOr<std::unique_ptr<Index>> OpenIndex(const std::string& directory) {
  IndexOptions options;
  options.directory = directory;
  return Index::Open(options);
}

absl::Status FillIndex(Parts& parts, Index& index, const ReportLine& progress) {
  Recovery recovery(*parts.journal, index, *parts.objects, progress,
                    [&](const std::string&, const absl::Status& why) { progress(std::string(why.message())); });
  return recovery.CatchUpIndex();
}

// One project's history, from its head back.
class ProjectVerifier {
 public:
  ProjectVerifier(const Journal& journal, ObjectSource& objects, const Head& head, VerifyResult& result,
                  const ReportLine& progress, const ReportLine& finding)
      : journal_(journal), objects_(objects), head_(head), result_(result), progress_(progress), finding_(finding) {}

  absl::Status Run() {
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.FindRepository(head_.repository));
    if (repository != nullptr) {
      GREFFE_RETURN_IF_ERROR(repository->VerifyPacks([this](const absl::Status& status) { Report(status); }));
    }
    GREFFE_RETURN_IF_ERROR(VerifyRef(repository.get()));
    Oid oid = head_.target;
    for (Sequence sequence = head_.sequence; sequence > 0; --sequence) {
      if (++result_.commits % kProgressEvery == 0) {
        progress_("'" + head_.repository + "': " + std::to_string(sequence) + " commits to go");
      }
      const absl::StatusOr<Oid> parent = VerifyCommit(oid, sequence);
      if (!parent.ok()) {
        Report(parent.status());
        return absl::OkStatus();  // nothing below it can be found
      }
      oid = *parent;
      if (oid.IsZero() != (sequence == 1)) {
        Report(Damaged("project '" + head_.repository + "'",
                       "its history does not have " + std::to_string(head_.sequence) + " commits"));
        return absl::OkStatus();
      }
    }
    return absl::OkStatus();
  }

 private:
  void Report(const absl::Status& status) {
    ++result_.findings;
    finding_(std::string(status.message()));
  }

  // The ref on disk is the journal's head, less what is not packed yet.
  absl::Status VerifyRef(const GitRepository* repository) {
    GREFFE_ASSIGN_OR_RETURN(const std::vector<JournalCommit> unpacked, journal_.ReadCommits(head_.repository, 0, 1));
    Oid expected = head_.target;
    if (!unpacked.empty()) {
      GREFFE_ASSIGN_OR_RETURN(const GitObject object, objects_.Read(head_.repository, unpacked.front().commit));
      GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(object.data));
      expected = commit.parents.empty() ? Oid{} : commit.parents[0];
    }
    Oid actual;
    if (repository != nullptr) {
      const absl::StatusOr<std::optional<Oid>> ref = repository->ReadRef(kMainRef);
      if (!ref.ok()) {
        Report(ref.status());
        return absl::OkStatus();
      }
      actual = ref->value_or(Oid{});
    }
    if (actual != expected) {
      Report(Damaged("project '" + head_.repository + "'",
                     "main of its repository is at " + actual.Hex() + ", where Greffe did not leave it; `git -C " +
                         objects_.RepositoryPath(head_.repository) + " update-ref " + kMainRef + " " + expected.Hex() +
                         "` takes it back"));
    }
    return absl::OkStatus();
  }

  absl::StatusOr<Oid> VerifyCommit(const Oid& oid, Sequence sequence) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject object, objects_.Read(head_.repository, oid));
    GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(object.data));
    ChangedRecords records;
    GREFFE_ASSIGN_OR_RETURN(const CommitFacts facts, ReadCommitFacts(head_.repository, oid, commit, records));
    const std::string what = "commit " + oid.Hex() + " of '" + head_.repository + "'";
    if (facts.change.sequence() != sequence) {
      Report(Damaged(what, "it says sequence " + std::to_string(facts.change.sequence()) + ", it is number " +
                               std::to_string(sequence)));
    }
    const Micros record_time = ToMicros(facts.change.record_time());
    if (record_time > later_time_) Report(Damaged(what, "the commit after it was recorded before it"));
    later_time_ = record_time;
    TreeEditor tree(commit.tree, [this](const Oid& id) { return objects_.Read(head_.repository, id); });
    for (const auto& [number, record] : records.documents) {
      GREFFE_ASSIGN_OR_RETURN(const Oid in_tree, tree.Find(DocumentRecordPath(number)));
      if (in_tree != record) Report(Damaged(what, "its tree has another record of '" + number + "'"));
      const absl::Status status = VerifyDocument(number, record, tree, what);
      if (!status.ok()) Report(status);
    }
    for (const ChangedRecord& record : records.records) {
      GREFFE_ASSIGN_OR_RETURN(const Oid in_tree, tree.Find(ShardedPath(record.collection, record.id)));
      if (in_tree != record.blob) {
        Report(Damaged(what, "its tree has another record of '" + record.collection + "/" + record.id + "'"));
      }
    }
    return commit.parents.empty() ? Oid{} : commit.parents[0];
  }

  absl::Status VerifyDocument(const std::string& number, const Oid& record, TreeEditor& tree, const std::string& what) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject blob, objects_.Read(head_.repository, record));
    v1::Document document;
    GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, document));
    if (!document.has_latest_version()) return absl::OkStatus();
    std::vector<v1::File> files(document.latest_version().companions().begin(),
                                document.latest_version().companions().end());
    files.push_back(document.latest_version().main_file());
    for (const v1::File& file : files) {
      if (document.state() == v1::DOCUMENT_STATE_ACTIVE) {
        GREFFE_ASSIGN_OR_RETURN(const Oid in_tree, tree.Find(ContentPath(document.path(), file)));
        if (in_tree.Hex() != file.oid()) Report(Damaged(what, "its tree has other content for '" + number + "'"));
      }
      if (!checked_.insert(file.oid() + file.sha256()).second) continue;
      ++result_.contents;
      GREFFE_RETURN_IF_ERROR(VerifyContent(file));
    }
    return absl::OkStatus();
  }

  absl::Status VerifyContent(const v1::File& file) {
    GREFFE_ASSIGN_OR_RETURN(const auto reader, OpenStoredContent(objects_, head_.repository, file));
    if (reader->size() != file.size()) return Damaged("content " + file.sha256(), "its size is another one");
    std::string buffer(1 << 20, '\0');
    for (std::int64_t offset = 0; offset < file.size();) {
      const std::int64_t piece = std::min<std::int64_t>(static_cast<std::int64_t>(buffer.size()), file.size() - offset);
      GREFFE_RETURN_IF_ERROR(reader->Read(offset, piece, buffer.data()));
      offset += piece;
    }
    return absl::OkStatus();
  }

  const Journal& journal_;
  ObjectSource& objects_;
  const Head& head_;
  VerifyResult& result_;
  const ReportLine& progress_;
  const ReportLine& finding_;
  std::unordered_set<std::string> checked_;
  Micros later_time_ = INT64_MAX;  // when the commit after the one at hand was recorded
};

}  // namespace

absl::StatusOr<VerifyResult> VerifyData(const std::string& directory, const ReportLine& progress,
                                        const ReportLine& finding) {
  GREFFE_ASSIGN_OR_RETURN(Parts parts, Parts::Open(directory));
  GREFFE_ASSIGN_OR_RETURN(const std::vector<Head> heads, parts.journal->ListHeads());
  VerifyResult result;
  for (const Head& head : heads) {
    ++result.projects;
    progress("verifying project '" + head.repository + "': " + std::to_string(head.sequence) + " commits");
    GREFFE_RETURN_IF_ERROR(ProjectVerifier(*parts.journal, *parts.objects, head, result, progress, finding).Run());
  }
  return result;
}

absl::StatusOr<std::int64_t> VerifyIndex(const std::string& directory, const ReportLine& progress,
                                         const ReportLine& finding) {
  GREFFE_ASSIGN_OR_RETURN(Parts parts, Parts::Open(directory));
  GREFFE_ASSIGN_OR_RETURN(const auto index, OpenIndex(directory + "/index"));
  // A server that was killed leaves an index that is behind: it is brought forward as at a start.
  GREFFE_RETURN_IF_ERROR(FillIndex(parts, *index, progress));
  const std::string beside = directory + "/index.verify";
  std::filesystem::remove_all(beside);
  std::int64_t rows = 0;
  {
    GREFFE_ASSIGN_OR_RETURN(const auto fresh, OpenIndex(beside));
    GREFFE_RETURN_IF_ERROR(FillIndex(parts, *fresh, progress));
    progress("comparing");
    GREFFE_ASSIGN_OR_RETURN(rows, index->CompareWith(*fresh, finding));
  }
  std::filesystem::remove_all(beside);
  return rows;
}

absl::Status RebuildIndex(const std::string& directory, const ReportLine& progress) {
  GREFFE_ASSIGN_OR_RETURN(Parts parts, Parts::Open(directory));
  GREFFE_ASSIGN_OR_RETURN(const auto index, OpenIndex(directory + "/index"));
  GREFFE_RETURN_IF_ERROR(index->Clear());
  GREFFE_RETURN_IF_ERROR(FillIndex(parts, *index, progress));
  return index->Flush();
}

absl::StatusOr<std::int64_t> FlushData(const std::string& directory, const ReportLine& progress) {
  GREFFE_ASSIGN_OR_RETURN(Parts parts, Parts::Open(directory));
  Packer packer({std::chrono::milliseconds(1000), 1}, *parts.journal, *parts.objects,
                [&](const std::string&, const absl::Status& why) { progress(std::string(why.message())); });
  GREFFE_ASSIGN_OR_RETURN(const std::int64_t count, packer.PackAll());
  GREFFE_RETURN_IF_ERROR(parts.journal->Close());
  return count;
}

}  // namespace greffe
