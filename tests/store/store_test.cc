#include "storage/store/store.h"

#include <gtest/gtest.h>

#include <atomic>
#include <filesystem>
#include <future>
#include <thread>

#include "absl/strings/str_split.h"
#include "storage/journal/rocksdb_journal.h"
#include "storage/store/lock_acts.h"
#include "storage/store/version_acts.h"
#include "tests/scenario/fake_clock.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class StoreTest : public StoreFixture {};

TEST_F(StoreTest, KeepsEveryVersionAndStockGitReadsThem) {
  ASSERT_TRUE(MakeProject().ok());
  const auto first = Put("specs/a.md", "one\n");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->sequence, 2);
  ASSERT_EQ(first->documents.size(), 1u);
  EXPECT_EQ(first->documents[0].name(), "projects/apollo/documents/SPC-0001");
  EXPECT_EQ(first->documents[0].latest_version().author().id(), "ada");
  const auto second = Put("specs/a.md", "two\n", "SPC-0001");
  ASSERT_TRUE(second.ok()) << second.status();
  EXPECT_EQ(second->documents[0].latest_version().number(), 2);

  const auto version = View().GetVersion("SPC-0001", 1);
  ASSERT_TRUE(version.ok()) << version.status();
  EXPECT_EQ(*store_->ReadContent("apollo", version->main_file()), "one\n");
  std::string answer;
  ASSERT_TRUE(*store_->FindLatestContent("apollo", "SPC-0001", answer));
  EXPECT_NE(answer.find("two\n"), std::string::npos);

  ASSERT_EQ(store_->FlushRepositories()->commit_count, 3);
  EXPECT_EQ(Git("fsck --full --strict"), "");
  EXPECT_EQ(Git("show main:specs/a.md"), "two\n");
  EXPECT_EQ(Git("log --format='%an <%ae> %s' -1"), "Ada Lovelace <ada> Check in SPC-0001 version 2: a.md\n");
  EXPECT_NE(Git("log --format=%B -1").find("Greffe-Version: SPC-0001/2\n"), std::string::npos);
  EXPECT_NE(Git("show main:.greffe/project.json").find("\"title\": \"Apollo\""), std::string::npos);
  EXPECT_EQ(*store_->ReadContent("apollo", version->main_file()), "one\n") << "read from the pack now";
}

TEST_F(StoreTest, AReadThatIsLateLeavesNoFormerVersionAsTheLatest) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  const auto first = View().GetVersion("SPC-0001", 1);
  ASSERT_TRUE(first.ok()) << first.status();
  ASSERT_TRUE(Put("a.md", "two", "SPC-0001").ok());
  store_->KeepLatestContent("apollo", "SPC-0001", *first, "one");
  std::string answer;
  ASSERT_TRUE(*store_->FindLatestContent("apollo", "SPC-0001", answer));
  EXPECT_NE(answer.find("two"), std::string::npos);
  ASSERT_TRUE(Act([](Transaction& t) { return WithdrawDocument(t, "SPC-0001", ""); }).ok());
  store_->KeepLatestContent("apollo", "SPC-0001", *View().GetVersion("SPC-0001", 2), "two");
  EXPECT_FALSE(*store_->FindLatestContent("apollo", "SPC-0001", answer)) << "of what is withdrawn there is no latest";
}

