#include "storage/store/verifier.h"

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "greffe/v1/baselines.pb.h"
#include "storage/base/canonical_json.h"
#include "storage/base/errors.h"
#include "storage/base/hashing.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/git/repository.h"
#include "storage/git/tree_editor.h"
#include "storage/store/commit_codec.h"
#include "storage/store/content_seals.h"
#include "storage/store/stored_content.h"

namespace greffe {
namespace {

constexpr std::int64_t kProgressEvery = 20'000;
constexpr std::int64_t kJournalBytes = 4 << 20;  // read at once
constexpr std::int64_t kPiece = 1 << 20;         // of a content

class ProjectVerifier {
 public:
  ProjectVerifier(const Journal& journal, ObjectSource& objects, const Head& head, VerifyCounts& counts,
                  const VerifyCalls& calls)
      : journal_(journal),
        objects_(objects),
        head_(head),
        counts_(counts),
        calls_(calls),
        project_("project '" + head.repository + "'") {}

  absl::Status Run() {
    ++counts_.projects;
    GREFFE_RETURN_IF_ERROR(Report(VerifyJournal()));
    GREFFE_RETURN_IF_ERROR(Report(VerifyRepository()));
    GREFFE_RETURN_IF_ERROR(Report(VerifyRef()));
    GREFFE_RETURN_IF_ERROR(VerifyTags());
    Oid oid = head_.target;
    for (Sequence sequence = head_.sequence; sequence > 0; --sequence) {
      if (++counts_.commits % kProgressEvery == 0) {
        calls_.progress("'" + head_.repository + "': " + std::to_string(sequence) + " commits to go");
      }
      const absl::StatusOr<Oid> parent = VerifyCommit(oid, sequence);
      if (!parent.ok()) return Report(parent.status());  // nothing below it can be found
      oid = *parent;
      if (oid.IsZero() != (sequence == 1)) {
        return Report(Damaged(project_, "its history does not have " + std::to_string(head_.sequence) + " commits"));
      }
    }
    return absl::OkStatus();
  }

 private:
  // OK, unless the status says that the verification itself must end.
  absl::Status Report(const absl::Status& status, const std::string& version = "") {
    if (status.ok() || absl::IsCancelled(status)) return status;
    calls_.finding({version.empty() ? ProjectName(head_.repository) : version, std::string(status.message())});
    return absl::OkStatus();
  }

  absl::Status Pause(std::int64_t bytes) {
    counts_.bytes += bytes;
    return calls_.pace(bytes);
  }

  absl::StatusOr<GitObject> Read(const Oid& oid) {
    absl::StatusOr<GitObject> object = objects_.Read(head_.repository, oid);
    if (object.ok()) GREFFE_RETURN_IF_ERROR(Pause(static_cast<std::int64_t>(object->data.size())));
    return object;
  }

  // What is not packed yet. What is packed meanwhile is met in the repository, which comes after.
  absl::Status VerifyJournal() {
    for (Sequence after = 0; after < head_.sequence;) {
      GREFFE_ASSIGN_OR_RETURN(const std::vector<JournalCommit> commits,
                              journal_.ReadCommits(head_.repository, after, kJournalBytes));
      if (commits.empty()) return absl::OkStatus();
      std::int64_t bytes = 0;
      for (const JournalCommit& commit : commits) {
        after = commit.sequence;
        for (const JournalObject& object : commit.objects) {
          ++counts_.objects;
          bytes += static_cast<std::int64_t>(object.object.data.size());
          if (HashObject(object.object.type, object.object.data) == object.oid) continue;
          GREFFE_RETURN_IF_ERROR(
              Report(Damaged("journal", "object " + object.oid.Hex() + " of commit " + std::to_string(commit.sequence) +
                                            " of '" + head_.repository + "' has another hash")));
        }
      }
      GREFFE_RETURN_IF_ERROR(Pause(bytes));
    }
    return absl::OkStatus();
  }

