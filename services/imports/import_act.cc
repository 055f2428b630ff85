#include "services/imports/import_act.h"

#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "services/imports/rename_queue.h"
#include "storage/base/errors.h"
#include "storage/base/field_value.h"
#include "storage/base/names.h"
#include "storage/base/paths.h"
#include "storage/base/record_layout.h"
#include "storage/base/utf8.h"
#include "storage/store/document_acts.h"

namespace greffe {
namespace {

constexpr int kMaxSkipped = 1000;  // that an answer tells of
constexpr std::size_t kMaxSkippedBytes = 1 << 20;

std::string FirstCharacters(std::string_view text, int count) {
  std::string_view rest = text;
  while (count-- > 0 && !rest.empty() && TakeCodePoint(rest)) {
  }
  return std::string(text.substr(0, text.size() - rest.size()));
}

class ImportAct {
 public:
  ImportAct(Transaction& transaction, ImportedCommit& commit, v1::ImportCommitsResponse& outcome)
      : transaction_(transaction),
        commit_(commit),
        outcome_(outcome),
        comment_(FirstCharacters(commit.message, kMaxComment)) {}

  absl::Status Run() {
    for (const ImportFile& file : commit_.files) {
      if (file.action == v1::IMPORT_ACTION_DELETE) GREFFE_RETURN_IF_ERROR(Delete(file));
    }
    GREFFE_RETURN_IF_ERROR(RenameAll());
    for (ImportFile& file : commit_.files) {
      if (file.content) GREFFE_RETURN_IF_ERROR(Write(file));
    }
    const std::size_t line = commit_.message.find('\n');
    transaction_.SetSubject(commit_.message.substr(0, line));
    transaction_.SetBody(line == std::string::npos ? "" : commit_.message.substr(line + 1));
    return absl::OkStatus();
  }

 private:
  absl::Status Delete(const ImportFile& file) {
    GREFFE_ASSIGN_OR_RETURN(const auto number, transaction_.FindByPath(NormalizePath(file.path)));
    if (!number) return absl::OkStatus();  // it was not kept when it came
    outcome_.set_documents_withdrawn(outcome_.documents_withdrawn() + 1);
    return WithdrawDocument(transaction_, *number, "");
  }

  struct Rename {
    ImportFile* file;
    std::string number;
    absl::Status last;  // why it waits
    std::string aside;  // the path that it had before it was moved aside; "": it was not
  };

  absl::StatusOr<std::vector<Rename>> FindRenames() {
    std::vector<Rename> renames;
    for (ImportFile& file : commit_.files) {
      if (file.action != v1::IMPORT_ACTION_RENAME) continue;
      GREFFE_ASSIGN_OR_RETURN(const auto number, transaction_.FindByPath(NormalizePath(file.previous_path)));
      if (number) {
        renames.push_back({&file, *number, absl::OkStatus(), ""});
      } else if (!file.content) {
        GREFFE_RETURN_IF_ERROR(Skip(file.path, "PREVIOUS_PATH_UNKNOWN",
                                    QuotedValue(file.previous_path) + ", its former path, is not here"));
      }
    }
    return renames;
  }

  // Those whose destination is still held wait for the others; a circle is opened by moving one aside.
  absl::Status RenameAll() {
    GREFFE_ASSIGN_OR_RETURN(std::vector<Rename> renames, FindRenames());
    RenameQueue queue(renames.size());
    int asides = 0;
    while (true) {
      if (const auto next = queue.Next()) {
        GREFFE_RETURN_IF_ERROR(Try(renames[*next], *next, queue));
      } else if (const auto aside = queue.NextAside()) {
        const std::string& number = renames[*aside].number;
        GREFFE_ASSIGN_OR_RETURN(const v1::Document before, transaction_.GetDocument(number));
        const std::string path = "renaming." + std::to_string(++asides) + "." + number;
        GREFFE_RETURN_IF_ERROR(MoveDocument(transaction_, number, path, "", "path"));
        renames[*aside].aside = before.path();
        GREFFE_RETURN_IF_ERROR(Leave(before, queue));
      } else if (const auto last = queue.GiveUp()) {
        GREFFE_RETURN_IF_ERROR(GiveUp(renames[*last]));
      } else {
        return absl::OkStatus();
      }
    }
  }

  absl::Status Try(Rename& rename, std::size_t index, RenameQueue& queue) {
    GREFFE_ASSIGN_OR_RETURN(const v1::Document before, transaction_.GetDocument(rename.number));
    const absl::Status moved = MoveDocument(transaction_, rename.number, rename.file->path, "", "path");
    if (ReasonOf(moved) == "PATH_TAKEN") {
      rename.last = moved;
      queue.Wait(index, FoldPath(ErrorMetadataOf(moved, "clash")));
      return absl::OkStatus();
    }
    if (moved.ok()) {
      outcome_.set_documents_moved(outcome_.documents_moved() + 1);
    } else if (absl::IsInvalidArgument(moved)) {
      // It has left its place, and cannot have the new one.
      GREFFE_RETURN_IF_ERROR(Skip(rename.file->path, ReasonOf(moved), std::string(moved.message())));
      GREFFE_RETURN_IF_ERROR(WithdrawDocument(transaction_, rename.number, ""));
      outcome_.set_documents_withdrawn(outcome_.documents_withdrawn() + 1);
      rename.file->content.reset();
    } else {
      return moved;
    }
    return Leave(before, queue);
  }

