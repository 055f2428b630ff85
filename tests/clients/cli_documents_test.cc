#include <gmock/gmock.h>

#include "clients/cli/print_diff.h"
#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(CliTest, ListingsComeAsTableAndAsJsonLines) {
  for (int i = 1; i <= 1200; ++i)
    server_.AddDocument("p", "D-" + std::to_string(10000 + i), "d" + std::to_string(i), {"x"});
  EXPECT_EQ(Greffe({"ls"}), 0);
  EXPECT_THAT(out_, HasSubstr("NUMBER"));
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 1201);
  EXPECT_EQ(Greffe({"ls", "--output", "json", "-n", "3"}), 0);
  const auto documents = JsonLines(out_);
  ASSERT_THAT(documents, SizeIs(3));
  EXPECT_EQ(TextOf(documents[0], "name"), "projects/p/documents/D-10001");
  EXPECT_EQ(TextOf(documents[0].fields().at("latestVersion").struct_value(), "number"), "1");
}

TEST_F(CliTest, ListingOptionsBecomeAFilterAndAMoment) {
  state_.projects["projects/p"].set_time_zone("Europe/Paris");
  EXPECT_EQ(Greffe({"ls", "specs", "--type", "minutes", "--label", "a=x \"y\"", "--filter", "title : \"T\"", "--as-of",
                    "2026-03-31"}),
            0);
  ASSERT_THAT(state_.listings, SizeIs(1));
  EXPECT_EQ(state_.listings[0].filter(),
            "title : \"T\" AND path : \"specs/\" AND type = \"minutes\" AND labels.a = \"x \\\"y\\\"\"");
  // The end of that day in Paris, which is two hours ahead.
  EXPECT_EQ(state_.listings[0].as_of().time().seconds(), 1774994399);
  EXPECT_EQ(state_.listings[0].as_of().time().nanos(), 999999000);
  EXPECT_EQ(Greffe({"ls", "--as-of", "57"}), 0);
  EXPECT_EQ(state_.listings[1].as_of().sequence(), 57);
  EXPECT_EQ(Greffe({"ls", "--as-of", "yesterday"}), 2);
  EXPECT_EQ(Greffe({"ls", "--updated-since", "2026-03-31"}), 0);
  EXPECT_EQ(state_.listings.back().filter(), "update_time >= \"2026-03-30T22:00:00Z\"") << "the midnight of Paris";
  EXPECT_EQ(Greffe({"ls", "--updated-since", "2026-03-31T12:00:00Z"}), 0);
  EXPECT_EQ(state_.listings.back().filter(), "update_time >= \"2026-03-31T12:00:00Z\"");
}

TEST_F(CliTest, ShowLogAndDiffTellOfVersions) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one", "two"});
  EXPECT_EQ(Greffe({"show", "specs/a.md"}), 0);
  EXPECT_THAT(out_, HasSubstr("SPC-1"));
  EXPECT_EQ(Greffe({"show", "SPC-1", "--version", "1", "--output", "json"}), 0);
  EXPECT_EQ(TextOf(JsonLines(out_).at(0), "name"), "projects/p/documents/SPC-1/versions/1");
  EXPECT_EQ(Greffe({"log", "SPC-1"}), 0);
  EXPECT_THAT(out_, HasSubstr("Ann Author"));
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 3);
  EXPECT_EQ(Greffe({"log", "SPC-1", "--output", "json", "-n", "1"}), 0);
  EXPECT_EQ(TextOf(JsonLines(out_).at(0), "number"), "2");
  EXPECT_EQ(Greffe({"diff", "SPC-1"}), 0);
  EXPECT_THAT(out_, HasSubstr("comment: before -> after\n"));
  EXPECT_THAT(out_, Not(HasSubstr("commit")));
  EXPECT_THAT(out_, HasSubstr("\n+new\n"));
  EXPECT_THAT(out_, Not(HasSubstr("\x1b[")));
  EXPECT_EQ(Greffe({"diff", "SPC-1"}, true), 0);
  EXPECT_THAT(out_, HasSubstr("\x1b[32m+new\x1b[0m"));
  EXPECT_EQ(Greffe({"diff", "SPC-1", "1", "9"}), 3);
}

