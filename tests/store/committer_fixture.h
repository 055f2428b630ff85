// A committer over a journal and an index of its own.
#pragma once

#include <gtest/gtest.h>

#include <future>
#include <memory>
#include <string>

#include "storage/git/repository.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/committer.h"
#include "storage/store/content_seals.h"
#include "storage/store/document_acts.h"
#include "storage/store/uploads.h"
#include "tests/store/held_journal.h"
#include "tests/temporary_directory.h"

namespace greffe {

using Answer = std::future<absl::StatusOr<WriteResult>>;

class CommitterFixture : public testing::Test {
 protected:
  explicit CommitterFixture(int committers) {
    options_.committers = committers;
    options_.quick_append = {};  // Write returns while an append is held
  }

  void SetUp() override {
    ASSERT_TRUE(InitializeGit().ok());
    const std::string path = directory_.path();
    RocksDbJournalOptions journal_options;
    journal_options.directory = path + "/journal";
    auto journal = OpenRocksDbJournal(journal_options);
    ASSERT_TRUE(journal.ok()) << journal.status();
    journal_ = *std::move(journal);
    auto index = Index::Open({.directory = path + "/index"});
    ASSERT_TRUE(index.ok()) << index.status();
    index_ = *std::move(index);
    objects_ = std::make_unique<ObjectSource>(path + "/repositories", *journal_, 8);
    UploadOptions upload_options;
    upload_options.directory = path + "/uploads";
    uploads_ = std::make_unique<Uploads>(upload_options, *journal_, clock_, seals_,
                                         [](std::string_view, const BlobHasher::Result&) { return absl::OkStatus(); });
    options_.directory = path;
    options_.reserve_bytes = 0;
    held_journal_ = std::make_unique<HeldJournal>(*journal_);
    committer_ = std::make_unique<Committer>(
        options_,
        WriteParts{*held_journal_, *index_, *objects_, *uploads_, timeline_, ages_, locks_, reservations_, unchanged_},
        notifier_, [this](const absl::Status& why) { fatal_ = why; });
  }

  Answer Write(const std::string& project, std::function<absl::Status(Transaction&)> act, std::int64_t bytes = 0,
               bool bulk = false, const std::string& principal = "ada", const std::string& request_id = "") {
    auto promise = std::make_shared<std::promise<absl::StatusOr<WriteResult>>>();
    Answer answer = promise->get_future();
    WriteAndTell(
        project, std::move(act), [promise](const absl::StatusOr<WriteResult>& result) { promise->set_value(result); },
        bytes, bulk, principal, request_id);
    return answer;
  }
  void WriteAndTell(const std::string& project, std::function<absl::Status(Transaction&)> act, WriteDone done,
                    std::int64_t bytes = 0, bool bulk = false, const std::string& principal = "ada",
                    const std::string& request_id = "") {
    WriteRequest request;
    request.project = project;
    request.principal.set_id(principal);
    request.request_id = request_id;
    if (!request_id.empty()) request.digest = std::string(64, '7');
    request.bytes = bytes;
    request.bulk = bulk;
    request.by_caller = by_caller_;
    request.act = std::move(act);
    committer_->Write(std::move(request), std::move(done));
  }
  // A project.
  static absl::Status Make(Transaction& transaction) {
    v1::Project project;
    project.set_title("Project");
    return CreateProject(transaction, project);
  }
  // Of the journal's appends so far.
  std::uint64_t Appends() { return journal_->WaitForAppend(0, std::chrono::milliseconds(0)); }

  TemporaryDirectory directory_;
  SystemClock clock_;
  StoreOptions options_;
  bool by_caller_ = true;
  std::unique_ptr<Journal> journal_;
  std::unique_ptr<HeldJournal> held_journal_;
  std::unique_ptr<Index> index_;
  std::unique_ptr<ObjectSource> objects_;
  ContentSeals seals_;
  std::unique_ptr<Uploads> uploads_;
  Timeline timeline_{clock_};
  AgeClock ages_{clock_};
  Notifier notifier_;
  LockTable locks_;
  NumberReservations reservations_;
  UnchangedRequests unchanged_;
  absl::Status fatal_;
  std::unique_ptr<Committer> committer_;
};

}  // namespace greffe
