#include <gtest/gtest.h>

#include <algorithm>
#include <fstream>
#include <set>

#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class DocumentsTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
  }

  // Beside "apollo", "borealis" and "zeus".
  void ExpectUnreadable(const std::string& unreadable) {
    v1::ListProjectsRequest list;
    for (const int page_size : {1, 2, 50}) {
      list.set_page_size(page_size);
      std::string names;
      std::string damaged;
      do {
        const auto page = Call(*projects_, &v1::Projects::Stub::ListProjects, list);
        ASSERT_TRUE(status_.ok()) << status_.error_message();
        EXPECT_LE(page.projects_size() + page.damaged_projects_size(), page_size);
        for (const v1::Project& project : page.projects()) names += project.name() + " ";
        for (const std::string& project : page.damaged_projects()) damaged += project;
        list.set_page_token(page.next_page_token());
      } while (!list.page_token().empty());
      EXPECT_EQ(names, "projects/apollo projects/borealis projects/zeus ") << page_size;
      EXPECT_EQ(damaged, unreadable) << page_size;
    }
    const auto portfolio = Call(*reports_, &v1::Reports::Stub::ListPortfolio, v1::ListPortfolioRequest());
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(portfolio.projects_size(), 3);
    ASSERT_EQ(portfolio.damaged_projects_size(), 1);
    EXPECT_EQ(portfolio.damaged_projects(0), unreadable);
  }
};

TEST_F(DocumentsTest, PagesSeeOneMoment) {
  for (int i = 0; i < 7; ++i) CheckIn(NewAt(std::to_string(i) + ".md", "x"));
  v1::ListDocumentsRequest request;
  request.set_parent("projects/apollo");
  request.set_page_size(3);
  std::set<std::string> seen;
  std::int64_t sequence = 0;
  do {
    const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    if (sequence == 0) sequence = page.sequence();
    EXPECT_EQ(page.sequence(), sequence);
    for (const auto& document : page.documents()) EXPECT_TRUE(seen.insert(document.name()).second);
    request.set_page_token(page.next_page_token());
    CheckIn(NewAt("later" + std::to_string(seen.size()) + ".md", "x"));
  } while (!request.page_token().empty());
  EXPECT_EQ(seen.size(), 7u);
  request.set_page_token("bm90IG9uZSBvZiBvdXJz");
  Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
  EXPECT_EQ(Reason(), "PAGE_TOKEN_INVALID");
}

TEST_F(DocumentsTest, FindsByNumberAlternateNumberAndPath) {
  CheckIn(NewAt("specs/a.md", "x"));
  v1::UpdateDocumentRequest update;
  update.mutable_document()->set_name("projects/apollo/documents/SPC-0001");
  update.mutable_document()->add_alternate_numbers("CLIENT 7/B");
  update.mutable_update_mask()->add_paths("alternate_numbers");
  const auto updated = Call(*documents_, &v1::Documents::Stub::UpdateDocument, update);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(updated.alternate_numbers(0), "CLIENT 7/B");
  v1::LookupDocumentRequest lookup;
  lookup.set_parent("projects/apollo");
  for (int way = 0; way < 4; ++way) {
    if (way == 0) lookup.set_number("SPC-0001");
    if (way == 1) lookup.set_number("CLIENT 7/B");
    if (way == 2) lookup.set_alternate_number("CLIENT 7/B");
    if (way == 3) lookup.set_path("specs/a.md");
    EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::LookupDocument, lookup).name(), updated.name()) << way;
  }
  lookup.set_path("specs/b.md");
  Call(*documents_, &v1::Documents::Stub::LookupDocument, lookup);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  CheckIn(NewAt("specs/b.md", "x"));
  update.mutable_document()->set_name("projects/apollo/documents/SPC-0002");
  Call(*documents_, &v1::Documents::Stub::UpdateDocument, update);
  EXPECT_EQ(Reason(), "NUMBER_TAKEN");
}

