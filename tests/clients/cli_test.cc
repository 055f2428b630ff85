#include <gmock/gmock.h>
#include <pwd.h>
#include <unistd.h>

#include <cstdlib>

#include "clients/cli/exit_code.h"
#include "tests/clients/cli_fixture.h"

namespace greffe::cli {
namespace {

using client::ServerError;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(CliTest, ExitCodesTellErrorsApart) {
  const std::vector<std::pair<grpc::StatusCode, int>> cases = {
      {grpc::StatusCode::INVALID_ARGUMENT, 2},  {grpc::StatusCode::OUT_OF_RANGE, 2},
      {grpc::StatusCode::NOT_FOUND, 3},         {grpc::StatusCode::ABORTED, 4},
      {grpc::StatusCode::ALREADY_EXISTS, 4},    {grpc::StatusCode::FAILED_PRECONDITION, 4},
      {grpc::StatusCode::PERMISSION_DENIED, 5}, {grpc::StatusCode::UNAUTHENTICATED, 5},
      {grpc::StatusCode::INTERNAL, 1},          {grpc::StatusCode::DATA_LOSS, 1},
      {grpc::StatusCode::RESOURCE_EXHAUSTED, 1}};
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

TEST(ExitCodeTest, WhatMayBeAskedForAgainIsUnavailable) {
  const auto code = [](absl::StatusCode status, const std::string& reason) {
    return ExitCodeOf(client::MakeError(status, reason, "it says so"));
  };
  EXPECT_EQ(code(absl::StatusCode::kResourceExhausted, "SERVER_BUSY"), kExitUnavailable);
  EXPECT_EQ(code(absl::StatusCode::kCancelled, "SERVER_STOPPING"), kExitUnavailable);
  EXPECT_EQ(code(absl::StatusCode::kResourceExhausted, "DISK_FULL"), kExitOther);
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

TEST_F(CliTest, TextsThatTheServerMadeOfWhatPeopleWroteSteerNoTerminal) {
  state_.text = "- **SPC-1**\ta\x1b[2Jb\n- next\n";
  const std::vector<std::vector<std::string>> commands = {
      {"inbox", "digest"}, {"report"}, {"review", "statement", "RVW-1"}};
  for (std::vector<std::string> command : commands) {
    EXPECT_EQ(Greffe(command), 0) << err_;
    EXPECT_EQ(out_, state_.text) << "of a pipe, byte for byte";
    command.insert(command.begin(), {"--server", server_.address(), "--project", "p"});
    std::ostringstream out;
    EXPECT_EQ(cli::Run(command, Streams{.out = out, .err = out, .terminal = true}), 0);
    EXPECT_EQ(out.str(), "- **SPC-1**\ta\\x1b[2Jb\n- next\n");
  }
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

TEST_F(CliTest, ASigningKeyIsAddedToThoseOfTheProjectOrOfTheFileThatDescribesIt) {
  const auto keys = [this] {
    std::vector<std::string> result;
    for (const v1::SigningKey& key : state_.projects["projects/p"].signing_keys()) {
      result.push_back(key.principal() + " " + key.public_key());
    }
    return result;
  };
  WriteFile("bob.pub", "ssh-ed25519 new\nnot this\n");
  v1::SigningKey& cy = *state_.projects["projects/p"].add_signing_keys();
  cy.set_principal("cy");
  cy.set_public_key("ssh-ed25519 cy");
  EXPECT_EQ(Greffe({"project", "update", "--signing-key", "bob=bob.pub"}), 0) << err_;
  EXPECT_THAT(keys(), ElementsAre("cy ssh-ed25519 cy", "bob ssh-ed25519 new"));
  WriteFile("p.json", R"({"signingKeys": [{"principal": "ada", "publicKey": "ssh-ed25519 ada"},
                                          {"principal": "bob", "publicKey": "ssh-ed25519 old"}]})");
  EXPECT_EQ(Greffe({"project", "update", "--file", "p.json", "--signing-key", "bob=bob.pub"}), 0) << err_;
  EXPECT_THAT(keys(), ElementsAre("ada ssh-ed25519 ada", "bob ssh-ed25519 new"));
}

TEST_F(CliTest, AnEmptyKeyFileIsSaidToBeEmpty) {
  WriteFile("empty.pub", "");
  EXPECT_EQ(Greffe({"project", "update", "--signing-key", "bob=empty.pub"}), 2);
  EXPECT_THAT(err_, HasSubstr("\"empty.pub\" has no first line (FILE_INVALID)"));
  EXPECT_EQ(Greffe({"webhook", "create", "https://example.org/hook", "--secret-file", "empty.pub"}), 2);
  EXPECT_THAT(err_, HasSubstr("\"empty.pub\" has no first line (FILE_INVALID)"));
  EXPECT_EQ(Greffe({"project", "update", "--signing-key", "bob=missing.pub"}), 1);
  EXPECT_THAT(err_, HasSubstr("LOCAL_FILE_NOT_FOUND"));
}

TEST_F(CliTest, AProjectIsDescribedByAFile) {
  WriteFile("p.json", R"({"title": "From file", "documentTypes": [{"id": "memo", "title": "Memo", "prefix": "MEM"}]})");
  EXPECT_EQ(Greffe({"project", "create", "alpha", "--file", "p.json"}), 0);
  EXPECT_EQ(state_.projects["projects/alpha"].document_types(0).prefix(), "MEM");
  WriteFile("bad.json", "{");
  EXPECT_EQ(Greffe({"project", "create", "beta", "--file", "bad.json"}), 2);
  EXPECT_EQ(Greffe({"project", "create", "beta", "--file", "missing.json"}), 1);
}

TEST_F(CliTest, AProjectsFileIsAskedForWithItsEtagAndEmptiesWhatItEmpties) {
  v1::Project& project = state_.projects["projects/p"];
  project.set_title("P");
  project.set_stage("design");
  project.set_etag("e1");
  ASSERT_EQ(Greffe({"project", "show", "--output", "json"}), 0);
  std::string shown = out_;
  shown.replace(shown.find("\"design\""), 8, "\"\"");
  WriteFile("p.json", shown);
  EXPECT_EQ(Greffe({"project", "update", "--file", "p.json"}), 0) << err_;
  EXPECT_EQ(project.stage(), "");
  EXPECT_EQ(state_.project_update.project().etag(), "e1") << "who changed it meanwhile is not overwritten";
  EXPECT_THAT(state_.project_update.update_mask().paths(), Not(::testing::Contains("notification_rule")));
  EXPECT_THAT(state_.project_update.update_mask().paths(), Not(::testing::Contains("etag")));
  EXPECT_EQ(Greffe({"project", "update", "--etag", "e2", "--file", "p.json"}), 0) << err_;
  EXPECT_EQ(state_.project_update.project().etag(), "e2");
  WriteFile("one.json", R"({"stage": "build"})");
  EXPECT_EQ(Greffe({"project", "update", "--file", "one.json"}), 0) << err_;
  EXPECT_THAT(state_.project_update.update_mask().paths(), ElementsAre("stage"));
  EXPECT_EQ(state_.project_update.project().etag(), "");
}

TEST_F(CliTest, ACommandThatIsGivenAgainWithItsRequestIdIsDoneOnce) {
  state_.faults_after["CreateProject"] = {ServerError(grpc::StatusCode::DEADLINE_EXCEEDED, "", "too late")};
  EXPECT_EQ(Greffe({"--request-id", "night-7", "project", "create", "alpha"}), 6);
  EXPECT_EQ(Greffe({"--request-id", "night-7", "project", "create", "alpha"}), 0) << err_;
  EXPECT_THAT(state_.request_ids, ElementsAre("night-7", "night-7"));
  EXPECT_EQ(Greffe({"project", "create", "alpha"}), 4) << "another one";
  setenv("GREFFE_REQUEST_ID", "by-variable", 1);
  EXPECT_EQ(Greffe({"project", "update", "--stage", "build"}), 0) << err_;
  EXPECT_EQ(state_.request_ids.back(), "by-variable");
  unsetenv("GREFFE_REQUEST_ID");
  for (const std::string& id : {std::string("a b"), std::string("é"), std::string(57, 'a')}) {
    EXPECT_EQ(Greffe({"--request-id", id, "project", "create", "beta"}), 2);
    EXPECT_THAT(err_, HasSubstr("letters, digits and '-'"));
  }
}

TEST_F(CliTest, AttributesOfADocumentAreShownAsTheyWereTyped) {
  server_.AddDocument("p", "SPC-0001", "a.md", {"one"});
  auto& attributes = *state_.documents["projects/p/documents/SPC-0001"].document.mutable_attributes();
  attributes["site"].set_text("Orléans");
  EXPECT_EQ(Greffe({"show", "SPC-0001"}), 0) << err_;
  EXPECT_THAT(out_, HasSubstr("site=Orléans\n"));
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
  WriteFile("with space.md", "x");
  WriteFile("names",
            "source ./bash; for words in 'get wi' 'get -o wi'; do COMP_WORDS=(greffe $words); "
            "COMP_CWORD=$((${#COMP_WORDS[@]} - 1)); _greffe; "
            "[[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == 'with space.md' ]] || exit 1; done");
  EXPECT_EQ(std::system("bash names"), 0) << "a name with a space is one name";
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
