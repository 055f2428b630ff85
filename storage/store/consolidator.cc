#include "storage/store/consolidator.h"

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "storage/base/this_thread.h"

namespace greffe {
namespace {

constexpr std::size_t kLeastPacks = 10;
// While much is written to the project: what writers need of processors and memory is left to them as long as reads do
// not suffer from many packs. As many are left by a process that was stopped at it.
constexpr std::size_t kLeastPacksWhileBusy = 40;

}  // namespace

void Consolidator::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Consolidator::Stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    event_.notify_all();
  }
  if (thread_.joinable()) thread_.join();
}

void Consolidator::Offer(const std::string& project) {
  if (!thread_.joinable()) {
    Consolidate(project, kLeastPacks).IgnoreError();
    return;
  }
  const std::lock_guard lock(mutex_);
  Queue(project);
}

void Consolidator::Queue(const std::string& project) {
  if (queued_.insert(project).second) order_.push_back(project);
  event_.notify_all();
}

void Consolidator::BeginRound(std::set<std::string> busy) {
  const std::lock_guard lock(mutex_);
  busy_ = std::move(busy);
}

void Consolidator::EndRound() {
  const std::lock_guard lock(mutex_);
  for (const std::string& project : std::exchange(put_off_, {})) Queue(project);
}

void Consolidator::Run() {
  NameThisThread("consolidator");
  YieldToOthers();
  const std::vector<std::string> left = objects_.ProjectsWithPacks(kLeastPacksWhileBusy);
  std::unique_lock lock(mutex_);
  for (const std::string& project : left) Queue(project);
  while (true) {
    event_.wait(lock, [this] { return stopping_ || !order_.empty(); });
    if (stopping_) return;
    const std::string project = std::move(order_.front());
    order_.pop_front();
    queued_.erase(project);
    const bool busy = busy_.contains(project);
    if (busy) put_off_.insert(project);
    lock.unlock();
    Consolidate(project, busy ? kLeastPacksWhileBusy : kLeastPacks).IgnoreError();
    lock.lock();
  }
}

absl::Status Consolidator::Consolidate(const std::string& project, std::size_t least) {
  GREFFE_ASSIGN_OR_RETURN(const std::shared_ptr<GitRepository> repository, objects_.FindRepository(project));
  if (repository == nullptr) return absl::OkStatus();
  const auto cancelled = [this] { return stopping_.load(); };
  // The others are merged without what is damaged.
  const auto tell_damage = [&](const absl::Status& done) {
    if (!absl::IsDataLoss(done)) return done;
    failed_(project, done);
    return absl::OkStatus();
  };
  std::size_t before = SIZE_MAX;
  for (std::size_t now = repository->CountSmallPacks(); now >= least && now < before && !stopping_;
       now = repository->CountSmallPacks()) {
    before = now;
    GREFFE_RETURN_IF_ERROR(tell_damage(repository->Consolidate(false, cancelled)));
  }
  return tell_damage(repository->JoinPacks(cancelled));
}

}  // namespace greffe
