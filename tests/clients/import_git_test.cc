#include <gmock/gmock.h>

#include <cstdlib>

#include "clients/cli/git_source.h"
#include "clients/cli/glob.h"
#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using client::ServerError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

class ImportGitTest : public CliTest {
 protected:
  void Sh(const std::string& script) {
    const std::string all =
        "set -e; export GIT_CONFIG_GLOBAL=/dev/null GIT_CONFIG_SYSTEM=/dev/null GIT_AUTHOR_NAME='Ann É' "
        "GIT_AUTHOR_EMAIL=ann@example.org GIT_COMMITTER_NAME=C GIT_COMMITTER_EMAIL=c@example.org "
        "GIT_AUTHOR_DATE='1600000000 +0530' GIT_COMMITTER_DATE='1600000100 +0000'; " +
        script;
    WriteFile("script.sh", all);
    ASSERT_EQ(std::system("bash script.sh >log 2>&1"), 0) << ReadFile("log");
  }

  // Path, action and content of each change of an imported commit.
  static std::vector<std::string> Changes(const v1::ImportCommit& commit) {
    std::vector<std::string> result;
    for (const v1::ImportChange& change : commit.changes()) {
      std::string text;
      if (change.action() == v1::IMPORT_ACTION_DELETE) text = "D ";
      if (change.action() == v1::IMPORT_ACTION_RENAME) text = "R " + change.previous_path() + " > ";
      if (change.action() == v1::IMPORT_ACTION_WRITE) text = "W ";
      text += change.path();
      if (change.has_data()) text += " = " + change.data();
      if (!change.upload().empty()) text += " = " + change.upload();
      result.push_back(text);
    }
    return result;
  }
};

constexpr char kHistory[] =
    "git init -q -b main repo; cd repo; "
    "printf one > a.md; printf two > 'b c.md'; git add .; git commit -qm $'First\\n\\nwith a body'; "
    "git commit -q --allow-empty -m empty; "
    "seq 100 > long.txt; git add .; git commit -qm long; "
    "git checkout -q -b side; printf side > side.md; git add .; git commit -qm side; "
    "git checkout -q main; printf uno > a.md; git commit -qam change; "
    "git merge -q --no-ff -m merged side; "
    "git mv long.txt longer.txt; git mv 'b c.md' bc.md; echo 101 >> longer.txt; git commit -qam renames; "
    "ln -s a.md link; printf x > run.sh; chmod +x run.sh; git add .; git commit -qm odd; "
    "git rm -q a.md; : > empty; git add .; git commit -qm gone; ";

TEST_F(ImportGitTest, TheFirstParentLineBecomesCommits) {
  Sh(kHistory);
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  const auto& commits = state_.imported;
  ASSERT_THAT(commits, SizeIs(7));
  EXPECT_EQ(state_.import_header.source(), "projects/p/importSources/repo");
  EXPECT_THAT(Changes(commits[0]), ElementsAre("W a.md = one", "W b c.md = two"));
  EXPECT_EQ(commits[0].message(), "First\n\nwith a body\n");
  EXPECT_EQ(commits[0].author().id(), "ann@example.org");
  EXPECT_EQ(commits[0].author().display_name(), "Ann É");
  EXPECT_EQ(commits[0].author_time().seconds(), 1600000000);
  EXPECT_EQ(commits[0].author_utc_offset_minutes(), 330);
  EXPECT_EQ(commits[0].commit_time().seconds(), 1600000100);
  EXPECT_THAT(Changes(commits[2]), ElementsAre("W a.md = uno"));
  EXPECT_THAT(Changes(commits[3]), ElementsAre("W side.md = side"));
  EXPECT_EQ(commits[3].message(), "merged\n");
  const auto renames = Changes(commits[4]);
  ASSERT_THAT(renames, SizeIs(2));
  EXPECT_EQ(renames[0], "R b c.md > bc.md = two");
  EXPECT_THAT(renames[1], HasSubstr("R long.txt > longer.txt = 1\n2\n"));
  EXPECT_THAT(Changes(commits[5]), ElementsAre("W run.sh = x"));
  EXPECT_THAT(Changes(commits[6]), ElementsAre("D a.md", "W empty = "));
  EXPECT_THAT(err_, HasSubstr("left out: link: is a symbolic link (SYMLINK in "));
  EXPECT_THAT(err_, HasSubstr("left out: run.sh: is executable; its content is kept (EXECUTABLE_BIT in "));
  EXPECT_THAT(out_, HasSubstr("7 imported"));
  EXPECT_THAT(out_, HasSubstr("1 passed over"));
}

