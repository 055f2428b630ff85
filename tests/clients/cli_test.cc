#include <gmock/gmock.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "clients/cli/exit_code.h"
#include "clients/cli/print_diff.h"
#include "google/protobuf/struct.pb.h"
#include "google/protobuf/util/json_util.h"
#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using client::ServerError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

std::vector<google::protobuf::Struct> JsonLines(const std::string& text) {
  std::vector<google::protobuf::Struct> documents;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) {
    EXPECT_TRUE(google::protobuf::util::JsonStringToMessage(line, &documents.emplace_back()).ok()) << line;
  }
  return documents;
}

std::string TextOf(const google::protobuf::Struct& document, const std::string& field) {
  const auto it = document.fields().find(field);
  return it == document.fields().end() ? "(missing)" : it->second.string_value();
}

TEST_F(CliTest, ExitCodesTellErrorsApart) {
  const std::vector<std::pair<grpc::StatusCode, int>> cases = {
      {grpc::StatusCode::INVALID_ARGUMENT, 2},  {grpc::StatusCode::OUT_OF_RANGE, 2},
      {grpc::StatusCode::NOT_FOUND, 3},         {grpc::StatusCode::ABORTED, 4},
      {grpc::StatusCode::ALREADY_EXISTS, 4},    {grpc::StatusCode::FAILED_PRECONDITION, 4},
      {grpc::StatusCode::PERMISSION_DENIED, 5}, {grpc::StatusCode::UNAUTHENTICATED, 5},
      {grpc::StatusCode::INTERNAL, 1},          {grpc::StatusCode::DATA_LOSS, 1}};
  for (const auto& [code, expected] : cases) {
    state_.faults["GetServerStatus"] = {ServerError(code, "SOME_REASON", "it says so")};
    EXPECT_EQ(Greffe({"server", "status"}), expected) << code;
    EXPECT_THAT(err_, HasSubstr("it says so (SOME_REASON)"));
    EXPECT_THAT(out_, IsEmpty());
  }
  EXPECT_EQ(Greffe({"server", "status", "--server", "127.0.0.1:1", "--timeout", "0.3"}), 6);
  EXPECT_THAT(err_, HasSubstr("127.0.0.1:1"));
  EXPECT_EQ(Greffe({"server", "status"}), 0);
}

TEST_F(CliTest, WrongUsageIsTwoAndHelpIsZero) {
  EXPECT_EQ(Greffe({}), 2);
  EXPECT_EQ(Greffe({"frobnicate"}), 2);
  EXPECT_THAT(err_, HasSubstr("\"frobnicate\" is no subcommand of greffe\n"));
  EXPECT_EQ(Greffe({"webhook", "add", "https://example.org/"}), 2);
  EXPECT_THAT(err_, HasSubstr("\"add\" is no subcommand of greffe webhook\n"));
  EXPECT_EQ(Greffe({"show"}), 2);
  EXPECT_EQ(Greffe({"show", "x", "--output", "xml"}), 2);
  EXPECT_EQ(Greffe({"get", "x", "--version", "0"}), 2);
  EXPECT_EQ(Greffe({"put", "--help"}), 0);
  EXPECT_THAT(out_, HasSubstr("CheckInResponse"));
  EXPECT_EQ(Greffe({"get", "x", "--version", std::string(400, '9')}), 2);
  EXPECT_THAT(err_, HasSubstr("--version"));
  EXPECT_EQ(Greffe({"diff", "x", "--version", "1"}), 2) << "not the program's version";
  EXPECT_EQ(Greffe({"ls", "--as-of", ""}), 2) << "an unset variable is not the present";
  EXPECT_THAT(err_, HasSubstr("--as-of"));
  EXPECT_EQ(Greffe({"--output", "json", "show"}), 2);
  EXPECT_THAT(JsonLines(err_), SizeIs(1));
  EXPECT_EQ(Greffe({"--version"}), 0);
  EXPECT_THAT(out_, HasSubstr("greffe "));
}

