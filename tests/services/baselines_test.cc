#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>

#include "services/baselines/compare_baselines.h"
#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

constexpr char kG1[] = "projects/apollo/baselines/G1";
constexpr char kG2[] = "projects/apollo/baselines/G2";

std::string DocumentNamed(const std::string& number) { return "projects/apollo/documents/" + number; }

class BaselinesTest : public ServiceFixture {
 protected:
  void SetUp() override {
    ServiceFixture::SetUp();
    MakeProject();
    CheckIn(NewAt("specs/a.md", "one\ntwo\n"));  // SPC-0001
    CheckIn(NewAt("specs/b.md", "b"));           // SPC-0002
    CheckIn(NewAt("notes/c.md", "c"));           // SPC-0003
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  static v1::CreateBaselineRequest Asking(const std::string& id) {
    v1::CreateBaselineRequest request;
    request.set_parent("projects/apollo");
    request.set_baseline_id(id);
    request.mutable_baseline()->set_reason("gate passed");
    return request;
  }
  v1::Baseline Create(const v1::CreateBaselineRequest& request) {
    return Call(*baselines_, &v1::Baselines::Stub::CreateBaseline, request);
  }
  v1::Baseline Create(const std::string& id) { return Create(Asking(id)); }
  v1::Baseline Get(const std::string& name) {
    v1::GetBaselineRequest request;
    request.set_name(name);
    return Call(*baselines_, &v1::Baselines::Stub::GetBaseline, request);
  }
  std::string Members(const std::string& name, int page_size = 0) {
    v1::ListBaselineDocumentsRequest request;
    request.set_parent(name);
    request.set_page_size(page_size);
    std::string members;
    do {
      const auto page = Call(*baselines_, &v1::Baselines::Stub::ListBaselineDocuments, request);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      for (const auto& document : page.documents()) {
        members += document.number() + "/" + std::to_string(document.version()) + "@" + document.path() + " ";
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return members;
  }
  v1::CompareBaselinesResponse Compare(const std::string& base, const std::string& target, bool diffs = false,
                                       int page_size = 0, const std::string& token = "") {
    v1::CompareBaselinesRequest request;
    request.set_base(base);
    request.set_target(target);
    request.set_include_diffs(diffs);
    request.set_page_size(page_size);
    request.set_page_token(token);
    return Call(*baselines_, &v1::Baselines::Stub::CompareBaselines, request);
  }
  void Release(const std::string& version) {
    v1::ReleaseVersionRequest request;
    request.set_name(version);
    Call(*versions_, &v1::Versions::Stub::ReleaseVersion, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  void Move(const std::string& number, const std::string& path) {
    v1::MoveDocumentRequest request;
    request.set_name(DocumentNamed(number));
    request.set_destination_path(path);
    Call(*documents_, &v1::Documents::Stub::MoveDocument, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  void Withdraw(const std::string& number) {
    v1::WithdrawDocumentRequest request;
    request.set_name(DocumentNamed(number));
    Call(*documents_, &v1::Documents::Stub::WithdrawDocument, request);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  // Numbers and versions that a list as of a baseline shows.
  std::string List(const std::string& baseline, const std::string& filter = "", const std::string& order = "",
                   int page_size = 0) {
    v1::ListDocumentsRequest request;
    request.set_parent("projects/apollo");
    request.set_filter(filter);
    request.set_order_by(order);
    request.set_page_size(page_size);
    request.mutable_as_of()->set_baseline(baseline);
    std::string shown;
    do {
      const auto page = Call(*documents_, &v1::Documents::Stub::ListDocuments, request);
      EXPECT_TRUE(status_.ok()) << status_.error_message();
      for (const auto& document : page.documents()) {
        shown += document.name().substr(document.name().rfind('/') + 1) + "/" +
                 std::to_string(document.latest_version().number()) + " ";
      }
      request.set_page_token(page.next_page_token());
    } while (!request.page_token().empty());
    return shown;
  }
  v1::Document GetDocument(const std::string& number, const std::string& baseline) {
    v1::GetDocumentRequest request;
    request.set_name(DocumentNamed(number));
    request.mutable_as_of()->set_baseline(baseline);
    return Call(*documents_, &v1::Documents::Stub::GetDocument, request);
  }
  v1::Version GetVersion(const std::string& name, const std::string& baseline) {
    v1::GetVersionRequest request;
    request.set_name(name);
    request.mutable_as_of()->set_baseline(baseline);
    return Call(*versions_, &v1::Versions::Stub::GetVersion, request);
  }
  std::string ContentOf(const std::string& number, const std::string& baseline) {
    v1::FetchContentRequest request;
    request.set_name(DocumentNamed(number));
    request.mutable_as_of()->set_baseline(baseline);
    return Call(*contents_, &v1::Contents::Stub::FetchContent, request).content();
  }
  std::string Git(const std::string& arguments) {
    const ShellResult result = Shell("git -C " + directory_.path() + "/data/repositories/apollo.git " + arguments);
    EXPECT_EQ(result.exit_code, 0) << result.output;
    return result.output;
  }
};

TEST_F(BaselinesTest, AProjectIsFrozenAsATagOfExactlyItsFiles) {
  v1::CreateBaselineRequest request = Asking("G1");
  request.mutable_baseline()->set_title("Gate 1");
  request.mutable_baseline()->set_kind("design");
  principal_ = "grace";
  const v1::Baseline made = Create(request);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(made.name(), kG1);
  EXPECT_EQ(made.kind(), "design");
  EXPECT_EQ(made.document_count(), 3);
  EXPECT_EQ(made.documents_size(), 0);
  EXPECT_EQ(made.frozen_sequence(), 4);
  EXPECT_EQ(made.sequence(), 5);
  EXPECT_EQ(made.content_bytes(), 10);
  EXPECT_EQ(made.tag(), "baselines/G1");
  EXPECT_EQ(made.last_modifier().id(), "grace");
  EXPECT_EQ(made.selection(), v1::BASELINE_SELECTION_LATEST);
  EXPECT_EQ(Get(kG1).DebugString(), made.DebugString());
  EXPECT_EQ(Members(kG1), "SPC-0001/1@specs/a.md SPC-0002/1@specs/b.md SPC-0003/1@notes/c.md ");
  EXPECT_EQ(Members(kG1, 1), Members(kG1));

  // The repository does not trail behind a baseline.
  EXPECT_EQ(Git("rev-parse refs/tags/baselines/G1"), made.tag_object() + "\n");
  EXPECT_EQ(Git("cat-file -t baselines/G1"), "tag\n");
  EXPECT_EQ(Git("ls-tree -r --name-only baselines/G1"), ".greffe/baseline.json\nnotes/c.md\nspecs/a.md\nspecs/b.md\n");
  EXPECT_EQ(Git("rev-parse baselines/G1:.greffe/baseline.json"), made.etag() + "\n");
  EXPECT_EQ(Git("log -1 --format=%s baselines/G1"), "Baseline G1: Gate 1\n");
  EXPECT_EQ(Git("fsck --full --strict"), "");
  const std::string clone = directory_.path() + "/clone";
  ASSERT_EQ(Shell("git clone -q " + directory_.path() + "/data/repositories/apollo.git " + clone).exit_code, 0);
  ASSERT_EQ(Shell("git -C " + clone + " checkout -q baselines/G1").exit_code, 0);
  EXPECT_EQ(Shell("cat " + clone + "/specs/a.md").output, "one\ntwo\n");
  EXPECT_EQ(Shell("git -C " + clone + " status --porcelain").output, "");
}

TEST_F(BaselinesTest, AScopeIsAFolderATypeOrAList) {
  v1::CreateBaselineRequest request = Asking("folder");
  request.mutable_baseline()->mutable_scope()->set_folder("specs");
  Create(request);
  EXPECT_EQ(Members("projects/apollo/baselines/folder"), "SPC-0001/1@specs/a.md SPC-0002/1@specs/b.md ");
  request = Asking("type");
  request.mutable_baseline()->mutable_scope()->set_type("specification");
  EXPECT_EQ(Create(request).document_count(), 3);
  request = Asking("list");
  auto& list = *request.mutable_baseline()->mutable_scope()->mutable_list();
  list.add_documents(DocumentNamed("SPC-0003"));
  list.add_documents(DocumentNamed("SPC-0001"));
  Create(request);
  EXPECT_EQ(Members("projects/apollo/baselines/list"), "SPC-0001/1@specs/a.md SPC-0003/1@notes/c.md ");
}

TEST_F(BaselinesTest, ReleasedVersionsCanBeFrozenAlone) {
  v1::CreateBaselineRequest request = Asking("G1");
  request.mutable_baseline()->set_selection(v1::BASELINE_SELECTION_RELEASED);
  Create(request);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::FAILED_PRECONDITION);
  EXPECT_EQ(Reason(), "BASELINE_EMPTY");
  Release(DocumentNamed("SPC-0001") + "/versions/1");
  CheckIn(Next("SPC-0001", "one\nthree\n"));
  const v1::Baseline made = Create(request);
  EXPECT_EQ(made.document_count(), 1);
  EXPECT_EQ(made.omitted_count(), 2);
  EXPECT_EQ(Git("show baselines/G1:specs/a.md"), "one\ntwo\n");

  // The frozen version shows as the latest, to filters too.
  const v1::Document document = GetDocument("SPC-0001", kG1);
  EXPECT_EQ(document.latest_version().number(), 1);
  EXPECT_EQ(document.latest_version().revision(), "A");
  EXPECT_EQ(List(kG1, "version_state = RELEASED"), "SPC-0001/1 ");
  EXPECT_EQ(List(kG1, "version_state = DRAFT"), "");
  EXPECT_EQ(ContentOf("SPC-0001", kG1), "one\ntwo\n");
}

TEST_F(BaselinesTest, ReadsAsOfABaselineSeeWhatItHoldsAndNothingElse) {
  v1::CreateBaselineRequest request = Asking("G1");
  request.mutable_baseline()->mutable_scope()->set_folder("specs");
  Create(request);
  CheckIn(Next("SPC-0001", "changed"));
  Move("SPC-0002", "elsewhere/b.md");
  CheckIn(NewAt("specs/d.md", "d"));

  EXPECT_EQ(List(kG1), "SPC-0001/1 SPC-0002/1 ");
  EXPECT_EQ(List(kG1, "", "path", 1), "SPC-0001/1 SPC-0002/1 ");
  EXPECT_EQ(List(kG1, "", "update_time desc", 1), "SPC-0002/1 SPC-0001/1 ");
  EXPECT_EQ(List(kG1, "type = specification"), "SPC-0001/1 SPC-0002/1 ");
  EXPECT_EQ(List(kG1, "number = SPC-0003"), "");
  EXPECT_EQ(List(kG1, "path : \"specs/\""), "SPC-0001/1 SPC-0002/1 ");
  EXPECT_EQ(ContentOf("SPC-0001", kG1), "one\ntwo\n");
  EXPECT_EQ(GetDocument("SPC-0002", kG1).path(), "specs/b.md");

  GetDocument("SPC-0003", kG1);
  EXPECT_EQ(status_.error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(Reason(), "NOT_IN_BASELINE");
  ContentOf("SPC-0003", kG1);
  EXPECT_EQ(Reason(), "NOT_IN_BASELINE");
  GetDocument("SPC-0004", kG1);
  EXPECT_EQ(Reason(), "DOCUMENT_NOT_FOUND");
  v1::LookupDocumentRequest lookup;
  lookup.set_parent("projects/apollo");
  lookup.mutable_as_of()->set_baseline(kG1);
  lookup.set_path("specs/b.md");
  EXPECT_EQ(Call(*documents_, &v1::Documents::Stub::LookupDocument, lookup).name(), DocumentNamed("SPC-0002"));
  lookup.set_path("notes/c.md");
  Call(*documents_, &v1::Documents::Stub::LookupDocument, lookup);
  EXPECT_EQ(Reason(), "NOT_IN_BASELINE");
  lookup.set_number("SPC-0003");
  Call(*documents_, &v1::Documents::Stub::LookupDocument, lookup);
  EXPECT_EQ(Reason(), "NOT_IN_BASELINE");

  // Of each document one version.
  CheckIn(Next("SPC-0002", "b2"));
  Create("G2");
  EXPECT_EQ(GetVersion(DocumentNamed("SPC-0002") + "/versions/latest", kG2).number(), 2);
  GetVersion(DocumentNamed("SPC-0002") + "/versions/1", kG2);
  EXPECT_EQ(Reason(), "NOT_IN_BASELINE");
  v1::ListVersionsRequest versions;
  versions.set_parent(DocumentNamed("SPC-0002"));
  versions.mutable_as_of()->set_baseline(kG2);
  const auto page = Call(*versions_, &v1::Versions::Stub::ListVersions, versions);
  ASSERT_EQ(page.versions_size(), 1);
  EXPECT_EQ(page.versions(0).number(), 2);
}

TEST_F(BaselinesTest, ComparedBaselinesTellWhatWasAddedRemovedMovedChangedAndRestated) {
  CheckIn(NewAt("specs/e.md", "e"));  // SPC-0004
  CheckIn(NewAt("specs/f.md", "f"));  // SPC-0005
  Create("G1");
  CheckIn(Next("SPC-0001", "one\nthree\n"));
  Move("SPC-0002", "specs/moved.md");
  Withdraw("SPC-0003");
  Release(DocumentNamed("SPC-0004") + "/versions/1");
  CheckIn(NewAt("specs/g.md", "g"));  // SPC-0006
  Create("G2");
  for (const char* target : {kG2, ""}) {
    const auto all = Compare(kG1, target, true);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    ASSERT_EQ(all.differences_size(), 5) << all.DebugString();
    EXPECT_EQ(all.differences(0).kind(), v1::BASELINE_DIFFERENCE_KIND_CHANGED);
    EXPECT_EQ(all.differences(0).base().version(), 1);
    EXPECT_EQ(all.differences(0).target().version(), 2);
    EXPECT_NE(all.differences(0).unified_diff().find("-two\n+three\n"), std::string::npos);
    EXPECT_EQ(all.differences(0).lines_added(), 1);
    EXPECT_EQ(all.differences(1).kind(), v1::BASELINE_DIFFERENCE_KIND_MOVED);
    EXPECT_EQ(all.differences(1).target().path(), "specs/moved.md");
    EXPECT_EQ(all.differences(2).kind(), v1::BASELINE_DIFFERENCE_KIND_REMOVED);
    EXPECT_FALSE(all.differences(2).has_target());
    EXPECT_EQ(all.differences(3).kind(), v1::BASELINE_DIFFERENCE_KIND_RESTATED);
    EXPECT_EQ(all.differences(3).target().revision(), "A");
    EXPECT_EQ(all.differences(4).kind(), v1::BASELINE_DIFFERENCE_KIND_ADDED);
    EXPECT_EQ(all.differences(4).document(), DocumentNamed("SPC-0006"));
    EXPECT_EQ(all.unchanged_count(), 1);
    EXPECT_EQ(all.changed_count() + all.moved_count() + all.removed_count() + all.restated_count() + all.added_count(),
              5);
    std::string paged;
    std::string token;
    do {
      const auto page = Compare(kG1, target, false, 2, token);
      for (const auto& difference : page.differences()) paged += difference.document() + " ";
      EXPECT_EQ(page.added_count(), 1) << "counts are over all pages";
      token = page.next_page_token();
    } while (!token.empty());
    std::string whole;
    for (const auto& difference : all.differences()) whole += difference.document() + " ";
    EXPECT_EQ(paged, whole);
  }
  EXPECT_EQ(Compare(kG2, kG1).added_count(), 1) << "the withdrawn one";
  EXPECT_EQ(Compare(kG2, "").differences_size(), 0);
}

TEST_F(BaselinesTest, APageOfDiffsEndsWhereAMessageIsFull) {
  constexpr int kFiles = 6;
  const auto text = [](int file, int version) {
    std::string lines;
    for (int i = 0; lines.size() < 450'000; ++i) {
      lines += std::to_string(file) + " " + std::to_string(version) + " " + std::to_string(i) + "\n";
    }
    return lines;
  };
  for (int i = 0; i < kFiles; ++i) CheckIn(NewAt("large/" + std::to_string(i) + ".md", text(i, 1)));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Create("G1");
  for (int i = 0; i < kFiles; ++i) CheckIn(Next("SPC-000" + std::to_string(4 + i), text(i, 2)));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  int diffs = 0;
  int pages = 0;
  std::string token;
  do {
    const auto page = Compare(kG1, "", true, 0, token);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    for (const auto& difference : page.differences()) {
      EXPECT_EQ(difference.diff_omitted(), v1::DIFF_OMITTED_UNSPECIFIED) << difference.document();
      diffs += difference.unified_diff().empty() ? 0 : 1;
    }
    token = page.next_page_token();
    ++pages;
  } while (!token.empty());
  EXPECT_EQ(diffs, kFiles);
  EXPECT_EQ(pages, 2);
}

// Of what is told of the documents beside their diffs there may be more than a third of a message.
TEST_F(BaselinesTest, APageOfManySmallDiffsEndsWhereAMessageIsFull) {
  constexpr int kFiles = 700;
  std::string folder;
  for (int i = 0; i < 5; ++i) folder += std::string(190, static_cast<char>('a' + i)) + "/";
  v1::BatchCheckInRequest batch;
  batch.set_parent(kProject);
  for (int i = 0; i < kFiles; ++i)
    *batch.add_items() = NewAt(folder + std::to_string(i), std::string(1'300, '1')).item();
  const auto made = Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  Create("G1");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  for (int i = 0; i < kFiles; ++i) {
    batch.mutable_items(i)->clear_new_document();
    batch.mutable_items(i)->set_document(made.results(i).document().name());
    batch.mutable_items(i)->mutable_main_file()->set_data(std::string(1'300, '2'));
  }
  Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  int diffs = 0;
  std::string token;
  do {
    const auto page = Compare(kG1, "", true, 1000, token);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(page.changed_count(), kFiles);
    for (const auto& difference : page.differences()) diffs += difference.unified_diff().empty() ? 0 : 1;
    token = page.next_page_token();
  } while (!token.empty());
  EXPECT_EQ(diffs, kFiles);
}

// Three that differ, and a server that reads 16 bytes for a page.
TEST_F(BaselinesTest, ComparingContentsEndsAPageOnceEnoughWasReadAndItselfWhenTheCallerIsGone) {
  Create("G1");
  for (const char* number : {"SPC-0001", "SPC-0002", "SPC-0003"}) CheckIn(Next(number, "changed\n"));
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  WorkerPool pool(1, 1);
  const SystemClock clock;
  StreamMemory memory(CallLimits{}.stream_bytes);
  CallLimits limits;
  limits.turn_bytes = 16;
  const Runtime runtime{server_->store(), pool, clock, memory, limits};
  v1::CompareBaselinesRequest request;
  request.set_base(kG1);
  request.set_include_diffs(true);
  std::string sizes;
  std::string diffs;
  do {
    v1::CompareBaselinesResponse page;
    ASSERT_TRUE(CompareBaselines(
                    runtime, request, [] { return false; }, page)
                    .ok());
    sizes += std::to_string(page.differences_size()) + " ";
    for (const auto& difference : page.differences()) diffs += difference.unified_diff();
    request.set_page_token(page.next_page_token());
  } while (!request.page_token().empty());
  EXPECT_EQ(sizes, "1 1 1 ");
  EXPECT_EQ(std::count(diffs.begin(), diffs.end(), '@'), 12) << diffs;
  v1::CompareBaselinesResponse page;
  EXPECT_TRUE(absl::IsCancelled(CompareBaselines(
      runtime, request, [] { return true; }, page)));
}

TEST_F(BaselinesTest, ABaselineCanBeOfThePast) {
  CheckIn(Next("SPC-0001", "later"));
  v1::CreateBaselineRequest request = Asking("G1");
  request.mutable_as_of()->set_sequence(3);
  const v1::Baseline made = Create(request);
  EXPECT_EQ(made.frozen_sequence(), 3);
  EXPECT_EQ(Members(kG1), "SPC-0001/1@specs/a.md SPC-0002/1@specs/b.md ");
  EXPECT_EQ(Git("show baselines/G1:specs/a.md"), "one\ntwo\n");
}

TEST_F(BaselinesTest, WhatCannotBeFrozenIsNamedAndLeavesNothing) {
  const auto refused = [&](v1::CreateBaselineRequest request, grpc::StatusCode code, const std::string& reason) {
    Create(request);
    EXPECT_EQ(status_.error_code(), code) << request.ShortDebugString();
    EXPECT_EQ(Reason(), reason) << status_.error_message();
  };
  Create("G1");
  refused(Asking("G1"), grpc::StatusCode::ALREADY_EXISTS, "BASELINE_EXISTS");
  EXPECT_EQ(Metadata("baseline"), kG1);
  refused(Asking("a.lock"), grpc::StatusCode::INVALID_ARGUMENT, "NAME_INVALID");
  refused(Asking("a/b"), grpc::StatusCode::INVALID_ARGUMENT, "NAME_INVALID");
  v1::CreateBaselineRequest request = Asking("x");
  request.set_parent("projects/nowhere");
  refused(request, grpc::StatusCode::NOT_FOUND, "PROJECT_NOT_FOUND");
  request = Asking("x");
  request.mutable_baseline()->clear_reason();
  Create(request);
  EXPECT_EQ(Field(), "baseline.reason");
  request = Asking("x");
  request.mutable_baseline()->mutable_scope()->set_folder("empty");
  refused(request, grpc::StatusCode::FAILED_PRECONDITION, "BASELINE_EMPTY");
  auto& list = *request.mutable_baseline()->mutable_scope()->mutable_list();
  list.add_documents(DocumentNamed("SPC-0099"));
  refused(request, grpc::StatusCode::NOT_FOUND, "DOCUMENT_NOT_FOUND");
  list.set_documents(0, DocumentNamed("SPC-0001"));
  request.mutable_baseline()->set_selection(v1::BASELINE_SELECTION_RELEASED);
  refused(request, grpc::StatusCode::FAILED_PRECONDITION, "NOTHING_RELEASED");
  Withdraw("SPC-0001");
  refused(request, grpc::StatusCode::FAILED_PRECONDITION, "DOCUMENT_WITHDRAWN");
  list.set_documents(0, "projects/other/documents/SPC-0001");
  refused(request, grpc::StatusCode::INVALID_ARGUMENT, "FIELD_INVALID");
  EXPECT_EQ(Git("tag -l"), "baselines/G1\n");

  Get("projects/apollo/baselines/x");
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
  GetDocument("SPC-0002", "projects/apollo/baselines/x");
  EXPECT_EQ(Reason(), "RECORD_NOT_FOUND");
  GetDocument("SPC-0002", "G1");
  EXPECT_EQ(Field(), "as_of.baseline");
  Compare(kG1, "projects/other/baselines/G1");
  EXPECT_EQ(Field(), "target");
}

TEST_F(BaselinesTest, ARepeatedRequestIsDoneOnceAndAllComesBackWithAnIndexMadeAnew) {
  v1::CreateBaselineRequest request = Asking("G1");
  request.set_request_id("freeze-1");
  const v1::Baseline made = Create(request);
  CheckIn(Next("SPC-0001", "later"));
  EXPECT_EQ(Create(request).DebugString(), made.DebugString());
  const std::string members = Members(kG1);
  const std::string compared = Compare(kG1, "").DebugString();
  const std::string listed = List(kG1);
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_EQ(Create(request).DebugString(), made.DebugString());
  EXPECT_EQ(Get(kG1).DebugString(), made.DebugString());
  EXPECT_EQ(Members(kG1), members);
  EXPECT_EQ(Compare(kG1, "").DebugString(), compared);
  EXPECT_EQ(List(kG1), listed);
  v1::ListBaselinesRequest list;
  list.set_parent("projects/apollo");
  list.set_filter("kind = baseline");
  const auto page = Call(*baselines_, &v1::Baselines::Stub::ListBaselines, list);
  ASSERT_EQ(page.baselines_size(), 1);
  EXPECT_EQ(page.baselines(0).DebugString(), made.DebugString());
}

TEST_F(BaselinesTest, AComparisonHasAllThatALargeBaselineHolds) {
  constexpr int kDocuments = 3600;  // with their paths more than a page of the frozen documents holds
  std::string folders;
  for (const char name : {'a', 'b', 'c', 'd'}) folders += std::string(190, name) + "/";
  for (int begin = 0; begin < kDocuments; begin += 900) {
    v1::BatchCheckInRequest batch;
    batch.set_parent("projects/apollo");
    for (int i = begin; i < begin + 900; ++i) {
      *batch.add_items() = NewAt(folders + std::string(120, 'e') + std::to_string(i) + ".md", "x").item();
    }
    Call(*contents_, &v1::Contents::Stub::BatchCheckIn, batch);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  Create("G1");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  v1::CompareBaselinesResponse compared = Compare(kG1, "");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  EXPECT_EQ(compared.differences_size(), 0);
  EXPECT_EQ(compared.added_count(), 0);
  EXPECT_EQ(compared.unchanged_count(), kDocuments + 3);

  const std::string last = "SPC-" + std::to_string(kDocuments + 3);
  CheckIn(Next(last, "y"));
  Create("G2");
  compared = Compare(kG1, kG2);
  ASSERT_EQ(compared.differences_size(), 1) << status_.error_message();
  EXPECT_EQ(compared.differences(0).document(), DocumentNamed(last));
  EXPECT_EQ(compared.changed_count(), 1);
  EXPECT_EQ(compared.unchanged_count(), kDocuments + 2);
}

TEST_F(BaselinesTest, OneThatIsMadeSaysSoWhereTheRepositoryCannotFollow) {
  Create("G1");
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  const std::string ref = directory_.path() + "/data/repositories/apollo.git/refs/heads/main";
  std::filesystem::rename(ref, ref + ".kept");
  std::ofstream(ref) << "no object id\n";
  v1::CreateBaselineRequest request = Asking("G2");
  request.set_request_id("freeze-2");
  for (int i = 0; i < 2; ++i) {
    Create(request);
    EXPECT_EQ(status_.error_code(), grpc::StatusCode::UNAVAILABLE) << status_.error_message();
    EXPECT_EQ(Reason(), "REPOSITORY_TRAILS");
    EXPECT_EQ(Metadata("resource"), kG2);
    const v1::Baseline made = Get(kG2);
    EXPECT_TRUE(status_.ok()) << status_.error_message();
    EXPECT_EQ(made.name(), kG2);
  }
  std::filesystem::rename(ref + ".kept", ref);
  EXPECT_EQ(Create(request).DebugString(), Get(kG2).DebugString());
  EXPECT_TRUE(status_.ok()) << status_.error_message();
}

}  // namespace
}  // namespace greffe