TEST_F(ImportGitTest, AFileWhoseModeAloneChangesGivesItsTypeToNoOther) {
  Sh("git init -q repo; cd repo; printf x > run.sh; git add .; git commit -qm one; "
     "mkdir minutes; printf a > minutes/a.md; chmod +x run.sh; git add .; git commit -qm two");
  ASSERT_EQ(Greffe({"import", "git", "repo", "--type-by", "minutes/=minutes", "--type-by", "*.sh=script"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(2));
  ASSERT_THAT(Changes(state_.imported[1]), ElementsAre("W minutes/a.md = a"));
  EXPECT_EQ(state_.imported[1].changes(0).document_type(), "minutes");
}

TEST_F(ImportGitTest, AnUnchangedRenameBringsItsContentOnlyWhereTheFormerPathWasNotKept) {
  Sh("git init -q repo; cd repo; printf 1 > kept.md; printf 2 > 'not:kept.md'; git add .; git commit -qm one; "
     "git mv kept.md a.md; git mv not:kept.md b.md; git commit -qm two");
  // The fake keeps no documents of imports.
  server_.AddDocument("p", "REC-1", "kept.md", {"1"});
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(2));
  EXPECT_THAT(Changes(state_.imported[1]), ElementsAre("R kept.md > a.md", "R not:kept.md > b.md = 2"));
}

TEST_F(ImportGitTest, ATimeThatIsNoneKeepsNoHistoryOut) {
  Sh("git init -q -b main repo; cd repo; printf 1 > a.md; git add .; git commit -qm one; printf 2 > a.md; git add .; "
     "commit=$(printf 'tree %s\\nparent %s\\nauthor A <a@b.c> 1700000000000 +0000\\ncommitter C <c@d.e> 1700000000000 "
     "+0000\\n\\nin milliseconds\\n' $(git write-tree) $(git rev-parse HEAD) | git hash-object -t commit -w --stdin "
     "--literally); git reset -q --hard $commit; printf 3 > a.md; git commit -qam three");
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(3));
  EXPECT_EQ(state_.imported[1].author_time().seconds(), 253402300799);
  EXPECT_EQ(state_.imported[1].commit_time().seconds(), 253402300799);
  EXPECT_EQ(state_.imported[2].author_time().seconds(), 1600000000);
  EXPECT_THAT(err_, HasSubstr("left out: author time: 1700000000000 seconds are not in the years 1970 to 9999; the end "
                              "of those takes its place (TIME in "));
}

TEST_F(ImportGitTest, OfAVeryLongMessageTheFirstMiBIsKept) {
  Sh("git init -q repo; cd repo; printf 1 > a.md; git add .; "
     "(printf x; head -c 600000 /dev/zero | sed 's/\\x00/\u00e9/g') > ../message; git commit -q -F ../message; "
     "printf 2 > a.md; git commit -qam two");
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(2));
  std::string kept = "x";
  while (kept.size() + 2 <= 1 << 20) kept += "\u00e9";
  EXPECT_TRUE(state_.imported[0].message() == kept) << state_.imported[0].message().size();
  EXPECT_THAT(err_, HasSubstr("left out: message: 1200002 bytes; the first MiB is kept (MESSAGE in "));
}

