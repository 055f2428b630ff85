// What the change feed tells of links whose ends change.
#include "tests/services/trace_fixture.h"

namespace greffe {
namespace {

class LinkChangesTest : public TraceFixture {
 protected:
  v1::Change Latest() {
    v1::ListChangesRequest request;
    request.set_parent("projects/apollo");
    request.set_after_sequence(Sequence() - 1);
    return Call(*changes_, &v1::Changes::Stub::ListChanges, request).changes(0);
  }
  // "LNK-0001 LINK_STATE_CHANGED SUSPECT ", of each entry about a link.
  static std::string LinksOf(const v1::Change& change) {
    std::string text;
    for (const v1::ChangeEntry& entry : change.entries()) {
      if (entry.resource().find("/links/") == std::string::npos) continue;
      text += entry.resource().substr(entry.resource().rfind('/') + 1) + " " +
              v1::ChangeKind_Name(entry.kind()).substr(std::string("CHANGE_KIND_").size()) + " " + entry.state() + " ";
    }
    return text;
  }
};

TEST_F(LinkChangesTest, ALinkWhoseStateAnothersCommitChangesHasAnEntryThere) {
  Make(v1::LINK_TYPE_VERIFIES, Doc("PRC-0001"), Doc("SPC-0002"));
  EXPECT_EQ(LinksOf(Latest()), "LNK-0001 CREATED VALID ");
  Make(v1::LINK_TYPE_SATISFIES, Doc("SPC-0002"), Doc("SPC-0001"), "REQ-1");
  Make(v1::LINK_TYPE_EVIDENCES, Doc("REC-0001"), Doc("SPC-0001"));

  CheckIn(Next("SPC-0002", "changed"));
  const v1::Change changed = Latest();
  EXPECT_EQ(changed.entries(0).kind(), v1::CHANGE_KIND_CHECKED_IN) << "what the commit itself changed comes first";
  EXPECT_EQ(LinksOf(changed), "LNK-0001 LINK_STATE_CHANGED SUSPECT LNK-0002 LINK_STATE_CHANGED SUSPECT ");
  EXPECT_EQ(changed.omitted_link_count(), 0);
  CheckIn(Next("SPC-0002", "changed again"));
  EXPECT_EQ(LinksOf(Latest()), "") << "they are suspect already";

  Confirm("projects/apollo/links/LNK-0001");
  EXPECT_EQ(LinksOf(Latest()), "LNK-0001 UPDATED VALID ") << "its own commit tells of it once";
  Withdraw("SPC-0002");
  EXPECT_EQ(LinksOf(Latest()), "LNK-0001 LINK_STATE_CHANGED BROKEN LNK-0002 LINK_STATE_CHANGED BROKEN ");
  v1::ReinstateDocumentRequest reinstate;
  reinstate.set_name(Doc("SPC-0002"));
  Call(*documents_, &v1::Documents::Stub::ReinstateDocument, reinstate);
  EXPECT_EQ(LinksOf(Latest()), "LNK-0001 LINK_STATE_CHANGED VALID LNK-0002 LINK_STATE_CHANGED SUSPECT ");
  // The requirement goes, the text around it changes.
  CheckIn(Next("SPC-0001", "# Flow\n\nREQ-2 It stops when dry.\n"));
  EXPECT_EQ(LinksOf(Latest()), "LNK-0002 LINK_STATE_CHANGED BROKEN LNK-0003 LINK_STATE_CHANGED SUSPECT ");
}

TEST_F(LinkChangesTest, AHubsLinksAreToldUpToAThousandAndCountedBeyond) {
  v1::BatchCheckInRequest documents;
  documents.set_parent("projects/apollo");
  for (int i = 0; i < 521; ++i) {
    v1::CheckInItem& item = *documents.add_items();
    item.mutable_new_document()->set_path("r" + std::to_string(i) + ".md");
    item.mutable_new_document()->set_type("record");
    item.mutable_main_file()->set_data("x");
  }
  const auto made = Call(*contents_, &v1::Contents::Stub::BatchCheckIn, documents);
  ASSERT_TRUE(status_.ok()) << status_.error_message();
  for (const v1::LinkType type : {v1::LINK_TYPE_RELATES_TO, v1::LINK_TYPE_VERIFIES}) {
    v1::BatchCreateLinksRequest links;
    links.set_parent("projects/apollo");
    for (const auto& result : made.results()) {
      *links.add_links() = LinkOf(type, result.document().name(), Doc("SPC-0002"));
    }
    Call(*trace_, &v1::Trace::Stub::BatchCreateLinks, links);
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }
  CheckIn(Next("SPC-0002", "changed"));
  const v1::Change told = Latest();
  EXPECT_EQ(told.entries_size(), 1001);
  EXPECT_EQ(told.omitted_link_count(), 42);
  Stop();
  std::filesystem::remove_all(directory_.path() + "/data/index");
  Start();
  EXPECT_EQ(Latest().DebugString(), told.DebugString());
}

}  // namespace
}  // namespace greffe
