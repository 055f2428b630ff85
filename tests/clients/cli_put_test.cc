#include <gmock/gmock.h>

#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using client::ServerError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

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
  EXPECT_EQ(Greffe({"put", "--document", "SPC-0007", "--to", "b.md", "a.pdf"}), 2) << "a version moves no document";
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

TEST_F(CliTest, AFileThatIsWrittenToKeepsNoOtherOut) {
  server_.AddDocument("p", "SPC-1", "f/z.md", {"one", "two"});
  WriteFile("f/a.md", "a");
  WriteFile("f/small.log", "line\n");
  WriteFile("f/own.log", std::string(1'200'000, 'x'));
  WriteFile("f/whole.bin", std::string(1'300'000, 'x'));
  WriteFile("f/gone.bin", std::string(1'400'000, 'x'));
  WriteFile("f/z.md", "three");
  state_.on_call = [](const std::string& method) {
    // Between the look at it and its turn, and in the middle of it.
    if (method == "ListVersions") WriteFile("f/small.log", "line\nline\n");
    if (method == "CreateUpload") WriteFile("f/own.log", std::string(1'200'001, 'x'));
    if (method == "CreateUpload") std::filesystem::remove("f/gone.bin");
  };
  EXPECT_EQ(Greffe({"import", "folder", "f", "--to", "f"}), 1);
  EXPECT_THAT(out_, HasSubstr("2 created, 1 checked in, 0 unchanged in 1 commit"));
  EXPECT_THAT(err_, HasSubstr("left out: f/small.log: was changed while it was read (LOCAL_FILE_CHANGED)\n"));
  EXPECT_THAT(err_, HasSubstr("left out: f/own.log: was changed while it was read (LOCAL_FILE_CHANGED)\n"));
  EXPECT_THAT(err_, HasSubstr("left out: f/gone.bin: is not there any more (LOCAL_FILE_NOT_FOUND)\n"));
  EXPECT_TRUE(state_.uploads.empty()) << "nor an upload of them";
  state_.on_call = nullptr;
  EXPECT_EQ(Greffe({"put", "f", "--output", "json"}), 0) << "they come with the next run";
  EXPECT_THAT(state_.documents, SizeIs(5));

  state_.on_call = [](const std::string& method) {
    if (method == "CreateUpload") WriteFile("f/own.log", std::string(1'200'003, 'x'));
    if (method == "ListDocuments") std::filesystem::remove("f/a.md");
  };
  WriteFile("f/own.log", std::string(1'200'002, 'x'));
  EXPECT_EQ(Greffe({"put", "f/own.log"}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_CHANGED"));
  EXPECT_THAT(err_, Not(HasSubstr("left out"))) << "it is the outcome where it alone is named";
  WriteFile("f/a.md", "a2");
  EXPECT_EQ(Greffe({"put", "f", "--output", "json"}), 1);
  const auto lines = JsonLines(out_);
  EXPECT_EQ(TextOf(lines.back().fields().at("skipped").struct_value(), "reason"), "LOCAL_FILE_CHANGED");
}

TEST_F(CliTest, AllNamesThatAreRefusedAreLeftOutAtOnce) {
  std::string items;
  for (int i = 0; i < 100; ++i) {
    WriteFile("tree/" + std::to_string(100 + i) + (i % 2 == 1 ? ":" : ""), std::to_string(i));
    if (i % 2 == 1) items += (items.empty() ? "" : ",") + std::to_string(i) + ":COLON";
  }
  const auto refusal = ServerError(grpc::StatusCode::INVALID_ARGUMENT, "PATH_INVALID", "has a colon",
                                   {{"field", "items[1].new_document.path"}, {"items", items + ",9..."}});
  state_.faults["BatchCheckIn"] = {refusal};
  EXPECT_EQ(Greffe({"put", "tree"}), 2);
  EXPECT_TRUE(state_.documents.empty());
  state_.faults["BatchCheckIn"] = {refusal};
  state_.calls.clear();
  EXPECT_EQ(Greffe({"import", "folder", "tree", "--on-bad-path", "skip"}), 0);
  EXPECT_EQ(state_.calls["BatchCheckIn"], 2);
  EXPECT_THAT(state_.documents, SizeIs(50));
  EXPECT_THAT(err_, HasSubstr("left out: 101:: has a colon (PATH_INVALID)\n"));
  EXPECT_THAT(err_, HasSubstr("left out: 199:: has no valid path: colon (PATH_INVALID)\n"));
  EXPECT_THAT(err_, HasSubstr("left out in all: 50, 50 PATH_INVALID\n"));
}

TEST_F(CliTest, ADocumentThatIsCheckedOutKeepsNoOtherOut) {
  server_.AddDocument("p", "SPC-1", "f/b.md", {"one"});
  for (const char* name : {"f/a.md", "f/b.md", "f/c.md"}) WriteFile(name, name);
  const auto locked = ServerError(
      grpc::StatusCode::FAILED_PRECONDITION, "DOCUMENT_LOCKED", "locked",
      {{"document", "projects/p/documents/SPC-1"}, {"holder", "bob"}, {"expire_time", "2026-12-02T12:00:00Z"}});
  state_.faults["BatchCheckIn"] = {locked};
  EXPECT_EQ(Greffe({"put", "f"}), 4);
  EXPECT_THAT(out_, HasSubstr("2 created, 0 checked in"));
  EXPECT_THAT(err_, HasSubstr("left out: f/b.md: is SPC-1, which \"bob\" has checked out until 2026-12-02T12:00:00Z "
                              "(DOCUMENT_LOCKED)\n"));
  EXPECT_THAT(err_, HasSubstr("greffe: \"f/b.md\" was left out: it is SPC-1"));
  state_.faults["BatchCheckIn"] = {locked};
  EXPECT_EQ(Greffe({"put", "f/b.md"}), 4);
  EXPECT_THAT(err_, HasSubstr("greffe: locked (DOCUMENT_LOCKED)"));
  EXPECT_THAT(err_, Not(HasSubstr("left out"))) << "it is the outcome where it alone is named";
}

TEST_F(CliTest, ATwoPathsClashIsFoundBeforeAnythingIsSent) {
  WriteFile("x/a", "1");
  WriteFile("y/a", "2");
  EXPECT_EQ(Greffe({"put", "x/a", "y/a", "--to", "z/"}), 2);
  EXPECT_THAT(err_, HasSubstr("PATH_TWICE"));
  EXPECT_EQ(Greffe({"put", "missing"}), 1);
}

TEST_F(CliTest, AnAbsolutePathInsideTheCurrentFolderIsTakenFromThereOn) {
  WriteFile("sp/x.md", "one");
  EXPECT_EQ(Greffe({"put", folder_ + "/sp/x.md"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("sp/x.md"));
  std::filesystem::create_directory_symlink(folder_, folder_ + "-link");
  WriteFile("sp/x.md", "two");
  EXPECT_EQ(Greffe({"put", folder_ + "-link/sp/x.md"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("checked in"));
  std::filesystem::remove(folder_ + "-link");
  WriteFile("sp/x.md", "three");
  EXPECT_EQ(Greffe({"put", folder_ + "/"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("checked in"));
  EXPECT_EQ(state_.documents["projects/p/documents/REC-1"].contents, (std::vector<std::string>{"one", "two", "three"}));
  EXPECT_EQ(state_.documents.size(), 1u);
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
    state_.request_ids.clear();
    std::vector<std::string> arguments = {"--request-id", "mine", "put", "a.md"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(Greffe(arguments), 0) << err_;
    EXPECT_THAT(out_, HasSubstr("checked in"));
    EXPECT_THAT(state_.request_ids, ElementsAre("mine", "mine")) << "given again, it is found by its id";
    EXPECT_THAT(state_.documents.begin()->second.contents, ElementsAre("theirs", "mine"));
  }
}

TEST_F(CliTest, ManyDocumentsThatAnotherMadeMeanwhileAreFoundTogether) {
  for (int i = 0; i < 40; ++i) WriteFile("tree/" + std::to_string(i), "mine " + std::to_string(i));
  state_.on_call = [this](const std::string& method) {
    if (method != "BatchCheckIn" || !state_.documents.empty()) return;
    for (int i = 5; i < 40; ++i) {
      v1::CheckInItem item;
      item.mutable_new_document()->set_path("tree/" + std::to_string(i));
      client::CheckInto(state_, "projects/p", item, i < 10 ? "theirs" : "mine " + std::to_string(i), "");
    }
  };
  EXPECT_EQ(Greffe({"put", "tree"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("5 created, 5 checked in, 30 unchanged"));
  EXPECT_LE(state_.calls["BatchCheckIn"], 3);
  EXPECT_THAT(state_.documents, SizeIs(40));
}

TEST_F(CliTest, AFolderDoesNotTakeBackWhatOthersMadeSince) {
  server_.AddDocument("p", "SPC-1", "specs/pump.docx", {"one", "two"});
  server_.AddDocument("p", "SPC-2", "specs/plan.md", {"one"});
  WriteFile("specs/pump.docx", "one");
  WriteFile("specs/plan.md", "my next");
  for (const std::vector<std::string>& command :
       {std::vector<std::string>{"put", "specs/"}, {"import", "folder", "specs", "--to", "specs"}}) {
    EXPECT_EQ(Greffe(command), 4) << err_;
    EXPECT_THAT(err_, HasSubstr("left out: specs/pump.docx: has the content of version 1 of SPC-1, whose latest is 2 "
                                "(OLDER_VERSION)\n"));
    EXPECT_THAT(err_, HasSubstr("greffe: \"specs/pump.docx\" was left out: it has the content of version 1"));
    EXPECT_THAT(state_.documents["projects/p/documents/SPC-1"].contents, ElementsAre("one", "two"));
    EXPECT_THAT(state_.documents["projects/p/documents/SPC-2"].contents, ElementsAre("one", "my next"));
  }
  EXPECT_EQ(Greffe({"put", "specs/", "--output", "json"}), 4);
  const auto lines = JsonLines(out_);
  ASSERT_THAT(lines, SizeIs(2));
  EXPECT_TRUE(lines[0].fields().at("unchanged").bool_value());
  EXPECT_EQ(TextOf(lines[1].fields().at("skipped").struct_value(), "path"), "specs/pump.docx");
  EXPECT_EQ(TextOf(lines[1].fields().at("skipped").struct_value(), "reason"), "OLDER_VERSION");
  EXPECT_EQ(Greffe({"put", "specs/", "--allow-identical"}), 0) << err_;
  EXPECT_THAT(state_.documents["projects/p/documents/SPC-1"].contents, ElementsAre("one", "two", "one"));
}

TEST_F(CliTest, AContentThatReturnsToAnOlderStateIsPutWhereTheCallerSaysSo) {
  server_.AddDocument("p", "SPC-1", "specs/pump.docx", {"one", "two"});
  server_.AddDocument("p", "SPC-2", "specs/plan.md", {"same"});
  WriteFile("specs/plan.md", "same");
  std::string content = "two";
  for (const std::vector<std::string>& command : {std::vector<std::string>{"put", "specs/"},
                                                  {"import", "folder", "specs", "--to", "specs"},
                                                  {"put", "specs/pump.docx"},
                                                  {"put", "specs/pump.docx", "--media-type", "text/plain"}}) {
    content = content == "one" ? "two" : "one";
    WriteFile("specs/pump.docx", content);
    EXPECT_EQ(Greffe(command), 4) << err_;
    std::vector<std::string> allowed = command;
    allowed.push_back("--allow-older");
    EXPECT_EQ(Greffe(allowed), 0) << err_;
    EXPECT_EQ(state_.documents["projects/p/documents/SPC-1"].contents.back(), content);
  }
  EXPECT_THAT(state_.documents["projects/p/documents/SPC-1"].contents, SizeIs(6));
  EXPECT_THAT(state_.documents["projects/p/documents/SPC-2"].contents, ElementsAre("same")) << "the others are skipped";
}

TEST_F(CliTest, AWithdrawnDocumentDoesNotComeBackFromAnUntouchedCopy) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"a"});
  server_.AddDocument("p", "SPC-2", "specs/b.md", {"b", "b2"});
  EXPECT_EQ(Greffe({"get", "specs/"}), 0) << err_;
  WriteFile("specs/b.md", "b");
  EXPECT_EQ(Greffe({"withdraw", "SPC-2"}), 0) << err_;
  EXPECT_EQ(Greffe({"put", "specs/", "--output", "json"}), 4);
  EXPECT_THAT(err_, HasSubstr("left out: specs/b.md: has a content of SPC-2, which lay there and was withdrawn; greffe "
                              "reinstate SPC-2 brings that back (DOCUMENT_WITHDRAWN)\n"));
  EXPECT_EQ(TextOf(JsonLines(out_).back().fields().at("skipped").struct_value(), "reason"), "DOCUMENT_WITHDRAWN");
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--media-type", "text/plain"}}) {
    std::vector<std::string> arguments = {"put", "specs/b.md"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(Greffe(arguments), 4);
    EXPECT_THAT(err_, HasSubstr("DOCUMENT_WITHDRAWN"));
  }
  EXPECT_THAT(state_.documents, SizeIs(2));
  EXPECT_EQ(Greffe({"import", "folder", "specs", "--to", "specs", "--allow-older"}), 0) << err_;
  EXPECT_THAT(state_.documents, SizeIs(3));
  EXPECT_EQ(Greffe({"withdraw", "REC-3"}), 0) << err_;
  WriteFile("specs/b.md", "another document of that name");
  EXPECT_EQ(Greffe({"put", "specs/"}), 0) << err_;
  EXPECT_THAT(state_.documents, SizeIs(4));
}

TEST_F(CliTest, AFileThatLiesElsewhereInTheProjectIsToldOf) {
  for (int i = 0; i < 20; ++i) {
    const std::string name = "d/" + std::to_string(i) + ".md";
    server_.AddDocument("p", "SPC-" + std::to_string(i), name, {"text " + std::to_string(i)});
    WriteFile(name, "text " + std::to_string(i));
  }
  EXPECT_EQ(Greffe({"mv", "SPC-7", "d/plans/7.md"}), 0) << err_;
  EXPECT_EQ(Greffe({"put", "d"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("d/7.md is new here, and has the content of SPC-7, which lies at d/plans/7.md\n"));
  EXPECT_THAT(out_, HasSubstr("1 created, 0 checked in, 19 unchanged"));
}

TEST_F(CliTest, AFileWithAnOlderVersionsContentIsRefusedUnlessTheCallerKnowsTheLatest) {
  server_.AddDocument("p", "SPC-1", "pump.docx", {"one", "two"});
  WriteFile("pump.docx", "one");
  for (const std::vector<std::string>& more : {std::vector<std::string>{}, {"--media-type", "text/plain"}}) {
    std::vector<std::string> arguments = {"put", "pump.docx"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    EXPECT_EQ(Greffe(arguments), 4);
    EXPECT_THAT(err_,
                HasSubstr("\"pump.docx\" has the content of version 1 of SPC-1, whose latest is 2; greffe restore "
                          "SPC-1 --version 1 makes that the latest (OLDER_VERSION)"));
  }
  WriteFile("elsewhere.docx", "one");
  EXPECT_EQ(Greffe({"put", "elsewhere.docx", "--document", "SPC-1"}), 4);
  EXPECT_THAT(state_.documents["projects/p/documents/SPC-1"].contents, SizeIs(2));
  const std::string etag = state_.documents["projects/p/documents/SPC-1"].document.etag();
  EXPECT_EQ(Greffe({"put", "pump.docx", "--etag", etag}), 0) << err_;
  WriteFile("pump.docx", "two");
  EXPECT_EQ(Greffe({"put", "pump.docx", "--expected-version", "3"}), 0) << err_;
  WriteFile("pump.docx", "one");
  EXPECT_EQ(Greffe({"put", "pump.docx", "--allow-identical"}), 0) << err_;
  EXPECT_THAT(state_.documents["projects/p/documents/SPC-1"].contents, ElementsAre("one", "two", "one", "two", "one"));
}

TEST_F(CliTest, WhatGetWroteOfCompanionsIsPutAsNoDocument) {
  server_.AddDocument("p", "SPC-1", "specs/a.md", {"one"});
  server_.AddCompanion("projects/p/documents/SPC-1", v1::FILE_ROLE_RENDITION, "a.pdf", "pdf");
  EXPECT_EQ(Greffe({"get", "specs/"}), 0) << err_;
  WriteFile("specs/a.md.renditions/other.pdf", "a document of its own");
  EXPECT_EQ(Greffe({"put", "specs/"}), 0) << err_;
  EXPECT_THAT(err_, HasSubstr("left out: specs/a.md.renditions/a.pdf: is a companion of \"specs/a.md\""));
  EXPECT_THAT(err_, HasSubstr("left out: specs/a.md.renditions/other.pdf: is a companion of")) << "of another version";
  EXPECT_THAT(state_.documents, SizeIs(1));
  // Nor when the latest version has none, or its document is named by nothing but them.
  WriteFile("specs/a.md", "two");
  EXPECT_EQ(Greffe({"put", "specs/"}), 0) << err_;
  EXPECT_THAT(err_,
              HasSubstr("specs/a.md: version 2 has no a.pdf, as version 1 has; --rendition and --attachment bring "
                        "files along\n"));
  WriteFile("specs/a.md", "three");
  EXPECT_EQ(Greffe({"put", "specs/"}), 0) << err_;
  EXPECT_THAT(err_, Not(HasSubstr("has no a.pdf"))) << "it had none";
  EXPECT_EQ(Greffe({"put", "specs/a.md.renditions/"}), 0) << err_;
  EXPECT_EQ(Greffe({"put", "specs/a.md.renditions/a.pdf"}), 4);
  EXPECT_THAT(err_, HasSubstr("(COMPANION)"));
  EXPECT_THAT(state_.documents, SizeIs(1));
}

TEST_F(CliTest, AFolderThatIsNamedLikeThoseOfCompanionsHasDocumentsWhereNobodyOwnsIt) {
  server_.AddDocument("p", "SPC-1", "b.md.renditions/b.pdf", {"one"});
  WriteFile("a.renditions/a.pdf", "a");
  WriteFile("b.md", "b");
  WriteFile("b.md.renditions/b.pdf", "two");
  EXPECT_EQ(Greffe({"put", "."}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("2 created, 1 checked in")) << "and what is a document stays one";
}

TEST_F(CliTest, AFileTooLargeForARequestIsNotPutUnderARequestId) {
  WriteFile("large.bin", std::string(1'500'000, 'x'));
  EXPECT_EQ(Greffe({"--request-id", "a", "put", "large.bin", "--number", "SPC-1"}), 2);
  EXPECT_THAT(err_, HasSubstr("--request-id: contents of 1500000 bytes are uploaded, each time as another upload"));
  EXPECT_EQ(Greffe({"--request-id", "a", "put", "large.bin"}), 0) << err_;
  EXPECT_EQ(Greffe({"--request-id", "a", "put", "large.bin"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("unchanged"));
}

TEST_F(CliTest, WhatDesktopsLeaveIsNoDocumentAndWhatIsNotUtf8IsNamed) {
  WriteFile("in/a.md", "a");
  WriteFile("in/.DS_Store", "x");
  WriteFile("in/~$report.docx", "x");
  WriteFile("in/.greffe-0f9a3e", "x");
  WriteFile("in/.greffe-config", "somebody's own");
  EXPECT_EQ(Greffe({"put", "in"}), 0);
  EXPECT_THAT(err_, HasSubstr("2 DESKTOP_FILE"));
  EXPECT_THAT(err_, HasSubstr("1 TEMPORARY_FILE"));
  EXPECT_EQ(state_.documents.size(), 2U);
  EXPECT_THAT(out_, HasSubstr("in/.greffe-config"));
  WriteFile("in/b\xff.md", "b");
  EXPECT_EQ(Greffe({"put", "in"}), 2);
  EXPECT_THAT(err_, HasSubstr("b\\xff.md"));
  EXPECT_EQ(Greffe({"import", "folder", "in", "--on-bad-path", "skip"}), 0);
  EXPECT_THAT(err_, HasSubstr("1 PATH_INVALID"));
}

}  // namespace
}  // namespace greffe::cli