TEST_F(ImportGitTest, OfTwoUnicodeSpellingsTheOneInNfcIsTheDocument) {
  Sh("nfc=$'\\xc3\\xa9.md'; nfd=$'e\\xcc\\x81.md'; git init -q repo; cd repo; seq 50 > $nfc; git add .; git commit -qm "
     "A; "
     "seq 60 > $nfd; git add .; git commit -qm B; seq 70 > $nfd; git commit -qam more; git rm -q $nfd; git commit -qm "
     "C; "
     "git mv $nfc $nfd; git commit -qm respelled; seq 80 > $nfd; git commit -qam D; git rm -q $nfd; git commit -qm E");
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  std::vector<std::string> done;
  for (const v1::ImportCommit& commit : state_.imported) {
    for (const std::string& change : Changes(commit)) done.push_back(change.substr(0, change.find(" =")));
  }
  EXPECT_THAT(done, ElementsAre("W \u00e9.md", "R \u00e9.md > e\u0301.md", "W e\u0301.md", "D e\u0301.md"));
  EXPECT_THAT(err_, HasSubstr("another file of the commit is spelled so too, in NFC (PATH_TAKEN, 2 times"));
}

TEST_F(ImportGitTest, ASecondRunTakesOnlyWhatIsNew) {
  Sh(kHistory);
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0);
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0);
  EXPECT_THAT(state_.imported, SizeIs(7));
  EXPECT_EQ(state_.calls["ImportCommits"], 1);
  Sh("cd repo; printf new > new.md; git add .; git commit -qm new");
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0);
  ASSERT_THAT(state_.imported, SizeIs(8));
  EXPECT_THAT(Changes(state_.imported[7]), ElementsAre("W new.md = new"));
}

TEST_F(ImportGitTest, ABrokenStreamIsTakenUpAgain) {
  Sh(kHistory);
  state_.break_import_at = 3;
  ASSERT_EQ(Greffe({"import", "git", "repo", "--output", "json"}), 0) << err_;
  EXPECT_THAT(state_.imported, SizeIs(7));
  EXPECT_EQ(state_.calls["ImportCommits"], 2);
  EXPECT_THAT(out_, HasSubstr("\"commits\":7"));
  EXPECT_THAT(out_, HasSubstr("\"commitsInAll\":7"));
  EXPECT_THAT(out_, HasSubstr("\"commitsPassedOver\":1"));
  EXPECT_THAT(out_, HasSubstr("\"times\":1"));
}

TEST_F(ImportGitTest, APlaceThatABrokenStreamStillMovesIsAskedForAgain) {
  Sh(kHistory);
  const auto elsewhere = ServerError(grpc::StatusCode::ABORTED, "IMPORT_POSITION", "stands elsewhere");
  state_.faults["ImportCommits"] = {client::kUnavailable, elsewhere};
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  EXPECT_THAT(state_.imported, SizeIs(7));
  Sh("cd repo; printf new > new.md; git add .; git commit -qm new");
  state_.faults["ImportCommits"] = {elsewhere};
  EXPECT_EQ(Greffe({"import", "git", "repo"}), 4) << "nobody but another import has moved it";
}

TEST_F(ImportGitTest, ABundleIsASourceToo) {
  Sh(std::string(kHistory) + "git bundle create -q '../My Specs.bundle' main");
  ASSERT_EQ(Greffe({"import", "git", "My Specs.bundle"}), 0) << err_;
  EXPECT_THAT(state_.imported, SizeIs(7));
  EXPECT_EQ(state_.import_header.source(), "projects/p/importSources/my-specs");
}

TEST_F(ImportGitTest, AUrlIsASourceToo) {
  Sh(kHistory);
  ASSERT_EQ(Greffe({"import", "git", "file://" + folder_ + "/repo"}), 0) << err_;
  EXPECT_THAT(state_.imported, SizeIs(7));
  EXPECT_EQ(state_.import_header.source(), "projects/p/importSources/repo");
}

TEST_F(ImportGitTest, ARewrittenSourceIsRefused) {
  Sh(kHistory);
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0);
  Sh("cd repo; git commit -q --amend -m other");
  EXPECT_EQ(Greffe({"import", "git", "repo"}), 4);
  EXPECT_THAT(err_, HasSubstr("IMPORT_SOURCE_REWRITTEN"));
  EXPECT_THAT(state_.imported, SizeIs(7));
}

