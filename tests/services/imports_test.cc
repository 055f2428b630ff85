#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <map>
#include <set>
#include <thread>

#include "services/imports/rename_queue.h"
#include "tests/services/raw_stream.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class ImportsTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
  }

  struct Change {
    v1::ImportAction action;
    std::string path;
    std::string data;
    std::string previous;
  };
  static v1::ImportCommitsRequest Commit(const std::string& id, std::int64_t time, const std::vector<Change>& changes) {
    v1::ImportCommitsRequest request;
    v1::ImportCommit& commit = *request.mutable_commit();
    commit.set_source_commit(id);
    commit.mutable_author()->set_id("grace@example.org");
    commit.mutable_author()->set_display_name("Grace");
    commit.mutable_author_time()->set_seconds(time - 60);
    commit.set_author_utc_offset_minutes(-300);
    commit.mutable_commit_time()->set_seconds(time);
    commit.set_message("Commit " + id + "\n\nWhy.\n");
    for (const Change& change : changes) {
      v1::ImportChange& added = *commit.add_changes();
      added.set_action(change.action);
      added.set_path(change.path);
      added.set_previous_path(change.previous);
      added.set_data(change.data);
      added.set_has_data(!change.data.empty());
    }
    return request;
  }

  // Sends all, and gives the answers.
  std::vector<v1::ImportCommitsResponse> Import(const std::string& last,
                                                const std::vector<v1::ImportCommitsRequest>& commits,
                                                v1::BadPathPolicy policy = v1::BAD_PATH_POLICY_SKIP) {
    grpc::ClientContext context;
    const auto stream = imports_->ImportCommits(&context);
    v1::ImportCommitsRequest first;
    first.mutable_header()->set_source("projects/apollo/importSources/old");
    first.mutable_header()->set_expected_last_commit(last);
    first.mutable_header()->set_bad_path_policy(policy);
    stream->Write(first);
    for (const auto& commit : commits) {
      if (!stream->Write(commit)) break;
    }
    stream->WritesDone();
    std::vector<v1::ImportCommitsResponse> answers;
    v1::ImportCommitsResponse answer;
    while (stream->Read(&answer)) answers.push_back(answer);
    status_ = stream->Finish();
    return answers;
  }

  // A complete upload, once the project may have one more.
  v1::Upload Upload(const std::string& text) {
    v1::CreateUploadRequest create;
    create.set_parent(kProject);
    create.set_size(static_cast<std::int64_t>(text.size()));
    v1::WriteUploadRequest chunk;
    const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    do {
      chunk.set_name(Call(*contents_, &v1::Contents::Stub::CreateUpload, create).name());
    } while (Reason() == "TOO_MANY_UPLOADS" && std::chrono::steady_clock::now() < deadline);
    chunk.set_data(text);
    chunk.set_crc32c(Crc32c(text));
    grpc::ClientContext context;
    v1::Upload upload;
    const auto stream = contents_->WriteUpload(&context, &upload);
    stream->Write(chunk);
    stream->WritesDone();
    const grpc::Status status = stream->Finish();
    EXPECT_TRUE(status.ok()) << status.error_message();
    return upload;
  }

  v1::Document OnlyDocument() {
    v1::ListDocumentsRequest request;
    request.set_parent("projects/apollo");
    const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(page.documents_size(), 1);
    v1::GetDocumentRequest get;
    get.set_name(page.documents_size() == 1 ? page.documents(0).name() : "");
    return Call(*documents_, &v1::Documents::Stub::GetDocument, get);
  }

  std::string PathsNow() {
    v1::ListDocumentsRequest request;
    request.set_parent("projects/apollo");
    request.set_order_by("path");
    std::string paths;
    const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
    for (const auto& document : page.documents()) {
      paths += document.path() + "=" + Fetch(document.name()).content() + " ";
    }
    return paths;
  }
};

// Each commit is a group by itself, and the disk is full for the second one alone.
class ImportsOnAFullDiskTest : public ImportsTest {
 protected:
  void SetUp() override {
    store_options_.group_commits = 1;
    store_options_.uploads.free_space = [this](const std::string&) -> absl::StatusOr<std::int64_t> {
      if (!importing_ || ++looks_ != 2) return std::int64_t{1} << 40;
      std::this_thread::sleep_for(std::chrono::milliseconds(300));  // the third one waits behind it by then
      return -1;
    };
    ImportsTest::SetUp();
  }

  std::atomic<bool> importing_ = false;
  std::atomic<int> looks_ = 0;
};

