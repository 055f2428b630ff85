#include "storage/store/object_source.h"

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"

namespace greffe {

std::string ObjectSource::RepositoryPath(std::string_view project) const {
  return directory_ + "/" + std::string(project) + ".git";
}

absl::StatusOr<std::shared_ptr<GitRepository>> ObjectSource::Repository(std::string_view project) {
  const std::string name(project);
  const std::lock_guard lock(mutex_);
  if (const auto found = by_project_.find(name); found != by_project_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return recent_.front().second;
  }
  GREFFE_ASSIGN_OR_RETURN(std::unique_ptr<GitRepository> opened, GitRepository::Open(RepositoryPath(project)));
  recent_.emplace_front(name, std::move(opened));
  by_project_[name] = recent_.begin();
  if (static_cast<int>(recent_.size()) > open_repositories_) {
    // Who still uses it keeps it until done.
    by_project_.erase(recent_.back().first);
    recent_.pop_back();
  }
  return recent_.front().second;
}

absl::StatusOr<std::shared_ptr<GitRepository>> ObjectSource::FindRepository(std::string_view project) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = by_project_.find(std::string(project)); found != by_project_.end()) {
      recent_.splice(recent_.begin(), recent_, found->second);
      return recent_.front().second;
    }
  }
  if (!FileExists(RepositoryPath(project))) return std::shared_ptr<GitRepository>();
  return Repository(project);
}

absl::StatusOr<GitObject> ObjectSource::Read(std::string_view project, const Oid& oid) {
  GREFFE_ASSIGN_OR_RETURN(std::optional<GitObject> object, journal_.ReadObject(project, oid));
  if (object) return *std::move(object);
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, FindRepository(project));
  if (repository != nullptr) {
    GREFFE_ASSIGN_OR_RETURN(object, repository->ReadObject(oid));
    if (object) return *std::move(object);
  }
  return Damaged("project '" + std::string(project) + "'", "object " + oid.Hex() + " is missing");
}

}  // namespace greffe
