// Answers stay within a message, however much there is to say: who follows the tokens gets all.
#include "storage/base/page_bytes.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>
#include <vector>

#include "storage/base/names.h"
#include "storage/store/document_acts.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

constexpr int kDocuments = 1000;

std::string LongText() {
  std::string text;
  for (int i = 0; i < kMaxComment; ++i) text += "\u20ac";
  return text;
}

std::size_t BytesOf(const std::vector<std::string>& versions) {
  std::size_t bytes = 0;
  for (const std::string& version : versions) bytes += version.size();
  return bytes;
}

class PageBytesTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
  }

  // A thousand documents, each with some 6 KB to say of its latest version.
  v1::BatchCheckInResponse MakeDocuments() {
    v1::BatchCheckInRequest batch;
    batch.set_parent(kProject);
    batch.set_request_id("all");
    batch.set_comment(LongText());
    for (int i = 0; i < kDocuments; ++i) *batch.add_items() = NewAt("f/" + std::to_string(i) + ".md", "x").item();
    return Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  }

  // The names that a listing gives, and in how many pages.
  std::vector<std::string> Names(v1::ListDocumentsRequest request, int& pages) {
    request.set_parent(kProject);
    request.set_page_size(1000);
    std::vector<std::string> names;
    pages = 0;
    do {
      const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      if (!status_.ok()) break;
      for (const v1::Document& document : page.documents()) names.push_back(document.name());
      request.set_page_token(page.next_page_token());
      ++pages;
    } while (!request.page_token().empty());
    return names;
  }

  // Commits of a source, each in messages that are small enough.
  void Import(const std::vector<v1::ImportCommit>& commits) {
    grpc::ClientContext context;
    const auto stream = imports_->ImportCommits(&context);
    v1::ImportCommitsRequest message;
    message.mutable_header()->set_source("projects/apollo/importSources/old");
    stream->Write(message);
    std::thread reader([&] {
      v1::ImportCommitsResponse answer;
      while (stream->Read(&answer)) {
      }
    });
    for (const v1::ImportCommit& commit : commits) {
      *message.mutable_commit() = commit;
      if (!stream->Write(message)) break;
    }
    stream->WritesDone();
    reader.join();
    status_ = stream->Finish();
  }
  static v1::ImportCommit Commit(const std::string& id, const std::string& text) {
    v1::ImportCommit commit;
    commit.set_source_commit(id);
    commit.mutable_author()->set_id("grace@example.org");
    commit.mutable_author_time()->set_seconds(1'500'000'000);
    commit.mutable_commit_time()->set_seconds(1'500'000'000);
    commit.set_message(text);
    return commit;
  }
  static void Write(v1::ImportCommit& commit, const std::string& path, const std::string& data) {
    v1::ImportChange& change = *commit.add_changes();
    change.set_action(v1::IMPORT_ACTION_WRITE);
    change.set_path(path);
    change.set_data(data);
    change.set_has_data(true);
  }

  // The changes that a watch gives, up to the end.
  std::vector<v1::Change> Watched() {
    grpc::ClientContext context;
    v1::WatchChangesRequest request;
    request.set_parent(kProject);
    request.set_stop_at_end(true);
    const auto stream = changes_->WatchChanges(&context, request);
    v1::WatchChangesResponse response;
    std::vector<v1::Change> changes;
    while (stream->Read(&response)) {
      if (response.has_change()) changes.push_back(response.change());
    }
    status_ = stream->Finish();
    return changes;
  }
};

TEST_F(PageBytesTest, DocumentsComeInPagesThatAMessageHolds) {
  MakeDocuments();
  for (const bool by_walk : {true, false}) {
    v1::ListDocumentsRequest request;
    // The one as the walk meets them, the other sorted.
    request.set_order_by(by_walk ? "number" : "number desc");
    int pages = 0;
    std::vector<std::string> names = Names(request, pages);
    EXPECT_GT(pages, 1);
    EXPECT_LT(pages, 5) << "pages are full";
    ASSERT_EQ(names.size(), static_cast<std::size_t>(kDocuments));
    if (!by_walk) std::reverse(names.begin(), names.end());
    EXPECT_EQ(names[0], kSpecification);
    EXPECT_EQ(names[500], "projects/apollo/documents/SPC-0501");
    EXPECT_EQ(names[999], "projects/apollo/documents/SPC-1000");
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), names.size());
  }
  for (const char* order : {"update_time desc", "path", "path desc", "title"}) {
    v1::ListDocumentsRequest request;
    request.set_order_by(order);
    int pages = 0;
    const std::vector<std::string> names = Names(request, pages);
    EXPECT_EQ(std::set<std::string>(names.begin(), names.end()).size(), static_cast<std::size_t>(kDocuments)) << order;
    EXPECT_EQ(names.size(), static_cast<std::size_t>(kDocuments)) << order;
  }
}