TEST_F(ImportsOnAFullDiskTest, NothingIsImportedBehindACommitThatWasNot) {
  const std::vector<v1::ImportCommitsRequest> commits = {
      Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a", "A", ""}}),
      Commit("c2", 1'500'000'001, {{v1::IMPORT_ACTION_WRITE, "b", "B", ""}}),
      Commit("c3", 1'500'000'002, {{v1::IMPORT_ACTION_WRITE, "c", "C", ""}})};
  importing_ = true;
  EXPECT_EQ(Import("", commits).size(), 1u);
  EXPECT_EQ(Reason(), "DISK_FULL");
  v1::GetImportSourceRequest get;
  get.set_name("projects/apollo/importSources/old");
  EXPECT_EQ(Call(*imports_, &v1::Imports::Stub::GetImportSource, get).last_commit(), "c1");
  Import("c1", {commits[1], commits[2]});
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(PathsNow(), "a=A b=B c=C ");
}

TEST_F(ImportsTest, TheNameOfAnAuthorIsBoundedAndHasNoControlCharacters) {
  v1::ImportCommitsRequest commit = Commit("c1", 1'000'000, {{v1::IMPORT_ACTION_WRITE, "a.md", "one", ""}});
  std::string name = "Gr\x1b[2J";
  for (int i = 0; i < 800'000; ++i) name += "\u20ac";
  commit.mutable_commit()->mutable_author()->set_display_name(name);
  commit.mutable_commit()->mutable_author()->set_id("grace\n" + std::string(1'000, 'x'));
  Import("", {commit});
  ASSERT_TRUE(status_.ok()) << status_.error_message();

  const v1::Document document = OnlyDocument();
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  std::string kept = "Gr\ufffd[2J";
  for (int i = 0; i < 194; ++i) kept += "\u20ac";
  EXPECT_EQ(document.last_modifier().display_name(), kept);
  EXPECT_EQ(document.last_modifier().id(), "grace\ufffd" + std::string(122, 'x'));
  EXPECT_EQ(document.latest_version().author().display_name(), kept);
  v1::ListChangesRequest request;
  request.set_parent("projects/apollo");
  const auto changes = Call(*changes_, &v1::Changes::Stub::ListChanges, request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(changes.changes_size(), 2);
}

TEST_F(ImportsTest, AMessageWithControlCharactersOfAnyKindKeepsNothingOut) {
  v1::ImportCommitsRequest commit = Commit("c1", 1'000'000, {{v1::IMPORT_ACTION_WRITE, "a.md", "one", ""}});
  commit.mutable_commit()->set_message("L\u0092\u00e9tude\x1b\n\tde \u20ac\n");
  Import("", {commit, Commit("c2", 1'000'001, {{v1::IMPORT_ACTION_WRITE, "a.md", "two", ""}})});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::GetVersionRequest get;
  get.set_name("projects/apollo/documents/REC-0001/versions/1");
  EXPECT_EQ(Call(*versions_, &v1::Versions::Stub::GetVersion, get).comment(), "L \u00e9tude \n\tde \u20ac\n");
  EXPECT_EQ(Fetch("projects/apollo/documents/REC-0001").content(), "two");
}

TEST_F(ImportsTest, KeepsAuthorsTimesAndNames) {
  const auto answers = Import("", {Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a.md", "one", ""}}),
                                   Commit("c2", 1'500'001'000, {{v1::IMPORT_ACTION_RENAME, "b.md", "two", "a.md"}})});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].sequence(), 2);
  EXPECT_EQ(answers[1].documents_moved(), 1);
  const auto latest = Fetch("projects/apollo/documents/REC-0001");
  EXPECT_EQ(latest.content(), "two");
  EXPECT_EQ(latest.version().author().display_name(), "Grace");
  EXPECT_EQ(latest.version().author().id(), "grace@example.org");
  EXPECT_EQ(latest.version().author_time().seconds(), 1'500'000'940);
  EXPECT_EQ(latest.version().effective_time().seconds(), 1'500'001'000);
  EXPECT_TRUE(latest.version().imported());
  EXPECT_EQ(latest.version().comment(), "Commit c2\n\nWhy.\n");
  v1::GetDocumentRequest then;
  then.set_name("projects/apollo/documents/REC-0001");
  then.mutable_as_of()->mutable_time()->set_seconds(1'500'000'500);
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::GetDocument, then).path(), "a.md");
  then.mutable_as_of()->mutable_time()->set_seconds(1'400'000'000);
  Call(*documents_, &v1::Documents::Stub::GetDocument, then);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(ImportsTest, ATimeThatIsStillToComeIsCutToNow) {
  constexpr std::int64_t kIn2099 = 4'070'908'800;
  Import("", {Commit("c1", kIn2099, {{v1::IMPORT_ACTION_WRITE, "a.md", "one", ""}})});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const v1::Version version = Fetch(OnlyDocument().name()).version();
  EXPECT_EQ(version.author_time().seconds(), kIn2099 - 60) << "as the source has it";
  EXPECT_EQ(version.effective_time().seconds(), version.record_time().seconds());
  EXPECT_LT(version.record_time().seconds(), kIn2099);
}

TEST_F(ImportsTest, ADocumentIsAskedForRequiredAttributesAtItsNextUpdate) {
  v1::UpdateProjectRequest define;
  define.mutable_project()->set_name(kProject);
  v1::AttributeDefinition& definition = *define.mutable_project()->add_attribute_definitions();
  definition.set_id("discipline");
  definition.set_type(v1::ATTRIBUTE_TYPE_TEXT);
  definition.set_required(true);
  define.mutable_update_mask()->add_paths("attribute_definitions");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, define);
  Import("", {Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a.md", "one", ""}})});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::UpdateDocumentRequest update;
  update.mutable_document()->set_name(OnlyDocument().name());
  update.mutable_document()->set_title("Loads");
  update.mutable_update_mask()->add_paths("title");
  Call(*documents_, &v1::Documents::Stub::UpdateDocument, update);
  EXPECT_EQ(Reason(), "ATTRIBUTE_REQUIRED");
  (*update.mutable_document()->mutable_attributes())["discipline"].set_text("civil");
  update.mutable_update_mask()->add_paths("attributes");
  Call(*documents_, &v1::Documents::Stub::UpdateDocument, update);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  CheckIn(NewAt("b.md", "two"));
  EXPECT_EQ(Reason(), "ATTRIBUTE_REQUIRED") << "who checks in can say it";
}

TEST_F(ImportsTest, GoesOnWhereItStoodAndNowhereElse) {
  Import("", {Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a.md", "one", ""}})});
  Import("", {Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a.md", "one", ""}})});
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(Reason(), "IMPORT_POSITION");
  EXPECT_EQ(Metadata("last_commit"), "c1");
  v1::GetImportSourceRequest get;
  get.set_name("projects/apollo/importSources/old");
  const auto source = Call(*imports_, &v1::Imports::Stub::GetImportSource, get);
  EXPECT_EQ(source.last_commit(), "c1");
  EXPECT_EQ(source.commit_count(), 1);
  Import("c1", {Commit("c2", 1'500'000'001, {{v1::IMPORT_ACTION_DELETE, "a.md", "", ""}})});
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(PathsNow(), "");
}

TEST_F(ImportsTest, AProjectWithRegistersAloneIsStillSeenAsItWas) {
  v1::CreateEntryRequest create;
  create.set_parent(kProject);
  v1::Risk& risk = *create.mutable_entry()->mutable_risk();
  risk.set_title("first");
  risk.set_probability(4);
  risk.set_impact(3);
  risk = Call(*registers_, &v1::Registers::Stub::CreateEntry, create).risk();
  std::vector<google::protobuf::Timestamp> times;
  v1::GetProjectRequest project;
  project.set_name(kProject);
  const auto note_time = [&] {
    times.push_back(Call(*projects_, &v1::Projects::Stub::GetProject, project).update_time());
  };
  note_time();
  for (const char* title : {"second", "third"}) {
    v1::UpdateEntryRequest update;
    update.mutable_entry()->mutable_risk()->set_name(risk.name());
    update.mutable_entry()->mutable_risk()->set_title(title);
    update.mutable_update_mask()->add_paths("title");
    Call(*registers_, &v1::Registers::Stub::UpdateEntry, update);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    note_time();
  }
  const auto titles = [&] {
    std::string text;
    for (const auto& time : times) {
      v1::GetEntryRequest get;
      get.set_name(risk.name());
      *get.mutable_as_of()->mutable_time() = time;
      text += Call(*registers_, &v1::Registers::Stub::GetEntry, get).risk().title() + " ";
    }
    return text;
  };
  EXPECT_EQ(titles(), "first second third ");
  const auto answers = Import("", {Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a.md", "one", ""}}),
                                   Commit("c2", 1'500'001'000, {{v1::IMPORT_ACTION_WRITE, "a.md", "two", ""}})});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(answers.size(), 2U);
  EXPECT_EQ(titles(), "first second third ");
  const v1::Version version = Fetch(OnlyDocument().name()).version();
  EXPECT_EQ(version.effective_time().seconds(), times.back().seconds());
  EXPECT_EQ(version.author_time().seconds(), 1'500'000'940);
}

TEST_F(ImportsTest, TheNewestUpdatesComeFirstAlsoBehindAHistoryThatCameLater) {
  v1::CreateDocumentRequest create;  // without a version, so that the history still brings its own beginning
  create.set_parent(kProject);
  create.mutable_document()->set_title("Mine");
  create.mutable_document()->set_type("specification");
  Call(*documents_, &v1::Documents::Stub::CreateDocument, create);
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name(kSpecification);
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Import("", {Commit("c1", 1'500'000'000,
                     {{v1::IMPORT_ACTION_WRITE, "a", "A", ""},
                      {v1::IMPORT_ACTION_WRITE, "b", "B", ""},
                      {v1::IMPORT_ACTION_WRITE, "c", "C", ""}}),
              Commit("c2", 1'500'000'001, {{v1::IMPORT_ACTION_DELETE, "c", "", ""}}),
              Commit("c3", 1'500'000'002, {{v1::IMPORT_ACTION_DELETE, "b", "", ""}}),
              Commit("c4", 1'500'000'003, {{v1::IMPORT_ACTION_DELETE, "a", "", ""}})});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::ListDocumentsRequest request;
  request.set_parent(kProject);
  request.set_filter("state = WITHDRAWN");
  request.set_order_by("update_time desc");
  const auto list = [&](int page_size) {
    std::string numbers;
    request.set_page_size(page_size);
    request.clear_page_token();
    do {
      const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      for (const auto& document : page.documents()) numbers += LastSegment(document.name()) + " ";
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return numbers;
  };
  EXPECT_EQ(list(10), "SPC-0001 REC-0001 REC-0002 REC-0003 ");
  EXPECT_EQ(list(1), list(10));
}

// The upload is given up with no commit to tell of it, so the source stays where it was.
TEST_F(ImportsTest, AnUploadOfWhatIsThereAlreadyIsNoCommitAndTheNextOneIsImported) {
  const std::string text = "the same";
  Import("", {Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a", text, ""}})});
  const v1::Upload upload = Upload(text);
  v1::ImportCommitsRequest same = Commit("c2", 1'500'000'001, {{v1::IMPORT_ACTION_WRITE, "a", "", ""}});
  same.mutable_commit()->mutable_changes(0)->set_upload(upload.name());
  const auto answers =
      Import("c1", {same, Commit("c3", 1'500'000'002, {{v1::IMPORT_ACTION_WRITE, "b", "another", ""}})});
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[0].sequence(), 0);
  EXPECT_EQ(answers[1].sequence(), 3);
  EXPECT_EQ(PathsNow(), "a=the same b=another ");
}

class ImportsOfManyUploadsTest : public ImportsTest {
 protected:
  void SetUp() override {
    store_options_.uploads.max_sessions = 8;  // of one project 4
    ImportsTest::SetUp();
    MakeProject("zeus");
  }

  // Ten uploads in parts of two; whether the server took them all.
  grpc::Status ImportTen(const std::string& last, const std::string& id, bool whole) {
    grpc::ClientContext context;
    const auto stream = imports_->ImportCommits(&context);
    v1::ImportCommitsRequest first;
    first.mutable_header()->set_source("projects/apollo/importSources/old");
    first.mutable_header()->set_expected_last_commit(last);
    first.mutable_header()->set_bad_path_policy(v1::BAD_PATH_POLICY_FAIL);
    stream->Write(first);
    for (int part = 0; part < 5; ++part) {
      v1::ImportCommitsRequest request = Commit(id, 1'500'000'000, {});
      for (int i = 0; i < 2; ++i) {
        const std::string name = id + "-" + std::to_string(part) + std::to_string(i);
        v1::ImportChange& change = *request.mutable_commit()->add_changes();
        change.set_action(v1::IMPORT_ACTION_WRITE);
        change.set_path(name);
        change.set_upload(Upload(name).name());
      }
      request.mutable_commit()->set_continued(part < 4 || !whole);
      EXPECT_TRUE(stream->Write(request));
    }
    stream->WritesDone();
    v1::ImportCommitsResponse answer;
    while (stream->Read(&answer)) {
    }
    return stream->Finish();
  }

  // How many uploads a project opens until it is refused.
  int Openable(const std::string& project) {
    v1::CreateUploadRequest create;
    create.set_parent(project);
    create.set_size(1);
    std::vector<std::string> opened;
    while (opened.size() < 100) {
      const auto upload = Call(*contents_, &v1::Contents::Stub::CreateUpload, create);
      if (!status_.ok()) break;
      opened.push_back(upload.name());
    }
    EXPECT_EQ(Reason(), "TOO_MANY_UPLOADS");
    for (const std::string& name : opened) {
      v1::DeleteUploadRequest away;
      away.set_name(name);
      Call(*contents_, &v1::Contents::Stub::DeleteUpload, away);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
    }
    return static_cast<int>(opened.size());
  }
};

TEST_F(ImportsOfManyUploadsTest, OneCommitTakesMoreThanItsProjectMayHaveOpen) {
  const grpc::Status status = ImportTen("", "c1", true);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(PathsNow().substr(0, 24), "c1-00=c1-00 c1-01=c1-01 ");
  EXPECT_EQ(Openable(kProject), 4);
}

TEST_F(ImportsOfManyUploadsTest, WhatAStreamThatEndsEarlyNamedCountsAgainForItsProjectAlone) {
  EXPECT_FALSE(ImportTen("", "c1", false).ok());
  // The stream's end is told before it is gone.
  const auto deadline = std::chrono::steady_clock::now() + std::chrono::seconds(30);
  int openable = 0;
  do {
    openable = Openable(kProject);
  } while (openable > 0 && std::chrono::steady_clock::now() < deadline);
  EXPECT_EQ(openable, 0) << "10 are there";
  EXPECT_EQ(Openable("projects/zeus"), 4);
}

TEST_F(ImportsTest, WhatComesWithADeletionIsNotLookedAt) {
  Import("", {Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a", "A", ""}})});
  v1::ImportCommitsRequest deletion = Commit("c2", 1'500'000'001, {{v1::IMPORT_ACTION_DELETE, "a", "data", ""}});
  deletion.mutable_commit()->mutable_changes(0)->set_upload("projects/apollo/uploads/none");
  Import("c1", {deletion});
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(PathsNow(), "");
}

TEST_F(ImportsTest, RenamesInChainsAndCirclesArriveWhereTheyShould) {
  Import("", {Commit("c1", 1'500'000'000,
                     {{v1::IMPORT_ACTION_WRITE, "a", "A", ""},
                      {v1::IMPORT_ACTION_WRITE, "b", "B", ""},
                      {v1::IMPORT_ACTION_WRITE, "c", "C", ""},
                      {v1::IMPORT_ACTION_WRITE, "d", "D", ""}}),
              Commit("c2", 1'500'000'001,
                     {{v1::IMPORT_ACTION_RENAME, "b", "", "a"},
                      {v1::IMPORT_ACTION_RENAME, "c", "", "b"},
                      {v1::IMPORT_ACTION_RENAME, "a", "", "c"},
                      {v1::IMPORT_ACTION_DELETE, "d", "", ""},
                      {v1::IMPORT_ACTION_WRITE, "d/e", "E", ""}})});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(PathsNow(), "a=C b=A c=B d/e=E ");
}

TEST_F(ImportsTest, BadNamesAreLeftOutAndReportedOrEndTheImport) {
  const auto commit = Commit("c1", 1'500'000'000,
                             {{v1::IMPORT_ACTION_WRITE, "good", "x", ""},
                              {v1::IMPORT_ACTION_WRITE, "GOOD", "y", ""},
                              {v1::IMPORT_ACTION_WRITE, "a/CON.txt", "z", ""}});
  auto answers = Import("", {commit}, v1::BAD_PATH_POLICY_FAIL);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_TRUE(answers.empty());
  EXPECT_EQ(PathsNow(), "");
  answers = Import("", {commit});
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_EQ(answers[0].skipped_size(), 2);
  EXPECT_EQ(answers[0].skipped(0).reason(), "PATH_TAKEN");
  EXPECT_EQ(answers[0].skipped(1).reason(), "PATH_INVALID");
  EXPECT_EQ(PathsNow(), "good=x ");
}

// They are held until the commit is whole, so they count.
TEST_F(ImportsTest, PathsCountForTheSizeOfACommit) {
  std::vector<v1::ImportCommitsRequest> parts;
  const std::string path(4000, 'a');
  for (int part = 0; part < 35; ++part) {
    parts.push_back(Commit("c1", 1'500'000'000, std::vector<Change>(500, {v1::IMPORT_ACTION_DELETE, path, "", path})));
    parts.back().mutable_commit()->set_continued(true);
  }
  Import("", parts);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(), "CONTENT_TOO_LARGE");
}

// More changes than are looked through for the newest: another walk finds the same.
TEST_F(ImportsTest, ListsByUpdateTimeAreTheSameBehindALongHistory) {
  std::vector<v1::ImportCommitsRequest> commits = {
      Commit("c0", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "b", "B", ""}, {v1::IMPORT_ACTION_WRITE, "c", "C", ""}})};
  for (int i = 1; i <= 1'200; ++i) {
    commits.push_back(
        Commit("c" + std::to_string(i), 1'500'000'000 + i, {{v1::IMPORT_ACTION_WRITE, "a", std::to_string(i), ""}}));
  }
  Import("", commits);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const auto paths = [this](const std::string& order, const std::string& filter) {
    v1::ListDocumentsRequest request;
    request.set_parent(kProject);
    request.set_page_size(1);
    request.set_order_by(order);
    request.set_filter(filter);
    std::string listed;
    do {
      const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      for (const auto& document : page.documents()) listed += document.path();
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return listed;
  };
  EXPECT_EQ(paths("update_time desc", ""), "acb");
  EXPECT_EQ(paths("update_time desc", "type = record"), "acb");
  EXPECT_EQ(paths("update_time desc", "number = REC-0001"), "b");
  EXPECT_EQ(paths("update_time desc", "number = REC-0009"), "");
  EXPECT_EQ(paths("path desc", "update_time > 2017-01-01"), "cba");
}

TEST_F(ImportsTest, AFileThatIsSkippedLeavesNoNumberUnused) {
  const auto answers = Import("", {Commit("c1", 1'500'000'000,
                                          {{v1::IMPORT_ACTION_WRITE, "good", "x", ""},
                                           {v1::IMPORT_ACTION_WRITE, "GOOD", "y", ""},
                                           {v1::IMPORT_ACTION_WRITE, "next", "z", ""}})});
  ASSERT_EQ(answers.size(), 1u);
  ASSERT_EQ(answers[0].skipped_size(), 1);
  EXPECT_EQ(Fetch("projects/apollo/documents/REC-0002").content(), "z");
}

// git has both names, a document's path one of them.
TEST_F(ImportsTest, OfTwoSpellingsOfOneNameInACommitTheSecondIsSkipped) {
  const std::string composed = "caf\u00e9.txt";
  const std::string decomposed = "cafe\u0301.txt";
  const auto answers = Import(
      "", {Commit("c1", 1'500'000'000,
                  {{v1::IMPORT_ACTION_WRITE, composed, "one", ""}, {v1::IMPORT_ACTION_WRITE, decomposed, "two", ""}}),
           Commit("c2", 1'500'000'001, {{v1::IMPORT_ACTION_WRITE, decomposed, "three", ""}})});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(answers.size(), 2u);
  ASSERT_EQ(answers[0].skipped_size(), 1);
  EXPECT_EQ(answers[0].skipped(0).path(), decomposed);
  EXPECT_EQ(answers[0].skipped(0).reason(), "PATH_TAKEN");
  EXPECT_EQ(answers[0].versions_created(), 1);
  EXPECT_EQ(PathsNow(), composed + "=three ");

  Import("c2",
         {Commit("c3", 1'500'000'002,
                 {{v1::IMPORT_ACTION_WRITE, composed, "four", ""}, {v1::IMPORT_ACTION_WRITE, decomposed, "five", ""}})},
         v1::BAD_PATH_POLICY_FAIL);
  EXPECT_EQ(Reason(), "PATH_TAKEN");
}

TEST_F(ImportsTest, APathThatIsMuchTooLongIsSkippedAndItsFormerPlaceIsLeft) {
  const std::string folder(199, 'a');
  std::string path;
  while (path.size() < 3'000'000) path += folder + "/";
  path += "x";
  auto answers = Import("", {Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "good", "x", ""}}),
                             Commit("c2", 1'500'000'001, {{v1::IMPORT_ACTION_RENAME, path, "", "good"}})});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(answers.size(), 2u);
  ASSERT_EQ(answers[1].skipped_size(), 1);
  EXPECT_EQ(answers[1].skipped(0).reason(), "PATH_INVALID");
  EXPECT_TRUE(path.starts_with(answers[1].skipped(0).path()));
  EXPECT_LT(answers[1].ByteSizeLong(), 20'000u);
  EXPECT_EQ(answers[1].documents_withdrawn(), 1);
  EXPECT_EQ(PathsNow(), "");
  Import("c2", {Commit("c3", 1'500'000'002, {{v1::IMPORT_ACTION_WRITE, path, "x", ""}})}, v1::BAD_PATH_POLICY_FAIL);
  EXPECT_EQ(Reason(), "PATH_INVALID");
}

TEST_F(ImportsTest, ATypeThatIsTooLongIsRefused) {
  auto commit = Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a", "x", ""}});
  commit.mutable_commit()->mutable_changes(0)->set_document_type(std::string(64, 't'));
  Import("", {commit});
  EXPECT_EQ(Reason(), "DOCUMENT_TYPE_UNKNOWN");
  EXPECT_EQ(Field(), "commit.changes[0].document_type");
}

// The commit is durable by then, and must be answered.
TEST_F(ImportsTest, OfVeryManyPathsThatAreSkippedTheFirstAreTold) {
  std::vector<Change> changes{{v1::IMPORT_ACTION_WRITE, "good", "x", ""}};
  const std::string folder = std::string(190, 'a') + "/";
  for (int i = 0; i < 12'000; ++i) {
    changes.push_back({v1::IMPORT_ACTION_WRITE, folder + std::to_string(i) + "?", "y", ""});
  }
  const auto answers = Import("", {Commit("c1", 1'500'000'000, changes)});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(answers.size(), 1u);
  EXPECT_EQ(answers[0].documents_created(), 1);
  EXPECT_EQ(answers[0].skipped_size(), 1000);
  EXPECT_EQ(answers[0].skipped(0).path(), folder + "0?");
  EXPECT_EQ(answers[0].omitted_skip_count(), 11'000);
}

// What was answered and not read yet holds the stream back, and nothing stays behind.
TEST_F(ImportsTest, WhoReadsLateGetsAllAnswers) {
  constexpr int kCommits = 1500;
  grpc::ClientContext context;
  const auto stream = imports_->ImportCommits(&context);
  v1::ImportCommitsRequest first;
  first.mutable_header()->set_source("projects/apollo/importSources/old");
  first.mutable_header()->set_bad_path_policy(v1::BAD_PATH_POLICY_SKIP);
  ASSERT_TRUE(stream->Write(first));
  const auto write = [&](int i) {
    const std::string bad = std::string(200, 'b') + "?" + std::to_string(i);
    return stream->Write(
        Commit("c" + std::to_string(i), 1'500'000'000 + i,
               {{v1::IMPORT_ACTION_WRITE, "a", std::to_string(i), ""}, {v1::IMPORT_ACTION_WRITE, bad, "x", ""}}));
  };
  for (int i = 0; i < 50; ++i) ASSERT_TRUE(write(i));
  std::thread writer([&] {
    for (int i = 50; i < kCommits; ++i) EXPECT_TRUE(write(i));
    stream->WritesDone();
  });
  // Far more have been made by then than a reader's window holds answers for.
  v1::GetImportSourceRequest get;
  get.set_name("projects/apollo/importSources/old");
  while (Call(*imports_, &v1::Imports::Stub::GetImportSource, get).commit_count() < 250) std::this_thread::yield();
  int answered = 0;
  v1::ImportCommitsResponse answer;
  while (stream->Read(&answer)) EXPECT_EQ(answer.source_commit(), "c" + std::to_string(answered++));
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(answered, kCommits);
}

TEST_F(ImportsTest, AStreamThatEndsWithinACommitLeavesWholeOnes) {
  auto part = Commit("c2", 1'500'000'001, {{v1::IMPORT_ACTION_WRITE, "b", "B", ""}});
  part.mutable_commit()->set_continued(true);
  const auto answers = Import("", {Commit("c1", 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, "a", "A", ""}}), part});
  EXPECT_EQ(Reason(), "STREAM_ENDED_EARLY");
  EXPECT_EQ(answers.size(), 1u);
  EXPECT_EQ(PathsNow(), "a=A ");
}

// gRPC would take what it cannot parse for the end of the stream, and the import for whole.
TEST_F(ImportsTest, AMessageThatIsNoneEndsTheImportWithAnError) {
  v1::ImportCommitsRequest header;
  header.mutable_header()->set_source("projects/apollo/importSources/old");
  const auto commit = [](const std::string& id) {
    return Commit(id, 1'500'000'000, {{v1::IMPORT_ACTION_WRITE, id + ".md", id, ""}}).SerializeAsString();
  };
  status_ = SendRaw(server_->address(), "/greffe.v1.Imports/ImportCommits",
                    {header.SerializeAsString(), commit("c1"), "\xff\xff", commit("c2")});
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(Reason(), "REQUEST_MALFORMED");
  EXPECT_EQ(PathsNow(), "c1.md=c1 ");
  v1::GetImportSourceRequest get;
  get.set_name(header.header().source());
  EXPECT_EQ(Call(*imports_, &v1::Imports::Stub::GetImportSource, get).last_commit(), "c1");
}

// Documents that have a place each, and want another's.
class Moves {
 public:
  explicit Moves(std::vector<std::pair<std::string, std::string>> renames)
      : renames_(std::move(renames)), queue_(renames_.size()) {
    for (std::size_t i = 0; i < renames_.size(); ++i) Put(i, renames_[i].first);
  }

  void Run() {
    while (true) {
      if (const auto next = queue_.Next()) {
        ++tried_;
        const std::string& to = renames_[*next].second;
        at_.contains(to) ? queue_.Wait(*next, to) : Move(*next, to);
      } else if (const auto aside = queue_.NextAside()) {
        ++asides_;
        Move(*aside, "aside" + std::to_string(asides_));
      } else if (const auto last = queue_.GiveUp()) {
        given_up_.push_back(*last);
      } else {
        break;
      }
    }
  }
  bool AllArrived() const {
    for (std::size_t i = 0; i < renames_.size(); ++i) {
      if (places_.at(i) != renames_[i].second) return false;
    }
    return true;
  }

  int tried_ = 0;
  int asides_ = 0;
  std::vector<std::size_t> given_up_;

 private:
  void Put(std::size_t rename, const std::string& place) {
    places_[rename] = place;
    at_.insert(place);
  }
  void Move(std::size_t rename, const std::string& place) {
    const std::string left = places_[rename];
    at_.erase(left);
    Put(rename, place);
    queue_.Free(left);
  }

  const std::vector<std::pair<std::string, std::string>> renames_;
  RenameQueue queue_;
  std::map<std::size_t, std::string> places_;
  std::set<std::string> at_;
};

TEST(RenameQueueTest, LongChainsAndManyCirclesAreTriedFewTimes) {
  std::vector<std::pair<std::string, std::string>> chain;
  for (int i = 0; i < 5000; ++i) chain.emplace_back(std::to_string(i), std::to_string(i + 1));
  Moves chained(chain);
  chained.Run();
  EXPECT_TRUE(chained.AllArrived());
  EXPECT_LE(chained.tried_, 10'000) << "each once, and once more when its place is free";
  EXPECT_EQ(chained.asides_, 0);

  std::vector<std::pair<std::string, std::string>> swaps;
  for (int i = 0; i < 1000; ++i) {
    swaps.emplace_back("a" + std::to_string(i), "b" + std::to_string(i));
    swaps.emplace_back("b" + std::to_string(i), "a" + std::to_string(i));
  }
  Moves swapped(swaps);
  swapped.Run();
  EXPECT_TRUE(swapped.AllArrived());
  EXPECT_LE(swapped.tried_, 4000);
  EXPECT_EQ(swapped.asides_, 1000) << "one a circle";
}

TEST(RenameQueueTest, WhatNeverGetsItsPlaceIsGivenUp) {
  Moves moves({{"a", "x"}, {"b", "x"}, {"c", "x"}});
  moves.Run();
  EXPECT_EQ(moves.given_up_, (std::vector<std::size_t>{2, 1}));
}

TEST_F(ImportsTest, ManyRenamesInChainsAndCirclesArriveWhereTheyShould) {
  constexpr int kChain = 500;
  constexpr int kSwaps = 100;
  std::vector<Change> written;
  std::vector<Change> renamed;
  const auto name = [](const char* kind, int i) { return kind + std::to_string(1000 + i); };
  for (int i = 0; i < kChain; ++i) {
    written.push_back({v1::IMPORT_ACTION_WRITE, name("c", i), std::to_string(i), ""});
    renamed.push_back({v1::IMPORT_ACTION_RENAME, name("c", i + 1), "", name("c", i)});
  }
  for (int i = 0; i < kSwaps; ++i) {
    written.push_back({v1::IMPORT_ACTION_WRITE, name("Docs/a", i), "a" + std::to_string(i), ""});
    written.push_back({v1::IMPORT_ACTION_WRITE, name("Docs/b", i), "b" + std::to_string(i), ""});
    // The folder changes its spelling as well, so that none can go before all have left it.
    renamed.push_back({v1::IMPORT_ACTION_RENAME, name("docs/b", i), "", name("Docs/a", i)});
    renamed.push_back({v1::IMPORT_ACTION_RENAME, name("docs/a", i), "", name("Docs/b", i)});
  }
  const auto answers = Import("", {Commit("c1", 1'500'000'000, written), Commit("c2", 1'500'000'001, renamed)});
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  ASSERT_EQ(answers.size(), 2u);
  EXPECT_EQ(answers[1].documents_moved(), kChain + 2 * kSwaps);
  EXPECT_EQ(answers[1].skipped_size(), 0);
  std::map<std::string, std::string> contents;
  v1::ListDocumentsRequest request;
  request.set_parent("projects/apollo");
  request.set_page_size(1000);
  const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
  for (const auto& document : page.documents()) contents[document.path()] = Fetch(document.name()).content();
  ASSERT_EQ(contents.size(), std::size_t{kChain + 2 * kSwaps});
  for (int i = 0; i < kChain; ++i) EXPECT_EQ(contents[name("c", i + 1)], std::to_string(i));
  for (int i = 0; i < kSwaps; ++i) {
    EXPECT_EQ(contents[name("docs/b", i)], "a" + std::to_string(i));
    EXPECT_EQ(contents[name("docs/a", i)], "b" + std::to_string(i));
  }
}

}  // namespace
}  // namespace greffe
