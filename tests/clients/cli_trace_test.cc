// Links on the command line.
#include <gmock/gmock.h>

#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST_F(CliTest, LinksAreListedOverPagesAndBothDirectionsAsOfOneMoment) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  for (int i = 1; i <= 5; ++i) state_.links.emplace_back().set_name("projects/p/links/LNK-" + std::to_string(i));
  state_.sequence = 42;
  EXPECT_EQ(Greffe({"trace", "ls"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("LNK-5"));
  EXPECT_THAT(state_.link_listings, SizeIs(3));
  state_.link_listings.clear();
  EXPECT_EQ(Greffe({"trace", "ls", "SPC-1", "--output", "json"}), 0) << err_;
  EXPECT_EQ(std::count(out_.begin(), out_.end(), '\n'), 5) << "each once";
  ASSERT_THAT(state_.link_listings, SizeIs(12)) << "from and to the document, and its versions";
  EXPECT_FALSE(state_.link_listings[2].has_as_of());
  for (int i = 3; i < 12; ++i) EXPECT_EQ(state_.link_listings[static_cast<std::size_t>(i)].as_of().sequence(), 42);
}

TEST_F(CliTest, NoPartOfACellIsAFormulaForASpreadsheetWithAnotherDelimiter) {
  state_.links.emplace_back().set_name("projects/p/links/LNK-1");
  state_.links.back().set_rationale("x;=1+1;y");
  EXPECT_EQ(Greffe({"trace", "ls", "--csv"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr(",\"x;'=1+1;y\"\r\n"));
}

}  // namespace
}  // namespace greffe::cli