TEST_F(DocumentsTest, ListsByAPathThatIsSpelledInAnotherNormalForm) {
  for (const char* path : {"\xc3\xa9tudes/a.md", "\xc3\xa9tudes/b.md", "\xc3\xa9tudes-2/c.md"})
    CheckIn(NewAt(path, "x"));
  v1::ListDocumentsRequest request;
  request.set_parent(kProject);
  request.set_filter("path : \"e\xcc\x81tudes/\"");
  request.set_page_size(1);
  std::set<std::string> paths;
  do {
    const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    for (const auto& document : page.documents()) paths.insert(document.path());
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(paths, (std::set<std::string>{"\xc3\xa9tudes/a.md", "\xc3\xa9tudes/b.md"}));
}

TEST_F(DocumentsTest, WithdrawnGoesFromTheTreeAndComesBack) {
  CheckIn(NewAt("a.md", "x"));
  v1::ReleaseVersionRequest release;
  release.set_name(std::string(kSpecification) + "/versions/1");
  Call(*versions_, &v1::Versions::Stub::ReleaseVersion, release);
  v1::GetDocumentRequest get;
  get.set_name(kSpecification);
  const auto made = Call(*documents_, &v1::Documents::Stub::GetDocument, get);
  const std::string released = made.name() + "/versions/released";
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name(made.name());
  withdraw.set_etag("0000000000000000000000000000000000000000");
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::ABORTED);
  EXPECT_EQ(Metadata("current_etag"), made.etag());
  withdraw.set_etag(made.etag());
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw).state(), v1::DOCUMENT_STATE_WITHDRAWN);
  Fetch(made.name());
  EXPECT_EQ(Reason(), "DOCUMENT_WITHDRAWN");
  Fetch(released);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "DOCUMENT_WITHDRAWN");
  v1::GetVersionRequest version;
  version.set_name(released);
  Call(*versions_, &v1::Versions::Stub::GetVersion, version);
  EXPECT_EQ(Reason(), "DOCUMENT_WITHDRAWN");
  version.mutable_as_of()->set_sequence(made.sequence());
  EXPECT_EQ(Call(*versions_, &v1::Versions::Stub::GetVersion, version).number(), 1) << "it was in force then";
  EXPECT_EQ(Fetch(made.name() + "/versions/1").content(), "x");
  EXPECT_EQ(Fetch(made.name() + "/revisions/A").content(), "x");
  CheckIn(Next("SPC-0001", "y"));
  EXPECT_EQ(Reason(), "DOCUMENT_WITHDRAWN");
  CheckIn(NewAt("a.md", "another"));
  EXPECT_TRUE(status_.ok()) << "its path is free";
  v1::ReinstateDocumentRequest reinstate;
  reinstate.set_name(made.name());
  Call(*documents_, &v1::Documents::Stub::ReinstateDocument, reinstate);
  EXPECT_EQ(Reason(), "PATH_TAKEN");
  reinstate.set_destination_path("b.md");
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::ReinstateDocument, reinstate).path(), "b.md");
  EXPECT_EQ(Fetch(made.name()).content(), "x");
  EXPECT_EQ(Fetch(released).content(), "x");
}

