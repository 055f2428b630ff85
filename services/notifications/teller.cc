#include "services/notifications/teller.h"

#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

#include "services/notifications/due_notices.h"
#include "services/notifications/event_notices.h"
#include "services/notifications/old_notices.h"
#include "storage/base/civil_date.h"
#include "storage/base/clock.h"
#include "storage/base/errors.h"
#include "storage/base/this_thread.h"

namespace greffe {
namespace {

constexpr int kChangesAtOnce = 16;            // one may have 100,000 entries
constexpr std::size_t kNoticesAtOnce = 1000;  // in memory, about; from which on no other commit is looked at
constexpr Sequence kMostUnstored = 1000;      // commits that told nothing and may be looked at again
constexpr int kProjectsAtOnce = 1000;

}  // namespace

Teller::Teller(TellerOptions options, Store& store, const Clock& clock, std::function<void(const std::string&)> log)
    : options_(options), store_(store), clock_(clock), log_(std::move(log)) {}

Teller::~Teller() { Stop(); }

void Teller::Start() {
  begun_ = Begin();
  subscription_ = store_.Subscribe("", [this](std::string_view project) {
    if (project.empty()) return;
    const std::lock_guard lock(mutex_);
    if (changed_.empty()) event_.notify_all();  // otherwise it is awake, or gathers
    changed_.emplace(project);
  });
  thread_ = std::thread([this] { Run(); });
}

void Teller::Stop() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
    event_.notify_all();
  }
  thread_.join();
  store_.Unsubscribe(subscription_);
}

bool Teller::stopping() const {
  const std::lock_guard lock(mutex_);
  return stopping_;
}

void Teller::Run() {
  NameThisThread("teller");
  auto next_sweep = std::chrono::steady_clock::now();
  while (!stopping()) {
    const auto now = std::chrono::steady_clock::now();
    if (now >= next_sweep) {
      next_sweep = now + options_.sweep;
      if (!begun_) begun_ = Begin();
      if (!begun_) continue;
      RemoveOld();
      LookAtAll();
      continue;
    }
    std::set<std::string> changed;
    {
      std::unique_lock lock(mutex_);
      event_.wait_until(lock, next_sweep, [this] { return stopping_ || !changed_.empty(); });
      if (!changed_.empty()) event_.wait_for(lock, options_.gather, [this] { return stopping_; });
      changed.swap(changed_);
    }
    if (!begun_) continue;
    for (const std::string& project : changed) {
      if (!stopping()) LookAt(project, false);
    }
  }
  // Nothing needs to be looked at again.
  Inbox::Progress unstored;
  for (const auto& [project, reached] : reached_) {
    if (reached.now != reached.stored) unstored[project] = reached.now;
  }
  if (unstored.empty()) return;
  const absl::Status kept = store_.inbox().Tell({}, unstored, true).status();
  if (!kept.ok()) log_("how far people were told is not kept: " + std::string(kept.message()));
}

bool Teller::Begin() {
  const absl::Status begun = KeepBeginning();
  if (!begun.ok()) log_("nobody is told anything yet: " + std::string(begun.message()));
  return begun.ok();
}

absl::Status Teller::KeepBeginning() {
  GREFFE_ASSIGN_OR_RETURN(const bool begun, store_.inbox().HasBegun());
  if (begun) return absl::OkStatus();
  Inbox::Progress progress;
  std::string after;
  while (true) {
    GREFFE_ASSIGN_OR_RETURN(const std::vector<std::string> projects,
                            store_.index().ListProjects(after, kProjectsAtOnce));
    for (const std::string& project : projects) {
      GREFFE_ASSIGN_OR_RETURN(const std::optional<ProjectMark> mark, store_.index().FindMark(project));
      if (mark) progress[project].sequence = mark->sequence;
    }
    if (static_cast<int>(projects.size()) < kProjectsAtOnce) break;
    after = projects.back();
  }
  return store_.inbox().Tell({}, progress, true).status();
}

void Teller::LookAtAll() {
  std::string after;
  while (!stopping()) {
    const absl::StatusOr<std::vector<std::string>> projects = store_.index().ListProjects(after, kProjectsAtOnce);
    if (!projects.ok()) return;
    for (const std::string& project : *projects) {
      if (stopping()) return;
      LookAt(project, true);
    }
    if (static_cast<int>(projects->size()) < kProjectsAtOnce) return;
    after = projects->back();
  }
}

void Teller::RemoveOld() {
  const Micros day = clock_.Now() / kMicrosPerDay;
  if (day == removed_day_ || stopping()) return;
  removed_day_ = day;
  const absl::Status removed = RemoveOldNotices(store_);
  if (!removed.ok()) log_("old notifications are not removed: " + std::string(removed.message()));
}

void Teller::LookAt(const std::string& project, bool sweep) {
  const absl::Status status = TellOf(project, sweep);
  if (absl::IsCancelled(status)) return;
  const std::string told(status.message());
  std::string& complaint = complaints_[project];
  if (!told.empty() && told != complaint) log_("project '" + project + "': not all is told: " + told);
  complaint = told;
}