TEST_F(StoreTest, ATimeThatNoCommitGotIsNoBoundForLaterOnes) {
  constexpr Micros kTenYears = 3650 * kMicrosPerDay;
  store_.reset();
  FakeClock clock(SystemClock().Now());
  StoreOptions options;
  options.directory = directory_.path() + "/data";
  options.reserve_bytes = 0;
  options.background = false;
  auto opened = Store::Open(options, clock, [](Severity, const std::string&) {});
  ASSERT_TRUE(opened.ok()) << opened.status();
  std::unique_ptr<Store> store = *std::move(opened);
  const auto write = [&](std::function<absl::Status(Transaction&)> act, const std::string& request_id = "") {
    WriteRequest request;
    request.project = "apollo";
    request.principal.set_id("ada");
    request.request_id = request_id;
    request.act = std::move(act);
    return store->WriteAndWait(std::move(request));
  };
  const auto made = write([](Transaction& transaction) {
    v1::Project project;
    project.set_title("Apollo");
    return CreateProject(transaction, project);
  });
  ASSERT_TRUE(made.ok()) << made.status();
  clock.Jump(kTenYears);
  EXPECT_FALSE(write([](Transaction&) { return absl::NotFoundError("refused"); }).ok());
  EXPECT_TRUE(write([](Transaction&) { return absl::OkStatus(); }, "r-1").ok()) << "nothing changes";
  const Micros settled = store->SettledTime();
  EXPECT_EQ(settled, ToMicros(made->project->create_time()));
  clock.Jump(-kTenYears);
  const auto registered = write([](Transaction& transaction) {
    v1::Document document;
    document.set_path("a.md");
    return CreateDocument(transaction, document, "", "ada", "document", "id").status();
  });
  ASSERT_TRUE(registered.ok()) << registered.status();
  const Micros time = ToMicros(registered->documents[0].create_time());
  EXPECT_GT(time, settled) << "what is settled stays so";
  EXPECT_LE(time, clock.Now() + 60'000'000);
  EXPECT_EQ(store->SettledTime(), time);
  store.reset();
  const auto journal = OpenRocksDbJournal({.directory = directory_.path() + "/data/journal"});
  ASSERT_TRUE(journal.ok()) << journal.status();
  const auto rows = (*journal)->ScanState("unchanged/apollo/r-1", "", 2);
  ASSERT_TRUE(rows.ok() && rows->size() == 1) << rows.status();
  const std::vector<std::string> lines = absl::StrSplit(rows->front().second, '\n');
  EXPECT_LT(std::stoll(lines.at(1)), clock.Now() + kMicrosPerDay) << "else it would be the newest for ten years";
}

TEST_F(StoreTest, ReadsThePastBySequenceAndByTime) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  const auto second = Put("a.md", "two", "SPC-0001");
  ASSERT_TRUE(second.ok());
  ASSERT_TRUE(Act([](Transaction& t) { return MoveDocument(t, "SPC-0001", "b/c.md", "", "path"); }).ok());
  ASSERT_TRUE(Act([](Transaction& t) { return WithdrawDocument(t, "SPC-0001", ""); }).ok());

  EXPECT_EQ(View(2).GetDocument("SPC-0001")->latest_version().number(), 1);
  EXPECT_EQ(View(3).GetDocument("SPC-0001")->path(), "a.md");
  EXPECT_EQ(View(4).FindByPath("b/c.md")->name(), "projects/apollo/documents/SPC-0001");
  EXPECT_EQ(ReasonOf(View(4).FindByPath("a.md").status()), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(ReasonOf(View(1).GetDocument("SPC-0001").status()), "DOCUMENT_NOT_FOUND");
  EXPECT_EQ(View(4).GetProject()->document_count(), 1);
  EXPECT_EQ(View(5).GetProject()->document_count(), 0);
  EXPECT_EQ(View(5).GetProject()->version_count(), 2);
  v1::AsOf then;
  *then.mutable_time() = second->documents[0].update_time();
  EXPECT_EQ(store_->View("apollo", then)->sequence(), 3);
  EXPECT_EQ(ReasonOf(View(5).GetLatestVersion("SPC-0001").status()), "DOCUMENT_WITHDRAWN");
  std::string answer;
  EXPECT_FALSE(*store_->FindLatestContent("apollo", "SPC-0001", answer));

  const auto changes = View().ListChanges(0, 100);
  ASSERT_EQ(changes->size(), 5u);
  const v1::ChangeKind kinds[] = {v1::CHANGE_KIND_CREATED, v1::CHANGE_KIND_CREATED, v1::CHANGE_KIND_CHECKED_IN,
                                  v1::CHANGE_KIND_MOVED, v1::CHANGE_KIND_WITHDRAWN};
  for (int i = 0; i < 5; ++i) EXPECT_EQ((*changes)[i].entries(0).kind(), kinds[i]) << i;
  EXPECT_EQ((*changes)[3].entries(0).previous_path(), "a.md");
  ASSERT_TRUE(store_->FlushRepositories().ok());
  EXPECT_EQ(Git("ls-tree -r --name-only main").find("c.md"), std::string::npos);
}

