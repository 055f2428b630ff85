#include "clients/cli/second_spellings.h"

#include <utility>

#include "clients/cli/text.h"
#include "clients/cpp/macros.h"

namespace greffe::cli {

absl::StatusOr<bool> SecondSpellings::IsSecond(const ImportSelection& selection, const std::string& commit,
                                               const std::string& path) {
  const std::string first = Normalized(path);
  // git is asked by lines.
  if (first == path || !selection.Takes(first) || first.find('\n') != std::string::npos) return false;
  if (objects_ == nullptr) {
    GREFFE_CLIENT_ASSIGN_OR_RETURN(objects_, GitProcess::Start({"-C", folder_, "cat-file", "--batch-check"}, true));
  }
  GREFFE_CLIENT_RETURN_IF_ERROR(objects_->Write(commit + ":" + first + "\n"));
  std::string answer;
  GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool more, objects_->ReadUntil('\n', answer));
  if (!more) {
    GREFFE_CLIENT_RETURN_IF_ERROR(objects_->Finish());
    return client::MakeError(absl::StatusCode::kFailedPrecondition, "LOCAL_GIT_FAILED", "git cat-file ended early");
  }
  // `<id> blob <size>`, or `<commit>:<path> missing`.
  const std::size_t end = answer.find_first_of(" :");
  return end != std::string::npos && answer.substr(end).starts_with(" blob ");
}

absl::Status SecondSpellings::TakeOut(const ImportSelection& selection, GitCommit& commit,
                                      std::vector<Skipped>& skipped) {
  std::vector<GitChange> kept;
  for (GitChange& change : commit.changes) {
    const bool renamed = change.status == 'R' && Normalized(change.previous_path) != Normalized(change.path);
    GREFFE_CLIENT_ASSIGN_OR_RETURN(const bool second, IsSecond(selection, commit.id, change.path));
    bool from_second = false;
    if (renamed) {
      GREFFE_CLIENT_ASSIGN_OR_RETURN(from_second, IsSecond(selection, commit.id, change.previous_path));
    }
    if (second && change.status != 'D') {
      skipped.push_back({change.path, "PATH_TAKEN", "another file of the commit is spelled so too, in NFC"});
    }
    if (second && renamed && !from_second) {  // the document has left its place
      change.status = 'D';
      change.path = std::exchange(change.previous_path, "");
      change.new_mode = "000000";
    } else if (second) {
      continue;
    } else if (from_second) {  // which was no document
      change.status = 'A';
      change.previous_path.clear();
      change.old_mode = "000000";
    }
    kept.push_back(std::move(change));
  }
  commit.changes = std::move(kept);
  return absl::OkStatus();
}

}  // namespace greffe::cli
