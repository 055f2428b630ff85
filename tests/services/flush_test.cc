// Who waits for a repository to be packed keeps nobody else from being answered.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>
#include <thread>
#include <vector>

#include "tests/services/service_fixture.h"

namespace greffe {
namespace {

class FlushTest : public ServiceFixture {
 protected:
  void SetUp() override {
    store_options_.pack_delay = std::chrono::hours(1);  // whoever packs does so since it was asked to
    ServiceFixture::SetUp();
    MakeProject();
    MakeProject("zeus");
    EXPECT_TRUE(Flush(kProject, 60).ok());
    CheckIn(NewAt("a.md", "1"));
    ASSERT_TRUE(status_.ok()) << status_.error_message();
  }

  void TearDown() override {
    LetGo();
    ServiceFixture::TearDown();
  }

  grpc::Status Flush(const std::string& parent, int seconds) {
    grpc::ClientContext context;
    context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(seconds));
    v1::FlushRepositoriesRequest request;
    request.set_parent(parent);
    return admin_->FlushRepositories(&context, request, &flushed_);
  }

  // Until LetGo, to read where main of the repository is waits, as on a disk that hangs.
  void Hold() {
    std::filesystem::rename(ref_, ref_ + ".kept");
    ASSERT_EQ(::mkfifo(ref_.c_str(), 0600), 0);
    held_ = true;
  }
  void LetGo() {
    if (!std::exchange(held_, false)) return;
    // Whoever waits finds it empty.
    const int writer = ::open(ref_.c_str(), O_RDWR | O_NONBLOCK);
    std::filesystem::rename(ref_ + ".kept", ref_);
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    ::close(writer);
  }

  const std::string ref_ = directory_.path() + "/data/repositories/apollo.git/refs/heads/main";
  bool held_ = false;
  v1::FlushRepositoriesResponse flushed_;
};

TEST_F(FlushTest, ThoseThatWaitHoldUpNoOtherCalls) {
  Hold();
  std::vector<std::thread> callers;
  for (int i = 0; i < 8; ++i) {
    callers.emplace_back([this] {
      grpc::ClientContext context;
      context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(1));
      v1::FlushRepositoriesRequest request;
      request.set_parent(kProject);
      v1::FlushRepositoriesResponse response;
      const grpc::Status status = admin_->FlushRepositories(&context, request, &response);
      EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
    });
  }
  for (std::thread& caller : callers) caller.join();
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::seconds(20));
  v1::ListDocumentsRequest list;
  list.set_parent("projects/zeus");
  v1::ListDocumentsResponse listed;
  const grpc::Status status = documents_->ListDocuments(&context, list, &listed);
  EXPECT_TRUE(status.ok()) << status.error_message();
  EXPECT_TRUE(Flush("projects/zeus", 20).ok()) << "another project is packed meanwhile";
  EXPECT_EQ(flushed_.commit_count(), 1);
  LetGo();
  EXPECT_TRUE(Flush(kProject, 60).ok());
}

TEST_F(FlushTest, AllProjectsAreCountedTogether) {
  EXPECT_TRUE(Flush("projects/-", 60).ok());
  EXPECT_EQ(flushed_.commit_count(), 2);
  EXPECT_TRUE(Flush("projects/-", 60).ok());
  EXPECT_EQ(flushed_.commit_count(), 0);
  EXPECT_EQ(Flush("projects/none", 60).error_code(), grpc::StatusCode::NOT_FOUND);
}

}  // namespace
}  // namespace greffe