TEST_F(StoreTest, ARequestAskedTwiceIsDoneOnceAlsoAtTheSameTimeAndAfterARestart) {
  ASSERT_TRUE(MakeProject().ok());
  auto content = store_->Stage("text", "a.md", "", "data");
  ASSERT_TRUE(content.ok());
  std::vector<std::future<absl::StatusOr<WriteResult>>> answers;
  for (int i = 0; i < 20; ++i) {
    answers.push_back(std::async(std::launch::async, [&] { return Put("a.md", "text", "", "request-1"); }));
  }
  int first = 0;
  for (auto& answer : answers) {
    const auto result = answer.get();
    ASSERT_TRUE(result.ok()) << result.status();
    EXPECT_EQ(result->sequence, 2);
    EXPECT_EQ(result->documents.at(0).latest_version().number(), 1);
    first += result->replayed ? 0 : 1;
  }
  EXPECT_EQ(first, 1);
  store_.reset();
  Open();
  const auto again = Put("a.md", "text", "", "request-1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_TRUE(again->replayed);
  EXPECT_EQ(again->documents.at(0).name(), "projects/apollo/documents/SPC-0001");
  EXPECT_EQ(ReasonOf(Put("b.md", "text", "", "request-1").status()), "REQUEST_ID_REUSED");
}

TEST_F(StoreTest, PathsThatClashAreRefusedAndLeaveNothing) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("specs/a.md", "x").ok());
  for (const char* path : {"specs/a.md", "SPECS/a.md", "specs/A.md", "specs/a.md/b", "specs"}) {
    const auto result = Put(path, "x");
    EXPECT_EQ(ReasonOf(result.status()), "PATH_TAKEN") << path << " " << result.status();
  }
  EXPECT_EQ(ReasonOf(Put("specs/../a", "x").status()), "PATH_INVALID");
  EXPECT_EQ(View().sequence(), 2);
  // What one commit leaves, the same commit may take.
  ASSERT_TRUE(Put("specs/b.md", "y").ok());
  const auto swapped = Act([](Transaction& t) -> absl::Status {
    GREFFE_RETURN_IF_ERROR(MoveDocument(t, "SPC-0001", "tmp.md", "", "path"));
    GREFFE_RETURN_IF_ERROR(MoveDocument(t, "SPC-0002", "specs/a.md", "", "path"));
    return MoveDocument(t, "SPC-0001", "specs/b.md", "", "path");
  });
  ASSERT_TRUE(swapped.ok()) << swapped.status();
  EXPECT_EQ(View().FindByPath("specs/a.md")->name(), "projects/apollo/documents/SPC-0002");
  EXPECT_EQ(View().FindByPath("specs/b.md")->name(), "projects/apollo/documents/SPC-0001");
  ASSERT_TRUE(store_->FlushRepositories().ok());
  EXPECT_EQ(Git("show main:specs/a.md"), "y");
  EXPECT_EQ(Git("show main:specs/b.md"), "x");
}

TEST_F(StoreTest, StaleEtagsAndVersionsAreRefusedWithTheCurrentOnes) {
  ASSERT_TRUE(MakeProject().ok());
  const auto put = Put("a.md", "x");
  const std::string etag = put->documents[0].etag();
  ASSERT_TRUE(Put("a.md", "y", "SPC-0001").ok());
  const auto stale = Act([&](Transaction& t) { return WithdrawDocument(t, "SPC-0001", etag); });
  EXPECT_EQ(stale.status().code(), absl::StatusCode::kAborted);
  EXPECT_EQ(ErrorMetadataOf(stale.status(), "current_etag"), View().GetDocument("SPC-0001")->etag());
  const auto unchanged = Put("a.md", "y", "SPC-0001");
  ASSERT_TRUE(unchanged.ok());
  EXPECT_EQ(unchanged->sequence, 0) << "identical content makes no version";
}