TEST_F(ImportGitTest, PathsAndTypesAreChosenByGlobs) {
  Sh("git init -q repo; cd repo; mkdir in out; printf 1 > in/a.md; printf 2 > out/b.md; printf 3 > in/c.txt; git add "
     ".; "
     "git commit -qm one; git mv out/b.md in/b.md; git mv in/a.md out/a.md; git commit -qm swap");
  ASSERT_EQ(
      Greffe({"import", "git", "repo", "--paths", "in/**", "--type-by", "*.md=specification", "--type", "record"}), 0)
      << err_;
  ASSERT_THAT(state_.imported, SizeIs(2));
  EXPECT_THAT(Changes(state_.imported[0]), ElementsAre("W in/a.md = 1", "W in/c.txt = 3"));
  EXPECT_EQ(state_.imported[0].changes(0).document_type(), "specification");
  EXPECT_EQ(state_.imported[0].changes(1).document_type(), "record");
  EXPECT_THAT(Changes(state_.imported[1]), ElementsAre("D in/a.md", "W in/b.md = 2"));
}

TEST_F(ImportGitTest, LargeContentIsUploadedAndLargeCommitsComeInParts) {
  Sh("git init -q repo; cd repo; head -c 1500000 /dev/zero > big; for i in 1 2 3; do head -c 400000 /dev/zero | tr "
     "'\\0' "
     "$i > f$i; done; git add .; git commit -qm large");
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(1));
  EXPECT_EQ(state_.imported[0].changes_size(), 4);
  EXPECT_EQ(state_.consumed["projects/p/uploads/u1"].size(), 1'500'000U);
  EXPECT_EQ(state_.imported[0].changes(3).data(), std::string(400'000, '3'));
}

TEST_F(ImportGitTest, AnUploadThatIsRefusedEndsTheImportAndLeavesNone) {
  Sh("git init -q repo; cd repo; for i in 1 2; do head -c 800000 /dev/zero > a$i; done; "
     "for i in 1 2 3; do head -c 1100000 /dev/zero > b$i; done; git add .; git commit -qm large");
  state_.max_uploads = 2;
  EXPECT_EQ(Greffe({"import", "git", "repo", "--timeout", "3"}), 1);
  EXPECT_THAT(err_, HasSubstr("TOO_MANY_UPLOADS"));
  EXPECT_TRUE(state_.imported.empty());
  EXPECT_EQ(state_.next_upload, 3);
  EXPECT_TRUE(state_.uploads.empty());
}

TEST_F(ImportGitTest, ACommitMayNeedMoreUploadsThanAProjectMayHaveOpen) {
  Sh("git init -q repo; cd repo; for i in $(seq 100 229); do head -c 1100000 /dev/zero > b$i; done; git add .; "
     "git commit -qm large");
  state_.max_uploads = 110;
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(1));
  EXPECT_EQ(state_.imported[0].changes_size(), 130);
  EXPECT_THAT(state_.consumed, SizeIs(130));
}

TEST_F(ImportGitTest, TheUploadsOfABrokenStreamAreGivenUp) {
  Sh("git init -q repo; cd repo; for i in 1 2 3; do head -c 1100000 /dev/zero > b; echo $i >> b; git add .; "
     "git commit -qm $i; done");
  state_.break_import_at = 1;
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  EXPECT_THAT(state_.imported, SizeIs(3));
  EXPECT_THAT(state_.consumed, SizeIs(3));
  EXPECT_TRUE(state_.uploads.empty());
}

