#include <algorithm>
#include <utility>
#include <vector>

#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/fault_switch.h"
#include "storage/base/lifecycle_rules.h"
#include "storage/base/names.h"
#include "storage/base/number_order.h"
#include "storage/base/paths.h"
#include "storage/base/project_rules.h"
#include "storage/base/tally_rules.h"
#include "storage/index/index.h"
#include "storage/index/index_batch.h"
#include "storage/index/keys.h"
#include "storage/index/places.h"
#include "storage/index/record_writer.h"
#include "storage/index/state.h"

namespace greffe {

namespace {

std::string ActivePath(const v1::Document& document) {
  return document.state() == v1::DOCUMENT_STATE_ACTIVE ? document.path() : std::string();
}

// The elements of `all` that are not in `others`. Both are short.
template <typename List>
auto Without(const List& all, const List& others) {
  std::vector<typename List::value_type> rest;
  for (const auto& element : all) {
    if (std::find(others.begin(), others.end(), element) == others.end()) rest.push_back(element);
  }
  return rest;
}

}  // namespace

// The rows of one commit.
class RowWriter {
 public:
  RowWriter(IndexBatch& batch, CommitFacts& facts, const ProjectMark& before)
      : batch_(batch), facts_(facts), project_(facts.project), mark_(before) {}

  absl::Status Write() {
    v1::Change& change = facts_.change;
    const Micros effective_time = ToMicros(change.effective_time());
    if (change.imported() && mark_.document_count == 0 && effective_time < mark_.effective_time) {
      mark_.first_dated_sequence = change.sequence();
    }
    mark_.sequence = change.sequence();
    mark_.commit = Oid::FromHex(change.commit()).value_or(Oid{});
    mark_.record_time = ToMicros(change.record_time());
    mark_.effective_time = effective_time;
    change.set_project(ProjectName(project_));
    change.clear_entries();
    change.clear_omitted_link_count();
    change.clear_request_id();

    if (facts_.project_record) GREFFE_RETURN_IF_ERROR(WriteProject(*facts_.project_record));
    GREFFE_RETURN_IF_ERROR(WriteDocuments());
    GREFFE_RETURN_IF_ERROR(RecordWriter(batch_, facts_).Write());
    GREFFE_RETURN_IF_ERROR(batch_.tallies_.Write(batch_, project_, mark_.sequence));
    for (const std::string& number : facts_.forced_locks) {
      v1::ChangeEntry& entry = *facts_.change.add_entries();
      entry.set_resource(FormatDocumentName(project_, number));
      entry.set_kind(v1::CHANGE_KIND_LOCK_FORCED);
    }
    if (facts_.request && !FaultIsOn("request-id-forgotten")) {
      change.set_request_id(facts_.request->id);
      std::string row;
      keys::AppendBigEndian(row, mark_.sequence);
      PutCurrent(keys::Point(keys::kRequest, project_, facts_.request->id), row + facts_.request->digest);
    }
    if (facts_.import) GREFFE_RETURN_IF_ERROR(WriteImportSource(*facts_.import));

    ChangeRow row{mark_.document_count, mark_.version_count, std::move(change)};
    Put(keys::ChangeKey(project_, mark_.sequence), row.Encode());
    facts_.change = std::move(row.change);
    Put(keys::TimeKey(project_, effective_time, mark_.sequence), "");
    std::string sequence;
    keys::AppendBigEndian(sequence, mark_.sequence);
    Put(keys::RecordedKey(mark_.record_time) + project_, sequence);
    PutCurrent(std::string(1, keys::kMark) + project_, mark_.Encode());
    return absl::OkStatus();
  }

 private:
  void Put(std::string_view key, std::string_view value) { batch_.Put(key, value); }
  void PutCurrent(const std::string& key, std::string value) { batch_.PutCurrent(key, std::move(value)); }
  void DeleteCurrent(const std::string& key) { batch_.DeleteCurrent(key); }

  absl::Status WriteProject(v1::Project& project) {
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<const v1::Project> before, batch_.FindProject(project_));
    project.set_name(ProjectName(project_));
    *project.mutable_create_time() = before ? before->create_time() : facts_.change.effective_time();
    // The rest of the output-only fields depends on the moment of the read.
    project.clear_sequence();
    project.clear_commit();
    project.clear_update_time();
    project.clear_document_count();
    project.clear_version_count();
    const std::string row = SerializeRow(project);
    Put(keys::AtSequence(keys::ProjectPrefix(keys::kProject, project_), mark_.sequence), row);
    PutCurrent(std::string(1, keys::kCurrentProject) + project_, row);
    v1::ChangeEntry& entry = *facts_.change.add_entries();
    entry.set_resource(project.name());
    entry.set_kind(before ? v1::CHANGE_KIND_UPDATED : v1::CHANGE_KIND_CREATED);
    return absl::OkStatus();
  }