TEST_F(CliTest, ErrorsAreJsonWhereAnswersAre) {
  state_.faults["GetServerStatus"] = {
      ServerError(grpc::StatusCode::ABORTED, "ETAG_MISMATCH", "stale \x1b[2J", {{"current_etag", "e2"}}, "etag")};
  EXPECT_EQ(Greffe({"--output", "json", "server", "status"}), 4);
  const auto documents = JsonLines(err_);
  ASSERT_THAT(documents, SizeIs(1));
  const auto& error = documents[0].fields().at("error").struct_value();
  EXPECT_EQ(TextOf(error, "code"), "ABORTED");
  EXPECT_EQ(TextOf(error, "reason"), "ETAG_MISMATCH");
  EXPECT_EQ(TextOf(error.fields().at("metadata").struct_value(), "current_etag"), "e2");
  EXPECT_EQ(error.fields().at("fieldViolations").list_value().values_size(), 1);
}

TEST_F(CliTest, ControlCharactersOfTheServerDoNotReachTheTerminal) {
  state_.faults["GetServerStatus"] = {ServerError(grpc::StatusCode::INTERNAL, "X", "a\x1b[2Jb")};
  Greffe({"server", "status"});
  EXPECT_THAT(err_, HasSubstr("a\\x1b[2Jb"));
}

TEST_F(CliTest, TheScrubIsBegunAndItsFindingsAreShown) {
  EXPECT_EQ(Greffe({"scrub"}), 0);
  EXPECT_THAT(out_, HasSubstr("4711 commits"));
  EXPECT_EQ(Greffe({"server", "status"}), 0);
  EXPECT_THAT(out_, HasSubstr("projects/apollo/documents/SPC-0001/versions/2: "
                              "repositories/apollo.git/objects/pack/pack-1.pack is damaged"));
}

TEST_F(CliTest, TheUserOfTheSystemActsUnlessAnotherIsNamed) {
  Greffe({"server", "status"});
  Greffe({"server", "status", "--principal", "bob"});
  ASSERT_THAT(state_.principals, SizeIs(2));
  EXPECT_THAT(state_.principals[0], Not(IsEmpty()));
  EXPECT_EQ(state_.principals[1], "bob");
}

TEST(SessionTest, ANameIsMadeOfWhateverThePasswdFileHas) {
  EXPECT_EQ(NameOfGecos("Ada Lovelace,Room 1,,"), "Ada Lovelace");
  EXPECT_EQ(NameOfGecos("Ren\xe9\x7f"), "Ren\xef\xbf\xbd\\x7f");
  EXPECT_EQ(NameOfGecos(std::string(300, 'x')), std::string(200, 'x'));
  std::string accents;
  for (int i = 0; i < 200; ++i) accents += "\xc3\xa9";
  EXPECT_EQ(NameOfGecos(accents + "\xc3\xa9"), accents);
}

TEST_F(CliTest, ReviewsOfAUserWithoutANameAreNotThoseOfAll) {
  constexpr uid_t kNobodyAtAll = 54'321;
  if (::getpwuid(kNobodyAtAll) != nullptr || ::seteuid(kNobodyAtAll) != 0) GTEST_SKIP() << "needs root";
  const int code = Greffe({"review", "ls", "--mine"});
  ASSERT_EQ(::seteuid(::getuid()), 0);
  EXPECT_EQ(code, 2);
  EXPECT_THAT(err_, HasSubstr("PRINCIPAL_MISSING"));
}

TEST_F(CliTest, APrincipalThatNoTextHeaderCarriesReachesTheServer) {
  EXPECT_EQ(Greffe({"server", "status", "--principal", "caf\xc3\xa9\nx"}), 0);
  EXPECT_THAT(state_.principals, ElementsAre("caf\xc3\xa9\nx"));
}

TEST_F(CliTest, OutputThatCannotBeWrittenIsAnError) {
  std::ofstream full("/dev/full");
  std::ostringstream err;
  EXPECT_EQ(cli::Run({"--server", server_.address(), "--project", "p", "ls"}, Streams{full, err, false, false}), 1);
  EXPECT_THAT(err.str(), HasSubstr("standard output"));
}