TEST_F(DocumentsTest, ListsAreTheSameFromTheirEnd) {
  for (const char* path : {"b/2.md", "a", "b/10.md", "c/x.md", "b.md", "d.md"}) {
    v1::CheckInRequest check_in = NewAt(path, path);
    if (path[0] == 'b') check_in.mutable_item()->mutable_new_document()->set_type("record");
    CheckIn(check_in);
    CheckIn(Next(path[0] == 'b' ? "REC-0001" : "SPC-0001", std::string("and ") + path));
  }
  v1::CreateDocumentRequest create;
  create.set_parent(kProject);
  create.mutable_document()->set_type("specification");
  for (const char* title : {"first without a path", "second without a path"}) {
    create.mutable_document()->set_title(title);
    Call(*documents_, &v1::Documents::Stub::CreateDocument, create);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  v1::CreateBaselineRequest baseline;
  baseline.set_parent(kProject);
  baseline.set_baseline_id("b1");
  baseline.mutable_baseline()->set_reason("gate passed");
  Call(*baselines_, &v1::Baselines::Stub::CreateBaseline, baseline);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name("projects/apollo/documents/SPC-0003");
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  v1::MoveDocumentRequest move;
  move.set_name("projects/apollo/documents/REC-0001");
  move.set_destination_path("b/3.md");
  Call(*documents_, &v1::Documents::Stub::MoveDocument, move);
  ASSERT_TRUE(status_.ok()) << status_.error_message();

  v1::ListDocumentsRequest request;
  request.set_parent(kProject);
  const auto list = [&](const std::string& order, int page_size) {
    std::vector<std::string> numbers;
    request.set_order_by(order);
    request.set_page_size(page_size);
    request.clear_page_token();
    do {
      const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      for (const auto& document : page.documents()) numbers.push_back(LastSegment(document.name()));
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return numbers;
  };
  for (const char* as_of : {"", "projects/apollo/baselines/b1"}) {
    if (*as_of != 0) request.mutable_as_of()->set_baseline(as_of);
    for (const char* filter :
         {"", "state = ACTIVE", "type = record", "state = ACTIVE AND type = record", "state = ACTIVE AND path : \"b/\"",
          "state = ACTIVE AND path : \"b\"", "number = \"SPC-0002\"", "update_time > \"2020-01-01T00:00:00Z\""}) {
      request.set_filter(filter);
      for (const std::string order : {"number", "path"}) {
        std::vector<std::string> numbers = list(order, 100);
        EXPECT_FALSE(numbers.empty()) << filter;
        std::reverse(numbers.begin(), numbers.end());
        for (const int page_size : {1, 2, 3, 100}) {
          EXPECT_EQ(list(order + " desc", page_size), numbers) << filter << " " << order << " " << page_size;
        }
      }
    }
  }
}

TEST_F(DocumentsTest, AMaskThatRepeatsAPathIsRefused) {
  CheckIn(NewAt("a.md", "one"));
  v1::UpdateDocumentRequest document;
  document.mutable_document()->set_name(kSpecification);
  (*document.mutable_document()->mutable_labels())["colour"] = "red";
  for (int i = 0; i < 260'000; ++i) document.mutable_update_mask()->add_paths("labels");
  Call(*documents_, &v1::Documents::Stub::UpdateDocument, document);
  EXPECT_EQ(Reason(), "FIELD_MASK_INVALID");
  EXPECT_EQ(Field(), "update_mask");
  v1::UpdateProjectRequest project;
  project.mutable_project()->set_name(kProject);
  project.mutable_project()->set_title("Other");
  for (const char* path : {"title", "stage", "title"}) project.mutable_update_mask()->add_paths(path);
  Call(*projects_, &v1::Projects::Stub::UpdateProject, project);
  EXPECT_EQ(Reason(), "FIELD_MASK_INVALID");
}

TEST_F(DocumentsTest, AnAttributeWhoseDefinitionIsGoneStopsNoOtherChange) {
  CheckIn(NewAt("a.md", "one"));
  v1::UpdateProjectRequest define;
  define.mutable_project()->set_name(kProject);
  v1::AttributeDefinition& definition = *define.mutable_project()->add_attribute_definitions();
  definition.set_id("discipline");
  definition.set_type(v1::ATTRIBUTE_TYPE_TEXT);
  define.mutable_update_mask()->add_paths("attribute_definitions");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, define);
  const auto update = [&](const std::string& path, const std::string& title, const std::string& discipline) {
    v1::UpdateDocumentRequest request;
    request.mutable_document()->set_name(kSpecification);
    request.mutable_document()->set_title(title);
    if (!discipline.empty()) (*request.mutable_document()->mutable_attributes())["discipline"].set_text(discipline);
    request.mutable_update_mask()->add_paths(path);
    return Call(*documents_, &v1::Documents::Stub::UpdateDocument, request);
  };
  update("attributes", "", "civil");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  define.mutable_project()->clear_attribute_definitions();
  Call(*projects_, &v1::Projects::Stub::UpdateProject, define);
  ASSERT_TRUE(status_.ok()) << status_.error_message();

  const v1::Document renamed = update("title", "Loads", "");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(renamed.title(), "Loads");
  EXPECT_EQ(renamed.attributes().at("discipline").text(), "civil");
  update("attributes", "", "electrical");
  EXPECT_EQ(Reason(), "ATTRIBUTE_UNKNOWN");
  EXPECT_EQ(update("attributes", "", "").attributes_size(), 0) << "it can be taken away";
  update("attributes", "", "civil");
  EXPECT_EQ(Reason(), "ATTRIBUTE_UNKNOWN") << "once it is gone it does not come back";
}

TEST_F(DocumentsTest, ATypeThatDocumentsHaveIsNotTakenOut) {
  v1::Project project = MakeProject("gemini");
  v1::CheckInRequest check_in = NewAt("a.md", "one");
  check_in.set_parent(project.name());
  CheckIn(check_in);
  v1::UpdateProjectRequest update;
  update.mutable_update_mask()->add_paths("document_types");
  *update.mutable_project() = project;
  update.mutable_project()->clear_etag();
  for (v1::DocumentType& type : *update.mutable_project()->mutable_document_types()) {
    if (type.id() == "specification") type.set_id("requirements");
  }
  Call(*projects_, &v1::Projects::Stub::UpdateProject, update);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "TYPE_IN_USE");
  EXPECT_EQ(Metadata("type"), "specification");
  EXPECT_EQ(Metadata("field"), "project.document_types");
  update.mutable_project()->clear_document_types();
  for (const v1::DocumentType& type : project.document_types()) {
    if (type.id() == "specification") *update.mutable_project()->add_document_types() = type;
  }
  EXPECT_EQ(Call(*projects_, &v1::Projects::Stub::UpdateProject, update).document_types_size(), 1) << "those without";
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

// Withdrawn documents keep no type from being taken out, and come back.
TEST_F(DocumentsTest, ATypeThatIsGoneStopsNoOtherChange) {
  CheckIn(NewAt("a.md", "one"));
  v1::WithdrawDocumentRequest withdraw;
  withdraw.set_name(kSpecification);
  Call(*documents_, &v1::Documents::Stub::WithdrawDocument, withdraw);
  v1::UpdateProjectRequest types;
  types.mutable_project()->set_name(kProject);
  v1::DocumentType& record = *types.mutable_project()->add_document_types();
  record.set_id("record");
  record.set_prefix("REC");
  types.mutable_update_mask()->add_paths("document_types");
  Call(*projects_, &v1::Projects::Stub::UpdateProject, types);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::ReinstateDocumentRequest reinstate;
  reinstate.set_name(kSpecification);
  Call(*documents_, &v1::Documents::Stub::ReinstateDocument, reinstate);
  ASSERT_TRUE(status_.ok()) << status_.error_message();

  v1::UpdateDocumentRequest update;
  update.mutable_document()->set_name(kSpecification);
  update.mutable_document()->set_owner("grace");
  update.mutable_update_mask()->add_paths("owner");
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::UpdateDocument, update).owner(), "grace");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  CheckIn(Next("SPC-0001", "two"));
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  v1::MoveDocumentRequest move;
  move.set_name(kSpecification);
  move.set_destination_path("b.md");
  Call(*documents_, &v1::Documents::Stub::MoveDocument, move);
  EXPECT_TRUE(status_.ok()) << status_.error_message();
  *update.mutable_update_mask()->mutable_paths(0) = "type";
  update.mutable_document()->set_type("budget");
  Call(*documents_, &v1::Documents::Stub::UpdateDocument, update);
  EXPECT_EQ(Reason(), "DOCUMENT_TYPE_UNKNOWN");
  update.mutable_document()->set_type("record");
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::UpdateDocument, update).type(), "record");
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