  absl::Status WriteDocuments() {
    // All that is given up goes first: in one commit a document may take the place that another one leaves.
    std::vector<std::shared_ptr<const v1::Document>> before;
    std::vector<std::string> numbers;
    for (const v1::Document& document : facts_.documents) {
      GREFFE_ASSIGN_OR_RETURN(DocumentName name, ParseDocumentName(document.name()));
      GREFFE_ASSIGN_OR_RETURN(before.emplace_back(), batch_.FindDocument(project_, name.number));
      if (before.back()) GREFFE_RETURN_IF_ERROR(Release(*before.back(), document));
      numbers.push_back(std::move(name.number));
    }
    for (std::size_t i = 0; i < facts_.documents.size(); ++i) {
      GREFFE_RETURN_IF_ERROR(WriteDocument(facts_.documents[i], before[i], numbers[i]));
    }
    return absl::OkStatus();
  }

  absl::Status Release(const v1::Document& before, const v1::Document& after) {
    const std::string path = ActivePath(before);
    if (!path.empty() && path != ActivePath(after)) {
      Put(keys::AtSequence(keys::PathPrefix(project_, path), mark_.sequence), "");
    }
    for (const std::string& place : Without(PlacesOf(before), PlacesOf(after))) {
      DeleteCurrent(keys::Point(keys::kPathClaim, project_, FoldPath(place)));
      GREFFE_RETURN_IF_ERROR(CountFolders(place, -1));
    }
    for (const std::string& alternate : Without(before.alternate_numbers(), after.alternate_numbers())) {
      Put(keys::AtSequence(keys::AlternatePrefix(project_, alternate), mark_.sequence), "");
      DeleteCurrent(keys::Point(keys::kCurrentAlternate, project_, alternate));
    }
    return absl::OkStatus();
  }

  absl::Status WriteDocument(v1::Document& document, const std::shared_ptr<const v1::Document>& found,
                             const std::string& number) {
    const v1::Document none;
    const v1::Document& before = found ? *found : none;
    const bool new_version = document.latest_version().number() > before.latest_version().number();
    const bool was_active = found && before.state() == v1::DOCUMENT_STATE_ACTIVE;
    const bool active = document.state() == v1::DOCUMENT_STATE_ACTIVE;

    FillOutputFields(document, found, new_version, number);
    AddEntry(document, found, new_version, was_active, active);
    mark_.document_count += static_cast<int>(active) - static_cast<int>(was_active);

    std::string row = SerializeRow(document);
    Put(keys::AtSequence(keys::DocumentPrefix(project_, number), mark_.sequence), row);
    PutCurrent(keys::Point(keys::kCurrentDocument, project_, number), std::move(row));
    if (new_version) {
      ++mark_.version_count;
      batch_.PutVersion(keys::VersionKey(project_, number, document.latest_version().number()),
                        SerializeRow(document.latest_version()));
    }
    if (new_version || !active || HasOtherState(document, before)) batch_.DeleteContent(project_, number);

    const std::string path = ActivePath(document);
    if (!path.empty() && path != ActivePath(before)) {
      Put(keys::AtSequence(keys::PathPrefix(project_, path), mark_.sequence), number);
    }
    for (const std::string& place : Without(PlacesOf(document), PlacesOf(before))) {
      PutCurrent(keys::Point(keys::kPathClaim, project_, FoldPath(place)), number);
      GREFFE_RETURN_IF_ERROR(CountFolders(place, +1));
    }
    for (const std::string& alternate : Without(document.alternate_numbers(), before.alternate_numbers())) {
      Put(keys::AtSequence(keys::AlternatePrefix(project_, alternate), mark_.sequence), number);
      PutCurrent(keys::Point(keys::kCurrentAlternate, project_, alternate), number);
    }
    WritePostings(found, document, number);
    batch_.tallies_.Change(found ? CountsOf(before) : std::vector<TallyCount>{}, CountsOf(document));
    if (!found) GREFFE_RETURN_IF_ERROR(WriteCounter(document, number));
    return absl::OkStatus();
  }

  void FillOutputFields(v1::Document& document, const std::shared_ptr<const v1::Document>& before, bool new_version,
                        const std::string& number) {
    const v1::Change& change = facts_.change;
    document.set_sequence(change.sequence());
    document.set_commit(change.commit());
    *document.mutable_create_time() = before ? before->create_time() : change.effective_time();
    *document.mutable_update_time() = change.effective_time();
    *document.mutable_last_modifier() = change.author();
    if (!document.has_latest_version()) return;
    v1::Version& version = *document.mutable_latest_version();
    if (!new_version) {
      if (before) {
        // All but how far it has come was fixed at its check-in.
        v1::Version made = before->latest_version();
        CopyLife(version, made);
        version = std::move(made);
      }
      return;
    }
    version.set_name(FormatVersionName(project_, number, version.number()));
    *version.mutable_author() = change.author();
    *version.mutable_author_time() = change.author_time();
    *version.mutable_effective_time() = change.effective_time();
    *version.mutable_record_time() = change.record_time();
    version.set_sequence(change.sequence());
    version.set_commit(change.commit());
    version.set_imported(change.imported());
  }