TEST_F(StoreTest, ACheckInThatIsRefusedForItsUploadKeepsTheLock) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(Put("b.md", "one").ok());
  const std::string text(2'000'000, 'u');
  const auto upload = store_->uploads().Create("apollo", static_cast<std::int64_t>(text.size()), "", "");
  ASSERT_TRUE(upload.ok()) << upload.status();
  const std::string id = upload->name().substr(upload->name().rfind('/') + 1);
  {
    const auto writer = store_->uploads().OpenWriter("apollo", id);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->Append(0, text, Crc32c(text)).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
  }
  const auto content = store_->StageUpload("apollo", id, "u.md", "");
  ASSERT_TRUE(content.ok()) << content.status();
  ASSERT_TRUE(Act([](Transaction& t) { return LockDocument(t, "SPC-0002", "mine", 3600, ""); }).ok());
  const auto check_in = [&](const std::string& number) {
    return Act([&](Transaction& t) {
      CheckInAct act;
      act.number = number;
      act.main_file = *content;
      act.release_lock = true;
      return CheckIn(t, std::move(act), "item").status();
    });
  };
  ASSERT_TRUE(check_in("SPC-0001").ok());
  EXPECT_EQ(ReasonOf(check_in("SPC-0002").status()), "UPLOAD_NOT_FOUND");
  EXPECT_TRUE(store_->locks().Find("apollo", "SPC-0002").has_value()) << "what is refused leaves nothing behind";
}

TEST_F(StoreTest, AnUploadWhoseFileIsGoneIsDamageWhetherItsTypeIsGivenOrNot) {
  ASSERT_TRUE(MakeProject().ok());
  const auto upload = store_->uploads().Create("apollo", 4, "", "");
  ASSERT_TRUE(upload.ok()) << upload.status();
  const std::string id = upload->name().substr(upload->name().rfind('/') + 1);
  {
    const auto writer = store_->uploads().OpenWriter("apollo", id);
    ASSERT_TRUE(writer.ok()) << writer.status();
    ASSERT_TRUE((*writer)->Append(0, "text", Crc32c("text")).ok());
    ASSERT_TRUE((*writer)->Finish().ok());
  }
  ASSERT_TRUE(std::filesystem::remove(store_->uploads().FilePath("apollo", id)));
  const absl::Status staged = store_->StageUpload("apollo", id, "u.md", "").status();
  EXPECT_TRUE(absl::IsDataLoss(staged)) << staged;
  EXPECT_NE(staged.message().find("upload '" + id + "'"), std::string::npos) << staged;
}