TEST_F(CliTest, ADiffSteersNoTerminalWithColoursOrWithout) {
  const auto printed = [](bool colour, bool terminal) {
    std::ostringstream out;
    Session session(Streams{.out = out, .err = out, .colour = colour, .terminal = terminal});
    PrintDiff(session, "+new\t\x1b[2J\n");
    return out.str();
  };
  EXPECT_EQ(printed(true, true), "\x1b[32m+new\t\\x1b[2J\x1b[0m\n");
  EXPECT_EQ(printed(false, true), "+new\t\\x1b[2J\n") << "NO_COLOR, or TERM=dumb";
  EXPECT_EQ(printed(false, false), "+new\t\x1b[2J\n") << "what patch(1) needs";
}

TEST_F(CliTest, DocumentsAreMovedWithdrawnAndReinstated) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one"});
  EXPECT_EQ(Greffe({"mv", "specs/a.md", "old/"}), 0);
  EXPECT_EQ(state_.documents["projects/p/documents/SPC-1"].document.path(), "old/a.md");
  EXPECT_EQ(Greffe({"mv", "SPC-1", "x", "--etag", "stale"}), 4);
  EXPECT_EQ(Greffe({"mv", "SPC-1", ""}), 2);
  EXPECT_THAT(err_, HasSubstr("OPTION_INVALID"));
  EXPECT_EQ(state_.documents["projects/p/documents/SPC-1"].document.path(), "old/a.md");
  EXPECT_EQ(Greffe({"withdraw", "SPC-1", "-m", "no longer"}), 0);
  EXPECT_EQ(Greffe({"withdraw", "SPC-1"}), 4);
  EXPECT_EQ(Greffe({"reinstate", "SPC-1", "--output", "json"}), 0);
  EXPECT_EQ(TextOf(JsonLines(out_).at(0), "state"), "DOCUMENT_STATE_ACTIVE");
}

TEST_F(CliTest, EditChangesWhatIsGivenAndMergesLabelsUnderTheEtagThatItRead) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one"});
  auto& stored = state_.documents["projects/p/documents/SPC-1"].document;
  (*stored.mutable_labels())["old"] = "1";
  (*stored.mutable_labels())["gone"] = "1";
  EXPECT_EQ(Greffe({"edit", "SPC-1", "--title", "New", "--label", "a=b", "--label", "gone="}), 0);
  EXPECT_EQ(stored.title(), "New");
  EXPECT_EQ(stored.labels().size(), 2U);
  EXPECT_EQ(stored.labels().at("old"), "1");
  EXPECT_EQ(stored.labels().at("a"), "b");
  EXPECT_EQ(state_.update.document().etag(), stored.etag());
  auto* definition = state_.projects["projects/p"].add_attribute_definitions();
  definition->set_id("pages");
  definition->set_type(v1::ATTRIBUTE_TYPE_INTEGER);
  EXPECT_EQ(Greffe({"edit", "SPC-1", "--attribute", "pages=12"}), 0);
  EXPECT_EQ(state_.update.document().attributes().at("pages").integer(), 12);
  EXPECT_EQ(Greffe({"edit", "SPC-1", "--attribute", "pages=many"}), 2);
  EXPECT_EQ(Greffe({"edit", "SPC-1"}), 2);
}

TEST_F(CliTest, WatchTellsChangesAsTextAndAsJsonLines) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one", "two", "three"});
  EXPECT_EQ(Greffe({"watch", "--after", "0", "--stop-at-end"}), 0);
  EXPECT_THAT(out_, HasSubstr("created  SPC-1 v1  specs/a.md"));
  EXPECT_THAT(out_, HasSubstr("checked in  SPC-1 v3"));
  state_.break_watch_at = 1;
  EXPECT_EQ(Greffe({"watch", "--after", "0", "--stop-at-end", "--output", "json", "--marks"}), 0);
  const auto documents = JsonLines(out_);
  ASSERT_THAT(documents, SizeIs(4));
  EXPECT_EQ(TextOf(documents[0], "cursor"), "c1");
  EXPECT_EQ(Greffe({"watch", "--cursor", "c2", "-n", "1", "--output", "json"}), 0);
  EXPECT_EQ(TextOf(JsonLines(out_).at(0), "cursor"), "c2");
}

}  // namespace
}  // namespace greffe::cli