// A repository with two commits: `files` files, each with a content of its own and a path of 600 bytes, of which the
// second commit does what `change` (awk) prints for the i-th at `path`.
std::string ManyFiles(int files, const std::string& change) {
  return "git init -q -b main repo; cd repo; awk 'BEGIN { "
         "commit = \"commit refs/heads/main\\ncommitter C <c@example.org> 1600000000 +0000\\ndata 1\\nx\"; "
         "for (n = 0; n < 600; n++) pad = pad (n % 200 < 199 ? \"x\" : \"/\"); print commit; n = " +
         std::to_string(files) +
         "; for (i = 0; i < n; i++) print \"M 100644 inline \" pad i \"\\ndata \" length(i) \"\\n\" i; "
         "print commit; for (i = 0; i < n; i++) { path = pad i; " +
         change + " } }' | git fast-import --quiet";
}

TEST_F(ImportGitTest, ManyDeletionsComeInParts) {
  Sh(ManyFiles(10'000, "print \"D \" path"));
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(2));
  EXPECT_EQ(state_.imported[1].changes_size(), 10'000);
}

TEST_F(ImportGitTest, ManyRenamesComeInParts) {
  Sh(ManyFiles(4'000, "print \"R \" path \" \" path \"r\""));
  std::string folder;
  for (int i = 0; i < 3; ++i) folder += std::string(199, 'x') + "/";
  for (int i = 0; i < 4'000; ++i) server_.AddDocument("p", std::to_string(i), folder + std::to_string(i), {"x"});
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(2));
  EXPECT_EQ(state_.imported[1].changes_size(), 4'000);
  EXPECT_EQ(state_.imported[1].changes(0).action(), v1::IMPORT_ACTION_RENAME);
  EXPECT_FALSE(state_.imported[1].changes(0).has_data());
}

TEST_F(ImportGitTest, ALookUpThatFailsIsNotTakenForAFileThatIsThere) {
  Sh("git init -q repo; cd repo; printf 1 > a.md; git add .; git commit -qm one; git mv a.md b.md; git commit -qm two");
  state_.faults["LookupDocument"] = {ServerError(grpc::StatusCode::DATA_LOSS, "INDEX_DAMAGED", "its row is damaged")};
  EXPECT_EQ(Greffe({"import", "git", "repo"}), 1);
  EXPECT_THAT(err_, HasSubstr("INDEX_DAMAGED"));
  EXPECT_THAT(state_.imported, SizeIs(1));

  EXPECT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(2));
  EXPECT_THAT(Changes(state_.imported[1]), ElementsAre("R a.md > b.md = 1"));
}

TEST_F(ImportGitTest, TheUploadOfAFileThatIsLeftOutIsGivenUp) {
  Sh("git init -q repo; cd repo; for f in a:b c; do head -c 1100000 /dev/zero > $f; echo $f >> $f; done; "
     "git add .; git commit -qm large");
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  EXPECT_EQ(state_.next_upload, 3);
  EXPECT_THAT(state_.consumed, SizeIs(1));
  EXPECT_TRUE(state_.uploads.empty());
}

TEST_F(ImportGitTest, WhatACommitHasAboveTheInlineLimitIsUploaded) {
  // The largest are sent as uploads: they are the fewest.
  Sh("git init -q repo; cd repo; for i in $(seq 10 79); do (echo $i; head -c 960000 /dev/zero) > f$i; done; "
     "for i in 1 2; do head -c 1040000 /dev/zero > z$i; done; git add .; git commit -qm large");
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(1));
  EXPECT_EQ(state_.imported[0].changes_size(), 72);
  EXPECT_LE(state_.consumed.size(), 4U);
  EXPECT_THAT(Changes(state_.imported[0]).back(), HasSubstr("W z2 = projects/p/uploads/"));
  EXPECT_TRUE(state_.uploads.empty());
}

TEST_F(ImportGitTest, PathsCountForTheInlineLimitToo) {
  const std::string folder = "repo/" + std::string(200, 'x') + "/" + std::string(200, 'x') + "/";
  for (int i = 0; i < 1000; ++i) WriteFile(folder + std::to_string(i), std::string(67'000, '\0'));
  Sh("cd repo; git init -q; git add .; git commit -qm many");
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0) << err_;
  ASSERT_THAT(state_.imported, SizeIs(1));
  EXPECT_EQ(state_.imported[0].changes_size(), 1000);
  EXPECT_GT(state_.consumed.size(), 0U);
  EXPECT_TRUE(state_.uploads.empty());
}

TEST_F(ImportGitTest, WhatTheServerLeavesOutIsListed) {
  Sh("git init -q repo; cd repo; printf 1 > 'a:b'; printf 2 > c; git add .; git commit -qm one");
  ASSERT_EQ(Greffe({"import", "git", "repo"}), 0);
  EXPECT_THAT(err_, HasSubstr("left out: a:b: has a colon (PATH_INVALID in "));
  EXPECT_THAT(out_, HasSubstr("Left out   1"));
  EXPECT_EQ(state_.import_header.bad_path_policy(), v1::BAD_PATH_POLICY_SKIP);
  Sh("cd repo; printf 3 > d; git add .; git commit -qm two; git rev-parse HEAD > ../moved; "
     "printf 4 > 'd?:'; git add .; git commit -qm three");
  ASSERT_EQ(Greffe({"import", "git", "repo", "--output", "json"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("\"commits\":2"));
  EXPECT_THAT(out_, HasSubstr("\"commitsWithoutEffect\":1"));
  EXPECT_EQ(TextOf(JsonLines(out_).at(0), "lastCommit") + "\n", ReadFile("moved")) << "where the source stands";
}

TEST_F(ImportGitTest, AFolderInsideARepositoryIsNoSource) {
  Sh("git init -q repo; cd repo; mkdir -p docs/in; printf 1 > docs/in/a.md; git add .; git commit -qm one; "
     "git clone -q --bare . ../bare.git; git worktree add -q --detach ../tree; ln -s repo ../link");
  EXPECT_EQ(Greffe({"import", "git", "repo/docs/in"}), 2);
  EXPECT_THAT(err_, HasSubstr("/repo\"; give that, and --paths 'docs/in/**' (SOURCE_INSIDE_REPOSITORY)"));
  EXPECT_TRUE(state_.imported.empty());
  for (const char* source : {"bare.git", "repo/.git", "tree", "link", "repo/"}) {
    state_.imported.clear();
    EXPECT_EQ(Greffe({"import", "git", source}), 0) << source << err_;
    EXPECT_THAT(state_.imported, SizeIs(1)) << source;
  }
}

TEST_F(ImportGitTest, ASourceThatIsNoneIsSaidSo) {
  EXPECT_EQ(Greffe({"import", "git", "missing"}), 1);
  WriteFile("file", "no bundle");
  EXPECT_EQ(Greffe({"import", "git", "file"}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_GIT_FAILED"));
  Sh("git init -q repo");
  EXPECT_EQ(Greffe({"import", "git", "repo"}), 2);
  EXPECT_THAT(err_, HasSubstr("has no commits"));
}

TEST(GlobTest, StarsStayInAFolderUnlessDoubled) {
  EXPECT_TRUE(GlobMatches("*.md", "a/b/c.md"));
  EXPECT_FALSE(GlobMatches("a/*.md", "a/b/c.md"));
  EXPECT_TRUE(GlobMatches("a/**", "a/b/c.md"));
  EXPECT_TRUE(GlobMatches("a/", "a/b/c.md"));
  EXPECT_TRUE(GlobMatches("**/c.md", "c.md"));
  EXPECT_TRUE(GlobMatches("**/c.md", "a/b/c.md"));
  EXPECT_FALSE(GlobMatches("?.md", "ab.md"));
  EXPECT_FALSE(GlobMatches("a", "b/ab"));
}

TEST(SourceIdTest, IsMadeOfTheFileName) {
  EXPECT_EQ(SourceIdOf("/x/My Specs.bundle"), "my-specs");
  EXPECT_EQ(SourceIdOf("/x/repo.git/"), "repo");
  EXPECT_EQ(SourceIdOf("https://example.org/specs.git"), "specs");
  EXPECT_EQ(SourceIdOf("/x/repo/.git"), "repo");
}

}  // namespace
}  // namespace greffe::cli