TEST_F(StoreTest, LargeContentComesAsAnUploadThatSurvivesARestart) {
  ASSERT_TRUE(MakeProject().ok());
  std::string content(5'000'000, '\0');
  for (std::size_t i = 0; i < content.size(); ++i) content[i] = static_cast<char>(i * 2654435761u >> 13);
  const auto upload = store_->uploads().Create("apollo", static_cast<std::int64_t>(content.size()), "", "");
  ASSERT_TRUE(upload.ok()) << upload.status();
  const std::string id = upload->name().substr(upload->name().rfind('/') + 1);
  {
    auto writer = store_->uploads().OpenWriter("apollo", id);
    ASSERT_TRUE(writer.ok()) << writer.status();
    const std::string part = content.substr(0, 1'000'000);
    ASSERT_TRUE((*writer)->Append(0, part, Crc32c(part)).ok());
    EXPECT_EQ(ReasonOf((*writer)->Append(1'000'000, part, 1)), "CHECKSUM_MISMATCH");
    EXPECT_EQ(ReasonOf((*writer)->Append(7, part, Crc32c(part))), "UPLOAD_OFFSET_MISMATCH");
    EXPECT_EQ(ReasonOf(store_->uploads().OpenWriter("apollo", id).status()), "UPLOAD_BUSY");
  }
  EXPECT_EQ(store_->uploads().Get("apollo", id)->received_size(), 1'000'000);
  EXPECT_EQ(ReasonOf(store_->StageUpload("apollo", id, "a.bin", "").status()), "UPLOAD_INCOMPLETE");
  store_.reset();
  Open();
  std::int64_t offset = store_->uploads().Get("apollo", id)->received_size();
  {
    auto writer = store_->uploads().OpenWriter("apollo", id);
    ASSERT_TRUE(writer.ok()) << writer.status();
    while (offset < static_cast<std::int64_t>(content.size())) {
      const std::string part = content.substr(static_cast<std::size_t>(offset), 1'000'000);
      ASSERT_TRUE((*writer)->Append(offset, part, Crc32c(part)).ok());
      offset += static_cast<std::int64_t>(part.size());
    }
    const auto finished = (*writer)->Finish();
    ASSERT_TRUE(finished.ok()) << finished.status();
    EXPECT_EQ(finished->sha256(), Sha256Of(content).Hex());
  }
  store_.reset();
  Open();
  const auto staged = store_->StageUpload("apollo", id, "a.bin", "");
  ASSERT_TRUE(staged.ok()) << staged.status();
  const auto result = Act([&](Transaction& t) -> absl::Status {
    v1::Document document;
    document.set_path("a.bin");
    CheckInAct act;
    GREFFE_ASSIGN_OR_RETURN(act.number, CreateDocument(t, document, "", "ada", "document", "id"));
    act.main_file = *staged;
    return CheckIn(t, std::move(act), "item").status();
  });
  ASSERT_TRUE(result.ok()) << result.status();
  EXPECT_EQ(ReasonOf(store_->uploads().Get("apollo", id).status()), "UPLOAD_NOT_FOUND");
  auto reader = store_->OpenContent("apollo", result->documents[0].latest_version().main_file());
  ASSERT_TRUE(reader.ok()) << reader.status();
  std::string range(70000, '\0');
  ASSERT_TRUE((*reader)->Read(1'234'567, 70000, range.data()).ok());
  EXPECT_EQ(range, content.substr(1'234'567, 70000));
  ASSERT_TRUE(store_->FlushRepositories().ok());
  EXPECT_EQ(Git("fsck --full --strict"), "");
  EXPECT_EQ(Shell("ls -A " + directory_.path() + "/data/uploads").output, "");
}

class UploadSpaceTest : public StoreFixture {
 protected:
  static constexpr std::int64_t kPiece = 1 << 20;

  void Configure(StoreOptions& options) override {
    options.reserve_bytes = kPiece;
    options.uploads.free_space = [this](const std::string&) { return free_; };
  }
  std::string Begin(std::int64_t pieces) {
    const auto upload = store_->uploads().Create("apollo", pieces * kPiece, "", "");
    EXPECT_TRUE(upload.ok()) << upload.status();
    return upload.ok() ? upload->name().substr(upload->name().rfind('/') + 1) : "";
  }
  // So many more pieces, in chunks of `chunk` bytes; what comes takes of the space.
  absl::Status Send(const std::string& id, std::int64_t pieces, std::int64_t chunk = kPiece) {
    GREFFE_ASSIGN_OR_RETURN(const auto writer, store_->uploads().OpenWriter("apollo", id));
    const std::string data(static_cast<std::size_t>(chunk), 'x');
    for (std::int64_t i = 0; i < pieces * kPiece / chunk; ++i) {
      GREFFE_RETURN_IF_ERROR(writer->Append(Received(id), data, Crc32c(data)));
      free_ -= chunk;
    }
    return writer->Finish().status();
  }
  std::int64_t Received(const std::string& id) { return store_->uploads().Get("apollo", id)->received_size(); }

  std::int64_t free_ = 10 * kPiece;
};