TEST_F(DocumentsTest, ProjectsAreListedUpdatedAndSeenAsTheyWere) {
  MakeProject("zeus");
  MakeProject("apollo");
  EXPECT_EQ(Reason(), "PROJECT_EXISTS");
  v1::UpdateProjectRequest update;
  update.mutable_project()->set_name("projects/apollo");
  update.mutable_project()->set_stage("delivery");
  update.mutable_update_mask()->add_paths("stage");
  EXPECT_EQ(Call(*projects_, &v1::Projects::Stub::UpdateProject, update).stage(), "delivery");
  v1::GetProjectRequest get;
  get.set_name("projects/apollo");
  get.mutable_as_of()->set_sequence(1);
  EXPECT_EQ(Call(*projects_, &v1::Projects::Stub::GetProject, get).stage(), "");
  v1::ListProjectsRequest list;
  list.set_page_size(1);
  auto page = Call(*projects_, &v1::Projects::Stub::ListProjects, list);
  ASSERT_EQ(page.projects_size(), 1);
  EXPECT_EQ(page.projects(0).name(), "projects/apollo");
  list.set_page_token(page.next_page_token());
  page = Call(*projects_, &v1::Projects::Stub::ListProjects, list);
  ASSERT_EQ(page.projects_size(), 1);
  EXPECT_EQ(page.projects(0).name(), "projects/zeus");
  EXPECT_EQ(page.next_page_token(), "");
}