TEST_F(CliTest, ProjectsAreCreatedListedShownAndUpdated) {
  EXPECT_EQ(Greffe({"project", "create", "alpha", "--title", "Alpha", "--label", "k=v", "--time-zone", "Europe/Paris"}),
            0);
  EXPECT_EQ(state_.projects["projects/alpha"].title(), "Alpha");
  EXPECT_EQ(state_.projects["projects/alpha"].labels().at("k"), "v");
  EXPECT_EQ(state_.projects["projects/alpha"].time_zone(), "Europe/Paris");
  EXPECT_EQ(Greffe({"project", "create", "alpha", "--title", "Alpha"}), 4);
  EXPECT_EQ(Greffe({"project", "ls"}), 0);
  EXPECT_THAT(out_, HasSubstr("alpha    Alpha"));
  EXPECT_EQ(Greffe({"project", "ls", "--output", "json"}), 0);
  EXPECT_EQ(TextOf(JsonLines(out_).at(0), "name"), "projects/alpha");
  EXPECT_EQ(Greffe({"project", "update", "alpha", "--stage", "delivery"}), 0);
  EXPECT_EQ(state_.projects["projects/alpha"].stage(), "delivery");
  EXPECT_EQ(state_.projects["projects/alpha"].title(), "Alpha");
  EXPECT_EQ(Greffe({"project", "update", "alpha"}), 2);
  EXPECT_EQ(Greffe({"project", "show", "alpha"}), 0);
  EXPECT_THAT(out_, HasSubstr("delivery"));
  EXPECT_EQ(Greffe({"project", "show", "beta"}), 3);
}

TEST_F(CliTest, AProjectIsDescribedByAFile) {
  WriteFile("p.json", R"({"title": "From file", "documentTypes": [{"id": "memo", "title": "Memo", "prefix": "MEM"}]})");
  EXPECT_EQ(Greffe({"project", "create", "alpha", "--file", "p.json"}), 0);
  EXPECT_EQ(state_.projects["projects/alpha"].document_types(0).prefix(), "MEM");
  WriteFile("bad.json", "{");
  EXPECT_EQ(Greffe({"project", "create", "beta", "--file", "bad.json"}), 2);
  EXPECT_EQ(Greffe({"project", "create", "beta", "--file", "missing.json"}), 1);
}

TEST_F(CliTest, PutCreatesThenChecksInThenSkips) {
  server_.AddDocument("p", "REC-9", "other.md", {"x"});
  WriteFile("specs/a.md", "one");
  EXPECT_EQ(Greffe({"put", "specs/a.md", "-m", "first"}), 0);
  EXPECT_THAT(out_, HasSubstr("created"));
  WriteFile("specs/a.md", "two");
  EXPECT_EQ(Greffe({"put", "specs/a.md"}), 0);
  EXPECT_THAT(out_, HasSubstr("checked in"));
  const int before = state_.calls["BatchCheckIn"];
  EXPECT_EQ(Greffe({"put", "specs/a.md", "--output", "json"}), 0);
  EXPECT_EQ(state_.calls["BatchCheckIn"], before);
  const auto documents = JsonLines(out_);
  ASSERT_THAT(documents, SizeIs(1));
  EXPECT_TRUE(documents[0].fields().at("unchanged").bool_value());
  EXPECT_EQ(state_.documents["projects/p/documents/REC-2"].contents, (std::vector<std::string>{"one", "two"}));
  EXPECT_EQ(state_.documents["projects/p/documents/REC-2"].versions[0].comment(), "first");
}