TEST_F(UploadSpaceTest, UploadsThatBeganWhileThereWasRoomTakeNoneOfTheReserve) {
  ASSERT_TRUE(MakeProject().ok());
  const std::string first = Begin(6);
  const std::string second = Begin(6);
  ASSERT_TRUE(Send(first, 6).ok());
  const absl::Status full = Send(second, 6, kPiece / 4);
  EXPECT_EQ(full.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(ReasonOf(full), "DISK_FULL") << full;
  EXPECT_EQ(free_, kPiece) << "what is kept for other writes";
  EXPECT_EQ(Received(second), 3 * kPiece) << "what there was room for stays";
  free_ = 4 * kPiece;
  EXPECT_TRUE(Send(second, 3).ok()) << "up to the last byte";
  EXPECT_TRUE(store_->uploads().Get("apollo", second)->complete());
}

TEST_F(UploadSpaceTest, AnUploadThatBeganIsAnsweredAgainWhenTheDiskIsFull) {
  ASSERT_TRUE(MakeProject().ok());
  const auto first = store_->uploads().Create("apollo", kPiece, "", "r-1");
  ASSERT_TRUE(first.ok()) << first.status();
  free_ = 0;
  EXPECT_EQ(ReasonOf(store_->uploads().Create("apollo", kPiece, "", "r-2").status()), "DISK_FULL");
  const auto again = store_->uploads().Create("apollo", kPiece, "", "r-1");
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->name(), first->name());
}

TEST_F(UploadSpaceTest, AWriteThatWasDoneIsAnsweredAgainWhenTheDiskIsFull) {
  ASSERT_TRUE(MakeProject().ok());
  const auto made = Put("a.md", "text", "", "r-1");
  ASSERT_TRUE(made.ok()) << made.status();
  const auto unchanged = Put("a.md", "text", "SPC-0001", "r-2");
  ASSERT_TRUE(unchanged.ok()) << unchanged.status();
  ASSERT_EQ(unchanged->sequence, 0);
  const auto lock = [this] {
    return Act([](Transaction& t) { return LockDocument(t, "SPC-0001", "mine", 3600, "r-4"); }, "r-4", "d");
  };
  ASSERT_TRUE(lock().ok());
  free_ = 0;
  EXPECT_TRUE(lock().ok());
  const auto made_again = Put("a.md", "text", "", "r-1");
  ASSERT_TRUE(made_again.ok()) << made_again.status();
  EXPECT_TRUE(made_again->replayed);
  EXPECT_EQ(made_again->sequence, made->sequence);
  const auto unchanged_again = Put("a.md", "text", "SPC-0001", "r-2");
  ASSERT_TRUE(unchanged_again.ok()) << unchanged_again.status();
  EXPECT_TRUE(unchanged_again->replayed);
  EXPECT_EQ(unchanged_again->seen_sequence, unchanged->seen_sequence);
  EXPECT_EQ(ReasonOf(Put("b.md", "text", "", "r-3").status()), "DISK_FULL");
  EXPECT_EQ(ReasonOf(Put("b.md", "text", "", "r-1").status()), "REQUEST_ID_REUSED");
  free_ = 10 * kPiece;
  EXPECT_TRUE(Put("b.md", "text", "", "r-3").ok());
}

