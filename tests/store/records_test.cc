#include <gtest/gtest.h>

#include <filesystem>
#include <future>

#include "greffe/v1/risks.pb.h"
#include "storage/base/anchors.h"
#include "storage/base/errors.h"
#include "storage/store/anchor_acts.h"
#include "storage/store/lock_acts.h"
#include "storage/store/version_acts.h"
#include "tests/store/store_fixture.h"

namespace greffe {
namespace {

class RecordsTest : public StoreFixture {
 protected:
  // Acts of one thread wait for each other here.
  void Configure(StoreOptions& options) override { options.quick_append = {}; }
  void SetUp() override {
    StoreFixture::SetUp();
    ASSERT_TRUE(MakeProject().ok());
    ASSERT_TRUE(Put("a.md", "one").ok());
  }

  static VersionName Named(std::int64_t version) {
    VersionName name;
    name.project = "apollo";
    name.number = "SPC-0001";
    name.version = version;
    return name;
  }

  absl::StatusOr<WriteResult> Release(std::int64_t version) {
    return Act([version](Transaction& t) {
      return ReleaseVersion(t, Named(version), v1::REVISION_STEP_UNSPECIFIED, "fit for use");
    });
  }

  absl::StatusOr<WriteResult> PutAs(const std::string& principal, const std::string& text) {
    auto content = store_->Stage(text, "a.md", "", "data");
    WriteRequest request;
    request.project = "apollo";
    request.principal.set_id(principal);
    request.act = [content = *content](Transaction& transaction) {
      CheckInAct act;
      act.number = "SPC-0001";
      act.main_file = content;
      return CheckIn(transaction, std::move(act), "item").status();
    };
    return store_->WriteAndWait(std::move(request));
  }
};

TEST_F(RecordsTest, LieInTheCommitOfWhatTheyBelongToAndInStockGit) {
  const auto released = Release(1);
  ASSERT_TRUE(released.ok()) << released.status();
  ASSERT_NE(released->FindRecord<v1::Version>(), nullptr);
  EXPECT_EQ(released->FindRecord<v1::Version>()->revision(), "A");
  ASSERT_TRUE(store_->FlushRepositories().ok());
  EXPECT_EQ(Git("fsck --full --strict"), "");
  const std::string files = Git("ls-tree -r --name-only main .greffe/versions");
  EXPECT_TRUE(files.ends_with("/SPC-0001/1.json\n")) << files;
  EXPECT_NE(Git("show main:" + files.substr(0, files.size() - 1)).find("\"revision\": \"A\""), std::string::npos);
  const std::string message = Git("log --format=%B -1");
  EXPECT_NE(message.find("Release SPC-0001 version 1 as revision A\n"), std::string::npos) << message;
  EXPECT_NE(message.find("Greffe-Record: versions/SPC-0001/1 "), std::string::npos) << message;
}

TEST_F(RecordsTest, AreTheSameInAnIndexMadeAnew) {
  ASSERT_TRUE(Release(1).ok());
  ASSERT_TRUE(Put("a.md", "two", "SPC-0001").ok());
  ASSERT_TRUE(Release(2).ok());
  const std::string before = DumpIndex();
  store_.reset();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Open();
  EXPECT_EQ(DumpIndex(), before);
  EXPECT_EQ(View(3).GetVersion("SPC-0001", 1)->state(), v1::VERSION_STATE_RELEASED);
  EXPECT_EQ(View().GetVersion("SPC-0001", 1)->state(), v1::VERSION_STATE_SUPERSEDED);
}

TEST_F(RecordsTest, ListsFindThemByAnIndexedFieldAtAnyMoment) {
  for (int i = 2; i <= 12; ++i) ASSERT_TRUE(Put("a.md", "text " + std::to_string(i), "SPC-0001").ok());
  ASSERT_TRUE(Release(3).ok());  // sequence 14
  ASSERT_TRUE(Release(9).ok());
  ASSERT_TRUE(Release(12).ok());
  const auto list = [&](const std::string& filter, const std::string& order, int limit, const std::string& after = "",
                        std::int64_t sequence = 0) {
    const auto parsed = ParseRecordFilter(filter, *v1::Version::descriptor());
    const auto ordering = ParseRecordOrdering(order, *v1::Version::descriptor());
    auto page = View(sequence).ListRecords(KindOf<v1::Version>(), *parsed, *ordering, limit, after);
    EXPECT_TRUE(page.ok()) << page.status();
    std::string text;
    for (const RecordPtr& record : page->records) text += IdOfRecord(*record) + " ";
    return std::pair(text, page->next);
  };
  EXPECT_EQ(list("state = SUPERSEDED", "", 10).first, "SPC-0001/3 SPC-0001/9 ");
  EXPECT_EQ(list("state = SUPERSEDED", "", 10, "", 14).first, "");
  EXPECT_EQ(list("state = RELEASED", "", 10, "", 14).first, "SPC-0001/3 ");
  EXPECT_EQ(list("", "", 10).first, "SPC-0001/3 SPC-0001/9 SPC-0001/12 ") << "numbers, not texts";
  EXPECT_EQ(list("", "state", 10).first, "SPC-0001/12 SPC-0001/3 SPC-0001/9 ");
  EXPECT_EQ(list("", "number desc", 10).first, "SPC-0001/12 SPC-0001/9 SPC-0001/3 ");
  for (const char* order : {"", "state", "id desc", "state desc", "number", "revision desc"}) {
    std::string all;
    std::string after;
    do {
      const auto [text, next] = list("", order, 1, after);
      all += text;
      after = next;
    } while (!after.empty());
    EXPECT_EQ(all, list("", order, 10).first) << "pages of one by '" << order << "'";
  }
}

TEST_F(RecordsTest, ANewOneTakesTheIdOfNoOther) {
  v1::Risk risk;
  risk.set_name("projects/apollo/risks/RISK-0007");
  const auto add = [&risk](Transaction& t) { return t.AddRecord(risk); };
  ASSERT_TRUE(Act(add).ok());
  EXPECT_EQ(ReasonOf(Act(add).status()), "ID_TAKEN") << "of an earlier act";
  risk.set_name("projects/apollo/risks/RISK-0008");
  const auto twice = Act([&](Transaction& t) {
    GREFFE_RETURN_IF_ERROR(add(t));
    return add(t);
  });
  EXPECT_EQ(ReasonOf(twice.status()), "ID_TAKEN") << "of the act itself";
  EXPECT_EQ(ErrorMetadataOf(twice.status(), "resource"), risk.name());
}

TEST_F(RecordsTest, ActsOfOneGroupSeeEachOthersRecordsAndLocks) {
  // All of them wait while the first act runs, and so make one group.
  std::vector<std::future<absl::StatusOr<WriteResult>>> results;
  const auto queue = [&](std::function<absl::Status(Transaction&)> act) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<WriteResult>>>();
    results.push_back(promise->get_future());
    WriteRequest request;
    request.project = "apollo";
    request.principal.set_id("ada");
    request.act = std::move(act);
    store_->Write(std::move(request),
                  [promise](absl::StatusOr<WriteResult> result) { promise->set_value(std::move(result)); });
  };
  std::promise<void> gate;
  std::shared_future<void> opened = gate.get_future().share();
  queue([opened](Transaction&) {
    opened.wait();
    return absl::OkStatus();
  });
  queue([](Transaction& t) { return ApproveVersion(t, Named(1), ""); });
  queue([](Transaction& t) { return ReleaseVersion(t, Named(1), v1::REVISION_STEP_UNSPECIFIED, ""); });
  queue([](Transaction& t) { return ApproveVersion(t, Named(1), ""); });
  queue([](Transaction& t) { return LockDocument(t, "SPC-0001", "", 60, ""); });
  queue([](Transaction& t) { return UnlockDocument(t, "SPC-0001", ""); });
  queue([](Transaction& t) { return UnlockDocument(t, "SPC-0001", ""); });
  gate.set_value();
  std::vector<std::string> reasons;
  for (auto& result : results) reasons.push_back(ReasonOf(result.get().status()));
  EXPECT_EQ(reasons, (std::vector<std::string>{"", "", "", "TRANSITION_NOT_ALLOWED", "", "", "LOCK_NOT_FOUND"}));
  EXPECT_EQ(View().GetVersion("SPC-0001", 1)->transitions_size(), 2);
}

TEST_F(RecordsTest, AnActThatChangesNothingTellsWhichStateItSaw) {
  const auto nothing = Act([](Transaction& t) { return MoveDocument(t, "SPC-0001", "a.md", "", "path"); });
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_EQ(nothing->sequence, 0);
  EXPECT_EQ(nothing->seen_sequence, 2);
  ASSERT_TRUE(Put("a.md", "two", "SPC-0001").ok());
  EXPECT_EQ(store_->View("apollo", nothing->Seen())->GetDocument("SPC-0001")->latest_version().number(), 1);
}

TEST_F(RecordsTest, ALockKeepsOthersOutAlsoAfterARestart) {
  ASSERT_TRUE(Act([](Transaction& t) { return LockDocument(t, "SPC-0001", "", 3600, ""); }).ok());
  EXPECT_EQ(ReasonOf(PutAs("bob", "two").status()), "DOCUMENT_LOCKED");
  store_.reset();
  Open();
  EXPECT_EQ(ReasonOf(PutAs("bob", "two").status()), "DOCUMENT_LOCKED");
  EXPECT_TRUE(PutAs("ada", "two").ok());
}

// A scan reads for a while before its act.
TEST_F(RecordsTest, AnchorsThatWereFoundByAFormerRuleDoNotTakeThePlaceOfThoseByTheRule) {
  v1::TraceRule former;
  former.set_headings(true);
  v1::TraceRule rule;
  rule.set_requirement_pattern("REQ-[0-9]+");
  const auto set_rule = [&](const v1::TraceRule& value) {
    const auto set = Act([&](Transaction& t) {
      v1::Project project;
      *project.mutable_trace_rule() = value;
      return UpdateProject(t, project, {"trace_rule"});
    });
    ASSERT_TRUE(set.ok()) << set.status();
  };
  const auto put = [&](const v1::TraceRule& by) {
    v1::Anchors found;
    found.set_name("projects/apollo/anchors/SPC-0001");
    found.set_version(1);
    found.set_rule(AnchorFinder(by).digest());
    std::size_t count = 0;
    const auto written = Act([&](Transaction& t) -> absl::Status {
      GREFFE_ASSIGN_OR_RETURN(count, PutAnchors(t, {found}));
      return absl::OkStatus();
    });
    EXPECT_TRUE(written.ok()) << written.status();
    return count;
  };
  set_rule(rule);
  EXPECT_EQ(put(rule), 1U);
  EXPECT_EQ(put(rule), 0U) << "they are there";
  EXPECT_EQ(put(former), 0U);
  EXPECT_EQ(View().GetRecord<v1::Anchors>("SPC-0001")->rule(), AnchorFinder(rule).digest());
  former.add_document_types("procedure");
  set_rule(former);
  EXPECT_EQ(put(former), 0U) << "its type is not looked at any more";
  former.add_document_types("specification");
  set_rule(former);
  EXPECT_EQ(put(former), 1U);
}

}  // namespace
}  // namespace greffe