  void AddEntry(const v1::Document& document, const std::shared_ptr<const v1::Document>& before, bool new_version,
                bool was_active, bool active) {
    v1::ChangeEntry& entry = *facts_.change.add_entries();
    entry.set_resource(document.name());
    entry.set_version(document.latest_version().number());
    entry.set_path(document.path());
    const bool moved = before && before->path() != document.path();
    if (moved) entry.set_previous_path(before->path());
    if (!before) {
      entry.set_kind(v1::CHANGE_KIND_CREATED);
    } else if (was_active && !active) {
      entry.set_kind(v1::CHANGE_KIND_WITHDRAWN);
    } else if (!was_active && active) {
      entry.set_kind(v1::CHANGE_KIND_REINSTATED);
    } else if (new_version) {
      entry.set_kind(v1::CHANGE_KIND_CHECKED_IN);
    } else if (moved) {
      entry.set_kind(v1::CHANGE_KIND_MOVED);
    } else {
      entry.set_kind(v1::CHANGE_KIND_UPDATED);
    }
  }

  // What FetchContent answers of the latest version is another.
  static bool HasOtherState(const v1::Document& document, const v1::Document& before) {
    return document.latest_version().transitions_size() != before.latest_version().transitions_size();
  }

  absl::Status CountFolders(const std::string& place, int by) {
    for (const std::string_view folder : ParentFolders(place)) {
      const std::string folded = FoldPath(folder);
      GREFFE_ASSIGN_OR_RETURN(const std::optional<FolderClaim> found, batch_.FindFolder(project_, folded));
      const FolderClaim claim = found.value_or(FolderClaim{std::string(folder), 0});
      const std::string key = keys::Point(keys::kFolder, project_, folded);
      if (claim.count + by <= 0) {
        DeleteCurrent(key);
        continue;
      }
      std::string row;
      keys::AppendVarint(row, static_cast<std::uint64_t>(claim.count + by));
      PutCurrent(key, row + claim.path);
    }
    return absl::OkStatus();
  }

  void WritePostings(const std::shared_ptr<const v1::Document>& before, const v1::Document& after,
                     const std::string& number) {
    const Postings old_postings = before ? PostingsOf(*before) : Postings{};
    const Postings new_postings = PostingsOf(after);
    if (old_postings == new_postings) return;
    const std::string order = NumberOrder(number) + '\0';
    const auto put = [&](const Posting& posting, const char* value) {
      Put(keys::AtSequence(keys::PostingPrefix(project_, posting.field, posting.value) + order, mark_.sequence), value);
    };
    for (const Posting& posting : Without(old_postings, new_postings)) put(posting, "");
    if (FaultIsOn("posting-forgotten") && before) return;
    for (const Posting& posting : Without(new_postings, old_postings)) put(posting, "1");
  }

  // Remembers the largest counter under the prefix that the number begins with, whoever chose it.
  absl::Status WriteCounter(const v1::Document& document, const std::string& number) {
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<const v1::Project> project, batch_.FindProject(project_));
    if (!project) return absl::OkStatus();
    const v1::DocumentType* type = FindDocumentType(*project, document.type());
    if (type == nullptr) return absl::OkStatus();
    const std::int64_t counter = CounterOf(*project, *type, number);
    GREFFE_ASSIGN_OR_RETURN(const std::int64_t largest, batch_.FindCounter(project_, type->prefix()));
    if (counter <= largest) return absl::OkStatus();
    std::string row;
    keys::AppendBigEndian(row, counter);
    PutCurrent(keys::Point(keys::kCounter, project_, type->prefix()), row);
    return absl::OkStatus();
  }

  absl::Status WriteImportSource(const ImportMark& import) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<v1::ImportSource> found,
                            batch_.FindImportSource(project_, import.source));
    v1::ImportSource source = found.value_or(v1::ImportSource{});
    source.set_name(ProjectName(project_) + "/importSources/" + import.source);
    source.set_last_commit(import.source_commit);
    source.set_commit_count(source.commit_count() + 1);
    source.set_sequence(mark_.sequence);
    PutCurrent(keys::Point(keys::kImportSource, project_, import.source), SerializeRow(source));
    return absl::OkStatus();
  }

  IndexBatch& batch_;
  CommitFacts& facts_;
  const std::string& project_;
  ProjectMark mark_;
};

absl::Status IndexBatch::Apply(CommitFacts& facts) {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> found, FindMark(facts.project));
  const ProjectMark before = found.value_or(ProjectMark{});
  if (facts.change.sequence() != before.sequence + 1) {
    return Error(absl::StatusCode::kDataLoss, "INDEX_POSITION",
                 "index of project '" + facts.project + "' stands at " + std::to_string(before.sequence) + ", commit " +
                     std::to_string(facts.change.sequence()) + " does not follow");
  }
  tallies_.Clear();  // of a commit that failed
  GREFFE_RETURN_IF_ERROR(RowWriter(*this, facts, before).Write());
  if (bulk_ != nullptr) KeepParsed(facts);
  return absl::OkStatus();
}

}  // namespace greffe