TEST_F(DocumentsTest, ADamagedProjectIsNamedAndTheOthersAreListed) {
  for (const char* id : {"borealis", "gemini", "zeus"}) MakeProject(id);
  Stop();
  std::ofstream(directory_.path() + "/data/repositories/gemini.git/refs/heads/main", std::ios::trunc);
  Start();
  ExpectUnreadable("projects/gemini");
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  ExpectUnreadable("projects/gemini");
  const auto status = Call(*admin_, &v1::Admin::Stub::GetServerStatus, v1::GetServerStatusRequest());
  EXPECT_EQ(status.project_count(), 4);
}

TEST_F(DocumentsTest, AProjectOfANewerProgramIsNamedAndTheOthersAreListed) {
  for (const char* id : {"borealis", "zeus"}) MakeProject(id);
  Stop();
  const ShellResult made = Shell("set -e; cd " + directory_.path() +
                                 R"(/data/repositories; cp -r zeus.git mercury.git; cd mercury.git
      record=$(git log -1 --format='%(trailers:key=Greffe-Project,valueonly)' main | head -1)
      blob=$(git cat-file blob $record | sed 's/"format": 1/"format": 99/' | git hash-object -w --stdin)
      commit=$(git cat-file commit main | sed "s/^Greffe-Project: .*/Greffe-Project: $blob/" |
        git hash-object -t commit -w --stdin)
      git update-ref refs/heads/main $commit)");
  ASSERT_EQ(made.exit_code, 0) << made.output;
  Start();
  v1::GetProjectRequest get;
  get.set_name("projects/mercury");
  Call(*projects_, &v1::Projects::Stub::GetProject, get);
  EXPECT_EQ(Reason(), "RECORD_FORMAT_NEWER");
  ExpectUnreadable("projects/mercury");
}

TEST_F(DocumentsTest, TheServerTellsHowItDoes) {
  CheckIn(NewAt("a.md", "x"));
  v1::FlushRepositoriesRequest flush;
  flush.set_parent("projects/-");
  Call(*admin_, &v1::Admin::Stub::FlushRepositories, flush);
  ASSERT_TRUE(status_.ok());
  const auto status = Call(*admin_, &v1::Admin::Stub::GetServerStatus, v1::GetServerStatusRequest());
  EXPECT_TRUE(status.writable());
  EXPECT_EQ(status.project_count(), 1);
  EXPECT_EQ(status.unpacked_commit_count(), 0);
  EXPECT_TRUE(status.scrub().has_next_start_time());
  const auto begun = Call(*admin_, &v1::Admin::Stub::StartScrub, v1::StartScrubRequest());
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_GT(begun.scrub().bytes_per_second(), 0);
  v1::GetProjectStorageRequest get;
  get.set_name("projects/apollo");
  const auto storage = Call(*admin_, &v1::Admin::Stub::GetProjectStorage, get);
  EXPECT_EQ(storage.packed_sequence(), 2);
  EXPECT_EQ(Shell("git -C " + directory_.path() + "/data/" + storage.repository() + " fsck --full --strict").output,
            "");
}

}  // namespace
}  // namespace greffe
