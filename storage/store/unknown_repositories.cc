#include "storage/store/unknown_repositories.h"

#include <memory>
#include <optional>
#include <utility>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"
#include "storage/base/names.h"
#include "storage/base/record_layout.h"
#include "storage/git/object_format.h"
#include "storage/git/repository.h"

namespace greffe {
namespace {

constexpr std::string_view kEnding = ".git";

std::string FolderOf(const std::string& directory) { return directory + "/repositories"; }

absl::StatusOr<std::optional<Oid>> ReadMain(const std::string& path) {
  GREFFE_ASSIGN_OR_RETURN(const auto repository, GitRepository::OpenReadOnly(path));
  return repository->ReadRef(kMainRef);
}

absl::Status WalkBack(const GitRepository& repository, VerifyCounts& counts, const Pace& pace) {
  GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> main, repository.ReadRef(kMainRef));
  for (Oid at = main.value_or(Oid{}); !at.IsZero();) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<GitObject> object, repository.ReadObject(at));
    if (!object) return Damaged("repository '" + repository.path() + "'", "commit " + at.Hex() + " is missing");
    if (object->type != ObjectType::kCommit) return Damaged("object " + at.Hex(), "it is not a commit");
    ++counts.commits;
    GREFFE_RETURN_IF_ERROR(pace(static_cast<std::int64_t>(object->data.size())));
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Oid> parent, FirstParent(object->data));
    at = parent.value_or(Oid{});
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ListRepositories(const std::string& directory) {
  std::vector<std::string> projects;
  if (!FileExists(FolderOf(directory))) return projects;
  GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> names, ListDirectory(FolderOf(directory)));
  for (const std::string& name : names) {
    if (!name.ends_with(kEnding)) continue;
    std::string project = name.substr(0, name.size() - kEnding.size());
    if (ValidateProjectId(project, "project").ok()) projects.push_back(std::move(project));
  }
  return projects;
}

absl::StatusOr<std::map<std::string, absl::Status>> FindUnknownRepositories(const std::string& directory,
                                                                            const std::vector<std::string>& projects,
                                                                            const Journal& journal) {
  std::map<std::string, absl::Status> unknown;
  for (const std::string& project : projects) {
    GREFFE_ASSIGN_OR_RETURN(const std::optional<Head> head, journal.ReadHead(project, kMainRef));
    if (head) continue;
    const absl::StatusOr<std::optional<Oid>> main =
        ReadMain(FolderOf(directory) + "/" + project + std::string(kEnding));
    if (main.ok() && !*main) continue;
    const std::string why = main.ok() ? "" : ": " + std::string(main.status().message());
    unknown.emplace(project, Error(absl::StatusCode::kDataLoss, "REPOSITORY_UNKNOWN",
                                   "the journal does not know the repository of project '" + project +
                                       "': no start has taken it up, which one does unless it is damaged" + why,
                                   {{"project", project}}));
  }
  return unknown;
}

absl::Status VerifyUnknownRepository(ObjectSource& objects, const std::string& project, const absl::Status& unknown,
                                     VerifyCounts& counts, const VerifyCalls& calls) {
  const Pace pace = [&](std::int64_t bytes) {
    counts.bytes += bytes;
    return calls.pace(bytes);
  };
  const auto finding = [&](const absl::Status& found) {
    calls.finding({ProjectName(project), std::string(found.message())});
  };
  const auto read = [&]() -> absl::Status {
    GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects.FindRepository(project));
    if (repository == nullptr) return absl::OkStatus();  // it is gone
    GREFFE_RETURN_IF_ERROR(
        repository->VerifyObjects(pace, finding, [&](const Oid&, const auto&) { ++counts.objects; }));
    return WalkBack(*repository, counts, pace);
  };
  ++counts.projects;
  finding(unknown);
  const absl::Status status = read();
  if (absl::IsCancelled(status)) return status;
  if (!status.ok()) finding(status);
  return absl::OkStatus();
}

}  // namespace greffe