  absl::Status VerifyRepository() {
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.FindRepository(head_.repository));
    if (repository == nullptr) return absl::OkStatus();  // when it should be there, the ref is missing
    const auto finding = [this](const absl::Status& status) { Report(status).IgnoreError(); };
    const auto sound = [&](const Oid& oid, const std::optional<Sha256>& content) {
      ++counts_.objects;
      if (content) loose_.emplace(oid, *content);
    };
    return repository->VerifyObjects([this](std::int64_t bytes) { return Pause(bytes); }, finding, sound);
  }

  // The ref on disk is the journal's head, less what is not packed yet. While a pack is made it may be ahead of what
  // the journal still has; once the journal was trimmed after that, or has a newer head, it is looked at again.
  absl::Status VerifyRef() {
    for (;;) {
      GREFFE_ASSIGN_OR_RETURN(const Unpacked before, ReadUnpacked());
      GREFFE_ASSIGN_OR_RETURN(const Oid actual, ReadRef(head_.ref));
      if (actual == before.packed) return absl::OkStatus();
      GREFFE_ASSIGN_OR_RETURN(const bool on_the_way, IsUnpacked(actual));
      if (on_the_way) return absl::OkStatus();
      GREFFE_ASSIGN_OR_RETURN(const Unpacked after, ReadUnpacked());
      if (after.first != before.first || (after.first == 0 && after.head != before.head)) continue;
      return Damaged(project_, "main of its repository is at " + actual.Hex() +
                                   ", where Greffe did not leave it; `git -C " +
                                   objects_.RepositoryPath(head_.repository) + " update-ref " + kMainRef + " " +
                                   before.packed.Hex() + "` takes it back");
    }
  }

  // Each tag that came up to the head: on disk it is where the journal has it, once its commit is packed.
  absl::Status VerifyTags() {
    const absl::StatusOr<std::vector<Head>> refs = journal_.ListRefs(head_.repository);
    if (!refs.ok()) return Report(refs.status());
    for (const Head& ref : *refs) {
      if (ref.ref == kMainRef || ref.sequence > head_.sequence) continue;
      tags_[ref.ref] = ref.target;
      GREFFE_RETURN_IF_ERROR(Report(VerifyTag(ref)));
    }
    return absl::OkStatus();
  }

