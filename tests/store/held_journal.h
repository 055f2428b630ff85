// A journal whose appends wait, or fail, as a test says.
#pragma once

#include <atomic>
#include <condition_variable>
#include <functional>
#include <mutex>
#include <string>
#include <utility>

#include "storage/base/errors.h"
#include "storage/journal/journal.h"

namespace greffe {

// Thread-safe.
class HeldJournal final : public Journal {
 public:
  explicit HeldJournal(Journal& journal) : journal_(journal) {}

  // Appends that have rows of `repository` wait from now on.
  void Hold(std::string repository) {
    const std::lock_guard lock(mutex_);
    held_ = std::move(repository);
  }
  // Until one waits.
  void AwaitHeld() {
    std::unique_lock lock(mutex_);
    event_.wait(lock, [this] { return waiting_ > 0; });
  }
  // Those that wait go on, or fail with `status`.
  void Release(absl::Status status = absl::OkStatus()) {
    const std::lock_guard lock(mutex_);
    held_.clear();
    status_ = std::move(status);
    event_.notify_all();
  }

  // Appends fail, without having done anything, when `fails` says so.
  void FailWhen(std::function<bool()> fails) { fails_ = std::move(fails); }

  // The next trim fails, without having done anything.
  void FailTrim(absl::Status status) { trim_status_ = std::move(status); }

  int commits_read() const { return commits_read_; }

  absl::Status Append(std::span<const CommitGroup* const> groups) override {
    if (fails_ && fails_()) return absl::AbortedError("as the test asked for");
    {
      std::unique_lock lock(mutex_);
      const auto is_held = [&] {
        for (const CommitGroup* group : groups) {
          if (group->repository == held_) return true;
        }
        return false;
      };
      if (is_held()) {
        ++waiting_;
        event_.notify_all();
        event_.wait(lock, [&] { return !is_held(); });
        --waiting_;
        if (!status_.ok()) return status_;
      }
    }
    return journal_.Append(groups);
  }
  absl::StatusOr<std::optional<Head>> ReadHead(std::string_view repository, std::string_view ref) const override {
    return journal_.ReadHead(repository, ref);
  }
  absl::StatusOr<std::vector<Head>> ListHeads(std::string_view after_repository, int limit) const override {
    return journal_.ListHeads(after_repository, limit);
  }
  absl::StatusOr<std::vector<Head>> ListRefs(std::string_view repository) const override {
    return journal_.ListRefs(repository);
  }
  absl::StatusOr<std::optional<GitObject>> ReadObject(std::string_view repository, const Oid& oid) const override {
    return journal_.ReadObject(repository, oid);
  }
  absl::StatusOr<std::vector<JournalCommit>> ReadCommits(std::string_view repository, Sequence after,
                                                         std::int64_t max_bytes) const override {
    absl::StatusOr<std::vector<JournalCommit>> commits = journal_.ReadCommits(repository, after, max_bytes);
    if (commits.ok()) commits_read_ += static_cast<int>(commits->size());
    return commits;
  }
  absl::Status Trim(std::string_view repository, Sequence through) override {
    GREFFE_RETURN_IF_ERROR(std::exchange(trim_status_, absl::OkStatus()));
    return journal_.Trim(repository, through);
  }
  JournalStats Stats(std::string_view repository) const override { return journal_.Stats(repository); }
  std::vector<std::string> UnpackedRepositories() const override { return journal_.UnpackedRepositories(); }
  absl::StatusOr<std::optional<std::string>> ReadState(std::string_view key) const override {
    return journal_.ReadState(key);
  }
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanState(std::string_view prefix,
                                                                             std::string_view after,
                                                                             int limit) const override {
    return journal_.ScanState(prefix, after, limit);
  }
  absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ScanStateBackwards(std::string_view prefix,
                                                                                      std::string_view before,
                                                                                      int limit) const override {
    return journal_.ScanStateBackwards(prefix, before, limit);
  }
  std::uint64_t WaitForAppend(std::uint64_t seen, std::chrono::milliseconds timeout) const override {
    return journal_.WaitForAppend(seen, timeout);
  }
  absl::Status Health() const override { return journal_.Health(); }
  absl::Status Close() override { return journal_.Close(); }

 private:
  Journal& journal_;
  std::function<bool()> fails_;
  std::mutex mutex_;
  std::condition_variable event_;
  std::string held_;
  absl::Status status_;
  absl::Status trim_status_;
  int waiting_ = 0;
  mutable std::atomic<int> commits_read_ = 0;
};

}  // namespace greffe
