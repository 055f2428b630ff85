#include "storage/store/object_source.h"

#include <algorithm>

#include "storage/base/durable_file.h"
#include "storage/base/errors.h"

namespace greffe {

std::string ObjectSource::RepositoryPath(std::string_view project) const {
  return directory_ + "/" + std::string(project) + ".git";
}

std::shared_ptr<GitRepository> ObjectSource::Find(const std::string& project) {
  const std::lock_guard lock(mutex_);
  if (const auto found = by_project_.find(project); found != by_project_.end()) {
    recent_.splice(recent_.begin(), recent_, found->second);
    return recent_.front().second;
  }
  const auto lingering = lingering_.find(project);
  if (lingering == lingering_.end()) return nullptr;
  std::shared_ptr<GitRepository> repository = lingering->second.lock();
  lingering_.erase(lingering);
  if (repository != nullptr) Keep(project, repository);
  return repository;
}

void ObjectSource::Keep(const std::string& project, const std::shared_ptr<GitRepository>& repository) {
  recent_.emplace_front(project, repository);
  by_project_[project] = recent_.begin();
  if (static_cast<int>(recent_.size()) <= open_repositories_) return;
  // Who still uses it keeps it until done.
  Entry& oldest = recent_.back();
  if (oldest.second.use_count() > 1) lingering_[oldest.first] = oldest.second;
  by_project_.erase(oldest.first);
  recent_.pop_back();
}

ObjectSource::Opening& ObjectSource::OpeningOf(const std::string& project) {
  const std::lock_guard lock(mutex_);
  std::unique_ptr<Opening>& opening = openings_[project];
  if (opening == nullptr) opening = std::make_unique<Opening>();
  return *opening;
}

absl::StatusOr<std::shared_ptr<GitRepository>> ObjectSource::Repository(std::string_view project) {
  const std::string name(project);
  if (std::shared_ptr<GitRepository> repository = Find(name)) return repository;
  Opening& opening = OpeningOf(name);
  const std::lock_guard alone(opening.mutex);
  if (std::shared_ptr<GitRepository> repository = Find(name)) return repository;
  GREFFE_ASSIGN_OR_RETURN(std::shared_ptr<GitRepository> opened,
                          GitRepository::Open(RepositoryPath(project), &opening.idxs, reserve_bytes_));
  const std::lock_guard lock(mutex_);
  Keep(name, opened);
  return opened;
}

absl::StatusOr<std::shared_ptr<GitRepository>> ObjectSource::FindRepository(std::string_view project) {
  if (std::shared_ptr<GitRepository> repository = Find(std::string(project))) return repository;
  if (!FileExists(RepositoryPath(project))) return std::shared_ptr<GitRepository>();
  return Repository(project);
}

std::vector<std::string> ObjectSource::ProjectsWithPacks(std::size_t least) const {
  constexpr std::string_view kSuffix = ".git";
  std::vector<std::string> projects;
  for (const std::string& name : ListDirectory(directory_).value_or(std::vector<std::string>())) {
    if (!name.ends_with(kSuffix)) continue;
    std::string project = name.substr(0, name.size() - kSuffix.size());
    const auto files = ListDirectory(RepositoryPath(project) + "/objects/pack");
    const auto is_pack = [](const std::string& file) { return file.ends_with(".pack"); };
    if (!files.ok() || std::cmp_less(std::ranges::count_if(*files, is_pack), least)) continue;
    projects.push_back(std::move(project));
  }
  return projects;
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