  // Tells the queue which places are free now that the document is not there any more: its own, those of companions
  // that it may have, and folders in which it was the last.
  absl::Status Leave(const v1::Document& before, RenameQueue& queue) {
    for (const std::string& place : {before.path(), CompanionFolder(before.path(), v1::FILE_ROLE_RENDITION),
                                     CompanionFolder(before.path(), v1::FILE_ROLE_ATTACHMENT)}) {
      std::vector<std::string_view> left = ParentFolders(place);
      left.push_back(place);
      for (const std::string_view path : left) {
        const std::string folded = FoldPath(path);
        if (!queue.IsAwaited(folded)) continue;
        GREFFE_ASSIGN_OR_RETURN(const bool free, transaction_.IsFree(path));
        if (free) queue.Free(folded);
      }
    }
    return absl::OkStatus();
  }

  // A clash that no order of the renames resolves.
  absl::Status GiveUp(Rename& rename) {
    GREFFE_RETURN_IF_ERROR(Skip(rename.file->path, ReasonOf(rename.last), std::string(rename.last.message())));
    rename.file->content.reset();
    outcome_.set_documents_withdrawn(outcome_.documents_withdrawn() + 1);
    GREFFE_RETURN_IF_ERROR(WithdrawDocument(transaction_, rename.number, ""));
    if (rename.aside.empty()) return absl::OkStatus();
    // What is withdrawn holds no place: it has the path that it is known by.
    GREFFE_ASSIGN_OR_RETURN(v1::Document document, transaction_.GetDocument(rename.number));
    document.set_path(rename.aside);
    return PutDocumentRecord(transaction_, std::move(document), "path");
  }

  absl::Status Write(ImportFile& file) {
    const std::string path = NormalizePath(file.path);
    GREFFE_ASSIGN_OR_RETURN(const auto found, transaction_.FindByPath(path));
    CheckInAct act;
    if (found && written_.contains(*found)) {
      return Skip(file.path, "PATH_TAKEN", QuotedValue(path) + ": another file of the commit is spelled so too");
    }
    if (found) {
      act.number = *found;
    } else {
      v1::Document document;
      document.set_path(path);
      document.set_type(file.document_type);
      const absl::StatusOr<std::string> created =
          CreateDocument(transaction_, std::move(document), "", commit_.owner, "path", "number", SaidBy::kServer);
      if (!created.ok()) {
        const std::string reason = ReasonOf(created.status());
        if (reason != "PATH_INVALID" && reason != "PATH_TAKEN") return created.status();
        return Skip(file.path, reason, std::string(created.status().message()));
      }
      act.number = *created;
      outcome_.set_documents_created(outcome_.documents_created() + 1);
    }
    written_.insert(act.number);
    act.main_file = *std::move(file.content);
    act.comment = comment_;
    GREFFE_ASSIGN_OR_RETURN(const bool changed, CheckIn(transaction_, std::move(act), "change"));
    if (changed) outcome_.set_versions_created(outcome_.versions_created() + 1);
    return absl::OkStatus();
  }

  absl::Status Skip(const std::string& path, const std::string& reason, const std::string& detail) {
    if (commit_.policy != v1::BAD_PATH_POLICY_SKIP) return InvalidField("path", reason, detail);
    v1::ImportSkip skip;
    skip.set_path(path);
    skip.set_reason(reason);
    skip.set_detail(detail);
    skipped_bytes_ += skip.ByteSizeLong();
    // The commit will be durable when it is answered, so the answer must have room in a message.
    if (outcome_.skipped_size() == kMaxSkipped || skipped_bytes_ > kMaxSkippedBytes) {
      outcome_.set_omitted_skip_count(outcome_.omitted_skip_count() + 1);
    } else {
      *outcome_.add_skipped() = std::move(skip);
    }
    return absl::OkStatus();
  }

  Transaction& transaction_;
  ImportedCommit& commit_;
  v1::ImportCommitsResponse& outcome_;
  const std::string comment_;      // of the versions that it makes
  std::set<std::string> written_;  // numbers of documents that have their file of the commit
  std::size_t skipped_bytes_ = 0;
};

}  // namespace

absl::Status RunImport(Transaction& transaction, ImportedCommit& commit, v1::ImportCommitsResponse& outcome) {
  return ImportAct(transaction, commit, outcome).Run();
}

}  // namespace greffe
