#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <thread>

#include "greffe/v1/admin.grpc.pb.h"
#include "greffe/v1/contents.grpc.pb.h"
#include "tests/base/shared_data.h"
#include "tests/integration/dump.h"
#include "tests/integration/server_process.h"

namespace greffe {
namespace {

// A real history of 2,762 commits goes in whole and comes out as it was.
class HistoryTest : public testing::Test {
 protected:
  void SetUp() override {
    const auto history = FindSharedData("history");
    if (!history) GTEST_SKIP() << NoSharedData("history");
    bundle_ = (*history / "eips.bundle").string();
    ASSERT_EQ(Shell("git clone -q --bare " + bundle_ + " " + source_).exit_code, 0);
    ASSERT_TRUE(server_.Start()) << server_.log();
    ASSERT_EQ(server_.Cli("project create eips --title 'Improvement proposals'").exit_code, 0);
  }

  ShellResult Import() { return server_.Cli("--project eips import git " + bundle_); }

  // "blob path" of every file of a tree, without records.
  static std::string Tree(const std::string& repository, const std::string& commit) {
    return Shell("git -C " + repository + " ls-tree -r " + commit +
                 " | grep -v '\t\\.greffe/' | sed 's/^[0-9]* blob //' | sort")
        .output;
  }

  // Brings the repository on disk to the newest commit, while the server runs.
  void Flush() {
    grpc::ClientContext context;
    v1::FlushRepositoriesRequest request;
    request.set_parent("projects/eips");
    v1::FlushRepositoriesResponse response;
    const grpc::Status status = v1::Admin::NewStub(server_.Channel())->FlushRepositories(&context, request, &response);
    ASSERT_TRUE(status.ok()) << status.error_message();
  }