TEST_F(CliTest, PutOfOneFileTakesNumberTitleAndCompanions) {
  WriteFile("a.md", "text");
  WriteFile("a.pdf", "pdf");
  EXPECT_EQ(Greffe({"put", "--number", "SPC-0007", "--title", "A", "--rendition", "a.pdf", "a.md", "--to", "docs/"}),
            0);
  const auto& stored = state_.documents["projects/p/documents/SPC-0007"];
  EXPECT_EQ(stored.document.title(), "A");
  EXPECT_EQ(stored.document.path(), "docs/a.md");
  EXPECT_EQ(Greffe({"put", "--number", "SPC-0008", "a.md", "--to", "docs/"}), 4);
  EXPECT_EQ(Greffe({"put", "--document", "SPC-0007", "a.pdf"}), 0);
  EXPECT_EQ(stored.contents.back(), "pdf");
  EXPECT_EQ(Greffe({"put", "--number", "X-1", "a.md", "a.pdf"}), 2);
}

TEST_F(CliTest, AFolderIsPutInAsFewCommitsAsTheLimitsAllow) {
  for (int i = 0; i < 1203; ++i)
    WriteFile("tree/d" + std::to_string(i % 7) + "/" + std::to_string(i), std::to_string(i));
  WriteFile("tree/.git/config", "no");
  std::filesystem::create_symlink("d0", "tree/link");
  EXPECT_EQ(Greffe({"put", "tree", "--type-by", "tree/d1/=minutes", "--type", "plan"}), 0);
  ASSERT_THAT(state_.batches, SizeIs(2));
  EXPECT_EQ(state_.batches[0].items_size(), 1000);
  EXPECT_EQ(state_.batches[1].items_size(), 203);
  EXPECT_EQ(state_.batches[0].items(0).new_document().path(), "tree/d0/0");
  EXPECT_EQ(state_.batches[0].items(0).new_document().type(), "plan");
  EXPECT_THAT(out_, HasSubstr("1203 created, 0 checked in, 0 unchanged in 2 commits"));
  EXPECT_THAT(err_, HasSubstr("tree/link: is a symbolic link (SYMLINK)"));
  EXPECT_THAT(err_, HasSubstr("tree/.git: "));
  EXPECT_THAT(err_, HasSubstr("left out in all: 2"));
  WriteFile("tree/d0/0", "changed");
  EXPECT_EQ(Greffe({"put", "tree"}), 0);
  EXPECT_EQ(state_.batches.back().items_size(), 1);
  EXPECT_THAT(out_, HasSubstr("0 created, 1 checked in, 1202 unchanged in 1 commit"));
}

