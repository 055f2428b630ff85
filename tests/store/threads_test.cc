// Everything that a store does at once, for ThreadSanitizer to watch; without it, for the answers.
#include <atomic>
#include <map>
#include <thread>

#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class ThreadsTest : public StoreFixture {
 protected:
  void Configure(StoreOptions& options) override {
    options.background = true;
    options.committers = 3;
    options.pack_delay = std::chrono::milliseconds(1);
    options.open_repositories = 2;  // of three
    options.scrub.bytes_per_second = std::int64_t{1} << 40;
    options.scrub.pause = std::chrono::seconds(0);
  }

  absl::StatusOr<WriteResult> PutInto(const std::string& project, const std::string& number, const std::string& text,
                                      const std::string& request_id) {
    GREFFE_ASSIGN_OR_RETURN(const StagedContent content, store_->Stage(text, "a.md", "", "data"));
    WriteRequest request;
    request.project = project;
    request.principal.set_id("ada");
    request.request_id = request_id;
    request.digest = request_id;
    request.act = [=](Transaction& transaction) {
      CheckInAct act;
      act.number = number;
      act.main_file = content;
      return CheckIn(transaction, std::move(act), "item").status();
    };
    return store_->WriteAndWait(std::move(request));
  }
};

TEST_F(ThreadsTest, WritersReadersWatchersThePackerAndTheScrubAtOnce) {
  const std::vector<std::string> kProjects = {"apollo", "gemini", "mercury"};
  for (const std::string& project : kProjects) {
    const auto made = ActOn(project, [](Transaction& transaction) -> absl::Status {
      v1::Project record;
      record.set_title("P");
      GREFFE_RETURN_IF_ERROR(CreateProject(transaction, record));
      v1::Document document;
      document.set_path("a.md");
      return CreateDocument(transaction, document, "REC-0001", "ada", "document", "id").status();
    });
    ASSERT_TRUE(made.ok()) << made.status();
  }
  constexpr int kVersions = 16;
  std::atomic<int> failures = 0;
  std::atomic<int> woken = 0;
  const auto subscription = store_->Subscribe("", [&](std::string_view) { ++woken; });
  ASSERT_TRUE(store_->BeginScrub().ok());
  std::atomic<bool> done = false;
  std::vector<std::thread> writers;
  for (int i = 0; i < 4; ++i) {
    // Two of them ask for the same.
    writers.emplace_back([&, i] {
      for (int n = 1; n <= kVersions; ++n) {
        const std::string id = std::to_string(i / 2) + "-" + std::to_string(n);
        for (const std::string& project : kProjects) {
          if (!PutInto(project, "REC-0001", "text " + id + std::string(static_cast<std::size_t>(n * 50), 'x'), id)
                   .ok()) {
            ++failures;
          }
        }
        if (n % 8 == i)
          failures += PutLarge("gemini", id + std::to_string(i), std::string(1'100'000, 'l')).ok() ? 0 : 1;
      }
    });
  }
  std::vector<std::thread> readers;
  readers.emplace_back([&] {
    std::map<std::string, std::int64_t> seen;
    for (std::size_t turn = 0; !done; ++turn) {
      const std::string& project = kProjects[turn % 3];
      const auto view = store_->View(project);
      const auto version = view.ok() ? view->GetLatestVersion("REC-0001") : view.status();
      if (!version.ok()) continue;  // none is checked in yet
      if (version->number() < seen[project]) ++failures;
      seen[project] = version->number();
      if (!store_->ReadContent(project, version->main_file()).ok()) ++failures;
      std::string answer;
      if (!store_->FindLatestContent(project, "REC-0001", answer).ok()) ++failures;
      if (!view->ListChanges(0, 50).ok()) ++failures;
    }
  });
  readers.emplace_back([&] {
    for (std::size_t turn = 0; !done; ++turn) {
      if (!store_->DescribeStorage(kProjects[turn % 3]).ok()) ++failures;
      const v1::ServerStatus status = store_->Status();
      if (!status.writable() || status.scrub().latest_round().finding_count() > 0) ++failures;
      const auto other = store_->Subscribe(kProjects[turn % 3], [&](std::string_view) { ++woken; });
      if (store_->SettledTime() == 0) ++failures;
      if (turn % 20 == 0 && !store_->FlushRepositories().ok()) ++failures;
      store_->Unsubscribe(other);
    }
  });
  for (std::thread& writer : writers) writer.join();
  done = true;
  for (std::thread& reader : readers) reader.join();
  EXPECT_EQ(failures, 0);
  EXPECT_GE(woken, 2 * kVersions * 3);
  store_->Unsubscribe(subscription);
  for (const std::string& project : kProjects) {
    EXPECT_EQ(store_->View(project)->GetLatestVersion("REC-0001")->number(), 2 * kVersions);
  }
}

TEST_F(ThreadsTest, AStopWhileEverybodyAsks) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "a", "").ok());
  ASSERT_TRUE(store_->BeginScrub().ok());
  std::atomic<int> acknowledged = 0;
  std::vector<std::thread> writers;
  for (int i = 0; i < 3; ++i) {
    writers.emplace_back([&, i] {
      for (int n = 0;; ++n) {
        const auto put = Put(std::to_string(i) + "-" + std::to_string(n) + ".md", "text");
        if (!put.ok()) {
          EXPECT_EQ(ReasonOf(put.status()), "SHUTTING_DOWN") << put.status();
          return;
        }
        ++acknowledged;
      }
    });
  }
  while (acknowledged < 30) std::this_thread::yield();
  EXPECT_TRUE(store_->Close().ok());
  for (std::thread& writer : writers) writer.join();
  const int count = acknowledged;
  store_.reset();
  Open();
  EXPECT_EQ(View().sequence(), 2 + count);
}

}  // namespace
}  // namespace greffe