// A write that is durable is answered.
TEST_F(PageBytesTest, ABatchOfManyDocumentsIsAnsweredWithWhatNamesThem) {
  const auto done = MakeDocuments();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(done.results_size(), kDocuments);
  EXPECT_EQ(done.results(0).document().path(), "f/0.md") << "the first are whole";
  EXPECT_FALSE(done.results(0).document().latest_version().comment().empty());
  for (const int i : {0, 500, 999}) {
    const v1::Document& document = done.results(i).document();
    const std::string number = std::to_string(10'000 + i + 1).substr(1);
    EXPECT_EQ(document.name(), "projects/apollo/documents/SPC-" + number);
    EXPECT_EQ(document.latest_version().name(), document.name() + "/versions/1");
    EXPECT_EQ(document.latest_version().number(), 1);
    EXPECT_FALSE(document.etag().empty());
  }
  EXPECT_EQ(MakeDocuments().SerializeAsString(), done.SerializeAsString()) << "the first answer again";
}

TEST_F(PageBytesTest, FilesWhoseVersionsFillTheAnswerAreNamedToBeAskedForAgain) {
  auto request = NewAt("a.md", "x");
  request.set_comment(LongText());
  CheckIn(request);
  v1::BatchFetchContentsRequest fetch;
  fetch.set_parent(kProject);
  for (int i = 0; i < 1000; ++i) fetch.add_requests()->set_name(kSpecification);
  const auto many = Call(*contents_, &v1::Contents::Stub::BatchFetchContents, fetch);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(many.results_size(), 1000);
  EXPECT_EQ(many.results(0).response().content(), "x");
  EXPECT_EQ(many.results(300).response().content(), "x");
  const v1::FetchContentResponse& last = many.results(999).response();
  EXPECT_TRUE(last.content_omitted());
  EXPECT_EQ(last.version().name(), "projects/apollo/documents/SPC-0001/versions/1");
  EXPECT_EQ(last.file().size(), 1);
  EXPECT_EQ(last.etag(), Sha256Of("x").Hex());
}

TEST_F(PageBytesTest, VersionsAndChangesComeInPagesThatAMessageHolds) {
  constexpr int kCommits = 800;
  std::vector<v1::ImportCommit> commits;
  for (int i = 0; i < kCommits; ++i) {
    Write(commits.emplace_back(Commit("c" + std::to_string(i), LongText())), "a.md", std::to_string(i));
  }
  Import(commits);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::ListVersionsRequest versions;
  versions.set_parent("projects/apollo/documents/REC-0001");
  versions.set_page_size(1000);
  std::int64_t expected = kCommits;
  int pages = 0;
  do {
    const auto page = Call(*versions_, &v1::Versions::Stub::ListVersions, versions);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    for (const v1::Version& version : page.versions()) EXPECT_EQ(version.number(), expected--);
    versions.set_page_token(page.next_page_token());
    ++pages;
  } while (!versions.page_token().empty());
  EXPECT_EQ(expected, 0);
  EXPECT_EQ(pages, 2);
  const auto view = server_->store().View("apollo");
  ASSERT_TRUE(view.ok()) << view.status();
  const auto read = view->ListVersions("REC-0001", 1000, "");
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_LE(BytesOf(read->versions), kPageBytes) << "what does not go on the page is not read";

  v1::ListChangesRequest changes;
  changes.set_parent(kProject);
  changes.set_page_size(1000);
  std::int64_t last = 0;
  pages = 0;
  while (last < kCommits + 1) {
    changes.set_after_sequence(last);
    const auto page = Call(*changes_, &v1::Changes::Stub::ListChanges, changes);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    ASSERT_GT(page.changes_size(), 0);
    for (const v1::Change& change : page.changes()) EXPECT_EQ(change.sequence(), ++last);
    ++pages;
  }
  EXPECT_EQ(pages, 2);
}

TEST_F(PageBytesTest, RevisionsThatAPageDoesNotHoldAreNotRead) {
  constexpr int kRevisions = 200;
  v1::CreateEntryRequest create;
  create.set_parent(kProject);
  create.mutable_entry()->mutable_risk()->set_title("Risk");
  v1::Entry entry = Call(*registers_, &v1::Registers::Stub::CreateEntry, create);
  std::string text;
  for (int n = 0; n < 3; ++n) text += LongText();
  for (int i = 1; i < kRevisions; ++i) {
    v1::UpdateEntryRequest update;
    *update.mutable_entry() = entry;
    update.mutable_entry()->mutable_risk()->clear_etag();
    text.replace(0, 3, std::to_string(100 + i));
    update.mutable_entry()->mutable_risk()->set_description(text);
    update.mutable_update_mask()->add_paths("description");
    Call(*registers_, &v1::Registers::Stub::UpdateEntry, update);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  const auto view = server_->store().View("apollo");
  ASSERT_TRUE(view.ok()) << view.status();
  std::string after;
  int count = 0;
  int pages = 0;
  do {
    const auto page = view->ListRevisions(KindOf<v1::Risk>(), LastSegment(entry.risk().name()), 1000, after);
    ASSERT_TRUE(page.ok()) << page.status();
    std::size_t bytes = 0;
    for (const RecordPtr& revision : page->records) bytes += revision->ByteSizeLong();
    EXPECT_LE(bytes, kPageBytes);
    count += static_cast<int>(page->records.size());
    after = page->next;
    ++pages;
  } while (!after.empty());
  EXPECT_EQ(count, kRevisions);
  EXPECT_EQ(pages, 2);
}

TEST_F(PageBytesTest, ALongMessageOfAnImportIsCutInVersionsAndKeptByGit) {
  const std::string message = "Subject\n\n" + std::string(1, 'x') + LongText() + std::string(900'000, 'y');
  v1::ImportCommit commit = Commit("c1", message);
  for (int i = 0; i < 5; ++i) Write(commit, "f" + std::to_string(i), "x");
  Import({commit});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  int pages = 0;
  EXPECT_EQ(Names({}, pages).size(), 5u);
  EXPECT_EQ(pages, 1);
  const std::string comment = Fetch("projects/apollo/documents/REC-0003").version().comment();
  EXPECT_EQ(comment.substr(0, 13), message.substr(0, 13));
  EXPECT_TRUE(ValidateText(comment, "comment", 0, kMaxComment, true).ok()) << comment.size();
  EXPECT_GT(comment.size(), 5'900u);
  v1::FlushRepositoriesRequest flush;
  flush.set_parent(kProject);
  Call(*admin_, &v1::Admin::Stub::FlushRepositories, flush);
  const std::string repository = directory_.path() + "/data/repositories/apollo.git";
  const ShellResult log = Shell("git -C " + repository + " log -1 --format=%B main");
  EXPECT_NE(log.output.find(std::string(900'000, 'y')), std::string::npos) << log.output.substr(0, 200);
}

// Its entries alone are more than a message holds.
TEST_F(PageBytesTest, AChangeOfVeryManyFilesIsToldWithoutSomeOfThem) {
  constexpr int kFiles = 4'300;
  std::string folder;
  for (int i = 0; i < 5; ++i) folder += std::string(190, static_cast<char>('a' + i)) + "/";
  std::vector<v1::ImportCommit> parts;
  for (int i = 0; i < kFiles; ++i) {
    if (i % 1500 == 0) parts.push_back(Commit("c1", "Many"));
    parts.back().set_continued(true);
    Write(parts.back(), folder + std::to_string(i), "x");
  }
  parts.back().set_continued(false);
  Import(parts);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  CheckIn(NewAt("after.md", "1"));
  const std::vector<v1::Change> changes = Watched();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(changes.size(), 3u);
  EXPECT_GT(changes[1].entries_size(), 1000);
  EXPECT_EQ(changes[1].entries_size() + changes[1].omitted_entry_count(), kFiles);
  EXPECT_EQ(changes[2].omitted_entry_count(), 0);
  v1::ListChangesRequest list;
  list.set_parent(kProject);
  list.set_after_sequence(1);
  const auto page = Call(*changes_, &v1::Changes::Stub::ListChanges, list);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(page.changes(0).SerializeAsString(), changes[1].SerializeAsString());
  // Those that are not told of are there.
  int pages = 0;
  EXPECT_EQ(Names({}, pages).size(), static_cast<std::size_t>(kFiles) + 1);
}

// Whatever else there is to say of it.
TEST_F(PageBytesTest, AChangeWithALongSubjectIsToldWithFewerOfItsEntries) {
  constexpr int kFiles = 2'300;
  WriteRequest write;
  write.project = "apollo";
  write.principal.set_id("ada");
  write.act = [](Transaction& transaction) -> absl::Status {
    std::string folder;
    for (int i = 0; i < 5; ++i) folder += std::string(190, static_cast<char>('a' + i)) + "/";
    for (int i = 0; i < kFiles; ++i) {
      v1::Document document;
      document.set_path(folder + std::to_string(i));
      GREFFE_RETURN_IF_ERROR(CreateDocument(transaction, document, "", "ada", "document", "number").status());
    }
    transaction.SetSubject(std::string(2'500'000, 's'));
    return absl::OkStatus();
  };
  ASSERT_TRUE(server_->store().WriteAndWait(std::move(write)).ok());
  v1::ListChangesRequest list;
  list.set_parent(kProject);
  list.set_after_sequence(1);
  const auto page = Call(*changes_, &v1::Changes::Stub::ListChanges, list);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(page.changes_size(), 1);
  EXPECT_GT(page.changes(0).entries_size(), 100);
  EXPECT_EQ(page.changes(0).entries_size() + page.changes(0).omitted_entry_count(), kFiles);
}

TEST_F(PageBytesTest, RecordsComeInPagesThatAMessageHolds) {
  constexpr int kRisks = 300;
  for (int i = 0; i < kRisks; ++i) {
    v1::CreateEntryRequest request;
    request.set_parent(kProject);
    request.mutable_entry()->mutable_risk()->set_title("Risk " + std::to_string(i));
    for (int n = 0; n < 3; ++n) request.mutable_entry()->mutable_risk()->mutable_description()->append(LongText());
    Call(*registers_, &v1::Registers::Stub::CreateEntry, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  for (const char* order : {"", "title", "title desc", "update_time desc"}) {
    v1::ListEntriesRequest request;
    request.set_parent(std::string(kProject) + "/risks");
    request.set_page_size(1000);
    request.set_order_by(order);
    std::set<std::string> names;
    int pages = 0;
    do {
      const auto page = Call(*registers_, &v1::Registers::Stub::ListEntries, request);
      ASSERT_TRUE(status_.ok()) << status_.error_message();
      for (const v1::Entry& entry : page.entries()) EXPECT_TRUE(names.insert(entry.risk().name()).second);
      request.set_page_token(page.next_page_token());
      ++pages;
    } while (!request.page_token().empty());
    EXPECT_EQ(names.size(), static_cast<std::size_t>(kRisks)) << order;
    EXPECT_EQ(pages, 2) << order;
  }
}

}  // namespace
}  // namespace greffe