absl::StatusOr<Teller::Reached*> Teller::Find(const std::string& project) {
  const auto found = reached_.find(project);
  if (found != reached_.end()) return &found->second;
  GREFFE_ASSIGN_OR_RETURN(const std::optional<NoticeProgress> stored, store_.inbox().FindProgress(project));
  const NoticeProgress progress = stored.value_or(NoticeProgress{});
  return &reached_.emplace(project, Reached{progress, progress}).first->second;
}

absl::Status Teller::TellOf(const std::string& project, bool sweep) {
  GREFFE_ASSIGN_OR_RETURN(Reached* const reached, Find(project));
  bool at_end = false;
  while (!at_end && !stopping()) {
    GREFFE_ASSIGN_OR_RETURN(const ProjectView view, store_.View(project));
    const Micros now = clock_.Now();
    GREFFE_ASSIGN_OR_RETURN(const v1::Project record, view.GetProject());
    const std::string today = DateAt(now, record.time_zone());
    NoticeProgress next = reached->now;
    // A journal that was put back from a copy may know more than the project has.
    if (next.sequence > view.sequence()) {
      next.sequence = view.sequence();
      next.told = 0;
    }
    GREFFE_ASSIGN_OR_RETURN(const std::vector<v1::Change> changes, view.ListChanges(next.sequence, kChangesAtOnce));
    std::vector<Notice> notices;
    std::vector<v1::Notification> found;  // and not among `notices` yet
    // Its rule, its zone, or the day is another one: each date may be news.
    bool all_dates = next.day != today;
    std::set<std::string> touched;
    for (const v1::Change& change : changes) {
      if (notices.size() >= kNoticesAtOnce) break;
      const std::int64_t told_before = next.told;
      std::int64_t number = 0;
      GREFFE_RETURN_IF_ERROR(AddEventNotices(store_, change, found, [&]() -> absl::Status {
        for (v1::Notification& notification : found) {
          if (++number <= told_before) continue;
          next.told = number;
          notices.push_back({std::move(notification), next});
        }
        found.clear();
        if (notices.size() < kNoticesAtOnce) return absl::OkStatus();
        // The dates of what these commits touched are not looked at yet.
        all_dates = true;
        next.day.clear();
        return Tell(project, std::exchange(notices, {}), next, *reached);
      }));
      next.sequence = change.sequence();
      next.told = 0;
      for (const v1::ChangeEntry& entry : change.entries()) {
        all_dates = all_dates || entry.resource() == record.name();
        touched.insert(entry.resource());
      }
    }
    at_end = next.sequence == view.sequence();
    NoticeWriter writer(record, found);
    const auto take = [&] {
      for (v1::Notification& notification : found) notices.push_back({std::move(notification), next});
      found.clear();
    };
    if (at_end && all_dates) {
      next.day.clear();  // until all of it was looked at
      GREFFE_RETURN_IF_ERROR(AddAllDueNotices(view, today, writer, [&]() -> absl::Status {
        take();
        if (notices.size() < kNoticesAtOnce) return absl::OkStatus();
        return Tell(project, std::exchange(notices, {}), next, *reached);
      }));
      next.day = today;
    } else {
      if (all_dates) next.day.clear();  // at the end
      GREFFE_RETURN_IF_ERROR(AddDueNoticesOf(view, touched, today, writer));
    }
    if (sweep && at_end) AddLockNotices(store_, view, now, writer);
    take();
    GREFFE_RETURN_IF_ERROR(Tell(project, std::move(notices), next, *reached));
  }
  return absl::OkStatus();
}

absl::Status Teller::Tell(const std::string& project, std::vector<Notice> notices, const NoticeProgress& next,
                          Reached& reached) {
  auto notice = notices.begin();
  do {
    std::vector<v1::Notification> part;
    NoticeProgress progress;
    for (std::int64_t bytes = 0; notice != notices.end(); ++notice) {
      bytes += static_cast<std::int64_t>(notice->notification.ByteSizeLong()) +
               store_.outbox().BytesFor(notice->notification);
      if (!part.empty() && bytes > options_.append_bytes) break;
      progress = notice->reached;
      part.push_back(std::move(notice->notification));
    }
    // Before the end not all dates of what was touched are looked at: the next look begins with all that there are.
    progress.day.clear();
    if (notice == notices.end()) progress = next;
    const bool keep =
        progress.day != reached.stored.day || progress.sequence - reached.stored.sequence >= kMostUnstored;
    GREFFE_ASSIGN_OR_RETURN(const bool stored, store_.inbox().Tell(std::move(part), {{project, progress}}, keep));
    if (stored) reached.stored = progress;
    reached.now = progress;
    if (notice != notices.end() && stopping()) return absl::CancelledError("the rest is told by the next start");
  } while (notice != notices.end());
  return absl::OkStatus();
}

}  // namespace greffe