  TemporaryDirectory directory_;
  const std::string source_ = directory_.path() + "/source.git";
  std::string bundle_;
  ServerProcess server_{directory_.path()};
};

TEST_F(HistoryTest, EveryVersionEqualsItsSourceAndStockGitAgrees) {
  const ShellResult imported = Import();
  ASSERT_EQ(imported.exit_code, 0) << imported.output;
  const std::string repository = server_.repository("eips");
  Flush();
  EXPECT_EQ(Shell("git -C " + repository + " fsck --full --strict").output, "");
  EXPECT_EQ(Tree(repository, "main"), Tree(source_, "HEAD"));
  EXPECT_EQ(Shell("git clone -q " + repository + " " + directory_.path() + "/clone").exit_code, 0);
  const std::string some = Shell("git -C " + source_ + " ls-tree -r --name-only HEAD | tail -1").output;
  const std::string follow = " log --follow --format=%an%at HEAD -- " + some;
  EXPECT_NE(Shell("git -C " + repository + follow).output, "");

  // Our commits, and the source's that each came from with its author and times.
  std::map<std::string, std::string> source_of;
  std::istringstream ours(
      Shell("git -C " + repository + " log --format='%H %(trailers:key=Greffe-Import,valueonly,separator=)' main")
          .output);
  for (std::string ours_id, name, source_id; ours >> ours_id;) {
    std::string rest;
    std::getline(ours, rest);
    std::istringstream(rest) >> name >> source_id;
    source_of[ours_id] = source_id;
  }
  std::map<std::string, std::vector<std::string>> said;  // source commit -> author, e-mail, author time, commit time
  std::istringstream theirs(Shell("git -C " + source_ + " log --all --format='%H%x1f%an%x1f%ae%x1f%at%x1f%ct'").output);
  for (std::string line; std::getline(theirs, line);) {
    std::vector<std::string> fields;
    std::istringstream parts(line);
    for (std::string field; std::getline(parts, field, '\x1f');) fields.push_back(field);
    said[fields[0]] = fields;
  }

  const auto channel = server_.Channel();
  const auto contents = v1::Contents::NewStub(channel);
  std::ofstream wanted(directory_.path() + "/wanted");
  std::vector<v1::Version> versions;
  std::map<std::string, v1::Change> changes;
  for (const v1::Document& document : EveryDocument(channel, "eips")) {
    for (v1::Version& version : AllVersions(channel, document.name())) versions.push_back(std::move(version));
  }
  ASSERT_GT(versions.size(), 3000u);
  std::string bytes;
  std::vector<std::string> fetched;
  for (std::size_t begin = 0; begin < versions.size(); begin += 50) {
    v1::BatchFetchContentsRequest request;
    request.set_parent("projects/eips");
    for (std::size_t i = begin; i < std::min(begin + 50, versions.size()); ++i) {
      request.add_requests()->set_name(versions[i].name());
    }
    grpc::ClientContext context;
    v1::BatchFetchContentsResponse response;
    ASSERT_TRUE(contents->BatchFetchContents(&context, request, &response).ok());
    for (int i = 0; i < response.results_size(); ++i) {
      std::string content = response.results(i).response().content();
      if (response.results(i).response().content_omitted()) {
        // The message was full; it comes alone.
        v1::FetchContentRequest one = request.requests(i);
        grpc::ClientContext one_context;
        v1::FetchContentResponse answer;
        ASSERT_TRUE(contents->FetchContent(&one_context, one, &answer).ok());
        ASSERT_FALSE(answer.content_omitted());
        content = answer.content();
      }
      fetched.push_back(std::move(content));
    }
  }
  ASSERT_EQ(fetched.size(), versions.size());
  const auto documents = v1::Documents::NewStub(channel);
  for (const v1::Version& version : versions) {
    grpc::ClientContext context;
    v1::GetDocumentRequest request;
    request.set_name(version.name().substr(0, version.name().find("/versions/")));
    request.mutable_as_of()->set_sequence(version.sequence());
    v1::Document then;
    ASSERT_TRUE(documents->GetDocument(&context, request, &then).ok());
    const std::string source_id = source_of.at(version.commit());
    wanted << source_id << ":" << then.path() << "\n";
    const std::vector<std::string>& fields = said.at(source_id);
    EXPECT_EQ(version.author().display_name(), fields[1]);
    EXPECT_EQ(version.author().id(), fields[2]);
    EXPECT_EQ(std::to_string(version.author_time().seconds()), fields[3]);
    EXPECT_GE(version.effective_time().seconds(), std::stoll(fields[4]));
  }
  wanted.close();
  const std::string batch = directory_.path() + "/contents";
  ASSERT_EQ(Shell("git -C " + source_ + " cat-file --batch < " + directory_.path() + "/wanted > " + batch).exit_code,
            0);
  std::ifstream file(batch, std::ios::binary);
  std::size_t equal = 0;
  for (const std::string& content : fetched) {
    std::string header;
    ASSERT_TRUE(std::getline(file, header));
    std::string id, type;
    std::size_t size = 0;
    std::istringstream(header) >> id >> type >> size;
    ASSERT_EQ(type, "blob") << header;
    std::string source_bytes(size, '\0');
    file.read(source_bytes.data(), static_cast<std::streamsize>(size));
    file.ignore();
    equal += source_bytes == content ? 1 : 0;
  }
  EXPECT_EQ(equal, versions.size());
}

TEST_F(HistoryTest, AnIndexThatWasDeletedGivesTheSameAnswers) {
  ASSERT_EQ(Import().exit_code, 0);
  const std::string before = Dump(server_.Channel(), "eips");
  ASSERT_EQ(server_.Stop(), 0);
  const ShellResult verified = server_.Admin("index verify");
  EXPECT_EQ(verified.exit_code, 0) << verified.output;
  std::filesystem::remove_all(server_.data() + "/index");
  ASSERT_TRUE(server_.Start()) << server_.log();
  EXPECT_EQ(Dump(server_.Channel(), "eips") == before, true) << "the dumps differ";
  ASSERT_EQ(server_.Stop(), 0);
  const ShellResult checked = server_.Admin("verify");
  EXPECT_EQ(checked.exit_code, 0) << checked.output;
}

TEST_F(HistoryTest, AKillInTheMiddleOfAnImportLosesNothingAndDoublesNothing) {
  for (const std::int64_t moment : {200, 1100}) {
    std::thread import([this] { Import(); });
    {
      // Until so many commits are there, told by the feed itself.
      grpc::ClientContext context;
      v1::WatchChangesRequest request;
      request.set_parent("projects/eips");
      const auto stream = v1::Changes::NewStub(server_.Channel())->WatchChanges(&context, request);
      v1::WatchChangesResponse response;
      while (response.change().sequence() < moment && stream->Read(&response)) {
      }
      EXPECT_GE(response.change().sequence(), moment);
      server_.Kill();
    }
    // The command meets a dead server; it may wait for it to come back, or end.
    ASSERT_TRUE(server_.Start()) << server_.log();
    import.join();
  }
  const ShellResult again = Import();
  ASSERT_EQ(again.exit_code, 0) << again.output;
  Flush();
  const std::string repository = server_.repository("eips");
  EXPECT_EQ(Shell("git -C " + repository + " fsck --full --strict").output, "");
  EXPECT_EQ(Tree(repository, "main"), Tree(source_, "HEAD"));
  const std::string imported =
      " log --format='%(trailers:key=Greffe-Import,valueonly,separator=)' main | grep . | sort";
  EXPECT_EQ(Shell("git -C " + repository + imported + " | uniq -d").output, "") << "a source commit came in twice";
  EXPECT_EQ(Shell("git -C " + repository + imported + " | wc -l").output, "2762\n");
}

}  // namespace
}  // namespace greffe