TEST_F(CliTest, FilesTooLargeForARequestLimitABatch) {
  for (int i = 0; i < 130; ++i) WriteFile("tree/" + std::to_string(i), std::string(500'000, 'x'));
  EXPECT_EQ(Greffe({"put", "tree"}), 0);
  ASSERT_THAT(state_.batches, SizeIs(2));
  EXPECT_EQ(state_.batches[0].items_size(), 102);
  EXPECT_EQ(state_.calls["CreateUpload"], 126);
}

TEST_F(CliTest, ImportOfAFolderLeavesRefusedNamesOutWhenAsked) {
  WriteFile("tree/a", "a");
  WriteFile("tree/b:c", "b");
  WriteFile("tree/d", "d");
  const auto refusal = ServerError(grpc::StatusCode::INVALID_ARGUMENT, "PATH_INVALID", "has a colon",
                                   {{"field", "items[1].new_document.path"}}, "items[1].new_document.path");
  state_.faults["BatchCheckIn"] = {refusal};
  EXPECT_EQ(Greffe({"import", "folder", "tree"}), 2);
  EXPECT_TRUE(state_.documents.empty());
  state_.faults["BatchCheckIn"] = {refusal};
  EXPECT_EQ(Greffe({"import", "folder", "tree", "--on-bad-path", "skip"}), 0);
  EXPECT_EQ(state_.documents.size(), 2U);
  EXPECT_THAT(err_, HasSubstr("left out: b:c"));
  WriteFile("tree/A", "A");
  state_.faults["BatchCheckIn"] = {
      ServerError(grpc::StatusCode::ALREADY_EXISTS, "PATH_TAKEN", "clashes with 'a'", {{"path", "A"}})};
  EXPECT_EQ(Greffe({"import", "folder", "tree", "--on-bad-path", "skip"}), 0);
  EXPECT_THAT(err_, HasSubstr("left out: A"));
}

TEST_F(CliTest, ATwoPathsClashIsFoundBeforeAnythingIsSent) {
  WriteFile("x/a", "1");
  WriteFile("y/a", "2");
  EXPECT_EQ(Greffe({"put", "x/a", "y/a", "--to", "z/"}), 2);
  EXPECT_THAT(err_, HasSubstr("PATH_TWICE"));
  EXPECT_EQ(Greffe({"put", "missing"}), 1);
}

TEST_F(CliTest, GetWritesFilesFoldersAndStandardOutput) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one", "two"});
  server_.AddDocument("p", "SPC-2", "specs/deep/b.md", {std::string(1'500'000, 'b')});
  server_.AddDocument("p", "SPC-3", "c.md", {"c"});
  EXPECT_EQ(Greffe({"get", "specs/a.md"}), 0);
  EXPECT_EQ(ReadFile("a.md"), "two");
  EXPECT_EQ(Greffe({"get", "SPC-1", "--version", "1", "-o", "old.md"}), 0);
  EXPECT_EQ(ReadFile("old.md"), "one");
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "-"}), 0);
  EXPECT_EQ(out_, "two");
  EXPECT_EQ(Greffe({"get", "specs/", "-o", "out"}), 0);
  EXPECT_EQ(ReadFile("out/a.md"), "two");
  EXPECT_EQ(ReadFile("out/deep/b.md").size(), 1'500'000U);
  EXPECT_FALSE(std::filesystem::exists("out/c.md"));
  EXPECT_EQ(Greffe({"get", "specs"}), 0);
  EXPECT_EQ(ReadFile("specs/a.md"), "two");
  EXPECT_EQ(Greffe({"get", "missing"}), 3);
  EXPECT_EQ(Greffe({"get", "SPC-1", "--version", "9", "-o", "nine"}), 3);
  EXPECT_FALSE(std::filesystem::exists("nine"));
}

TEST_F(CliTest, GetWritesThroughLinksAndDevices) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  WriteFile("real.md", "before");
  std::filesystem::create_symlink("real.md", "link.md");
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "link.md"}), 0);
  EXPECT_EQ(ReadFile("real.md"), "one");
  EXPECT_TRUE(std::filesystem::is_symlink("link.md"));
  std::filesystem::create_symlink("/dev/null", "nothing");
  EXPECT_EQ(Greffe({"get", "SPC-1", "-o", "nothing"}), 0);
  EXPECT_TRUE(std::filesystem::is_symlink("nothing"));
  EXPECT_TRUE(std::filesystem::is_character_file("/dev/null"));
}

TEST_F(CliTest, PutBecomesAVersionOfWhatAnotherMadeMeanwhile) {
  WriteFile("a.md", "mine");
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--media-type", "text/plain"}}) {
    state_.documents.clear();
    server_.AddDocument("p", "SPC-1", "a.md", {"theirs"});
    // The other one's document comes between the look-up and the check-in.
    state_.faults["LookupDocument"] = {ServerError(grpc::StatusCode::NOT_FOUND, "DOCUMENT_NOT_FOUND", "none")};
    const auto taken = ServerError(grpc::StatusCode::ALREADY_EXISTS, "PATH_TAKEN", "taken", {{"path", "a.md"}});
    state_.faults["BatchCheckIn"] = {taken};
    state_.faults["CheckIn"] = {taken};
    std::vector<std::string> arguments = {"put", "a.md"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(Greffe(arguments), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("checked in"));
    EXPECT_THAT(state_.documents.begin()->second.contents, ElementsAre("theirs", "mine"));
  }
}