  absl::Status VerifyTag(const Head& tag) {
    const std::string what = tag.ref + " of " + project_;
    GREFFE_ASSIGN_OR_RETURN(const Unpacked unpacked, ReadUnpacked());
    if (unpacked.first == 0 || tag.sequence < unpacked.first) {
      GREFFE_ASSIGN_OR_RETURN(const Oid actual, ReadRef(tag.ref));
      if (actual != tag.target) {
        GREFFE_RETURN_IF_ERROR(
            Report(Damaged(what, "it is at " + actual.Hex() + ", where Greffe did not leave it; `git -C " +
                                     objects_.RepositoryPath(head_.repository) + " update-ref " + tag.ref + " " +
                                     tag.target.Hex() + "` takes it back")));
      }
    }
    GREFFE_ASSIGN_OR_RETURN(const GitObject object, Read(tag.target));
    GREFFE_ASSIGN_OR_RETURN(const TagObject parsed, ParseTag(object.data));
    GREFFE_ASSIGN_OR_RETURN(const GitObject commit_object, Read(parsed.target));
    GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(commit_object.data));
    TreeEditor tree(commit.tree, [this](const Oid& id) { return Read(id); });
    GREFFE_ASSIGN_OR_RETURN(const Oid record, tree.Find(kBaselinePath));
    GREFFE_ASSIGN_OR_RETURN(const GitObject blob, Read(record));
    v1::Baseline baseline;
    GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, baseline));
    for (const v1::BaselineDocument& document : baseline.documents()) {
      GREFFE_ASSIGN_OR_RETURN(const Oid file, tree.Find(document.path()));
      if (file.IsZero()) {
        GREFFE_RETURN_IF_ERROR(Report(Damaged(what, "its tree lacks '" + document.path() + "'")));
      }
    }
    return absl::OkStatus();
  }

  struct Unpacked {
    Oid head;
    Sequence first = 0;  // of what the journal has; 0: all is packed
    Oid packed;          // where the ref is, when nothing is under way
  };

  // The head first: when it is the same one later, nothing was appended in between.
  absl::StatusOr<Unpacked> ReadUnpacked() {
    Unpacked unpacked;
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Head> head, journal_.ReadHead(head_.repository, head_.ref));
    if (head) unpacked.head = head->target;
    GREFFE_ASSIGN_OR_RETURN(const std::vector<JournalCommit> commits, journal_.ReadCommits(head_.repository, 0, 1));
    unpacked.packed = unpacked.head;
    if (commits.empty()) return unpacked;
    unpacked.first = commits.front().sequence;
    for (const JournalObject& object : commits.front().objects) {
      if (object.oid != commits.front().commit) continue;
      GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(object.object.data));
      unpacked.packed = commit.parents.empty() ? Oid{} : commit.parents[0];
    }
    return unpacked;
  }

  absl::StatusOr<Oid> ReadRef(const std::string& name) {
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.FindRepository(head_.repository));
    if (repository == nullptr) return Oid{};
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> ref, repository->ReadRef(name));
    return ref.value_or(Oid{});
  }

  absl::StatusOr<bool> IsUnpacked(const Oid& oid) {
    for (Sequence after = 0;;) {
      GREFFE_ASSIGN_OR_RETURN(const std::vector<JournalCommit> commits,
                              journal_.ReadCommits(head_.repository, after, kJournalBytes));
      if (commits.empty()) return false;
      for (const JournalCommit& commit : commits) {
        if (commit.commit == oid) return true;
      }
      after = commits.back().sequence;
    }
  }

  // Returns its parent; zero: it has none.
  absl::StatusOr<Oid> VerifyCommit(const Oid& oid, Sequence sequence) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject object, Read(oid));
    GREFFE_ASSIGN_OR_RETURN(const CommitObject commit, ParseCommit(object.data));
    ChangedRecords records;
    GREFFE_ASSIGN_OR_RETURN(const CommitFacts facts, ReadCommitFacts(head_.repository, oid, commit, records));
    const std::string what = "commit " + oid.Hex() + " of '" + head_.repository + "'";
    if (facts.change.sequence() != sequence) {
      GREFFE_RETURN_IF_ERROR(Report(Damaged(what, "it says sequence " + std::to_string(facts.change.sequence()) +
                                                      ", it is number " + std::to_string(sequence))));
    }
    const Micros record_time = ToMicros(facts.change.record_time());
    if (record_time > later_time_) {
      GREFFE_RETURN_IF_ERROR(Report(Damaged(what, "the commit after it was recorded before it")));
    }
    later_time_ = record_time;
    TreeEditor tree(commit.tree, [this](const Oid& id) { return Read(id); });
    if (records.project) {
      GREFFE_ASSIGN_OR_RETURN(const Oid in_tree, tree.Find(kProjectRecordPath));
      if (in_tree != *records.project) {
        GREFFE_RETURN_IF_ERROR(Report(Damaged(what, "its tree has another record of the project")));
      }
      GREFFE_RETURN_IF_ERROR(Report(Read(*records.project).status()));
    }
    for (const auto& [number, record] : records.documents) {
      GREFFE_ASSIGN_OR_RETURN(const Oid in_tree, tree.Find(DocumentRecordPath(number)));
      if (in_tree != record) {
        GREFFE_RETURN_IF_ERROR(Report(Damaged(what, "its tree has another record of '" + number + "'")));
      }
      std::string hit = FormatDocumentName(head_.repository, number);
      const absl::Status status = VerifyDocument(number, record, tree, what, hit);
      GREFFE_RETURN_IF_ERROR(Report(status, hit));
    }
    for (const ChangedRecord& record : records.records) {
      GREFFE_ASSIGN_OR_RETURN(const Oid in_tree, tree.Find(ShardedPath(record.collection, record.id)));
      if (in_tree != record.blob) {
        GREFFE_RETURN_IF_ERROR(
            Report(Damaged(what, "its tree has another record of '" + record.collection + "/" + record.id + "'")));
      }
      if (!record.blob.IsZero()) GREFFE_RETURN_IF_ERROR(Report(Read(record.blob).status()));
    }
    for (const TagMark& tag : facts.tags) {
      const auto kept = tags_.find(kTagPrefix + tag.name);
      if (kept != tags_.end() && kept->second == tag.object) continue;
      GREFFE_RETURN_IF_ERROR(Report(Damaged(what, "its tag '" + tag.name + "' is not at " + tag.object.Hex())));
    }
    return commit.parents.empty() ? Oid{} : commit.parents[0];
  }

  // `hit` becomes the version's name, once it is known.
  absl::Status VerifyDocument(const std::string& number, const Oid& record, TreeEditor& tree, const std::string& what,
                              std::string& hit) {
    GREFFE_ASSIGN_OR_RETURN(const GitObject blob, Read(record));
    v1::Document document;
    GREFFE_RETURN_IF_ERROR(FromCanonicalJson(blob.data, document));
    if (!document.has_latest_version()) return absl::OkStatus();
    hit = FormatVersionName(head_.repository, number, document.latest_version().number());
    std::vector<v1::File> files(document.latest_version().companions().begin(),
                                document.latest_version().companions().end());
    files.push_back(document.latest_version().main_file());
    for (const v1::File& file : files) {
      if (document.state() == v1::DOCUMENT_STATE_ACTIVE) {
        GREFFE_ASSIGN_OR_RETURN(const Oid in_tree, tree.Find(ContentPath(document.path(), file)));
        if (in_tree.Hex() != file.oid()) {
          GREFFE_RETURN_IF_ERROR(Report(Damaged(what, "its tree has other content for '" + number + "'"), hit));
        }
      }
      GREFFE_RETURN_IF_ERROR(Report(VerifyContent(file), hit));
    }
    return absl::OkStatus();
  }

  absl::Status VerifyContent(const v1::File& file) {
    const std::optional<Oid> oid = Oid::FromHex(file.oid());
    const std::optional<Sha256> sha256 = Sha256::FromHex(file.sha256());
    if (!oid || !sha256) return Damaged("content " + file.sha256(), "its hashes are none");
    const auto [checked, is_new] = checked_.emplace(*oid, *sha256);
    if (!is_new && checked->second == *sha256) return absl::OkStatus();
    ++counts_.contents;
    // The file was read from front to back already.
    if (const auto loose = loose_.find(*oid); loose != loose_.end() && loose->second == *sha256) {
      return absl::OkStatus();
    }
    ContentSeals none;  // its SHA-256 is what counts here
    GREFFE_ASSIGN_OR_RETURN(const auto reader, OpenStoredContent(objects_, none, head_.repository, file));
    if (reader->size() != file.size()) return Damaged("content " + file.sha256(), "its size is another one");
    std::string buffer(static_cast<std::size_t>(std::min(kPiece, file.size())), '\0');
    for (std::int64_t offset = 0; offset < file.size();) {
      const std::int64_t piece = std::min(kPiece, file.size() - offset);
      GREFFE_RETURN_IF_ERROR(reader->Read(offset, piece, buffer.data()));
      GREFFE_RETURN_IF_ERROR(Pause(piece));
      offset += piece;
    }
    return absl::OkStatus();
  }

  const Journal& journal_;
  ObjectSource& objects_;
  const Head& head_;
  VerifyCounts& counts_;
  const VerifyCalls& calls_;
  const std::string project_;
  std::map<std::string, Oid> tags_;        // by ref
  std::unordered_map<Oid, Sha256> loose_;  // contents that lie by themselves
  std::unordered_map<Oid, Sha256> checked_;
  Micros later_time_ = INT64_MAX;  // when the commit after the one at hand was recorded
};

}  // namespace

absl::Status VerifyProject(const Journal& journal, ObjectSource& objects, const Head& head, VerifyCounts& counts,
                           const VerifyCalls& calls) {
  return ProjectVerifier(journal, objects, head, counts, calls).Run();
}

}  // namespace greffe