TEST_F(StoreTest, ListsByFilterOrderAndPage) {
  ASSERT_TRUE(MakeProject().ok());
  for (int i = 1; i <= 12; ++i)
    ASSERT_TRUE(Put("f" + std::to_string(i % 3) + "/" + std::to_string(i) + ".md", "x").ok());
  ASSERT_TRUE(Act([](Transaction& t) { return WithdrawDocument(t, "SPC-0005", ""); }).ok());
  ASSERT_TRUE(Put("", "changed", "SPC-0002").ok());
  const auto list = [&](const std::string& filter, const std::string& order) {
    std::string numbers;
    std::string after;
    do {
      const auto page = View().ListDocuments(*ParseDocumentFilter(filter), *ParseDocumentOrdering(order), 4, after);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const auto& document : page->documents) {
        numbers += std::to_string(std::stoi(document.name().substr(document.name().rfind('-') + 1))) + " ";
      }
      after = page->next;
    } while (!after.empty());
    return numbers;
  };
  EXPECT_EQ(list("", ""), "1 2 3 4 6 7 8 9 10 11 12 ");
  EXPECT_EQ(list("", "number desc"), "12 11 10 9 8 7 6 4 3 2 1 ");
  EXPECT_EQ(list("state = WITHDRAWN", ""), "5 ");
  EXPECT_EQ(list("path : \"f0/\"", ""), "3 6 9 12 ");
  EXPECT_EQ(list("path : \"f0/\"", "path"), "12 3 6 9 ");
  EXPECT_EQ(list("path : \"f\"", ""), "1 2 3 4 6 7 8 9 10 11 12 ");
  EXPECT_EQ(list("path : \"f0/\" AND state = WITHDRAWN", ""), "");
  EXPECT_EQ(list("path : \"f2/\" AND state = WITHDRAWN", ""), "5 ");
  EXPECT_EQ(list("path = \"f1/10.md\"", ""), "10 ");
  EXPECT_EQ(list("", "path desc"), "8 2 11 7 4 10 1 9 6 3 12 ");
  EXPECT_EQ(list("type = specification", ""), "1 2 3 4 6 7 8 9 10 11 12 ");
  EXPECT_EQ(list("type = minutes", ""), "");
  EXPECT_EQ(list("number = SPC-0007", ""), "7 ");
  EXPECT_EQ(list("", "update_time desc").substr(0, 8), "2 12 11 ");
  EXPECT_EQ(list("owner = ada AND title : \"1\"", "title"), "1 10 11 12 ");
}

TEST_F(StoreTest, ADocumentGetsOneVersionACommit) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  const auto twice = Act([&](Transaction& t) -> absl::Status {
    for (const char* text : {"two", "three"}) {
      CheckInAct act;
      act.number = "SPC-0001";
      act.main_file = *store_->Stage(text, "a.md", "", "data");
      GREFFE_RETURN_IF_ERROR(CheckIn(t, std::move(act), "item").status());
    }
    return absl::OkStatus();
  });
  EXPECT_EQ(ReasonOf(twice.status()), "DOCUMENT_REPEATED");
  EXPECT_EQ(View().GetDocument("SPC-0001")->latest_version().number(), 1);
}

TEST_F(StoreTest, NumbersAndPathlessDocumentsAreListed) {
  ASSERT_TRUE(Act([](Transaction& t) {
                v1::Project project;
                project.set_title("Apollo");
                v1::AttributeDefinition& budget = *project.add_attribute_definitions();
                budget.set_id("budget");
                budget.set_type(v1::ATTRIBUTE_TYPE_NUMBER);
                return CreateProject(t, project);
              }).ok());
  const double kBudgets[] = {1'000'000, 0.1, 1e30, 123'456'789.5};
  for (int i = 0; i < 4; ++i) {
    ASSERT_TRUE(Act([&](Transaction& t) {
                  v1::Document document;
                  document.set_type("specification");
                  document.set_title("D");
                  if (i % 2 == 0) document.set_path(std::to_string(9 - i) + ".md");
                  (*document.mutable_attributes())["budget"].set_number(kBudgets[i]);
                  return CreateDocument(t, document, "", "ada", "document", "id").status();
                }).ok());
  }
  const auto list = [&](const std::string& filter, const std::string& order) {
    std::string numbers;
    std::string after;
    do {
      const auto page = View().ListDocuments(*ParseDocumentFilter(filter), *ParseDocumentOrdering(order), 1, after);
      EXPECT_TRUE(page.ok()) << page.status();
      for (const auto& document : page->documents) numbers += document.name().back();
      after = page->next;
    } while (!after.empty());
    return numbers;
  };
  EXPECT_EQ(list("attributes.budget = 1000000", ""), "1");
  EXPECT_EQ(list("attributes.budget = 0.1", ""), "2");
  EXPECT_EQ(list("attributes.budget = 1000000000000000000000000000000", ""), "3");
  EXPECT_EQ(list("attributes.budget = 123456789.5", ""), "4");
  EXPECT_EQ(list("", "path"), "2431");
  EXPECT_EQ(list("", "path desc"), "1342");
  EXPECT_EQ(list("state = ACTIVE", "path"), "2431") << "in the order of the rows";
}