TEST_F(CliTest, WhatDesktopsLeaveIsNoDocumentAndWhatIsNotUtf8IsNamed) {
  WriteFile("in/a.md", "a");
  WriteFile("in/.DS_Store", "x");
  WriteFile("in/~$report.docx", "x");
  WriteFile("in/.greffe-oFHkJx", "x");
  EXPECT_EQ(Greffe({"put", "in"}), 0);
  EXPECT_THAT(err_, HasSubstr("2 DESKTOP_FILE"));
  EXPECT_THAT(err_, HasSubstr("1 TEMPORARY_FILE"));
  EXPECT_EQ(state_.documents.size(), 1U);
  WriteFile("in/b\xff.md", "b");
  EXPECT_EQ(Greffe({"put", "in"}), 2);
  EXPECT_THAT(err_, HasSubstr("b\\xff.md"));
  EXPECT_EQ(Greffe({"import", "folder", "in", "--on-bad-path", "skip"}), 0);
  EXPECT_THAT(err_, HasSubstr("1 PATH_INVALID"));
}

TEST_F(CliTest, GetDoesNotWriteDamagedContent) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  state_.corrupt_content = true;
  EXPECT_EQ(Greffe({"get", "SPC-1"}), 1);
  EXPECT_TRUE(std::filesystem::is_empty("."));
}

TEST_F(CliTest, GetAnswersJsonWithoutBytes) {
  server_.AddDocument("p", "SPC-1", "a.md", {"one"});
  EXPECT_EQ(Greffe({"get", "SPC-1", "--output", "json"}), 0);
  const auto documents = JsonLines(out_);
  ASSERT_THAT(documents, SizeIs(1));
  EXPECT_EQ(TextOf(documents[0], "content"), "");
  const std::string etag = TextOf(documents[0], "etag");
  EXPECT_EQ(Greffe({"get", "SPC-1", "--if-none-match", etag}), 0);
  EXPECT_THAT(out_, HasSubstr("not modified"));
}

TEST_F(CliTest, ExportWritesEverythingAndNothingOutside) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one"});
  server_.AddDocument("p", "SPC-2", "b.md", {"b"});
  EXPECT_EQ(Greffe({"export", "out"}), 0);
  EXPECT_EQ(ReadFile("out/specs/a.md"), "one");
  EXPECT_EQ(ReadFile("out/b.md"), "b");
  EXPECT_EQ(Greffe({"export", "out"}), 1);
  EXPECT_EQ(Greffe({"export", "out", "--force"}), 0);
  std::filesystem::remove_all("out/specs");
  std::filesystem::create_directory("elsewhere");
  std::filesystem::create_directory_symlink("../elsewhere", "out/specs");
  EXPECT_EQ(Greffe({"export", "out", "--force"}), 2);
  EXPECT_TRUE(std::filesystem::is_empty("elsewhere"));
  server_.AddDocument("p", "SPC-3", "../evil", {"evil"});
  EXPECT_EQ(Greffe({"export", "out2"}), 2);
  EXPECT_FALSE(std::filesystem::exists("evil"));
}

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

TEST_F(CliTest, CompletionScriptsParseAndComplete) {
  EXPECT_EQ(Greffe({"completion", "bash"}), 0);
  WriteFile("bash", out_);
  EXPECT_EQ(std::system("bash -n bash"), 0);
  WriteFile(
      "try",
      "source ./bash; COMP_WORDS=(greffe --project x import g); COMP_CWORD=4; _greffe; [[ ${COMPREPLY[*]} == git ]] "
      "|| exit 1; COMP_WORDS=(greffe get --comp); COMP_CWORD=2; _greffe; [[ ${COMPREPLY[*]} == --companion ]]");
  EXPECT_EQ(std::system("bash try"), 0);
  for (const std::string shell : {"zsh", "fish"}) {
    EXPECT_EQ(Greffe({"completion", shell}), 0);
    EXPECT_THAT(out_, HasSubstr("withdraw"));
    WriteFile(shell, out_);
    if (std::system(("command -v " + shell + " >/dev/null").c_str()) == 0) {
      EXPECT_EQ(std::system((shell + " -n " + shell).c_str()), 0);
    }
  }
  EXPECT_EQ(Greffe({"completion", "tcsh"}), 2);
}

}  // namespace
}  // namespace greffe::cli