TEST_F(StoreTest, FieldsThatItDoesNotKnowAreInNoRow) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Act([](Transaction& t) {
                v1::Document document;
                document.set_path("a.md");
                document.GetReflection()->MutableUnknownFields(&document)->AddVarint(1000, 7);
                return CreateDocument(t, document, "", "ada", "document", "id").status();
              }).ok());
  const std::string before = DumpIndex();
  store_.reset();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Open();
  EXPECT_EQ(DumpIndex(), before);
}

TEST_F(StoreTest, ARepositoryThatIsClosedWhileItIsUsedIsNotOpenedTwice) {
  open_repositories_ = 1;
  store_.reset();
  Open();
  const std::vector<std::string> kProjects = {"apollo", "gemini", "mercury"};
  for (const std::string& project : kProjects) {
    ASSERT_TRUE(ActOn(project, [](Transaction& t) {
                  v1::Project record;
                  record.set_title("P");
                  return CreateProject(t, record);
                }).ok());
  }
  ASSERT_TRUE(store_->FlushRepositories().ok());
  std::atomic<bool> done = false;
  std::atomic<int> failures = 0;
  std::thread reader([&] {
    for (std::size_t i = 0; !done; ++i) {
      if (!store_->DescribeStorage(kProjects[i % 3]).ok()) ++failures;
    }
  });
  for (int round = 0; round < 40; ++round) {
    for (const std::string& project : kProjects) {
      const auto written = ActOn(project, [&](Transaction& t) {
        v1::Document document;
        document.set_path(std::to_string(round) + ".md");
        return CreateDocument(t, document, "", "ada", "document", "id").status();
      });
      if (!written.ok()) ++failures;
    }
    if (!store_->FlushRepositories().ok()) ++failures;
  }
  done = true;
  reader.join();
  EXPECT_EQ(failures, 0);
  EXPECT_EQ(Git("fsck --full --strict"), "");
}

TEST_F(StoreTest, AVersionOfAnOlderServerIsRestoredWithCompanionsOfOneName) {
  ASSERT_TRUE(MakeProject().ok());
  ASSERT_TRUE(Put("a.md", "one").ok());
  ASSERT_TRUE(Act([](Transaction& t) -> absl::Status {
                GREFFE_ASSIGN_OR_RETURN(v1::Document document, t.GetDocument("SPC-0001"));
                v1::Version& version = *document.mutable_latest_version();
                version.set_number(2);
                for (const v1::FileRole role : {v1::FILE_ROLE_RENDITION, v1::FILE_ROLE_ATTACHMENT}) {
                  v1::File& companion = *version.add_companions();
                  companion = version.main_file();
                  companion.set_role(role);
                  companion.set_file_name("a.pdf");
                }
                return PutDocumentRecord(t, std::move(document), "document");
              }).ok());
  ASSERT_TRUE(Put("a.md", "three", "SPC-0001").ok());
  const auto second = ParseVersionName("projects/apollo/documents/SPC-0001/versions/2");
  ASSERT_TRUE(second.ok()) << second.status();
  const auto restored = Act([&](Transaction& t) { return RestoreVersion(t, *second, "", ""); });
  ASSERT_TRUE(restored.ok()) << restored.status();
  const auto latest = View().GetDocument("SPC-0001");
  ASSERT_TRUE(latest.ok()) << latest.status();
  EXPECT_EQ(latest->latest_version().number(), 4);
  EXPECT_EQ(latest->latest_version().companions_size(), 2);
}

}  // namespace
}  // namespace greffe
